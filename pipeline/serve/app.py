"""The preview's server: the deck from memory, the demo's answers, a socket to each browser."""

from __future__ import annotations

import contextlib
import html
import json
import socket
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from pipeline.pages.deck import PAGE
from pipeline.palette import both_themes
from pipeline.problems import TalkError
from pipeline.resources import TEMPLATES
from pipeline.serve import web
from pipeline.serve.demo import Desk
from pipeline.serve.faults import Fault
from pipeline.serve.incremental import Shown
from pipeline.serve.pairing import COOKIE, Gate, is_local
from pipeline.serve.training import Trainer
from pipeline.serve.websocket import WebSocket, accept_key

PORT = 8320
SLOW_S = 15
MOST_BYTES = 1024 * 1024  # of a question
_OWN = {
    "live.css": "live/live.css",
    "live.js": "live/live.js",
    "swap.js": "live/swap.js",
    "demo.js": "live/demo.js",
    "training.js": "live/training.js",
}


class Behind(Protocol):
    """What the server asks of the service behind it."""

    desk: Desk
    trainer: Trainer

    def look(self) -> tuple[Shown | None, Fault | None]: ...

    def state(self) -> dict[str, Any]: ...

    def attach(self, socket: WebSocket, version: str) -> None: ...


class PreviewServer(web.LocalServer):
    """Serves what `behind` shows, and beside it what lies in `folder`."""

    request_queue_size = 512

    def __init__(
        self, address: str, port: int, behind: Behind, folder: Path, own: tuple[str, ...]
    ) -> None:
        super().__init__((address, port), _Handler)
        self.behind, self.folder = behind, folder
        hosts = (web.LOCAL, "localhost", *own)
        self.names = tuple(f"{host}:{self.server_port}" for host in hosts)
        self.gate: Gate | None = None
        self._open: set[socket.socket] = set()

    def stop(self) -> None:
        """Answer nothing more: browsers keep connections open for the next question."""
        super().stop()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)


def open_preview(
    behind: Behind, folder: Path, port: int | None, to_network: bool, say: Callable[[str], None]
) -> PreviewServer:
    """Listen on 127.0.0.1, or with `to_network` on all addresses, other machines by token.

    Raises TalkError for a port that is taken, or where there is no network.
    """
    own = web.own_address() if to_network else None
    if to_network and own is None:
        raise TalkError("this machine is in no network", hint="leave --host out, or connect it")
    address = "0.0.0.0" if to_network else web.LOCAL
    names = (own,) if own else ()
    server = web.listen(
        lambda wanted: PreviewServer(address, wanted, behind, folder, names), port, PORT
    )
    if own:
        server.gate = Gate(f"http://{own}:{server.server_port}/", say)
    return server


class _Handler(BaseHTTPRequestHandler):
    server: PreviewServer
    protocol_version = "HTTP/1.1"
    server_version = "preview"
    sys_version = ""
    timeout = SLOW_S
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        if not self._may_come():
            return
        path = urlsplit(self.path).path
        if path in ("/", f"/{PAGE}"):
            self._answer(HTTPStatus.OK, web.content_type(PAGE), self._page())
        elif path == "/live/socket":
            self._websocket()
        elif path == "/live/state":
            self._json(HTTPStatus.OK, self.server.behind.state())
        elif path.startswith("/live/") and path[6:] in _OWN:
            self._answer(HTTPStatus.OK, web.content_type(path), _own_file(path[6:]))
        else:
            self._file()

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length") or ""
        origin, kind = self.headers.get("Origin"), self.headers.get("Content-Type") or ""
        body = b""
        if length.isdecimal() and int(length) <= MOST_BYTES:
            body = self.rfile.read(int(length))
        else:
            web.drain(self)
        if not self._may_come():
            return
        if not web.is_from_here(origin, self.server.names):
            self._no(HTTPStatus.FORBIDDEN, "sent by another site's page")
        elif kind.split(";")[0].strip().lower() != "application/json":
            self._no(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a question is JSON")
        elif not length.isdecimal():
            self._no(HTTPStatus.LENGTH_REQUIRED, "how long is it?")
        elif int(length) > MOST_BYTES:
            limit = f"a text has at most {MOST_BYTES // 1024} kB"
            self._no(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, limit)
        else:
            self._ask(urlsplit(self.path).path, body)

    def _ask(self, path: str, body: bytes) -> None:
        try:
            asked = json.loads(body)
            text, who = asked["text"], asked.get("who", "")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            text = who = None
        if not isinstance(text, str) or not isinstance(who, str):
            self._no(HTTPStatus.BAD_REQUEST, 'a question is {"text": "…"}')
            return
        behind, kind = self.server.behind, path.removeprefix("/live/")
        if kind == "train":
            answer = behind.trainer.ask(text)
        else:
            answer = behind.desk.ask(kind, text, who[:64])
        self._json(answer.status, answer.body)

    def _may_come(self) -> bool:
        """Whether the request is for us and from somebody who may look; answers it if not."""
        if not web.is_one_of(self.headers.get_all("Host"), self.server.names):
            self._no(HTTPStatus.MISDIRECTED_REQUEST, "this server has another name")
            return False
        gate = self.server.gate
        if gate is None or is_local(self.client_address[0]):
            return True
        if gate.knows(self.headers.get("Cookie") or ""):
            return True
        token = parse_qs(urlsplit(self.path).query).get("token", [""])[0]
        session = gate.enter(token) if token and self.command == "GET" else None
        if session is None:
            self._no(HTTPStatus.FORBIDDEN, "scan the QR code in the terminal: it is good once")
            return False
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", "/")
        cookie = f"{COOKIE}={session}; HttpOnly; SameSite=Lax; Path=/"
        self.send_header("Set-Cookie", cookie)
        self.send_header("Content-Length", "0")
        self.end_headers()
        return False

    def _page(self) -> bytes:
        shown, fault = self.server.behind.look()
        if shown is None:
            said = html.escape(fault.lines if fault else "The deck is being built.")
            text = _EMPTY.replace("COLOURS", both_themes()).replace("SAID", said)
        else:
            text = shown.page
        head, _, tail = text.rpartition("</body>")
        version, frame = (shown.version, shown.frame) if shown else ("", "")
        tags = (
            '<link rel="stylesheet" href="live/live.css">'
            '<script src="live/swap.js"></script><script src="live/demo.js"></script>'
            '<script src="live/training.js"></script>'
            f'<script src="live/live.js" data-version="{version}" data-frame="{frame}"></script>'
        )
        return f"{head}{tags}\n</body>{tail}".encode()

    def _file(self) -> None:
        parts = web.path_parts(self.path)
        shown, _ = self.server.behind.look()
        name = "/".join(parts or ())
        if shown and name in shown.files:
            self._answer(HTTPStatus.OK, web.content_type(name), shown.files[name])
            return
        found = web.inside(self.server.folder, parts) if parts else None
        if found is None:
            self._no(HTTPStatus.NOT_FOUND, "there is no such file")
        else:
            self._answer(HTTPStatus.OK, web.content_type(found.name), found.read_bytes())

    def _websocket(self) -> None:
        key = self.headers.get("Sec-WebSocket-Key")
        asked = (self.headers.get("Upgrade") or "").lower() == "websocket"
        if not key or not asked:
            self._no(HTTPStatus.UPGRADE_REQUIRED, "this address is for a WebSocket")
            return
        if not web.is_from_here(self.headers.get("Origin"), self.server.names):
            self._no(HTTPStatus.FORBIDDEN, "asked by another site's page")
            return
        self.close_connection = True
        self.send_response(HTTPStatus.SWITCHING_PROTOCOLS)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept_key(key))
        self.end_headers()
        version = parse_qs(urlsplit(self.path).query).get("have", [""])[0]
        self.server.behind.attach(WebSocket(self.connection, self.rfile), version)

    def _no(self, status: HTTPStatus, message: str) -> None:
        self._json(status, {"error": message})

    def _json(self, status: HTTPStatus, body: dict[str, Any]) -> None:
        content = json.dumps(body, ensure_ascii=True).encode()
        self._answer(status, "application/json", content)

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is printed: the command says what matters."""


def _own_file(name: str) -> bytes:
    return (TEMPLATES / _OWN[name]).read_bytes()


_EMPTY = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Preview</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>COLOURS</style></head>
<body><pre>SAID</pre></body></html>
"""
