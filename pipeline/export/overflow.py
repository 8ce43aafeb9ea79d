"""What doesn't fit on the slides, measured in Chromium; only slides that changed are measured, and
of those none whose new words fit for certain.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from markupsafe import Markup
from msgspec.structs import asdict, replace

from pipeline import recorded
from pipeline.checks.room import code_hint
from pipeline.export.by_slide import kept_of_slides, keys_of
from pipeline.export.chromium import browser_path, in_browser, limit_of, open_deck_of
from pipeline.export.free import Face, Found, FreeWords, keep_free, shape_of
from pipeline.files import kept_path
from pipeline.pages import assets
from pipeline.pages.deck import Deck, deck_page
from pipeline.problems import Problem, Severity, Source
from pipeline.slides.slide import Slide

if TYPE_CHECKING:
    from pipeline.export.driver import Tabs

WINDOWS = {"16:9": (1280, 720), "4:3": (1280, 960)}  # a 4:3 window gets a taller slide
THEMES = ("light", "dark")
MOST_SAID = 3  # of one slide: what is mended first often mends the rest
PICTURE_FIELDS = ("picture", "video", "drawing", "figure", "diagram")
_HINT = "shorten it, divide the slide, or take another layout"
_HINTS = {
    "cut": "make it smaller, or divide it",
    "squeezed": "say less beside it, or give it a slide of its own",
    "small": "let it have fewer boxes or shorter words, or more room",
}
_MEASURE = """([names, theme, isAsked]) => {
  document.documentElement.dataset.theme = theme;
  return measureSlides(names, isAsked);
}"""
_SETTLED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))"


class Fault(msgspec.Struct, frozen=True):
    """One thing that isn't where it can be seen, on one slide."""

    part: str  # of its layout, or: title, kicker, source, picture, …
    kind: str  # off, under, over PART, cut, out, squeezed, broken, small
    side: str  # top, bottom, left, right; empty where none is meant
    px: int  # how many of the slide's pixels
    said: str
    only: str = ""  # the window or theme in which it is so; empty: in all


class _Slide(msgspec.Struct, frozen=True):
    name: str
    faults: Sequence[Mapping[str, Any]]
    drawn: str  # where all is


class _Round(msgspec.Struct, frozen=True):
    """What the browser found in one window and theme."""

    slides: Sequence[_Slide]
    free: Mapping[str, Found]
    faces: Sequence[Face]


def measured(
    deck: Deck, cache: Path | None, say: Callable[[str], None] = lambda _: None
) -> dict[str, tuple[Fault, ...]]:
    """Slide's name -> what doesn't fit on it, with all steps shown, in both themes.

    Nothing is measured, and no browser started, without a change, and where other words of slides
    without a fault fit for certain. Raises NoBrowserError without one, TalkError if it takes too
    long.
    """
    more = (assets.script("fit"), WINDOWS, THEMES)
    folder = cache / "fit" if cache else None

    def measure(names: Sequence[str]) -> dict[str, bytes]:
        with recorded.aside():  # what is measured is kept: nobody measures it again, or says so
            places = _places(deck, folder, names, more)
            words = FreeWords()
            sure = {n for n, place in places.items() if words.fit(place, deck.sections[n])}
            found: dict[str, tuple[Fault, ...]] = dict.fromkeys(sure, ())
            if rest := [name for name in names if name not in sure]:
                browser_path()
                say(f"measuring {len(rest)} slide{'s' if rest[1:] else ''} in the browser")
                found |= _measure(deck, rest, places)
        return {n: json.dumps([asdict(fault) for fault in found[n]]).encode() for n in names}

    keys = keys_of(deck, *more)
    kept = kept_of_slides(folder, keys, ".json", measure)
    return {name: tuple(Fault(**one) for one in json.loads(kept[name])) for name in keys}


def _places(
    deck: Deck, folder: Path | None, names: Sequence[str], more: Sequence[object]
) -> dict[str, Path]:
    """Where it is kept what words of slides can be others: with all of them but these words."""
    if folder is None:
        return {}
    shapes = {name: Markup(shape_of(deck.sections[name])) for name in names}
    keys = keys_of(replace(deck, sections=shapes), *more)
    return {name: kept_path(folder, f"{name}.free", key) for name, key in keys.items()}


def _measure(
    deck: Deck, names: Sequence[str], places: Mapping[str, Path]
) -> dict[str, tuple[Fault, ...]]:
    """Measure some slides of a deck, all at once, in each window and theme.

    What words of them can be others is kept in their places.
    """
    sections = {name: deck.sections[name] for name in names}
    page_text = deck_page(replace(deck, sections=sections))

    async def work(tabs: Tabs) -> dict[str, list[Any]]:
        page = await open_deck_of(tabs, page_text, deck.files)
        await page.evaluate(assets.script("fit"))
        made: dict[str, list[Any]] = {}
        for window, (width, height) in WINDOWS.items():
            await page.set_viewport_size({"width": width, "height": height})
            await page.evaluate(_SETTLED)
            made[window] = [
                await page.evaluate(_MEASURE, [list(names), theme, bool(places) and not at])
                for at, theme in enumerate(THEMES)
            ]
        return made

    raw = in_browser(work, "measuring the slides", limit_of(len(names)))
    windows = {window: msgspec.convert(found, list[_Round]) for window, found in raw.items()}
    _keep_free(sections, places, [*windows.values()])
    rounds = [
        (f"{window}, {theme}", {slide.name: slide.faults for slide in one.slides})
        for window, found in windows.items()
        for theme, one in zip(THEMES, found, strict=True)
    ]
    return {name: _joined([(where, found[name]) for where, found in rounds]) for name in names}


def _keep_free(
    sections: Mapping[str, str], places: Mapping[str, Path], windows: Sequence[Sequence[_Round]]
) -> None:
    """Keep what words can be others of slides without a fault that are the same in all themes."""
    for at, (name, section) in enumerate(sections.items()):
        shown = [{one.slides[at].drawn for one in themes} for themes in windows]
        faults = [one.slides[at].faults for themes in windows for one in themes]
        if name in places and not any(faults) and all(len(drawn) == 1 for drawn in shown):
            found = [themes[0].free[name] for themes in windows]
            with suppress(OSError):  # done without
                keep_free(places[name], section, found, [themes[0].faces for themes in windows])


def _joined(rounds: Sequence[tuple[str, Sequence[Mapping[str, Any]]]]) -> tuple[Fault, ...]:
    """The faults of one slide: those of the first round, and what only others have."""
    faults: dict[tuple[str, str, str], Fault] = {}
    first = {(one["part"], one["side"]) for one in rounds[0][1]} if rounds else set()
    for at, (where, found) in enumerate(rounds):
        for one in found:
            named = {name: one[name] for name in ("part", "kind", "side", "px", "said")}
            fault = Fault(**named, only=where if at else "")
            if at and (fault.part, fault.side) in first:
                continue
            faults.setdefault((fault.part, fault.kind, fault.side), fault)
    return tuple(sorted(faults.values(), key=lambda fault: (bool(fault.only), -fault.px)))


def overflow_problems(
    slides: Iterable[Slide], found: Mapping[str, Sequence[Fault]]
) -> Iterator[Problem]:
    """Each fault with the line of its part, the worst of each slide first.

    An error where something can't be seen, a warning where it can hardly be read.
    """
    for slide in slides:
        faults = found.get(slide.name, ())
        for fault in faults[:MOST_SAID]:
            only = f" ({fault.only})" if fault.only else ""
            message = f"slide {slide.shown}: {fault.said}{only}"
            names = PICTURE_FIELDS if fault.part == "picture" else (fault.part,)
            hint = _code_hint(slide, fault) or _HINTS.get(fault.kind, _HINT)
            severity: Severity = "warning" if fault.kind == "small" else "error"
            yield Problem(message, _place(slide, names), hint, severity)
        if (more := len(faults) - MOST_SAID) > 0:
            yield Problem(f"slide {slide.shown}: {more} more of this kind", slide.source)


def _code_hint(slide: Slide, fault: Fault) -> str:
    part = slide.part(fault.part)
    if part is None or fault.kind not in ("off", "cut", "under", "out"):
        return ""
    return code_hint(part, is_wide=fault.side in ("left", "right"))


def _place(slide: Slide, names: Iterable[str]) -> Source:
    """The line of the first of these parts or fields that a slide has; else of the slide."""
    for name in names:
        if part := slide.part(name):
            return part.source
        if name in slide.fields:
            return slide.fields[name].source
    return slide.source
