"""Every number of a run with its place, and which of them a number in a text could be."""

from __future__ import annotations

import dataclasses
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from pipeline.numbers.quantities import MEASURED, Quantity
from pipeline.results import Rate, Results, Score

COPY, STALE, CONTRADICTION = "typed copy", "stale copy", "contradiction"
STALE_WITHIN = 0.05  # relative distance at which a number in context is a stale copy
_UNSEEN = ("schema", "digest", "log", "stages", "fingerprint", "learning_rate", "weight_decay")
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*\d?")
# The words by which content speaks of a leaf of the results (the first path part that is known).
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "f1": ("f1", "f1-score", "f-score"),
    "accuracy": ("accuracy", "accurate"),
    "precision": ("precision",),
    "recall": ("recall",),
    "messages": ("messages", "message", "texts"),
    "read": ("messages", "message", "texts"),
    "counts": ("messages", "message", "texts"),
    "repeated": ("repeat", "repeats", "repeated", "duplicates"),
    "groups": ("groups", "different", "distinct"),
    "entities_cleaned": ("repaired", "cleaned", "entities"),
    "parameters": ("parameters", "weights", "knobs"),
    "trainable_parameters": ("parameters", "weights", "knobs"),
    "layers": ("layers", "layer"),
    "frozen_layers": ("frozen",),
    "vocabulary": ("vocabulary",),
    "epochs": ("epoch", "epochs", "passes"),
    "best_epoch": ("epoch",),
    "batch_size": ("batch", "batches"),
    "steps": ("steps", "updates"),
    "seconds": ("training", "train", "trained", "took", "takes", "fine-tuning", "fine-tuned"),
    "fit_seconds": ("fit", "training", "train", "trained", "took", "takes", "ready", "linear"),
    "seed": ("seed",),
    "peak_memory_bytes": ("memory",),
    "mean_tokens": ("tokens",),
    "true_positive": ("caught", "catches", "catch"),
    "false_positive": ("alarms", "alarm", "flagged"),
    "false_negative": ("missed", "misses", "slipped"),
    "confidence": ("sure", "confidence", "confident"),
    "probability": ("probability", "likely", "chance"),
    "share": ("leak", "leaked", "share"),
}

# How content names each evaluated classifier; the labels of the run are no part of it.
CLASSIFIERS = {
    "linear": re.compile(r"\b(?:linear|TF-IDF|cheap (?:one|rival|model|method))\b", re.IGNORECASE),
    "finetuned": re.compile(r"\b(?:fine-tuned|fine-tuning|language model)\b", re.IGNORECASE),
    "untrained": re.compile(r"\b(?:untrained|before (?:the )?training)\b", re.IGNORECASE),
    "prompted": re.compile(r"\b(?:prompted|asked in a prompt)\b", re.IGNORECASE),
    "majority": re.compile(r"\b(?:majority|always)\b", re.IGNORECASE),
}


# What a talk says of its own run where it says "we", "our" or the model's name.
_SETTINGS = (
    "training.epochs",
    "training.batch_size",
    "model.layers",
    "model.parameters",
    "model.vocabulary",
)
_OURS = frozenset(["we", "our", "ours", "i", "my"])


@dataclass(frozen=True, slots=True)
class Measured:
    """One number of a run: where it is, unrounded, its interval and counts."""

    at: str  # as marks and messages name it: finetuned.f1
    value: float
    kind: str  # "share", "seconds", "bytes", "count", "other"
    low: float | None = None
    high: float | None = None
    hits: int | None = None
    total: int | None = None

    @property
    def leaf(self) -> str:
        """The last name of the path without an index."""
        return re.sub(r"\[\d+\]$", "", self.at.split(".")[-1])

    @property
    def words(self) -> tuple[str, ...]:
        """The words by which content speaks of it."""
        for part in reversed(re.sub(r"\[.*?\]", "", self.at).split(".")):
            if part in SYNONYMS:
                return SYNONYMS[part]
            for known in ("f1", "accuracy", "precision", "recall"):
                if part.endswith(f"_{known}"):
                    return SYNONYMS[known]
        return tuple(self.leaf.split("_"))

    @property
    def written(self) -> str:
        """The placeholder that shows it."""
        form = {"share": "pct", "seconds": "seconds", "bytes": "gib", "count": "count"}
        shown = form.get(self.kind, "num")
        if self.kind == "count" and self.value >= 1e7:
            shown = "millions"
        return f"{{{{ {_callable(self.at)} | {shown} }}}}"


def _callable(at: str) -> str:
    """`example.gift-card.finetuned` as an expression: example["gift-card"].finetuned."""
    return re.sub(
        r"^(example|next_token)\.(.+?)\.(?=untrained|linear|finetuned|candidates|truth)",
        r'\1["\2"].',
        at,
    )


def candidates_of(results: Results | None) -> Candidates:
    """The numbers of a run, ready to be compared with what is typed; None: a talk without one."""
    if results is None:
        return Candidates((), MEASURED, "")
    labels = {results.data.positive.lower(), results.data.negative.lower()}
    return Candidates(measured_numbers(results), MEASURED | labels, results.model.name)


def measured_numbers(results: Results) -> tuple[Measured, ...]:
    """All finite numbers of a run that content might show, in the order of the results."""
    return tuple(_walk("", results))


def _walk(at: str, value: Any) -> Iterator[Measured]:
    if isinstance(value, Rate | Score):
        if value.value is not None and value.value == value.value:
            counts = (value.hits, value.total) if isinstance(value, Rate) else (None, None)
            yield Measured(at, value.value, "share", value.low, value.high, *counts)
    elif isinstance(value, bool) or value is None or isinstance(value, str):
        return
    elif isinstance(value, int | float):
        if value == value and abs(value) != float("inf"):
            yield Measured(at, float(value), _kind(at, value))
    elif isinstance(value, tuple | list):
        for index, item in enumerate(value):
            yield from _walk(_item(at, index, item), item)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk(f"{at}.{key}", item)
    else:
        for field in dataclasses.fields(value):
            if field.name not in _UNSEEN:
                inner = f"{at}.{field.name}" if at else field.name
                yield from _walk(inner, getattr(value, field.name))


def _item(at: str, index: int, item: Any) -> str:
    """Examples and prompts by the names that content uses."""
    if at == "examples":
        return f"example.{item.id}"
    if at == "next_tokens":
        return f"next_token.{item.prompt}"
    return f"{at}[{index}]"


def _kind(at: str, value: float) -> str:
    leaf = at.split(".")[-1]
    if leaf == "seconds" or "seconds" in leaf.split("_"):
        return "seconds"
    if leaf.endswith("bytes"):
        return "bytes"
    if isinstance(value, int):
        return "count"
    share = ("probability", "confidence", "share", "f1", "precision", "recall", "accuracy")
    if any(leaf.endswith(name) for name in share):
        return "share"
    return "other"


class Candidates:
    """The values of a run by the units in which people say them."""

    def __init__(self, leaves: Sequence[Measured], nouns: frozenset[str], model: str) -> None:
        self.leaves, self.nouns, self._model = leaves, nouns, model
        scales: dict[str, list[tuple[float, Measured]]] = defaultdict(list)
        for leaf in leaves:
            for unit, value in _said_as(leaf):
                scales[unit].append((value, leaf))
        self._scales = {unit: sorted(found, key=itemgetter(0)) for unit, found in scales.items()}

    def showing(self, quantity: Quantity, sentence: str = "") -> list[Measured]:
        """The values that a quantity is, rounded to the places that it has; likely ones first."""
        found = (leaf for leaf in self._around(quantity) if shows(quantity, leaf))
        return best_first(found, sentence)

    def said(self, quantity: Quantity, sentence: str, at: int) -> tuple[str, Measured, str] | None:
        """What a typed number says of the run: status, value and why; None: nothing.

        `at`: where in the sentence it stands.
        """
        words = sentence_words(sentence)
        if flattered := self._flattered(quantity, words):
            return COPY, flattered, f"flatters {flattered.at}, which is {flattered.value:.6g}"
        same = self.showing(quantity, sentence)
        if same and in_context(same[0], words):
            return COPY, same[0], f"is {same[0].at} ({same[0].value:.6g}), typed by hand"
        near = (leaf for leaf in self._around(quantity) if is_near(quantity, leaf))
        if near_ones := best_first((leaf for leaf in near if in_context(leaf, words)), sentence):
            leaf = near_ones[0]
            return STALE, leaf, f"may be a stale copy: {leaf.at} is {leaf.value:.6g} in this run"
        if other := self._contradicted(quantity, sentence, words, at):
            return CONTRADICTION, other, f"contradicts {other.at}, which is {other.value:.6g}"
        return None

    def _around(self, quantity: Quantity) -> Iterator[Measured]:
        """Values that may be the quantity, or near to it."""
        units = [quantity.unit]
        if quantity.unit == "":
            units.append("percent" if quantity.value > 1 else "ratio")
        far = max(0.06 * quantity.value, 2.0, 1.01 * quantity.spread)
        for unit in units:
            scale = self._scales.get(unit, [])
            first = bisect_left(scale, quantity.value - far, key=itemgetter(0))
            for value, leaf in scale[first:]:
                if value > quantity.value + far:
                    break
                yield leaf

    def _flattered(self, quantity: Quantity, words: frozenset[str]) -> Measured | None:
        """The share that a typed 100% or 1.00 speaks of and that has not reached it."""
        top = 100 if quantity.unit == "percent" else 1
        if quantity.value != top or quantity.unit not in ("percent", ""):
            return None
        if quantity.unit == "" and "." not in quantity.text:
            return None
        leaves = [leaf for leaf in self.leaves if leaf.kind == "share" and in_context(leaf, words)]
        close = [leaf for leaf in leaves if 1 - STALE_WITHIN < leaf.value < 1]
        return None if any(leaf.value == 1 for leaf in leaves) or not close else close[-1]

    def _contradicted(
        self, quantity: Quantity, sentence: str, words: frozenset[str], at: int
    ) -> Measured | None:
        """The value that a sentence names, and gives as another."""
        if quantity.form == "vague":
            return None
        is_share = quantity.unit == "percent" or (quantity.value <= 1 and "." in quantity.text)
        before = sentence[max(0, at - 30) : at].lower()
        owners = [name for name, pattern in CLASSIFIERS.items() if pattern.search(sentence)]
        is_ours = not words.isdisjoint(_OURS) or bool(self._model and self._model in sentence)
        for leaf in self.leaves:
            parts = leaf.at.split(".")
            if leaf.kind == "share" and len(parts) == 2:
                is_said = is_share and owners == parts[:1] and leaf.leaf in words
            else:
                is_said = is_ours and leaf.at in _SETTINGS and _counts(quantity, leaf, before)
            if is_said and compared(quantity, leaf) is not None:
                return leaf
        return None


def _counts(quantity: Quantity, leaf: Measured, before: str) -> bool:
    """Whether the quantity counts what the value counts: "28 layers", "a batch size of 32"."""
    found = re.search(r"([a-z]+)(?: size)?(?: is| was| of| =|:)? ?$", before)
    return quantity.noun in leaf.words or bool(found and found[1] in leaf.words)


def _said_as(leaf: Measured) -> Iterator[tuple[str, float]]:
    """The units in which a value can be said, and its number in each."""
    if leaf.kind == "share":
        yield "percent", leaf.value * 100
        yield "ratio", leaf.value
    elif leaf.kind in ("seconds", "bytes"):
        yield "time" if leaf.kind == "seconds" else "bytes", leaf.value
    else:
        yield "", leaf.value
        yield "ordinal", leaf.value


def sentence_words(sentence: str) -> frozenset[str]:
    return frozenset(_WORD.findall(sentence.lower()))


def compared(quantity: Quantity, leaf: Measured) -> float | None:
    """The measured value in the quantity's own terms; None where they can't be the same thing."""
    if leaf.kind == "share":
        if quantity.unit == "percent":
            return leaf.value * 100
        if quantity.unit == "ratio":
            return leaf.value
        if quantity.unit == "" and quantity.form != "vague":
            return leaf.value * 100 if quantity.value > 1 else leaf.value
        return None
    if leaf.kind == "seconds":
        return leaf.value if quantity.unit == "time" else None
    if leaf.kind == "bytes":
        return leaf.value if quantity.unit == "bytes" else None
    return leaf.value if quantity.unit in ("", "ordinal") else None


def shows(quantity: Quantity, leaf: Measured) -> bool:
    """Whether the quantity is the measured value, rounded to the places that it has."""
    value = compared(quantity, leaf)
    if value is None or quantity.form == "vague" or quantity.unit == "ratio":
        return False
    if leaf.kind == "share" and quantity.value in (0, 100 if quantity.unit == "percent" else 1):
        return value == quantity.value  # an end is shown only where it is reached
    whole = leaf.kind == "count" and quantity.value < 1000
    return abs(value - quantity.value) <= (0.01 if whole else quantity.spread * 1.001)


def is_near(quantity: Quantity, leaf: Measured) -> bool:
    """Whether the quantity is within 5% of the measured value, and so may be an old copy."""
    value = compared(quantity, leaf)
    if value is None or quantity.form == "vague" or not quantity.value:
        return False
    if leaf.kind == "count" and max(value, quantity.value) < 20:
        return abs(value - quantity.value) <= 2  # three epochs, where the run had four
    return abs(value - quantity.value) <= STALE_WITHIN * max(abs(value), abs(quantity.value))


def in_context(leaf: Measured, words: Collection[str]) -> int:
    """How well a sentence speaks of this value: 0 if none of its own words is there."""
    own = sum(word in words for word in leaf.words)
    return own + (leaf.leaf in words) if own else 0


def best_first(leaves: Iterable[Measured], sentence: str) -> list[Measured]:
    """Measured values, those of which a sentence speaks most clearly first."""
    words = sentence_words(sentence)
    said = [name for name, pattern in CLASSIFIERS.items() if pattern.search(sentence)]

    def rank(leaf: Measured) -> tuple[int, bool, bool, int]:
        parts = leaf.at.split(".")
        owned = any(name in parts for name in said)
        return -in_context(leaf, words), not owned, "history" in leaf.at, len(leaf.at)

    return sorted(leaves, key=rank)
