"""What carries a digit or a number word and is no quantity: the rules, each with its reason.

A rule looks at one word and at its neighbours, so a text costs as much as it has words. None knows
a product: a name is a word with a capital letter and a number behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from pipeline.lengths import CARDINALS
from pipeline.locale import ENGLISH, Locale
from pipeline.numbers.quantities import MEASURED, UNITS

_LONGEST = 60  # signs; no word that people read is longer
_WORD = re.compile(r"[^\s|—]+|[|—]")
_DIGIT = re.compile(r"\d")
_PLACES = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"

# Things that carry a number in place of a name: parts of a text, of a course or plan, of a place or
# a way, kinds and files.
_NUMBERED = """
act appendix article box chapter clause column eq equation exercise fig figure footnote form item
line no note number opus page paragraph part problem psalm question row rule scene section slide
table title verse volume case day episode example lecture lesson level method module myth option
phase pitfall principle reason round season session stage step symptom task tip track unit week
year bay bed booth bus exit floor gate hall highway house platform room route seat studio terminal
tram ward category class code flag grade group issue port release request ticket tier type version
"""
_DOTTED = "appendix chapter equation exercise fig figure level release section table version"
_MAGNITUDES = """
accuracy age auc average batch budget capacity confidence cost count coverage f1 latency length
loss margin mean median memory number population precision price profit rate recall revenue score
seed share size speed sum temperature throughput total uptime vocabulary weight
"""
# Words that begin a sentence and name nothing.
_FUNCTION_WORDS = """
a about above after all almost among an and another any are around as at barely because before
below between both but by can could did do does down during each either every exactly few for from
had half has have he her his how i if in into is it its just last least less like many may maybe
might more most much my nearly neither next no nor not now of off on once one only or other our
out over per perhaps plus roughly she should since so some still such than that the their them
then there these they this those though through to under until up us was we were what when where
which while who will with within without would yes yet you your
"""
_MONTH_NAMES = """
jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july august
september october november december
"""
_DAY_NAMES = "mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday"
_TIMES = """
in since from until till by before after early late mid between during around circa about the of
summer spring autumn fall winter year back class it's © c h1 h2 q1 q2 q3 q4
"""
_LABELS, _DOTTED_LABELS = frozenset(_NUMBERED.split()), frozenset(_DOTTED.split())
_MAGNITUDE = frozenset(_MAGNITUDES.split())
_NO_NAMES = frozenset(_FUNCTION_WORDS.split()) | CARDINALS.keys() | _MAGNITUDE | MEASURED
_MONTHS, _DAYS = frozenset(_MONTH_NAMES.split()), frozenset(_DAY_NAMES.split())
_BEFORE_YEAR = frozenset(_TIMES.split())
_JOINS = frozenset(["and", "or", "to", "of", "-", "–", "/", "&"])
_STATUS = frozenset(["error", "errors", "status", "http", "code", "page", "response"])
_MANY = frozenset(["people", "men", "women", "children"])
_NOT_MANY = frozenset(["this", "does", "always", "perhaps", "says", "goes"])
_SCALES = ("percent", "per", "hundred", "thousand", "million", "billion", "times")

_ADDRESSES = (
    ("address", r"(?i:.*://.*|www\..*|doi:.*|arxiv:.*|10\.\d{4,}/.*|[\w.+-]+@[\w.-]+)"),
    (
        "file name",
        r"(?:~?/|[A-Za-z]:[/\\]).*|[\w./-]*[A-Za-z_-][\w./-]*\.[a-z][a-z\d]{1,4}|\d+\.[a-z]{2,5}",
    ),
    ("hash or colour", r"#[\da-fA-F]{6}|#[\da-fA-F]{3}|(?=.*\d)(?=.*[a-f])[\da-f]{7,}"),
)
_DAY, _MONTH = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|[12]\d|3[01])"
_NAMES = (
    ("place in a list", r"#\d{1,5}|§+\d+|[1-9]\d?(?:st|nd|rd|th)"),
    ("date", rf"(?:1\d|20)\d\d-\d\d(?:-\d\d)?|{_DAY}([./]){_MONTH}\1(?:\d\d)?\d\d"),
    (
        "time of day",
        r"\d{1,2}:\d\d(?::\d\d)?(?:[-–]\d{1,2}:\d\d)?(?:[ap]\.?m)?|\d{1,2}[ap]\.?m",
    ),
    ("version", r"v?\d+(?:\.\d+){2,}[\w.-]*|v\d+(?:\.\d+)*"),
    ("decade", r"(?:(?:1[5-9]|20)\d0|['’]?\d0)s|['’]\d\d"),
    (
        "code of a thing",
        r"\d+(?:-\d+){2,}(?:-[\dX])?|\d+/\d+/[A-Z]+|[A-Z]{1,2}\d[A-Z\d]?|\d[A-Z]{2}|\+\d{1,3}",
    ),
    (
        "name",
        r"\d[DGK]|\d[FM]A|\d+[xX]\d+|\d{1,3}:\d|\d-grams?|00\d|\d{3,4}p|\d+-?bits?|\d+px|24/7|"
        r"9-to-5|50[-/]50|\d+B(?:-[a-z]+)?|(?:12|24)-hour|(?:180|360)-degree",
    ),
    ("name", r"[A-Z](?:[\w'’&+]|[-_./](?=\w))*"),
    ("name", r"[a-z]{1,6}\d{1,4}[a-z]{0,2}|[a-z]+[A-Z]\w*|[a-z]{3,}-(?:\d\d?|(?:1\d|20)\d\d)"),
)
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_PHRASES = (
    (
        "year in words",
        r"\b(?:eighteen|nineteen|twenty)[ -](?:hundred|oh[ -][a-z]+|ten|eleven|twelve|[a-z]+teen|"
        rf"(?:{_TENS})(?:[ -](?:{_PLACES}))?)\b",
    ),
    # The run computes no others.
    (
        "level of the intervals",
        r"\b(?:95\s?%|ninety-five percent)(?=\s+(?:confidence\s+)?(?:intervals?|ranges?|CIs?)\b)",
    ),
    ("time of day", rf"\b(?:{_PLACES}|\d\d?) o['’]clock\b|\b(?:half past|quarter (?:to|past))\b"),
    ("time of day", rf"\b(?:{_PLACES}|noon) (?:to|till) (?:{_PLACES})\b(?! [a-z]+s\b)"),
    ("time of day", r"\b\d{1,2} [ap]\.?m\b"),
    ("error code", r"\b(?:four|five)[ -]oh[ -](?:one|two|three|four)\b"),
    (
        "place in a list",
        rf"\b(?:{'|'.join(_NUMBERED.split())})s?\s(?:{_PLACES})\b"
        r"(?![ -](?:percent|hundred|thousand|million|point))",
    ),
    (
        "part of a whole",
        r"\b(?:which|other|first|second|last|better|best|worse|top|bottom|upper|lower|left|right|"
        r"this|that|either|each|your|my|our|their|its)\s(?:one\s)?half\b|\bboth halves\b",
    ),
    ("small count", r"\b(?:two|three|four|five) times(?=\s*[.,;:!?]|\s*$)"),
    (
        "figure of speech",
        r"\b(?:(?:zero|one|few|two)-shot|(?:zero|two)-(?:sum|day|trust|way|sided|faced)|"
        r"\w{1,12}-year-olds?|twenty-four seven|fifty-fifty|one-size-fits-all|one-time|one-off|"
        r"half a dozen of the other|best of (?:three|five)|half-[a-z]+|halfway|half the battle|"
        r"(?:think|look|ask) twice|ground zero|double[- ](?:check|click|tap|bass|agent)\w*|"
        r"two cents|(?:a )?thousand (?:words|thanks|apologies)|"
        r"(?:million|billion)[- ]dollar question)\b",
    ),
    (
        "figure of speech",
        rf"(?:\b(?:{_PLACES})(?:\s(?:to|or)\s(?:{_PLACES}))?\s)?\bdollar signs?\b",
    ),
)


def _compiled(
    rules: Sequence[tuple[str, str]], flags: re.RegexFlag = re.NOFLAG
) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(shape, flags)) for name, shape in rules)


_ADDRESS_RULES, _NAME_RULES = _compiled(_ADDRESSES), _compiled(_NAMES)
_PHRASE_RULES = _compiled(_PHRASES, re.IGNORECASE)
_NUMBER = re.compile(r"(?:\d{1,4}(?:[-–/]\d{1,4})?|\d{1,2}\.\d{1,2})[A-Za-e]?")
_YEAR = re.compile(r"(?:1\d|20)\d\d(?:[-–/](?:(?:1\d|20)?\d\d))?")
_IN_BRACKETS = re.compile(r"\((?:1?\d|20)\)[.,;:]?")
_RANKED = re.compile(r"percentile|quantile|decile|epoch|message")


class _Word(msgspec.Struct, frozen=True):
    """A word of a text, its punctuation apart."""

    start: int
    end: int
    core: str  # without quotes and punctuation around it
    low: str  # in small letters; of another language, what it means in English
    begins: bool  # nothing but punctuation stands before it
    ends: bool  # a sign follows that parts it from the next

    @property
    def is_many(self) -> bool:
        """Whether it is a noun in the plural, as counted things are."""
        is_plural = len(self.core) > 3 and self.low.endswith("s") and not self.low.endswith("ss")
        return self.low in _MANY | MEASURED or (is_plural and self.low not in _NOT_MANY)


_NOTHING = _Word(0, 0, "", "", True, True)


def structural_spans(
    text: str, kind: str = "", locale: Locale = ENGLISH
) -> Iterator[tuple[int, int, str]]:
    """Where in a text numbers are structural: start, end, name of the rule."""
    if not locale.is_english:
        from pipeline.numbers.quantities_in import english_signs

        text = english_signs(text, locale)
    for name, pattern in _PHRASE_RULES if locale.is_english else ():
        for found in pattern.finditer(text):
            yield found.start(), found.end(), name
    words = _words(text, locale) if _DIGIT.search(text) else []
    reasons: list[str] = []
    for at, word in enumerate(words):
        has_digit = _DIGIT.search(text, word.start, word.end)
        reasons.append(_reason(text, words, reasons, at, kind) if has_digit else "")
        if reasons[-1]:
            yield word.start, word.end, reasons[-1]


def _words(text: str, locale: Locale) -> list[_Word]:
    meanings = locale.words.structure
    words: list[_Word] = []
    begins = True
    for found in _WORD.finditer(text):
        raw = found[0]
        if raw in "|—":
            begins, words[-1:] = True, [replace(word, ends=True) for word in words[-1:]]
            continue
        core = raw.strip('"“”*_[]…,;:!?)').removesuffix(".").removeprefix("(").rstrip("'’")
        core = core if _DIGIT.search(core) else core.lstrip("'‘")
        is_short = raw[-1] == "." and core.lower() in _LABELS  # No. 7, Fig. 3
        ends = raw[-1] in ".,;:!?…" and not is_short
        low = core.lower().rstrip(".")
        low = meanings.get(low, low)
        if locale.primary == "de" and core[:1].isupper() and not core[1:].isupper():
            core = core.lower()  # each noun begins so, and is no name
        words.append(_Word(found.start(), found.end(), core, low, begins, ends))
        begins = ends
    return words


def _reason(text: str, words: Sequence[_Word], reasons: Sequence[str], at: int, kind: str) -> str:
    """Why the number of a word is no quantity; "" where it is one."""
    word, raw = words[at], text[words[at].start : words[at].end]
    after = words[at + 1] if at + 1 < len(words) and not word.ends else _NOTHING
    if len(raw) > _LONGEST:
        return "code"
    is_label = kind == "diagram" and at == 0 and after.core[:1].isupper()  # 3 Split
    if _IN_BRACKETS.fullmatch(raw) or is_label:
        return "place in a list"
    if _YEAR.fullmatch(word.core) and raw.rstrip(".,;:").endswith(")"):
        return "year"  # (Almeida, 2011)
    if word.core.isdigit() and _dials(words, reasons, at):
        return "telephone"
    if reason := _shape(word, _ADDRESS_RULES):
        return reason
    is_plain = _NUMBER.fullmatch(word.core) or _YEAR.fullmatch(word.core)
    is_unit = after.low.startswith(_SCALES) or after.low.removesuffix("s") in UNITS
    if is_plain and not is_unit and (reason := _by_neighbours(words, reasons, at, after)):
        return reason
    is_ranked = word.core[-2:] in ("st", "nd", "rd", "th") and _RANKED.match(after.low)
    is_scaled = word.core[-1:] == "B" and word.core[:-1].isdigit() and after.is_many  # 12B users
    is_value = "%" in raw or "=" in raw or re.search(r"[A-Za-z]:[.\d]", raw)
    return "" if is_ranked or is_scaled or is_value else _shape(word, _NAME_RULES)


def _dials(words: Sequence[_Word], reasons: Sequence[str], at: int) -> bool:
    """Whether the word before it begins or continues a telephone's number."""
    is_first = at > 0 and words[at - 1].core.startswith("+") and bool(reasons[-1])
    return is_first or reasons[-1:] == ["telephone"]


def _shape(word: _Word, rules: Sequence[tuple[str, re.Pattern[str]]]) -> str:
    return next((name for name, shape in rules if shape.fullmatch(word.core)), "")


def _by_neighbours(words: Sequence[_Word], reasons: Sequence[str], at: int, after: _Word) -> str:
    """Why a plain number is no quantity, by the words around it."""
    word, before = words[at], words[at - 1] if at else _NOTHING
    earlier, reason = words[at - 2] if at > 1 else _NOTHING, reasons[-1] if at else ""
    last = "" if before.ends else before.low
    if last in _JOINS and at > 1 and reasons[at - 2] in ("place in a list", "year"):
        return reasons[at - 2]  # slides 11 and 12
    is_chained = reason in ("place in a list", "year", "name") and _NUMBER.fullmatch(before.core)
    if is_chained and not after.is_many:
        return reason  # steps 2, 3; EN 301 549
    if last in _MONTHS | _DAYS or after.low in _MONTHS or (last == "the" and earlier.low in _DAYS):
        return "date"
    if after.low == "of" and at + 2 < len(words) and words[at + 2].low in _MONTHS:
        return "date"
    is_label = last in _LABELS or last.removesuffix("s") in _LABELS or last == "§"
    if is_label and ("." not in word.core or last in _DOTTED_LABELS):
        return "place in a list"
    is_top = last in ("top", "best") or (last == "of" and earlier.low == "best")
    if is_top and len(word.core) < 3:
        return "place in a list"
    if re.fullmatch(r"[1-5]\d\d", word.core) and not _STATUS.isdisjoint([last, after.low]):
        return "error code"
    is_free = not after.is_many or after.core[0].isupper()  # 2048 files, the 2024 Olympics
    is_dated = last in _BEFORE_YEAR or after.low in ("bc", "ad", "ce")
    if is_free and is_dated and _YEAR.fullmatch(word.core):
        return "year"
    return "name" if last and _is_name(before, word, after) else ""


def _is_name(before: _Word, word: _Word, after: _Word) -> bool:
    """Whether a number stands behind a name: Boeing 747, Python 3.11, Ward 7."""
    if not re.match(r"[A-Za-z]*[A-Z]", before.core) or word.core.startswith("0"):
        return False
    first = re.split("['’]", before.low)[0]
    if before.core.isupper() and len(before.core) > 1:
        return first not in _MAGNITUDE  # RFC 9110 says
    is_counting = first in _NO_NAMES or after.is_many
    return not is_counting and not (before.begins and before.is_many and after is _NOTHING)
