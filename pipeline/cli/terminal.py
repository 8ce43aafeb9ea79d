"""What is said at the terminal: messages on stderr, data on stdout."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from pipeline import recorded, stamp
from pipeline.command import with_talk
from pipeline.measured import Measured, Measurement
from pipeline.problems import Problem, Severity


def say(message: str) -> None:
    """A message for the person at the terminal; commands in it are those for the same talk."""
    said = with_talk(message)
    recorded.heard(said, is_data=False)
    print(said, file=sys.stderr, flush=True)


def give(data: str) -> None:
    """Data, for a person or a program."""
    recorded.heard(data, is_data=True)
    print(data, flush=True)


def confirmed(question: str) -> bool:
    """Whether the person says yes; no is what Enter, or no terminal, means."""
    return asked(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def asked(question: str) -> str:
    """The line that the person answers; without its end where nobody is there any more."""
    recorded.doubt("a question")
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline()


def show(problems: Iterable[Problem], severity: Severity | None = None) -> int:
    """Say each problem, errors first; `severity` says them all as that. How many there were."""
    found = sorted(problems, key=lambda problem: not problem.is_error)
    for problem in found:
        say(problem.shown(severity))
    return len(found)


def _run_of(one: Measurement) -> str:
    """A measurement's run in one line: "run 1a2b3c4d, 2026-11-20, 5 repeats (python3 bench.py)"."""
    run = one.run
    date = [run.made[:10]] if run.made else []
    repeats = [f"{run.repeats} repeats"] if run.repeats > 1 else []
    return f"{', '.join([f'run {run.id}', *date, *repeats])} ({run.command or run.source})"


def summary(title: str, measured: Measured, index: Path, seconds: float) -> str:
    """What was built from what, the rows of metrics, and where the deck is."""
    lines = ["", f"talk   {title}"]
    if results := measured.experiment:
        data, model = results.data, results.model
        metric = "F1" if data.positive else "macro-F1"
        part = (
            f" in the lower {model.used_layers} of {model.layers} layers" if model.is_part else ""
        )
        lines += [
            f"data   {data.name}: {data.messages:,} messages ({data.why})",
            f"model  {model.name}: {model.parameters / 1e6:.0f} million parameters"
            f"{part} ({model.why})",
            f"run    {results.run.id}, seed {results.run.seed}, {results.training.precision}"
            + (", QUICK: a part of the data, one epoch" if results.run.quick else ""),
            "",
            f"{'on ' + str(data.test.messages) + ' test messages':34}"
            + "".join(f"{name:>11}" for name in ("accuracy", "precision", "recall", metric))
            + f"{'95% of F1':>15}{'reading':>10}{'fit':>9}",
        ]
        for row in results.evaluations.values():
            rates = (row.accuracy, row.precision, row.recall, row.f1)
            values = [rate.value if rate else None for rate in rates]
            shown = "".join(f"{'–' if v is None else f'{v:.3f}':>11}" for v in values)
            low, high = row.f1.low, row.f1.high
            between = "–" if low is None or high is None else f"{low:.3f}–{high:.3f}"
            read = f"{row.read_seconds:.1f}s" if row.read_seconds else "–"
            took = f"{read:>10}{row.fit_seconds - row.read_seconds:>8.1f}s"
            lines.append(f"{row.name:34}{shown}{between:>15}{took}")
        lines.append("")
    lines += [f"{one.name:<6} {_run_of(one)}" for one in measured.measurements.values()]
    lines.append(f"deck   {index}  {stamp.TIME}{seconds:.1f} s)")
    return "\n".join(lines)
