"""Who may see a local server: this machine, and a phone or tablet that was let in."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import io
import secrets
import time
from collections.abc import Callable
from functools import cache, lru_cache
from http import HTTPStatus
from pathlib import Path

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.files import write_whole
from pipeline.locale import ENGLISH, Locale
from pipeline.pages.csp import Inline, policy
from pipeline.pages.templates import render
from pipeline.palette import both_themes
from pipeline.serve import web
from pipeline.serve.connections import is_local
from pipeline.serve.web import refusal

COOKIE = "preview"
REMOTE_PAGE = "/phone.html"
GOOD_FOR_S = 12 * 3600  # a session
NO_NETWORK = (
    "this machine is in no network: turn on the phone's own hotspot, join it with this machine, "
    "and press H on the rehearsal page"
)
_LARGE = "margin:10vh 8vw;background:var(--paper);color:var(--ink);font:600 24px/1.4 sans-serif"
MOST_SESSIONS = 20  # the oldest goes


class Gate:
    """Lets other machines in, one by one: a token is good for one, then there is a new one.

    Sessions are kept in the file `kept`, by hash, so that a server that is started again knows its
    phones. `lands_on` is the path that a new one sees first.
    """

    def __init__(
        self,
        host: str | None,
        port: int,
        say: Callable[[str], None],
        lands_on: str = "/",
        kept: Path | None = None,
        locale: Locale = ENGLISH,
    ) -> None:
        self.host, self.port, self.say = host, port, say
        self.lands_on, self.kept, self.locale = lands_on, kept, locale
        self.names = [host] if host else []  # all addresses so far: the server answers to them
        self.refused = 0  # wrong tokens, and used ones
        self.changed: Callable[[], None] = lambda: None
        self._sessions = self._read()
        self._token = secrets.token_urlsafe(16)

    @property
    def link(self) -> str:
        """The address with the token that is good now."""
        return self.link_to(self.lands_on)

    def link_to(self, path: str) -> str:
        return f"http://{self.host}:{self.port}{path}?token={self._token}"

    def look(self) -> str | None:
        """This machine's address now: it may have joined another network since."""
        self.host = web.own_address() or self.host
        if self.host and self.host not in self.names:
            self.names.append(self.host)
        return self.host

    def invite(self) -> None:
        """Show the link as a QR code, or say what to do without a network."""
        if not self.host:
            self.say(NO_NETWORK)
        else:
            code = qr_text(self.link)
            self.say(f"scan with the phone, good once in this network: {self.link}\n{code}")

    def enter(self, token: str) -> str | None:
        """The session that a token opens; None, and counted, if it isn't the one good now."""
        if not hmac.compare_digest(token.encode("utf-8", "replace"), self._token.encode()):
            self._refuse()
            return None
        session = secrets.token_urlsafe(24)
        self._sessions[_hashed(session)] = time.time() + GOOD_FOR_S
        self._write()
        self._renew()
        return session

    def knows(self, session: str) -> bool:
        """Whether it is the session of a device that was let in."""
        return self._sessions.get(_hashed(session), 0) > time.time()

    def forget(self, session: str) -> None:
        """End the session of a device: it needs a new token."""
        if self._sessions.pop(_hashed(session), None):
            self._write()

    def _refuse(self) -> None:
        """One more; with the 10th, 100th, 1,000th there is a new token: who guesses starts anew."""
        self.refused += 1
        if self.refused in (10, 100, 1_000, 10_000, 100_000, 1_000_000):
            self.say(f"{self.refused} wrong tokens were refused")
            self._renew()
        else:
            self.changed()

    def _renew(self) -> None:
        self._token = secrets.token_urlsafe(16)
        self.invite()
        self.changed()

    def _read(self) -> dict[str, float]:
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            if self.kept:
                return msgspec.json.decode(self.kept.read_bytes(), type=dict[str, float])
        return {}

    def _write(self) -> None:
        newest = sorted(self._sessions.items(), key=lambda one: one[1])[-MOST_SESSIONS:]
        self._sessions = {name: until for name, until in newest if until > time.time()}
        if self.kept:
            with contextlib.suppress(OSError):  # then a restart asks for the code again
                write_whole(self.kept, msgspec.json.encode(self._sessions))


def _hashed(session: str) -> str:
    return hashlib.sha256(session.encode("utf-8", "replace")).hexdigest()


class Door:
    """Middleware: other machines see nothing without a session; a token gives them one.

    With a session they read what is `allowed`, by its path, and send nothing; None: all of it.
    """

    def __init__(
        self, app: ASGIApp, gate: Gate, allowed: Callable[[str], bool] | None = None
    ) -> None:
        self.app, self.gate, self.allowed = app, gate, allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._answer(scope) or self.app)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        """None for who may come in."""
        if scope["type"] == "lifespan" or is_local(scope["client"][0]):
            return None
        if self.gate.knows(HTTPConnection(scope).cookies.get(COOKIE, "")):
            reads = scope["type"] == "websocket" or scope["method"] in ("GET", "HEAD")
            if self.allowed is not None and not (reads and self.allowed(scope["path"])):
                return _closed("this isn't for phones")
            return None
        token = QueryParams(scope["query_string"]).get("token", "")
        session = self.gate.enter(token) if token and scope.get("method") == "GET" else None
        if session is None and "text/html" in HTTPConnection(scope).headers.get("accept", ""):
            page = refused_page(self.gate.locale)
            return HTMLResponse(page, HTTPStatus.FORBIDDEN, {"Connection": "close"})
        if session is None:
            return _closed("scan the QR code in the terminal: it is good once")
        to = REMOTE_PAGE if scope["path"] == REMOTE_PAGE else self.gate.lands_on
        welcome = RedirectResponse(to, HTTPStatus.SEE_OTHER)
        lasts_s = GOOD_FOR_S if self.gate.kept else None
        welcome.set_cookie(COOKIE, session, lasts_s, httponly=True, samesite="lax")
        return welcome


@cache
def refused_page(locale: Locale) -> str:
    """What somebody sees who scanned a code that was used."""
    style = Inline(f"{both_themes()} body{{{_LARGE}}}")
    return render("phone/refused.html.j2", locale, style=style, policy=policy(styles=[style]))


def _closed(said: str) -> Response:
    return refusal(HTTPStatus.FORBIDDEN, said).response({"Connection": "close"})


def qr_text(address: str) -> str:
    """A QR code for a terminal."""
    import segno

    drawn = io.StringIO()
    segno.make(address, error="l", micro=False).terminal(out=drawn, compact=True)
    return drawn.getvalue().rstrip("\n")


@lru_cache(maxsize=1)  # shown again with each token that is refused
def qr_picture(address: str) -> str:
    """A QR code as the address of an SVG, dark on white in any theme: scanners want it so."""
    import segno

    code = segno.make(address, error="m", micro=False)
    return str(code.svg_data_uri(border=3, dark="black", light="white", omitsize=True))
