"""Captions of the planned talk: WebVTT and SRT, timed by a cut.

A slide's items begin at its start, each for as long as its words and cues take; a slide with more
than its slot is sped up to fit, one with less leaves its slack at the end. Times are whole
milliseconds here, since captions are shorter than seconds.
"""

from __future__ import annotations

import html
from collections.abc import Iterator

import msgspec

from pipeline.locale import ENGLISH, Locale
from pipeline.memo import NO_MEMO, Form, Memo, key_of
from pipeline.numbers.spoken import count_words
from pipeline.script.elements import Cue, Item, Script, Speech, flat
from pipeline.script.sentences import ends_caption, piece_pattern
from pipeline.script.timing import Row, Timing
from pipeline.script.words import columns

LINE_SIGNS, LINES = 42, 2
LEAST_MS = 1000

# Columns of a line, of which a Chinese or Japanese sign takes two; else LINE_SIGNS. As Netflix's
# Timed Text Style Guides have it: 16 and 13 of them.
_LINES_OF = {"zh": 32, "ja": 26}


class Moment(msgspec.Struct, frozen=True):
    """A paragraph or cue with the time that the plan gives it."""

    item: Speech | Cue
    slide: int | None
    start_ms: int
    end_ms: int


class Caption(msgspec.Struct, frozen=True):
    """At most two lines of at most 42 signs, and when they are shown."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]

    @property
    def length_ms(self) -> int:
        return self.end_ms - self.start_ms


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


def captions(
    planned: tuple[Moment, ...], locale: Locale = ENGLISH, memo: Memo = NO_MEMO
) -> tuple[Caption, ...]:
    """What is said, in captions that share a paragraph's time by their words.

    None is shown for less than a second, unless there is no time at all. `memo` keeps those of
    each paragraph.
    """
    found: list[Caption] = []
    for moment in planned:
        if isinstance(moment.item, Speech):
            found += _of_speech(moment, moment.item, locale, memo)
    return tuple(_long_enough(found, locale))


_FORM: Form[list[Caption]] = Form(list[Caption])


def _of_speech(moment: Moment, speech: Speech, locale: Locale, memo: Memo) -> Iterator[Caption]:
    length_ms, start_ms = moment.end_ms - moment.start_ms, moment.start_ms
    key = key_of("captions", speech.bare, speech.spoken_words, length_ms, locale.tag)
    for one in memo.of(key, _FORM, lambda: _from_zero(length_ms, speech, locale)):
        yield Caption(start_ms + one.start_ms, start_ms + one.end_ms, one.lines)


def _from_zero(length_ms: int, speech: Speech, locale: Locale) -> list[Caption]:
    """The captions of a paragraph, in the time since it begins."""
    least_words = -(-speech.spoken_words * LEAST_MS // max(1, length_ms))
    parts = _parts(speech.bare, least_words, locale)
    texts = [lines for part in parts for lines in _cut_up(part, locale)]
    weights = [max(1, count_words(" ".join(lines), locale)) for lines in texts]
    whole, gone, found = sum(weights), 0, []
    for lines, weight in zip(texts, weights, strict=True):
        start_ms = length_ms * gone // whole
        gone += weight
        end_ms = length_ms * gone // whole
        if end_ms > start_ms:
            found.append(Caption(start_ms, end_ms, lines))
    return found


def _parts(text: str, least_words: int, locale: Locale) -> list[str]:
    """Sentences; those that fit one line together, or are too short to be read, are joined."""
    sentences = [""]
    for piece in piece_pattern().findall(text):
        sentences[-1] += piece
        if ends_caption(piece, locale):
            sentences.append("")
    parts: list[list[str]] = []
    width = words = 0  # of the last part
    for sentence in filter(None, sentences):
        its_width, its_words = columns(sentence), count_words(sentence, locale)
        is_short = min(words, its_words) < least_words
        if parts and (is_short or width + its_width <= _line_signs(locale)):
            parts[-1].append(sentence)
            width, words = width + its_width, words + its_words
        else:
            parts.append([sentence])
            width, words = columns(sentence.lstrip()), its_words
    return ["".join(part) for part in parts]


def _line_signs(locale: Locale) -> int:
    return _LINES_OF.get(locale.primary, LINE_SIGNS)


def _cut_up(text: str, locale: Locale) -> list[tuple[str, ...]]:
    """Lines as long as each other, of at most 42 signs, two to a caption."""
    most = _line_signs(locale)
    pieces = [
        piece[at : at + most]
        for piece in piece_pattern().findall(text.strip())
        for at in range(0, len(piece), most)
    ]
    sizes = [(columns(piece), columns(piece.lstrip())) for piece in pieces]
    low, high = max(bare for _, bare in sizes), most
    fewest = len(_starts(sizes, high))
    while low < high:  # the narrowest that needs no line more
        middle = (low + high) // 2
        if len(_starts(sizes, middle)) > fewest:
            low = middle + 1
        else:
            high = middle
    starts = _starts(sizes, high)
    ends = [*starts[1:], len(pieces)]
    lines = ["".join(pieces[a:b]).lstrip() for a, b in zip(starts, ends, strict=True)]
    return [tuple(lines[at : at + LINES]) for at in range(0, len(lines), LINES)]


def _starts(sizes: list[tuple[int, int]], width: int) -> list[int]:
    """Which pieces begin a line. Sizes are with the space before, and without it."""
    starts, gone = [0], 0
    for at, (size, bare) in enumerate(sizes):
        gone += size
        if gone > width and at > starts[-1]:
            starts.append(at)
            gone = bare
    return starts


def _long_enough(found: list[Caption], locale: Locale) -> Iterator[Caption]:
    """Captions too short to be read, joined with the next or with time of those around them."""
    joined: list[Caption] = []
    for caption in found:
        before = joined[-1] if joined else None
        is_next = before and before.end_ms == caption.start_ms
        if before and is_next and min(before.length_ms, caption.length_ms) < LEAST_MS:
            gap = "" if locale.by_characters else " "
            one, *more = _cut_up(gap.join(before.lines + caption.lines), locale)
            if not more:
                joined[-1] = Caption(before.start_ms, caption.end_ms, one)
                continue
        joined.append(caption)
    starts, ends = [c.start_ms for c in joined], [c.end_ms for c in joined]
    for at in range(len(joined)):
        latest_ms = starts[at] + LEAST_MS  # or what the next one can spare of its time
        if at + 1 < len(joined):
            spare_ms = max(0, ends[at + 1] - starts[at + 1] - LEAST_MS)
            latest_ms = min(latest_ms, starts[at + 1] + spare_ms)
        ends[at] = max(ends[at], latest_ms)
        if at:  # and what the one before can spare
            earliest_ms = min(ends[at - 1], starts[at - 1] + LEAST_MS)
            starts[at] = min(starts[at], max(ends[at] - LEAST_MS, earliest_ms))
            ends[at - 1] = min(ends[at - 1], starts[at])
        if at + 1 < len(joined):
            starts[at + 1] = max(starts[at + 1], ends[at])
    for caption, start_ms, end_ms in zip(joined, starts, ends, strict=True):
        yield Caption(start_ms, end_ms, caption.lines)


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
