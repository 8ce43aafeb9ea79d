"""Numbers in words, by num2words; Chinese, which it doesn't know, by the rules of its numerals."""

from __future__ import annotations

from decimal import Decimal, localcontext
from functools import lru_cache

_TOO_MUCH = (OverflowError, AssertionError)  # for its names of powers
_DIGITS = "零一二三四五六七八九"


@lru_cache(maxsize=4096)
def number_words(value: Decimal, language: str) -> str:
    """A number as it is said, its decimals one by one; in digits where nobody knows its words."""
    if not value.is_finite():
        return f"{value:f}"
    sign, whole, decimals = value < 0, int(abs(value)), f"{abs(value):f}".partition(".")[2]
    if language == "zh":
        said = _chinese(whole) + ("点" + "".join(_DIGITS[int(d)] for d in decimals)) * bool(
            decimals
        )
        return ("负" if sign else "") + said
    try:
        made = _said(value, language)
        if decimals and made == _said(whole, language):  # Italian has lost them
            made = _said(float(value), language)
        ending = len(decimals) - len(decimals.rstrip("0")) if int(decimals or 0) else 0
        for _ in range(ending):  # zeros that end a decimal are said, and num2words drops them
            made += ("" if language == "ja" else " ") + _said(0, language)
    except (NotImplementedError, *_TOO_MUCH, ValueError, TypeError, KeyError, IndexError):
        return f"{value:f}"
    made = made.replace(",", "")
    return made.replace(" punto ", " coma ") if language == "es" else made  # as it is written


def _said(value: Decimal | float, language: str) -> str:
    from num2words import CONVERTER_CLASSES, num2words

    with localcontext():  # its Arabic changes how exact decimals are for all that follows
        if not __debug__ and value % 1:  # it tells these by an `assert`, which `python -O` drops
            return str(CONVERTER_CLASSES[language].to_cardinal_float(value))
        return str(num2words(value, lang=language))


def _chinese(value: int) -> str:
    """A whole number in Chinese numerals: 10203 -> 一万零二百零三."""
    if value < 10:
        return _DIGITS[value]
    said = ""
    for power, unit in ((8, "亿"), (4, "万"), (3, "千"), (2, "百"), (1, "十")):
        count, rest = divmod(value, 10**power)
        if count:
            is_ten = power == 1 and count == 1 and not said
            said += ("" if is_ten else _chinese(count)) + unit
            if rest and rest < 10 ** (power - 1):
                said += "零"
            value = rest
    return said + (_DIGITS[value] if value else "")
