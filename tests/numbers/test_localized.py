"""The formats of measured numbers in other languages than English."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.made_up import made_up

from pipeline.locale import ENGLISH, locale_of
from pipeline.numbers.fill import Numbers
from pipeline.numbers.formats import FORMATS
from pipeline.numbers.localized import formats_of
from pipeline.numbers.spoken import count_words, spoken_form
from pipeline.numbers.values import Number
from pipeline.problems import Source

pytestmark = pytest.mark.fast
HARD, NARROW = "\u00a0", "\u202f"


def shown(tag: str, name: str, value: float, *args: object, **known: object) -> str:
    number = Number("run.value", value, **known)  # type: ignore[arg-type]
    return str(formats_of(locale_of(tag))[name](number, *args))


@pytest.mark.parametrize(
    ("tag", "name", "value", "args", "text"),
    [
        ("de", "pct", 0.987, (), f"98,7{HARD}%"),
        ("fr", "pct", 0.987, (), f"98,7{HARD}%"),
        ("zh", "pct", 0.987, (), "98.7%"),
        ("de", "count", 5574, (), "5.574"),
        ("fr", "count", 5574, (), f"5{NARROW}574"),
        ("de", "num", 0.9996, (), ">0,99"),
        ("de", "money", 3.5, ("€", 2), f"3,50{HARD}€"),
        ("he", "money", 3.5, ("€", 2), f"\u200f3.50{HARD}\u200f€"),
        ("de", "millions", 134515008, (), "135 Millionen"),
        ("zh", "millions", 134515008, (), "1.35亿"),
        ("de", "seconds", 0.0032, (), "3,2 ms"),
        ("de", "times", 2.0, ("so schnell",), "etwa 2-mal so schnell"),
        ("zh", "times", 2.0, (), "大约2倍"),
        ("de", "spoken", 0.933, ("pct",), "dreiundneunzig Komma drei Prozent"),
        ("fr", "spoken", 0.933, ("pct",), "quatre-vingt-treize virgule trois pour cent"),
        ("es", "spoken", 0.933, ("pct",), "noventa y tres coma tres por ciento"),
        ("zh", "spoken", 0.933, ("pct",), "百分之九十三点三"),
        ("de", "spoken", 5574, ("about",), "fünftausendsechshundert"),
    ],
)
def test_a_value_is_written_as_the_language_does(
    tag: str, name: str, value: float, args: tuple[object, ...], text: str
) -> None:
    """Rounded as in English; signs, spaces and words are the language's."""
    assert shown(tag, name, value, *args) == text


def test_intervals_and_ratios_have_the_languages_words() -> None:
    """Ends are parted, and joined, as the language does."""
    ends = {"low": 1.8, "high": 2.3}
    assert shown("de", "times", 2.0, "so schnell", **ends) == "1,8- bis 2,3-mal so schnell"
    assert shown("he", "times", 2.0, **ends) == "פי 1.8 עד 2.3"
    assert shown("de", "interval", 0.93, 2, "pct", low=0.9, high=0.98) == f"90–98{HARD}%"
    assert shown("de", "interval", 0.1, low=-1.0, high=3.0) == "-1,00 bis 3,00"


def test_what_is_given_goes_before_the_languages_own() -> None:
    """A talk that says its words itself shows what it did."""
    form = formats_of(locale_of("de"))["times"]
    number = Number("a.b", 2.0, low=1.8, high=2.3)
    assert str(form(number, "", to="to", times="times", point=".")) == "1.8 to 2.3 times"


def test_english_has_the_formats_themselves() -> None:
    """Nothing stands between a talk in English and its formats."""
    assert formats_of(ENGLISH) is FORMATS


def test_content_is_filled_in_its_language() -> None:
    """The same placeholder, another sign."""
    text, where = "{{ finetuned.f1 | pct }}", Source(Path("a.md"), 1)
    english = Numbers(made_up()).fill(text, where).plain
    german = Numbers(made_up(), locale_of("de")).fill(text, where).plain
    assert german == english.replace(".", ",").replace("%", f"{HARD}%")


@pytest.mark.parametrize(
    ("tag", "text", "said", "words"),
    [
        ("de", "98,7 % von 1.000", "achtundneunzig Komma sieben Prozent von eintausend", 6),
        ("de", "98.7 %, z. B.", "achtundneunzig Komma sieben Prozent, zum Beispiel", 6),
        ("de", "90–98 % um 20:15", "neunzig bis achtundneunzig Prozent um zwanzig Uhr fünfzehn", 8),
        ("de", "1 s, 3,2 GB/s", "eine Sekunde, drei Komma zwei Gigabyte pro Sekunde", 8),
        ("de", "Q4 und 1998", "Q vier und neunzehnhundertachtundneunzig", 4),
        (
            "fr",
            f"98,7{HARD}% de 1{NARROW}000",
            "quatre-vingt-dix-huit virgule sept pour cent de mille",
            7,
        ),
        ("es", "3,50 €", "tres coma cinco cero euros", 5),
        ("zh", "这里有98.7%的消息。", "这里有百分之九十八点七的消息。", 14),
        ("he", "98.7%", "תשעים ושמונה נקודה שבע אחוזים", 5),
    ],
)
def test_a_text_is_said_and_counted(tag: str, text: str, said: str, words: int) -> None:
    """Numbers in words by the language; Chinese is counted by its characters."""
    assert spoken_form(text, locale_of(tag)) == said
    assert count_words(text, locale_of(tag)) == words


def test_letters_in_a_chinese_text_take_their_time() -> None:
    """A word of letters takes as long as at the usual pace of English: 260 / 150 characters."""
    assert count_words("用Python写的", locale_of("zh")) == 3 + 2
