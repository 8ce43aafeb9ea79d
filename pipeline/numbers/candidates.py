"""Every number of a run with its place, and which of them a number in a text could be."""

from __future__ import annotations

import dataclasses
import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import itemgetter
from typing import Any

from pipeline.measured import Measured, Value, step
from pipeline.numbers.quantities import MEASURED, Quantity
from pipeline.results import Evaluation, Rate, Score

COPY, STALE, CONTRADICTION = "typed copy", "stale copy", "contradiction"
STALE_WITHIN = 0.05  # relative distance at which a number in context is a stale copy
_UNSEEN = (
    *("schema", "digest", "log", "stages", "fingerprint", "learning_rate", "weight_decay"),
    *("predictions", "comparisons"),
)
# Where one of two labels is positive, a classifier's other fields hold these already.
_SEEN_AS_POSITIVE = ("labels", "matrix", "macro_f1")
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
# What a talk speaks of where it says "we", "our" or the model's name.
_SETTINGS = tuple(
    f"{part}.{name}"
    for part, names in (
        ("training", ("epochs", "batch_size")),
        ("model", ("layers", "parameters", "vocabulary")),
    )
    for name in names
)
_BEFORE = re.compile(r"([a-z]+)(?: size)?(?: is| was| of| =|:)? ?$")
_METRICS = ("f1", "accuracy", "precision", "recall")
_OURS = frozenset(["we", "our", "ours", "i", "my"])


@dataclass(frozen=True, slots=True)
class Leaf:
    """One number of a run: where it is, unrounded, its interval and counts."""

    at: str  # as marks and messages name it: finetuned.f1
    value: float
    kind: str  # "share", "seconds", "bytes", "count", "other"
    words: tuple[str, ...]  # by which content speaks of it
    low: float | None = None
    high: float | None = None
    hits: int | None = None
    total: int | None = None

    @property
    def leaf(self) -> str:
        """The last name of the path without an index."""
        return self.at.split(".")[-1].partition("[")[0]

    @property
    def written(self) -> str:
        """The placeholder that shows it."""
        form = {"share": "pct", "seconds": "seconds", "bytes": "gib", "count": "count"}
        is_large = self.kind == "count" and self.value >= 1e7
        shown = "millions" if is_large else form.get(self.kind, "num")
        return f"{{{{ {self.at} | {shown} }}}}"


def measured_numbers(measured: Measured) -> tuple[Leaf, ...]:
    """All numbers that content might show: the experiment's, then those of each measurement."""
    found = list(_walk("", measured.experiment)) if measured.experiment else []
    for name, one in measured.measurements.items():
        found += _walk(name, one.values)
    return tuple(found)


def _walk(at: str, value: Any) -> Iterator[Leaf]:
    if isinstance(value, Value):
        known = (value.low, value.high, value.hits, value.total)
        yield Leaf(at, value.value, _kind_of(value), _words(at), *known)
    elif isinstance(value, Rate | Score):
        if value.value is not None and value.value == value.value:
            counts = (value.hits, value.total) if isinstance(value, Rate) else (None, None)
            yield Leaf(at, value.value, "share", _words(at), value.low, value.high, *counts)
    elif isinstance(value, bool) or value is None or isinstance(value, str):
        return
    elif isinstance(value, int | float):
        if value == value and abs(value) != float("inf"):
            yield Leaf(at, float(value), _kind(at, value), _words(at))
    elif isinstance(value, tuple | list):
        for index, item in enumerate(value):
            yield from _walk(_item(at, index, item), item)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk(step(at, key), item)
    else:
        binary = isinstance(value, Evaluation) and value.confusion is not None
        hidden = (*_UNSEEN, *(_SEEN_AS_POSITIVE if binary else ()))
        for field in dataclasses.fields(value):
            if field.name not in hidden:
                inner = f"{at}.{field.name}" if at else field.name
                yield from _walk(inner, getattr(value, field.name))


def _item(at: str, index: int, item: Any) -> str:
    """Examples and prompts by the names that content uses."""
    if at == "examples":
        return step("example", item.id)
    if at == "next_tokens":
        return step("next_token", item.prompt)
    return step(at, index)


def _kind_of(value: Value) -> str:
    if value.unit == "share":
        return "share"
    return "count" if isinstance(value.value, int) else "other"


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


def _words(at: str) -> tuple[str, ...]:
    """The words by which content speaks of a value: of the last part of its path that has any."""
    parts = re.sub(r"\[.*?\]", "", at).split(".")
    for part in reversed(parts):
        known = part if part in SYNONYMS else part.rpartition("_")[2]
        if known in SYNONYMS and (known == part or known in _METRICS):
            return SYNONYMS[known]
    return tuple(parts[-1].split("_"))


def candidates_of(measured: Measured) -> Candidates:
    """All measured numbers, ready to be compared with what is typed."""
    leaves, run = measured_numbers(measured), measured.experiment
    if run is None:
        return Candidates(leaves)
    labels = {run.data.positive.lower(), run.data.negative.lower()}
    return Candidates(leaves, MEASURED | labels, run.model.name)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a sentence speaks of."""

    words: frozenset[str]
    owners: tuple[str, ...]  # classifiers

    def of(self, leaf: Leaf) -> int:
        """How well it speaks of a value: 0 if none of the value's own words is there."""
        own = sum(word in self.words for word in leaf.words)
        return own + (leaf.leaf in self.words) if own else 0

    def rank(self, leaf: Leaf) -> tuple[int, bool, bool, int]:
        """Values of which it speaks most clearly come first."""
        is_owned = not set(self.owners).isdisjoint(leaf.at.split("."))
        return -self.of(leaf), not is_owned, "history" in leaf.at, len(leaf.at)


@lru_cache(maxsize=256)
def _said(sentence: str) -> _Said:
    owners = (name for name, pattern in CLASSIFIERS.items() if pattern.search(sentence))
    return _Said(frozenset(_WORD.findall(sentence.lower())), tuple(owners))


class Candidates:
    """The values of a run by the units in which people say them."""

    def __init__(
        self, leaves: Sequence[Leaf], nouns: frozenset[str] = MEASURED, model: str = ""
    ) -> None:
        self.nouns, self._model = nouns, re.split(r"[-/ ]", model)[0]
        self._shares = [leaf for leaf in leaves if leaf.kind == "share"]
        self._owned = [leaf for leaf in leaves if leaf.at.split(".")[0] in CLASSIFIERS]
        self._owned = [leaf for leaf in self._owned if leaf.at.count(".") == 1]
        self._settings = [leaf for leaf in leaves if leaf.at in _SETTINGS]
        self._same: dict[tuple[Quantity, str], list[Leaf]] = {}
        self._known: dict[tuple[Quantity, str, str], tuple[str, Leaf, str] | None] = {}
        scales: dict[str, list[tuple[float, Leaf]]] = defaultdict(list)
        for leaf in leaves:
            for unit, value in _units(leaf):
                scales[unit].append((value, leaf))
        self._scales = {unit: sorted(found, key=itemgetter(0)) for unit, found in scales.items()}

    def showing(self, quantity: Quantity, sentence: str = "") -> list[Leaf]:
        """The values that a quantity is, rounded to the places that it has; likely ones first."""
        # The same number in the same words is the same: a text may have thousands of it.
        key = replace(quantity, start=0, end=0), sentence
        if key not in self._same:
            same = (leaf for value, leaf in self._around(quantity) if _shows(quantity, leaf, value))
            self._same[key] = sorted(same, key=_said(sentence).rank)
        return self._same[key]

    def said(self, quantity: Quantity, sentence: str, at: int) -> tuple[str, Leaf, str] | None:
        """What a typed number says of the run: status, value and why; None: nothing.

        `at`: where in the sentence it stands.
        """
        alike = replace(quantity, start=0, end=0)
        key = alike, sentence, sentence[max(0, at - 30) : at].lower()
        if key not in self._known:
            self._known[key] = self._says(*key)
        return self._known[key]

    def _says(self, quantity: Quantity, sentence: str, before: str) -> tuple[str, Leaf, str] | None:
        said = _said(sentence)
        if flattered := self._flattered(quantity, said):
            return COPY, flattered, f"flatters {flattered.at}, which is {flattered.value:.6g}"
        if (same := self.showing(quantity, sentence)) and said.of(same[0]):
            return COPY, same[0], f"is {same[0].at} ({same[0].value:.6g}), typed by hand"
        near = [leaf for value, leaf in self._around(quantity) if _is_near(quantity, leaf, value)]
        if near := [leaf for leaf in near if said.of(leaf)]:
            leaf = min(near, key=said.rank)
            return STALE, leaf, f"may be a stale copy: {leaf.at} is {leaf.value:.6g} in this run"
        if other := self._contradicted(quantity, said, sentence, before):
            return CONTRADICTION, other, f"contradicts {other.at}, which is {other.value:.6g}"
        return None

    def _around(self, quantity: Quantity) -> Iterator[tuple[float, Leaf]]:
        """Values that may be the quantity or near to it, each in the quantity's terms."""
        units = [quantity.unit] if quantity.form != "vague" else []
        if quantity.unit == "":
            units.append("percent" if quantity.value > 1 else "ratio")
        far = max(0.06 * quantity.value, 2.0, 1.01 * quantity.spread)
        for unit in units:
            scale = self._scales.get(unit, [])
            first = bisect_left(scale, quantity.value - far, key=itemgetter(0))
            last = bisect_right(scale, quantity.value + far, key=itemgetter(0))
            yield from scale[first:last]

    def _flattered(self, quantity: Quantity, said: _Said) -> Leaf | None:
        """The share that a typed 100% or 1.00 speaks of and that has not reached it."""
        is_whole = (quantity.unit, quantity.value) == ("percent", 100)
        if not is_whole and (
            (quantity.unit, quantity.value) != ("", 1) or "." not in quantity.text
        ):
            return None
        leaves = [leaf for leaf in self._shares if said.of(leaf)]
        close = [leaf for leaf in leaves if 1 - STALE_WITHIN < leaf.value < 1]
        return None if any(leaf.value == 1 for leaf in leaves) or not close else close[-1]

    def _contradicted(
        self, quantity: Quantity, said: _Said, sentence: str, before: str
    ) -> Leaf | None:
        """The value that a sentence names, and gives as another."""
        is_share = quantity.unit == "percent" or (quantity.value <= 1 and "." in quantity.text)
        for leaf in self._owned if len(said.owners) == 1 else ():
            owner = leaf.at.split(".")[0]
            own = [word for word in leaf.words if word != owner]
            fits = is_share if leaf.kind == "share" else quantity.unit == "time"
            if said.owners == (owner,) and fits and not said.words.isdisjoint(own):
                return leaf
        is_ours = not said.words.isdisjoint(_OURS) or (
            bool(self._model) and self._model in sentence
        )
        if not is_ours or quantity.unit or quantity.form == "vague":
            return None
        word = _BEFORE.search(before)
        named = {quantity.noun, word[1] if word else ""}  # 28 layers, a batch size of 32
        return next((leaf for leaf in self._settings if not named.isdisjoint(leaf.words)), None)


def _units(leaf: Leaf) -> Iterator[tuple[str, float]]:
    """The units in which a value can be said, and its number in each."""
    if leaf.kind == "share":
        yield "percent", leaf.value * 100
        yield "ratio", leaf.value
    elif leaf.kind in ("seconds", "bytes"):
        yield "time" if leaf.kind == "seconds" else "bytes", leaf.value
    else:
        yield "", leaf.value
        yield "ordinal", leaf.value


def _shows(quantity: Quantity, leaf: Leaf, value: float) -> bool:
    """Whether the quantity is the measured value, rounded to the places that it has."""
    if quantity.unit == "ratio":
        return False
    if leaf.kind == "share" and quantity.value in (0, 100 if quantity.unit == "percent" else 1):
        return value == quantity.value  # an end is shown only where it is reached
    whole = leaf.kind == "count" and quantity.value < 1000
    return abs(value - quantity.value) <= (0.01 if whole else quantity.spread * 1.001)


def _is_near(quantity: Quantity, leaf: Leaf, value: float) -> bool:
    """Whether the quantity is within 5% of the measured value, and so may be an old copy."""
    if leaf.kind == "count" and max(value, quantity.value) < 20:
        return abs(value - quantity.value) <= 2  # three epochs, where the run had four
    far = STALE_WITHIN * max(abs(value), abs(quantity.value))
    return quantity.value != 0 and abs(value - quantity.value) <= far
