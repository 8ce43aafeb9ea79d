"""Labelled messages: cleaned, counted, and enough to learn from."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.problems import Source, TalkError

FEWEST_MESSAGES = 50
FEWEST_OF_A_LABEL = 10  # the split makes ten parts, each with both labels


@dataclass(frozen=True, slots=True)
class Labels:
    """The two labels; `positive` is the one that the talk hunts."""

    positive: str
    negative: str

    def of(self, is_positive: bool) -> str:
        return self.positive if is_positive else self.negative

    @property
    def both(self) -> tuple[str, str]:
        return (self.negative, self.positive)


@dataclass(frozen=True, slots=True)
class Message:
    """One message, cleaned."""

    text: str
    positive: bool


@dataclass(frozen=True, slots=True)
class Raw:
    """Rows as they were read, (positive, text), with the hash of what they were read from."""

    rows: tuple[tuple[bool, str], ...]
    sha256: str
    where: Source | None = None


@dataclass(frozen=True, slots=True)
class Messages:
    """Messages cleaned and counted."""

    items: tuple[Message, ...]
    entities_cleaned: int  # messages that carried HTML entities
    repeated: int  # messages whose text, as read, stood in an earlier line

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.items]

    @property
    def positives(self) -> list[bool]:
        return [message.positive for message in self.items]


def clean(text: str) -> str:
    """HTML entities as the characters they mean, white space as single blanks."""
    return re.sub(r"\s+", " ", html.unescape(text)).strip()


def group_key(text: str) -> str:
    """What messages share that differ in no more than case, digits and punctuation."""
    letters = re.sub(r"\d+", "0", text.casefold())
    return re.sub(r"[^\w]+", " ", letters).strip() or text


def clean_all(raw: Raw, labels: Labels) -> Messages:
    """Clean and count. Raises TalkError where the messages are too few to learn from."""
    items = tuple(Message(clean(text), positive) for positive, text in raw.rows)
    _check_enough(items, labels, raw.where)
    texts = [text for _, text in raw.rows]
    return Messages(
        items=items,
        entities_cleaned=sum(html.unescape(text) != text for text in texts),
        repeated=len(texts) - len(set(texts)),
    )


def _check_enough(items: Sequence[Message], labels: Labels, where: Source | None) -> None:
    if len(items) < FEWEST_MESSAGES:
        raise TalkError(
            f"{len(items)} messages are too few, at least {FEWEST_MESSAGES} are needed",
            where,
            "give a larger file with --data, or none to use the talk's own sample",
        )
    # Repeated messages stay together, so it is different ones that count.
    different = Counter(
        positive for _, positive in {(group_key(m.text), m.positive) for m in items}
    )
    for is_positive in (True, False):
        label, found = labels.of(is_positive), different[is_positive]
        if found == 0:
            raise TalkError(
                f"no message is labelled `{label}`", where, "both labels are needed to learn from"
            )
        if found < FEWEST_OF_A_LABEL:
            raise TalkError(
                f"only {found} different messages are labelled `{label}`, "
                f"at least {FEWEST_OF_A_LABEL} are needed",
                where,
                "add messages with this label",
            )


def counts_of(positives: Iterable[bool], labels: Labels) -> dict[str, int]:
    """Messages of each label, the negative one first."""
    found = Counter(positives)
    return {labels.negative: found[False], labels.positive: found[True]}
