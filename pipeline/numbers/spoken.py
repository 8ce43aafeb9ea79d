"""Words as a person says them: `98.7%` is "ninety-eight point seven percent"."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache, lru_cache

from pipeline.locale import ENGLISH, Locale
from pipeline.units import WORDS

_MONTHS = "January February March April May June July August September October November December"
_CURRENCY = {"$": ("dollar", "cent"), "€": ("euro", "cent"), "£": ("pound", "penny")}
_SCALES = {"k": "thousand", "m": "million", "bn": "billion", "b": "billion", "tn": "trillion"}
_SHORT = {
    "e.g.": "for example",
    "i.e.": "that is",
    "etc.": "et cetera",
    "vs.": "versus",
    "vs": "versus",
    "approx.": "approximately",
}
_SIGNS = {"&": "and", "+": "plus", "=": "equals", "≈": "about", "~": "about", "×": "times"}
_SIGNS |= {"→": "to", "≥": "at least", "≤": "at most", "°": "degrees", "%": "percent"}
_SIGNS |= {"±": "plus or minus"}
_UNITS = {unit.lower(): f"{word}s" for unit, word in WORDS.items() if unit != "d"}
_UNITS |= {"\u03bcs": "microseconds", "px": "pixels", "km": "kilometres", "kg": "kilograms"}
_UNITS |= {"x": "times"}
_SINGULARS = frozenset(_UNITS.values()) - {"times"}

_HAN, _KANA = (
    r"[\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]",
    r"[\u3041-\u30fa\u30fc-\u30ff\u31f0-\u31ff]",
)
CJK = rf"(?:{_HAN}|{_KANA})"  # signs of scripts without spaces
_KANA_SIGN = re.compile(_KANA)

_WORD = re.compile(r"[^\W_]\w*(?:['’.״׳-]\w+)*")
_SIMPLE = r"[A-Za-z ,.!?'’\"“”:;()\n—]*"
_WORDS_ALONE = re.compile(rf"[A-Za-z]{_SIMPLE}(?:[A-Za-z]-[A-Za-z]{_SIMPLE})*\Z")
_N = r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?"
# These are units behind a space, too; other words there are words.
_SPACED = r"\s?(?:[kMGT]i?B|[nµ\u03bcm]?s|min|h)(?:/s)?(?![\w/'’])"
_TOKEN = rf"""
    (?=[0-9$€£'’&+=≈~×→≥≤°%±−-])  # most positions end here, which makes it fast
    (?:
    (?P<date>\b[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}\b)
  | (?P<money>[$€£]\s?(?:{_N})(?:\s?[-–]\s?[$€£]?\s?(?:{_N}))?
        (?:\s?(?:k|K|m|M|bn|B|tn)\b|\s(?:thousand|million|billion|trillion)\b)?)
  | (?P<hour>\b[0-9]{{1,2}}:[0-9]{{2}}\b)
  | (?P<version>(?<![0-9.])[0-9]+(?:\.[0-9]+){{2,}}\b)
  | (?P<ordinal>\b[0-9]{{1,6}}(?:st|nd|rd|th)\b)
  | (?P<always>\b24/7\b)
  | (?P<ratio>\b[0-9]{{1,4}}/[0-9]{{1,4}}\b)
  | (?P<range>(?<![\w.-])(?:{_N})\s?[-–]\s?(?:{_N})(?:\s?%|x\b|{_SPACED})?(?![\w-]))
  | (?P<year_mark>['’][0-9]{{2}}\b)
  | (?P<number>(?<![0-9.])(?:(?<![\w)])[-−]|(?<=[A-Za-z])-)?(?:{_N})(?:\s?%|{_SPACED}|[A-Za-z]+\b)?)
  | (?P<sign>[&+=≈~×→≥≤°%±])
    )
    """
_ABBREVIATION = re.compile(r"\b(?:e\.g\.|i\.e\.|etc\.|vs\.|vs\b|approx\.)")


# Most builds change few texts: these are compiled when first used, which takes milliseconds.
@cache
def _token() -> re.Pattern[str]:
    return re.compile(_TOKEN, re.VERBOSE)


@cache
def _cjk() -> re.Pattern[str]:
    return re.compile(CJK)


def _may_abbreviate(text: str) -> bool:
    return "vs" in text or "e." in text or "etc." in text or "approx." in text


def _write_out(found: re.Match[str]) -> str:
    return _SHORT[found[0]]


def spoken_form(text: str, locale: Locale = ENGLISH) -> str:
    """`text`, which holds no Markdown, its numbers, signs and abbreviations written out as said."""
    if not locale.is_english:
        from pipeline.numbers.spoken_in import said_in

        return said_in(text, locale)
    if not _WORDS_ALONE.match(text):
        text = re.sub(r"  +", " ", _token().sub(_say, text))
    return _ABBREVIATION.sub(_write_out, text) if _may_abbreviate(text) else text


def count_words(text: str, locale: Locale = ENGLISH) -> int:
    """How many words `text` has when it is said; characters, in a language timed by them.

    As paces are counted: "fine-tuning" and "ninety-eight" are one word each, an acronym is one.
    Chinese and Japanese are counted by their signs: eight Chinese characters are five words, two
    kana are one. So 150 words a minute are 240 characters, as people speak who present.
    """
    said = spoken_form(text, locale)
    if locale.by_characters:  # a word of letters takes as long as it would at the usual pace
        others = len(_WORD.findall(_cjk().sub(" ", said)))
        return len(_cjk().findall(said)) + round(others * locale.pace / ENGLISH.pace)
    if said.isascii() or not (signs := _cjk().findall(said)):
        return len(_WORD.findall(said))
    kana = sum(bool(_KANA_SIGN.match(sign)) for sign in signs)
    eighths = 5 * (len(signs) - kana) + 4 * kana
    return len(_WORD.findall(_cjk().sub(" ", said))) + -(-eighths // 8)


def _say(found: re.Match[str]) -> str:
    kind, text = str(found.lastgroup), found[0]
    # "Q4" and "GPT-2" are a name and a number: a space parts them.
    before = found.string[found.start() - 1] if found.start() else ""
    if kind == "number" and text[0] == "-" and before.isalnum():
        return f" {_SAYERS[kind](text[1:])}"
    said = _SAYERS[kind](text)
    after = found.string[found.end()] if found.end() < len(found.string) else ""
    left = " " if before and (before.isalnum() or before in "'’-") else ""
    right = " " if after.isalnum() else ""
    return f"{left}{said}{right}"


@lru_cache(maxsize=4096)
def number_words(digits: str) -> str:
    """`5,574` as "five thousand five hundred and seventy-four"; long or 0-led digits one by one."""
    from num2words import num2words

    plain = digits.replace(",", "")
    whole = plain.split(".")[0]
    if len(plain) > 15 or (len(whole) > 1 and whole.startswith("0")):
        digit_names = [str(num2words(int(digit))) for digit in plain if digit.isdigit()]
        return " ".join(digit_names)
    if "." in plain:
        # num2words drops the zeros that end a decimal; they are said.
        fraction = plain.split(".")[1]
        return f"{num2words(int(whole))} point " + " ".join(
            str(num2words(int(digit))) for digit in fraction
        )
    return str(num2words(Decimal(plain))).replace(",", "")


def _year(digits: str) -> str:
    from num2words import num2words

    return str(num2words(int(digits), to="year")).replace(",", "")


def _ordinal(text: str) -> str:
    from num2words import num2words

    return str(num2words(int(text[:-2]), to="ordinal")).replace(",", "")


def _plain_or_year(digits: str) -> str:
    if re.fullmatch(r"1[89][0-9]{2}|20[0-9]{2}", digits):
        return _year(digits)
    return number_words(digits)


def _number(text: str) -> str:
    sign = "minus " if text[0] in "-−" else ""
    text = text.lstrip("-−")
    found = re.match(_N, text)
    assert found
    digits, unit = found[0], text[found.end() :].strip()
    if unit == "%":
        return f"{sign}{number_words(digits)} percent"
    if not unit:
        return sign + _plain_or_year(digits)
    if unit in ("k", "K", "M", "bn"):
        return f"{sign}{number_words(digits)} {_SCALES[unit.lower()]}"
    if unit == "s" and re.fullmatch(r"(?:1[89]|20)?[2-9]0", digits):  # the 1990s, the 80s
        return _plain_or_year(digits).removesuffix("y") + "ies"
    return f"{sign}{number_words(digits)} {_said_unit(unit, digits)}"


def _said_unit(unit: str, digits: str = "") -> str:
    """A unit as it is said, of one thing in the singular; what is not known as it stands."""
    above, slash, _ = unit.partition("/")
    said = _UNITS.get(above.lower(), above)
    said = said.removesuffix("s") if digits == "1" and said in _SINGULARS else said
    return f"{said} per second" if slash else said


def _money(text: str) -> str:
    one, small = _CURRENCY[text[0]]
    amounts = re.findall(_N, text)
    scale = re.search(r"(?<![A-Za-z])[A-Za-z]++$", text)
    said = " to ".join(_amount_of_money(amount, one, small) for amount in amounts)
    if scale or len(amounts) > 1:
        said = " to ".join(number_words(amount) for amount in amounts)
        unit = _SCALES.get(scale[0].lower(), scale[0].lower()) + " " if scale else ""
        return f"{said} {unit}{one}s"
    return said


def _amount_of_money(amount: str, one: str, small: str) -> str:
    whole, _, cents = amount.partition(".")
    said = f"{number_words(whole)} {one}{'' if whole == '1' else 's'}"
    if len(cents) == 2 and int(cents):
        plural = "pence" if small == "penny" else f"{small}s"
        said += f" and {number_words(str(int(cents)))} {small if cents == '01' else plural}"
    elif cents and int(cents):
        said = f"{number_words(amount)} {one}s"
    return said


def _date(text: str) -> str:
    year, month, day = text.split("-")
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31 and int(year)):
        return " ".join(number_words(part) for part in text.split("-"))
    return f"{_ordinal(f'{int(day)}th')} of {_MONTHS.split()[int(month) - 1]} {_year(year)}"


def _hour(text: str) -> str:
    hours, minutes = text.split(":")
    if minutes == "00":
        return f"{number_words(str(int(hours)))} o'clock"
    led = f"oh {number_words(minutes[1])}" if minutes[0] == "0" else number_words(minutes)
    return f"{number_words(str(int(hours)))} {led}"


def _range(text: str) -> str:
    low, high = re.findall(_N, text)
    unit = re.split(r"[0-9]\s?", text)[-1]
    percent = {"": "", "%": " percent"}.get(unit, f" {_said_unit(unit)}")
    if low == "0" or percent or not re.fullmatch(r"[0-9]{4}", high):
        return f"{number_words(low)} to {number_words(high)}{percent}"
    return f"{_plain_or_year(low)} to {_plain_or_year(high)}"


def _ratio(text: str) -> str:
    above, below = text.split("/")
    if (above, below) == ("1", "2"):
        return "one half"
    return f"{number_words(above)} over {number_words(below)}"


_SAYERS: dict[str, Callable[[str], str]] = {
    "date": _date,
    "money": _money,
    "hour": _hour,
    "version": lambda text: " point ".join(number_words(part) for part in text.split(".")),
    "ordinal": _ordinal,
    "always": lambda text: "twenty-four seven",
    "ratio": _ratio,
    "range": _range,
    "year_mark": lambda text: number_words(str(int(text[1:]))),
    "number": _number,
    "sign": lambda text: f" {_SIGNS[text]} ",
}
