"""Slides, script and numbers joined into one Talk; and which talk it is, by name and version."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec.structs import replace

from pipeline.config import Config
from pipeline.measured import Measured
from pipeline.memo import NO_MEMO, Memo
from pipeline.numbers.fill import Numbers, has_placeholders
from pipeline.paths import plain_name
from pipeline.places import NOWHERE, Places
from pipeline.problems import TalkError, nearest
from pipeline.script.elements import Aside, Cue, Heading, Item, Part, Script, Speech, Verbatim
from pipeline.script.on_slides import OnSlide, with_slides
from pipeline.script.parse import load_script
from pipeline.script.timing import Timing, timed
from pipeline.slides.layouts import Layout
from pipeline.slides.slide import Slide, Slides, read_slides


class Talk(msgspec.Struct, frozen=True):
    """All that pages are made from. `cut` is the one that they show."""

    config: Config
    measured: Measured
    slides: tuple[Slide, ...]  # what the deck shows, in its order: backups last
    script: Script
    timings: Mapping[str, Timing]  # cut -> its times
    cut: str
    hidden: tuple[Slide, ...] = ()  # on no page
    places: Places = NOWHERE  # where each slide stands
    memo: Memo = NO_MEMO  # of what is made of texts

    @property
    def main(self) -> tuple[Slide, ...]:
        """The slides of the talk itself, which have slots: those before the backups."""
        return tuple(slide for slide in self.slides if not slide.is_backup)

    @property
    def slots_s(self) -> dict[int, int]:
        """Slide number -> seconds that the chosen cut gives it; empty where nothing is planned."""
        timing = self.timings[self.cut]
        rows = timing.slides if timing.is_planned else ()
        return {row.number: row.slot_s for row in rows if row.number is not None}


def cut_name(config: Config, wanted: str | None) -> str:
    """The cut asked for, or the first of talk.toml. Raises TalkError for an unknown one."""
    names = list(config.cuts) or ["full"]
    if wanted is None:
        return names[0]
    if wanted not in names:
        raise TalkError(f"there is no cut `{wanted}`", None, nearest(wanted, names))
    return wanted


def load_talk(
    config: Config,
    measured: Measured,
    layouts: Mapping[str, Layout],
    cut: str | None = None,
    memo: Memo = NO_MEMO,
) -> Talk:
    """Read slides and script and put the numbers in. Raises TalkError for the first fault.

    `memo` keeps what is made of texts.
    """
    name = cut_name(config, cut)
    numbers = Numbers(measured, config.locale, memo)
    config = with_values(config, numbers)
    slides = read_slides(config.root / "deck" / "slides", layouts, numbers)
    script, times = timed(read_script(config, slides, numbers), config)
    return Talk(
        config,
        measured,
        slides.shown,
        script,
        times,
        name,
        slides.hidden,
        slides.places,
        memo,
    )


def with_values(config: Config, numbers: Numbers) -> Config:
    """The settings with the run's values in the texts that pages show.

    Raises TalkError with the line in talk.toml for a placeholder that names nothing.
    """

    def shown(table: str, key: str) -> str:
        text = str(getattr(getattr(config, table), key))
        where = config.source(table, key)
        return numbers.fill(text, where).plain if has_placeholders(text, where) else text

    talk = replace(
        config.talk,
        subtitle=shown("talk", "subtitle"),
        event=shown("talk", "event"),
        date=shown("talk", "date"),
        description=shown("talk", "description"),
    )
    return replace(config, talk=talk, brand=replace(config.brand, footer=shown("brand", "footer")))


def script_path(config: Config) -> Path:
    """Where the script stands, if the talk has one."""
    return config.root / "script" / "voiceover.md"


def read_script(
    config: Config, slides: Slides, numbers: Numbers, path: Path | None = None
) -> Script:
    """What is said: the script's file, if there is one, and the slides' own notes and times.

    `path` is another script, which must be there.
    """
    path, is_wanted = path or script_path(config), path is not None
    has_file = is_wanted or os.path.lexists(path)
    places = slides.places
    none = Script(path, (), places=places, locale=numbers.locale)
    written = load_script(path, numbers, places) if has_file else none
    own = [_on_slide(slide, places.label(slide.number)) for slide in slides.shown]
    script = with_slides(written, own, numbers)
    # Nobody says them, and still they are nobody else's.
    hidden = ((notes.text, notes.where) for slide in slides.hidden if (notes := slide.notes))
    return replace(script, written=(*script.written, *hidden))


def _on_slide(slide: Slide, label: str) -> OnSlide:
    notes, time = slide.notes, slide.fields.get("time")
    return OnSlide(
        number=slide.number,
        title=slide.title_text,
        source=slide.source,
        notes=notes.text if notes else "",
        notes_source=notes.where if notes else None,
        time=time.text if time else "",
        time_source=time.source if time else None,
        has_slot=not slide.is_backup,
        label=label,
    )


def talk_id(config: Config) -> str:
    """A name for the talk made from its title, which stays when slides and script change."""
    return plain_name(config.talk.title)[:60] or "talk"


def slide_version(items: tuple[Item, ...]) -> str:
    """Twelve hexadecimal digits that change when a word or cue of these items does."""
    return hashlib.sha256("\n".join(_lines(items)).encode()).hexdigest()[:12]


def slide_versions(script: Script) -> dict[int, str]:
    """Slide number -> the version of its script."""
    slides = (*script.slides(), *script.backups())
    return {slide.number: slide_version(slide.items) for slide in slides}


def script_version(script: Script) -> str:
    """One version for the scripts of all slides."""
    versions = (f"{number} {v}" for number, v in sorted(slide_versions(script).items()))
    return hashlib.sha256("\n".join(versions).encode()).hexdigest()[:12]


def _lines(items: tuple[Item, ...]) -> Iterator[str]:
    for item in items:
        match item:
            case Speech() | Aside():
                yield " ".join(item.plain.split())
            case Cue():
                yield f"[{item.raw}]"
            case Heading():
                yield f"# {item.text}"
            case Verbatim():
                yield from item.plain
            case Part():
                yield f"[{item.raw}]"
                yield from _lines(item.items)
                yield "[END]"
