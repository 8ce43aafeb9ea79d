"""Imported decks for tests: their words on both sides, and the talk as a build reads it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from pipeline.config import load_config
from pipeline.imports.talk import LIST, Imported, Wanted, import_deck
from pipeline.measured import Measured
from pipeline.slides.layouts import load_layouts
from pipeline.talk import Talk, load_talk

DECKS = Path(__file__).resolve().parents[1] / "fixtures" / "imports"
_WORD = re.compile(r"[^\W_]+")
# What a deck writes in its tool's own signs, and its talk in ours: keys, pairs of tags, folders.
_SIGNS = re.compile(
    r"</?(?:div|b|i|p)>|</v-clicks>|img/|\(#/1\)|^duration: .*|^hide: false$"
    r"|^(?:marp: true$|lang:|author:|title:|date:|subtitle:|institute:|  - name:|notes?:)",
    re.MULTILINE | re.IGNORECASE,
)


def imported(deck: Path | str, folder: Path, wanted: Wanted | None = None) -> Imported:
    """A deck of the fixtures, or any other, as a talk in `folder`."""
    path = DECKS / deck if isinstance(deck, str) else deck
    return import_deck(path, folder, wanted or Wanted())


def talk_in(folder: Path) -> Talk:
    """The talk in a folder, as `build` and `check` read it."""
    config = load_config(folder)
    return load_talk(config, Measured(), load_layouts(folder))


def words(text: str) -> Counter[str]:
    """How often each word stands in a text, whatever stands around it."""
    return Counter(_WORD.findall(text.lower()))


def words_of_talk(folder: Path) -> Counter[str]:
    """The words of a talk's slides, script and settings, and of the list of what it hasn't."""
    files = [*folder.glob("deck/slides/*.md"), *folder.glob("script/*.md")]
    files += [folder / "talk.toml", folder / LIST]
    return sum((words(path.read_text("utf-8")) for path in files), Counter())


def missing(source: str, folder: Path) -> Counter[str]:
    """The words of a deck that stand less often in its talk and the list than in it."""
    return words(_SIGNS.sub("", source)) - words_of_talk(folder)
