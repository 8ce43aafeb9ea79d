"""This machine, as far as numbers depend on it: processor and cores, no name of a host."""

from __future__ import annotations

import contextlib
import os
import platform
from pathlib import Path


def usable_cores(count: int | None = None) -> int:
    """How many of `count` cores this process may use: affinity, container, OMP_NUM_THREADS."""
    count = count or os.cpu_count() or 1
    with contextlib.suppress(ValueError):
        count = min(count, int(os.environ.get("OMP_NUM_THREADS", count)))
    if hasattr(os, "sched_getaffinity"):
        count = min(count, len(os.sched_getaffinity(0)))
    with contextlib.suppress(OSError, ValueError):
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        count = min(count, max(1, int(quota) // int(period)))
    return max(1, count)


def machine_name(cores: int) -> str:
    """Processor and cores, without the host's name."""
    model = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return f"{model}, {cores} core{'s' if cores > 1 else ''}"
