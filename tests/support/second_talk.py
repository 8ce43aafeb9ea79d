"""Two small talks for tests: another one without an experiment, and a copy of this one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from pipeline.results import write_results
from support.made_up import made_up_results

ROOT = Path(__file__).resolve().parents[2]

SETTINGS = """\
[talk]
title = "Bread at home"
speaker = "A baker"
language = "en"

[pace]
words_per_minute = 120

[cuts.full]
length = "1:30"
"""

SLIDES = {
    "01-hello.md": "---\nlayout: title\ntitle: Bread at home\n---\nFlour, water, time\n",
    "02-steps.md": (
        "---\nlayout: list\ntitle: Four things to do\n---\n"
        "::: items\n- Mix\n- Wait\n- Fold\n- Bake\n:::\n"
    ),
    "03-bye.md": "---\nlayout: closing\ntitle: Go and bake\n---\nIt gets better each time\n",
}

SCRIPT = """\
# Bread

**Duration:** 1:30

## SLIDE 1: HELLO [30 seconds]

{first}

## SLIDE 2: STEPS [30 seconds]

{second}

## SLIDE 3: BYE [30 seconds]

{third}
"""


def words(count: int) -> str:
    """A text of so many plain words, in sentences of ten."""
    sentence = "Good bread needs little more than flour water and time."
    return " ".join([sentence] * (count // 10))


def write_second_talk(root: Path) -> Path:
    """A talk about something else, without an experiment: three slides of thirty seconds."""
    (root / "deck" / "slides").mkdir(parents=True)
    (root / "script").mkdir()
    (root / "talk.toml").write_text(SETTINGS, encoding="utf-8")
    for name, text in SLIDES.items():
        (root / "deck" / "slides" / name).write_text(text, encoding="utf-8")
    script = SCRIPT.format(first=words(60), second=words(60), third=words(60))
    (root / "script" / "voiceover.md").write_text(script, encoding="utf-8")
    return root


NOTES = """\

::: notes
Knead it until it {secret} stops sticking to the wall of the bowl.

[PAUSE 3s]

- {{# never said #}}fold it *twice* and let it rest beside the warm oven
:::
"""
SECRET = "marzipan"  # in a sentence of the notes that no page may hold


def write_unscripted_talk(root: Path, *, times: bool = True, notes: bool = True) -> Path:
    """The same talk without a script: notes and a time on the second slide alone."""
    write_second_talk(root)
    (root / "script" / "voiceover.md").unlink()
    (root / "script").rmdir()
    path = root / "deck" / "slides" / "02-steps.md"
    text = path.read_text("utf-8")
    text = text.replace("title: Four", "time: 1m\ntitle: Four") if times else text
    path.write_text(text + NOTES.format(secret=SECRET) if notes else text, "utf-8")
    return root


FIGURES: list[Path] = []  # where all tests of a session keep what was drawn


def share_figures(cache: Path) -> Path:
    """A folder of kept things in which no figure is drawn that another test drew already."""
    cache.mkdir(parents=True, exist_ok=True)
    if FIGURES and os.name == "posix" and not (cache / "figures").exists():
        FIGURES[0].mkdir(exist_ok=True)
        (cache / "figures").symlink_to(FIGURES[0])
    return cache


def write_pinned_copy(root: Path) -> Path:
    """A copy of this talk's content that shows a made-up run, pinned; made once."""
    if not root.exists():
        root.mkdir(parents=True)
        shutil.copy(ROOT / "talk.toml", root)
        shutil.copytree(ROOT / "script", root / "script")
        shutil.copytree(
            ROOT / "deck", root / "deck", ignore=shutil.ignore_patterns("results.json", "sample")
        )
        write_results(made_up_results(), root / "deck" / "results.json")
        share_figures(root / ".cache")
    return root
