"""The local server: who it talks to, what it shows, and what it takes."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from support.rehearsed import made_up_record, small_talk

from pipeline.problems import TalkError
from pipeline.rehearsal.app import open_server
from pipeline.rehearsal.log import read_log
from pipeline.rehearsal.record import MAX_BYTES, Rehearsal
from pipeline.serve.web import LOCAL, LocalServer
from pipeline.talk import Talk


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    return small_talk(tmp_path / "bread")


@pytest.fixture
def said() -> list[Rehearsal]:
    return []


@pytest.fixture
def server(tmp_path: Path, said: list[Rehearsal]) -> Iterator[LocalServer]:
    """A server of a folder with one page, beside which a secret lies."""
    folder = tmp_path / "speaker"
    (folder / "figures").mkdir(parents=True)
    (folder / "rehearse.html").write_text("the page", encoding="utf-8")
    (folder / "figures" / "a.svg").write_text("<svg/>", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "folder").symlink_to(tmp_path)
    with open_server(folder, tmp_path / "log", "bread-at-home", said.append, 0) as started:
        yield started


def ask(
    server: LocalServer, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, str, http.client.HTTPMessage]:
    """Status, text and headers of one request; header names have _ for -."""
    connection = http.client.HTTPConnection(LOCAL, server.port, timeout=5)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.putrequest(method, path, skip_host="Host" in sent)
    if body is not None and "Content-Length" not in sent:
        sent["Content-Length"] = str(len(body))
    for name, value in sent.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text, answer.headers


def send(server: LocalServer, record: Rehearsal | bytes, **headers: str) -> tuple[int, str]:
    body = record if isinstance(record, bytes) else msgspec.json.encode(record)
    status, text, _ = ask(
        server, "POST", "/rehearsals", body, **{"Content_Type": "application/json", **headers}
    )
    return status, json.loads(text).get("error", "")


def test_it_listens_on_this_machine_alone(server: LocalServer) -> None:
    """Bound to 127.0.0.1, so nobody in the conference's network reads the script."""
    assert server.address == "127.0.0.1"
    assert server.url == f"http://127.0.0.1:{server.port}/"


def test_it_serves_the_folder(server: LocalServer) -> None:
    """Pages with their types; the root leads to the page; nothing is cached or guessed."""
    status, text, headers = ask(server, "GET", "/rehearse.html?pair=1")
    assert (status, text) == (200, "the page")
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert ask(server, "GET", "/figures/a.svg")[2]["Content-Type"] == "image/svg+xml"
    status, _, headers = ask(server, "GET", "/")
    assert (status, headers["Location"]) == (302, "/rehearse.html")
    status, text, headers = ask(server, "HEAD", "/rehearse.html")
    assert (status, text, headers["Content-Length"]) == (200, "", "8")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/figures/../../secret.txt",
        "/figures/..%2f..%2fsecret.txt",
        "/..%5csecret.txt",
        "//etc/passwd",
        "/link.txt",
        "/folder/secret.txt",
        "/figures",
        "/figures/",
        "/rehearse.html%00",
        "/nothing.html",
        "/" + "a" * 5000,
    ],
)
def test_nothing_outside_the_folder_is_shown(server: LocalServer, path: str) -> None:
    """Dots, links, other slashes, folders: all are no such file."""
    status, text, _ = ask(server, "GET", path)
    assert status == 404
    assert "secret" not in text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1", ""])
def test_another_name_gets_nothing(server: LocalServer, talk: Talk, host: str) -> None:
    """A host name that somebody points at this machine is refused, to read and to write."""
    name = host.replace("{port}", str(server.port))
    status, text, _ = ask(server, "GET", "/rehearse.html", Host=name)
    assert status == 421
    assert "another name" in text
    assert send(server, made_up_record(talk), Host=name)[0] == 421


def test_localhost_is_its_name_too(server: LocalServer) -> None:
    """127.0.0.1 and localhost, with the port."""
    host = f"localhost:{server.port}"
    assert ask(server, "GET", "/rehearse.html", Host=host)[0] == 200


def test_a_record_is_kept_once(
    server: LocalServer, talk: Talk, tmp_path: Path, said: list[Rehearsal]
) -> None:
    """A record that is sent is in the log; sent again it is fine, and kept once."""
    record = made_up_record(talk)
    own = f"http://127.0.0.1:{server.port}"
    assert send(server, record, Origin=own) == (201, "")
    assert send(server, record) == (200, "")
    assert read_log(tmp_path / "log", "bread-at-home").records == (record,)
    assert said == [record]


def test_only_small_sound_records_are_taken(
    server: LocalServer, talk: Talk, tmp_path: Path
) -> None:
    """Too big, cut off, no JSON, of another talk, with another type: refused with the reason."""
    good = msgspec.json.encode(made_up_record(talk))
    assert send(server, b"{}" + b" " * MAX_BYTES) == (413, "a rehearsal has at most 256 kB")
    assert send(server, good[:-20]) == (422, "the record is cut off in the middle")
    assert send(server, b"hello")[0] == 422
    other = good.replace(b"bread-at-home", b"another")
    assert "a rehearsal of another talk" in send(server, other)[1]
    assert send(server, good, Content_Type="text/plain")[0] == 415
    as_json = {"Content_Type": "application/json"}
    assert ask(server, "POST", "/rehearsals", good, Content_Length="-1", **as_json)[0] == 400
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(good), good)
    sized = {"Content_Length": str(len(good)), "Transfer_Encoding": "chunked"}
    assert ask(server, "POST", "/rehearsals", chunked, **as_json, **sized)[0] == 400
    assert ask(server, "POST", "/other", good, Content_Type="application/json")[0] == 405
    assert ask(server, "PUT", "/rehearsals", good)[0] == 405
    assert not (tmp_path / "log").exists()


def test_another_sites_page_can_send_nothing(server: LocalServer, talk: Talk) -> None:
    """A form or script on another site is refused by its origin, and by the type it can send."""
    record = made_up_record(talk)
    assert send(server, record, Origin="https://evil.example") == (
        403,
        "sent by another site's page",
    )
    assert send(server, record, Origin="null")[0] == 403
    assert ask(server, "OPTIONS", "/rehearsals")[0] == 405


def test_a_connection_that_ends_early_leaves_nothing(server: LocalServer, tmp_path: Path) -> None:
    """A record of which half arrives is not kept, and the server goes on."""
    with socket.create_connection((LOCAL, server.port), timeout=5) as raw:
        head = f"POST /rehearsals HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        head += "Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{"
        raw.sendall(head.encode())
        raw.shutdown(socket.SHUT_WR)
        assert b"".join(iter(lambda: raw.recv(4096), b"")) == b""
    assert ask(server, "GET", "/rehearse.html")[0] == 200
    assert not (tmp_path / "log").exists()


def test_a_full_disk_is_told_to_the_page(
    server: LocalServer, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page learns that its record was not kept, and why."""

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipeline.rehearsal.log.os.fsync", full)
    assert send(server, made_up_record(talk)) == (507, "No space left on device (log/)")


def test_a_port_in_use_is_said_with_a_free_one(server: LocalServer, tmp_path: Path) -> None:
    """--port of a port in use: one error, and a port that is free."""
    with pytest.raises(TalkError, match=f"port {server.port} is in use") as caught:
        open_server(tmp_path, tmp_path, "bread", print, server.port)
    assert caught.value.hint.startswith("--port ")
    free = int(caught.value.hint.split()[1])
    with open_server(tmp_path, tmp_path, "bread", print, free) as other:
        assert other.port == free


def test_without_a_port_the_next_free_one_is_taken(
    server: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The usual port is in use: the one after it serves."""
    monkeypatch.setattr("pipeline.rehearsal.app.PORT", server.port)
    with open_server(tmp_path, tmp_path, "bread", print) as other:
        assert server.port < other.port <= server.port + 20
