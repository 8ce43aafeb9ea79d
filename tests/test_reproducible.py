"""The same talk is the same bytes in other circumstances; `benchmarks.reproducible` tries more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.circumstances import environment
from support.needs import ROOT, posix
from support.second_talk import write_second_talk


@posix
@pytest.mark.slow
def test_other_circumstances_are_the_same_bytes(tmp_path: Path) -> None:
    """Folder, HOME, umask, language, zone, clock, hash seed, order of files, optimised."""
    made = []
    for odd, name in ((False, "a"), (True, "ein Ordner mit Ümläuten & 'Zeichen'")):
        folder = tmp_path / name
        talk = write_second_talk(folder / "talk")
        settings = environment(ROOT, folder, odd=odd) | ({"PYTHONOPTIMIZE": "2"} if odd else {})
        done = subprocess.run(
            [sys.executable, str(ROOT / "build.py"), "build", "--talk", str(talk)],
            cwd=folder,
            env=settings,
            capture_output=True,
            text=True,
            umask=0o077 if odd else 0o022,
        )
        assert done.returncode == 0, done.stderr
        pages = talk / "out" / "speaker"
        files = [path for path in pages.rglob("*") if path.is_file()]
        made.append({str(path.relative_to(pages)): path.read_bytes() for path in files})
    assert len(made[0]) > 8
    assert made[0] == made[1]
