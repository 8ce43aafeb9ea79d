"""What a classifier of the evidence learns from, and what it is tried on: drawn by cell and seed.

A seed draws all that chance decides: the split, the messages, the wrong labels, the first weights.
Draws are nested: a hundred messages hold the fifty of the same seed, and so do wrong labels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from pipeline.experiment.data.copies import group_numbers
from pipeline.experiment.data.messages import Message
from pipeline.experiment.data.split import plain_sets
from pipeline.experiment.evidence.bench import Bench
from pipeline.experiment.evidence.cell import Cell
from pipeline.problems import TalkError

CHOSEN_FROM = 200  # below that nothing is chosen: a few labels would flatter what they choose


@dataclass(frozen=True, slots=True)
class Lesson:
    """Messages to learn from, and what is chosen on; `tried` are the sets to be tried on.

    An empty `validation` leaves choices to be made inside `train`, where that is large enough.
    """

    train: tuple[Message, ...]
    validation: tuple[Message, ...]
    tried: dict[str, tuple[Message, ...]]
    counts: dict[str, int] = field(default_factory=dict)  # what else is to be said of it
    noisy: bool = False  # with wrong labels: other lessons have the same texts
    base: float | None = None  # of a balanced draw: the positive label's share where it is from


def lesson_of(cell: Cell, bench: Bench) -> Lesson:
    """The messages of a trial. Raises TalkError where the talk names no positive label."""
    if bench.labels.positive_place is None:
        hint = "name `positive` and `negative` in [experiment.data]"
        raise TalkError("the evidence needs a label that the talk hunts", None, hint)
    at = dict(cell.at)
    if "copies" in at:
        return _of_plain_split(bench, cell.seed, str(at["copies"]))
    sets = bench.sets(cell.seed)
    train, validation = tuple(sets.train), tuple(sets.validation)
    tried = {"test": tuple(sets.test)}
    chance, counts, base = _chance(cell.seed), dict[str, int](), None
    if "n" in at:
        base = sum(m.label == bench.labels.positive_place for m in train) / len(train)
        train, validation = balanced(train, int(at["n"]), chance), ()
    if "wrong" in at:
        positive = bench.labels.positive_place if at["side"] == "one_sided" else None
        train = mislabelled(train, float(at["wrong"]), positive, len(bench.labels.names), chance)
        validation = ()
    if bench.elsewhere and not {"n", "wrong"} & set(at):
        known, held_out = halves(bench.elsewhere, cell.seed)
        more = known[: int(at.get("added", 0))]
        counts["added"] = len(more)
        train += more
        tried["held_out"] = held_out
        if "added" not in at:
            tried |= {"elsewhere": bench.elsewhere, "validation": validation}
    return Lesson(train, validation, tried, counts, noisy="wrong" in at, base=base)


def _of_plain_split(bench: Bench, seed: int, how: str) -> Lesson:
    """A plain split with all its training messages, or some of them out.

    "taken out": the near copies of test messages. "others out": as many of each label, drawn from
    what is no copy: a training set of the same size, in which the copies are.
    """
    sets, groups = plain_sets(bench.messages, seed), bench.messages.groups
    kept, labels = sets.parts.train, bench.messages.labels
    known = {groups[i] for i in kept}
    tested = {groups[i] for i in sets.parts.test}
    copied = sum(groups[i] in known for i in sets.parts.test)
    out = {i for i in kept if groups[i] in tested}
    if how == "others out":
        fewer = Counter(labels[i] for i in out)
        others = [i for i in _chance(seed).permutation(np.array(kept)).tolist() if i not in out]
        out = {
            i
            for label, count in sorted(fewer.items())
            for i in [other for other in others if labels[other] == label][:count]
        }
    train = tuple(bench.messages.items[i] for i in kept if how == "left in" or i not in out)
    tried = {"test": tuple(sets.test)}
    return Lesson(train, tuple(sets.validation), tried, {"copied": copied})


def balanced(
    messages: Sequence[Message], n: int, chance: np.random.Generator
) -> tuple[Message, ...]:
    """`n` messages, each label as often as the others as far as there are so many, label by label.

    The draws of one generator's state are nested.
    """
    of_label: dict[int, list[Message]] = {}
    for i in chance.permutation(len(messages)).tolist():
        of_label.setdefault(messages[i].label, []).append(messages[i])
    rows = [of_label[label] for label in sorted(of_label)]
    taken: list[Message] = []
    for at in range(max(map(len, rows), default=0)):
        taken += [row[at] for row in rows if at < len(row)]
    return tuple(taken[:n])


def mislabelled(
    messages: Sequence[Message],
    share: float,
    positive: int | None,
    labels: int,
    chance: np.random.Generator,
) -> tuple[Message, ...]:
    """The same messages with wrong labels: a share of all, or, with `positive`, of that label's.

    Of two labels a wrong one is the other; of more, any other.
    """
    order = chance.permutation(len(messages)).tolist()
    to = chance.integers(1, labels, len(messages))
    may = [i for i in order if positive is None or messages[i].label == positive]
    found = list(messages)
    for i in may[: round(share * len(may))]:
        found[i] = replace(found[i], label=(found[i].label + int(to[i])) % labels)
    return tuple(found)


def halves(
    messages: Sequence[Message], seed: int
) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
    """One half to learn from, in the order in which it is added, and one to be held out.

    Each label is in both halves alike; near copies are in the same half.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    groups = group_numbers([message.text for message in messages])
    labels = np.array([message.label for message in messages])
    folds = StratifiedGroupKFold(2, shuffle=True, random_state=seed)
    known, held_out = next(folds.split(groups, labels, groups))
    order = _chance(seed).permutation(known).tolist()
    return tuple(messages[i] for i in order), tuple(messages[int(i)] for i in held_out)


def _chance(seed: int) -> np.random.Generator:
    """Apart from what draws the split: the same seed, another stream."""
    return np.random.default_rng([seed, 1])
