"""The cues: bracketed lines that say what to do, and what each of them costs in seconds."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from pipeline.problems import Problem, Source, TalkError
from pipeline.script.elements import Cue
from pipeline.script.lengths import parse_length

PAUSE_S = 3  # a pause without a length
SHOW_S = 2  # the room looks at something
SWITCH_S = 5  # another window comes up
RETURN_S = 2  # the slides come back


@dataclass(frozen=True, slots=True)
class Kind:
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
_HEAD = re.compile(r"({})(?![A-Za-z0-9])[\s:]*".format("|".join(_BY_LENGTH)), re.IGNORECASE)
_IF_TIME = re.compile(r"[\s,]*\bIF TIME (?:PERMITS|ALLOWS)\b", re.IGNORECASE)
_LENGTH_END = re.compile(
    r"[\s,(:–—-]*\b([0-9][0-9.:/½]*\s*(?:hours?|minutes?|mins?|seconds?|secs?|[sm])?)\)?$"
)
_NAMED = re.compile(r"[\"“”']([^\"“”']*)[\"“”'][\s:]*")


def known_head(raw: str) -> str:
    """The kind that `raw` begins with, "" if it is none of them."""
    found = _HEAD.match(raw)
    return " ".join(found[1].upper().split()) if found else ""


def parse_cue(raw: str, source: Source) -> tuple[Cue, Problem | None]:
    """Read what stands in a cue's brackets. A cue that is wrong comes with a finding."""
    head = _HEAD.match(raw)
    if not head:
        return Cue(UNKNOWN, raw, raw, 0, source=source), _unknown(raw, source)
    kind = head[1].upper()
    text = raw[head.end() :].strip()
    shorter = _IF_TIME.sub("", text)
    if_time = kind == "IF TIME PERMITS" or shorter != text
    try:
        seconds, text = _cost(kind, shorter.strip())
    except TalkError as error:
        wrong = Problem(f"[{raw}]: {error.message}", source, f"such as {KINDS[kind].form}")
        return Cue(kind, raw, shorter, 0, if_time, source), wrong
    return Cue(kind, raw, text, seconds, if_time, source), None


def part_name(text: str) -> tuple[str, str] | None:
    """The quoted name that begins `text` and the words after it; None without one."""
    found = _NAMED.match(text)
    return (found[1].strip(), text[found.end() :].strip()) if found else None


def cut_names(text: str) -> tuple[tuple[str, ...], str]:
    """`full, standard: why` as its names and its words."""
    names, _, words = text.partition(":")
    found = (name.strip(" \"'“”") for name in re.split(r",|\band\b|\s", names))
    return tuple(dict.fromkeys(name for name in found if name)), words.strip()


def _cost(kind: str, text: str) -> tuple[int, str]:
    """Seconds and the remaining words. Raises TalkError where a length is wrong or missing."""
    default = KINDS[kind].seconds
    if kind in ("PAUSE", "DEMO"):
        if re.match(r"(?:for )?[^\s:]*[0-9½]", text):
            return _led_by_length(text)
        if kind == "DEMO":
            ends = _LENGTH_END.search(text)
            if not ends:
                raise TalkError("a demo needs its length")
            return _seconds(ends[1]), text[: ends.start()].strip()
        return default, text
    if default and text.endswith(")"):
        ends = _LENGTH_END.search(text)
        if ends and re.search("[a-z:]", ends[1]):
            return _seconds(ends[1]), text[: ends.start()].strip()
    return default, text


def _led_by_length(text: str) -> tuple[int, str]:
    """The longest beginning that is a length, in seconds, and the words after it."""
    words = text.removeprefix("for ").split()
    refused = None
    for size in range(min(len(words), 5), 0, -1):
        try:
            return _seconds(" ".join(words[:size]).rstrip(":,.–—")), " ".join(words[size:])
        except TalkError as error:
            refused = error
    raise refused or TalkError("an empty length")


def _seconds(text: str) -> int:
    bare = text.strip()
    return parse_length(f"{bare} s" if re.fullmatch(r"[0-9.½]+", bare) else bare).middle_s


def _unknown(raw: str, source: Source) -> Problem:
    if not raw.strip():
        return Problem("an empty cue", source, known_cues())
    words = raw.upper().replace(":", " ").split()
    attempts = {words[0], " ".join(words[:2]), " ".join(words[:3])} if words else {raw}

    def likeness(name: str) -> float:
        return max(difflib.SequenceMatcher(None, name, a).ratio() for a in attempts)

    best = max(_BY_LENGTH, key=likeness)
    near = likeness(best) >= 0.6
    shown = raw if len(raw) <= 40 else raw[:39] + "…"
    hint = f"did you mean {KINDS[best].form}?" if near else known_cues()
    return Problem(f"unknown cue [{shown}]", source, hint)


def known_cues() -> str:
    """A hint that lists every cue."""
    return "known cues: " + ", ".join(kind.form for kind in KINDS.values())
