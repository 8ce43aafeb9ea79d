"""What local servers share: a free port, and files that are really inside a folder."""

from __future__ import annotations

import contextlib
import errno
import mimetypes
import socket
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from pipeline.problems import TalkError

LOCAL = "127.0.0.1"
MORE_PORTS = 20  # tried after the usual one where none was asked for
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".woff2": "font/woff2",
    ".vtt": "text/vtt; charset=utf-8",
}
Server = TypeVar("Server")


def content_type(name: str) -> str:
    """The media type of a file by its name."""
    suffix = Path(name).suffix.lower()
    return _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def path_parts(target: str) -> tuple[str, ...] | None:
    """The parts of a request's path; None where it could lead out of a folder."""
    try:
        path = unquote(urlsplit(target).path, errors="strict")
    except (ValueError, UnicodeDecodeError):
        return None
    parts = tuple(path.split("/")[1:])
    bad = ("", ".", "..")
    if "\x00" in path or any(p in bad or "\\" in p or ":" in p for p in parts):
        return None
    return parts


def inside(folder: Path, parts: Sequence[str]) -> Path | None:
    """The file that the parts name; None unless it is one, and really in the folder."""
    try:
        root = folder.resolve(strict=True)
        found = root.joinpath(*parts).resolve(strict=True)
    except (OSError, ValueError):
        return None
    return found if found.is_relative_to(root) and found.is_file() else None


def is_one_of(hosts: Sequence[str] | None, names: Sequence[str]) -> bool:
    """Whether a request's Host headers are one, and one of the server's own names.

    A foreign page that points its host name at this machine is refused by this.
    """
    return hosts is not None and len(hosts) == 1 and hosts[0].lower() in names


def is_from_here(origin: str | None, names: Sequence[str]) -> bool:
    """Whether a request comes from the server's own pages, or from no page at all."""
    return origin is None or origin.removeprefix("http://").lower() in names


class LocalServer(ThreadingHTTPServer):
    """A server for this machine's own browsers, each request in a thread of its own."""

    daemon_threads = True
    allow_reuse_address = True
    poll_s = 0.5  # how soon `stop` is heard

    @property
    def url(self) -> str:
        return f"http://{LOCAL}:{self.server_port}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up is no error of ours."""

    def start(self) -> None:
        """Serve from a thread of its own, until `stop`."""
        threading.Thread(target=self.serve_forever, args=(self.poll_s,), daemon=True).start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


def listen(make: Callable[[int], Server], port: int | None, usual: int) -> Server:
    """What `make` makes of `port`, or of the first free one from `usual` on.

    Raises TalkError, with the next free port as a hint, if the port that was asked for is taken.
    """
    reason = ""
    for wanted in [port] if port is not None else range(usual, usual + MORE_PORTS):
        try:
            if _answers(wanted):
                raise OSError(errno.EADDRINUSE, "in use")
            return make(wanted)
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
    for wanted in range(max(port + 1, 1024), min(port + 200, 65535)):
        with socket.socket() as probe:
            try:
                probe.bind((LOCAL, wanted))
            except OSError:
                continue
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


def drain(handler: BaseHTTPRequestHandler, most: int = 8 * 2**20) -> None:
    """Read and forget a body that is too long to take, so that its sender hears the answer.

    At most `most` bytes, and not from a sender that keeps the server waiting. The connection is
    closed after the answer.
    """
    handler.close_connection = True
    length = handler.headers.get("Content-Length") or ""
    left = min(int(length), most) if length.isdecimal() else 0
    handler.connection.settimeout(0.5)
    with contextlib.suppress(OSError):
        while left > 0 and (piece := handler.rfile.read1(min(left, 65536))):
            left -= len(piece)
