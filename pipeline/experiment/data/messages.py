"""Labelled messages: cleaned, counted, and enough to learn from."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.problems import Source, TalkError

FEWEST_MESSAGES = 50
FEWEST_OF_A_LABEL = 10  # the split makes ten parts, each with every label
MOST_LABELS = 256  # two hexadecimal digits


@dataclass(frozen=True, slots=True)
class Labels:
    """What messages are told apart by; of two, `positive` may be the one that the talk hunts.

    Then it comes second: a label is known by its place among `names`.
    """

    names: tuple[str, ...]
    positive: str = ""

    @property
    def negative(self) -> str:
        return self.names[0] if self.positive else ""

    @property
    def positive_place(self) -> int | None:
        return self.names.index(self.positive) if self.positive else None


@dataclass(frozen=True, slots=True)
class Message:
    """One message, cleaned."""

    text: str
    label: int  # its place among the labels


@dataclass(frozen=True, slots=True)
class Raw:
    """Rows as they were read, (label, text), with the hash of what they were read from."""

    rows: tuple[tuple[str, str], ...]
    sha256: str
    where: Source | None = None


@dataclass(frozen=True, slots=True)
class Messages:
    """Messages cleaned and counted."""

    items: tuple[Message, ...]
    entities_cleaned: int  # messages that carried HTML entities
    repeated: int  # messages whose text, as read, stood in an earlier line
    groups: tuple[int, ...]  # near copies have the same number

    @property
    def different(self) -> tuple[Message, ...]:
        """The first of each group: messages of which none is a near copy of another."""
        first = dict(reversed([*zip(self.groups, self.items, strict=True)]))
        return tuple(first[group] for group in sorted(first))

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.items]

    @property
    def labels(self) -> list[int]:
        return [message.label for message in self.items]


def clean(text: str) -> str:
    """HTML entities as the characters they mean, white space as single blanks."""
    return re.sub(r"\s+", " ", html.unescape(text)).strip()


def clean_all(raw: Raw, labels: Labels) -> Messages:
    """Clean and count. Raises TalkError where the messages are too few to learn from."""
    # Whoever asks whether a run is needed doesn't wait for numpy.
    from pipeline.experiment.data.copies import group_numbers

    place = {name: at for at, name in enumerate(labels.names)}
    items = tuple(Message(clean(text), place[label]) for label, text in raw.rows)
    groups = tuple(group_numbers([message.text for message in items]).tolist())
    _check_enough(items, groups, labels, raw.where)
    texts = [text for _, text in raw.rows]
    return Messages(
        items=items,
        entities_cleaned=sum(html.unescape(text) != text for text in texts),
        repeated=len(texts) - len(set(texts)),
        groups=groups,
    )


def labels_in(raw: Raw) -> tuple[str, ...]:
    """The labels that rows have, in the order of the alphabet. Raises TalkError for too many."""
    found = tuple(sorted({label for label, _ in raw.rows}))
    if len(found) > MOST_LABELS or len(found) * 2 > len(raw.rows) >= FEWEST_MESSAGES:
        hint = "is `label` of [experiment.data] the column with the labels?"
        message = f"{len(raw.rows):,} messages have {len(found):,} different labels"
        raise TalkError(message, raw.where, hint)
    return found


def _check_enough(
    items: Sequence[Message], groups: Sequence[int], labels: Labels, where: Source | None
) -> None:
    if len(items) < FEWEST_MESSAGES:
        raise TalkError(
            f"{len(items)} messages are too few, at least {FEWEST_MESSAGES} are needed",
            where,
            "give a larger file with --data, or none to use the talk's own sample",
        )
    if len(labels.names) < 2:
        message = f"all messages are labelled `{labels.names[0]}`"
        raise TalkError(message, where, "at least two labels are needed to learn from")
    # Near copies stay together, known by the first of them: it is different ones that count.
    first = dict(reversed([*zip(groups, items, strict=True)]))
    different = Counter(message.label for message in first.values())
    for place, label in sorted(enumerate(labels.names), reverse=True):
        found = different[place]
        if found == 0:
            every = "both labels are" if len(labels.names) == 2 else "each label is"
            raise TalkError(
                f"no message is labelled `{label}`", where, f"{every} needed to learn from"
            )
        if found < FEWEST_OF_A_LABEL:
            raise TalkError(
                f"only {found} different messages are labelled `{label}`, "
                f"at least {FEWEST_OF_A_LABEL} are needed",
                where,
                "add messages with this label",
            )


def counts_of(places: Iterable[int], labels: Labels) -> dict[str, int]:
    """Messages of each label, in the labels' order."""
    found = Counter(places)
    return {name: found[at] for at, name in enumerate(labels.names)}
