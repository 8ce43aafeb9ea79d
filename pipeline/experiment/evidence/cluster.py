"""Cells on a Ray cluster: the same ones, on other machines. Ray is loaded here alone."""

from __future__ import annotations

import importlib.util
import os
import socket
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline.command import install
from pipeline.experiment.evidence.bench import Bench
from pipeline.experiment.evidence.plan import Job
from pipeline.experiment.evidence.workers import ONE_THREAD, TICK_S, Ended, on_one_thread, try_cell
from pipeline.problems import TalkError

LOCAL = "local"  # in place of an address: a cluster of this machine alone
REACH_S = 5.0
RETRIES = 3  # of a cell whose worker or machine was lost
_CODE = Path(__file__).resolve().parents[2]  # the package: it goes along


def run_on_ray(
    jobs: Sequence[Job], bench: Bench, address: str, processes: int
) -> Iterator[Ended | None]:
    """Try cells as the cluster has room for them; None now and then.

    `processes`: how many at once where the cluster is this machine. A cell whose worker is lost is
    tried again elsewhere. Raises TalkError where there is no Ray, or no cluster.
    """
    ray = _connected(address, processes)
    try:
        shared = ray.put(bench)
        task = ray.remote(num_cpus=1, max_retries=RETRIES)(_measured)
        waiting, running = deque(jobs), dict[Any, Job]()
        room = 2 * max(1, int(ray.cluster_resources().get("CPU", 1)))
        while waiting or running:
            while waiting and len(running) < room:
                job = waiting.popleft()
                running[task.remote(job, shared)] = job
            ready, _ = ray.wait(list(running), num_returns=1, timeout=TICK_S)
            for found in ready:
                yield _ended(ray, found, running.pop(found))
            if not ready:
                yield None
    finally:
        ray.shutdown()


def _connected(address: str, processes: int) -> Any:
    """Ray, connected to a cluster. Raises TalkError."""
    if importlib.util.find_spec("ray") is None:
        hint = f"install the extra with `{install('cluster')}`"
        raise TalkError("--ray needs Ray, which is not installed", None, hint)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would tell its makers
    import ray

    said: dict[str, Any] = {"log_to_driver": False, "logging_level": "error"}
    variables = dict(ONE_THREAD)
    if address == LOCAL:
        variables["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        said |= {"num_cpus": processes, "include_dashboard": False}
        said["runtime_env"] = {"env_vars": variables}
    else:
        said["address"] = address
        said["runtime_env"] = {"env_vars": variables, "py_modules": [str(_CODE)]}
    try:
        _reach(address)
        ray.init(**said)
    except (ConnectionError, ValueError, RuntimeError, OSError) as error:
        reason = str(error).partition("\n")[0]
        hint = "is `ray start --head` running there? `local` makes a cluster of this machine"
        raise TalkError(f"no Ray cluster at `{address}`: {reason}", None, hint) from None
    return ray


def _reach(address: str) -> None:
    """Raises OSError where nothing answers at once: Ray itself would ask for minutes."""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host, int(port)), timeout=REACH_S).close()


def _ended(ray: Any, found: Any, job: Job) -> Ended:
    """What a task gave, or that its workers were lost more often than it is tried again."""
    try:
        ended: Ended = ray.get(found)
    except ray.exceptions.RayError as error:
        return Ended(job, error=f"{type(error).__name__}: its worker was lost {RETRIES + 1} times")
    return ended


_OPENED: dict[str, Bench] = {}  # in a worker: its own bench


def _measured(job: Job, bench: Bench) -> Ended:
    """In a worker of Ray: one cell, on one thread."""
    from pipeline.experiment.machine import quiet

    known = f"{bench.model.sha256} {hash(bench.messages.items)} {hash(bench.elsewhere)}"
    with quiet():
        if known not in _OPENED:
            _OPENED.clear()
            _OPENED[known] = on_one_thread(bench)
        return try_cell(job, _OPENED[known])
