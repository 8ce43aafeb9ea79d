"""What many measured values cost: `python -m benchmarks.measure [--values 10000 100000]`.

Aims on two idle cores: with 10,000 values in a file a build takes at most 0.5 s more than without
a measurement, and `check` at most 1 s more. Each figure is the least of several runs of `build.py`
in a process of its own, in seconds of the processor, on the talk that `new` writes, with slides
that show 30 of the values; a table is printed, nothing is asserted. The first build, which draws
all pictures, isn't counted.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks import timing

TRIES = 3
SHOWN = 30  # values on slides
PER_TABLE = 100  # rows of a table
COMMANDS = {"build": ("build",), "check": ("check", "--no-browser")}


def build(*options: str, fails: bool = False) -> float:
    """Seconds that one command took of the processor."""
    return timing.build(*options, allowed=(0, 1) if fails else (0,)).processor


def values(count: int) -> dict[str, object]:
    """Tables of benchmarks: each row a text, an interval and a plain number."""
    rows = [
        {
            "name": f"map{n}",
            "ns": {"value": 100 + n * 0.37, "low": 99 + n * 0.37, "high": 101.5 + n * 0.37},
            "keys": 1000 + n,
        }
        for n in range(count // 2)
    ]
    tables = range(0, len(rows), PER_TABLE)
    return {f"table{at}": {"runs": rows[at : at + PER_TABLE]} for at in tables}


def write_talk(folder: Path, count: int, how: str) -> None:
    """The talk that `new` writes, with a measurement; `how` it comes: a file, or a command."""
    build("new", str(folder), "--without-script")
    if not count:
        return
    (folder / "values.json").write_text(json.dumps(values(count), indent=1), "utf-8")
    (folder / "show.py").write_text("print(open('values.json').read())\n", "utf-8")
    source = 'file = "values.json"'
    if how == "command":
        source = f'command = ["{sys.executable}", "show.py"]\ninputs = ["values.json"]'
    with (folder / "talk.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[measure.many]\n{source}\n")
    for slide in range(SHOWN // 10):
        lines = [
            f"- {{{{ many.table0.runs[{slide * 10 + at}].ns | num(1) }}}} of each"
            for at in range(10)
        ]
        text = "---\nlayout: list\ntitle: Values\ntime: 1m\n---\n::: items\n"
        path = folder / "deck" / "slides" / f"9{slide}-values{slide}.md"
        path.write_text(text + "\n".join(lines) + "\n:::\n", "utf-8")


def measure(count: int, how: str) -> dict[str, float]:
    """The least seconds of each command."""
    with tempfile.TemporaryDirectory() as folder:
        talk = Path(folder) / "talk"
        write_talk(talk, count, how)
        build("build", "--talk", str(talk), "--yes")
        return {
            name: min(
                build(*options, "--talk", str(talk), fails=name == "check") for _ in range(TRIES)
            )
            for name, options in COMMANDS.items()
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--values", type=int, nargs="+", default=[10_000, 100_000])
    counts = parser.parse_args().values
    without = measure(0, "")
    print(f"{'values':>8}  {'from':8}{'build':>9}{'check':>9}  seconds")
    print(f"{0:>8}  {'':8}" + "".join(f"{seconds:9.2f}" for seconds in without.values()))
    for count in counts:
        for how in ("file", "command"):
            took = measure(count, how)
            more = "".join(f"{took[name] - without[name]:+9.2f}" for name in COMMANDS)
            print(f"{count:>8}  {how:8}{more}")


if __name__ == "__main__":
    main()
