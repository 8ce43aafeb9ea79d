"""A new talk: written whole, nothing overwritten, and nothing wrong with it."""

from __future__ import annotations

import errno
import io
import json
import re
import shutil
import tomllib
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from pipeline import __version__
from pipeline.cli import main
from pipeline.config import load_config
from pipeline.files import write_whole
from pipeline.locale import locale_of
from pipeline.locale.locale import WHOLE
from pipeline.problems import Problem, Source
from pipeline.schemas import talk_schema
from pipeline.starter import STARTERS, Kind, requirement, write_new_talk


@pytest.mark.slow
def test_a_new_talk_builds_checks_times_and_publishes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without an experiment, in both cuts, without a warning."""
    folder = tmp_path / "deep" / "my-talk"
    talk = ["--talk", str(folder)]
    assert main(["new", str(folder)]) == 0
    assert f"next: python build.py serve --talk {folder}" in capsys.readouterr().err
    assert main(["check", *talk]) == 0
    assert "nothing wrong: 4 slides, 2 cuts" in capsys.readouterr().err
    for cut in ("full", "short"):
        assert main(["time", "--cut", cut, *talk]) == 0
        assert main([*talk, "--cut", cut]) == 0
        said = capsys.readouterr().err
        assert "warning" not in said
        assert "error" not in said
    assert main(["publish", *talk]) == 0
    page = (folder / "out" / "public" / "index.html").read_text("utf-8")
    assert "Now make it yours" in page
    assert "the last evening" not in page


@pytest.mark.slow
def test_a_new_talk_without_a_script_does_all_of_it_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Notes, times and code: nothing is wrong, and no public file has a word of the notes."""
    folder = tmp_path / "my-talk"
    talk = ["--talk", str(folder)]
    assert main(["new", str(folder), "--without-script"]) == 0
    assert not (folder / "script").exists()
    assert main(talk) == 0
    assert main(["check", "--no-browser", *talk]) == 0
    assert "nothing wrong: 4 slides, 1 cut  (" in (said := capsys.readouterr().err)
    assert "warning" not in said
    assert main(["time", *talk]) == 0
    assert "3:15  0:45" in capsys.readouterr().out  # the last slide has what the others leave
    assert main(["publish", *talk]) == 0
    for path in (folder / "out" / "public").rglob("*"):
        assert path.is_dir() or b"Say who you are" not in path.read_bytes()
    assert "Say who you are" in (folder / "out" / "speaker" / "rehearse.html").read_text("utf-8")


@pytest.mark.slow
def test_a_new_talk_that_measures_shows_what_its_program_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks before it runs; once allowed, its numbers are on the slides, and nothing is wrong."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "my-talk"
    talk = ["--talk", str(folder)]
    assert main(["new", str(folder), "--measure"]) == 0
    assert f"next: python build.py --talk {folder}" in capsys.readouterr().err
    assert main(talk) == 1
    assert "python3 measure.py" in (said := capsys.readouterr().err)
    assert "say --yes" in said
    assert main([*talk, "--yes"]) == 0
    assert "lookup run" in (said := capsys.readouterr().err)
    assert "warning" not in said
    assert main(["check", "--no-browser", *talk]) == 0
    assert "nothing wrong: 4 slides, 1 cut" in capsys.readouterr().err
    assert main(["publish", *talk]) == 0
    page = (folder / "out" / "public" / "index.html").read_text("utf-8")
    assert "times as fast" in page
    assert 'data-at="lookup.size"' in page


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "second", "more"),
    [
        ("de-AT", "dateien", []),
        ("de-AT", "dateien", ["--without-script"]),
        ("de-AT", "", ["--measure"]),
        ("fr", "", ["--measure"]),
        ("es", "archivos", []),
        ("zh", "files", []),
        ("he", "files", []),
    ],
)
def test_a_new_talk_has_words_of_its_language(
    language: str, second: str, more: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Slides, script and remarks; nothing is wrong with them, and it says what comes next."""
    folder = tmp_path / "vortrag"
    assert main(["new", str(folder), "--language", language, *more]) == 0
    said = capsys.readouterr().err
    assert "English" not in said
    assert not second or f"insert NAME --after {second} --talk {folder}" in said
    assert f'language = "{language}"' in (folder / "talk.toml").read_text("utf-8")
    if "--measure" in more:
        value = {"value": 1.5, "unit": "us", "n": 5}
        values = {"list": value, "set": value, "size": {"value": 30, "unit": "numbers"}}
        (folder / "werte.json").write_text(json.dumps(values), "utf-8")
        settings = (folder / "talk.toml").read_text("utf-8")
        settings = re.sub(r"command = .*|inputs = .*|repeats = .*", "", settings)
        (folder / "talk.toml").write_text(f'{settings}\nfile = "werte.json"\n', "utf-8")
    assert main(["check", "--no-browser", "--talk", str(folder)]) == 0
    said = capsys.readouterr().err
    lines = [line for line in said.splitlines() if line.startswith(("warning", "error"))]
    assert [line for line in lines if "no face of the deck has" not in line] == []
    assert bool(lines) == (language in ("zh", "he"))  # whose faces are the machine's


@pytest.mark.parametrize("language", WHOLE[1:])
@pytest.mark.parametrize("kind", ["script", "notes", "measure"])
def test_each_whole_language_has_each_talk(kind: Kind, language: str, tmp_path: Path) -> None:
    """The same slides as the English one, at the usual pace of the language: nobody measured it."""
    made = write_new_talk(tmp_path / "talk", kind, language)
    english = [path.name[:2] for path in (STARTERS / "en" / kind / "deck" / "slides").iterdir()]
    slides = sorted((tmp_path / "talk" / "deck" / "slides").iterdir())
    assert (made.texts, [path.name[:2] for path in slides]) == (language, sorted(english))
    pace = load_config(tmp_path / "talk").pace
    assert locale_of(language).pace in (pace.words_per_minute, pace.characters_per_minute)


def test_a_language_without_words_of_its_own_is_set_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The words are English, and it says so; what is no language is refused, nothing written."""
    assert main(["new", str(tmp_path / "talk"), "--language", "it"]) == 0
    assert "its words are English, until you write yours: its language is it" in (
        capsys.readouterr().err
    )
    assert load_config(tmp_path / "talk").talk.language == "it"
    assert main(["new", str(tmp_path / "none"), "--language", "x-"]) == 1
    assert "no language has the tag `x-`" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_a_language_that_is_timed_by_characters_has_a_pace_in_them(tmp_path: Path) -> None:
    """Where the words are English too: a number of words would be one that nothing reads."""
    write_new_talk(tmp_path, "script", "ja")
    settings = tomllib.loads((tmp_path / "talk.toml").read_text("utf-8"))
    assert settings["pace"] == {"characters_per_minute": 350}


def test_editors_and_hosts_find_what_they_look_for(tmp_path: Path) -> None:
    """Schemas where the comment lines say, tasks, workflows that install what is installed here."""
    write_new_talk(tmp_path, "notes")
    settings = (tmp_path / "talk.toml").read_text("utf-8")
    named = re.match(r"#:schema (\S+)\n", settings)
    assert named
    assert (tmp_path / named[1]).read_text("utf-8") == talk_schema()
    slide = tmp_path / "deck" / "slides" / "01-title.md"
    line = re.search(r"^# yaml-language-server: \$schema=(\S+)$", slide.read_text("utf-8"), re.M)
    assert line
    assert json.loads((slide.parent / line[1]).read_text("utf-8"))["title"].startswith("A slide")
    assert "out/" in (tmp_path / ".gitignore").read_text("utf-8")
    for name in ("tasks", "extensions"):
        json.loads((tmp_path / ".vscode" / f"{name}.json").read_text("utf-8"))
    for path in (".github/workflows/publish.yml", ".gitlab-ci.yml"):
        workflow = (tmp_path / path).read_text("utf-8")
        assert f'  TALKWRIGHT: "{requirement()}"\n' in workflow
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or not re.search(r"@[A-Z]+@", path.read_text("utf-8")), path


def test_what_an_installation_left_beside_the_templates_is_not_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pip compiles the program of the starter that measures."""
    shutil.copytree(STARTERS, tmp_path / "starters")
    compiled = tmp_path / "starters" / "en" / "measure" / "__pycache__" / "measure.cpython-311.pyc"
    compiled.parent.mkdir(exist_ok=True)
    compiled.write_bytes(b"\xa7\r\r\n")
    monkeypatch.setattr("pipeline.starter.STARTERS", tmp_path / "starters")
    made = write_new_talk(tmp_path / "talk", "measure")
    assert not [path for path in made.files if path.suffix == ".pyc"]
    assert (tmp_path / "talk" / "measure.py").is_file()


def test_an_editor_finds_the_line_of_what_check_says(tmp_path: Path) -> None:
    """The tasks' problem matcher reads a message as the terminal shows it."""
    write_new_talk(tmp_path)
    tasks = json.loads((tmp_path / ".vscode" / "tasks.json").read_text("utf-8"))["tasks"]
    (matcher,) = (task["problemMatcher"] for task in tasks if task["problemMatcher"])
    slide = tmp_path / "deck" / "slides" / "01-title.md"
    shown = Problem("no: such thing", Source(slide, 3), "do: that").shown().split("\n")[0]
    found = re.match(matcher["pattern"]["regexp"], shown)
    assert found
    assert found.groups() == ("error", str(slide), "3", "no: such thing")


@pytest.mark.parametrize(
    ("origin", "wanted"),
    [
        (None, f"talkwright[publish]=={__version__}"),
        ({"url": "file:///home/me/talkwright", "dir_info": {}}, "talkwright[publish]==1.0"),
        (
            {"url": "https://example.org/talkwright", "vcs_info": {"commit_id": "abc"}},
            "talkwright[publish] @ git+https://example.org/talkwright@abc",
        ),
        (
            {"url": "https://me:secret@example.org/t", "vcs_info": {"commit_id": "abc"}},
            "talkwright[publish]==1.0",
        ),
    ],
)
def test_a_workflow_installs_what_is_installed_here(
    origin: dict[str, object] | None, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit of a repository; else the version, with no path of this machine and no password."""

    class Installed:
        version = "1.0"

        def read_text(self, _: str) -> str:
            return json.dumps(origin)

    def found(name: str) -> Installed:
        if origin is None:
            raise PackageNotFoundError(name)
        return Installed()

    monkeypatch.setattr("pipeline.starter.distribution", found)
    assert requirement() == wanted


def at_a_terminal(monkeypatch: pytest.MonkeyPatch, answers: str) -> None:
    keyboard = io.StringIO(answers)
    monkeypatch.setattr(keyboard, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", keyboard)
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")


def test_new_asks_who_is_at_the_terminal_and_said_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Enter takes what is meant; what can't be is asked again; nobody there is Enter too."""
    at_a_terminal(monkeypatch, "\n\n")
    assert main(["new", str(tmp_path / "enter")]) == 0
    assert (tmp_path / "enter" / "deck" / "slides" / "01-titel.md").is_file()
    assert "language of the talk [de]: " in capsys.readouterr().err
    at_a_terminal(monkeypatch, "klingon9\nen\nboth\nnotes\n")
    assert main(["new", str(tmp_path / "asked")]) == 0
    said = capsys.readouterr().err
    assert "no language has the tag `klingon9`" in said
    assert "`both` is none of them" in said
    assert (tmp_path / "asked" / "deck" / "slides" / "01-title.md").is_file()
    assert not (tmp_path / "asked" / "script").exists()
    at_a_terminal(monkeypatch, "")
    assert main(["new", str(tmp_path / "gone")]) == 0
    assert main(["new", str(tmp_path / "said"), "--measure"]) == 0
    assert "[" not in capsys.readouterr().err.partition("said")[2]


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither what is in a folder nor a file of that name; an empty folder is taken."""
    (tmp_path / "talk.toml").write_text("mine", "utf-8")
    assert main(["new", str(tmp_path)]) == 1
    assert "nothing is overwritten" in capsys.readouterr().err
    assert main(["new", str(tmp_path / "talk.toml")]) == 1
    assert (tmp_path / "talk.toml").read_text("utf-8") == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["talk.toml"]
    (tmp_path / "empty").mkdir()
    assert main(["new", str(tmp_path / "empty")]) == 0


def test_what_cant_be_written_whole_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full half-way: the folder is as it was, for the same command again."""
    room = iter(range(7))

    def write(path: Path, text: bytes) -> Path:
        if next(room, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return write_whole(path, text)

    monkeypatch.setattr("pipeline.starter.write_whole", write)
    (tmp_path / ".git").mkdir()
    assert main(["new", str(tmp_path)]) == 1
    assert [path.name for path in tmp_path.iterdir()] == [".git"]


def test_a_repository_that_was_just_made_is_empty_enough(tmp_path: Path) -> None:
    """Its `.git` stays; anything else beside is somebody's."""
    (tmp_path / ".git").mkdir()
    assert main(["new", str(tmp_path)]) == 0
    assert (tmp_path / "talk.toml").is_file()
    assert main(["new", str(tmp_path)]) == 1


def test_what_a_killed_call_left_is_gone_on_from(tmp_path: Path) -> None:
    """Some whole files, one half written, and the lock; talk.toml comes last."""
    done, begun = tmp_path / "done", tmp_path / "begun"
    assert main(["new", str(done)]) == 0
    shutil.copytree(done, begun)
    (begun / "talk.toml").unlink()
    (begun / "script" / "voiceover.md").rename(begun / "script" / ".voiceover.md.abcd1234.part")
    (begun / ".lock").write_text("gone")
    assert main(["new", str(begun)]) == 0
    assert {path.relative_to(begun) for path in begun.rglob("*")} == {
        path.relative_to(done) for path in done.rglob("*")
    }


def test_a_file_that_is_not_one_of_its_own_is_left_alone(tmp_path: Path) -> None:
    """One line more, and it may be somebody's work."""
    assert main(["new", str(tmp_path)]) == 0
    (tmp_path / "talk.toml").unlink()
    with (tmp_path / "script" / "voiceover.md").open("a", encoding="utf-8") as file:
        file.write("mine\n")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert main(["new", str(tmp_path)]) == 1
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
