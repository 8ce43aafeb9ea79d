"""Phones as remotes: who is let in, what they reach, what passes between them and the page."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest
from support.live_talk import until
from support.remotes import PATIENCE_S, hear, joined, tell
from support.second_talk import write_second_talk
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from pipeline.cli import main
from pipeline.locale import locale_of
from pipeline.rehearsal.app import open_server
from pipeline.serve import remote as relay
from pipeline.serve import web
from pipeline.serve.pairing import COOKIE, NO_NETWORK, REMOTE_PAGE, Gate, qr_picture, refused_page
from pipeline.serve.remote import Remote
from pipeline.serve.web import LOCAL, LocalServer

PRESS = {"type": "press", "run": "a", "n": 1, "does": "next", "at": "0/0", "when": 5.0}


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def gate(tmp_path: Path, said: list[str]) -> Gate:
    return Gate(LOCAL, 0, said.append, REMOTE_PAGE, tmp_path / "phones.json")


@pytest.fixture
def server(tmp_path: Path, gate: Gate) -> Iterator[LocalServer]:
    """A rehearsal with a remote: its pages, and what phones must not see."""
    pages = tmp_path / "speaker"
    (pages / "figures").mkdir(parents=True)
    for name in ("index.html", "deck.css", "notes.js", "script.html", "captions.vtt"):
        (pages / name).write_text(name, "utf-8")
    (pages / "figures" / "a.svg").write_text("<svg/>", "utf-8")
    made = {"rehearse.html": "the page in memory"}
    remote = Remote(gate, lambda: "the phone's page")
    with open_server(
        pages, tmp_path / "log", "bread", lambda _: None, 0, made=made, remote=remote
    ) as started:
        yield started


def ask(server: LocalServer, path: str, method: str = "GET", cookie: str = "") -> HTTPResponse:
    connection = HTTPConnection(LOCAL, server.port, timeout=PATIENCE_S)
    connection.request(method, path, headers={"Cookie": cookie} if cookie else {})
    return connection.getresponse()


def ended(line: ClientConnection) -> tuple[int, str]:
    """Why the server closed."""
    try:
        while True:
            line.recv(PATIENCE_S)
    except ConnectionClosed as error:
        close = error.rcvd
        return (close.code, close.reason) if close else (0, "")


def enter(server: LocalServer, gate: Gate) -> str:
    """The cookie of a phone that scans the code."""
    answer = ask(server, f"{REMOTE_PAGE}?{gate.link.partition('?')[2]}")
    assert (answer.status, answer.getheader("Location")) == (303, REMOTE_PAGE)
    return (answer.getheader("Set-Cookie") or "").split(";")[0]


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request comes from another machine."""
    monkeypatch.setattr("pipeline.serve.pairing.is_local", lambda _: False)
    monkeypatch.setattr(relay, "is_local", lambda _: False)


def test_a_press_reaches_the_page_and_its_answer_the_phone(server: LocalServer) -> None:
    """What a phone says comes with its number; what the page says goes to that phone, or to all."""
    with joined(server, "?as=page") as page, joined(server) as one, joined(server) as two:
        first = hear(page, "came")["phone"]
        second = hear(page, "came")["phone"]
        tell(one, **PRESS)
        assert hear(page, "press") == {**PRESS, "phone": first}
        tell(page, type="taken", to=first, n=1, why="")
        tell(page, type="state", at="0/1")
        assert hear(one, "taken")["n"] == 1
        assert hear(one, "state")["at"] == "0/1"
        told = [json.loads(two.recv(PATIENCE_S))["type"] for _ in range(2)]
        assert told == ["page", "state"]
        tell(two, type="pointer", x=0.5, y=1, on=True)
        assert hear(page, "pointer")["phone"] == second


def test_a_phone_hears_whether_there_is_a_page(server: LocalServer) -> None:
    """None, one that comes, one that goes; of two pages the later one has the phones.

    One that only asks gets them when no other has.
    """
    with joined(server) as phone:
        assert hear(phone, "page")["here"] is False
        with joined(server, "?as=page") as page:
            assert hear(phone, "page")["here"] is True
            with joined(server, "?as=page") as later:
                assert ended(page)[0] == relay.REPLACED
                assert hear(later, "phones")["phones"]
                with joined(server, "?as=page&if=free") as asking:
                    assert ended(asking)[0] == relay.REPLACED
            assert hear(phone, "page")["here"] is True
            assert hear(phone, "page")["here"] is False
        with joined(server, "?as=page&if=free") as asking:
            assert hear(asking, "phones")["phones"]


@pytest.mark.parametrize(
    "rubbish",
    [
        "",
        "hello",
        "[" * 400,
        json.dumps({"type": "press"}),
        json.dumps({**PRESS, "does": "reset"}),
        json.dumps({**PRESS, "more": 1}),
        json.dumps({"type": "pointer", "x": 2, "y": 0, "on": True}),
        json.dumps({"type": "state", "at": "9/9"}),
        json.dumps({**PRESS, "at": "a" * 5000}),
    ],
)
def test_rubbish_of_a_phone_ends_its_connection(server: LocalServer, rubbish: str) -> None:
    """Nothing of it reaches the page, and another phone goes on."""
    with joined(server, "?as=page") as page, joined(server) as bad, joined(server) as good:
        bad.send(rubbish)
        assert ended(bad) == (relay.RUBBISH, "not understood")
        tell(good, type="ping", n=7)
        heard: list[dict[str, Any]] = []
        while not heard or heard[-1]["type"] != "ping":
            heard.append(json.loads(page.recv(PATIENCE_S)))
        assert {one["type"] for one in heard} <= {"phones", "code", "came", "pointer", "ping"}
        assert not any(one.get("on") for one in heard)


def test_a_thousand_messages_are_cut_off_with_a_word(server: LocalServer) -> None:
    """However fast they come: so many pass in a second, and then none."""
    with joined(server, "?as=page") as page, joined(server) as phone:
        hear(page, "came")
        with contextlib.suppress(ConnectionClosed):
            for n in range(1000):
                tell(phone, **{**PRESS, "n": n})
        assert ended(phone) == (relay.TOO_MANY, "too many messages")
        kinds = list(iter(lambda: json.loads(page.recv(PATIENCE_S))["type"], "phones"))
        assert 0 < kinds.count("press") <= 2 * relay.MOST_A_SECOND


def test_a_message_longer_than_the_page_needs_is_refused(server: LocalServer) -> None:
    """A slide's script passes, more doesn't."""
    with joined(server, "?as=page") as page, joined(server) as phone:
        hear(page, "came")
        tell(page, type="script", lines="a" * 50_000)
        assert len(hear(phone, "script")["lines"]) == 50_000
        tell(page, type="script", lines="a" * relay.MOST_HEARD)
        assert ended(page)[0] == 1009


@pytest.mark.usefixtures("elsewhere")
def test_a_phone_reaches_a_list_and_nothing_else(server: LocalServer, gate: Gate) -> None:
    """Its page, its socket, the deck and its pictures: not the script, records or the page."""
    assert ask(server, REMOTE_PAGE).status == 403
    with pytest.raises(InvalidStatus):
        joined(server)
    cookie = enter(server, gate)
    for path in (REMOTE_PAGE, "/index.html", "/deck.css", "/figures/a.svg"):
        assert ask(server, path, cookie=cookie).status == 200
    for path in (
        "/",
        "/rehearse.html",
        "/script.html",
        "/notes.js",
        "/captions.vtt",
        "/voice",
        "/rehearsals",
        "/results.json",
        "/../results.json",
        "/talk.toml",
        "/figures/..%2fscript.html",
        *("//notes.js", "/./notes.js", "/notes.js/", "/%2fnotes.js", "/Notes.js"),
        *("/x/../notes.js", "/figures/%2e%2e/notes.js", "/deck.css/../notes.js"),
    ):
        assert ask(server, path, cookie=cookie).status == 403, path
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert ask(server, "/rehearsals", method, cookie).status == 403
    with joined(server, "?as=page", cookie) as phone:  # it says so, and is a phone all the same
        assert hear(phone, "page")["here"] is False


@pytest.mark.usefixtures("elsewhere")
def test_who_scans_a_used_code_is_told_so(server: LocalServer, gate: Gate) -> None:
    """As a page, in the talk's language, that holds no word of the talk."""
    address = f"{REMOTE_PAGE}?{gate.link.partition('?')[2]}"
    enter(server, gate)
    connection = HTTPConnection(LOCAL, server.port, timeout=PATIENCE_S)
    connection.request("GET", address, headers={"Accept": "text/html,*/*"})
    answer = connection.getresponse()
    assert answer.status == 403
    assert "each is good once" in answer.read().decode()
    gate.locale = locale_of("de")
    assert "gilt einmal" in refused_page(gate.locale)


@pytest.mark.usefixtures("elsewhere")
def test_a_phone_that_is_unpaired_needs_a_new_code(server: LocalServer, gate: Gate) -> None:
    """By itself or by the page: its socket closes, its cookie is worth nothing."""
    cookie = enter(server, gate)
    with joined(server, cookie=cookie) as phone:
        tell(phone, type="unpair")
        assert ended(phone) == (relay.UNPAIRED, "unpaired")
    assert ask(server, REMOTE_PAGE, cookie=cookie).status == 403
    cookie = enter(server, gate)
    assert ask(server, REMOTE_PAGE, cookie=cookie).status == 200
    assert COOKIE in cookie


def test_a_finger_goes_with_its_phone_and_with_no_other(server: LocalServer) -> None:
    """Who leaves while it points leaves no dot; who didn't point takes none away."""
    with joined(server, "?as=page") as page:
        with joined(server) as one:
            with joined(server) as two:
                tell(one, type="pointer", x=0.5, y=0.5, on=True)
                hear(page, "pointer")
                tell(two, type="ping", n=1)
                hear(page, "ping")
            said = [json.loads(page.recv(PATIENCE_S))["type"]]
            assert said == ["phones"]
        assert hear(page, "pointer")["on"] is False


def test_one_phone_too_many_is_told_so(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that are there stay."""
    monkeypatch.setattr(relay, "MOST_PHONES", 1)
    with joined(server) as first:
        hear(first, "page")
        with joined(server) as second:
            assert ended(second) == (relay.FULL, "too many phones")
        with joined(server, "?as=page") as page:
            tell(first, type="ping", n=1)
            assert hear(page, "ping")["n"] == 1


def test_the_page_unpairs_a_phone(server: LocalServer) -> None:
    """The one that it names, and no other."""
    with joined(server, "?as=page") as page, joined(server) as one, joined(server) as two:
        first = hear(page, "came")["phone"]
        hear(page, "came")
        tell(page, type="unpair", to=first)
        assert ended(one)[0] == relay.UNPAIRED
        tell(two, type="ping", n=1)
        assert hear(page, "ping")["phone"] != first


@pytest.mark.usefixtures("elsewhere")
def test_a_phone_that_comes_back_is_the_same_one(
    server: LocalServer, gate: Gate, tmp_path: Path
) -> None:
    """Its older socket ends; a server that is started again knows it, for half a day."""
    cookie = enter(server, gate)
    with joined(server, cookie=cookie) as old, joined(server, cookie=cookie) as new:
        assert ended(old)[0] == relay.REPLACED
        tell(new, type="ping", n=1)
    session = cookie.partition("=")[2]
    assert session not in (tmp_path / "phones.json").read_text("utf-8")
    again = Gate(LOCAL, 0, print, REMOTE_PAGE, tmp_path / "phones.json")
    assert again.knows(session)
    again.forget(session)
    assert not Gate(LOCAL, 0, print, REMOTE_PAGE, tmp_path / "phones.json").knows(session)
    (tmp_path / "phones.json").write_text("[]", "utf-8")
    assert not Gate(LOCAL, 0, print, REMOTE_PAGE, tmp_path / "phones.json").knows(session)


def test_a_code_is_drawn_once_however_often_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each wrong token shows the code again, and who guesses thousands must not keep it busy."""
    drawn: list[str] = []

    def make(address: str, **_: object) -> _Code:
        drawn.append(address)
        return _Code()

    monkeypatch.setattr("segno.make", make)
    for address in ("http://a/?token=1", "http://a/?token=1", "http://a/?token=2"):
        assert qr_picture(address) == "data:,code"
    assert drawn == ["http://a/?token=1", "http://a/?token=2"]


class _Code:
    def svg_data_uri(self, **_: object) -> str:
        return "data:,code"


def test_wrong_tokens_are_counted_and_bring_a_new_one(gate: Gate, said: list[str]) -> None:
    """A used one and a guessed one; with the tenth the code is another."""
    token = gate.link.partition("token=")[2]
    assert gate.enter(token)
    after = gate.link
    assert gate.enter(token) is None
    for n in range(8):
        assert gate.enter(f"guess {n}") is None
    assert (gate.refused, gate.link) == (9, after)
    assert gate.enter("once more") is None
    assert gate.link != after
    assert "10 wrong tokens were refused" in said


def test_the_page_is_shown_the_code_that_is_good_now(
    server: LocalServer, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an address and as a picture; anew when one was used, or wrong."""
    monkeypatch.setattr("pipeline.serve.pairing.is_local", lambda _: False)
    monkeypatch.setattr(Gate, "knows", lambda *_: True)  # or the page couldn't come in
    with joined(server, "?as=page") as page:
        tell(page, type="code")
        code = hear(page, "code")
        assert code["link"] == gate.link
        assert code["picture"].startswith("data:image/svg+xml")
        monkeypatch.setattr(Gate, "knows", lambda *_: False)
        enter(server, gate)
        assert hear(page, "code")["link"] == gate.link != code["link"]
        assert ask(server, f"{REMOTE_PAGE}?token=wrong").status == 403
        assert hear(page, "code")["refused"] == 1


def test_without_a_network_it_says_how_to_make_one(
    said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The phone's own hotspot; once this machine is in it, there is a code."""
    monkeypatch.setattr(web, "own_address", lambda: None)
    gate = Gate(None, 8340, said.append, REMOTE_PAGE)
    assert gate.look() is None
    gate.invite()
    assert said == [NO_NETWORK]
    assert "hotspot" in NO_NETWORK
    monkeypatch.setattr(web, "own_address", lambda: "192.0.2.7")
    assert gate.look() == "192.0.2.7"
    assert gate.names == ["192.0.2.7"]
    assert gate.link.startswith("http://192.0.2.7:8340/phone.html?token=")


def test_who_takes_nothing_is_let_go(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A phone that doesn't listen costs the server a bounded number of messages."""
    monkeypatch.setattr(relay, "MOST_UNSENT", 5)
    with joined(server, "?as=page") as page, joined(server) as phone:
        hear(page, "came")
        for n in range(400):
            tell(page, type="script", lines="a" * 50_000, n=n)
        tell(page, type="code")
        hear(page, "code")
        until(lambda: phone.close_code is not None or _read(phone), "its end", 20)


def _read(line: ClientConnection) -> bool:
    try:
        line.recv(0.1)
    except ConnectionClosed:
        return True
    except TimeoutError:
        pass
    return False


def test_the_command_lets_phones_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`rehearse --phone` prints the page and the code; without a network, what helps."""
    talk = write_second_talk(tmp_path / "talk")
    monkeypatch.setattr(web, "until_interrupted", contextlib.nullcontext)
    for own, told in (("192.0.2.7", "http://192.0.2.7:"), (None, NO_NETWORK)):
        monkeypatch.setattr(web, "own_address", lambda own=own: own)
        assert main(["rehearse", "--phone", "--port", "0", "--talk", str(talk)]) == 0
        said = capsys.readouterr().err
        assert "rehearse.html" in said
        assert told in said
    page = (talk / "out" / "speaker" / "rehearse.html").read_text("utf-8")
    assert "/phone?as=page" not in page  # that one is made for the server alone
