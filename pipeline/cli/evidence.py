"""What the command line does with evidence: keeps it like any measurement, shows it, lists it.

The only place that knows both where runs of measurements are and how experiments are run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from pipeline.command import called
from pipeline.config import Config
from pipeline.experiment.evidence.cell import Cell
from pipeline.experiment.evidence.plan import changed_since, jobs_of, plan_of, plans, takes
from pipeline.files import write_whole
from pipeline.lengths import left_in_words
from pipeline.machine import usable_cores
from pipeline.measure import store
from pipeline.measure.read import dressed
from pipeline.measured import Measured, Measurement, Value, read_measurement, write_measurement
from pipeline.problems import Source, TalkError


class ShownEvidence(msgspec.Struct, frozen=True):
    """What pages show of a talk's evidence, by name; what has changed since; how to get the rest.

    `missing` says of experiments that were never run what runs them, and how long it takes.
    """

    measurements: Mapping[str, Measurement]
    changed: Mapping[str, tuple[str, ...]]
    missing: Mapping[str, str]


def shown_evidence(config: Config, out: Path) -> ShownEvidence:
    """Of each experiment its pinned run, else the one that was measured last; nothing is run.

    Raises TalkError for a run that is broken, or another's.
    """
    found, missing = dict[str, Measurement](), dict[str, str]()
    changed = dict[str, tuple[str, ...]]()
    for name in config.evidence:
        pinned = store.pinned_file(config, name)
        file = pinned if pinned.exists() else store.shown_file(out, name)
        if not file.exists():
            missing[name] = f"run `{called()} evidence {name}`: {_takes(config, name)}"
            continue
        one = _read(name, file, is_pinned=file == pinned)
        found[name] = dressed(config, one)
        if differs := changed_since(config, name, one.run.fingerprint):
            changed[name] = differs
    return ShownEvidence(found, changed, missing)


def _read(name: str, file: Path, *, is_pinned: bool) -> Measurement:
    """A shown run. Raises TalkError, with what brings a whole one, where it is none of `name`."""
    hint = f"delete it and run `{called()} evidence {name}`"
    if is_pinned:
        hint = f"let go of it with `{called()} pin {name} --undo`; `evidence {name}` measures again"
    try:
        one = read_measurement(file)
    except TalkError as error:
        raise TalkError(error.message, error.where, hint) from None
    if one.name != name:
        raise TalkError(f"it holds the values of `{one.name}`, not of `{name}`", Source(file), hint)
    return one


def _takes(config: Config, *names: str) -> str:
    """How long experiments take on this machine's cores, roughly."""
    jobs = jobs_of(plan_of(config, name) for name in names)
    return takes(sum(job.cost for job in jobs), usable_cores())


def said_at_build(config: Config, measured: Measured) -> Iterator[str]:
    """A line for evidence that is missing, one for what no longer fits: a build runs none."""
    missing = list(measured.missing)
    stale = [name for name in measured.changed if name in config.evidence]
    if missing:
        what = "was" if len(missing) == 1 else "were"
        said = f"evidence: {', '.join(missing)} {what} not measured yet, and no build does it"
        yield f"{said}: `{called()} evidence`, {_takes(config, *missing)}"
    if stale:
        said = f"evidence: {', '.join(stale)} no longer fit{'s' if len(stale) == 1 else ''}"
        yield f"{said} what is there now: `{called()} evidence {' '.join(stale)}`"


def keep(config: Config, out: Path, cache: Path, found: Measurement) -> str:
    """Keep what was measured, and show it; what was done.

    A quick run is shown only where no whole one is.
    """
    name, run = found.name, found.run
    folder = store.kept_folder(cache, name, run.id)
    before = store.fitting(cache, name, run.id, run.fingerprint)
    if before is None or before.values != found.values:
        store.keep_aside(folder)
        before = write_measurement(found, folder / store.WHOLE)
    store.drop_old(cache, name, run.id)
    target = store.shown_file(out, name)
    kind = "quick run" if found.is_quick else "run"
    said = f"{name}: {kind} {run.id}"
    if found.is_quick and _is_whole(target):
        return f"{said} is kept; pages show the whole one"
    kept = (folder / store.WHOLE).read_bytes()
    if not target.exists() or target.read_bytes() != kept:
        write_whole(target, kept)
    if store.pinned_file(config, name).exists():
        return f"{said} is kept; pages show the pinned one: `{called()} pin {name}`"
    return f"{said} is shown by the next build"


def _is_whole(file: Path) -> bool:
    """Whether a file holds a run that is not a quick one."""
    try:
        return not read_measurement(file).is_quick
    except TalkError:
        return False


def has_whole(out: Path, name: str) -> bool:
    """Whether a whole run of an experiment is shown."""
    return _is_whole(store.shown_file(out, name))


def check_pinnable(out: Path, name: str) -> None:
    """Raises TalkError where what would be pinned is a quick run."""
    file = store.shown_file(out, name)
    if file.exists() and read_measurement(file).is_quick:
        message = f"what was measured of {name} is a quick run, which is not kept for the deck"
        raise TalkError(message, Source(file), f"run `{called()} evidence {name}` first")


# --- For people -----------------------------------------------------------------------------


def listing(config: Config, names: Sequence[str], *, quick: bool) -> str:
    """The experiments with their cells, how long they take, their questions and slides.

    Cells that several ask for are measured once, with the first of them.
    """
    cores, known, total = usable_cores(), set[Cell](), 0.0
    rows = [f"{'experiment':<14}{'cells':>8}{'takes about':>16}  question (slide)"]
    for plan in plans(config, names, quick=quick):
        seconds = sum(plan.kind.cost(cell) for cell in plan.cells if cell not in known)
        known, total = known.union(plan.cells), total + seconds
        row = f"{plan.name:<14}{len(plan.cells):>8,}{left_in_words(seconds / cores):>16}"
        feeds = f"({plan.settings.slide})" if plan.settings.slide else ""
        rows.append(f"{row}  {plan.settings.question} {feeds}".rstrip())
    return "\n".join([*rows, f"together {len(known):,} cells, {takes(total, cores)}"])


def table(found: Sequence[Measurement]) -> str:
    """Every value with its interval: a line a branch of the tree."""
    lines: list[str] = []
    for one in found:
        lines += [
            "",
            f"{one.name}  (run {one.run.id}, {left_in_words(one.run.seconds or 0)} of work)",
        ]
        lines += [f"  {where:<26}{'  '.join(values)}" for where, values in _rows(one.values, "")]
    return "\n".join(lines).strip("\n")


def _rows(tree: object, at: str) -> Iterator[tuple[str, list[str]]]:
    if not isinstance(tree, dict):
        return
    here = [
        f"{name} {_short(value)}" for name, value in tree.items() if not isinstance(value, dict)
    ]
    if here:
        yield at, here
    for name, inner in tree.items():
        yield from _rows(inner, f"{at} {name}".strip())


def _short(value: object) -> str:
    """`0.953 (0.941–0.965)`."""
    if not isinstance(value, Value):
        return str(value)
    shown = f"{value.value:,}" if isinstance(value.value, int) else f"{value.value:.3g}"
    if value.low is None or value.high is None:
        return shown
    return f"{shown} ({value.low:.3g}–{value.high:.3g})"
