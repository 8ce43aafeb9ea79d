"""The same talk built in different circumstances: which public bytes differ, file by file.

    python -m benchmarks.reproducible [--python PATH]... [--without KIND]... [--json FILE]

A copy of this talk with a made-up run is built and published (PDF, PowerPoint, card, single file),
the wheel and the docs are made, two tiny models trained: here, and then with another folder, HOME,
umask, locale, time zone, hash seed, clock and order of files in folders, optimised, and by each
interpreter of --python, such as that of an environment that was made anew. Exit status 1 where a
byte differs.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.circumstances import copy_of_code, environment  # noqa: E402
from support.second_talk import write_pinned_copy  # noqa: E402

PUBLISH = ("publish", "--pdf", "--pptx", "--single-file", "--transcript", "--allow-stale")
KINDS = ("publish", "wheel", "docs", "training")
# Two tiny models, of a family each, through the real entry.
TRAINING = """
import sys
from pathlib import Path
import msgspec
from support.tiny_model import tiny_options, tiny_talk, without_times
from pipeline.experiment.run import run_experiment
for family in ("gpt2", "llama"):
    config = tiny_talk(Path(sys.argv[1]) / family, family)
    found = without_times(run_experiment(config, tiny_options(config), lambda said: None))
    (config.root / "metrics.json").write_bytes(msgspec.json.encode(found))
"""


@dataclass(frozen=True, slots=True)
class Circumstance:
    """Where and how something is made; `odd`: all that can be another, is."""

    name: str
    python: str
    odd: bool
    folder: str
    more: dict[str, str] = field(default_factory=dict)
    trains: bool = True


def circumstances(pythons: list[str]) -> list[Circumstance]:
    here = sys.executable
    odd = "ein Ordner mit Ümläuten & 'Zeichen'"
    return [
        Circumstance("here", here, False, "a"),
        Circumstance("the same again", here, False, "b"),
        Circumstance("all else another", here, True, odd),
        Circumstance("one thread", here, False, "d", {"OMP_NUM_THREADS": "1"}),
        Circumstance("optimised", here, True, "c", {"PYTHONOPTIMIZE": "2"}),
        *(
            Circumstance(path, path, True, f"python {at}", trains=False)
            for at, path in enumerate(pythons)
        ),
    ]


def made(one: Circumstance, base: Path, kinds: list[str]) -> Iterator[tuple[str, bytes]]:
    """The name and content of each file that is public."""
    folder = base / one.folder
    folder.mkdir()
    code = copy_of_code(base / "source", folder / "code")
    settings = environment(code, folder, odd=one.odd) | one.more

    def run(*arguments: str) -> None:
        command = [one.python, *arguments]
        umask = 0o077 if one.odd else 0o022
        done = subprocess.run(
            command, cwd=code, env=settings, capture_output=True, text=True, umask=umask
        )
        if done.returncode:
            sys.exit(f"{one.name}: {' '.join(arguments)}\n{done.stdout}{done.stderr}")

    if "publish" in kinds:
        talk = write_pinned_copy(folder / "talk")
        run("build.py", *PUBLISH, "--talk", str(talk))
        yield from _files(talk / "out" / "public", "public")
        yield from _files(talk / "out" / "speaker", "speaker")
    if "wheel" in kinds:
        run("-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "wheel"))
        yield from _files(folder / "wheel", "wheel")
    if "training" in kinds and one.trains:
        settings["PYTHONPATH"] += os.pathsep + str(ROOT / "tests")
        run("-c", TRAINING, str(folder / "training"))
        for name, content in _files(folder / "training", "training"):
            if re.search(r"/runs/.*\.safetensors$|/metrics\.json$", name):  # a run's name left out
                yield f"training/{name.split('/')[1]}/{Path(name).name}", content
    if "docs" in kinds:
        site, kept = folder / "docs", folder / "trees"
        run("-m", "sphinx", "-q", "-d", str(kept), "docs", str(site))
        yield from _files(site, "docs")


def _files(folder: Path, name: str) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield f"{name}/{path.relative_to(folder).as_posix()}", path.read_bytes()


def difference(one: bytes | None, other: bytes | None) -> str:
    """Where two contents begin to differ, with what stands there."""
    if one is None or other is None:
        return "it isn't there" if other is None else "it is there only now"
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), -1)
    at = min(len(one), len(other)) if at < 0 else at
    start = max(0, at - 20)
    return f"from byte {at:,} on: {one[start : at + 30]!r} / {other[start : at + 30]!r}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reproducible", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--python", action="append", default=[], metavar="PATH")
    parser.add_argument("--without", action="append", default=[], choices=KINDS)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what differs there, too")
    asked = parser.parse_args()
    kinds = [kind for kind in KINDS if kind not in asked.without]
    found: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        copy_of_code(ROOT, Path(folder) / "source")  # nobody may change it meanwhile
        first: dict[str, bytes] = {}
        for one in circumstances(asked.python):
            files = dict(made(one, Path(folder), kinds))
            first = first or files
            differ = {
                name: difference(first.get(name), files.get(name))
                for name in sorted({*first, *files})
                if first.get(name) != files.get(name)
            }
            found[one.name] = differ
            print(f"{one.name}: {len(files)} files, {len(differ)} differ", flush=True)
            for name, where in differ.items():
                print(f"  {name} {where}", flush=True)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main())
