"""What the machine can do, and what it took: precision, threads, memory, versions, disk."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import platform
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from pipeline import __version__
from pipeline.command import CHECKOUT
from pipeline.experiment import together
from pipeline.machine import usable_cores
from pipeline.problems import Source, TalkError

LIBRARIES = (
    "torch",
    "transformers",
    "tokenizers",
    "accelerate",
    "peft",
    "datasets",
    "scikit-learn",
    "numpy",
)


class Device(msgspec.Struct, frozen=True):
    """Where tensors live and in which precision they are multiplied."""

    name: str  # "cpu" or "cuda"
    precision: str  # "bf16" where the hardware multiplies it, else "fp32"
    threads: int

    @property
    def bf16(self) -> bool:
        return self.precision == "bf16"


def prepare_device() -> Device:
    """Pick the device and its precision, set the threads. Imports torch."""
    import torch

    threads = cores()
    torch.set_num_threads(threads)
    if torch.cuda.is_available():
        if together.processes() > 1:
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))  # one for each process
        _settle_cuda()
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
        return Device("cuda", "bf16" if fast else "fp32", threads)
    return Device("cpu", "bf16" if _cpu_multiplies_bf16() else "fp32", threads)


def _settle_cuda() -> None:
    """The same numbers each time, as far as CUDA has them: it says nothing where it hasn't.

    Products in fp32 keep all their bits: where a card has TF32 it has bf16 too, and what may be
    coarse is bf16 already. cuBLAS reads its variable when it is first used.
    """
    import torch

    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = False


def autocast(device: Device) -> Any:
    """The context in which a model is run on this device."""
    import torch

    return torch.autocast(device.name, dtype=torch.bfloat16, enabled=device.bf16)


def _cpu_multiplies_bf16() -> bool:
    """Whether there are bf16 instructions: without them bf16 is a hundred times slower than fp32.

    oneDNN says yes to AVX-512 without them too, so both are asked.
    """
    import torch

    try:
        if not torch.ops.mkldnn._is_mkldnn_bf16_supported():
            return False
        capabilities = torch.cpu.get_capabilities()
    except (AttributeError, RuntimeError):
        return False
    return any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16", "amx", "bf16"))


def cores() -> int:
    """Physical cores that this process may use."""
    import psutil

    return usable_cores(psutil.cpu_count(logical=False))


def peak_memory_bytes() -> int:
    """The most memory that this process has held so far."""
    import psutil

    info = psutil.Process().memory_info()
    if hasattr(info, "peak_wset"):
        return int(info.peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that make the numbers."""
    from importlib import metadata  # reads mail's headers: with all of `email`

    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def made_on(device: Device) -> str:
    """What makes the last digits: "cpu, bf16, torch 2.9.1, transformers 4.57.1, …"."""
    known = versions()
    makers = ("torch", "transformers", "scikit-learn")
    libraries = [f"{name} {known[name]}" for name in makers if name in known]
    return ", ".join([device.name, device.precision, *libraries])


def code_version() -> str:
    """The commit of this code, with a `+` where files differ from it; its version where it is
    installed, empty outside git.
    """
    if not CHECKOUT:  # git would find whatever repository the environment lies in
        return __version__
    try:
        found = subprocess.run(
            ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty=+"],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout.strip()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without the libraries' own log lines and bars: the one bar is ours."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    import transformers

    was = transformers.utils.logging.get_verbosity()
    transformers.utils.logging.set_verbosity(logging.CRITICAL)
    transformers.utils.logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        transformers.utils.logging.set_verbosity(was)


@contextlib.contextmanager
def disk_errors_named(folder: Path) -> Iterator[None]:
    """A full disk, however a library reports it, becomes one TalkError."""
    try:
        yield
    except TalkError:
        raise
    except Exception as error:
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        # torch and safetensors report it in words of their own.
        said = "No space left" in str(error) or "failed writing file" in str(error)
        if full or said:
            raise disk_full(folder) from None
        raise


def check_disk(folder: Path, needed_bytes: int) -> None:
    """Raise TalkError before the work begins where its files would not fit."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise disk_full(folder, f"{needed_bytes / 2**30:.1f} GiB are needed, {free / 2**30:.1f}")


def disk_full(folder: Path, detail: str = "") -> TalkError:
    return TalkError(
        "the disk is full" + (f": {detail} are free" if detail else ""),
        Source(folder),
        "free some space and run the same command again: it goes on where it stopped",
    )
