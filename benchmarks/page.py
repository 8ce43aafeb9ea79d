"""docs/speed.md, made from what was measured: `python -m benchmarks.page`.

Figures lie in docs/speed.json and docs/speed-training.json, which `python -m benchmarks --json` and
`python -m benchmarks.training --json` write.
"""

from __future__ import annotations

import datetime
import os
import platform
import statistics
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pipeline import __version__  # noqa: E402
from pipeline.files import write_whole  # noqa: E402
from pipeline.machine import machine_name, usable_cores  # noqa: E402

DOCS = ROOT / "docs"
LIBRARIES = ("jinja2", "markdown-it-py", "msgspec", "playwright", "torch", "transformers")


@dataclass(frozen=True, slots=True)
class Machine:
    """Where figures are from, without its name or paths."""

    name: str  # its processor and cores
    memory_gb: int
    system: str
    date: str
    load: float  # of the last minute, before the first case
    versions: dict[str, str]

    @classmethod
    def now(cls) -> Machine:
        """This machine as it is."""
        import psutil

        versions = {"talkwright": __version__, "Python": platform.python_version()}
        for name in LIBRARIES:
            try:
                versions[name] = version(name)
            except PackageNotFoundError:
                continue
        return cls(
            name=machine_name(usable_cores()),
            memory_gb=round(psutil.virtual_memory().total / 2**30),
            system=platform.system(),
            date=datetime.datetime.now(datetime.UTC).date().isoformat(),
            load=round(os.getloadavg()[0], 1),
            versions=versions,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One case: a value a turn, in its unit: "×" of the base, or seconds."""

    name: str
    unit: str
    values: tuple[float, ...]
    seconds: float  # by the wall, the median
    peak_mb: int
    limit: float | None = None
    limit_mb: float | None = None


@dataclass(frozen=True, slots=True)
class Speed:
    """All of docs/speed.json."""

    machine: Machine
    base_s: float  # of the processor, the median
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Trained:
    """One training; `share` is of this machine's rate of matrix products, as `gigaflops` counts."""

    precision: str
    messages_per_second: float
    seconds: float
    processor: float  # seconds of all cores: what a busy machine changes least
    messages_per_processor_second: float
    share: float
    gigaflops: float  # 10^9 operations that products reach in a second of the processor, or card
    messages: int  # that were learned from, in each epoch
    of: int  # those of the whole training, which drew the batches
    padding: float  # tokens with padding for each one without


@dataclass(frozen=True, slots=True)
class Way:
    """One way to train a model, and what each turn of it gave."""

    model: str
    name: str
    turns: tuple[Trained, ...]


@dataclass(frozen=True, slots=True)
class Training:
    """All of docs/speed-training.json; the first way of each model is what others are beside."""

    machine: Machine
    bf16: tuple[str, ...]  # the processor's instructions for it
    ways: tuple[Way, ...]


def table(rows: Iterable[Row]) -> list[str]:
    """Markdown: a line a case."""
    return [
        "| | median | lowest to highest | at most | seconds | memory |",
        "| --- | --- | --- | --- | --- | --- |",
        *(_line(row) for row in rows),
    ]


def _line(row: Row) -> str:
    middle = statistics.median(row.values)
    spread = f"{_figure(min(row.values))} to {_figure(max(row.values))}"
    most = f"{row.limit:g} {row.unit}" if row.limit else ""
    most += ", **over**" if row.limit and middle > row.limit else ""
    memory = f"{row.peak_mb} MB"
    if row.limit_mb:
        memory += f" of {row.limit_mb:g}" + (", **over**" if row.peak_mb > row.limit_mb else "")
    cells = (row.name, f"{_figure(middle)} {row.unit}", spread, most, f"{row.seconds:.2f}", memory)
    return f"| {' | '.join(cells)} |"


def _figure(value: float) -> str:
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def training_table(ways: Sequence[Way]) -> Iterator[str]:
    """Markdown: a table a model, its first way being what the others are beside."""
    for model in dict.fromkeys(way.model for way in ways):
        own = [way for way in ways if way.model == model]
        usual = _rates(own[0])
        yield f"\n### {model}\n"
        yield (
            "| | messages a second | times | a second of the processor | times | lowest to highest "
            "| padding | of matrix products |"
        )
        yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
        for way in own:
            each = [one.messages_per_processor_second for one in way.turns]
            rates = _rates(way)
            cells = [f"{way.name}, {way.turns[0].precision}"]
            for rate, beside in zip(rates, usual, strict=True):
                cells += [_figure(rate), f"{rate / beside:.1f}"]
            cells.append(f"{_figure(min(each))} to {_figure(max(each))}")
            cells.append(f"{way.turns[0].padding - 1:.0%}")
            cells.append(f"{statistics.median(one.share for one in way.turns):.0%}")
            yield f"| {' | '.join(cells)} |"


def _rates(way: Way) -> tuple[float, float]:
    """Messages a second by the clock, and of the processor: the medians."""
    by_clock = statistics.median(one.messages_per_second for one in way.turns)
    return by_clock, statistics.median(one.messages_per_processor_second for one in way.turns)


def products(training: Training) -> str:
    """One sentence: what this machine's products of matrices reach, and with what for bf16."""
    turns = [one for way in training.ways for one in way.turns]
    best = {one.precision: 0.0 for one in turns}
    for one in turns:
        best[one.precision] = max(best[one.precision], one.gigaflops)
    reached = " and ".join(f"{rate:,.0f} Gflop/s in {name}" for name, rate in best.items())
    has = ", ".join(f"`{name}`" for name in training.bf16) or "none"
    amx = "" if any("amx" in name for name in training.bf16) else ", no AMX"
    return (
        f"Instructions for bf16 here: {has}{amx}. In a second of one core, products of matrices "
        f"reach {reached}."
    )


def where(machine: Machine) -> str:
    """One paragraph about the machine."""
    known = ", ".join(f"{name} {number}" for name, number in machine.versions.items())
    return (
        f"{machine.date}, {machine.name}, {machine.memory_gb} GiB, "
        f"{machine.system}; a load of {machine.load:g} when it began. {known}."
    )


INTRO = """\
# How fast it is

This page is made from measurements by `python -m benchmarks.page`. To measure again:

```sh
python -m benchmarks --json docs/speed.json
python -m benchmarks.training --json docs/speed-training.json
python -m benchmarks.page
```
"""
BUILDS = """\

## Building, checking, publishing

This talk with the run of its last build, and its slides and script over and over. A ratio (×) is
of the processor's seconds of a command and of `python -c "import jinja2, markdown_it, msgspec"`,
run just before it ({base:.3f} s): it says little about the machine, and other work on it counts
little. Seconds are by the clock. Memory is the most that one process held. marp, reveal-md and
pandoc make their page of the same slides, as `export` writes them, with what is said in notes:
they make that one page, ours are the deck, its overview, the script and the rehearsal page.

`check` after a change of words alone starts no browser where these certainly make as many lines as
the old ones: what a browser found of the slide says so. Every other slide that changed is measured,
and no browser is cheap: a Chromium that prints an empty page takes 5 × by itself, one that
Playwright starts and shows an empty page in 9 to 10 ×.
"""
TRAINING = """\

## Training

Messages that are learned from in a second, beside transformers' Trainer as it comes: fp32, batches
of 8, drawn at random, each message padded to 128 tokens, all layers and the embeddings trained.
The talk's recipe trains few layers over states that the frozen ones gave once (their reading
counts), so it learns from the same messages with fewer weights; the rows of all layers are there
so that nobody is fooled. A second of the processor is one of one core: other work on the machine
changes it little and the clock's much, so where the load below is above 1 its columns alone count,
and the lowest and highest are its. The last column is the share of what large products of matrices
reach on the same machine in that precision: of each token that isn't padding, six operations for a
weight that is trained and two for one that is only read. The shape of DistilGPT2 has weights that
were drawn: it says how fast it is, and nothing else.

Batches of similar length are those that a training on all {of:,} messages draws, every so many of
them by their length: {messages} messages in each epoch of the recipe, {fewer} where all layers are
trained, so that there is hardly more or less padding than in the whole training (6%). The defaults
are as fast with few messages as with many, so two of their steps are timed.

Where a processor has bf16 instructions without AMX, its products of bf16 can be slower than those
of fp32: the rows say what holds on this machine.
"""


def page(speed: Speed, training: Training) -> str:
    """All of docs/speed.md."""
    parts = [INTRO, BUILDS.format(base=speed.base_s), where(speed.machine), ""]
    parts += [
        *table(speed.rows),
        _about(training),
        where(training.machine),
        "",
        products(training),
    ]
    return "\n".join([*parts, *training_table(training.ways)]) + "\n"


def _about(training: Training) -> str:
    """What was measured, in words."""
    turns = [one for way in training.ways for one in way.turns]
    recipe = max(one.messages for one in turns)
    fewer = min(one.messages for one in turns)
    return TRAINING.format(of=max(one.of for one in turns), messages=recipe, fewer=fewer)


def made() -> str:
    """The page of the figures that are kept."""
    speed = msgspec.json.decode((DOCS / "speed.json").read_bytes(), type=Speed)
    trained = (DOCS / "speed-training.json").read_bytes()
    return page(speed, msgspec.json.decode(trained, type=Training))


def write_figures(path: Path, found: Speed | Training) -> None:
    """As JSON that people can read."""
    write_whole(path, msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")


if __name__ == "__main__":
    write_whole(DOCS / "speed.md", made().encode())
