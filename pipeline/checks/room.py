"""What is too much for a slide: its words and items against its layout's limits, and an estimate
of what fits, for where no browser can measure it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from pipeline.config import ALL, Config
from pipeline.numbers.fill import MARK
from pipeline.pictures.text import text_width
from pipeline.pictures.theme import STRONG
from pipeline.problems import Problem, nearest
from pipeline.slides.blocks import Block
from pipeline.slides.layouts import Layout, Room
from pipeline.slides.markdown import blocks
from pipeline.slides.slide import Slide, SlidePart

WIDTH, HEIGHT = 1136, 576  # px: a slide without its edges, head and foot included
TITLE, LONG_TITLE, HEAD_GAP, KICKER = 56, 44, 36, 37  # px
LONG = 50  # signs: a longer title has smaller letters
GAP, ROW = 20, 20  # px: between paragraphs, around the text of a table's row
CODE, CODE_LINE, CODE_SIGN = 24, 1.4, 0.6  # px, and of that: a line, a sign of any such face
SURE = 1.25  # so much over its room nothing fits, however rough the estimate


def limit_problems(
    slides: Iterable[Slide], layouts: Mapping[str, Layout], config: Config
) -> Iterator[Problem]:
    """Slides with more words or items than their layout, or [limits] in talk.toml, allows."""
    for name in config.limits:
        if name not in (ALL, *layouts):
            where = config.source("limits", name)
            message = f"[limits.{name}]: there is no layout `{name}`"
            yield Problem(message, where, nearest(name, (ALL, *layouts)))
    for slide in slides:
        layout = layouts[slide.layout]
        words, items = limits_of(layout, config)
        if layout.counted and words and slide.words > words:
            yield Problem(
                f"slide {slide.shown} has {slide.words} words, and {words} are read in passing",
                slide.source,
                f"say the rest, or set `most_words` of [limits.{layout.name}] in talk.toml",
                "warning",
            )
        for part in slide.parts:
            if items and len(part.items) > items:
                yield Problem(
                    f"slide {slide.shown}: `{part.name}` has {len(part.items)} items, and "
                    f"{items} are kept apart",
                    part.source,
                    f"divide it, or set `most_items` of [limits.{layout.name}] in talk.toml",
                    "warning",
                )


def limits_of(layout: Layout, config: Config) -> tuple[int, int]:
    """The most words and items on a slide of a layout; 0: any number."""
    of, every = config.limits.get(layout.name), config.limits.get(ALL)
    words = [one.most_words for one in (of, every) if one and one.most_words is not None]
    items = [one.most_items for one in (of, every) if one and one.most_items is not None]
    return (*words, layout.most_words)[0], (*items, layout.most_items)[0]


def estimated_problems(slides: Iterable[Slide], layouts: Mapping[str, Layout]) -> Iterator[Problem]:
    """Slides that need more room than they have, by the widths of the face's letters.

    An error where it is far too much, else a warning; layouts without `room` are left out.
    """
    for slide in slides:
        rooms = _rooms(slide, layouts[slide.layout])
        parts = [part for part in slide.parts if part.name in rooms]
        beside = [part for part in parts if rooms[part.name].beside]
        wide = (WIDTH - 56 * (len(beside) - 1)) / max(len(beside), 1)
        highs = {
            part.name: _height(part, rooms[part.name], wide if part in beside else 0)
            for part in parts
        }
        stacked = [highs[part.name] for part in parts if part not in beside]
        tallest = max((highs[part.name] for part in beside), default=0)
        needed = sum(stacked) + tallest + GAP * max(len(stacked) - (not beside), 0)
        room = HEIGHT - (_head(slide) if layouts[slide.layout].titled else 0)
        if needed > room and parts:
            most = max(parts, key=lambda part: highs[part.name])
            yield _too_much(slide, most, round(needed - room), is_sure=needed > room * SURE)
        for part in parts:
            over = _code_width(part) - (wide if part in beside else rooms[part.name].width)
            if over > 0:
                yield _too_wide(slide, part, round(over))


def _rooms(slide: Slide, layout: Layout) -> Mapping[str, Room]:
    """What each part has, in the look that the slide asks for; the first one without."""
    looks = layout.choices.get("look", ("",))
    look = slide.fields["look"].text if "look" in slide.fields else looks[0]
    return {name: layout.room.get(f"{name}.{look}", room) for name, room in layout.room.items()}


def _too_much(slide: Slide, part: SlidePart, px: int, *, is_sure: bool) -> Problem:
    return Problem(
        f"slide {slide.shown} needs about {px} px more than it has, most of them for "
        f"`{part.name}` (estimated, not measured)",
        part.source,
        code_hint(part, is_wide=False) or "shorten it, or divide the slide",
        "error" if is_sure else "warning",
    )


def _too_wide(slide: Slide, part: SlidePart, px: int) -> Problem:
    return Problem(
        f"slide {slide.shown}: the code in `{part.name}` is about {px} px wider than its room "
        "(estimated, not measured)",
        part.source,
        code_hint(part, is_wide=True),
        "warning",
    )


def code_hint(part: SlidePart, *, is_wide: bool) -> str:
    """What can be done where code is too wide or too high; empty where a part has none."""
    code = part.content.code
    if not code:
        return ""
    does = ["shorter lines" if is_wide else "fewer lines", "two slides"]
    if is_wide and part.name in ("left", "right"):
        does.append("`body` in place of two columns")
    if is_wide and any(block.number is not None for block in code):
        does.append("no `numbers`")
    if not is_wide and any(block.title for block in code):
        does.append("no `title=`")
    return ", or ".join(does)


def _head(slide: Slide) -> float:
    size = LONG_TITLE if len(slide.title_text) > LONG else TITLE
    lines = max(1, math.ceil(text_width(slide.title_text, size, STRONG) / WIDTH))
    return lines * size * 1.1 + HEAD_GAP + (KICKER if "kicker" in slide.fields else 0)


def _height(part: SlidePart, room: Room, wide: float) -> float:
    """The height of a part's text in px; pictures take what is left."""
    filled = part.content.filled
    words = (block for block in blocks(filled) if block.kind != "chart")
    shown = [(block, _shown(block, part)) for block in words]
    heights = [_block(block, text, room, wide or room.width) for block, text in shown if text]
    is_table = any(block.kind == "row" for block, _ in shown)
    if room.across > 1 and part.items:
        rows = math.ceil(len(part.items) / room.across)
        of_text = rows * sum(heights) / len(part.items)
        return of_text + rows * room.around + GAP * (rows - 1)
    return sum(heights) + (0 if is_table else GAP * max(len(heights) - 1, 0) * room.line / 1.35)


def _shown(block: Block, part: SlidePart) -> str:
    marks = part.content.filled.marks
    return MARK.sub(lambda found: marks[int(found[1])].text, block.text).rstrip()


def _block(block: Block, text: str, room: Room, wide: float) -> float:
    if block.kind == "code":
        return (text.count("\n") + 1) * CODE * CODE_LINE
    lines = sum(
        max(1, math.ceil(text_width(line, room.letters) / wide)) for line in text.split("\n")
    )
    return lines * room.letters * room.line + (ROW if block.kind == "row" else 0)


def _code_width(part: SlidePart) -> float:
    """The width in px of the longest line of code in a part; 0 without any."""
    code = (_shown(b, part) for b in blocks(part.content.filled) if b.kind == "code")
    longest = max((len(line) for text in code for line in text.split("\n")), default=0)
    return longest * CODE * CODE_SIGN
