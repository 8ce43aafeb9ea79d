"""Cells in processes of this machine, one a process at a time: each computes on one thread.

A pool of the standard library says only that some worker died; here it is known what each was
doing.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
import traceback
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import cast

import msgspec

from pipeline.experiment.evidence.bench import Bench
from pipeline.experiment.evidence.plan import Done, Job
from pipeline.problems import TalkError

TICK_S = 2.0
_THREADS = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"),
    *("VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS"),
)
ONE_THREAD = {**dict.fromkeys(_THREADS, "1"), "TOKENIZERS_PARALLELISM": "false"}


class Ended(msgspec.Struct, frozen=True):
    """A cell that was tried: a `Done` as JSON, or what went wrong."""

    job: Job
    done: bytes = b""
    error: str = ""
    trace: str = ""  # of a bug


def try_cell(job: Job, bench: Bench) -> Ended:
    """Measure one cell here and now."""
    started = time.perf_counter()
    try:
        outcome = job.kind.measure(job.cell, bench)
        seconds = round(time.perf_counter() - started, 3)
        return Ended(job, msgspec.json.encode(Done(outcome, seconds)))
    except TalkError as error:
        hint = f" ({error.hint})" if error.hint else ""
        return Ended(job, error=f"{error.message}{hint}")
    except Exception as error:  # a bug in one cell: the others go on, and it is shown
        return Ended(job, error=f"{type(error).__name__}: {error}", trace=traceback.format_exc())


def on_one_thread(bench: Bench) -> Bench:
    """The bench on this process's device; `ONE_THREAD` was set before it began."""
    from pipeline.experiment.machine import prepare_device

    return replace(bench, device=prepare_device(), opened={})


def run_here(jobs: Sequence[Job], bench: Bench, processes: int) -> Iterator[Ended | None]:
    """Try cells in the order given, as many at once as there are processes; None now and then.

    A process that dies takes its cell with it: another takes its place. Whatever ends this ends
    them all.
    """
    waiting = deque(jobs)
    workers = [_Worker.start(bench) for _ in range(min(processes, len(waiting)))]
    try:
        while waiting or any(worker.job for worker in workers):
            for worker in workers:
                if waiting and not worker.job:
                    worker.give(waiting.popleft())
            busy = {worker.pipe: worker for worker in workers if worker.job}
            ready = wait(list(busy), TICK_S)
            for pipe in ready:
                worker = busy[cast(Connection, pipe)]
                ended = worker.ended()
                if not worker.process.is_alive() or ended.error == _DIED:
                    worker.stop()
                    workers.remove(worker)
                    if waiting:
                        workers.append(_Worker.start(bench))
                yield ended
            if not ready:
                yield None
    finally:
        for worker in workers:
            worker.stop()


_DIED = "its process was ended: is there enough memory?"


class _Worker(msgspec.Struct):
    """A process and the pipe to it; `job` is what it is doing."""

    process: BaseProcess
    pipe: Connection
    job: Job | None = None

    @classmethod
    def start(cls, bench: Bench) -> _Worker:
        spawn = multiprocessing.get_context("spawn")
        here, there = spawn.Pipe()
        process = spawn.Process(target=_work, args=(there, bench), daemon=True)
        with _set(ONE_THREAD):
            process.start()
        there.close()  # so that its end is seen
        return cls(process, here)

    def give(self, job: Job) -> None:
        self.job = job
        with suppress(OSError):  # where it has died: that is read next
            self.pipe.send(job)

    def ended(self) -> Ended:
        """What it sent, or that it died."""
        assert self.job
        try:
            found: Ended = self.pipe.recv()
        except (EOFError, OSError):
            found = Ended(self.job, error=_DIED)
        self.job = None
        return found

    def stop(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


@contextmanager
def _set(variables: dict[str, str]) -> Iterator[None]:
    """Variables that a process begins with: libraries read them once."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _work(pipe: Connection, bench: Bench) -> None:
    """What a worker does, until its pipe is closed. Ctrl-C is its parent's to answer."""
    from pipeline.experiment.machine import quiet

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with quiet():
        here = on_one_thread(bench)
        while True:
            try:
                job = pipe.recv()
            except (EOFError, OSError):
                return
            pipe.send(try_cell(job, here))
