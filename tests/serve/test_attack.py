"""Both local servers under attack, a few tries of each kind; many are `benchmarks.attack`."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from support import attacks
from support.attacks import ATTACKS, Target, crowd, handshake, statuses
from support.live_talk import StandIn, until
from support.needs import posix
from support.second_talk import write_second_talk

from pipeline.measured import NOTHING
from pipeline.rehearsal.app import open_server
from pipeline.serve import connections, web
from pipeline.serve.app import serving
from pipeline.serve.connections import Crowd
from pipeline.serve.pairing import Gate
from pipeline.serve.remote import Remote

pytestmark = posix
SECRETS = b"words of a file outside", b"root:x:0:0"
FEW = 60


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_second_talk(tmp_path_factory.mktemp("attacked") / "talk")
    (root / "secret.txt").write_bytes(SECRETS[0])
    pages = root / "out" / "speaker"
    attacks.hostile_folder(pages, root)
    (pages / "index.html").write_text("the page", "utf-8")
    (pages / "files").mkdir()
    (pages / "files" / "foreign.html").write_text("<script>1</script>", "utf-8")
    (pages / "drawing.svg").write_text("<svg/>", "utf-8")
    return root


def previewed(talk: Path, **more: Any) -> AbstractContextManager[Any]:
    """The talk's preview, on a free port."""
    cache = talk.parent / "cache"
    return serving(talk, talk / "out", cache, lambda _: NOTHING, lambda _: None, port=0, **more)


@pytest.fixture(scope="module")
def preview(talk: Path) -> Iterator[Target]:
    with previewed(talk, load_model=StandIn) as (server, service):
        until(lambda: service.shown and service.desk.state.name == "ready", "the start", 60)
        yield Target(server.port, SECRETS)


@pytest.fixture(scope="module")
def rehearsal(talk: Path) -> Iterator[Target]:
    pages = talk / "out" / "speaker"
    remote = Remote(Gate(web.LOCAL, 0, lambda _: None), lambda: "the phone's page")
    with open_server(pages, talk / "log", "bread", lambda _: None, 0, remote=remote) as server:
        yield Target(server.port, SECRETS, socket_path="/phone", post_path="/rehearsals")
    assert not (talk / "log").exists()


def survived(target: Target, kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    capfd.readouterr()
    assert list(filter(None, ATTACKS[kind](target, FEW))) == []
    answer = target.told(target.head("GET /index.html HTTP/1.1"))
    assert statuses(answer) == [200]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", ATTACKS)
def test_the_preview_holds(kind: str, preview: Target, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing outside is shown, no request is answered that isn't its own, nothing is printed."""
    survived(preview, kind, capfd)


@pytest.mark.parametrize("kind", ATTACKS)
def test_the_rehearsal_holds(
    kind: str, rehearsal: Target, capfd: pytest.CaptureFixture[str]
) -> None:
    """The same, and no record is written that isn't one."""
    survived(rehearsal, kind, capfd)


def test_who_was_not_let_in_sees_nothing(talk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it guesses; and a token that was used is worth nothing."""
    monkeypatch.setattr("pipeline.serve.pairing.is_local", lambda _: False)
    monkeypatch.setattr(web, "own_address", lambda: "127.0.0.1")
    with previewed(talk, to_network=True) as (server, service):
        target = Target(server.port, SECRETS)
        assert list(filter(None, attacks.guesses(target, FEW))) == []
        assert service.gate
        enter = target.head(f"GET /?{service.gate.link.partition('?')[2]} HTTP/1.1")
        assert [statuses(target.told(enter)) for _ in range(2)] == [[303], [403]]


def test_one_too_many_takes_the_place_of_who_asked_nothing(
    rehearsal: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many say nothing: who comes is answered, and who asked last stays."""
    monkeypatch.setattr(connections, "MOST_OPEN", 20)
    assert Crowd().most == 20
    monkeypatch.setattr(connections, "is_local", lambda _: False)
    monkeypatch.setattr(connections, "MOST_OF_ONE", 10)
    asked = rehearsal.connected()
    keeps = rehearsal.head("GET /index.html HTTP/1.1").replace(b"close", b"keep-alive")
    with crowd(rehearsal, 9, b"GET / HT"), asked:
        for _ in range(2):  # by the second time all nine have come
            asked.sendall(keeps)
            until(lambda: asked.recv(4096).endswith(b"the page"), "the page")
        with crowd(rehearsal, 8, b""):
            asked.sendall(keeps)
            until(lambda: asked.recv(4096).endswith(b"the page"), "the page once more")
        answer = rehearsal.told(rehearsal.head("GET /index.html HTTP/1.1"))
        assert statuses(answer) == [200]


def is_closed(line: socket.socket) -> bool:
    try:
        return line.recv(4096) == b""
    except ConnectionResetError:
        return True


def test_who_only_makes_noise_is_let_go(preview: Target) -> None:
    """Pings without end, and a message in pieces without end."""
    for noise in (
        attacks.frame(9, b"x") * 1000,
        attacks.frame(1, b"", bits=0) + attacks.frame(0, b"", bits=0) * 1000,
    ):
        with preview.connected() as line:
            line.sendall(handshake(preview))
            assert statuses(line.recv(4096)) == [101]
            line.sendall(noise)
            until(lambda line=line: is_closed(line), "its end")


def test_only_our_own_pages_run_in_our_name(preview: Target) -> None:
    """A page of another tool that a slide leads to runs apart, a drawing not at all."""
    for path, rule in (
        ("/", "frame-ancestors 'self'"),
        ("/nowhere", "frame-ancestors 'self'"),
        ("/files/foreign.html", "sandbox allow-scripts allow-popups;"),
        ("/drawing.svg", "default-src 'none'"),
    ):
        answer = preview.told(preview.head(f"GET {path} HTTP/1.1")).decode()
        assert f"content-security-policy: {rule}" in answer.lower().replace("\r", "")
        assert "x-frame-options: sameorigin" in answer.lower()
