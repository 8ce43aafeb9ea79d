"""80/10/10: grouped, stratified, seeded; and what a plain random split would have leaked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.experiment.data.messages import Messages, group_key
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


def split(messages: Messages, seed: int) -> Parts:
    """Ten folds that keep repeated messages together: one tests, one validates, eight train."""
    from sklearn.model_selection import StratifiedGroupKFold

    groups = group_numbers(messages.texts)
    folds = StratifiedGroupKFold(PARTS, shuffle=True, random_state=seed)
    held = [
        tuple(int(i) for i in fold)
        for _, fold in folds.split(groups, np.array(messages.positives, dtype=int), groups)
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


def subset(indices: Sequence[int], positives: Sequence[bool], size: int, seed: int) -> list[int]:
    """`size` of the indices with the classes' shares kept, in rising order; all if there are fewer.

    At least one index of each class that occurs is taken.
    """
    if len(indices) <= size:
        return list(indices)
    shuffled = np.random.default_rng(seed).permutation(np.array(indices)).tolist()
    of_class = {c: [i for i in shuffled if positives[i] is c] for c in (True, False)}
    share = len(of_class[True]) / len(indices)
    wanted = round(size * share)
    wanted = min(max(wanted, 1 if of_class[True] else 0), size - (1 if of_class[False] else 0))
    return sorted(of_class[True][:wanted] + of_class[False][: size - wanted])
