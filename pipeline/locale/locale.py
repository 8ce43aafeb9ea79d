"""A language by its tag: its signs and forms of numbers, its pace, and the words of our pages.

Babel knows how numbers are written, num2words how they are said, gettext's catalogues hold the
words. English needs none of them, and loads none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Context, Decimal, localcontext
from functools import cache
from typing import TYPE_CHECKING, Literal

import msgspec

from pipeline.locale.catalogue import EMPTY, Catalogue, read_catalogue
from pipeline.locale.words import NO_WORDS, Words, read_words
from pipeline.problems import TalkError, nearest, shortened

if TYPE_CHECKING:
    import babel

Direction = Literal["ltr", "rtl"]
WHOLE = ("en", "de", "fr", "es", "zh", "he")  # languages with all words of our pages

# Words a minute of somebody who presents: 150 in English; other languages as they were read aloud
# beside English (228) in Trauzettel-Klosinski and Dietz, Standardized Assessment of Reading
# Performance, IOVS 53(9), 2012: doi.org/10.1167/iovs.11-8284.
PACES = {"en": 150, "de": 120, "fr": 130, "es": 145, "he": 125, "ar": 90, "nl": 135, "fi": 105}
PACES |= {"it": 125, "pl": 110, "pt": 120, "ru": 120, "sl": 120, "sv": 130, "tr": 110}
# Characters a minute, of the same study: 255 and 357 read aloud.
BY_CHARACTERS = {"zh": 260, "ja": 350}
_OLD_CHARACTERS = {"Hant", "TW", "HK", "MO"}  # Chinese that our words are not written in
_COMMAS = {"zh": "，", "ja": "、", "ar": "، ", "fa": "، ", "ur": "، "}
_LARGEST = 18  # zeros of what still has a name of its own
_ANY = Context(prec=700)  # digits: any float has less
_RTL_SCRIPTS = frozenset(["arab", "hebr", "nkoo", "syrc", "thaa", "adlm", "rohg"])
_CURRENCIES = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₪": "ILS"}
_DIGITS_OF_PATTERN = re.compile(r"(?<=0)(?:\.[0#]+|(?![0#,.]))")


class Locale(msgspec.Struct, frozen=True):
    """A language that a talk is in; `locale_of` makes it."""

    tag: str
    direction: Direction = "ltr"
    decimal_sign: str = "."
    group_sign: str = ","
    pace: int = 150  # words a minute, or characters where `by_characters`
    is_whole: bool = True  # its catalogue has the words of our pages
    words: Words = NO_WORDS
    catalogue: Catalogue = EMPTY
    _babel: babel.Locale | None = None  # None: English

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Locale) and self.tag == other.tag

    def __hash__(self) -> int:
        return hash(self.tag)

    @property
    def primary(self) -> str:
        """The language without country and script: `zh` of `zh-Hant-TW`."""
        return self.tag.partition("-")[0].lower()

    @property
    def comma(self) -> str:
        """What stands between a name, a place and a date, with the space after it."""
        return _COMMAS.get(self.primary, ", ")

    @property
    def is_english(self) -> bool:
        return self._babel is None

    @property
    def by_characters(self) -> bool:
        """Whether speech is counted by its characters, since no spaces part its words."""
        return self.primary in BY_CHARACTERS

    @property
    def untranslated(self) -> str:
        """What a build says of a language whose words our pages don't have; empty for others."""
        missing = self.catalogue.missing
        if self.is_whole and not missing:
            return ""
        whole = ", ".join(f"`{tag}`" for tag in WHOLE)
        words = f"{missing} of their own words" if self.catalogue.forms else "their own words"
        return f"language `{self.tag}`: pages say {words} in English ({whole} are whole)"

    @property
    def counted(self) -> str:
        """What speech is counted by, as our own messages call it."""
        return "characters" if self.by_characters else "words"

    def number(self, value: float | Decimal, decimals: int = 0) -> str:
        """`value` with exactly so many decimals: 1234.5 -> 1.234,50 in German with two."""
        exact = _rounded(value, decimals)
        if self._babel is None or not exact.is_finite():
            return f"{exact:,f}"
        return self._applied(exact, self._babel.decimal_formats[None].pattern, decimals)

    def integer(self, value: int) -> str:
        """A whole number with its thousands parted: 5574 -> 5.574 in German."""
        return self.number(value)

    def percent(self, value: float | Decimal, decimals: int = 1) -> str:
        """`value` percent, of which 100 are all: 98.7 -> 98,7 % in German."""
        exact = _rounded(value, decimals)
        if self._babel is None or not exact.is_finite():
            return f"{exact:,f}%"
        pattern = self._babel.percent_formats[None].pattern
        return self._applied(exact.scaleb(-2, _ANY), pattern, decimals)

    def money(self, value: float | Decimal, currency: str, decimals: int = 2) -> str:
        """An amount: 3.5 -> 3,50 € in German. `currency` is a sign or a code of ISO 4217."""
        exact = _rounded(value, decimals)
        if self._babel is None or not exact.is_finite():
            minus = "-" if exact.is_signed() and exact else ""
            return f"{minus}{currency}{exact.copy_abs():,f}"
        from babel.numbers import format_currency

        pattern = _with_decimals(self._babel.currency_formats["standard"].pattern, decimals)
        code = _CURRENCIES.get(currency, currency)
        with localcontext(_ANY):
            made = format_currency(
                exact, code, pattern, self._babel, False, decimal_quantization=False
            )
        return str(made)

    def large(self, value: float | Decimal) -> str:
        """A large number in a word: 135000000 -> 135 Millionen in German. Not for English."""
        from babel.numbers import format_compact_decimal

        exact = Decimal(str(value))
        if abs(exact.adjusted()) > _LARGEST or not exact.is_finite():
            return self.number(exact)
        decimals = 1 if 10**6 <= abs(exact) < 10**7 or abs(exact) >= 10**9 else 0
        if self.by_characters:  # in steps of ten thousand
            decimals = 2 if exact.adjusted() % 4 == 0 else 0
        made = format_compact_decimal(
            exact, format_type="long", locale=self._babel, fraction_digits=decimals
        )
        return str(made)

    def rewritten(self, text: str) -> str:
        """`text` with its numbers, which are written as in English, as this language does."""
        return text if self.is_english else _ENGLISH_NUMBER.sub(self._rewrite, text)

    def _rewrite(self, found: re.Match[str]) -> str:
        digits = found["digits"].replace(",", "")
        decimals = len(digits.partition(".")[2])
        value = Decimal(digits)
        minus = "-" if found["minus"] else ""
        if found["currency"]:
            return self.money(value.copy_negate() if minus else value, found["currency"], decimals)
        if found["percent"]:
            return minus + self.percent(value, decimals)
        return minus + self.number(value, decimals)

    def plain(self, digits: str) -> str:
        """A number of this language in Python's own form: 1.234,5 -> 1234.5 in German.

        98.7 stays one, with a point where the language has a comma.
        """
        if self.decimal_sign == "," and re.fullmatch(r"\d+\.(?:\d{1,2}|\d{4,})", digits):
            return digits
        bare = re.sub(rf"[{re.escape(self.group_sign)}\u00a0\u202f]", "", digits)
        return bare.replace(self.decimal_sign, ".")

    def said(self, value: float | Decimal | str) -> str:
        """A number in words: 98.7 -> achtundneunzig Komma sieben."""
        from pipeline.locale.said import number_words

        return number_words(Decimal(str(value)), self.primary)

    def join_list(self, items: Iterable[str]) -> str:
        """`a, b and c`."""
        names = list(items)
        if self._babel is None:
            return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
        from babel.lists import format_list

        return str(format_list(names, locale=self._babel)) if names else ""

    def day(self, date: str) -> str:
        """A date such as 2026-11-20, which English pages show so: 20.11.2026 in German.

        What is none stays as it is.
        """
        if self._babel is None:
            return date
        import datetime

        from babel.dates import format_date

        try:
            return str(format_date(datetime.date.fromisoformat(date), "medium", self._babel))
        except ValueError:
            return date

    def apart(self, text: str) -> str:
        """Digits with Latin letters, in one piece where lines run from right to left."""
        return f"\u2066{text}\u2069" if self.direction == "rtl" else text

    def say(self, message: str, plural: str = "", n: int = 1, **values: object) -> str:
        """Words of our own pages in this language, `{name}` in them replaced by `values`.

        `message` is what English says; with `plural`, the form is the one for `n`, which is
        `{n}` in them. What the catalogue lacks is said in English.
        """
        text = self.catalogue.find(message, plural, n)
        if plural:
            values.setdefault("n", n)
        return text.format(**values) if values else text

    def _applied(self, value: Decimal, pattern: str, decimals: int) -> str:
        from babel.numbers import format_decimal

        shaped = _with_decimals(pattern, decimals)
        with localcontext(_ANY):
            made = format_decimal(value, shaped, self._babel, decimal_quantization=False)
        return str(made)


_ENGLISH_NUMBER = re.compile(
    r"(?P<minus>(?<![\w)])-(?=[$€£¥₹₪\d]))?(?P<currency>[$€£¥₹₪])?"
    r"(?<![\w.,])(?P<digits>\d[\d,]*(?:\.\d+)?)(?P<percent>%)?"
)


def _rounded(value: float | Decimal, decimals: int) -> Decimal:
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not exact.is_finite():
        return exact
    return exact.quantize(Decimal(1).scaleb(-decimals), context=_ANY)


def _with_decimals(pattern: str, decimals: int) -> str:
    """A pattern of CLDR with so many digits after its point: #,##0.### -> #,##0.00."""
    fraction = f".{'0' * decimals}" if decimals else ""
    parts = (_DIGITS_OF_PATTERN.sub(fraction, part, count=1) for part in pattern.split(";"))
    return ";".join(parts)


@cache
def locale_of(tag: str) -> Locale:
    """The locale of a language tag such as `de` or `pt-BR`.

    Raises TalkError, without a place, for a tag that no language has.
    """
    primary = tag.partition("-")[0].lower()
    if primary == "en" and re.fullmatch(r"[A-Za-z]+(-[A-Za-z0-9]+)*", tag):
        return Locale(tag)
    found = _found(tag)
    if found.language != primary:  # deu
        raise TalkError(_unknown(tag), hint=f"did you mean `{found.language}`?")
    signs = found.number_symbols["latn"]
    is_read = primary != "zh" or _OLD_CHARACTERS.isdisjoint(tag.split("-"))
    name = primary if is_read else ""
    return Locale(
        tag,
        _direction(tag, found),
        signs["decimal"],
        signs["group"],
        BY_CHARACTERS.get(primary, PACES.get(primary, 150)),
        name in WHOLE,
        read_words(name),
        read_catalogue(name),
        found,
    )


def _unknown(tag: str) -> str:
    return f"no language has the tag `{shortened(' '.join(tag.split()), 40)}`"


def _direction(tag: str, found: babel.Locale) -> Direction:
    """By the script that the tag names (`az-Arab`, `he-Latn`), else by the language."""
    scripts = [part for part in tag.split("-")[1:] if len(part) == 4 and part.isalpha()]
    is_rtl = scripts[0].lower() in _RTL_SCRIPTS if scripts else found.text_direction == "rtl"
    return "rtl" if is_rtl else "ltr"


def _found(tag: str) -> babel.Locale:
    import babel
    from babel.localedata import locale_identifiers

    try:
        if tag.lower() == "root":  # what all locales of CLDR have in common
            raise ValueError
        return babel.Locale.parse(tag, sep="-")
    except (ValueError, babel.UnknownLocaleError):
        # Of the languages that few know, none is near to a slip, and no country to a bare word.
        wanted = tag.replace("_", "-")
        names = (name.replace("_", "-") for name in locale_identifiers())
        known = [
            n for n in names if len(n.partition("-")[0]) == 2 and ("-" in n) <= ("-" in wanted)
        ]
        meant = _called(tag)
        hint = f"did you mean `{meant}`?" if meant else nearest(wanted, known)
        hint = hint if hint.startswith("did") else "a tag of BCP 47: `de`, `fr`, `pt-BR`, `zh`, …"
        raise TalkError(_unknown(tag), hint=hint) from None


def _called(name: str) -> str:
    """The tag of a language that is called so in English or by itself: German, Deutsch -> de."""
    import babel

    own = {code: babel.Locale(code).languages[code] for code in {*PACES, *BY_CHARACTERS}}
    each = (*babel.Locale("en").languages.items(), *own.items())
    return next((code for code, called in each if called.casefold() == name.casefold()), "")


ENGLISH = locale_of("en")
