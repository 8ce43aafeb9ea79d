"""How fast it is, beside others: one table, as ratios to a bare Python with three libraries.

    python -m benchmarks [--only WORD …] [--turns 5] [--json FILE]

Each command is a process of its own, and just before it comes the base, `python -c "import jinja2,
markdown_it, msgspec"`: a ratio is of the processor's seconds of the two, so other work on the
machine counts little. Cases come in turns; shown are the median and the lowest and highest.
marp, reveal-md and pandoc make a page of the same slides where they are found on PATH, or in the
folder that RIVALS names. Nothing is asserted: what is over its limit is said to be. All of it
takes about six minutes on two idle cores.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import timing  # noqa: E402
from benchmarks.page import Machine, Row, Speed, table, write_figures  # noqa: E402
from benchmarks.talks import OWN, write_talk  # noqa: E402

BASE = [sys.executable, "-c", "import jinja2, markdown_it, msgspec"]
STALE = "--allow-stale"
MOST_MB = 60  # a build of this talk's size
RIVALS = {
    "marp": ["marp", "marp.md", "-o", "marp.html"],
    "reveal-md": ["reveal-md", "plain.md", "--static", "reveal"],
    "pandoc": ["pandoc", "plain.md", "-t", "revealjs", "-s", "-o", "pandoc.html"],
}
# The title slide's title is the talk's, so another line of it is changed.
_CHANGED = re.compile(r"(?m)^((?:title: (?!Beyond the)|A dotted number).*?)(?: take [a-z]{2})?$")
_fresh = itertools.count()


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the table. `before` is not timed; `work` is, in the talk's folder."""

    name: str
    work: Callable[[Path], timing.Spent]
    slides: int = OWN
    before: Callable[[Path], object] = lambda talk: None
    fresh: bool = False  # in a copy of the built talk that was never published
    unit: str = "×"  # of the base; or "s"
    limit: float | None = None
    limit_mb: float | None = None
    turns: int | None = None


def change(talk: Path, slides: int | None = 1) -> None:
    """Change the first slides as they never were; None: all."""
    one, two = divmod(next(_fresh), 26)
    mark = f" take {chr(97 + one % 26)}{chr(97 + two)}"  # a number would need a reason
    for path in sorted((talk / "deck" / "slides").glob("*.md"))[:slides]:
        text = path.read_text("utf-8")
        path.write_text(_CHANGED.sub(rf"\1{mark}", text, count=1), "utf-8")


def talkwright(*options: str) -> Callable[[Path], timing.Spent]:
    """One of our commands on the talk, whether its run still fits or not."""
    return lambda talk: timing.build(*options, "--talk", talk)


def rival(name: str) -> Callable[[Path], timing.Spent]:
    """Another generator on the slides that `export` wrote."""
    program, *options = RIVALS[name]
    return lambda talk: timing.run([str(_found(program)), *options], talk / "exported")


def exported(talk: Path) -> None:
    """The slides as others read them, written once."""
    if not (folder := talk / "exported").exists():
        folder.mkdir()
        for option, name in (("--marp", "marp.md"), ("--markdown", "plain.md")):
            timing.build("export", option, folder / name, "--notes", "--talk", talk)


def _found(program: str) -> str | None:
    own = os.environ.get("RIVALS")
    return (shutil.which(program, path=own) if own else None) or shutil.which(program)


def first_served(talk: Path) -> timing.Spent:
    """Until `serve` answers with the deck."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(ROOT / "build.py"), "serve", "--port", str(port)]
    started = time.perf_counter()
    child = subprocess.Popen(
        [*command, "--talk", str(talk)],
        env=timing.ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            with contextlib.suppress(OSError):
                answer = urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60)
                if b'class="reveal' in answer.read():
                    break
            if child.poll() is not None or time.perf_counter() - started > 120:
                raise timing.FailedError("serve shows no deck")
            time.sleep(0.01)
        seconds = time.perf_counter() - started
    finally:
        child.send_signal(signal.SIGINT)
        _, _, usage = os.wait4(child.pid, 0)
        child.returncode = 0
    spent = usage.ru_utime + usage.ru_stime
    return timing.Spent(seconds, spent, timing.peak_of(usage), 0, "")


def repaint(talk: Path) -> timing.Spent:
    """From saving a slide to its being painted: the median of 20, by benchmarks/serve.py."""
    spent = timing.run(
        [
            sys.executable,
            "-m",
            "benchmarks.serve",
            "--edits",
            "20",
            "--browsers",
            "0",
            "--saves",
            "0",
        ]
    )
    found = re.search(r"median (\d+) ms", spent.said)
    if not found:
        raise timing.FailedError(spent.said)
    return replace(spent, seconds=int(found[1]) / 1000)


def long_talk(slides: int, limit: float) -> list[Case]:
    turns = 3 if slides < 1000 else 2
    each = partial(change, slides=None)
    return [
        Case(f"{slides:,} slides, each changed", BUILD, slides, each, limit=limit, turns=turns),
        Case(f"{slides:,} slides, one changed", BUILD, slides, change, turns=turns),
    ]


BUILD, CHECK, PUBLISH = (
    talkwright("build"),
    talkwright("check", STALE),
    talkwright("publish", STALE),
)
PICTURED = talkwright("publish", STALE, "--pdf", "--pptx", "--single-file")
_site = partial(Case, unit="s")
CASES = [
    Case("nothing to do", BUILD, before=BUILD, limit=2.5, limit_mb=MOST_MB),
    Case("one slide changed", BUILD, before=change, limit=4, limit_mb=MOST_MB),
    Case(
        "22 slides, each changed",
        BUILD,
        before=partial(change, slides=None),
        limit=6,
        limit_mb=MOST_MB,
    ),
    *long_talk(220, 14),
    *long_talk(1000, 40),
    Case("`check`, nothing to do", CHECK, before=CHECK, limit=2.5),
    Case("`check`, one slide changed", CHECK, before=change, limit=4),
    _site("`publish`", PUBLISH, limit=3),
    _site("`publish`, one slide changed", PUBLISH, before=change, limit=3),
    _site("the same with all pictures, the first time", PICTURED, fresh=True, limit=15, turns=2),
    _site("again, one slide changed", PICTURED, before=change, turns=2),
    _site("150 slides, the first time", PICTURED, slides=150, fresh=True, limit=40, turns=1),
    Case("`serve`: the first deck", first_served, unit="s", turns=3),
    Case("`serve`: a saved slide is painted", repaint, unit="s", limit=0.06, turns=1),
    *(
        Case(f"{name}, {slides} slides", rival(name), slides, before=exported, turns=3)
        for name, (program, *_) in RIVALS.items()
        for slides in (22, 220)
        if _found(program)
    ),
]


class Talks:
    """The talks of each size, built when first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.known = folder, dict[int, Path]()

    def of(self, slides: int) -> Path:
        if slides not in self.known:
            talk = self.known[slides] = write_talk(self.folder / str(slides), slides)
            timing.build("build", "--talk", talk)
        return self.known[slides]

    def copied(self, slides: int) -> Path:
        """One that was built and never published."""
        talk = write_talk(self.folder / f"fresh-{next(_fresh)}", slides)
        timing.build("build", "--talk", talk)
        return talk


def measured(cases: list[Case], turns: int, folder: Path) -> tuple[float, list[Row]]:
    """The base's seconds, and each case's figures when all turns are over."""
    talks, bases = Talks(folder), list[float]()
    found: dict[str, list[tuple[float, timing.Spent]]] = {case.name: [] for case in cases}
    for turn in range(turns):
        for case in (case for case in cases if turn < (case.turns or turns)):
            try:
                base, spent = _once(case, talks, first=turn == 0)
            except timing.FailedError as error:
                print(f"{case.name}: left out: {error}", file=sys.stderr)
                continue
            bases.append(base)
            value = spent.processor / base if case.unit == "×" else spent.seconds
            found[case.name].append((value, spent))
            print(f"{case.name}: {value:.2f} {case.unit}", file=sys.stderr)
    return timing.middle(bases), [
        _row(case, found[case.name]) for case in cases if found[case.name]
    ]


def _once(case: Case, talks: Talks, *, first: bool) -> tuple[float, timing.Spent]:
    """The base's seconds of the processor, and what the case took just after it."""
    talk = talks.copied(case.slides) if case.fresh else talks.of(case.slides)
    case.before(talk)
    if first and not case.fresh:
        case.work(talk)  # what is kept is kept from here on
        case.before(talk)
    return timing.run(BASE).processor, case.work(talk)


def _row(case: Case, found: list[tuple[float, timing.Spent]]) -> Row:
    return Row(
        name=case.name,
        unit=case.unit,
        values=tuple(round(value, 3) for value, _ in found),
        seconds=round(timing.middle([spent.seconds for _, spent in found]), 3),
        peak_mb=round(max(spent.peak_bytes for _, spent in found) / 1e6),
        limit=case.limit,
        limit_mb=case.limit_mb,
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--only", nargs="+", metavar="WORD", help="cases with one of these words")
    parser.add_argument("--turns", type=int, default=5, help="at most, a case")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    options = parser.parse_args(arguments)
    words = options.only or [""]
    cases = [case for case in CASES if any(word in case.name for word in words)]
    if not cases:
        parser.error("no such case; there are: " + ", ".join(case.name for case in CASES))
    if options.turns < 1:
        parser.error("--turns is 1 or more")
    machine = Machine.now()
    with tempfile.TemporaryDirectory() as folder:
        base, rows = measured(cases, options.turns, Path(folder))
    print("\n".join(table(rows)))
    if options.json:
        write_figures(options.json, Speed(machine, round(base, 3), tuple(rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
