"""A command with nothing to do: known from a stamp, and from nothing that has changed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.needs import ROOT, posix
from support.second_talk import write_second_talk

from pipeline import recorded, stamp

BUILD = ["build"]


class Checkout:
    """A copy of this code with a small talk, and the stamp of a build of it."""

    def __init__(self, root: Path) -> None:
        self.root, self.talk = root, write_second_talk(root / "talk")
        for name in ("pipeline", "templates"):
            shutil.copytree(ROOT / name, root / name)
        shutil.copy(ROOT / "build.py", root)
        (root / "library").mkdir()
        (self.talk / ".cache").mkdir()

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        code = f"import sys; sys.path.append({str(self.root / 'library')!r})\n" + (
            "from pipeline.cli import main\nstatus = main()\n"
            "print('LOADED', 'pipeline.cli.run' in sys.modules)\nsys.exit(status)"
        )
        command = [sys.executable, "-c", code, *words]
        place = {"PYTHONPATH": str(self.root)}
        return subprocess.run(
            command, cwd=self.talk, env=os.environ | place, capture_output=True, text=True
        )

    def build_once(self) -> None:
        """Build once the files are old enough for one, and remember the stamp."""
        time.sleep(2 * stamp.YOUNG_NS / 1e9)
        self.first = self.run("build")
        assert self.first.returncode == 0
        (self.place,) = (self.talk / ".cache" / "stamps").iterdir()

    def stamp(self) -> dict[str, Any]:
        """The stamp of `build`, as it would be found by this process."""
        found = stamp.read(str(self.place))
        assert found
        return found | {"key": stamp.key_of(BUILD)}

    def is_idle(self) -> bool:
        return stamp.holds(self.stamp(), BUILD)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    made = Checkout(tmp_path_factory.mktemp("checkout"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TALKWRIGHT_CACHE", str(made.root / "cache"))
        made.build_once()
        yield made


def pages(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def files(folder: Path) -> list[Path]:
    inside = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in inside if not {".cache", "out"} & {*path.relative_to(folder).parts}]


def test_what_is_said_again_is_what_was_said(checkout: Checkout) -> None:
    """The same lines and status, the seconds its own, and none of the pages' code loaded."""
    first, again = checkout.first, checkout.run("build")
    assert again.returncode == 0
    assert (first.stdout, again.stdout) == ("LOADED True\n", "LOADED False\n")

    def without_seconds(text: str) -> str:
        return re.sub(r"built in [\d.]+ s", "", text)

    assert without_seconds(first.stderr) == without_seconds(again.stderr) != first.stderr


def test_what_check_finds_is_said_again(checkout: Checkout) -> None:
    """Its status and what it writes for programs, too."""
    script = checkout.talk / "script" / "voiceover.md"
    text = script.read_text("utf-8")
    script.write_text(text.replace("Duration:** 1:30", "Duration:** 2:30"), "utf-8")
    words = ("check", "--format", "json", "--no-browser")
    first, again = checkout.run(*words), checkout.run(*words)
    if "LOADED True" in again.stdout:  # the script was too young
        again = checkout.run(*words)
    script.write_text(text, "utf-8")
    assert first.returncode == again.returncode == 1
    assert again.stdout.replace("False", "True") == first.stdout
    assert "LOADED False" in again.stdout
    assert json.loads(again.stdout.partition("LOADED")[0])["problems"]


def test_a_change_anywhere_is_seen_or_makes_no_difference(
    checkout: Checkout, tmp_path: Path
) -> None:
    """Each file of the talk and of the templates, and a new one in each of their folders."""
    assert checkout.is_idle()
    was = pages(checkout.talk / "out")
    unseen = []
    roots = (checkout.talk, checkout.root / "templates")
    for path in [file for root in roots for file in files(root)]:
        content = path.read_bytes()
        path.write_bytes(content + b"\n")
        is_unseen = checkout.is_idle()
        path.write_bytes(content)
        assert checkout.is_idle(), f"{path} was touched, no more"
        if is_unseen:
            unseen.append(path)
    for folder in {path.parent for root in roots for path in files(root)}:
        new = folder / "zz-new.md"
        new.write_text("new\n", "utf-8")
        if checkout.is_idle():
            continue  # it stays: no page may know of it
        new.unlink()
        assert checkout.is_idle()
    names = {path.relative_to(checkout.root).parts[:2] for path in unseen}
    assert ("talk", "deck") not in names
    assert ("talk", "script") not in names
    contents = {path: path.read_bytes() for path in unseen}
    for path, content in contents.items():
        path.write_bytes(content + b"\n")
    done = checkout.run("build", "--out", str(tmp_path / "anew"))
    for path, content in contents.items():
        path.write_bytes(content)
    assert done.returncode == 0
    assert pages(tmp_path / "anew") == was


@pytest.mark.parametrize("how", ["edited", "deleted", "a folder"])
def test_a_page_that_was_changed_is_made_again(checkout: Checkout, how: str) -> None:
    """Whatever somebody did to it."""
    page = checkout.talk / "out" / "speaker" / "index.html"
    content = page.read_bytes()
    page.unlink()
    if how == "edited":
        page.write_bytes(content.replace(b"Bread", b"Bears"))
    elif how == "a folder":
        page.mkdir()
    assert not checkout.is_idle()
    if how == "a folder":
        page.rmdir()
    page.write_bytes(content)
    assert checkout.is_idle()


def test_a_new_library_is_seen(checkout: Checkout) -> None:
    """A package that comes or goes where Python looks for them."""
    new = checkout.root / "library" / "jinja2-9.dist-info"
    new.mkdir()
    assert not checkout.is_idle()
    new.rmdir()
    assert checkout.is_idle()


def test_changed_code_is_seen(checkout: Checkout) -> None:
    """A module that wasn't loaded, as what it makes was kept, and one that was."""
    found = checkout.stamp()
    for name in ("imports/mend.py", "talk.py"):
        path = checkout.root / "pipeline" / name
        assert stamp.holds(found, BUILD)
        path.write_text(f"{path.read_text('utf-8')}# changed\n", "utf-8")
        assert not stamp.holds(found, BUILD)
        del found["files"][str(path)]


def test_a_variable_that_was_read_is_seen(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another cache is another build; a variable that nobody reads is none."""
    monkeypatch.setenv("NOBODY_READS_THIS", "1")
    before = checkout.stamp()
    assert before["env"]["TALKWRIGHT_CACHE"]
    assert "NOBODY_READS_THIS" not in before["env"]
    monkeypatch.setenv("TALKWRIGHT_CACHE", str(checkout.root / "another"))
    assert not checkout.is_idle()


def test_a_clock_that_is_set_back_hides_no_change(tmp_path: Path) -> None:
    """The same size and the time of before: the file's own clock, which nobody sets, differs."""
    file = tmp_path / "slide.md"
    file.write_text("97 %", "utf-8")
    before, times = stamp.file_state(str(file)), file.stat()
    file.write_text("79 %", "utf-8")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert stamp.file_state(str(file)) != before


@pytest.mark.parametrize(
    ("changed", "seen", "is_young"),
    [
        (5_000_000_123, 5_010_000_000, True),  # within a tick
        (5_000_000_123, 5_200_000_000, False),
        (5_000_000_123, 4_990_000_000, True),  # the clock was set back
        (5_000_000_000, 6_000_000_000, True),  # a clock of whole seconds
        (5_000_000_000, 9_000_000_000, False),
    ],
)
def test_a_young_file_is_read(changed: int, seen: int, is_young: bool) -> None:
    """One that could have been changed again without a sign."""
    assert stamp.is_young([1, changed, changed, 1], seen) is is_young


def test_a_broken_stamp_is_none(tmp_path: Path) -> None:
    """Cut off, changed, emptied or a folder: as if it weren't there."""
    path = tmp_path / "stamps" / "build-1.json"
    stamp.write(str(path), {"key": ["a"]})
    whole = path.read_bytes()
    assert stamp.read(str(path)) == {"key": ["a"]}
    for broken in (whole[:-1], whole.replace(b"a", b"b"), b"", b"\xff\n\xff"):
        path.write_bytes(broken)
        assert stamp.read(str(path)) is None
    path.unlink()
    path.mkdir()
    assert stamp.read(str(path)) is None


def test_stamps_are_bounded_in_number(tmp_path: Path) -> None:
    """The oldest go."""
    for number in range(stamp.MOST_STAMPS + 3):
        path = tmp_path / "stamps" / f"build-{number}.json"
        stamp.write(str(path), {})
        os.utime(path, ns=(number, number))
    assert len(list(path.parent.iterdir())) == stamp.MOST_STAMPS
    assert path.is_file()


def ran(talk: Path, work: Callable[[], object]) -> bool:
    """Whether a command that does this gets a stamp."""
    (talk / ".cache").mkdir(exist_ok=True)
    place = talk / ".cache" / "stamps" / "build-1.json"

    def run() -> int:
        work()
        return 0

    assert recorded.recorded(str(place), BUILD, run) == 0
    return place.is_file()


def test_what_comes_from_elsewhere_gets_no_stamp(tmp_path: Path) -> None:
    """A program, the network, a question, a pipe; and a file that was saved this moment."""
    import socket

    def connect() -> None:
        with socket.socket() as one:
            one.connect_ex(("127.0.0.1", 9))

    def ask() -> None:
        recorded.doubt("a question")

    pipe, young = tmp_path / "pipe", tmp_path / "young"
    os.mkfifo(pipe)
    assert ran(tmp_path, lambda: None)
    assert not ran(tmp_path, lambda: subprocess.run(["true"], check=True))
    assert not ran(tmp_path, connect)
    assert not ran(tmp_path, ask)
    assert not ran(tmp_path, pipe.exists)
    young.write_text("now", "utf-8")
    assert not ran(tmp_path, young.read_text)


def test_what_somebody_else_changes_meanwhile_leaves_no_stamp(tmp_path: Path) -> None:
    """A file that was read and saved again; a page that another build wrote over."""
    slide, page = tmp_path / "slide.md", tmp_path / "page.html"
    slide.write_text("old", "utf-8")
    os.utime(slide, ns=(1, 1))

    def is_saved() -> None:
        slide.exists()
        handle = os.open(slide, os.O_RDONLY)
        os.close(handle)
        now = recorded._now
        recorded._now = None  # as another process does it
        slide.write_text("new", "utf-8")
        recorded._now = now

    def is_written_over() -> None:
        part = tmp_path / "part"
        part.write_text("ours", "utf-8")
        part.replace(page)
        now = recorded._now
        recorded._now = None
        page.write_text("theirs", "utf-8")
        recorded._now = now

    assert not ran(tmp_path, is_saved)
    assert not ran(tmp_path, is_written_over)


def test_what_is_saved_while_it_is_hashed_leaves_no_stamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the new content's hash would stand for the old one: the change would never be seen."""
    slide = tmp_path / "slide.md"
    slide.write_text("old", "utf-8")
    os.utime(slide, ns=(1, 1))

    def saved_before(path: str) -> str:
        slide.write_text("new", "utf-8")
        return stamp.hash_of(path)

    monkeypatch.setattr(recorded, "is_young", lambda *_: False)  # as for one of last week
    monkeypatch.setattr(recorded, "hash_of", saved_before)
    assert not ran(tmp_path, slide.read_text)
    monkeypatch.setattr(recorded, "hash_of", stamp.hash_of)
    assert ran(tmp_path, slide.read_text)


@pytest.mark.parametrize(
    "words", [["serve"], ["--retrain"], ["build", "--measure=hash"], ["check", "--talk"]]
)
def test_some_calls_never_have_a_stamp(words: list[str]) -> None:
    """Other commands, and options that ask for work."""
    assert stamp.place_of(words) == ""


@posix
def test_a_pipe_in_place_of_a_stamp_is_none(tmp_path: Path) -> None:
    """Nobody writes to it, so to open it as a file would wait for ever."""
    os.mkfifo(tmp_path / "build.json")
    assert stamp.read(str(tmp_path / "build.json")) is None


def test_a_folder_in_place_of_a_stamp_goes(tmp_path: Path) -> None:
    """Else no build that follows would be idle."""
    (tmp_path / "build.json" / "mine").mkdir(parents=True)
    assert recorded.recorded(str(tmp_path / "build.json"), BUILD, lambda: 1) == 1
    assert not (tmp_path / "build.json").exists()
