"""The formats of measured numbers in the language of a talk.

Each value is rounded as in English, by the same rule; its signs and words are the language's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, wraps

from pipeline.locale import Locale
from pipeline.numbers.formats import (
    FORMATS,
    Shown,
    about,
    as_number,
    count,
    interval,
    millions,
    num,
    pct,
    seconds,
    style_of,
    times,
    with_unit,
)
from pipeline.numbers.spoken import CJK, spoken_form
from pipeline.problems import TalkError, nearest

Format = Callable[..., Shown]
_AROUND = rf"(?<={CJK}) | (?={CJK})"  # compiled where it is used: few languages do
_BYTES = re.compile(r"\bbytes\b")
_ZERO = re.compile(r"\.0(?![0-9])")
_ENGLISH_TO = re.compile(r"(?<=[0-9%]) to (?=[<>-]?[0-9])")


@cache
def formats_of(locale: Locale) -> Mapping[str, Format]:
    """The formats by their names, as a text in this language uses them."""
    if locale.is_english:
        return FORMATS
    own = {"millions": _millions, "times": _times, "spoken": _spoken}
    return {name: _in(locale, own.get(name), form) for name, form in FORMATS.items()}


def _in(locale: Locale, own: Callable[..., Shown] | None, form: Format) -> Format:
    @wraps(form)
    def made(*args: object, **settings: object) -> Shown:
        if own:
            return own(locale, *args, **settings)
        shown = form(*args, **settings)
        return Shown(in_unit(_rewritten(locale, shown), locale), shown.number)

    return made


def in_unit(text: str, locale: Locale) -> str:
    """A unit, or a value in it, by the one name of a unit that is no sign: 5 bytes, 5 octets/s."""
    return _BYTES.sub(locale.say("bytes"), text) if "bytes" in text else text


def _rewritten(locale: Locale, text: str) -> str:
    """What a format wrote in English, in the language: signs, and the `to` of a range."""
    said = locale.words.times.get("to", "–")
    text = _ENGLISH_TO.sub(f" {said} " if said != "–" else said, text)
    return _tight(locale, locale.rewritten(text))


def _tight(locale: Locale, text: str) -> str:
    """Without the spaces around Chinese and Japanese signs."""
    return re.sub(_AROUND, "", text) if locale.by_characters else text


def _millions(locale: Locale, value: object) -> Shown:
    number = as_number(value, "millions")
    least = 10_000 if locale.by_characters else 1000
    if number.value < least:
        shown = count(number)
        return Shown(locale.rewritten(shown), number)
    # Rounded as in English; only then named.
    exact = millions(number).partition(" ")
    scale = {"thousand": 10**3, "million": 10**6, "billion": 10**9}.get(exact[2], 1)
    rounded = float(exact[0].replace(",", "")) * scale
    return Shown(locale.large(number.value if locale.by_characters else rounded), number)


def _times(locale: Locale, value: object, words: str = "", **settings: object) -> Shown:
    """With the language's words where none are given, and its signs unless `point` is."""
    has_point = "point" in settings
    settings = {**locale.words.times, **settings}
    shown = times(value, words, **settings)  # type: ignore[arg-type]
    return shown if has_point else Shown(_tight(locale, locale.rewritten(shown)), shown.number)


def _spoken(locale: Locale, value: object, style: str = "") -> Shown:
    """The written number, said: every style of English, by the language's own words."""
    number = as_number(value, "spoken")
    style = style_of(number, style)
    written: dict[str, Callable[[], str]] = {
        "pct": lambda: pct(number),
        "range": lambda: interval(number, 2, "pct" if not number.unit or number.is_share else ""),
        "unit": lambda: with_unit(number, 2),
        "score": lambda: num(number),
        "count": lambda: count(number),
        "about": lambda: about(number),
        "seconds": lambda: seconds(number),
        "times": lambda: _times(locale, number),
        "millions": lambda: _millions(locale, number),
    }
    if style not in written:
        raise TalkError(f"unknown style `{style}` of `spoken`", hint=nearest(style, written))
    text = written[style]()
    if style not in ("times", "millions"):
        text = _rewritten(locale, _ZERO.sub("", text))
    said = locale.words.said
    for sign, name in (("<", "under"), (">", "over")):
        if text.startswith(sign):
            return Shown(said.get(name, "{}").format(spoken_form(text[1:], locale)), number)
    return Shown(spoken_form(text, locale), number)
