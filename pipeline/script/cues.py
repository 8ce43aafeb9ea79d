"""The cues: bracketed lines that say what to do, and what each of them costs in seconds."""

from __future__ import annotations

import difflib
import re
from functools import cache, lru_cache

import msgspec

from pipeline.lengths import CARDINALS, parse_length
from pipeline.locale.words import NO_WORDS, Words, alternatives
from pipeline.problems import Problem, Source, TalkError, shortened
from pipeline.script.elements import Cue

PAUSE_S = 3  # a pause without a length
SHOW_S = 2  # the room looks at something
SWITCH_S = 5  # another window comes up
RETURN_S = 2  # the slides come back
LONGEST_LENGTH = 40


class Kind(msgspec.Struct, frozen=True):
    """One kind of cue: what it costs when it names no length, and how it is written."""

    seconds: int
    form: str


KINDS = {
    "PAUSE": Kind(PAUSE_S, "[PAUSE 3s]"),
    "CLICK": Kind(0, "[CLICK]"),
    "DEMO": Kind(0, "[DEMO 2 minutes]"),
    "SHOW": Kind(SHOW_S, "[SHOW … DIAGRAM]"),
    "SWITCH": Kind(SWITCH_S, "[SWITCH TO …]"),
    "RETURN": Kind(RETURN_S, "[RETURN TO SLIDES]"),
    "NEXT SLIDE": Kind(0, "[NEXT SLIDE]"),
    "NOTE": Kind(0, "[NOTE: …]"),
    "BE READY": Kind(0, "[BE READY …]"),
    "IF TIME PERMITS": Kind(0, "[IF TIME PERMITS: …]"),
    "OPTIONAL": Kind(0, '[OPTIONAL "name": …]'),
    "END OPTIONAL": Kind(0, "[END OPTIONAL]"),
    "ONLY": Kind(0, "[ONLY cut, cut]"),
    "END ONLY": Kind(0, "[END ONLY]"),
}
UNKNOWN = "?"

_BY_LENGTH = sorted(KINDS, key=len, reverse=True)
_HEAD = re.compile(
    r"({})(?![A-Za-z0-9])(?:[\s:,–—…]|-(?=\s))*".format("|".join(_BY_LENGTH)), re.IGNORECASE
)
_IF_TIME = re.compile(r"\bIF TIME (?:PERMITS|ALLOWS)\b", re.IGNORECASE)
_UNIT = r"(?:hours?|hrs?|minutes?|mins?|seconds?|secs?|[sm])\b\.?"
_LED = re.compile(
    r"(?:for\s)?(?:about\s|around\s)?\(?"
    rf"(?:[^\s:,(]*[0-9½]|(?:half\san?|{'|'.join(CARDINALS)})(?:\s{_UNIT}|$))",
    re.IGNORECASE,
)
_LENGTH_END = re.compile(rf"(?<![0-9.:/½])([0-9.:/½]+\s*-?{_UNIT})\)?$", re.IGNORECASE)
_NUMBER_END = re.compile(r"(?<![0-9.:/½])([0-9.:/½]+)\)?$")
_QUOTE = '"“”„«»‹›「」『』'  # as languages write them
_NAMED = re.compile(rf"(?:[{_QUOTE}]\s*([^{_QUOTE}]*?)\s*[{_QUOTE}]|'([^']*)')[\s:：]*")
_BETWEEN = " \t,:(–—-"
# What people write for a cue of ours; for hints alone.
_OTHERS = {
    **dict.fromkeys(("BEAT", "WAIT", "SILENCE", "BREATHE", "BREATH", "HOLD"), "PAUSE"),
    **dict.fromkeys(("NEXT", "ADVANCE", "TRANSITION", "ANIMATION", "STEP", "BUILD"), "CLICK"),
    **dict.fromkeys(("VISUAL", "IMAGE", "DISPLAY", "PICTURE", "FIGURE", "ON SCREEN"), "SHOW"),
}


def known_head(raw: str, words: Words = NO_WORDS) -> str:
    """The kind that `raw` begins with, "" if it is none of them."""
    found = _HEAD.match(words.cue(raw))
    return " ".join(found[1].upper().split()) if found else ""


def parse_cue(raw: str, source: Source, words: Words = NO_WORDS) -> tuple[Cue, Problem | None]:
    """Read what stands in a cue's brackets, its keyword English or one of a language's `words`.

    A cue that is wrong comes with a finding.
    """
    meant = words.cue(raw)
    head = _HEAD.match(meant)
    if not head:
        return Cue(UNKNOWN, raw, raw, 0, source=source), _unknown(raw, source, words)
    kind = head[1].upper()
    text = meant[head.end() :].strip()
    if_time = _IF_TIME.search(text) or _own_if_time(words).search(text)
    if if_time:
        text = f"{text[: if_time.start()].rstrip(_BETWEEN)} {text[if_time.end() :]}".strip()
    is_extra = kind == "IF TIME PERMITS" or if_time is not None
    try:
        seconds, rest = _cost(kind, words.length(text))
    except TalkError as error:
        wrong = Problem(
            f"[{shortened(raw, 40)}]: {error.message}", source, f"such as {KINDS[kind].form}"
        )
        return Cue(kind, raw, text, 0, is_extra, source), wrong
    rest = text if rest == words.length(text) else rest  # as it was written
    return Cue(kind, raw, rest, seconds, is_extra, source), None


@cache
def _own_if_time(words: Words) -> re.Pattern[str]:
    """[VORFÜHRUNG 2 Minuten, falls Zeit bleibt], in the script's language."""
    own = [word for word, kind in words.cues.items() if kind == "IF TIME PERMITS"]
    return re.compile(rf"(?<![^\W\d_])(?:{alternatives(own) or '(?!)'})", re.IGNORECASE)


def part_name(text: str) -> tuple[str, str] | None:
    """The quoted name that begins `text` and the words after it; None without one."""
    found = _NAMED.match(text)
    if not found:
        return None
    return (found[1] or found[2] or "").strip(), text[found.end() :].strip()


def cut_names(text: str) -> tuple[tuple[str, ...], str]:
    """`full, standard: why` as its names and its words."""
    names, _, words = text.partition(":")
    found = (name.strip(f" '{_QUOTE}") for name in re.split(r",|\band\b|\s", names))
    return tuple(dict.fromkeys(name for name in found if name)), words.strip()


def _cost(kind: str, text: str) -> tuple[int, str]:
    """Seconds and the remaining words. Raises TalkError where a length is wrong or missing."""
    default = KINDS[kind].seconds
    if kind in ("PAUSE", "DEMO") and _LED.match(text):
        return _led_by_length(text)
    ends, tail = None, text[-LONGEST_LENGTH:]
    if kind in ("PAUSE", "DEMO") or (default and text.endswith(")")):
        ends = _LENGTH_END.search(tail)
        number = None if ends or kind == "PAUSE" else _NUMBER_END.search(tail)
        if number and (kind == "DEMO" or ":" in number[1]):
            ends = number
    if kind == "DEMO" and not ends:
        raise TalkError("a demo needs its length")
    if not ends:
        return default, text
    return _seconds(ends[1]), text[: len(text) - len(tail) + ends.start()].rstrip(_BETWEEN)


def _led_by_length(text: str) -> tuple[int, str]:
    """The longest beginning that is a length, in seconds, and the words after it."""
    words = text.removeprefix("for ").split(maxsplit=5)
    refused = None
    for size in range(min(len(words), 5), 0, -1):
        try:
            length = _seconds(" ".join(words[:size]).strip("():,.–—"))
        except TalkError as error:
            refused = error
        else:
            return length, " ".join(" ".join(words[size:]).split()).lstrip(_BETWEEN)
    raise refused or TalkError("an empty length")


def _seconds(text: str) -> int:
    bare = text.strip()
    is_number = re.fullmatch(r"[0-9.½]+", bare) or bare.lower() in CARDINALS
    return parse_length(f"{bare} s" if is_number else bare).middle_s


def _unknown(raw: str, source: Source, own: Words) -> Problem:
    if not raw.strip():
        return Problem("an empty cue", source, known_cues(own))
    if re.fullmatch(r"[0-9]{1,2}:[0-9:.\s–—-]*", raw):
        hint = "starts follow from the slots; [PAUSE 5s], or [NOTE: 0:45] for yourself"
        return Problem(f"[{shortened(raw, 40)}] names no cue", source, hint)
    words = [word[:20] for word in shortened(raw, 40).upper().replace(":", " ").split()]
    attempts = [words[0], " ".join(words[:2]), " ".join(words[:3])] if words else [raw[:20]]
    best, near = _nearest(tuple(dict.fromkeys(attempts)), (*_BY_LENGTH, *own.cues))
    meant = [_OTHERS.get(word, word) for word in words]
    if not near and (known := [name for name in meant if name in KINDS]):
        best, near = known[0], True
    form = _own_form(best, own) if best not in KINDS else KINDS[best].form
    hint = f"did you mean {form}?" if near else known_cues(own)
    return Problem(f"unknown cue [{shortened(raw, 40)}]", source, hint)


@lru_cache(maxsize=1024)
def _nearest(attempts: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, bool]:
    """The cue that one of some words is most like, and whether it is like it."""

    def likeness(name: str) -> float:
        return max(difflib.SequenceMatcher(None, name, a).ratio() for a in attempts)

    best = max(names, key=likeness)
    return best, likeness(best) >= 0.6


def known_cues(own: Words = NO_WORDS) -> str:
    """A hint that lists every cue, in the script's language where it has words for them."""
    meant = {kind: name for name, kind in reversed([*own.cues.items()])}
    forms = (_own_form(meant[k], own) if k in meant else KINDS[k].form for k in KINDS)
    return "known cues: " + ", ".join(forms)


def _own_form(name: str, own: Words) -> str:
    """A cue as it is written in the script's language: [KLICK]."""
    kind = own.cues[name]
    return KINDS[kind].form.replace(kind, name, 1)
