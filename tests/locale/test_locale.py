"""Languages: how they write numbers, join lists and say the words of our pages."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal, getcontext
from pathlib import Path

import pytest

from pipeline.config import load_config
from pipeline.locale import ENGLISH, locale_of
from pipeline.locale.catalogue import Catalogue
from pipeline.locale.said import number_words
from pipeline.problems import TalkError

pytestmark = pytest.mark.fast
NARROW, HARD = "\u202f", "\u00a0"


@pytest.mark.parametrize(
    ("tag", "number", "percent", "money"),
    [
        ("en", "1,234.50", "98.7%", "€3.50"),
        ("de", "1.234,50", f"98,7{HARD}%", f"3,50{HARD}€"),
        ("fr", f"1{NARROW}234,50", f"98,7{HARD}%", f"3,50{HARD}€"),
        ("es", "1.234,50", f"98,7{HARD}%", f"3,50{HARD}€"),
        ("zh", "1,234.50", "98.7%", "€3.50"),
        ("he", "1,234.50", "98.7%", f"\u200f3.50{HARD}\u200f€"),
        ("de-CH", "1'234.50", "98.7%", f"EUR{HARD}3.50"),
    ],
)
def test_numbers_are_written_as_the_language_does(
    tag: str, number: str, percent: str, money: str
) -> None:
    """Signs, spaces and the place of the unit are the language's own."""
    locale = locale_of(tag)
    assert locale.number(1234.5, 2) == number
    assert locale.percent(98.7) == percent
    assert locale.money(3.5, "€") == money


def test_numbers_in_a_text_are_rewritten() -> None:
    """What is written as in English becomes the language's, names and versions stay."""
    german = locale_of("de")
    assert german.rewritten(">1,234.5 ms (95%)") == f">1.234,5 ms (95{HARD}%)"
    assert german.rewritten("-$5,000 v1.2.3") == f"-5.000{HARD}$ v1.2.3"
    assert ENGLISH.rewritten("1,234.5") == "1,234.5"


def test_lists_are_joined() -> None:
    """The last two with the language's own word."""
    assert [locale_of(tag).join_list(["a", "b", "c"]) for tag in ("en", "de", "zh")] == [
        *("a, b and c", "a, b und c", "a、b和c"),
    ]
    assert [ENGLISH.join_list(names) for names in ([], ["a"], ["a", "b"])] == ["", "a", "a and b"]


def test_direction_and_counting() -> None:
    """Hebrew and Arabic run to the left; Chinese and Japanese are timed by characters."""
    assert {tag for tag in ("en", "de", "he", "ar", "zh") if locale_of(tag).direction == "rtl"} == {
        *("he", "ar"),
    }
    assert [(locale_of(tag).by_characters, locale_of(tag).pace) for tag in ("en", "zh", "ja")] == [
        *((False, 150), (True, 260), (True, 350)),
    ]


def test_words_come_from_the_catalogue_or_stay_english() -> None:
    """Plurals by the language's rule; what is missing or empty is English."""
    catalogue = Catalogue(
        {"slide": ("Folie",), "{n} note": ("{n} Notiz", "{n} Notizen"), "x": ("",)}
    )
    assert [catalogue.find(word) for word in ("slide", "word", "x")] == ["Folie", "word", "x"]
    assert [catalogue.find("{n} note", "{n} notes", n) for n in (1, 2)] == [
        *("{n} Notiz", "{n} Notizen"),
    ]
    assert ENGLISH.say("{n} slide", "{n} slides", n=3) == "3 slides"
    assert ENGLISH.say("cut {name}", name="short") == "cut short"


def test_an_unknown_language_is_refused_with_its_line(tmp_path: Path) -> None:
    """One error that names the nearest tag."""
    (tmp_path / "talk.toml").write_text('[talk]\ntitle = "T"\nspeaker = "S"\nlanguage = "de_DE"\n')
    with pytest.raises(TalkError, match="no language has the tag `de_DE`") as caught:
        load_config(tmp_path)
    assert (caught.value.where and caught.value.where.line) == 4
    assert caught.value.hint == "did you mean `de-DE`?"


@pytest.mark.parametrize(
    ("tag", "hint"),
    [
        ("deu", "did you mean `de`?"),
        ("de_AT", "did you mean `de-AT`?"),
        ("german", "did you mean `de`?"),
        ("Français", "did you mean `fr`?"),
        ("中文", "did you mean `zh`?"),
    ],
)
def test_other_forms_of_a_tag_are_named(tag: str, hint: str) -> None:
    """A language has one tag, the one that the web knows."""
    with pytest.raises(TalkError, match=f"no language has the tag `{tag}`") as caught:
        locale_of(tag)
    assert caught.value.hint == hint


def test_a_build_says_whose_words_are_english() -> None:
    """Of languages without a catalogue, and of no other."""
    assert "`it`: pages say their own words in English" in locale_of("it").untranslated
    assert "`zh-TW`" in locale_of("zh-TW").untranslated
    assert [locale_of(tag).untranslated for tag in ("en", "de", "de-AT", "he")] == [""] * 4


def test_english_loads_no_library_of_languages() -> None:
    """A talk in English costs nothing for the others."""
    code = (
        "import sys; from pipeline.locale import locale_of; locale_of('en-GB').percent(98.7);"
        "assert not {'babel', 'num2words', 'text_to_num'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("tag", ["en", "de", "zh", "ar"])
@pytest.mark.parametrize("value", [1e30, -1.7e308, 5e-324, float("inf"), float("nan")])
def test_any_number_can_be_written(tag: str, value: float) -> None:
    """However large, small, or none at all: nobody gets a traceback for it."""
    locale = locale_of(tag)
    written = [locale.number(value, 2), locale.percent(value), locale.money(value, "€")]
    assert all([*written, locale.is_english or locale.large(value), locale.said(value)])


def test_a_large_number_has_all_its_digits() -> None:
    """None is rounded away on the way."""
    shown = f"{'.'.join(['123', *['456'] * 11])},50"
    value = Decimal(shown.replace(".", "").replace(",", "."))
    assert locale_of("de").number(value, 2) == shown


def test_saying_a_number_changes_no_later_one() -> None:
    """num2words' Arabic sets how exact the decimals of the whole process are."""
    before = getcontext().prec
    number_words(Decimal("1" * 40), "ar")
    assert getcontext().prec == before
