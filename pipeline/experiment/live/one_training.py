"""One training by itself: split as in a run, trained and judged on the validation set alone.

The test set is split off and never looked at. Nothing is kept: benchmarks and the live training
use this.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config import Config, TrainingSettings
from pipeline.experiment import hub, machine, sources
from pipeline.experiment.plan import Options, experiment_of
from pipeline.experiment.store import Memory
from pipeline.results import Training

if TYPE_CHECKING:  # with torch
    from pipeline.experiment.model.training import OnLog


@dataclass(frozen=True, slots=True)
class Planned:
    """What a training is about to do."""

    data: str  # name of the data
    messages: int  # in the training set
    validation_messages: int
    steps: int
    epochs: int
    work: float  # what it will tick in all
    reading: float  # of that, what comes before the first step


@dataclass(frozen=True, slots=True)
class Heard:
    """Who is told how it goes; all are called from the training's thread."""

    say: Callable[[str], None]
    plan: Callable[[Planned], None]
    tick: Callable[[float], None]
    log: OnLog = lambda step, logs: None


def train_once(
    config: Config,
    training: TrainingSettings,
    options: Options,
    reach: hub.Reach,
    folder: Path,
    heard: Heard,
    sizes: tuple[int, int] | None = None,
) -> Training:
    """Train on the training set; `sizes`: only so many messages of it and of the validation set.

    Checkpoints go to `folder`. Raises TalkError where data or model can't be had.
    """
    from pipeline.experiment.data.messages import clean_all
    from pipeline.experiment.data.split import split, subset
    from pipeline.experiment.model.pretrained import encode, load_classifier, load_tokenizer
    from pipeline.experiment.model.training import Encoded, fine_tune, training_work

    experiment, cache = experiment_of(config), options.folder(config)
    found = sources.find_data(config, experiment, options.data, reach, heard.say)
    remembered = Memory.load(cache).hash_of
    base = sources.find_model(experiment.model, options.model, cache, reach, remembered, heard.say)
    messages = clean_all(found.raw, sources.labels_of(experiment.data))
    parts = split(messages, experiment.seed)
    chosen = [list(parts.train), list(parts.validation)]
    if sizes:
        chosen = [
            subset(part, messages.positives, size, experiment.seed)
            for part, size in zip(chosen, sizes, strict=True)
        ]
    with machine.quiet():
        tokenizer = load_tokenizer(base.folder)
        train, validation = (
            Encoded(
                encode(tokenizer, [messages.items[i].text for i in part], training.max_tokens),
                [messages.items[i].positive for i in part],
            )
            for part in chosen
        )
        device = machine.prepare_device()
        classifier = load_classifier(
            base.folder, tokenizer, device, training.frozen_layers, experiment.seed
        )
        per_epoch = -(-len(train) // training.batch_size)
        work = training_work(classifier, train, validation, training.epochs)
        steps = per_epoch * training.epochs
        reading = 0.0
        if classifier.lower:
            reading = float(classifier.frozen_layers * (train.tokens + validation.tokens))
        heard.plan(
            Planned(found.name, len(train), len(validation), steps, training.epochs, work, reading)
        )
        made, _ = fine_tune(
            classifier,
            train,
            validation,
            training,
            experiment.seed,
            folder,
            heard.tick,
            heard.log,
        )
    return made
