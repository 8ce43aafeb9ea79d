"""A training by itself; and beside a served deck, where it tells each step as a line of JSON.

    python -m pipeline.experiment.live.training '{"root": "…", "cache": "…", "whole": false}'

Lines on stdout, one object each: `plan`, then `share` (of the reading that comes before the first
step), `step` with `loss`, `f1` after each epoch (null: undefined), `done`, or `error`. The process
ends when its stdin does, so it never outlives the server. No results are written: the slides keep
the run that they show.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec
from msgspec.structs import asdict

from pipeline.command import install
from pipeline.config import Config, TrainingSettings, load_config
from pipeline.experiment import hub, machine
from pipeline.experiment.data.messages import Messages, clean_all
from pipeline.experiment.data.split import Sets, make_sets
from pipeline.experiment.plan import Options, experiment_of, missing_libraries
from pipeline.experiment.sources import find_data, find_model
from pipeline.experiment.store import Memory
from pipeline.problems import TalkError
from pipeline.results import Training

if TYPE_CHECKING:  # with torch
    from pipeline.experiment.model.training import OnLog

FOLDER = "live-training"  # in the cache, with a folder for each process
NICENESS = 10  # preview and live demo come first


class Planned(msgspec.Struct, frozen=True):
    """What a training is about to do."""

    data: str  # name of the data
    messages: int  # in the training set
    validation_messages: int
    steps: int
    epochs: int
    work: float  # what it will tick in all
    reading: float  # of that, what comes before the first step


class Heard(msgspec.Struct, frozen=True):
    """Who is told how it goes; all are called from the training's thread."""

    say: Callable[[str], None]
    plan: Callable[[Planned], None]
    tick: Callable[[float], None]
    log: OnLog = lambda step, logs: None


def training_command(config: Config, cache: Path, *, whole: bool) -> list[str]:
    """The command of a training beside a served deck: `whole`, or as [experiment.live] says.

    Raises TalkError for a talk without an experiment, or where a library is missing.
    """
    experiment_of(config)
    if missing := missing_libraries():
        hint = f"install the extra with `{install('train')}`, or leave --train-live out"
        raise TalkError(f"a training needs {', '.join(missing)}", None, hint)
    asked = {"root": str(config.root), "cache": str(cache.resolve()), "whole": whole}
    return [sys.executable, "-m", "pipeline.experiment.live.training", json.dumps(asked)]


def train_once(
    config: Config,
    settings_for: Callable[[str], tuple[TrainingSettings, tuple[int, int] | None]],
    options: Options,
    reach: hub.Reach,
    folder: Path,
    heard: Heard,
    sets_of: Callable[[Messages, int], Sets] = make_sets,
) -> Training:
    """Train on the training set, split off as in a run, and judge on the validation set alone.

    The test set is never looked at, and nothing is kept. `settings_for` gives by the model's name
    how to train it, and how many messages of both sets it takes at most; None: all. Checkpoints
    go to `folder`. Raises TalkError where data or model can't be had.
    """
    experiment, cache = experiment_of(config), options.folder(config)
    seed, hash_of = experiment.seed, Memory.load(cache).hash_of
    data = find_data(config, experiment, options.data, reach, heard.say)
    base = find_model(experiment.model, options.model, cache, reach, hash_of, heard.say)
    settings, sizes = settings_for(base.name)
    sets = sets_of(clean_all(data.raw, data.labels), seed)
    if sizes:
        sets = sets.at_most(seed, train=sizes[0], validation=sizes[1])
    from pipeline.experiment.model import pretrained  # in seconds: what is missing is said by now
    from pipeline.experiment.model.training import fine_tune, training_work

    with machine.quiet():
        tokenizer = pretrained.load_tokenizer(base.folder)
        train, validation = (
            pretrained.encode_messages(tokenizer, part, settings.max_tokens)
            for part in (sets.train, sets.validation)
        )
        device = machine.prepare_device()
        classifier = pretrained.load_classifier(
            base.folder, tokenizer, device, settings, seed, len(data.labels.names)
        )
        work, epochs = training_work(classifier, train, validation), settings.epochs
        heard.plan(
            Planned(
                data=data.name,
                messages=len(train),
                validation_messages=len(validation),
                steps=-(-len(train) // settings.batch_size) * epochs,
                epochs=epochs,
                work=work.total(epochs),
                reading=work.reading,
            )
        )
        judged = (heard.tick, heard.log, data.labels.positive_place)
        return fine_tune(classifier, train, validation, settings, seed, folder, *judged)[0]


def settings_of(
    config: Config, whole: bool, model: str
) -> tuple[TrainingSettings, tuple[int, int] | None]:
    """How to train a model: as the run does, or as [experiment.live] says; on how many messages."""
    experiment = experiment_of(config)
    if whole:
        return experiment.training_of(model), None
    live, usual = experiment.live, experiment.training_of(model)
    training = replace(usual, epochs=live.epochs, learning_rate=live.learning_rate)
    return training, (live.train, live.validation)


class Teller:
    """Writes what happens, one line each."""

    def __init__(self, out: IO[str]) -> None:
        self.out = out
        self.reading = self.done = 0.0
        self.stepped = False

    def write(self, **said: object) -> None:
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


def end_with(stdin: IO[str], folder: Path) -> None:
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
    settings_for = functools.partial(settings_of, config, whole)
    offline = hub.Reach(False, "it isn't asked for a live training")
    heard = Heard(lambda _: None, teller.plan, teller.tick, teller.log)
    try:
        made = train_once(config, settings_for, options, offline, folder, heard)
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
