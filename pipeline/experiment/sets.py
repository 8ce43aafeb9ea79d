"""Steps two to four: messages cleaned, split into sets, and split into tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import msgspec

from pipeline.experiment import sources
from pipeline.experiment.data.messages import Message, Messages, clean_all, read_raw
from pipeline.experiment.data.split import Parts, split, subset
from pipeline.experiment.model import baselines
from pipeline.experiment.model import pretrained as language
from pipeline.experiment.model.pretrained import Ids
from pipeline.experiment.model.training import Encoded
from pipeline.experiment.progress import Progress
from pipeline.experiment.task import Task, keep
from pipeline.results import Tokenized

SPLIT = "split.json"


@dataclass(frozen=True, slots=True)
class Sets:
    """The messages that a run uses, split; `elsewhere` is the second test set, if there is one."""

    messages: Messages
    parts: Parts
    train: list[Message]
    validation: list[Message]
    test: list[Message]
    elsewhere: list[Message]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The same sets as token ids."""

    tokenizer: Any
    train: Encoded
    validation: Encoded
    test: list[Ids]
    elsewhere: list[Ids]
    examples: list[Ids]
    question: baselines.Question
    mean_tokens: float
    tokenized: tuple[Tokenized, ...]


def make_sets(task: Task, progress: Progress) -> Sets:
    """Clean and split; with --quick only a part of each set, the classes' shares kept."""
    seed, quick = task.experiment.seed, task.experiment.quick
    with progress.step("clean"):
        messages = clean_all(task.data.raw, task.labels)
        elsewhere = _second_test_set(task)
    with progress.step("split"):
        parts = split_once(task.folder, messages, seed)
        chosen: list[Sequence[int]] = [parts.train, parts.validation, parts.test]
        if task.options.quick:
            sizes = (quick.train, quick.validation, quick.test)
            positives = messages.positives
            chosen = [
                subset(part, positives, size, seed)
                for part, size in zip(chosen, sizes, strict=True)
            ]
            positives = [message.positive for message in elsewhere]
            some = subset(range(len(elsewhere)), positives, quick.test // 2, seed)
            elsewhere = [elsewhere[i] for i in some]
    train_set, validation, test = ([messages.items[i] for i in part] for part in chosen)
    return Sets(messages, parts, train_set, validation, test, elsewhere)


def split_once(folder: Path, messages: Messages, seed: int) -> Parts:
    """The split of the run that is kept in `folder`: done once, for it takes seconds."""
    path = folder / SPLIT
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Parts)
        if len(found.train) + len(found.validation) + len(found.test) == len(messages.items):
            return found
    except (OSError, msgspec.DecodeError):
        pass
    made = split(messages, seed)
    folder.mkdir(parents=True, exist_ok=True)
    keep(path, msgspec.json.encode(made))
    return made


def _second_test_set(task: Task) -> list[Message]:
    """The embedded sample, where it is not what the run is trained on."""
    path = sources.sample_path(task.config, task.experiment)
    if path is None or task.data.source == "sample":
        return []
    raw = read_raw(path, task.labels, "the sample")
    return [] if raw.sha256 == task.data.raw.sha256 else list(clean_all(raw, task.labels).items)


def tokenize(task: Task, sets: Sets) -> Tokens:
    """Each set as token ids, cut at the talk's `max_tokens`."""
    most = task.training.max_tokens
    tokenizer = language.load_tokenizer(task.model.folder)

    def ids(messages: Sequence[Message]) -> list[Ids]:
        return language.encode(tokenizer, [message.text for message in messages], most)

    def encoded(messages: Sequence[Message]) -> Encoded:
        return Encoded(ids(messages), [message.positive for message in messages])

    test_texts = [message.text for message in sets.test]
    used = [message.text for message in (*sets.train, *sets.validation, *sets.test)]
    whole = language.encode(tokenizer, used, most * 1000)
    return Tokens(
        tokenizer=tokenizer,
        train=encoded(sets.train),
        validation=encoded(sets.validation),
        test=ids(sets.test),
        elsewhere=ids(sets.elsewhere),
        examples=language.encode(tokenizer, [e.text for e in task.experiment.examples], most),
        question=baselines.ask(task.experiment, tokenizer, test_texts, most),
        mean_tokens=fmean(map(len, whole)),
        tokenized=tuple(language.tokenized(tokenizer, text) for text in task.experiment.tokenized),
    )
