"""Writes locked.txt: each package that any extra brings, by version and hash, for all systems.

python .ci/lock.py              # after a change of pyproject.toml; all else stays as it is
python .ci/lock.py --upgrade    # what the packages need themselves moves to its newest version
python .ci/lock.py train test   # prints the part that these extras and the core need

The first two need `pip install -e '.[release]'` and a network, the third needs Python alone. No
address of a registry is written: the lock says what must arrive, not from where.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCKED = Path(__file__).parent / "locked.txt"
# A machine has its own build of it, for its processor or its graphics card, with other hashes.
OWN_BUILD = "torch"


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of the lock."""

    name: str
    version: str
    needed_by: tuple[str, ...]  # names of packages, or "talkwright"
    text: str  # its lines in the lock, with hashes


def settings() -> dict[str, Any]:
    """pyproject.toml as it is read."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def fingerprint() -> str:
    """The hash of all in pyproject.toml that decides what is locked."""
    found = settings()
    keys = ("requires-python", "dependencies", "optional-dependencies")
    decides = [found["build-system"]["requires"], *(found["project"][key] for key in keys)]
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


def read() -> list[Locked]:
    """What is locked, as uv wrote it; a name may come twice, for older Pythons and for newer."""
    found = []
    for block in re.split(r"\n(?=\w)", LOCKED.read_text("utf-8")):
        if one := re.match(r"([\w.-]+)==([^\s;]+)", block):
            via = re.search(r"# via (.+)", block)
            names = tuple(via[1].split(", ")) if via else ()
            found.append(Locked(one[1], one[2], names, block.rstrip() + "\n"))
    return found


def direct(extras: tuple[str, ...]) -> set[str]:
    """The packages that pyproject.toml names for the core and for some extras."""
    project = settings()["project"]
    offered, names = project["optional-dependencies"], set[str]()
    waiting = [*project["dependencies"], *(one for extra in extras for one in offered[extra])]
    while waiting:
        one = waiting.pop()
        name = re.split(r"[\[=]", one)[0]
        if name == project["name"]:
            own = one[len(name) + 1 : -1].split(",")
            waiting += [one for extra in own for one in offered[extra]]
        else:
            names.add(name)
    return names


def needed(extras: tuple[str, ...], leave_out: str = "") -> list[Locked]:
    """What the core and some extras need; without one package and what only that brings."""
    found = read()
    names: set[str] = set()
    more = direct(extras) - {leave_out}
    while more:
        names |= more
        more = {one.name for one in found if names & {*one.needed_by}} - names - {leave_out}
    return [one for one in found if one.name in names]


def write(upgrade: bool) -> int:
    """Resolve for all systems and Pythons at once; what is locked stays unless it must move."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--all-extras"]
    command += ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header"]
    command += ["--annotation-style", "line", "--quiet", "--output-file", str(LOCKED)]
    subprocess.run([*command, *(["--upgrade"] if upgrade else [])], cwd=ROOT, check=True)
    text = LOCKED.read_text("utf-8").replace("talkwright (pyproject.toml)", "talkwright")
    head = "# Made by `python .ci/lock.py`; change pyproject.toml instead.\n"
    LOCKED.write_text(f"{head}# dependencies: sha256 {fingerprint()}\n{text}", "utf-8")
    print(f"{len(read())} packages are locked")
    return 0


def main(words: list[str]) -> int:
    if words in ([], ["--upgrade"]):
        return write(bool(words))
    if unknown := {*words} - {*settings()["project"]["optional-dependencies"]}:
        print(f"no such extra: {', '.join(sorted(unknown))}\n\n{__doc__}", file=sys.stderr)
        return 2
    print("".join(one.text for one in needed(tuple(words), OWN_BUILD)), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
