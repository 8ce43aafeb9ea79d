"""Slides with other words: what is said of them without a browser, and what the browser says."""

from __future__ import annotations

import html
import random
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec
from markupsafe import Markup
from msgspec.structs import replace

from pipeline.export import overflow
from pipeline.export.free import _TAG, FreeWords, _Kept
from pipeline.files import kept_bytes
from pipeline.pages import assets
from pipeline.pages.deck import Deck

# Short, long, wide and narrow ones; with signs at which a line may be broken, or may not.
WORDS = re.split(
    " ",
    "model training data words the a of and to in is it what which retrieval fine-tuning why? "
    "hallucinations evaluation co-operate and/or 42% 3,400 $5,000 1.5 i'm don't “quoted” (aside) "
    "AVATAR To. Type T. Yes, WWWW MMMM iillii lll minimum WAVY fjord office affluent yt fT TT P. "
    'zczc L" RLHF e.g. — – naïve über Straße stop! a-b-c x/y/z 10/20 key: semi; ...',
)
LETTERS = "ilftWMAVTyj.,-"
SIZE = 250  # slides of one page
_MORE = (assets.script("fit"), overflow.WINDOWS, overflow.THEMES)


class Tried(msgspec.Struct, frozen=True):
    """How often words were others, how often they fit for certain, and where they did not."""

    changes: int
    certain: int
    wrong: tuple[str, ...]


def changed(section: str, draw: random.Random) -> str:
    """A slide's section with other words in one or more of its texts."""
    pieces = _TAG.split(section)
    texts = [at for at in range(0, len(pieces), 2) if pieces[at].strip()]
    for at in draw.sample(texts, min(len(texts), draw.choice((1, 1, 2, 3)))):
        pieces[at] = html.escape(_other(html.unescape(pieces[at]), draw), quote=False)
    return "".join(pieces)


def _other(text: str, draw: random.Random) -> str:
    words = text.split()
    more = [draw.choice(WORDS) for _ in words]
    made = draw.choice(
        [
            more,
            words + more[: draw.randint(1, 6)],
            words[: draw.randint(1, len(words))],
            [draw.choice(pair) for pair in zip(words, more, strict=True)],
            words[::-1],
            ["".join(draw.choice(LETTERS) for _ in word) for word in words],
            [word.upper() for word in words],
            words * 2,
        ]
    )
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return before + " ".join(made) + after


def tried(deck: Deck, folder: Path, changes: int, seed: int) -> Tried:
    """Change each slide so often, and measure all that are said to fit.

    Wrong is one with a fault, and one in which words make another number of lines.
    """
    overflow.measured(deck, folder)
    places = overflow._places(deck, folder / "fit", [*deck.sections], _MORE)
    draw, words = random.Random(seed), FreeWords()
    certain: dict[str, tuple[str, str]] = {}
    for name, section in deck.sections.items():
        for turn in range(changes):
            new = changed(section, draw)
            if new != section and words.fit(places[name], new):
                named = re.sub(r'<section id="[^"]*"', f'<section id="{name}-{turn}"', new, count=1)
                certain[f"{name}-{turn}"] = (name, named)
    wrong: list[str] = []
    names = [*certain]
    for at in range(0, len(names), SIZE):
        part = {one: Markup(certain[one][1]) for one in names[at : at + SIZE]}
        new_deck = replace(deck, sections=part)
        found = overflow.measured(new_deck, folder / "others")
        where = overflow._places(new_deck, folder / "others" / "fit", [*part], _MORE)
        for one, place in where.items():
            lines = _lines_differ(places[certain[one][0]], place)
            if found[one] or lines:
                wrong.append(f"{one}: {found[one]} {lines} {part[one]}")
    return Tried(changes * len(deck.sections), len(certain), tuple(wrong))


def _lines_differ(old: Path, new: Path) -> list[Mapping[str, object]]:
    """The texts that stand in another number of lines, where both can be told."""
    before, after = (
        msgspec.json.decode(kept_bytes(place) or b"null", type=_Kept | None) for place in (old, new)
    )
    if before is None or after is None:
        return []
    return [
        {"text": text, "lines": lines}
        for one, other in zip(before.windows, after.windows, strict=True)
        for text, was, now in zip(other.texts, one.runs, other.runs, strict=True)
        if was.block >= 0 <= now.block
        and (lines := other.blocks[now.block].lines) != one.blocks[was.block].lines
    ]
