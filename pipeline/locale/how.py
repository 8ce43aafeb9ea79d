"""How a value was made, in the language of a talk: what is kept with a run stays English.

Such a sentence is some of these parts in a row: "mean of 5, interval by Student's t". The numbers
in them are what differs. One that is the speaker's own stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from pipeline.locale.locale import Locale

_EACH = "on the test sets of {count} splits, each message and its near copies once"
_EACH_ONE = "on the test sets of one split, each message and its near copies once"
_HELD_OUT = "on messages of the second set held out, {count} of the others added"
_SMALL = "of this model; it shows the difference, and doesn't measure it for large ones"
_BINS = "expected calibration error on the test set, {count} bins of equally many messages"
_PLAIN = "F1 on the test messages of plain splits,"

PARTS = (  # messages of the catalogues
    # One value of several: `statistics`, `measure`.
    "one run",
    "median of {count} runs",
    "mean of {count} runs",
    "least of {count} runs",
    "most of {count} runs",
    "the same in {count} runs",
    "interval of their mean by Student's t",
    "interval by their order",
    "in steps too coarse for an interval",
    "one value",
    "mean of {count}",
    "the same in {count}",
    "interval by Student's t",
    "as splits share messages (Nadeau & Bengio)",
    "each",
    "widened to {level}",
    "{level} interval",
    # Calculated from two.
    "paired over {count} splits",
    "paired over {count} repeats",
    "paired over {count} cases (Bonett & Price)",
    "from both intervals, taken as independent (MOVER)",
    "from the outermost ends of both, which depend on each other",
    "from both counts (Newcombe)",
    "from the one interval that there is",
    "paired bootstrap over the same {count} messages",
    "{count} resamples",
    "McNemar's exact test",
    "exact test by swapping what only one of them got right",
    "p = {p}, {one} against {other}",
    # Counted, or read from a file.
    "Wilson's interval",
    "Wilson's, by its counts",
    "interval by Wilson",
    "bootstrap over the messages",
    "± as it was printed",
    "both ends as they stand in the file",
    "mean of the repetitions",
    "median of the repetitions",
    "by Google Benchmark",
    "mean of {count} rounds",
    "{count} standard errors to each side",
    # What experiments of many cells measure.
    "F1 on plain splits",
    f"F1 {_EACH}",
    f"accuracy {_EACH}",
    f"area under the ROC curve {_EACH}",
    f"F1 {_EACH_ONE}",
    f"accuracy {_EACH_ONE}",
    f"area under the ROC curve {_EACH_ONE}",
    "to learn, what a model reads for it included, on one core",
    "to learn, on one core",
    "for a message, on one core",
    "the most that the process held, libraries too",
    "F1 with eight examples in the prompt and a threshold from the others",
    "F1 after learning from {count} messages, each label equally often",
    "F1 after learning from {count} clean messages, each label equally often",
    "F1 after learning from all training messages, as the ladder has it",
    "F1 with {share} of all labels wrong",
    "F1 with {share} of the positive messages, called negative, wrong",
    "where the mean F1 falls below that of {count} clean messages, between the shares that were "
    "tried by a straight line",
    "{count} seeds",
    "interval where the ends of the difference's (Student's t, Nadeau & Bengio) cross",
    "up to {share}, the most that was tried, its upper end doesn't",
    "F1 of the best on the messages that it was chosen on",
    "F1 of the best on the messages that it was chosen on, called the test set",
    "F1 of the same on messages that nothing was chosen on",
    "how much more choosing on the test set says than fresh messages do",
    "near copies in training, mean of {count} splits",
    "mean of {count} splits",
    f"{_PLAIN} their near copies taken out of training",
    f"{_PLAIN} as many other messages taken out",
    "difference in F1 on the same test messages, split by split",
    f"F1 {_HELD_OUT}",
    f"AUC {_HELD_OUT}",
    "F1 on the test set, {count} added",
    "F1 of calling each of these messages positive",
    _BINS,
    f"{_BINS}, after temperature",
    "temperature fitted on the validation set",
    "accuracy on the surest {share} of the test messages",
    "share of the test messages that is given {share} or more",
    "right of the test messages that are given {share} or more",
    "share of the second set that is given {share} or more",
    "right of the second set that are given {share} or more",
    "share of the second set, always the same, that is given {share} or more",
    "right of the second set, always the same, that are given {share} or more",
    "invented facts, each taught in one sentence",
    "one of four",
    "mean over seeds, until each sentence's end was predicted from its beginning",
    "questions for which the right sentence was found (TF-IDF)",
    f"the right answer in the first line that the model writes, {_SMALL}",
    f"the right answer is the likeliest of four of its kind, {_SMALL}",
    f"the answer of a taught fact, given for one that was never taught, {_SMALL}",
)
JOINS = {", ": "{one}, {other}", "; ": "{one}; {other}", ": ": "{one}: {other}"}

_LONGEST = 600  # signs of a sentence of ours, and more
_JOIN = re.compile(r"[,;:] ")
_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?%?(?!\w)")
_SLOT = re.compile(r"{(\w+)}")


@lru_cache(maxsize=4096)
def how_in(text: str, locale: Locale) -> str:
    """What is kept of how a value was made, as pages of this language say it."""
    if locale.is_english or len(text) > _LONGEST:
        return text
    return _said(text, locale) or text


def _said(text: str, locale: Locale) -> str:
    """A sentence of known parts; "" where the first of them isn't, or no join leads to others.

    What is known may be followed by what the speaker says: "the same in 5 runs; by hand".
    """
    if whole := _part(text, locale):
        return whole
    for found in _JOIN.finditer(text):
        if one := _part(text[: found.start()], locale):
            rest = text[found.end() :]
            other = _said(rest, locale) or (rest if found[0] != ", " else "")
            if other:
                return locale.say(JOINS[found[0]], one=one, other=other)
    return ""


def _part(text: str, locale: Locale) -> str:
    """One part, with its numbers as the language writes them; "" where it is none of ours."""
    message = _known().get(_NUMBER.sub("{}", text), "")
    if not message:
        return ""
    numbers = [locale.rewritten(one) for one in _NUMBER.findall(text)]
    return locale.say(message, **dict(zip(_SLOT.findall(message), numbers, strict=True)))


@cache
def _known() -> Mapping[str, str]:
    """The parts by what they are without their numbers."""
    return {_SLOT.sub("{}", one): one for one in PARTS}
