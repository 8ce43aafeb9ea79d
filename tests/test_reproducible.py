"""The same talk is the same bytes in other circumstances; `benchmarks.reproducible` tries more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.circumstances import environment
from support.needs import ROOT, posix
from support.second_talk import write_second_talk

from pipeline.cli import main

NUMBERS = """
from pipeline.locale import locale_of
from pipeline.numbers.formats import spoken
from pipeline.numbers.values import Number
words = [locale_of(tag).said(98.75) for tag in ("en", "de", "fr", "es", "he", "zh")]
words.append(spoken(Number("x", 0.48387, unit="share")))
"""


def pages(talk: Path) -> dict[str, bytes]:
    folder = talk / "out" / "speaker"
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@posix
@pytest.mark.slow
def test_other_circumstances_are_the_same_bytes(tmp_path: Path) -> None:
    """Folder, HOME, umask, language, zone, clock, hash seed, order of files, optimised."""
    here = write_second_talk(tmp_path / "talk")
    assert main(["build", "--talk", str(here)]) == 0
    folder = tmp_path / "ein Ordner mit Ümläuten & 'Zeichen'"
    there = write_second_talk(folder / "talk")
    done = subprocess.run(
        [sys.executable, str(ROOT / "build.py"), "build", "--talk", str(there)],
        cwd=folder,
        env=environment(ROOT, folder, odd=True) | {"PYTHONOPTIMIZE": "2"},
        capture_output=True,
        text=True,
        umask=0o077,
    )
    assert done.returncode == 0, done.stderr
    assert len(pages(here)) > 8
    assert pages(here) == pages(there)


def test_numbers_are_said_alike_without_assertions() -> None:
    """num2words tells a part of a number by an assertion, which `python -O` drops."""
    said: dict[str, list[str]] = {}
    exec(NUMBERS, said)
    command = [sys.executable, "-OO", "-c", f"{NUMBERS}\nprint(ascii(list(map(str, words))))"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == ascii(list(map(str, said["words"]))), done.stderr
