"""Train once with other hyperparameters and print what the VALIDATION set says, after each epoch.

    python -m benchmarks.hyperparameters --learning-rate 3e-5 --frozen-layers 20

The test set is split off and never looked at: what is chosen here is chosen without it. Data and
model are those of the talk (TALK_DATA, the Hub, the sample), the rest comes from talk.toml.
Nothing is kept.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pipeline.config import Config, ExperimentSettings, TrainingSettings, load_config  # noqa: E402
from pipeline.errors import TalkError  # noqa: E402
from pipeline.experiment import hub, machine, sources  # noqa: E402
from pipeline.experiment.cache import Memory  # noqa: E402
from pipeline.experiment.results import Training  # noqa: E402


def say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def options_from(arguments: list[str] | None, usual: TrainingSettings) -> dict[str, Any]:
    """The talk's settings with those of the command line in their place; data and model."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.hyperparameters",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", help="file of messages (or set TALK_DATA)")
    parser.add_argument("--model", help="folder of a pre-trained model")
    for field in fields(TrainingSettings):
        value = getattr(usual, field.name)
        parser.add_argument(
            f"--{field.name.replace('_', '-')}",
            type=type(value),
            default=value,
            help=f"talk.toml has {value}",
        )
    return vars(parser.parse_args(arguments))


def train_once(
    config: Config,
    experiment: ExperimentSettings,
    training: TrainingSettings,
    data: str | None,
    model: str | None,
) -> Training:
    """Split as the experiment does, and train on the training set alone."""
    from pipeline.experiment.data import clean_all
    from pipeline.experiment.model import encode, load_classifier, load_tokenizer
    from pipeline.experiment.split import split
    from pipeline.experiment.training import Encoded, fine_tune, training_work

    cache = config.root / ".cache"
    reach = hub.probe()
    found = sources.find_data(config, experiment, data, reach, say)
    base = sources.find_model(
        experiment.model, model, cache, reach, Memory.load(cache).hash_of, say
    )
    messages = clean_all(found.raw, sources.labels_of(experiment.data))
    parts = split(messages, experiment.seed)
    with machine.quiet():
        tokenizer = load_tokenizer(base.folder)
        train, validation = (
            Encoded(
                encode(tokenizer, [messages.items[i].text for i in part], training.max_tokens),
                [messages.items[i].positive for i in part],
            )
            for part in (parts.train, parts.validation)
        )
        classifier = load_classifier(
            base.folder,
            tokenizer,
            machine.prepare_device(),
            training.frozen_layers,
            experiment.seed,
        )
        tick = ticker(training_work(classifier, train, validation, training.epochs))
        with tempfile.TemporaryDirectory() as folder:
            found_training, _ = fine_tune(
                classifier, train, validation, training, experiment.seed, Path(folder), tick
            )
    return found_training


def ticker(total: float) -> Callable[[float], None]:
    """A bar on stderr for the whole training."""
    from tqdm import tqdm

    bar = tqdm(total=total, bar_format="{percentage:3.0f}% {elapsed} so far, {remaining} left")
    return lambda work: bar.update(min(work, total - bar.n)) and None


def show(training: Training, frozen_layers: int) -> None:
    """One row an epoch, as they stand in benchmarks/README.md."""
    heads = ["learning rate", "frozen", "epoch", "train loss", "validation loss", "F1"]
    heads += ["precision", "recall", "wrong", ""]
    print(f"| {' | '.join(heads)} |")
    print(f"|{' --- |' * len(heads)}")
    for epoch in training.history:
        c = epoch.validation_confusion
        shares = (epoch.validation_f1, epoch.validation_precision, epoch.validation_recall)
        shown = " | ".join("–" if share is None else f"{share:.4f}" for share in shares)
        print(
            f"| {training.learning_rate:g} | {frozen_layers} | {epoch.epoch} "
            f"| {epoch.train_loss:.4f} | {epoch.validation_loss:.4f} | {shown} "
            f"| {c.false_positive + c.false_negative} of {c.total} "
            f"| {'kept' if epoch.kept else ''} |"
        )
    print(
        f"\n{training.seconds:.0f} s, {training.messages_per_second:.1f} messages a second, "
        f"peak {training.peak_memory_bytes / 2**30:.2f} GiB, {training.precision}",
        file=sys.stderr,
    )


def main(arguments: list[str] | None = None) -> int:
    config = load_config(ROOT)
    if config.experiment is None:
        say("error: this talk has no experiment")
        return 1
    options = options_from(arguments, config.experiment.training)
    data, model = options.pop("data"), options.pop("model")
    training = replace(config.experiment.training, **options)
    try:
        found = train_once(config, config.experiment, training, data, model)
        show(found, training.frozen_layers)
    except TalkError as error:
        say(f"error: {error}" + (f"\nhint: {error.hint}" if error.hint else ""))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
