"""A small talk around one file that is fuzzed: what a build, a check and a publish read of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from pipeline.checks.cues import check_talk
from pipeline.checks.habits import habit_problems
from pipeline.checks.numbers import check_numbers
from pipeline.checks.room import estimated_problems, limit_problems
from pipeline.config import Config, load_config
from pipeline.locale import locale_of
from pipeline.measured import Measured
from pipeline.numbers.spoken import count_words, spoken_form
from pipeline.pages.captions import captions, moments, web_vtt
from pipeline.pages.deck import DeckMaker, deck_input
from pipeline.pages.notes import notes_html
from pipeline.pages.script import script_txt
from pipeline.publish.secrets import secrets_of
from pipeline.results import Results
from pipeline.slides.layouts import load_layouts
from pipeline.talk import Talk, load_talk, script_version
from support.second_talk import share_figures

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = """\
[talk]
title = "Bread at home"
speaker = "A baker"

[pace]
words_per_minute = 120

[cuts.full]
length = "1:30"
"""
FIRST = "---\nlayout: title\ntitle: Bread at home\n---\nFlour, water, time\n"
SECOND = "---\nlayout: list\ntitle: Four things\n---\n::: items\n- Mix {{ 1 }}\n- Wait\n:::\n"
SCRIPT = """\
# Bread

**Duration:** 1:30

## SLIDE 1: HELLO [30 seconds]

Good bread needs little more than flour, water and time.

## SLIDE 2: THINGS [1 minute]

[SHOW items] Mix it.
"""


def write_talk(root: Path, language: str = "en") -> Config:
    """Two slides and a script."""
    for name, text in {
        "talk.toml": SETTINGS.replace("speaker", f'language = "{language}"\nspeaker'),
        "deck/slides/01-hello.md": FIRST,
        "deck/slides/02-things.md": SECOND,
        "script/voiceover.md": SCRIPT,
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    drawings = root / "deck" / "drawings"
    shutil.copytree(ROOT / "deck" / "drawings", drawings, dirs_exist_ok=True)
    return load_config(root)


def read_talk(config: Config, results: Results | None) -> Talk:
    """All that `check` reads, and all that is written of slides."""
    measured = Measured(results)
    layouts = load_layouts(config.root)
    talk = load_talk(config, measured, layouts)
    check_numbers(config, measured)
    check_talk(talk)
    [*habit_problems(talk.slides), *limit_problems(talk.slides, layouts, config)]
    [*estimated_problems(talk.slides, layouts)]
    return talk


def shown(talk: Talk, cache: Path) -> None:
    """Slides as the deck has them, and what a public page may not hold."""
    page = deck_input(talk, cache)
    maker = DeckMaker(cache)
    maker._fonts = lambda *_, **__: {}  # type: ignore[method-assign] # a subset takes long, and reads nothing
    maker.make(page)
    secrets_of(talk, page.pictures)


def said(talk: Talk) -> None:
    """The script as pages and files have it."""
    script, timing = talk.script, talk.timings[talk.cut]
    web_vtt(captions(moments(script, timing), talk.config.locale))
    for slide in talk.slides:
        notes_html(script, slide.number, timing.choice, talk.config.locale)
    script_txt(script, timing.choice)
    script_version(script)


def slides(language: str, results: Results | None) -> Callable[[Path], Callable[[Path], object]]:
    def opened(root: Path) -> Callable[[Path], object]:
        config = write_talk(root, language)
        share_figures(root / ".cache")
        share_figures(root / ".cache")

        def read(path: Path) -> None:
            talk = read_talk(config, results)
            said(talk)
            shown(talk, root / ".cache")

        return read

    return opened


def settings(root: Path) -> Callable[[Path], object]:
    write_talk(root)

    def read(path: Path) -> None:
        config = load_config(root)
        check_numbers(config, Measured())

    return read


def spoken(language: str) -> Callable[[Path], Callable[[Path], object]]:
    """What is said of a text, and how many words that is."""
    locale = locale_of(language)

    def read(path: Path) -> None:
        text = path.read_bytes().decode("utf-8", "replace")
        spoken_form(text, locale)
        count_words(text, locale)

    return lambda _: read
