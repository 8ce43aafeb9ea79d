"""80/10/10: grouped, stratified, seeded; and what a plain random split would have leaked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np

from pipeline.experiment.data.messages import Message, Messages, group_key
from pipeline.files import kept
from pipeline.results import Leak

PARTS = 10


@dataclass(frozen=True, slots=True)
class Parts:
    """Indices into the messages, each set in rising order; no message is in two of them."""

    train: tuple[int, ...]
    validation: tuple[int, ...]
    test: tuple[int, ...]
    groups: int  # messages that differ in more than case, digits and punctuation
    leak: Leak


@dataclass(frozen=True, slots=True)
class Sets:
    """Messages, and which of them are in which set; a set is looked up when it is asked for."""

    messages: Messages
    parts: Parts
    elsewhere: tuple[Message, ...] = ()  # a second test set, of other messages

    @property
    def train(self) -> list[Message]:
        return [self.messages.items[i] for i in self.parts.train]

    @property
    def validation(self) -> list[Message]:
        return [self.messages.items[i] for i in self.parts.validation]

    @property
    def test(self) -> list[Message]:
        return [self.messages.items[i] for i in self.parts.test]

    def at_most(self, seed: int, train: int, validation: int, test: int | None = None) -> Sets:
        """With only so many messages of each set, the classes' shares kept; None: all of them."""

        def some(part: tuple[int, ...], size: int | None) -> tuple[int, ...]:
            return part if size is None else subset(part, self.messages.labels, size, seed)

        parts = replace(
            self.parts,
            train=some(self.parts.train, train),
            validation=some(self.parts.validation, validation),
            test=some(self.parts.test, test),
        )
        return replace(self, parts=parts)


def make_sets(messages: Messages, seed: int, folder: Path | None = None) -> Sets:
    """Split, or take the split that is kept in `folder` for these messages and this seed.

    It takes seconds. None keeps nothing.
    """
    key = repr((seed, messages.items))
    made = kept(folder, "split.json", key, lambda: msgspec.json.encode(split(messages, seed)))
    return Sets(messages, msgspec.json.decode(made, type=Parts))


def split(messages: Messages, seed: int) -> Parts:
    """Ten folds that keep repeated messages together: one tests, one validates, eight train."""
    from sklearn.model_selection import StratifiedGroupKFold

    groups = group_numbers(messages.texts)
    folds = StratifiedGroupKFold(PARTS, shuffle=True, random_state=seed)
    held = [
        tuple(int(i) for i in fold)
        for _, fold in folds.split(groups, np.array(messages.labels, dtype=int), groups)
    ]
    test, validation = held[0], held[1]
    train = tuple(sorted(index for fold in held[2:] for index in fold))
    return Parts(
        train=train,
        validation=validation,
        test=test,
        groups=int(groups.max()) + 1,
        leak=random_split_leak(groups, len(train), len(test), seed),
    )


def group_numbers(texts: Sequence[str]) -> np.ndarray:
    """Groups of near copies, numbered in the order in which they first appear; shape (texts,)."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(group_key(text), len(numbers)) for text in texts])


def random_split_leak(groups: np.ndarray, train: int, test: int, seed: int) -> Leak:
    """Test messages of a plain random split of the same sizes with a near copy in its training."""
    order = np.random.default_rng(seed).permutation(len(groups))
    seen = set(groups[order[:train]].tolist())
    leaked = sum(group in seen for group in groups[order[len(order) - test :]].tolist())
    return Leak(messages=leaked, test_messages=test, share=leaked / test)


def subset(indices: Sequence[int], labels: Sequence[int], size: int, seed: int) -> tuple[int, ...]:
    """`size` of the indices with the labels' shares kept, in rising order; all if there are fewer.

    At least one index of each label that occurs is taken; the first label takes what is left.
    """
    if len(indices) <= size:
        return tuple(indices)
    shuffled = np.random.default_rng(seed).permutation(np.array(indices)).tolist()
    of_label: dict[int, list[int]] = {}
    for i in shuffled:
        of_label.setdefault(labels[i], []).append(i)
    first, *others = sorted(of_label)
    taken = {label: max(1, round(size * len(of_label[label]) / len(indices))) for label in others}
    while others and sum(taken.values()) > size - 1:  # rounded up once too often
        largest = max(others, key=lambda label: taken[label])
        if taken[largest] == 1:
            break
        taken[largest] -= 1
    taken[first] = max(1, size - sum(taken.values()))
    return tuple(sorted(i for label, most in taken.items() for i in of_label[label][:most]))
