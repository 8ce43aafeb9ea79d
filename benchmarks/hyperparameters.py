"""Train with other hyperparameters and print what held-out messages say, after each epoch.

    python -m benchmarks.hyperparameters --learning-rate 3e-4 --frozen-layers 10 --folds 5

The test set is split off and never looked at: what is chosen here is chosen without it. Without
`--folds` the validation set is held out; with it each fold of training and validation set in turn,
near copies on one side. Data and model are those of the talk (TALK_DATA, the Hub, the sample), the
rest comes from talk.toml. Nothing is kept.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, get_args

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pipeline.cli.terminal import say  # noqa: E402
from pipeline.config import Config, Pooling, TrainingSettings, load_config  # noqa: E402
from pipeline.experiment import hub  # noqa: E402
from pipeline.experiment.data.messages import Messages  # noqa: E402
from pipeline.experiment.data.split import Sets, make_sets  # noqa: E402
from pipeline.experiment.live.training import Heard, train_once  # noqa: E402
from pipeline.experiment.plan import Options  # noqa: E402
from pipeline.problems import TalkError  # noqa: E402
from pipeline.results import Training  # noqa: E402

MakeSets = Callable[[Messages, int], Sets]


def options_from(arguments: list[str] | None, usual: TrainingSettings) -> dict[str, Any]:
    """The talk's settings with those of the command line in their place; data and model."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.hyperparameters",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", help="file of messages (or set TALK_DATA)")
    parser.add_argument("--model", help="folder of a pre-trained model")
    parser.add_argument("--folds", type=int, default=0, help="0: the validation set is held out")
    for field in fields(TrainingSettings):
        value = getattr(usual, field.name)
        option, said = f"--{field.name.replace('_', '-')}", f"talk.toml has {value}"
        if isinstance(value, bool):
            yes_or_no = argparse.BooleanOptionalAction
            parser.add_argument(option, action=yes_or_no, default=value, help=said)
        else:
            known = get_args(Pooling) if field.name == "pooling" else None
            parser.add_argument(option, type=type(value), default=value, choices=known, help=said)
    return vars(parser.parse_args(arguments))


def train(
    config: Config,
    training: TrainingSettings,
    data: str | None,
    model: str | None,
    sets: MakeSets = make_sets,
) -> Training:
    """Train once in a folder of its own, with a bar on stderr."""
    bar: list[Callable[[float], None]] = []
    heard = Heard(
        say,
        lambda planned: bar.append(ticker(planned.work)),
        lambda work: bar[0](work),
    )
    with tempfile.TemporaryDirectory() as folder:
        options = Options(data=data, model=model)
        how = (training, None)  # whatever the model
        return train_once(config, lambda _: how, options, hub.probe(), Path(folder), heard, sets)


def fold(number: int, folds: int) -> MakeSets:
    """One fold of training and validation set held out, of each group of near copies the first."""

    def made(messages: Messages, seed: int) -> Sets:
        from sklearn.model_selection import StratifiedGroupKFold

        sets = make_sets(messages, seed)
        inside = np.array(sorted({*sets.parts.train, *sets.parts.validation}))
        labels, groups = (np.array(of)[inside] for of in (messages.labels, messages.groups))
        parted = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
        train, held = list(parted.split(inside, labels, groups))[number]
        _, first = np.unique(groups[held], return_index=True)
        parts = replace(
            sets.parts,
            train=tuple(inside[train].tolist()),
            validation=tuple(sorted(inside[held][first].tolist())),
            test=(),
        )
        return replace(sets, parts=parts)

    return made


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
        wrong = f"{1 - epoch.validation_accuracy:.2%}"
        if c:
            wrong = f"{c.false_positive + c.false_negative} of {c.total}"
        shares = (epoch.validation_f1, epoch.validation_precision, epoch.validation_recall)
        shown = " | ".join("–" if share is None else f"{share:.4f}" for share in shares)
        print(
            f"| {training.learning_rate:g} | {frozen_layers} | {epoch.epoch} "
            f"| {epoch.train_loss:.4f} | {epoch.validation_loss:.4f} | {shown} "
            f"| {wrong} "
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
    data, model, folds = options.pop("data"), options.pop("model"), options.pop("folds")
    training = replace(config.experiment.training, **options)
    try:
        if not folds:
            show(train(config, training, data, model), training.frozen_layers)
            return 0
        last = []
        for number in range(folds):
            found = train(config, training, data, model, fold(number, folds))
            show(found, training.frozen_layers)
            last.append(found.history[-1].validation_f1 or 0.0)
        print(f"\nF1 after the last epoch: {fmean(last):.4f}, sd over folds {stdev(last):.4f}")
    except TalkError as error:
        say(f"error: {error}" + (f"\nhint: {error.hint}" if error.hint else ""))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
