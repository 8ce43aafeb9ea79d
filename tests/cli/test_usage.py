"""Wrong usage, and what the system refuses: one message and an exit status, never a traceback."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.needs import ROOT, posix
from support.second_talk import write_second_talk

from pipeline.cli import main
from pipeline.cli.options import BuildOptions, talk_here
from pipeline.cli.run import COMMANDS

LONG = "n" * 300


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Exit status, stdout and stderr of one command."""
    status = main(list(arguments))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small talk that was built once, a link to itself and a file."""
    folder = tmp_path_factory.mktemp("shelf")
    (folder / "loop").symlink_to("loop")
    (folder / "file").write_text("")
    root = write_second_talk(folder / "bread")
    assert main(["--talk", str(root), "--out", str(folder / "pages")]) == 0
    return folder


@pytest.fixture
def talk(shelf: Path, tmp_path: Path) -> Path:
    """A copy of the talk, its typeface already cut."""
    shutil.copytree(shelf / "bread", tmp_path / "bread")
    return tmp_path / "bread"


WRONG = [
    ("tmie", "unknown command `tmie`", "did you mean `time`?"),
    ("--quik", "unknown argument `--quik`", "did you mean `--quick`?"),
    ("check more", "unknown argument `more`", "known: "),
    ("--quick check", "unknown argument `check`", "the command comes first"),
    ("why", "the following arguments are required: WHAT", "`python build.py why --help`"),
    ("serve --port 99999", "--port: a port from 0 to 65535, not `99999`", "serve --help"),
    ("rehearse --port x", "--port: a port from 0 to 65535, not `x`", "rehearse --help"),
    ("screenshots --width 0 x", "--width: pixels from 160 to 8000, not `0`", "--help"),
    ("screenshots --height 1e9 x", "--height: pixels from 90 to 8000, not `1e9`", "--help"),
    ("time --slot -5", "--slot: minutes from 1 to 600, not `-5`", "time --help"),
    ("time --slot nan", "--slot: minutes from 1 to 600, not `nan`", "time --help"),
    ("time --wpm 1000", "--wpm: words a minute from 60 to 300, not `1000`", "time --help"),
    ("time --save short", "--save says nothing without --slot", ""),
    ("publish --notes", "--notes says nothing without --pdf", ""),
    ("rehearse --json", "--json says nothing without --report", ""),
    ("rehearse --keep-audio", "--keep-audio says nothing without --voice", ""),
    ("rehearse --voice-model model", "--voice-model says nothing without --voice", ""),
    ("rehearse --apply all", "--apply: invalid choice: 'all'", "rehearse --help"),
    ("serve --train-live long", "--train-live: invalid choice: 'long'", "serve --help"),
]


@pytest.mark.parametrize(("words", "message", "hint"), WRONG, ids=[words for words, *_ in WRONG])
def test_wrong_usage_is_one_message(
    words: str, message: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 2, what is wrong and what would be right; nothing is done."""
    status, out, err = run(*words.split(), capsys=capsys)
    assert status == 2
    assert out == ""
    assert err.startswith(f"error: {message}")
    assert hint in err
    assert err.count("error:") == 1


def test_where_nobody_could_listen_nothing_begins(
    talk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the extra, without a model of the language, with a folder of none, and --live."""
    monkeypatch.chdir(talk)
    settings = (talk / "talk.toml").read_text("utf-8")
    listen = ("rehearse", "--talk", str(talk), "--voice")
    for words, message, hint in [
        (("--live", "--keep-audio"), "--live keeps nothing, --keep-audio does", "leave one out"),
        (("--voice-model", "deck"), "", "deck"),
    ]:
        status, _, err = run(*listen, *words, capsys=capsys)
        assert (status, err.count("error:")) == (2, 1)
        assert err.startswith(f"error: {message}") or not message
        assert hint in err
    (talk / "talk.toml").write_text(settings.replace('language = "en"', 'language = "de"'), "utf-8")
    status, _, err = run(*listen, capsys=capsys)
    assert status == 2
    assert "--voice-model" in err
    (talk / "talk.toml").write_text(settings, "utf-8")
    monkeypatch.setattr("pipeline.voice.models.find_spec", lambda _: None)
    status, _, err = run(*listen, capsys=capsys)
    assert status == 2
    assert 'pip install ".[voice]"' in err  # as everywhere in a checkout


@pytest.mark.parametrize("words", ["build --out", "new", "rehearse --voice-model"])
def test_an_empty_name_is_no_folder(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is a variable that isn't set: nothing is written into the folder here."""
    status, _, err = run(*words.split(), "", capsys=capsys)
    assert status == 2
    assert "an empty name" in err


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_a_help_with_an_example(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """--help of each command ends with an example that the command line takes."""
    with pytest.raises(SystemExit) as leaving:
        main([command, "--help"])
    assert leaving.value.code == 0
    out = capsys.readouterr().out
    (example,) = re.findall(r"example:\n  python build\.py (.+)\n", out)
    assert example.split()[0] == command


def test_the_overview_names_each_command(capsys: pytest.CaptureFixture[str]) -> None:
    """`python build.py --help` has a line for each."""
    with pytest.raises(SystemExit):
        main(["--help"])
    out = capsys.readouterr().out
    assert re.findall(r"^    ([a-z]+)", out, re.MULTILINE) == list(COMMANDS)


REFUSED = [
    "--talk loop",
    "--talk file",
    "--talk nowhere",
    f"--talk {LONG}",
    "--talk bread --out loop",
    "--talk bread --out loop/x",
    "--talk bread --out file",
    f"--talk bread --out {LONG}",
    "--talk bread --cut nowhere",
    "check --talk loop",
    "publish --talk bread --out loop",
    "publish --talk bread --out file",
    f"publish --talk bread --out {LONG}",
    "time --talk bread --script loop",
    "time --talk bread --script file/x",
    f"time --talk bread --script {LONG}",
    "time --talk bread --script bread",
    "time --talk bread --plot file/x",
    f"time --talk bread --plot {LONG}",
    "time --talk bread --fix-encoding --script loop",
    "rehearse --talk bread --out file",
    "rehearse --talk bread --import loop",
    "rehearse --talk bread --import bread",
    f"rehearse --talk bread --import {LONG}",
    "screenshots --talk bread --out file shots",
    "why finetuned.f1 --talk bread",
    "pin --talk bread",
    "diff one two three --talk bread",
    "new loop",
    "new file",
    "new file/x",
    "new bread",
    f"new {LONG}",
]


@pytest.mark.parametrize("words", REFUSED, ids=[words[:40] for words in REFUSED])
def test_what_the_system_refuses_is_one_message(
    words: str, shelf: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Looping, missing and too long paths, files in the way: exit status 1 and what it was."""
    monkeypatch.chdir(shelf)
    status, _, err = run(*words.split(), capsys=capsys)
    assert status == 1
    assert err.count("error:") == 1
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (errno.ENOSPC, "make room, or choose another folder with --out"),
        (errno.EROFS, "choose a place that can be written; --out says where pages go"),
        (errno.EACCES, "change its rights, or choose another place"),
        (errno.EIO, None),
    ],
)
def test_the_message_says_what_to_do(
    number: int,
    hint: str | None,
    talk: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A full or read-only disk has a hint; a broken one has the system's words alone."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), "a page")

    monkeypatch.setattr("pipeline.pages.speaker.write_deck", refuse)
    status, _, err = run("--talk", str(talk), capsys=capsys)
    assert status == 1
    assert err == f"error: a page: {os.strerror(number)}\n" + (f"hint: {hint}\n" if hint else "")


@posix
def test_debug_shows_where_it_happened(shelf: Path) -> None:
    """--debug lets the error through, with its traceback."""
    with pytest.raises(OSError, match="File exists"):
        main(["--debug", "--talk", str(shelf / "bread"), "--out", str(shelf / "file")])


def test_a_full_disk_leaves_the_old_pages(
    talk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No new page lies beside an old one, however many files there was still room for."""
    assert main(["--talk", str(talk)]) == 0
    pages = talk / "out" / "speaker"
    before = {path.name: path.read_bytes() for path in pages.rglob("*.*")}
    script = talk / "script" / "voiceover.md"
    script.write_text(script.read_text("utf-8").replace("water", "FLOUR"), "utf-8")
    slide = talk / "deck" / "slides" / "02-steps.md"
    slide.write_text(slide.read_text("utf-8").replace("Mix", "Stir"), "utf-8")
    opened = os.fdopen
    for room in range(6):
        left = iter(range(room))

        def until_full(handle: int, *how: str, left: object = left) -> object:
            if next(left, None) is None:  # type: ignore[call-overload]
                os.close(handle)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return opened(handle, *how)

        monkeypatch.setattr("os.fdopen", until_full)
        assert run("--talk", str(talk), capsys=capsys)[0] == 1
        assert {path.name: path.read_bytes() for path in pages.rglob("*.*")} == before
    monkeypatch.setattr("os.fdopen", opened)
    assert main(["--talk", str(talk)]) == 0
    assert "Stir" in (pages / "index.html").read_text("utf-8")


@posix
def test_a_read_only_talk_builds_elsewhere(
    talk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --out, what can be made again is kept there, too."""
    out = talk.parent / "elsewhere"
    shutil.rmtree(talk / ".cache")
    real = os.access
    monkeypatch.setattr(
        "os.access", lambda path, mode: not Path(path).is_relative_to(talk) and real(path, mode)
    )
    status, _, err = run("--talk", str(talk), "--out", str(out), capsys=capsys)
    assert status == 0, err
    assert sorted(path.name for path in talk.iterdir()) == ["deck", "script", "talk.toml"]
    assert (out / ".cache").is_dir()


@posix
def test_a_reader_that_leaves_is_no_error() -> None:
    """`… time --help | head -1` says nothing more."""
    done = subprocess.run(
        f"{sys.executable} build.py time | true",
        shell=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr


def test_a_run_can_be_made_again_by_its_command() -> None:
    """It names no path of this machine."""
    options = BuildOptions(data="/home/me/data.tsv", model="/m", quick=True, frozen=True)
    assert options.command == "talkwright --quick --data PATH --model PATH"


def test_a_terminal_that_lacks_a_sign_shows_its_code(talk: Path) -> None:
    """Windows' own encodings have half of the signs that talks are written in."""
    script = talk / "script" / "voiceover.md"
    script.write_text(script.read_text("utf-8").replace("HELLO", "BRÖTCHEN"), "utf-8")
    done = subprocess.run(
        [sys.executable, "build.py", "time", "--talk", str(talk)],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert r"BR\xd6TCHEN" in done.stdout


def test_the_talk_is_the_one_of_this_folder(
    talk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without --talk: where the command is called, or above; else the one beside build.py."""
    monkeypatch.chdir(talk)
    assert talk_here().resolve() == talk.resolve()
    monkeypatch.chdir(talk / "deck" / "slides")
    assert talk_here().resolve() == talk.resolve()
    monkeypatch.chdir(talk.parent)
    assert talk_here() == ROOT
    monkeypatch.chdir(talk)
    status, out, err = run("check", "--no-browser", capsys=capsys)
    assert (status, out) == (0, "")  # no run: its numbers are listed with --numbers alone
    assert "(Bread at home)" in err
    monkeypatch.chdir(talk / "deck")
    status, out, _ = run("check", "--no-browser", "--numbers", "--talk", "..", capsys=capsys)
    assert status == 0
    assert " numbers: " in out


def test_pictures_show_the_slides_as_they_are_now(
    talk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`screenshots` builds the pages first: what was built before is never what it shows."""
    index, seen = talk / "out" / "speaker" / "index.html", []

    def take(deck: Path, *_: object, **__: object) -> list[Path]:
        seen.append(deck.read_text(encoding="utf-8"))
        return []

    monkeypatch.setattr("pipeline.export.screenshots.screenshots", take)
    assert run("screenshots", "--talk", str(talk), "shots", capsys=capsys)[0] == 0
    slide = talk / "deck" / "slides" / "03-bye.md"
    text = slide.read_text(encoding="utf-8")
    slide.write_text(re.sub("title: .*", "title: So long", text), encoding="utf-8")
    assert run("screenshots", "--talk", str(talk), "shots", capsys=capsys)[0] == 0
    assert ["So long" in page for page in seen] == [False, True]
    assert "So long" in index.read_text(encoding="utf-8")
