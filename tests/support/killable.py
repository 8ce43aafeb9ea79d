"""The tiny experiment in a process of its own, which a test may kill at any moment."""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
import time
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.config import Config
from pipeline.experiment.evidence import workers

# Loading the libraries takes five times as long as a tiny run. What forks is one process for all
# tests, and loads what its first one asked for: so all ask for the same.
_LIBRARIES = ["sklearn.linear_model", "accelerate", "transformers.models.gpt2.modeling_gpt2"]
_LIBRARIES += ["pipeline.experiment.run", "pipeline.experiment.steps"]


def forking() -> Any:
    """Begins processes that have the libraries loaded, where a fork of these is safe."""
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_LIBRARIES)
    return context


def fork_workers(patch: pytest.MonkeyPatch) -> None:
    """Evidence's workers begin with libraries loaded: that takes a hundred times as long as cells
    of a tiny model.
    """
    context = forking()
    patch.setattr(workers, "multiprocessing", SimpleNamespace(get_context=lambda _: context))


def start(config: Config) -> BaseProcess:
    """Begin the run of `tiny_talk`; what it says is in `said_by`."""
    process: BaseProcess = forking().Process(target=_run, args=(config.root,))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")  # read when torch is loaded
        process.start()
    return process


def said_by(config: Config) -> str:
    """All that the newest process wrote to stderr, whoever wrote it."""
    return (config.root / "said.txt").read_text("utf-8")


def _run(root: Path) -> None:
    os.dup2(os.open(root / "said.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    gc.freeze()  # a run collects garbage twice: never what libraries loaded
    from pipeline.config import TalkInfo
    from pipeline.experiment import steps
    from pipeline.experiment.model import training
    from pipeline.experiment.model.pretrained import Classifier
    from pipeline.experiment.run import run_experiment
    from support.tiny_model import tiny_experiment, tiny_options

    patch = pytest.MonkeyPatch()
    patch.setattr(training, "SAVE_EVERY_STEPS", 4)
    # Time to be killed in.
    evaluate, save = steps.evaluate_test, Classifier.save

    def evaluate_later(*args: Any) -> Any:
        time.sleep(0.3)
        return evaluate(*args)

    def save_and_wait(*args: Any) -> None:
        save(*args)
        time.sleep(0.3)

    patch.setattr(steps, "evaluate_test", evaluate_later)
    patch.setattr(Classifier, "save", save_and_wait)
    config = Config(root, TalkInfo("A tiny talk", "Nobody"), experiment=tiny_experiment())
    try:
        run_experiment(
            config, tiny_options(config), lambda m: print(m, file=sys.stderr, flush=True)
        )
    except KeyboardInterrupt:
        sys.exit(130)
