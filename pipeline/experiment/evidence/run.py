"""Experiments of many cells: what is missing is measured, and all of it becomes measurements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pipeline.config import Config
from pipeline.experiment.data.messages import clean_all
from pipeline.experiment.evidence.bench import Bench
from pipeline.experiment.evidence.cell import Cell
from pipeline.experiment.evidence.plan import (
    Basis,
    Done,
    Job,
    Plan,
    fingerprint,
    id_of,
    jobs_of,
    keep_cell,
    kept_cell,
    plans,
    takes,
)
from pipeline.experiment.machine import Device, disk_errors_named
from pipeline.experiment.plan import Options, experiment_of
from pipeline.experiment.progress import Progress
from pipeline.experiment.run import check_libraries, find_sources
from pipeline.experiment.sources import DataFound, ModelFound, second_test_set
from pipeline.files import sweep
from pipeline.locks import alone, used
from pipeline.machine import machine_name, usable_cores
from pipeline.measured import EVIDENCE, Measurement, Origin
from pipeline.problems import TalkError

if TYPE_CHECKING:
    from pipeline.experiment.evidence.workers import Ended

MOST_CELLS = 10_000  # without being asked for
MOST_S = 3 * 3600
Say = Callable[[str], None]


class Wanted(msgspec.Struct, frozen=True):
    """What the command line says. `sure`: asks whether so much is meant, with what it takes."""

    names: tuple[str, ...] = ()
    quick: bool = False
    processes: int = 0  # 0: as many as there are cores
    sure: Callable[[str], bool] = lambda _: False
    ray: str = ""  # the address of a Ray cluster; empty: processes of this machine

    @property
    def at_once(self) -> int:
        return self.processes or usable_cores()


class Failed(msgspec.Struct, frozen=True):
    """A cell that went wrong."""

    cell: Cell
    error: str
    trace: str


class Evidence(msgspec.Struct, frozen=True):
    """What was measured, and which cells went wrong."""

    measurements: tuple[Measurement, ...]
    failed: tuple[Failed, ...]
    unmade: tuple[str, ...] = ()  # experiments of which too little is left


class TooMuchError(TalkError):
    """More is asked for than anybody meant."""


def run_evidence(config: Config, options: Options, wanted: Wanted, say: Say) -> Evidence:
    """Measure the cells that no kept one is there for, and join all.

    A cell is kept as it ends: whatever stops this, the next call goes on from there. Raises
    TalkError; TooMuchError where nobody is sure; KeyboardInterrupt passes.
    """
    found = plans(config, wanted.names, quick=wanted.quick)
    jobs = jobs_of(found)
    if len(jobs) > MOST_CELLS:
        _ask(len(jobs), sum(job.cost for job in jobs), wanted)
    check_libraries("evidence has to be measured")
    cache = options.folder(config)
    progress = Progress(say, ("evidence",))
    lock = cache / "locks" / "evidence"
    with disk_errors_named(cache), used(cache, sweep), alone(lock, "measuring evidence", say):
        data, model = find_sources(config, options, progress)
        basis = Basis.of(config, data.raw.sha256, model.sha256, model.name)
        done = {job.cell: one for job in jobs if (one := kept_cell(cache, job, basis))}
        todo = [job for job in jobs if job.cell not in done]
        failed = []
        if todo:
            seconds = sum(job.cost for job in todo)
            if seconds / wanted.at_once > MOST_S and len(jobs) <= MOST_CELLS:
                _ask(len(todo), seconds, wanted)
            say(f"evidence: {_counted(len(todo), len(jobs))}, {takes(seconds, wanted.at_once)}")
            work = _Work(config, data, model, cache, basis)
            failed = work.measure(todo, wanted, progress, done)
    made = {plan.name: _joined(plan, basis, data, model, done, failed) for plan in found}
    return Evidence(
        tuple(one for one in made.values() if one),
        tuple(failed),
        tuple(name for name, one in made.items() if not one),
    )


def _counted(todo: int, all_: int) -> str:
    kept = f", {all_ - todo:,} are kept" if todo < all_ else ""
    return f"{todo:,} cell{'s' if todo > 1 else ''} to measure{kept}"


def _ask(cells: int, seconds: float, wanted: Wanted) -> None:
    much = f"{cells:,} cells take {takes(seconds, wanted.at_once)}"
    if not wanted.sure(much):
        hint = "ask for fewer sizes, shares or seeds in talk.toml, or say --yes"
        raise TooMuchError(much, None, hint)


class _Work(msgspec.Struct, frozen=True):
    """What cells are measured on, as it is found; opened for the workers."""

    config: Config
    data: DataFound
    model: ModelFound
    cache: Path
    basis: Basis

    def measure(
        self, todo: Sequence[Job], wanted: Wanted, progress: Progress, done: dict[Cell, Done]
    ) -> list[Failed]:
        """Measure cells into `done`; those that went wrong."""
        failed: list[Failed] = []
        progress.step_name = "evidence"
        progress.expect(sum(job.cost for job in todo))
        try:
            for ended in self._tried(todo, wanted):
                if ended is None:
                    progress.tick(0)
                    continue
                if ended.error:
                    failed.append(Failed(ended.job.cell, ended.error, ended.trace))
                    progress.say(f"{ended.job.cell.title}: {ended.error}")
                else:
                    kept = keep_cell(self.cache, ended.job, self.basis, ended.done)
                    done[ended.job.cell] = kept
                progress.tick(ended.job.cost)
        except KeyboardInterrupt:
            progress.close()
            left = len(todo) - sum(job.cell in done for job in todo)
            are = "cell is" if left == 1 else "cells are"
            progress.say(f"interrupted; {left:,} {are} left, what was measured is kept")
            raise
        finally:
            progress.close()
        return failed

    def _tried(self, todo: Sequence[Job], wanted: Wanted) -> Iterator[Ended | None]:
        """Cells as they end, here or on a cluster."""
        if wanted.ray:
            from pipeline.experiment.evidence.cluster import run_on_ray

            return run_on_ray(todo, self._open(), wanted.ray, wanted.at_once)
        from pipeline.experiment.evidence.workers import run_here

        return run_here(todo, self._open(), wanted.at_once)

    def _open(self) -> Bench:
        experiment = experiment_of(self.config)
        return Bench(
            experiment=experiment,
            labels=self.data.labels,
            messages=clean_all(self.data.raw, self.data.labels),
            elsewhere=second_test_set(self.config, experiment, self.data),
            model=self.model,
            device=Device("cpu", "fp32", 1),  # each worker knows its own
            cache=self.cache,
        )


def _joined(
    plan: Plan,
    basis: Basis,
    data: DataFound,
    model: ModelFound,
    done: Mapping[Cell, Done],
    failed: Sequence[Failed],
) -> Measurement | None:
    """What an experiment's cells say together; None where it is nothing."""
    outcomes = {cell: done[cell].outcome for cell in plan.cells if cell in done}
    if not outcomes:
        return None
    try:
        values = plan.kind.values(plan.settings, outcomes)
    except (LookupError, ValueError, ArithmeticError):
        if failed:
            return None  # what is missing is said of each cell
        raise
    if not values:
        return None
    made = fingerprint(plan, basis, model.name)
    run = Origin(
        id=id_of(made),
        fingerprint=made,
        made=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        seconds=round(sum(done[cell].seconds for cell in outcomes), 1),
        command=plan.command,
        source=data.name,
        form=f"{EVIDENCE} {plan.kind.name}",
        machine=machine_name(usable_cores()),
        repeats=plan.settings.seeds,
    )
    return Measurement(plan.name, values, run)
