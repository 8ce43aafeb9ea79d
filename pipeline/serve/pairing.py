"""Who may see the preview: this machine, and a phone or tablet that was let in."""

from __future__ import annotations

import hmac
import io
import secrets
from collections.abc import Callable
from http import HTTPStatus

from starlette.datastructures import QueryParams
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.serve.connections import is_local
from pipeline.serve.web import refusal

COOKIE = "preview"


class Gate:
    """Lets other machines in, one by one: a token is good for one, then there is a new one."""

    def __init__(self, host: str, port: int, say: Callable[[str], None]) -> None:
        self.host, self.port, self.say = host, port, say
        self._sessions: set[str] = set()
        self._token = secrets.token_urlsafe(16)

    @property
    def link(self) -> str:
        """The address with the token that is good now."""
        return f"http://{self.host}:{self.port}/?token={self._token}"

    def invite(self) -> None:
        """Show the link as a QR code."""
        self.say(f"for one more device in this network, once: {self.link}\n{qr_text(self.link)}")

    def enter(self, token: str) -> str | None:
        """The session that a token opens; None if it isn't the one that is good now."""
        if not hmac.compare_digest(token.encode("utf-8", "replace"), self._token.encode()):
            return None
        self._token = secrets.token_urlsafe(16)
        session = secrets.token_urlsafe(24)
        self._sessions.add(session)
        self.invite()
        return session

    def knows(self, session: str) -> bool:
        """Whether it is the session of a device that was let in."""
        return session in self._sessions


class Door:
    """Middleware: other machines see nothing without a session; a token gives them one."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self.app, self.gate = app, gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._answer(scope) or self.app)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        """None for who may come in."""
        if scope["type"] == "lifespan" or is_local(scope["client"][0]):
            return None
        if self.gate.knows(HTTPConnection(scope).cookies.get(COOKIE, "")):
            return None
        token = QueryParams(scope["query_string"]).get("token", "")
        session = self.gate.enter(token) if token and scope.get("method") == "GET" else None
        if session is None:
            said = "scan the QR code in the terminal: it is good once"
            return refusal(HTTPStatus.FORBIDDEN, said).response({"Connection": "close"})
        welcome = RedirectResponse("/", HTTPStatus.SEE_OTHER)
        welcome.set_cookie(COOKIE, session, httponly=True, samesite="lax")
        return welcome


def qr_text(address: str) -> str:
    """A QR code for a terminal."""
    import segno

    drawn = io.StringIO()
    segno.make(address, error="l", micro=False).terminal(out=drawn, compact=True)
    return drawn.getvalue().rstrip("\n")
