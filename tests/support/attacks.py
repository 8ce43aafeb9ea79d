"""Attacks on a local server: each tries one kind of mischief and says what the server let through.

An attack yields once for each try: "" where the server held, or what it did wrong. That it is still
up, how much memory it took and what it printed is looked at by who runs them.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import random
import re
import socket
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")
PATIENCE_S = 5.0
LOCAL = "127.0.0.1"
_KEY = "dGhlIHNhbXBsZSBub25jZQ=="


@dataclass(frozen=True, slots=True)
class Target:
    """A server under attack; `secrets` are words of files that no answer may hold."""

    port: int
    secrets: tuple[bytes, ...]
    host: str = "127.0.0.1"
    cookie: str = ""  # of a phone that was paired
    socket_path: str = "/live/socket"  # "" where there is none
    post_path: str = "/live/classify"

    @property
    def name(self) -> str:
        return f"{self.host}:{self.port}"

    def connected(self) -> socket.socket:
        return socket.create_connection((self.host, self.port), PATIENCE_S)

    def head(self, line: str, *more: str, host: str | None = None) -> bytes:
        """A request without a body, after which the server closes; no `host`: its own name."""
        lines = [line, f"Host: {self.name}" if host is None else host]
        lines += [f"Cookie: preview={self.cookie}"] if self.cookie else []
        text = "\r\n".join([*filter(None, lines), *more, "Connection: close", "", ""])
        return text.encode("latin-1")

    def told(self, words: bytes, patience_s: float = PATIENCE_S, *, then: bytes = b"") -> bytes:
        """What comes back until the server closes, or says nothing for so long.

        `then` is said once the first answer has come.
        """
        answer = b""
        with contextlib.suppress(OSError), self.connected() as line:
            with contextlib.suppress(OSError):
                line.sendall(words)
                answer = line.recv(1 << 16) if then else b""
                line.sendall(then)
            line.settimeout(patience_s)
            while part := line.recv(1 << 16):
                answer += part
        return answer

    def leaked(self, answer: bytes) -> str:
        return next((f"it shows `{s.decode()}`" for s in self.secrets if s in answer), "")


Attack = Callable[[Target, int], Iterator[str]]


def statuses(answer: bytes) -> list[int]:
    return [int(code) for code in STATUS.findall(answer)]


def refused(target: Target, answer: bytes, what: str, *codes: int) -> str:
    """A fault where an answer isn't one refusal (4xx, or one of `codes`)."""
    found = statuses(answer)
    if leak := target.leaked(answer):
        return f"{what}: {leak}"
    fine = not found or (len(found) == 1 and (found[0] in codes if codes else found[0] // 100 == 4))
    return "" if fine else f"{what}: answered {found}"


def shuffled(items: list[str], most: int) -> list[str]:
    """So many of them, by a fixed order of chance."""
    return random.Random(1).sample(items, min(most, len(items)))


# --- Files that aren't the server's to give ---------------------------------------------------

_UP: tuple[str, ...] = (
    "..",
    "%2e%2e",
    ".%2e",
    "%252e%252e",
    "%c0%ae%c0%ae",
    "%e0%80%ae%e0%80%ae",
    "..;",
    "...",
)
_UP += ("%ef%bc%8e%ef%bc%8e", "%u002e%u002e", "..%00", "%2e%2e;x", "%e2%80%a5", "..%20", "%00..")
_SLASH: tuple[str, ...] = (
    "/",
    "%2f",
    "%5c",
    "\\",
    "//",
    "%252f",
    "%c0%af",
    "%e0%80%af",
    "%ef%bc%8f",
    "%u2215",
)
_SLASH += ("/./", "%5c%5c", "/;/", "%2f%00/", "%25%32%66", "%e2%88%95")
_START: tuple[str, ...] = (
    "/",
    "//",
    "/live/",
    "/live/live.css/",
    "/files/",
    "/C:/",
    "/file:///",
    "/.",
    "/~/",
)
_GOAL: tuple[str, ...] = (
    "secret.txt",
    "etc/passwd",
    "talk.toml",
    "SECRET.TXT",
    "proc/self/environ",
    "proc/1/fd/0",
)
_END: tuple[str, ...] = (
    "",
    "%00",
    "%00.html",
    ".",
    "::$DATA",
    ";.css",
    "?",
    "%23",
    "/",
    "%20",
    "/.",
    "%0d%0aX: 1",
)
_NAMES: tuple[str, ...] = (
    "CON",
    "nul",
    "LPT1.txt",
    "aux.html",
    "a" * 255,
    "a" * 5000,
    "a/" * 2000,
    "%00",
    "%ff%fe",
)
_NAMES += ("%ed%a0%80", "%", "%2", "%zz", "*", "http://evil.invalid/", "..%5c..%5cwin.ini")
_NAMES += ("link.txt", "LINK.TXT", "folder/secret.txt", "loop", "fifo", "%5c%5cevil.invalid%5cx")
_NAMES += ("secret.txt", ".cache/", ".git/config", "talk.toml", "script/voiceover.md", "//127.1/x")


def traversal(target: Target, most: int) -> Iterator[str]:
    """Out of the folder, in every spelling of dots and slashes; names that systems trip over."""
    spelt = [
        start + (up + slash) * depth + goal.replace("/", slash) + end
        for start, up, slash, depth, goal, end in itertools.product(
            _START, _UP, _SLASH, (1, 2, 3, 7), _GOAL, _END
        )
    ]
    names = [f"/{name}" for name in _NAMES] + [name for name in _NAMES if "/" in name]
    for path in [*names, *shuffled(spelt, most)]:
        answer = target.told(target.head(f"GET {path} HTTP/1.1"))
        found = statuses(answer)
        own = path.startswith("/live/") and found == [200]  # dots that lead back to a page
        fault = target.leaked(answer) or ("" if own else refused(target, answer, ""))
        fault = fault or ("" if found else "no answer")
        yield fault and f"GET {path[:80]}: {fault}"


# --- Other names, other sites -----------------------------------------------------------------


def rebinding(target: Target, most: int) -> Iterator[str]:
    """Another site's name that leads to this machine, in each place where a name may stand."""
    port = target.port
    names: tuple[str, ...] = (
        "evil.invalid",
        f"evil.invalid:{port}",
        target.host,
        f"{target.host}:1",
        "",
        "*",
        "@",
    )
    names += (f"{target.host}:{port}.evil.invalid", f"{target.host}.evil.invalid:{port}")
    names += (f"evil.invalid@{target.name}", f"{target.name}@evil.invalid", f"localhost.:{port}")
    names += (f"{target.name},evil.invalid", f"{target.name}, {target.name}", f"0x7f000001:{port}")
    names += (f"2130706433:{port}", f"127.1:{port}", f"[::1]:{port}", f"0.0.0.0:{port}", f":{port}")
    names += (f"[::ffff:127.0.0.1]:{port}", f"{target.host}:0{port}", f"{target.name}/", "null")
    names += (f"{target.host}%00.evil.invalid:{port}", f"\xff{target.name}", f"{target.name}\t")
    paths = ["/", "/live/state", target.socket_path, "/rehearse.html", "/?token=x"]
    for name, path in itertools.islice(itertools.product(names, filter(None, paths)), most):
        for more in ((), (f"X-Forwarded-Host: {target.name}", f"Forwarded: host={target.name}")):
            answer = target.told(target.head(f"GET {path} HTTP/1.1", *more, host=f"Host: {name}"))
            own = name.strip() == target.name  # white space around a value is none of it
            yield "" if own else refused(target, answer, f"Host `{name}` {path}")
    lines = ("GET / HTTP/1.1", f"GET http://evil.invalid:{port}/ HTTP/1.1", "GET / HTTP/1.0")
    for line, hosts in itertools.product(
        lines, ("", f"Host: {target.name}\r\nHost: evil.invalid", "Host: evil.invalid")
    ):
        answer = target.told(target.head(line, host=hosts))
        yield refused(target, answer, f"{line} with `{hosts!r}`")
    line = f"GET http://evil.invalid:{port}/ HTTP/1.1"
    yield refused(target, target.told(target.head(line)), line)


_ORIGINS: tuple[str, ...] = (
    "null",
    "http://evil.invalid",
    "https://127.0.0.1",
    "http://localhost:1",
    "file://",
    "*",
)
_KINDS: tuple[str, ...] = (
    "application/json",
    "text/plain",
    "application/x-www-form-urlencoded",
    "",
    "text/json",
)
_KINDS += (
    "multipart/form-data; boundary=x",
    "application/json;text/plain",
    "application/csp-report",
)


def cross_site(target: Target, most: int) -> Iterator[str]:
    """What a page of another site can send: forms, posts without asking first, sockets."""
    body = json.dumps({"text": "x", "x": 1})
    marks: list[tuple[str, ...]] = [
        (f"Origin: {origin}",) for origin in (*_ORIGINS, f"http://{target.name}.evil.invalid")
    ]
    marks += [("Sec-Fetch-Site: cross-site",), ("Sec-Fetch-Site: same-site",)]
    for mark, kind in itertools.islice(itertools.product(marks, _KINDS), most):
        more = (*mark, f"Content-Type: {kind}", f"Content-Length: {len(body)}")
        line = f"POST {target.post_path} HTTP/1.1"
        answer = target.told(target.head(line, *more) + body.encode())
        yield refused(target, answer, f"{line} {more[:-1]}", 403)
    for kind in _KINDS[1:]:  # no origin: an old browser's form
        more = (f"Content-Type: {kind}", f"Content-Length: {len(body)}")
        answer = target.told(
            target.head(f"POST {target.post_path} HTTP/1.1", *more) + body.encode()
        )
        wrong = refused(target, answer, f"a form, {kind}")
        yield "" if kind.startswith("application/json;") else wrong
    for mark in marks if target.socket_path else ():
        yield refused(target, target.told(handshake(target, *mark), 0.5), f"a socket, {mark}", 403)


# --- What is no HTTP, too much of it, or two things at once -----------------------------------


def methods(target: Target, most: int) -> Iterator[str]:
    """Methods that nobody has, other protocols, and other versions of this one."""
    names = ("TRACE", "CONNECT", "PUT", "DELETE", "PATCH", "OPTIONS", "DEBUG", "get", "PROPFIND")
    for name, path in itertools.product((*names, "A" * 3000, "G\xcbT"), ("/", "/new.txt", "*")):
        words = target.head(f"{name} {path} HTTP/1.1", "X-Mark: mark-of-a-trace")
        answer = target.told(words)
        echo = "it echoes" if b"mark-of-a-trace" in answer else ""
        yield echo or refused(target, answer, f"{name[:20]} {path}")
    for words in (
        b"GET /\r\n",
        b"GET / HTTP/0.9\r\n\r\n",
        b"GET / HTTP/3.7\r\nHost: x\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x12\x04\x00\x00\x00\x00\x00",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
        b"EHLO evil.invalid\r\n",
        b"\r\n" * 5000,
        bytes(5000),
        target.head("GET / HTTP/1.1", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQ"),
    ):
        fine = refused(target, answer := target.told(words, 0.3), repr(words[:30]))
        yield "" if b"h2c" in words and statuses(answer) in ([200], [302]) else fine


def smuggled(target: Target, most: int) -> Iterator[str]:
    """Requests that two readers would part differently: the second one must not be answered."""
    hidden = target.head("GET /?hidden HTTP/1.1")
    size = f"Content-Length: {len(hidden)}"
    framings = (
        ("Content-Length: 4", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", size),
        ("Content-Length: 0", size),
        ("Content-Length: 0,0", size),
        ("Content-Length: +0",),
        ("Content-Length: 0x0",),
        ("Content-Length: -1",),
        (f"Content-Length: {'9' * 5000}",),
        ("Content-Length: \xb2",),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding: chunked, identity",),
        ("Transfer-Encoding: identity, chunked", "Content-Length: 0"),
        ("Transfer-Encoding : chunked",),
        ("Transfer-Encoding:\x0bchunked",),
        ("X: 1\nTransfer-Encoding: chunked", "Content-Length: 0"),
        ("Content-Length: 0\r Content-Length: 9",),
        ("Transfer-Encoding: chunked\x00",),
    )
    bodies = (
        b"0\r\n\r\n",
        b"\r\n",
        b"",
        b"1;x=\n\r\n0\r\n\r\n",
        b"-1\r\n",
        b"fffffffffffffffff\r\n",
    )
    for framing, body in itertools.product(framings, bodies):
        words = "\r\n".join((f"POST / HTTP/1.1\r\nHost: {target.name}", *framing, "", ""))
        answer = target.told(words.encode("latin-1") + body + hidden, 0.3)
        found = statuses(answer)
        both = len(found) > 1 or found[:1] == [200]
        yield f"{framing} {body!r}: answered {found}" if both else ""


def too_much(target: Target, most: int) -> Iterator[str]:
    """Heads, addresses, bodies and chunks of a size that nobody needs."""
    big = most * 1000
    head = target.head("GET / HTTP/1.1")[:-2]
    post = target.head(f"POST {target.post_path} HTTP/1.1", "Content-Type: application/json")[:-2]
    for what, words in {
        "an address": b"GET /" + b"a" * big,
        "a header": head + b"X: " + b"a" * big,
        "many headers": head + b"X: a\r\n" * (big // 6),
        "a cookie": head + b"Cookie: " + b"a=b; " * (big // 5),
        "a body": post + b"Content-Length: 99999999999\r\n\r\n" + b"a" * big,
        "chunks": post + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * (big // 6),
        "a chunk's note": post + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"a" * big,
        "a body of GET": head + b"Content-Length: 99999999999\r\n\r\n" + b"a" * big,
        "many questions": target.head("GET / HTTP/1.1").replace(b"close", b"keep-alive") * 20
        + b"x" * big,
    }.items():
        answer = target.told(words, 1.0)
        wrong = [code for code in statuses(answer) if code not in (200, 302) and code // 100 != 4]
        fine = what in ("a body of GET", "many questions") or 200 not in statuses(answer)
        yield "" if fine and not wrong else f"{what}: answered {statuses(answer)}"
    for ranges in ("0-" + "9" * 5000, "9" * 5000 + "-", "-" + "9" * 5000, "0-,-0", "0-1," * 5000):
        answer = target.told(target.head("GET /deck.css HTTP/1.1", f"Range: bytes={ranges}"))
        wrong = [code for code in statuses(answer) if code not in (200, 206, 302, 404, 416, 431)]
        yield f"Range {ranges[:20]}: answered {wrong}" if wrong and wrong[0] >= 500 else ""


# --- Sockets ----------------------------------------------------------------------------------


def handshake(target: Target, *more: str, path: str = "") -> bytes:
    upgrade = ("Upgrade: websocket", f"Sec-WebSocket-Key: {_KEY}", "Sec-WebSocket-Version: 13")
    line = f"GET {path or target.socket_path} HTTP/1.1"
    words = target.head(line, *upgrade, *more)
    return words.replace(b"Connection: close", b"Connection: Upgrade")


def frame(opcode: int, content: bytes, *, masked: bool = True, bits: int = 0x80) -> bytes:
    """One frame of RFC 6455; `bits`: FIN (0x80) and the reserved ones."""
    size, mask = len(content), 0x80 if masked else 0
    if size < 126:
        head = struct.pack("!BB", bits | opcode, mask | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", bits | opcode, mask | 126, size)
    else:
        head = struct.pack("!BBQ", bits | opcode, mask | 127, size)
    return head + (bytes(4) if masked else b"") + content


def _bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(bytes(50_000_000)) + packer.flush(zlib.Z_SYNC_FLUSH)
    return frame(1, packed[:-4], bits=0xC0)


def frames(target: Target, most: int) -> Iterator[str]:
    """Frames that are broken, endless, or nothing but noise."""
    if not target.socket_path:
        return
    rubbish = [b"{}", b"[]", b"null", b'{"a":', b"\xff\xfe", b'{"\\ud800": []}', b"[" * 4000, b""]
    noise = {
        "unmasked": frame(1, b"{}", masked=False),
        "reserved bits": frame(1, b"{}", bits=0xF0),
        "unknown kinds": b"".join(frame(code, b"x") for code in (3, 7, 11, 15)),
        "too long": frame(1, b"x" * 10_000_000),
        "said to be endless": struct.pack("!BBQ", 0x81, 0xFF, 2**63 - 1) + bytes(1000),
        "negative": struct.pack("!BBQ", 0x81, 0xFF, 2**64 - 1),
        "many pieces": frame(1, b"", bits=0) + frame(0, b"", bits=0) * most * 10,
        "pieces of nothing before": frame(0, b"x"),
        "a ping in pieces": frame(9, b"x", bits=0),
        "a long ping": frame(9, b"x" * 126),
        "no UTF-8": frame(1, b"\xff\xc0\x80"),
        "odd ends": frame(8, b"\x00") + frame(8, struct.pack("!H", 1005)),
        "pings": frame(9, b"x" * 125) * most * 10,
        "pongs": frame(10, b"x" * 125) * most * 10,
        "a bomb": _bomb(),
        "rubbish": b"".join(frame(1, one) + frame(2, one) for one in rubbish) * 50,
        "chance": random.Random(2).randbytes(100_000),
    }
    packed = ("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=15",)
    for what, words in noise.items():
        for more in ((), packed):
            answer = target.told(handshake(target, *more), 0.3, then=words)
            yield "" if statuses(answer) == [101] else f"{what}: answered {statuses(answer)}"
    for wrong in (
        "Sec-WebSocket-Version: 99",
        "Sec-WebSocket-Key: x",
        "Sec-WebSocket-Protocol: \xff",
    ):
        answer = target.told(handshake(target, wrong), 0.3)
        yield "" if set(statuses(answer)) <= {101, 400, 426} else f"{wrong}: {statuses(answer)}"


# --- Slow ones, and many ----------------------------------------------------------------------


@contextlib.contextmanager
def crowd(
    target: Target, count: int, words: bytes, then: bytes = b""
) -> Iterator[list[socket.socket]]:
    """So many connections that have said `words` and read no more, while the block lasts.

    `then` is said once all have got the beginning of their first answer.
    """
    lines: list[socket.socket] = []
    try:
        for _ in range(count):
            with contextlib.suppress(OSError):
                lines.append(target.connected())
                lines[-1].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                lines[-1].settimeout(0.05)
                lines[-1].sendall(words)
        for line in lines if then else ():
            with contextlib.suppress(OSError):
                line.settimeout(PATIENCE_S)
                line.recv(100)
                line.settimeout(0.05)
                line.sendall(then)
        yield lines
    finally:
        for line in lines:
            line.close()


def crowds(target: Target) -> dict[str, tuple[bytes, bytes]]:
    """What many connections at once may say, and say then, before they wait."""
    post = target.head(f"POST {target.post_path} HTTP/1.1", "Content-Type: application/json")
    found = {
        "say nothing": b"",
        "begin a line": b"GET / HT",
        "begin a head": target.head("GET / HTTP/1.1")[:-2],
        "begin a body": post[:-2] + b"Content-Length: 9000\r\n\r\n{",
        "take no answer": target.head("GET / HTTP/1.1"),
        "take no file": target.head("GET /deck.js HTTP/1.1"),
        "ask one after the other": target.head("GET / HTTP/1.1").replace(b"close", b"x") * 50,
    }
    if target.socket_path:
        found["open a socket"] = handshake(target)
        found["open a socket by halves"] = handshake(target)[:-2]
    both = {what: (words, b"") for what, words in found.items()}
    if target.socket_path:
        both["ping and don't listen"] = handshake(target), frame(9, b"x" * 125) * 20_000
    return both


# --- Phones -----------------------------------------------------------------------------------


def guesses(target: Target, most: int) -> Iterator[str]:
    """A machine that wasn't let in: it sees nothing, whatever it guesses."""
    chance = random.Random(3)
    for path in ("/", "/live/state", "/deck.js", "/live/live.js", "/index.html", "/rehearse.html"):
        for mark in ("", "Cookie: preview=", "Cookie: preview=x", f"X-Forwarded-For: {LOCAL}"):
            answer = target.told(target.head(f"GET {path} HTTP/1.1", *filter(None, (mark,))))
            yield refused(target, answer, f"{path} {mark}", 403)
    for number in range(most):
        token = chance.randbytes(16).hex() if number % 10 else "a" * 10 * number
        method = ("GET", "POST", "HEAD")[number % 3]
        answer = target.told(target.head(f"{method} /?token={token} HTTP/1.1"))
        yield refused(target, answer, "a token")
    for words in (handshake(target), handshake(target, path="/live/socket?token=x")):
        yield refused(target, target.told(words, 0.5), "a socket", 403)


ATTACKS: dict[str, Attack] = {
    "traversal": traversal,
    "rebinding": rebinding,
    "cross-site": cross_site,
    "methods": methods,
    "smuggling": smuggled,
    "too much": too_much,
    "frames": frames,
}


def hostile_folder(folder: Path, outside: Path) -> None:
    """Links that lead out of a folder, in a circle, and a pipe: what a server must not open."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "link.txt").symlink_to(outside / "secret.txt")
    (folder / "folder").symlink_to(outside)
    (folder / "loop").symlink_to(folder / "loop")
    os.mkfifo(folder / "fifo")
