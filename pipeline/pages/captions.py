"""Captions of the planned talk: WebVTT and SRT, timed by a cut.

A slide's items begin at its start, each for as long as its words and cues take; a slide with more
than its slot is sped up to fit, one with less leaves its slack at the end. Times are whole
milliseconds here, since captions are shorter than seconds.
"""

from __future__ import annotations

import html
import re
import textwrap
from dataclasses import dataclass

from pipeline.numbers.spoken import count_words
from pipeline.script.elements import Cue, Item, Script, Speech, flat
from pipeline.script.timing import Row, Timing

LINE_SIGNS, LINES = 42, 2

_SENTENCE_END = re.compile(r"[.!?…:;][\"'”’)]*$")


@dataclass(frozen=True, slots=True)
class Moment:
    """A paragraph or cue with the time that the plan gives it."""

    item: Speech | Cue
    slide: int | None
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Caption:
    """At most two lines of at most 42 signs, and when they are shown."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]


def moments(script: Script, timing: Timing) -> tuple[Moment, ...]:
    """Every paragraph and cue of a cut's slides and closing, in order; starts never go back."""
    texts = {text.number: text.items for text in script.texts()}
    found: list[Moment] = []
    for row in timing.rows:
        if row.kind != "qa":
            found += _of_row(row, texts[row.number or 0], timing)
    return tuple(found)


def _of_row(row: Row, items: tuple[Item, ...], timing: Timing) -> list[Moment]:
    timed: list[tuple[Speech | Cue, int]] = []
    for item in flat(items, timing.choice):
        if isinstance(item, Speech):
            timed.append((item, item.spoken_words * 60_000 // timing.pace_wpm))
        elif isinstance(item, Cue):
            costs = timing.is_full or not item.if_time
            timed.append((item, item.seconds * 1000 if costs else 0))
    whole_ms, slot_ms = sum(length for _, length in timed), row.slot_s * 1000
    found, gone_ms = [], 0
    for item, length_ms in timed:
        start_ms, gone_ms = gone_ms, gone_ms + length_ms
        ends = [row.start_s * 1000 + _fitted(at, whole_ms, slot_ms) for at in (start_ms, gone_ms)]
        found.append(Moment(item, row.number, ends[0], ends[1]))
    return found


def _fitted(at_ms: int, whole_ms: int, slot_ms: int) -> int:
    return at_ms * slot_ms // whole_ms if whole_ms > slot_ms else at_ms


def captions(planned: tuple[Moment, ...]) -> tuple[Caption, ...]:
    """What is said, in captions that share a paragraph's time by their words."""
    found: list[Caption] = []
    for moment in planned:
        if isinstance(moment.item, Speech):
            found += _of_speech(moment, moment.item)
    return tuple(found)


def _of_speech(moment: Moment, speech: Speech) -> list[Caption]:
    texts = _cut_up(speech.bare)
    weights = [max(1, count_words(" ".join(lines))) for lines in texts]
    whole, length_ms = sum(weights), moment.end_ms - moment.start_ms
    found, gone = [], 0
    for lines, weight in zip(texts, weights, strict=True):
        start_ms = moment.start_ms + length_ms * gone // whole
        gone += weight
        end_ms = moment.start_ms + length_ms * gone // whole
        if end_ms > start_ms:
            found.append(Caption(start_ms, end_ms, lines))
    return found


def _cut_up(text: str) -> list[tuple[str, ...]]:
    """Lines of at most 42 signs, two to a caption; a sentence's end ends a caption early."""
    groups: list[tuple[str, ...]] = []
    for sentence in _sentences(text):
        lines = textwrap.wrap(sentence, LINE_SIGNS, break_on_hyphens=False)
        groups += [tuple(lines[at : at + LINES]) for at in range(0, len(lines), LINES)]
    return groups


def _sentences(text: str) -> list[str]:
    """Sentences, short neighbours joined while they fit one caption's line."""
    pieces: list[str] = [""]
    for word in text.split():
        pieces[-1] = f"{pieces[-1]} {word}".strip()
        if _SENTENCE_END.search(word):
            pieces.append("")
    joined: list[str] = []
    for piece in pieces:
        if piece and joined and len(joined[-1]) + len(piece) < LINE_SIGNS:
            joined[-1] += f" {piece}"
        elif piece:
            joined.append(piece)
    return joined


def web_vtt(found: tuple[Caption, ...]) -> str:
    """Captions as a WebVTT file."""
    blocks = ["WEBVTT"]
    for caption in found:
        text = "\n".join(html.escape(line, quote=False) for line in caption.lines)
        blocks.append(f"{_at(caption.start_ms, '.')} --> {_at(caption.end_ms, '.')}\n{text}")
    return "\n\n".join(blocks) + "\n"


def srt(found: tuple[Caption, ...]) -> str:
    """Captions as a SubRip file."""
    blocks = []
    for number, caption in enumerate(found, 1):
        # The arrow ends a time line there, whatever stands around it.
        text = "\n".join(caption.lines).replace("-->", "→")
        times = f"{_at(caption.start_ms, ',')} --> {_at(caption.end_ms, ',')}"
        blocks.append(f"{number}\n{times}\n{text}\n")
    return "\n".join(blocks)


def _at(at_ms: int, point: str) -> str:
    seconds, ms = divmod(at_ms, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{point}{ms:03d}"
