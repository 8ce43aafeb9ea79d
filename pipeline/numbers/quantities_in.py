"""Every number in a text of another language than English, by its signs, units and number words.

Digits are read as the language writes them, and words of numbers where text2num knows them; of
other languages digits alone are looked at. Halves and thirds in words are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import msgspec
from msgspec.structs import replace

from pipeline.locale import Locale
from pipeline.locale.words import Table, Words, alternatives
from pipeline.numbers.quantities import (
    SCALES,
    UNITS,
    Quantity,
    in_digits,
    joined,
    with_unit,
    without_names,
)
from pipeline.numbers.spoken_in import number_pattern

WORDS_OF = ("de", "es", "fr", "it", "nl", "pt", "da")  # languages whose number words are known
_OTHER_LETTERS = re.compile(r"[\u0370-\u1fff\u2c00-\u2dff\u3005-\u9fff\uac00-\ud7af]")
_TOKEN = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*|[0-9]+|[^\w\s]|\s+")
_MONEY = re.compile(r"[\s\u00a0\u202f\u200f]*(?:US|CA)?[$€£¥₹₪](?:US|CA)?")
_NO_HUNDRED = ("pour", "por")  # pour cent, por ciento


def unread_words(locale: Locale) -> str:
    """What a check says of a language whose number words nobody knows; empty for others."""
    if locale.primary in WORDS_OF:
        return ""
    return f"numbers in words are not looked at in `{locale.tag}`, digits alone"


def english_signs(text: str, locale: Locale) -> str:
    """`text`, as long as it was, with its numbers written as in English: 1.234,5 is 1,234.5."""
    return re.sub(number_pattern(locale), lambda found: _swapped(found[0], locale), text)


def _swapped(number: str, locale: Locale) -> str:
    if "." in number and locale.decimal_sign == "," and locale.plain(number) == number:
        return number  # 98.7, with a point all the same
    whole, sign, decimals = number.partition(locale.decimal_sign)
    return re.sub(r"[^0-9]", ",", whole) + ("." if sign else "") + decimals


def quantities_in(text: str, locale: Locale) -> tuple[Quantity, ...]:
    """Every number of a text in its order."""
    swapped = without_names(english_signs(text, locale))
    apart = _OTHER_LETTERS.sub(" ", swapped)  # letters stand beside digits in many scripts
    found = [*in_digits(apart), *_in_words(text, locale)]
    found.sort(key=lambda quantity: (quantity.start, -quantity.end))
    kept: list[Quantity] = []
    for quantity in found:
        if not kept or quantity.start >= kept[-1].end:
            own = _in_unit(text, quantity, locale)
            own = own if own.unit else _with_noun(text, with_unit(apart, own), locale)
            if kept and _is_range(text, kept[-1], own, locale):
                kept[-1] = _of_range(kept[-1], quantity, own)
            kept.append(own)
    ratios = _ratios(text, kept, locale)
    return tuple(replace(q, text=text[q.start : q.end].strip()) for q in joined(apart, ratios))


def _in_unit(text: str, quantity: Quantity, locale: Locale) -> Quantity:
    """The quantity with the language's own scale and unit that follow it taken in."""
    following, table = _counted(locale.words)
    for _ in range(2):  # 3 Millionen Euro
        found = following.match(text, quantity.end)
        meant = table[found[1].casefold()] if found else ""
        if not found or (quantity.unit and meant not in SCALES):
            break
        scale, unit = float(SCALES.get(meant, meant if meant.isdigit() else 1)), quantity.unit
        if meant in ("percent", "times", "money"):
            unit = meant
        elif meant in UNITS:
            unit, scale = UNITS[meant]
        value, spread = quantity.value * scale, quantity.spread * scale
        quantity = replace(quantity, value=value, spread=spread, unit=unit, end=found.end())
    sign = _MONEY.match(text, quantity.end)
    if sign and not quantity.unit:
        return replace(quantity, unit="money", end=sign.end())
    return quantity


def _is_range(text: str, one: Quantity, other: Quantity, locale: Locale) -> bool:
    """Whether two numbers follow each other as in 40 bis 43 %, where only the second has a unit."""
    between = text[one.end : other.start]
    return bool(other.unit and not one.unit and _between(locale.words).fullmatch(between))


def _of_range(one: Quantity, bare: Quantity, other: Quantity) -> Quantity:
    """The first of a range in the unit of the second, which was `bare` without it."""
    is_of_both = one.value < bare.value or other.unit == "time"  # not in 500 bis 2 Millionen Euro
    scale = other.value / bare.value if bare.value and is_of_both else 1.0
    value, spread = one.value * scale, one.spread * scale
    return replace(one, value=value, spread=spread, unit=other.unit, noun=other.noun)


@cache
def _between(words: Words) -> re.Pattern[str]:
    """What may stand between the two numbers of a range."""
    return re.compile(rf"\s?(?:[-–—〜～]|{alternatives(words.ranges) or '(?!)'})\s?", re.IGNORECASE)


def _with_noun(text: str, quantity: Quantity, locale: Locale) -> Quantity:
    """The quantity with the word that follows it, by what it means in English."""
    if quantity.unit:
        return quantity
    noun = re.compile(r"\s([^\W\d_]+)").match(text, quantity.end)
    word = noun[1].casefold() if noun else ""
    return replace(quantity, noun=locale.words.meanings.get(word, word))


@cache
def _counted(words: Words) -> tuple[re.Pattern[str], Table]:
    """A pattern for what numbers are counted in, behind a number, and what each means."""
    following = rf"[\s\u00a0\u202f]?({alternatives(words.quantities) or '(?!)'})"
    table = {word.casefold(): meant for word, meant in words.quantities.items()}
    return re.compile(following, re.IGNORECASE), table


def _ratios(text: str, found: list[Quantity], locale: Locale) -> list[Quantity]:
    """Two counts with `von` between them made one: neun von zehn."""
    of = locale.words.said.get("ratio", "")
    made: list[Quantity] = []
    for one in found:
        before = made[-1] if made else None
        is_pair = of and before and not before.unit and not one.unit and before.value < one.value
        if before and is_pair and text[before.end : one.start].strip() == of:
            whole = replace(one, start=before.start, value=before.value / one.value)
            made[-1] = replace(whole, spread=0.5 / one.value, unit="ratio")
        else:
            made.append(one)
    return made


class _Token(msgspec.Struct, frozen=True):
    """A word or sign of a text, as text2num asks for it."""

    match: re.Match[str]
    is_no_number: bool

    def text(self) -> str:
        return self.match[0]

    def nt_separated(self, previous: _Token) -> bool:
        return False

    def not_a_number_part(self) -> bool:
        return self.is_no_number


def _in_words(text: str, locale: Locale) -> Iterator[Quantity]:
    """Cardinals in words."""
    if locale.primary not in WORDS_OF:
        return
    from text_to_num import find_numbers

    tokens: list[_Token] = []
    for found in _TOKEN.finditer(text):
        last = tokens[-2].text().lower() if len(tokens) > 1 else ""
        is_percent = last in _NO_HUNDRED and found[0].lower() in ("cent", "ciento")
        tokens.append(_Token(found, is_percent or found[0].isdigit()))
    for one in find_numbers(tokens, locale.primary, threshold=0):
        start, end = tokens[one.start].match.start(), tokens[one.end - 1].match.end()
        if one.is_ordinal or one.value == 1 or text[start].isdigit():
            continue  # one is an article in most of these languages
        decimals = len(str(one.text).replace(",", ".").partition(".")[2])
        zeros = len(str(int(one.value))) - len(str(int(one.value)).rstrip("0"))
        power = -decimals if decimals else (zeros if one.value >= 1000 else 0)
        spread = 0.5 * 10.0**power
        yield Quantity(text[start:end], start, end, float(one.value), spread, "", "cardinal")
