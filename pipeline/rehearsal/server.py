"""The local server of the rehearsal page: one folder to read, one place to send records to.

It listens on 127.0.0.1 alone, answers only to its own name (a foreign page that points its host
name at this machine gets nothing), shows nothing outside its folder, and takes small records only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.rehearsal.record import MAX_BYTES
from pipeline.serve import web

ADDRESS = web.LOCAL
PORT = 8340
SLOW_S = 10  # a connection that sends nothing for so long is closed


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a record: an HTTP status, and a message where it wasn't kept."""

    status: HTTPStatus
    message: str = ""


class RehearsalServer(web.LocalServer):
    """Serves `folder`; each record that is sent goes to `take`."""

    poll_s = 0.05

    def __init__(self, port: int, folder: Path, take: Callable[[bytes], Receipt]) -> None:
        super().__init__((ADDRESS, port), _Handler)
        self.folder = folder.resolve()
        self.take = take

    @property
    def names(self) -> tuple[str, ...]:
        """The hosts that it answers to."""
        return f"{ADDRESS}:{self.server_port}", f"localhost:{self.server_port}"


def open_server(
    folder: Path, take: Callable[[bytes], Receipt], port: int | None = None
) -> RehearsalServer:
    """Listen on `port`, or on the first free one from PORT on.

    Raises TalkError, with the next free port as a hint, if the port that was asked for is taken.
    """
    return web.listen(lambda wanted: RehearsalServer(wanted, folder, take), port, PORT)


_MISDIRECTED = Receipt(HTTPStatus.MISDIRECTED_REQUEST, "this server has another name")


def _as_json(receipt: Receipt) -> bytes:
    return json.dumps({"error": receipt.message} if receipt.message else {}).encode()


class _Handler(BaseHTTPRequestHandler):
    server: RehearsalServer
    server_version = "rehearsal"
    sys_version = ""
    timeout = SLOW_S

    def do_GET(self) -> None:
        self._file(with_body=True)

    def do_HEAD(self) -> None:
        self._file(with_body=False)

    def do_POST(self) -> None:
        self.close_connection = True
        receipt = self._unfit()
        if receipt is None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            cut_off = Receipt(HTTPStatus.BAD_REQUEST, "the record is cut off in the middle")
            receipt = self.server.take(body) if len(body) == length else cut_off
        self._answer(receipt.status, "application/json", _as_json(receipt))

    def _unfit(self) -> Receipt | None:
        """Why a record isn't even read."""
        length = self.headers.get("Content-Length") or ""
        origin = self.headers.get("Origin")
        kind = (self.headers.get("Content-Type") or "").split(";")[0].strip().lower()
        if not self._is_ours():
            return _MISDIRECTED
        if urlsplit(self.path).path != "/rehearsals":
            return Receipt(HTTPStatus.NOT_FOUND, "there is nothing to send to here")
        if not web.is_from_here(origin, self.server.names):
            return Receipt(HTTPStatus.FORBIDDEN, "sent by another site's page")
        if kind != "application/json":
            return Receipt(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a rehearsal is JSON")
        if not re.fullmatch(r"[0-9]{1,12}", length) or "Transfer-Encoding" in self.headers:
            return Receipt(HTTPStatus.LENGTH_REQUIRED, "how long is it?")
        if int(length) > MAX_BYTES:
            limit = f"a rehearsal has at most {MAX_BYTES // 1024} kB"
            return Receipt(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, limit)
        return None

    def _file(self, with_body: bool) -> None:
        parts = web.path_parts(self.path)
        found = web.inside(self.server.folder, parts) if parts else None
        if not self._is_ours():
            self._answer(_MISDIRECTED.status, "application/json", _as_json(_MISDIRECTED))
        elif urlsplit(self.path).path == "/":
            self.send_response(HTTPStatus.FOUND)
            self.send_header("Location", "/rehearse.html")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif found is None:
            missing = Receipt(HTTPStatus.NOT_FOUND, "there is no such file")
            self._answer(missing.status, "application/json", _as_json(missing), with_body)
        else:
            kind = web.content_type(found.name)
            self._answer(HTTPStatus.OK, kind, found.read_bytes(), with_body)

    def _is_ours(self) -> bool:
        return web.is_one_of(self.headers.get_all("Host"), self.server.names)

    def _answer(self, status: HTTPStatus, kind: str, body: bytes, with_body: bool = True) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is printed: the command says what was recorded."""
