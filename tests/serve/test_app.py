"""The preview's server: who it answers, what it shows, and what it is sent."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.live_talk import StandIn, until
from support.needs import posix
from support.second_talk import ROOT, write_second_talk
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from pipeline.measured import NOTHING
from pipeline.problems import TalkError
from pipeline.serve import processes, web
from pipeline.serve.app import serving
from pipeline.serve.connections import is_local
from pipeline.serve.pairing import Gate
from pipeline.serve.session import Service
from pipeline.serve.web import LocalServer

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LocalServer, Service]]:
    folder = tmp_path_factory.mktemp("bread")
    root = write_second_talk(folder / "talk")
    (root / "out" / "speaker").mkdir(parents=True)
    (root / "out" / "speaker" / "rehearse.html").write_text("rehearse", "utf-8")
    (root / "secret.txt").write_text("secret", "utf-8")
    (root / "out" / "speaker" / "link.txt").symlink_to(root / "secret.txt")
    with serving(
        root,
        root / "out",
        folder / "cache",
        lambda _: NOTHING,
        lambda _: None,
        port=0,
        load_model=StandIn,
    ) as (server, service):
        until(lambda: service.shown and service.desk.state.name == "ready", "the start", 60)
        yield server, service


def ask(
    server: LocalServer,
    path: str,
    method: str = "GET",
    body: bytes | None = None,
    **headers: str,
) -> tuple[int, bytes, http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, named)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content, answer


JSON = {"Content_Type": "application/json"}


def test_the_deck_and_its_files_are_served(running: tuple[LocalServer, Service]) -> None:
    """The page with what only a preview has, its files, and the pages built beside it."""
    server, service = running
    status, page, answer = ask(server, "/")
    assert status == 200
    assert b"Bread at home" in page
    assert service.shown
    assert f'data-version="{service.shown.version}"'.encode() in page
    assert answer.getheader("Cache-Control") == "no-store"
    for name, kind in (
        ("deck.css", "text/css"),
        ("manrope.woff2", "font/woff2"),
        ("live/live.js", "text/javascript"),
        ("rehearse.html", "text/html"),
    ):
        status, content, answer = ask(server, f"/{name}")
        assert (status, bool(content)) == (200, True), name
        assert (answer.getheader("Content-Type") or "").startswith(kind)
    assert ask(server, "/", "HEAD")[:2] == (200, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/link.txt",
        "//etc/passwd",
        "/..\\secret.txt",
        "/C:/secret.txt",
        "/rehearse.html%00.css",
        "/live/../../../talk.toml",
        "/live/live.js/../../x",
        "/%ff",
        "/figures/",
    ],
)
def test_nothing_outside_the_folder_is_served(
    path: str, running: tuple[LocalServer, Service]
) -> None:
    """Neither by dots, encoded or not, nor by a link, nor by a drive's name."""
    status, content, _ = ask(running[0], path)
    assert status == 404
    assert b"secret" not in content


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "localhost:1", "127.0.0.1:80@evil"])
def test_it_answers_to_its_own_name_alone(host: str, running: tuple[LocalServer, Service]) -> None:
    """A page that points its own host name at this machine gets nothing."""
    for path in ("/", "/deck.css", "/live/state", "/live/socket"):
        status, content, _ = ask(running[0], path, Host=host)
        assert status == 421
        assert b"another name" in content
    assert ask(running[0], "/", Host=f"localhost:{running[0].port}")[0] == 200


def test_questions_are_checked(running: tuple[LocalServer, Service]) -> None:
    """Each that can't be answered says why."""
    server = running[0]
    here = f"http://127.0.0.1:{server.port}"
    good = json.dumps({"text": "win a prize"}).encode()
    cases = [
        (good, {**JSON, "Origin": "http://evil.example"}, 403, "another site"),
        (good, {"Content_Type": "text/plain"}, 415, "JSON"),
        (b"nonsense", JSON, 400, "a question is"),
        (b'{"text": 3}', JSON, 400, "a question is"),
        (b'["text"]', JSON, 400, "a question is"),
        (b"[" * 100_000, JSON, 400, "a question is"),
        (json.dumps({"text": " \n"}).encode(), JSON, 400, "empty"),
        (json.dumps({"text": "x" * 1_100_000}).encode(), JSON, 413, "1024 kB"),
    ]
    for body, headers, expected, said in cases:
        status, content, _ = ask(server, "/live/classify", "POST", body, **headers)
        assert status == expected, content
        assert said in json.loads(content)["error"]
    assert ask(server, "/live/other", "POST", good, **JSON)[0] == 404
    status, content, _ = ask(server, "/live/classify", "POST", good, **JSON, Origin=here)
    assert status == 200
    assert json.loads(content)["tokens"] == ["win", "a", "prize"]


@pytest.mark.parametrize("text", ["\0", "😀🎉", "مرحبا بالعالم", "\ud800", "x" * 100_000])
def test_odd_texts_are_answered(text: str, running: tuple[LocalServer, Service]) -> None:
    """NUL, emoji, right to left, half a surrogate, 100 kB."""
    body = json.dumps({"text": text}).encode()
    assert ask(running[0], "/live/classify", "POST", body, **JSON)[0] == 200


def test_five_hundred_questions_at_once_are_answered_or_told_to_wait(
    running: tuple[LocalServer, Service],
) -> None:
    """None is lost, none ends in an error, and the deck is served meanwhile."""
    server = running[0]
    body = json.dumps({"text": "win a prize"}).encode()
    ready = threading.Barrier(101)

    def one(number: int) -> int:
        if number < 100:
            ready.wait(30)
        status, content, _ = ask(server, "/live/classify", "POST", body, **JSON)
        if status == 429:
            assert json.loads(content)["wait_s"] > 0
        return status

    with ThreadPoolExecutor(100) as pool:
        jobs = [pool.submit(one, number) for number in range(500)]
        ready.wait(30)
        assert ask(server, "/")[0] == 200
        found = [job.result(60) for job in jobs]
    assert set(found) <= {200, 429}
    assert found.count(200) > 0


def test_a_socket_says_hello_and_tells_what_changed(
    running: tuple[LocalServer, Service],
) -> None:
    """What it is about, and nothing that the browser has; a foreign page's socket is refused."""
    server, service = running
    assert service.shown
    address = f"ws://127.0.0.1:{server.port}/live/socket"
    with connect(f"{address}?have={service.shown.version}") as line:
        assert [json.loads(line.recv(10))["type"] for _ in range(2)] == ["hello", "mended"]
    with connect(f"{address}?have=nothing") as line:
        found = [json.loads(line.recv(10)) for _ in range(3)]
        assert [message["type"] for message in found] == ["hello", "patch", "mended"]
        assert found[1]["order"] == list(service.shown.deck.sections)
    with pytest.raises(InvalidStatus) as refused, connect(address, origin="http://evil.example"):
        pass
    assert refused.value.response.status_code == 403
    until(lambda: not service._browsers, "the browser is forgotten")


def test_a_port_in_use_is_named_with_a_free_one(running: tuple[LocalServer, Service]) -> None:
    """Asked for: an error. Not asked for: the next one is taken."""
    taken = running[0].port
    with pytest.raises(TalkError, match=f"port {taken} is in use") as raised:
        web.listen(taken, 8320)
    assert "is free" in raised.value.hint
    with web.listen(None, taken) as other:
        assert other.getsockname()[1] > taken


def test_a_token_lets_one_device_in_and_then_there_is_a_new_one() -> None:
    """What stood on the wall for a moment is of no use afterwards."""
    said: list[str] = []
    gate = Gate("192.0.2.7", 8320, said.append)
    assert gate.link.startswith("http://192.0.2.7:8320/?token=")
    first = gate.link.partition("token=")[2]
    assert gate.enter("wrong") is None
    session = gate.enter(first)
    assert session
    assert gate.enter(first) is None
    assert gate.link.partition("token=")[2] != first
    assert gate.link in said[-1]
    assert "█" in said[-1]
    assert gate.knows(session)
    assert not gate.knows("guessed")
    assert not gate.knows("")
    assert is_local("127.0.0.1")
    assert not is_local("192.0.2.7")


def test_another_device_needs_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --host: without a token nothing, with it a cookie, and with that the deck."""
    root = write_second_talk(tmp_path / "talk")
    monkeypatch.setattr("pipeline.serve.pairing.is_local", lambda _: False)
    monkeypatch.setattr(web, "own_address", lambda: "127.0.0.1")
    with serving(
        root,
        root / "out",
        tmp_path / "cache",
        lambda _: NOTHING,
        lambda _: None,
        port=0,
        to_network=True,
    ) as (server, service):
        until(lambda: service.shown, "the first build", 60)
        assert service.gate
        for path in ("/", "/deck.css", "/live/state", "/?token=guess"):
            assert ask(server, path)[0] == 403
        assert ask(server, "/live/classify", "POST", b"{}", **JSON)[0] == 403
        status, _, answer = ask(server, f"/?token={service.gate.link.partition('token=')[2]}")
        assert status == 303
        cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
        assert "HttpOnly" in (answer.getheader("Set-Cookie") or "")
        assert ask(server, "/", Cookie=cookie)[0] == 200
        assert b"phone-theme" in ask(server, "/phone.html", Cookie=cookie)[1]
        assert b"/phone?as=page" in ask(server, "/rehearse.html", Cookie=cookie)[1]
        to_remote = service.gate.link_to("/phone.html").partition(f":{server.port}")[2]
        assert ask(server, to_remote)[2].getheader("Location") == "/phone.html"


def test_without_a_network_there_is_no_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Said at once, instead of a QR code that leads nowhere."""
    monkeypatch.setattr(web, "own_address", lambda: None)
    with (
        pytest.raises(TalkError, match="in no network"),
        serving(
            tmp_path, tmp_path, tmp_path, lambda _: NOTHING, lambda _: None, port=0, to_network=True
        ),
    ):
        pass


def test_it_listens_on_this_machine_alone(running: tuple[LocalServer, Service]) -> None:
    """Without --host no other machine can reach it."""
    assert running[0].address == "127.0.0.1"


def test_the_notebook_needs_jupyterlab_and_a_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are said with what to do."""
    with pytest.raises(TalkError, match="no notebook"):
        processes.find_notebook(tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with (
        pytest.raises(TalkError, match="JupyterLab is not installed") as raised,
        processes.jupyter(tmp_path / "a.ipynb", tmp_path, print),
    ):
        pass
    assert "notebook" in raised.value.hint


def test_a_jupyterlab_that_ends_by_itself_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It refuses to run as root, say: the preview goes on, and the terminal says why it is gone."""
    package = tmp_path / "jupyterlab"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text("raise SystemExit(3)\n", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    said: list[str] = []
    with processes.jupyter(tmp_path / "a.ipynb", tmp_path, said.append):
        until(lambda: len(said) == 2, "its end")
    assert said[1] == "notebook: JupyterLab ended with status 3; it says why above"


def test_a_broken_script_is_shown_only_where_it_broke_while_serving(tmp_path: Path) -> None:
    """What was wrong at the start is said in the terminal: it must not cover a deck on stage."""
    root = write_second_talk(tmp_path / "talk")
    script = root / "script" / "voiceover.md"
    whole = script.read_text("utf-8")
    first = whole.replace("## SLIDE 2", "**[CLIK]**\n\n## SLIDE 2")
    script.write_text(first, "utf-8")
    said: list[str] = []
    with serving(
        root, root / "out", tmp_path / "cache", lambda _: NOTHING, said.append, port=0
    ) as (
        _,
        service,
    ):
        until(lambda: service.shown, "the start", 60)
        assert service.problem is None
        assert next(line for line in said if "CLIK" in line).startswith(
            "error: script/voiceover.md:"
        )
        script.write_text(first.replace("## SLIDE 3", "**[PAWS]**\n\n## SLIDE 3"), "utf-8")
        until(lambda: service.problem, "the fault")
        assert service.problem
        assert "PAWS" in service.problem.message
        script.write_text(whole, "utf-8")
        until(lambda: not service.problem, "mended")
        script.write_text(first, "utf-8")
        until(lambda: service.problem and "CLIK" in service.problem.message, "the fault, anew")
    assert said[-2] == "mended"


@posix
def test_it_comes_back_from_a_file_that_never_ends(tmp_path: Path) -> None:
    """A pipe that nobody writes to, a device, a placeholder without bounds: named, and mended."""
    root = write_second_talk(tmp_path / "talk")
    slide = root / "deck" / "slides" / "02-steps.md"
    text = slide.read_text("utf-8")
    endless = text.replace("- Mix", "- {% for i in [1] * 10**10 %}x{% endfor %}")
    with serving(
        root, root / "out", tmp_path / "cache", lambda _: NOTHING, lambda _: None, port=0
    ) as (
        _,
        service,
    ):
        until(lambda: service.shown, "the start", 60)
        for make in (
            lambda: os.mkfifo(slide),
            lambda: slide.symlink_to("/dev/zero"),
            lambda: slide.write_text(endless, "utf-8"),
        ):
            slide.unlink()
            make()
            until(lambda: service.problem, "the problem")
            assert service.problem
            assert str(service.problem.where).startswith("deck/slides/02-steps.md")
            slide.unlink()
            slide.write_text(text, "utf-8")
            until(lambda: not service.problem, "mended")


SERVE = """
import sys, time
from contextlib import nullcontext
from pathlib import Path
from pipeline.measured import NOTHING
from pipeline.serve.app import serve, serving

def say(text):
    print(text, file=sys.stderr, flush=True)

def slow(*_):
    say("it takes long")
    time.sleep(600)

def run(_):
    return NOTHING

root, model = Path(sys.argv[1]), slow if "load" in sys.argv[2] else None
measured_of = run if model else slow
session = serving(root, root / "out", root / "cache", measured_of, say, port=0, load_model=model)
serve(session, say, nullcontext())
"""


@posix
@pytest.mark.slow
@pytest.mark.parametrize("what", ["serve", "rehearse", "while a model loads", "while it builds"])
def test_ctrl_c_ends_at_once_with_status_0(what: str, tmp_path: Path) -> None:
    """Without a traceback, and with a browser that has a socket open."""
    root = write_second_talk(tmp_path / "talk")
    command = [str(ROOT / "build.py"), what, "--talk", str(root), "--port", "0"]
    if what not in ("serve", "rehearse"):
        command = ["-c", SERVE, str(root), what]
    with subprocess.Popen(
        [sys.executable, *command], env=processes.environment(), stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        said = ""
        while "http://" not in said or ("while" in what and "takes long" not in said):
            line = process.stderr.readline()
            assert line, said
            said += line
        port = said.partition("http://127.0.0.1:")[2].split("/")[0]
        if what != "rehearse":
            with connect(f"ws://127.0.0.1:{port}/live/socket") as browser:
                browser.recv(30)
                process.send_signal(signal.SIGINT)
        else:
            process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait(30) == 0, rest
    assert "Traceback" not in rest
