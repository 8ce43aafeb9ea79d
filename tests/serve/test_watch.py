"""Watching: each way in which an editor saves is seen, and an editor's traces are not."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.serve import watch
from pipeline.serve.watch import Watcher, is_content


class Seen:
    """A watcher in a thread of its own, and what it found."""

    def __init__(self, watcher: Watcher) -> None:
        self.stop, self.found = threading.Event(), set[Path]()
        self.ticks = 0
        self.thread = threading.Thread(target=self.run, args=(watcher,))
        self.thread.start()

    def run(self, watcher: Watcher) -> None:
        for changed in watcher.changes(self.stop):
            self.found |= changed
            self.ticks += not changed

    def waits_for(self, path: Path, limit_s: float = 10) -> None:
        end = time.monotonic() + limit_s
        while path not in self.found:
            assert time.monotonic() < end, f"{path.name} was not seen, only {self.found}"
            time.sleep(0.01)
        time.sleep(0.15)
        self.found.clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "deck" / "slides"
    inside.mkdir(parents=True)
    (inside / "01-a.md").write_text("a", "utf-8")
    (tmp_path / "talk.toml").write_text("", "utf-8")
    return tmp_path


@pytest.fixture
def seen(folder: Path) -> Iterator[Seen]:
    found = Seen(Watcher([folder / "deck", folder / "script"], [folder / "talk.toml"]))
    time.sleep(0.3)
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


def test_a_folder_that_comes_later_or_is_replaced_is_watched(
    folder: Path, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkout of another version replaces whole folders."""
    script = folder / "script" / "voiceover.md"
    script.parent.mkdir()
    script.write_text("one", "utf-8")
    seen.waits_for(script)
    shutil.rmtree(folder / "deck")
    slide = folder / "deck" / "slides" / "01-a.md"
    slide.parent.mkdir(parents=True)
    slide.write_text("other", "utf-8")
    seen.waits_for(slide)
    time.sleep(2 * watch.LOOK_EVERY_S)  # it watches the new folder now
    seen.found.clear()
    slide.write_text("quick again", "utf-8")
    seen.waits_for(slide, limit_s=1.5)


def test_an_editors_traces_are_no_content() -> None:
    """Swap files, backups and the names that editors try out change nothing."""
    for name in (".01-a.md.swp", "01-a.md~", "4913", "#01-a.md#", "x.part", "__pycache__"):
        assert not is_content(name), name
    for name in ("01-a.md", "talk.toml", "README.md", "dog.svg"):
        assert is_content(name), name


def test_nothing_happens_while_nothing_changes(folder: Path, seen: Seen) -> None:
    """Ticks come, so that something can be done in between, and no change is made up."""
    before = seen.ticks
    time.sleep(0.8)
    assert seen.ticks - before >= 3
    assert seen.found == set()
