"""Watching: each way in which an editor saves is seen, and an editor's traces are not."""

from __future__ import annotations

import itertools
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.serve import watch
from pipeline.serve.watch import Watcher, is_content


class Seen:
    """A watcher in a thread of its own, and what it found."""

    def __init__(self, watcher: Watcher) -> None:
        self.watcher = watcher
        self.stop, self.found = threading.Event(), set[Path]()
        self._changed = threading.Condition()
        self.thread = threading.Thread(target=self.run, args=(watcher,))
        self.thread.start()

    def run(self, watcher: Watcher) -> None:
        for changed in watcher.changes(self.stop):
            with self._changed:
                self.found |= changed
                self._changed.notify_all()

    def waits_for(self, path: Path) -> None:
        with self._changed:
            seen = self._changed.wait_for(lambda: path in self.found, 20)
            assert seen, f"{path.name} was not seen, only {self.found}"
            self.found.clear()

    def watches(self, folder: Path) -> None:
        """Wait until the system tells of this folder."""
        for number in itertools.count():
            assert number < 200, f"{folder.name} is not watched"
            (folder / f"try-{number}.md").write_text("", "utf-8")
            with self._changed:
                if self._changed.wait_for(
                    lambda: any(path.parent == folder for path in self.found), 0.1
                ):
                    break
        last = folder / "the-last-try.md"
        last.write_text("", "utf-8")
        self.waits_for(last)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "deck" / "slides"
    inside.mkdir(parents=True)
    (inside / "01-a.md").write_text("a", "utf-8")
    (tmp_path / "talk.toml").write_text("", "utf-8")
    return tmp_path


@pytest.fixture
def seen(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Seen]:
    """By what the system tells alone: the slow look would come in an hour."""
    monkeypatch.setattr(watch, "LOOK_EVERY_S", 3600)
    found = Seen(Watcher([folder / "deck", folder / "script"], [folder / "talk.toml"]))
    found.watches(folder / "deck" / "slides")
    yield found
    found.stop.set()
    found.thread.join(5)
    assert not found.thread.is_alive()


def test_every_way_to_save_is_seen(folder: Path, seen: Seen) -> None:
    """In place, by rename over the old one, removed, put back, renamed, and a new file."""
    slide = folder / "deck" / "slides" / "01-a.md"
    slide.write_text("in place", "utf-8")
    seen.waits_for(slide)
    beside = slide.with_name("01-a.md.tmp")
    beside.write_text("by rename", "utf-8")
    beside.replace(slide)
    seen.waits_for(slide)
    slide.unlink()
    seen.waits_for(slide)
    slide.write_text("back", "utf-8")
    seen.waits_for(slide)
    other = slide.with_name("02-b.md")
    slide.rename(other)
    seen.waits_for(other)


def test_a_single_file_is_seen_through_a_rename(folder: Path, seen: Seen) -> None:
    """talk.toml lies in a folder that isn't watched as a whole."""
    settings = folder / "talk.toml"
    beside = folder / "new.toml"
    beside.write_text("x = 1", "utf-8")
    beside.replace(settings)
    seen.waits_for(settings)
    settings.unlink()
    seen.waits_for(settings)


def test_a_folder_that_comes_later_or_is_replaced_is_watched(folder: Path, seen: Seen) -> None:
    """A checkout of another version replaces whole folders."""
    script = folder / "script" / "voiceover.md"
    script.parent.mkdir()
    seen.watches(script.parent)
    script.write_text("one", "utf-8")
    seen.waits_for(script)
    shutil.rmtree(folder / "deck")
    slide = folder / "deck" / "slides" / "01-a.md"
    slide.parent.mkdir(parents=True)
    seen.watches(slide.parent)
    slide.write_text("other", "utf-8")
    seen.waits_for(slide)


def test_without_the_systems_word_a_slow_look_finds_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No watches left, a network disk: what changed is seen all the same."""

    def refuses(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("watchfiles.watch", refuses)
    monkeypatch.setattr(watch, "LOOK_EVERY_S", 0.01)
    seen = Seen(Watcher([folder / "deck"], []))
    slide = folder / "deck" / "slides" / "01-a.md"
    slide.write_text("changed", "utf-8")
    seen.waits_for(slide)
    seen.stop.set()
    seen.thread.join(5)


def test_an_editors_traces_are_no_content() -> None:
    """Swap files, backups and the names that editors try out change nothing."""
    for name in (".01-a.md.swp", "01-a.md~", "4913", "#01-a.md#", "x.part", "__pycache__"):
        assert not is_content(name), name
    for name in ("01-a.md", "talk.toml", "README.md", "dog.svg"):
        assert is_content(name), name


def test_no_change_is_made_up(folder: Path, seen: Seen) -> None:
    """A look finds only what is another file than before; traces and new folders are none."""
    slides = folder / "deck" / "slides"
    (slides / ".01-a.md.swp").write_text("trace", "utf-8")
    (folder / "other.txt").write_text("beside talk.toml", "utf-8")
    (slides / "new").mkdir()
    slide = slides / "01-a.md"
    slide.write_text("the only change", "utf-8")
    with seen._changed:
        assert seen._changed.wait_for(lambda: seen.found, 20)
        assert seen.found == {slide}


def test_a_file_that_a_slide_takes_lines_of_is_watched_too(folder: Path, seen: Seen) -> None:
    """From when it is named; also when it is gone, and when it comes back."""
    code = folder / "src" / "app.py"
    code.parent.mkdir()
    code.write_text("a", "utf-8")
    seen.watcher.watch_too({code})
    slide = folder / "deck" / "slides" / "01-a.md"
    slide.write_text("names it", "utf-8")
    seen.waits_for(slide)
    code.write_text("longer", "utf-8")
    seen.waits_for(code)
    code.unlink()
    seen.waits_for(code)
    code.write_text("back", "utf-8")
    seen.waits_for(code)
