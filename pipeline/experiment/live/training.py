"""A training beside a served deck, in a process of its own: it tells each step as a line of JSON.

    python -m pipeline.experiment.live.training '{"root": "…", "cache": "…", "whole": false}'

Lines on stdout, one object each: `plan`, then `share` (of the reading that comes before the first
step), `step` with `loss`, `f1` after each epoch (null: undefined), `done`, or `error`. The process
ends when its stdin does, so it never outlives the server. No results are written: the slides keep
the run that they show.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import threading
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any

from pipeline.config import Config, TrainingSettings, load_config
from pipeline.experiment import hub
from pipeline.experiment.live.one_training import Heard, Planned, train_once
from pipeline.experiment.plan import Options, experiment_of
from pipeline.problems import TalkError

FOLDER = "live-training"  # in the cache, with a folder for each process
NICENESS = 10  # preview and live demo come first


def settings_of(config: Config, whole: bool) -> tuple[TrainingSettings, tuple[int, int] | None]:
    """How to train: as the run does, or as [experiment.live] says; and on how many messages."""
    experiment = experiment_of(config)
    if whole:
        return experiment.training, None
    live = experiment.live
    training = replace(experiment.training, epochs=live.epochs, learning_rate=live.learning_rate)
    return training, (live.train, live.validation)


class Teller:
    """Writes what happens, one line each."""

    def __init__(self, out: IO[str]) -> None:
        self.out = out
        self.reading = self.done = 0.0
        self.stepped = False

    def write(self, **said: Any) -> None:
        self.out.write(json.dumps(said) + "\n")
        self.out.flush()

    def plan(self, planned: Planned) -> None:
        self.reading = planned.reading
        self.write(plan=asdict(planned))

    def tick(self, work: float) -> None:
        """Shows only what comes before the first step; then steps are counted."""
        self.done += work
        if not self.stepped and self.reading:
            self.write(share=round(min(1.0, self.done / self.reading), 3))

    def log(self, step: int, logs: dict[str, float]) -> None:
        if "loss" in logs:
            self.stepped = True
            self.write(step=step, loss=logs["loss"])
        if "eval_f1" in logs:
            self.write(step=step, f1=logs["eval_f1"] if logs["eval_f1"] >= 0 else None)


def end_with(stdin: IO[Any], folder: Path) -> None:
    """Wait until the server is gone or says stop by closing the pipe; then end at once."""
    with contextlib.suppress(OSError, ValueError):
        stdin.read()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(3)


def own_folder(config: Config, options: Options) -> Path:
    """This process's folder for checkpoints; what killed ones left is removed."""
    import psutil

    folder = options.folder(config) / FOLDER
    for other in folder.glob("*"):
        if not (other.name.isdecimal() and psutil.pid_exists(int(other.name))):
            shutil.rmtree(other, ignore_errors=True)
    return folder / str(os.getpid())


def train_live(config: Config, options: Options, whole: bool, teller: Teller, folder: Path) -> None:
    """Train and tell; `folder` is removed. Raises TalkError where data or model can't be had."""
    training, sizes = settings_of(config, whole)
    offline = hub.Reach(False, "it isn't asked for a live training")
    heard = Heard(lambda _: None, teller.plan, teller.tick, teller.log)
    try:
        made = train_once(config, training, options, offline, folder, heard, sizes)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    teller.write(done=True, seconds=round(made.seconds, 1))


def main(arguments: list[str]) -> int:
    asked = json.loads(arguments[0])
    teller = Teller(os.fdopen(os.dup(1), "w", encoding="utf-8"))
    os.dup2(2, 1)  # whatever a library prints is no line of ours
    with contextlib.suppress(OSError, AttributeError):
        os.nice(NICENESS)
    try:
        config = load_config(Path(asked["root"]))
        options = Options(
            data=asked.get("data"), model=asked.get("model"), cache=Path(asked["cache"])
        )
        folder = own_folder(config, options)
        threading.Thread(target=end_with, args=(sys.stdin, folder), daemon=True).start()
        train_live(config, options, asked["whole"], teller, folder)
    except TalkError as error:
        teller.write(error=error.message, hint=error.hint)
        return 1
    except Exception as error:  # a library's: the deck must say that there is no more to come
        teller.write(error=f"{type(error).__name__}: {error}", hint="")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
