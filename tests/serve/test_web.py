"""What both local servers share: slow, many and foreign connections, and an end at once."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from support.live_talk import until

from pipeline.serve import connections, web
from pipeline.serve.web import LOCAL, LocalServer, file_in, json_body, listen, local_app

LIMIT_S = 30


@pytest.fixture
def held() -> threading.Event:
    """What `/held` waits for."""
    return threading.Event()


@pytest.fixture
def server(held: threading.Event) -> Iterator[LocalServer]:
    """Says hello, counts what it is sent, waits, and fails."""

    async def hello(_: Request) -> Response:
        return PlainTextResponse("hello")

    async def take(request: Request) -> Response:
        return PlainTextResponse(str(len(await json_body(request, "text", 2**20))))

    async def wait(_: Request) -> Response:
        await asyncio.to_thread(held.wait, LIMIT_S)
        return PlainTextResponse("at last")

    async def fail(_: Request) -> Response:
        raise ValueError("a mistake of ours")

    routes = [
        Route("/", hello),
        Route("/take", take, methods=["POST"]),
        Route("/held", wait),
        Route("/fail", fail),
    ]
    with LocalServer(local_app(routes), listen(0, 0)) as started:
        yield started
        held.set()


def opened(server: LocalServer) -> socket.socket:
    return socket.create_connection((LOCAL, server.port), LIMIT_S)


def head(server: LocalServer, line: str = "GET / HTTP/1.1", *more: str) -> bytes:
    return "\r\n".join((line, f"Host: {LOCAL}:{server.port}", *more, "", "")).encode()


def said(line: socket.socket) -> bytes:
    """All until the other side closes."""
    try:
        return b"".join(iter(lambda: line.recv(65536), b""))
    except ConnectionResetError:
        return b""


def test_a_thousand_connections_are_answered(server: LocalServer) -> None:
    """All open at once, each asked only when all are: none is refused or forgotten."""
    lines = [opened(server) for _ in range(1000)]
    for line in lines:
        line.sendall(head(server))
    for line in lines:
        assert line.recv(4096).startswith(b"HTTP/1.1 200")
        line.close()


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: ",
        b"POST /take HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\nHost: HERE"
        b"\r\n\r\n{",
    ],
    ids=["nothing", "line", "head", "body"],
)
def test_who_says_half_is_let_go(
    begun: bytes, server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection on which nothing more comes doesn't stay."""
    monkeypatch.setattr(connections, "SLOW_S", 0.05)
    with opened(server) as line:
        line.sendall(begun.replace(b"HERE", f"{LOCAL}:{server.port}".encode()))
        assert said(line) == b""


def test_who_drips_is_let_go(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then buys no time."""
    monkeypatch.setattr(connections, "SLOW_S", 0.2)
    with opened(server) as line:
        line.sendall(head(server)[:-2] + b"X-Long: ")
        line.settimeout(0.01)
        until(lambda: not takes(line, b"x"), "its end")


def takes(line: socket.socket, byte: bytes) -> bool:
    """Whether the other side takes one more byte."""
    try:
        line.sendall(byte)
        return line.recv(1) != b""
    except TimeoutError:
        return True
    except OSError:
        return False


def test_an_answer_may_take_its_time(
    server: LocalServer, held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has asked a whole question waits for as long as the answer takes."""
    monkeypatch.setattr(connections, "SLOW_S", 0.02)
    looks = []
    look = connections.Http._look
    monkeypatch.setattr(connections.Http, "_look", lambda self: (looks.append(1), look(self)))
    with opened(server) as line:
        line.sendall(head(server, "GET /held HTTP/1.1", "Connection: close"))
        until(lambda: len(looks) > 3, "some looks")
        held.set()
        assert said(line).endswith(b"at last")


def test_an_answer_that_nobody_takes_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser that asks for a large file and reads none of it."""
    monkeypatch.setattr(connections, "SLOW_S", 0.2)

    async def large(_: Request) -> Response:
        return PlainTextResponse("x" * 50_000_000)

    with (
        LocalServer(local_app([Route("/", large)]), listen(0, 0)) as server,
        opened(server) as line,
    ):
        line.sendall(head(server))
        until(lambda: server.server_state.connections, "the connection")
        until(lambda: not server.server_state.connections, "its end")


def test_who_takes_an_answer_bit_by_bit_gets_it(tmp_path: Path) -> None:
    """A recording over a slow network: each bit that is taken buys time."""
    size = 100_000_000
    with (tmp_path / "sound.wav").open("wb") as sound:
        sound.truncate(size)

    async def file(request: Request) -> Response:
        return await file_in(tmp_path, request)

    with LocalServer(local_app([Route("/sound.wav", file)]), listen(0, 0)) as server:
        line = opened(server)
        line.sendall(head(server, "GET /sound.wav HTTP/1.1", "Connection: close"))
        taken = len(line.recv(1))
        (connection,) = server.server_state.connections
        until(lambda: connection.flow.write_paused, "a full line")
        until_s = connection._late.when()
        while connection._late.when() == until_s:
            taken += len(line.recv(65536))
        taken += len(said(line))
        line.close()
    assert taken > size


def test_what_is_too_long_or_foreign_is_not_read(server: LocalServer) -> None:
    """The answer comes before the first byte of the body was sent."""
    sized = ("Content-Type: application/json", "Content-Length: 1000000000")
    for more, status in (((), b"413"), (("Origin: http://evil.example",), b"403")):
        with opened(server) as line:
            line.sendall(head(server, "POST /take HTTP/1.1", *sized, *more))
            assert line.recv(4096).startswith(b"HTTP/1.1 " + status)


def test_no_http_is_answered_and_nothing_is_printed(
    server: LocalServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """A scanner's words, two hosts, a bad length, a body that is no chunks."""
    chunked = head(server, "POST /take HTTP/1.1", "Transfer-Encoding: chunked")
    with caplog.at_level(logging.DEBUG):
        for words in (
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
            head(server, "GET / HTTP/1.1", "Host: evil.example"),
            head(server, "POST /take HTTP/1.1", "Content-Length: -1"),
            chunked + b"no length\r\n",
        ):
            with opened(server) as line:
                line.sendall(words)
                assert said(line).startswith(b"HTTP/1.1 4")
    assert [record for record in caplog.records if record.levelno > logging.DEBUG] == []
    assert capfd.readouterr().err == ""


def test_a_mistake_of_ours_keeps_its_traceback(
    server: LocalServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The browser is told that it failed; the terminal says where."""
    with opened(server) as line:
        line.sendall(head(server, "GET /fail HTTP/1.1", "Connection: close"))
        answer = said(line)
    assert answer.startswith(b"HTTP/1.1 500")
    assert b"a mistake of ours" not in answer
    assert caplog.records[0].exc_info
    assert "a mistake of ours" in caplog.text


def test_it_ends_at_once(held: threading.Event, server: LocalServer) -> None:
    """With connections that are kept, half a request, and a question that is being answered."""
    lines = [opened(server) for _ in range(3)]
    lines[0].sendall(head(server))
    until(lambda: lines[0].recv(4096).endswith(b"hello"), "an answer")
    lines[1].sendall(b"GET /")
    lines[2].sendall(head(server, "GET /held HTTP/1.1"))
    until(lambda: server.server_state.tasks, "the question")
    server.stop()
    assert [said(line) for line in lines] == [b"", b"", b""]
    held.set()
    server._thread.join(LIMIT_S)
    assert not server._thread.is_alive()
    with pytest.raises(ConnectionRefusedError):
        opened(server)


@pytest.mark.parametrize(
    ("asked", "status", "body", "range_"),
    [
        ("", 200, b"0123456789", None),
        ("bytes=0-", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=4-2", 416, b"", "bytes */10"),
        ("bytes=-", 200, b"0123456789", None),
        ("bytes=1-2,4-5", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
def test_a_piece_of_a_file_is_given(
    asked: str, status: int, body: bytes, range_: str | None
) -> None:
    """Browsers play a video piece by piece, and go to any place of it; what is odd gets it all."""
    headers = [(b"range", asked.encode())] if asked else []
    request = Request({"type": "http", "method": "GET", "headers": headers})
    answer = web.part_of(b"0123456789", "video/mp4", request)
    assert (answer.status_code, answer.body) == (status, body)
    assert answer.headers.get("content-range") == range_
