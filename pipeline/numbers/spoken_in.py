"""Numbers, signs and abbreviations as another language than English says them.

num2words knows the numbers, the language's own words are in its tables (`pipeline/locale`); where
a table lacks one, a sign stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache

import msgspec

from pipeline.locale import Locale

_GAPS = "\u00a0\u202f "
_MONEY = "$€£¥₪"
_LONGEST = 15  # digits of a number that is said as one
_YEAR = re.compile(r"1[1-9][0-9]{2}\Z")
_BARE_MARKS = re.compile("[\u200e\u200f\u061c]")  # directions, which nobody says


def said_in(text: str, locale: Locale) -> str:
    """`text`, which holds no Markdown, as it is said in `locale`."""
    return speech(locale).form(text)


@cache
def speech(locale: Locale) -> Speech:
    """How a language says what isn't words."""
    return Speech(locale, number_pattern(locale), _token(locale))


def number_pattern(locale: Locale) -> str:
    """A pattern for a number as the language writes it.

    One with a point is read where the comma is meant and three digits don't follow: 98.7.
    """
    point = re.escape(locale.decimal_sign)
    signs = {locale.group_sign, "\u00a0", "\u202f"} - {locale.decimal_sign}
    groups = "".join(re.escape(sign) for sign in sorted(signs))
    grouped = rf"[0-9]{{1,3}}(?:[{groups}][0-9]{{3}})+(?![0-9])(?:{point}[0-9]+)?"
    other = r"|[0-9]+\.(?:[0-9]{1,2}|[0-9]{4,})(?![0-9.])" if point == "," else ""
    return rf"{grouped}|[0-9]+{point}[0-9]+{other}|[0-9]+"


def _token(locale: Locale) -> re.Pattern[str]:
    n = number_pattern(locale)
    units = "|".join(re.escape(name) for name in sorted(locale.words.units, key=len, reverse=True))
    unit = rf"(?:{units})(?:/(?:s|min|h))?(?!\w)" if units else "(?!)"
    unit = rf"(?:[{_GAPS}]?(?:%|{unit}))?"
    short = "|".join(map(re.escape, sorted(locale.words.short, key=len, reverse=True))) or "(?!)"
    return re.compile(
        rf"""
        (?P<short>(?<!\w)(?:{short}))
      | (?P<hour>\b[0-9]{{1,2}}:[0-9]{{2}}\b)
      | (?P<date>\b[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}\b|\b[0-9]{{1,2}}\.[0-9]{{1,2}}\.[0-9]{{2,4}}\b)
      | (?P<version>(?<![0-9.])[0-9]+(?:\.[0-9]+){{2,}}\b)
      | (?P<money>[{_MONEY}][{_GAPS}]?(?:{n}))
      | (?P<range>(?<![\w.,-])(?:{n})[{_GAPS}]?[-–][{_GAPS}]?(?:{n}){unit}(?![\w-]))
      | (?P<number>(?:(?<![\w)])[-−])?(?:{n}){unit})
      | (?P<sign>[&+=≈~×→≥≤°%±])
        """,
        re.VERBOSE,
    )


class Speech(msgspec.Struct, frozen=True, eq=False):
    """One language's way of saying."""

    locale: Locale
    number: str  # its pattern
    token: re.Pattern[str]

    def form(self, text: str) -> str:
        text = self.token.sub(self._say, _BARE_MARKS.sub("", text))
        return text if self.locale.by_characters else re.sub("  +", " ", text)

    def _say(self, found: re.Match[str]) -> str:
        kind = str(found.lastgroup)
        said = _SAYERS[kind](self, found[0])
        if self.locale.by_characters:
            return said
        before = found.string[found.start() - 1 : found.start()]
        after = found.string[found.end() : found.end() + 1]
        left = " " if before and (before.isalnum() or before in "'’-") else ""
        return f"{left}{said}{' ' if after.isalnum() else ''}"

    def short(self, text: str) -> str:
        return self.locale.words.short[text]

    def sign(self, text: str) -> str:
        return f" {self.locale.words.signs.get(text, text)} "

    def digits(self, text: str) -> str:
        """A number of digits and signs in words."""
        plain = self.locale.plain(text)
        whole = plain.partition(".")[0]
        if len(plain) > _LONGEST or (len(whole) > 1 and whole[0] == "0"):
            return self.one_by_one(plain)
        if _YEAR.match(text) and self.locale.primary == "de":
            from num2words import num2words

            return str(num2words(int(text), lang="de", to="year"))
        return self.locale.said(Decimal(plain))

    def one_by_one(self, text: str) -> str:
        gap = "" if self.locale.by_characters else " "
        return gap.join(self.locale.said(int(digit)) for digit in text if digit.isdigit())

    def whole(self, text: str) -> str:
        """A number with its sign, percent or unit."""
        minus, text = (text[0] in "-−"), text.lstrip("-−")
        found = re.match(self.number, text)
        assert found
        said, unit = self.digits(found[0]), text[found.end() :].strip(_GAPS)
        if minus:
            said = self.locale.said(-1).replace(self.locale.said(1), "").rstrip() + (
                said if self.locale.by_characters else f" {said}"
            )
        return self.with_unit(said, unit, is_one=found[0] == "1")

    def with_unit(self, said: str, unit: str, *, is_one: bool = False) -> str:
        words = self.locale.words
        if not unit:
            return said
        if unit == "%":
            return words.said.get("percent", "{} %").format(said)
        above, _, per = unit.partition("/")
        one, many, *_ = words.units[above]
        said = one if is_one else many.format(said)
        return words.said["per"].format(said, words.units[per][2]) if per else said

    def range(self, text: str) -> str:
        first, last = (found for found in re.finditer(self.number, text))
        unit = text[last.end() :].strip(_GAPS)
        both = self.locale.words.said.get("range", "{} – {}")
        return self.with_unit(both.format(self.digits(first[0]), self.digits(last[0])), unit)

    def money(self, text: str) -> str:
        amount = text[1:].strip(_GAPS)
        if text[0] not in self.locale.words.units:
            return f"{self.digits(amount)} {text[0]}"
        return self.with_unit(self.digits(amount), text[0], is_one=amount == "1")

    def hour(self, text: str) -> str:
        hours, minutes = text.split(":")
        forms = self.locale.words.said
        said = self.locale.said(int(hours))
        if minutes == "00":
            return forms.get("hour", "{}").format(said)
        return forms.get("hour_minutes", "{} {}").format(said, self.locale.said(int(minutes)))

    def parts(self, text: str) -> str:
        """A date or a version, each of its numbers alone."""
        return " ".join(self.digits(part) for part in re.split(r"[.-]", text))


_SAYERS: dict[str, Callable[[Speech, str], str]] = {
    "short": Speech.short,
    "hour": Speech.hour,
    "date": Speech.parts,
    "version": Speech.parts,
    "money": Speech.money,
    "range": Speech.range,
    "number": Speech.whole,
    "sign": Speech.sign,
}
