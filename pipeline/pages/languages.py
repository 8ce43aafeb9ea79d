"""What a language asks of pages: faces behind ours, its direction, where long words are divided.

English asks for nothing, and loads nothing.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from pipeline.locale import Locale
from pipeline.pages.faces import stack
from pipeline.pages.templates import texts

if TYPE_CHECKING:
    import pyphen

# Faces of the systems, for letters that ours lacks. A talk's own stand before them.
_FACES = {
    "he": ("Assistant", "Arial Hebrew", "Noto Sans Hebrew"),
    "ar": ("Noto Sans Arabic", "Geeza Pro", "Segoe UI"),
    "zh": ("PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC"),
    "zh-Hant": ("PingFang TC", "Microsoft JhengHei", "Noto Sans CJK TC"),
    "ja": ("Hiragino Sans", "Yu Gothic", "Noto Sans CJK JP"),
    "ko": ("Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans CJK KR"),
}
_OURS, _BEHIND = ("Manrope", "Helvetica Neue"), ("Arial", "Noto Sans", "sans-serif")
_FACES |= dict.fromkeys(("zh-TW", "zh-HK", "zh-MO"), _FACES["zh-Hant"])
LONG = 14  # letters from which a word of a slide may be divided
_LEAST = 4  # letters on either side
_SOFT = "\u00ad"
# Whole words of letters: none in an address, a path or a name with digits.
_WORD = re.compile(rf"(?<![\w./:@\-{_SOFT}])[^\W\d_]{{{LONG},}}(?![\w/@{_SOFT}]|[.:]\w)")
_SIGNED = re.compile(r"(?<![\w.,])(?=[-−+±]\d)")
_LTR_MARK = "\u200e"


def language_rules(locale: Locale, *, is_read: bool = False) -> str:
    """The rules that pages in a language need besides; "" for English.

    `is_read`: a page of running text, where the browser divides words. On slides it does not:
    each one has other words for it, and what fits here would not fit there.
    """
    if locale.is_english:
        return ""
    rules = []
    if faces := _FACES.get("-".join(locale.tag.split("-")[:2]), _FACES.get(locale.primary)):
        rules.append(f"body{{font-family: {stack((*_OURS, *faces, *_BEHIND))};}}")
        # Our headings are set tight, as suits Latin letters; these would touch.
        rules.append("body *{letter-spacing: 0 !important;}")
    if is_read and not locale.by_characters:
        rules.append("main :is(p,li,dd,td){hyphens: auto;}")
    if locale.direction == "rtl":
        rules.append(texts("shared/rtl.css"))
    return "".join(rules)


def set_in(text: str, locale: Locale) -> str:
    """A text of a slide as its language sets it: long words can be divided, numbers keep signs."""
    if locale.is_english:
        return text
    if locale.direction == "rtl":  # a sign before digits would go behind them
        return _SIGNED.sub(_LTR_MARK, text)
    dictionary = _dictionary(locale.tag)
    if not dictionary or len(text) < LONG:
        return text
    return _WORD.sub(lambda found: dictionary.inserted(found[0], _SOFT), text)


@cache
def _dictionary(tag: str) -> pyphen.Pyphen | None:
    """Where words of a language can be divided, by LibreOffice's patterns; None for most others."""
    import pyphen

    name = pyphen.language_fallback(tag.replace("-", "_"))
    return pyphen.Pyphen(lang=name, left=_LEAST, right=_LEAST) if name else None
