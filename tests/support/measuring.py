"""A small talk that measures by commands, made in a folder for tests."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.config import Config, load_config
from pipeline.measure.consent import Consent
from pipeline.measure.run import Folders, Shown, Wanted, measure, shown

HEAD = '[talk]\ntitle = "Tables"\nspeaker = "Ada"\n'
PYTHON = Path(sys.executable).as_posix()


def lives(process: int) -> bool:
    """Whether a process runs; one that has ended and waits to be counted does not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


@dataclass
class Bench:
    """A talk in a folder, and what was said while it measured."""

    root: Path
    said: list[str] = field(default_factory=list)

    def table(self, text: str, name: str = "hash") -> None:
        """Write talk.toml with one [measure.NAME]; `PYTHON` in it is this Python."""
        (self.root / "talk.toml").write_text(
            f"{HEAD}\n[measure.{name}]\n{text.replace('PYTHON', PYTHON)}\n", "utf-8"
        )

    def script(self, code: str, name: str = "bench.py") -> None:
        """Write a script that measures; `count` in it is how often it was run."""
        counted = (
            "import os, sys, time\nfrom pathlib import Path\n"
            "runs = Path('runs'); count = int(runs.read_text()) + 1 if runs.exists() else 1\n"
            "runs.write_text(str(count))\n"
        )
        (self.root / name).write_text(counted + code, "utf-8")

    @property
    def runs(self) -> int:
        """How often the script was run."""
        file = self.root / "runs"
        return int(file.read_text()) if file.exists() else 0

    @property
    def config(self) -> Config:
        return load_config(self.root)

    @property
    def folders(self) -> Folders:
        return Folders(self.root / "out", self.root / ".cache")

    def measure(
        self, again: str = "", *, frozen: bool = False, say: Callable[[str], None] | None = None
    ) -> Shown:
        """What `build` does."""
        config = self.config
        consent = Consent(config.talk.title, self.root, self.said.append, yes=True)
        return measure(
            config, self.folders, Wanted(again, frozen), consent, say or self.said.append
        )

    def shown(self) -> Shown:
        """What `check` does."""
        return shown(self.config, self.folders)
