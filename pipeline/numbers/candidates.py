"""Every number of a run with its place, and which of them a number in a text could be."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

import msgspec
from msgspec.structs import replace

from pipeline.locale import ENGLISH, Locale
from pipeline.measured import Measured, Tree, Value, first_name, step
from pipeline.numbers.quantities import MEASURED, Quantity
from pipeline.numbers.values import unit_of_field
from pipeline.results import Evaluation, Rate, Score
from pipeline.units import SHARE, is_known, unit_of

COPY, STALE, CONTRADICTION = "typed copy", "stale copy", "contradiction"
_FAR = 0.05  # a number less than this share of a value, or as much larger, speaks of another
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
    "frozen": re.compile(r"\b(?:frozen|as it came)\b", re.IGNORECASE),
    "few_shot": re.compile(r"\b(?:few-shot|eight examples)\b", re.IGNORECASE),
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
_ANY_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*\d?")
_BEFORE = re.compile(r"(?<![a-z])([a-z]++)(?: size)?(?: is| was| of| =|:)? ?$")
_METRICS = ("f1", "accuracy", "precision", "recall")
_BORDER = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")
# Names and words of a place that tell no value from another.
_COMMON = (
    "value values result results row rows data mean median average min max stddev std stdev time "
    "times rate count total number the of in on for per and to an is by with at as it"
)
_SAYS_NOTHING = frozenset(_COMMON.split())
_OURS = frozenset(["we", "our", "ours", "i", "my"])


class Leaf(msgspec.Struct, frozen=True):
    """One number of a run: where it is, unrounded, its interval and counts."""

    at: str  # as marks and messages name it: finetuned.f1
    value: float
    kind: str  # "share", "seconds", "bytes", "count", "other"
    words: tuple[str, ...]  # by which content speaks of it
    low: float | None = None
    high: float | None = None
    hits: int | None = None
    total: int | None = None
    base: float = 0.0  # in seconds, bytes or ones
    of: Value | None = None  # all that is known of it, where a measurement gave it

    @property
    def unit(self) -> str:
        """As it is written behind the value: "ns"; "" for none."""
        return self.of.unit if self.of and self.of.unit != SHARE else ""

    @property
    def shown(self) -> str:
        """Its value for a message: `41.2 ns`."""
        return f"{self.value:.6g} {self.unit}".strip()

    @property
    def leaf(self) -> str:
        """The last name of the path without an index."""
        return self.at.rpartition(".")[2].partition("[")[0]

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
        found += _leaves(name, one.values, ())
    return tuple(found)


def _leaves(at: str, tree: Tree, names: tuple[str, ...]) -> Iterator[Leaf]:
    """The numbers of a measurement. `names`: those above, without the measurement's own."""
    if isinstance(tree, Value):
        unit = unit_of(tree.unit)
        kind = {"time": "seconds", "size": "bytes", "share": "share"}.get(unit.kind)
        kind = kind or ("count" if isinstance(tree.value, int) and not tree.unit else "other")
        base = float(tree.value * unit.scale) if unit.scale != 1 else float(tree.value)
        low, high, hits, total = tree.low, tree.high, tree.hits, tree.total
        words = _words_of(names, at)
        yield Leaf(at, tree.value, kind, words, low, high, hits, total, base, tree)
    elif isinstance(tree, dict):
        for name, inner in tree.items():
            yield from _leaves(step(at, name), inner, (*names, name))
    elif isinstance(tree, tuple):
        for index, inner in enumerate(tree):
            # A row is spoken of by the texts in it.
            texts = inner.values() if isinstance(inner, dict) else ()
            said = tuple(text for text in texts if isinstance(text, str) and len(text) <= 60)
            yield from _leaves(step(at, index), inner, (*names, *said))


def _words_of(names: tuple[str, ...], at: str) -> tuple[str, ...]:
    """The words by which content speaks of a measured value: those of the names in its place.

    Units and words that stand in every table say nothing; the measurement's own name says
    something only where there is nothing else.
    """
    found = dict.fromkeys(word for name in names for word in _words_in(name))
    return tuple(found) or tuple(_words_in(first_name(at)))


def names_words(name: str) -> tuple[str, ...]:
    """The words of a name by which a text may mean it: `std::map` is "std map".

    Of a name without any that tells it from others, none.
    """
    said = _words_in(name)
    words = (word.lower() for word in _BORDER.split(name) if word)
    return tuple(word for word in words if not is_known(word)) if said else ()


@lru_cache(maxsize=8192)
def _words_in(name: str) -> tuple[str, ...]:
    words = (word.lower() for word in _BORDER.split(name) if len(word) > 1)
    return tuple(w for w in words if w not in _SAYS_NOTHING and not w.isdigit() and not is_known(w))


def _walk(at: str, value: Any) -> Iterator[Leaf]:
    if isinstance(value, Rate | Score):
        if value.value is not None and value.value == value.value:
            hits, total = (value.hits, value.total) if isinstance(value, Rate) else (None, None)
            ends = value.low, value.high
            yield Leaf(at, value.value, "share", _words(at), *ends, hits, total, value.value)
    elif isinstance(value, bool) or value is None or isinstance(value, str):
        return
    elif isinstance(value, int | float):
        if value == value and abs(value) != float("inf"):
            yield Leaf(at, float(value), _kind(at, value), _words(at), base=float(value))
    elif isinstance(value, tuple | list):
        for index, item in enumerate(value):
            yield from _walk(_item(at, index, item), item)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk(step(at, key), item)
    else:
        binary = isinstance(value, Evaluation) and value.confusion is not None
        hidden = (*_UNSEEN, *(_SEEN_AS_POSITIVE if binary else ()))
        for name in type(value).__match_args__:
            if name not in hidden:
                inner = f"{at}.{name}" if at else name
                yield from _walk(inner, getattr(value, name))


def _item(at: str, index: int, item: Any) -> str:
    """Examples and prompts by the names that content uses."""
    if at == "examples":
        return step("example", item.id)
    if at == "next_tokens":
        return step("next_token", item.prompt)
    return step(at, index)


def _kind(at: str, value: float) -> str:
    if unit := unit_of_field(at):
        return {"s": "seconds"}.get(unit, unit)
    if isinstance(value, int):
        return "count"
    leaf = at.split(".")[-1]
    share = ("probability", "confidence", "share", "f1", "precision", "recall", "accuracy")
    if any(leaf.endswith(name) for name in share):
        return "share"
    return "other"


def _words(at: str) -> tuple[str, ...]:
    """The words by which content speaks of a value: of the last part of its path that has any."""
    parts = re.sub(r"\[[^\[\]\n]*+\]", "", at).split(".")
    for part in reversed(parts):
        known = part if part in SYNONYMS else part.rpartition("_")[2]
        if known in SYNONYMS and (known == part or known in _METRICS):
            return SYNONYMS[known]
    return tuple(parts[-1].split("_"))


def _has_decimals(quantity: Quantity) -> bool:
    return quantity.form == "digits" and re.search(r"\d[.,]\d|^\.", quantity.text) is not None


def candidates_of(measured: Measured, locale: Locale = ENGLISH) -> Candidates:
    """All measured numbers, ready to be compared with what is typed in a language."""
    leaves, run = measured_numbers(measured), measured.experiment
    if run is None:
        return Candidates(leaves, locale=locale)
    labels = {label.lower() for label in run.data.labels}
    return Candidates(leaves, MEASURED | labels, run.model.name, locale)


class _Said(msgspec.Struct, frozen=True):
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
def _said(sentence: str, locale: Locale = ENGLISH) -> _Said:
    owners = (name for name, pattern in CLASSIFIERS.items() if pattern.search(sentence))
    found, meanings = {*_WORD.findall(sentence.lower())}, locale.words.meanings
    if locale.by_characters:  # no spaces part the words
        found |= {meant for word, meant in meanings.items() if word in sentence}
    elif meanings:
        own = _ANY_WORD.findall(sentence.casefold())
        found |= {*own, *(meanings[word] for word in own if word in meanings)}
    return _Said(frozenset(found), tuple(owners))


class Candidates:
    """The values of a run by the units in which people say them."""

    def __init__(
        self,
        leaves: Sequence[Leaf],
        nouns: frozenset[str] = MEASURED,
        model: str = "",
        locale: Locale = ENGLISH,
    ) -> None:
        self.locale = locale
        self.nouns, self._model = nouns, re.split(r"[-/ ]", model)[0]
        self._shares = [leaf for leaf in leaves if leaf.kind == "share"]
        self._owned = [leaf for leaf in leaves if leaf.at.split(".")[0] in CLASSIFIERS]
        self._owned = [leaf for leaf in self._owned if leaf.at.count(".") == 1]
        self._settings = [leaf for leaf in leaves if leaf.at in _SETTINGS]
        self._named = _by_rarest_word([leaf for leaf in leaves if leaf.of and leaf.words])
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
            self._same[key] = sorted(same, key=_said(sentence, self.locale).rank)
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
        said = _said(sentence, self.locale)
        if flattered := self._flattered(quantity, said):
            return COPY, flattered, f"flatters {flattered.at}, which is {flattered.shown}"
        if (same := self.showing(quantity, sentence)) and said.of(same[0]):
            return COPY, same[0], f"is {same[0].at} ({same[0].shown}), typed by hand"
        near = [leaf for value, leaf in self._around(quantity) if _is_near(quantity, leaf, value)]
        if near := [leaf for leaf in near if said.of(leaf)]:
            leaf = min(near, key=said.rank)
            return STALE, leaf, f"may be a stale copy: {leaf.at} is {leaf.shown} in this run"
        if other := self._contradicted(quantity, said, sentence, before):
            return CONTRADICTION, other, f"contradicts {other.at}, which is {other.shown}"
        return None

    def _around(self, quantity: Quantity) -> Iterator[tuple[float, Leaf]]:
        """Values that may be the quantity or near to it, each in the quantity's terms."""
        units = [quantity.unit] if quantity.form != "vague" else []
        if quantity.unit == "":
            units.append("percent" if quantity.value > 1 else "ratio")
        near = 0.0 if quantity.unit in ("time", "bytes") else 2.0  # of counts, see `_is_near`
        far = max(0.06 * quantity.value, near, 1.01 * quantity.spread)
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
        close = [leaf for leaf in leaves if 1 - STALE_WITHIN < leaf.base < 1]
        return None if any(leaf.base == 1 for leaf in leaves) or not close else close[-1]

    def _contradicted(
        self, quantity: Quantity, said: _Said, sentence: str, before: str
    ) -> Leaf | None:
        """The value that a sentence names, and gives as another."""
        is_share = quantity.unit == "percent" or (quantity.value <= 1 and _has_decimals(quantity))
        for leaf in self._owned if len(said.owners) == 1 else ():
            owner = leaf.at.split(".")[0]
            own = [word for word in leaf.words if word != owner]
            fits = is_share if leaf.kind == "share" else quantity.unit == "time"
            if said.owners == (owner,) and fits and not said.words.isdisjoint(own):
                return leaf
        if other := self._named_as_other(quantity, said):
            return other
        is_ours = not said.words.isdisjoint(_OURS) or (
            bool(self._model) and self._model in sentence
        )
        if not is_ours or quantity.unit or quantity.form == "vague":
            return None
        word = _BEFORE.search(before)
        named = {quantity.noun, word[1] if word else ""}  # 28 layers, a batch size of 32
        return next((leaf for leaf in self._settings if not named.isdisjoint(leaf.words)), None)

    def _named_as_other(self, quantity: Quantity, said: _Said) -> Leaf | None:
        """The one value of a measurement that a sentence names whole, and gives as another.

        Only in a unit that it has, and within its size: "insert takes 90 ns" where it is 41.
        """
        unit = {"time": "seconds", "bytes": "bytes", "percent": "share"}.get(quantity.unit)
        if unit is None or quantity.form == "vague":
            return None
        value = quantity.value / 100 if unit == "share" else quantity.value
        found = [
            leaf
            for word in said.words & self._named.keys()
            for leaf in self._named[word]
            if leaf.kind == unit and said.words.issuperset(leaf.words)
        ]
        most = max((len(leaf.words) for leaf in found), default=0)
        named = [leaf for leaf in found if len(leaf.words) == most]
        if len(named) != 1 or not _FAR < abs(value / (named[0].base or 1)) < 1 / _FAR:
            return None
        return named[0]


def _by_rarest_word(leaves: Sequence[Leaf]) -> dict[str, list[Leaf]]:
    """Values by the one of their words that the fewest have: few are met for a sentence."""
    often = Counter(word for leaf in leaves for word in leaf.words)
    found: dict[str, list[Leaf]] = defaultdict(list)
    for leaf in leaves:
        found[min(leaf.words, key=lambda word: (often[word], word))].append(leaf)
    return found


def _units(leaf: Leaf) -> Iterator[tuple[str, float]]:
    """The units in which a value can be said, and its number in each."""
    if leaf.kind == "share":
        yield "percent", leaf.base * 100
        yield "ratio", leaf.base
    elif leaf.kind in ("seconds", "bytes"):
        yield "time" if leaf.kind == "seconds" else "bytes", leaf.base
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
