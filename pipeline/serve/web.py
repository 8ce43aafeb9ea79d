"""What both local servers share: a port, who is answered, and uvicorn in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import mimetypes
import re
import socket
import threading
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from http import HTTPStatus
from pathlib import Path
from typing import Self

import h11
import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Lifespan, Message, Receive, Scope, Send

from pipeline.problems import TalkError
from pipeline.serve.connections import Config, Crowd, Http, Socket

LOCAL, ANYWHERE = "127.0.0.1", "0.0.0.0"
MORE_PORTS = 20  # tried after the usual one where none was asked for
MOST_HEARD = 4096  # bytes that a browser says over a socket: nothing but that it goes
WAITING = 2048  # connections that may wait to be taken
_SILENT = logging.CRITICAL + 1
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
}
# Of what isn't one of our pages, which bring their own: a drawing opened by itself, a page of the
# talk's that a slide leads to. It may run, but not in this server's name.
_FOREIGN = "sandbox allow-scripts allow-popups; frame-ancestors 'self'"
_DRAWN = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox"
_OWN = "frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
_LED_TO = "/files/"  # where the talk's own files lie that slides lead to
MOST_FAILURES = 5  # of ours that the terminal shows, each by its place and once
for _type, _suffix in (  # systems differ in what they know
    ("text/javascript", ".js"),
    ("font/woff2", ".woff2"),
    ("text/vtt", ".vtt"),
    ("image/svg+xml", ".svg"),
):
    mimetypes.add_type(_type, _suffix)


class Answer(msgspec.Struct, frozen=True):
    """What a browser is told, as JSON."""

    status: HTTPStatus
    body: dict[str, object]

    def response(self, headers: dict[str, str] | None = None) -> Response:
        return JSONResponse(self.body, self.status, headers)


def refusal(status: HTTPStatus, message: str, **more: object) -> Answer:
    return Answer(status, {"error": message, **more})


class LocalServer(uvicorn.Server):
    """Serves an app on an open socket, from a thread of its own, while the block lasts."""

    def __init__(self, app: ASGIApp, listener: socket.socket, most_heard: int = MOST_HEARD) -> None:
        config = Config(
            app,
            http=Http,
            ws=Socket,
            ws_max_size=most_heard,
            ws_per_message_deflate=False,
            backlog=WAITING,
            workers=1,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            access_log=False,
            log_config=None,
            log_level=_SILENT,
        )
        config.crowd = Crowd()
        super().__init__(config)
        self.address, self.port = listener.getsockname()
        self._end: Future[None] = Future()
        self._thread = threading.Thread(
            target=self.run, args=([listener],), name="server", daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://{LOCAL}:{self.port}/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._thread.join(10)

    def stop(self) -> None:
        """Answer nothing more."""
        if not self._end.done():
            self._end.set_result(None)

    async def main_loop(self) -> None:
        """uvicorn's looks ten times a second whether it shall end; this one is told."""
        await asyncio.wrap_future(self._end)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """uvicorn's waits for what goes on; this ends at once, kept connections and all."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await self.lifespan.shutdown()


class Guard:
    """Middleware: answers to the server's own names alone, and to no other site's page.

    A foreign page that points its host name at this machine is refused by its Host, one that sends
    something by its Origin. No answer is kept or guessed at by a browser.
    """

    def __init__(self, app: ASGIApp, names: Sequence[str]) -> None:
        self.app, self.names = app, names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_marked(message: Message) -> None:
            if message["type"].endswith("http.response.start"):
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                kind = headers.get("content-type", "")
                headers["Content-Security-Policy"] = _policy(scope["path"], kind)
            await send(message)

        await (self._refusal(scope) or self.app)(scope, receive, send_marked)

    def _refusal(self, scope: Scope) -> Response | None:
        """None for who may ask. Of a request that is refused nothing more is read."""
        if scope["type"] == "lifespan":
            return None
        headers, (_, port) = Headers(scope=scope), scope["server"]
        own = [f"{name}:{port}" for name in (LOCAL, "localhost", *self.names)]
        if headers.get("host", "").lower() not in own:
            return _closed(HTTPStatus.MISDIRECTED_REQUEST, "this server has another name")
        origin = headers.get("origin", f"http://{own[0]}")
        foreign = origin.removeprefix("http://").lower() not in own
        foreign |= headers.get("sec-fetch-site", "none") not in ("same-origin", "none")
        if foreign and (scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD")):
            return _closed(HTTPStatus.FORBIDDEN, "sent by another site's page")
        return None


def _closed(status: HTTPStatus, message: str) -> Response:
    return refusal(status, message).response({"Connection": "close"})


def _policy(path: str, kind: str) -> str:
    if "svg" in kind or "xml" in kind:
        return _DRAWN
    return _FOREIGN if path.startswith(_LED_TO) and kind.startswith("text/") else _OWN


def local_app(
    routes: Sequence[BaseRoute],
    *more: Middleware,
    names: Sequence[str] = (),
    lifespan: Lifespan[Starlette] | None = None,
) -> Starlette:
    """An app behind the guard, whose refusals are JSON.

    `names` are hosts beside this machine's, and may become more.
    """
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard, names=names), *more],
        exception_handlers={
            HTTPException: _refuse,
            ClientDisconnect: _gone,
            Exception: _Failures(),
        },
        lifespan=lifespan,
    )


def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    missing = error.status_code == HTTPStatus.NOT_FOUND
    said = "there is no such file" if missing else error.detail
    return refusal(HTTPStatus(error.status_code), said).response()


def _gone(_: Request, error: Exception) -> Response:
    return refusal(HTTPStatus.BAD_REQUEST, "cut off in the middle").response()


class _Failures:
    """Says each mistake of ours on the terminal once, however often it is asked for."""

    def __init__(self) -> None:
        self._said: set[object] = set()

    async def __call__(self, _: Request, error: Exception) -> Response:
        place = type(error), traceback.extract_tb(error.__traceback__)[-1][:2]
        new = place not in self._said and len(self._said) < MOST_FAILURES
        if new and not isinstance(error, h11.ProtocolError):  # who speaks no HTTP was told so
            self._said.add(place)
            logging.getLogger(__name__).error("an answer failed", exc_info=error)
        return refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "the server failed at this").response()


async def json_body(request: Request, what: str, most: int) -> bytes:
    """The body, which is read only where the headers say that it may be.

    Raises HTTPException for one that is no JSON, is longer than `most` bytes, or has no length.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    length = request.headers.get("content-length")
    if kind != "application/json":
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"a {what} is JSON")
    if length is None:
        raise HTTPException(HTTPStatus.LENGTH_REQUIRED, "how long is it?")
    if int(length) > most:
        raise HTTPException(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a {what} has at most {most // 1024} kB"
        )
    return await request.body()


def media_type(name: str) -> str:
    """Of a file, by its name; text says that it is UTF-8 by itself."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def part_of(content: bytes, kind: str, request: Request) -> Response:
    """A file out of memory, or the piece of it that is asked for: browsers play videos so."""
    headers = {"accept-ranges": "bytes"}
    found = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", request.headers.get("range", ""))
    if not found or found[1] == found[2] == "":
        return Response(content, media_type=kind, headers=headers)
    total = len(content)
    if found[1]:
        first, last = int(found[1]), min(int(found[2] or total - 1), total - 1)
    else:
        first, last = max(0, total - int(found[2])), total - 1
    if not 0 <= first <= last:
        headers["content-range"] = f"bytes */{total}"
        return Response(status_code=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=headers)
    headers["content-range"] = f"bytes {first}-{last}/{total}"
    part = content[first : last + 1]
    return Response(part, HTTPStatus.PARTIAL_CONTENT, media_type=kind, headers=headers)


async def file_in(folder: Path, request: Request) -> Response:
    """The file that a request names, if it is really in the folder. Raises HTTPException."""
    files = StaticFiles(directory=folder, check_dir=False)
    try:
        return await files.get_response(files.get_path(request.scope), request.scope)
    except OSError:  # a loop of links, say
        raise HTTPException(HTTPStatus.NOT_FOUND) from None


@contextlib.contextmanager
def until_interrupted() -> Iterator[None]:
    """After the block wait for Ctrl-C, which is no error in the block either."""
    with contextlib.suppress(KeyboardInterrupt):
        yield
        threading.Event().wait()


def listen(port: int | None, usual: int, address: str = LOCAL) -> socket.socket:
    """A socket that listens on `port`, or on the first free one from `usual` on.

    Raises TalkError, with the next free port as a hint, if the port that was asked for is taken.
    """
    reason = ""
    for wanted in [port] if port is not None else range(usual, usual + MORE_PORTS):
        try:
            if _answers(wanted):
                raise OSError(errno.EADDRINUSE, "in use")
            return socket.create_server((address, wanted), backlog=WAITING)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            reason = "in use" if error.errno == errno.EADDRINUSE else "not allowed to be opened"
    if port is None:
        raise TalkError(
            f"all ports from {usual} to {usual + MORE_PORTS - 1} are {reason}",
            hint="choose another with --port N",
        )
    raise TalkError(f"port {port} is {reason}", hint=f"--port {_free_after(port, usual)} is free")


def _answers(port: int) -> bool:
    """Whether something answers there: SO_REUSEADDR lets some systems share a port."""
    if port == 0:
        return False
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((LOCAL, port)) == 0


def _free_after(port: int, usual: int) -> int:
    for wanted in range(max(port + 1, 1024), min(port + 200, 65536)):
        with contextlib.suppress(OSError), socket.create_server((LOCAL, wanted)):
            return wanted
    return usual


def own_address() -> str | None:
    """This machine's address in its network; None without one. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation: nobody's
            found = str(probe.getsockname()[0])
        except OSError:
            return None
    return None if found.startswith("127.") or found == "0.0.0.0" else found
