"""80/10/10 by groups of near copies; and what a plain random split would have leaked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.experiment.data.messages import Message, Messages
from pipeline.results import Leak

if TYPE_CHECKING:  # a build with nothing to do looks at PARTS alone
    import numpy as np

PARTS = 10


@dataclass(frozen=True, slots=True)
class Parts:
    """Indices into the messages, each set in rising order; no message is in two of them."""

    train: tuple[int, ...]
    validation: tuple[int, ...]
    test: tuple[int, ...]
    test_repeats: int  # near copies of test messages; they are in no set
    groups: int  # of near copies, in all messages
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

        tested = some(self.parts.test, test)
        parts = replace(
            self.parts,
            train=some(self.parts.train, train),
            validation=some(self.parts.validation, validation),
            test=tested,
            test_repeats=_repeats(self.messages, tested),
        )
        return replace(self, parts=parts)


def make_sets(messages: Messages, seed: int) -> Sets:
    """Training, validation and test messages of a run."""
    return Sets(messages, split(messages, seed))


def plain_sets(messages: Messages, seed: int) -> Sets:
    """Sets of the same sizes at random, the labels' shares kept: near copies stand on both sides.

    What most experiments do; here it measures what that flatters.
    """
    parts = split(messages, seed)
    train, validation, test = _plain(messages, parts, seed)
    return Sets(messages, replace(parts, train=train, validation=validation, test=test))


def split(messages: Messages, seed: int) -> Parts:
    """Ten folds of groups of near copies: one tests, one validates, eight train.

    Validation and test hold the first message of each of their groups, so that what often recurs
    counts once; the training set holds all.
    """
    import numpy as np
    from sklearn.model_selection import StratifiedKFold

    groups = np.array(messages.groups)
    _, first = np.unique(groups, return_index=True)  # groups are numbered from 0
    folds = StratifiedKFold(PARTS, shuffle=True, random_state=seed)
    labels = np.array(messages.labels, dtype=int)[first]
    test, validation, *others = (fold for _, fold in folds.split(first, labels))
    tested = _rising(first[test])
    parts = Parts(
        train=_rising(np.flatnonzero(np.isin(groups, np.concatenate(others)))),
        validation=_rising(first[validation]),
        test=tested,
        test_repeats=_repeats(messages, tested),
        groups=len(first),
        leak=Leak(0, 0, 0.0),
    )
    return replace(parts, leak=_random_split_leak(messages, parts, seed))


def _repeats(messages: Messages, test: Sequence[int]) -> int:
    """Near copies of the test messages."""
    tested = {messages.groups[i] for i in test}
    return sum(group in tested for group in messages.groups) - len(test)


def _plain(messages: Messages, parts: Parts, seed: int) -> tuple[tuple[int, ...], ...]:
    """Training, validation and test set of a plain random split that is as large."""
    import numpy as np
    from sklearn.model_selection import train_test_split

    labels = np.array(messages.labels)
    rest, test = train_test_split(
        np.arange(len(labels)), test_size=len(parts.test), stratify=labels, random_state=seed
    )
    train, validation = train_test_split(
        rest,
        train_size=len(parts.train),
        test_size=len(parts.validation),
        stratify=labels[rest],
        random_state=seed,
    )
    return _rising(train), _rising(validation), _rising(test)


def _rising(indices: np.ndarray) -> tuple[int, ...]:
    return tuple(sorted(indices.tolist()))


def _random_split_leak(messages: Messages, parts: Parts, seed: int) -> Leak:
    """Test messages of the plain split with one of their group in its training set."""
    train, _, test = _plain(messages, parts, seed)
    seen = {messages.groups[i] for i in train}
    leaked = sum(messages.groups[i] in seen for i in test)
    return Leak(messages=leaked, test_messages=len(test), share=leaked / len(test))


def subset(indices: Sequence[int], labels: Sequence[int], size: int, seed: int) -> tuple[int, ...]:
    """`size` of the indices with the labels' shares kept, in rising order; all if there are fewer.

    At least one index of each label that occurs is taken; the first label takes what is left.
    """
    import numpy as np

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
