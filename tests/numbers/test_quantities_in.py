"""Numbers of texts in other languages than English, and that what we write is read back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.made_up import made_up

from pipeline.locale import locale_of
from pipeline.numbers.candidates import candidates_of
from pipeline.numbers.quantities import find_quantities
from pipeline.numbers.quantities_in import english_signs, unread_words

pytestmark = pytest.mark.fast
WHOLE = ("en", "de", "fr", "es", "zh", "he")


def found(tag: str, text: str) -> list[tuple[str, float, str]]:
    return [(q.text, round(q.value, 9), q.unit) for q in find_quantities(text, locale_of(tag))]


@pytest.mark.parametrize(
    ("tag", "text", "quantities"),
    [
        ("de", "98,7 % von 1.000 Nachrichten", [("98,7 %", 98.7, "percent"), ("1.000", 1000, "")]),
        ("de", "98.7 % sind es", [("98.7 %", 98.7, "percent")]),
        ("de", "3,50 € statt 12.000 €", [("3,50 €", 3.5, "money"), ("12.000 €", 12000, "money")]),
        ("de", "2,5 Millionen Euro", [("2,5 Millionen Euro", 2.5e6, "money")]),
        ("de", "neun von zehn", [("neun von zehn", 0.9, "ratio")]),
        ("de", "drei Wochen Arbeit", [("drei Wochen", 3 * 7 * 86400, "time")]),
        ("fr", "98,7\u00a0% de 1\u202f234,5 ms", [("98,7\u00a0%", 98.7, "percent")]),
        ("fr", "neuf pour cent", [("neuf pour cent", 9, "percent")]),
        ("es", "tres semanas", [("tres semanas", 3 * 7 * 86400, "time")]),
        ("zh", "这里有98.7%的消息", [("98.7%", 98.7, "percent")]),
        ("he", "כאן ב98.7% מהמקרים", [("98.7%", 98.7, "percent")]),
    ],
)
def test_numbers_are_read_in_the_languages_signs_and_words(
    tag: str, text: str, quantities: list[tuple[str, float, str]]
) -> None:
    """Decimal and group signs, units and number words; the text stays as it was written."""
    assert found(tag, text)[: len(quantities)] == quantities


@pytest.mark.parametrize(
    ("tag", "text", "unit"),
    [
        ("de", "Es sind 40 bis 43 Prozent.", "percent"),
        ("de", "vierzig oder dreiundvierzig Prozent", "percent"),
        ("fr", "de 40 à 43 pour cent", "percent"),
        ("es", "de 40 a 43 por ciento", "percent"),
        ("es", "de 40 hasta 43 €", "money"),
        ("zh", "40到43%", "percent"),
        ("zh", "40至43秒", "time"),
        ("he", "40 עד 43 אחוזים", "percent"),
    ],
)
def test_the_first_of_a_range_has_the_unit_of_the_second(tag: str, text: str, unit: str) -> None:
    """By the language's words between them."""
    assert [(value, of) for _, value, of in found(tag, text)] == [(40, unit), (43, unit)]


def test_the_first_of_a_range_is_as_large_as_its_unit_says() -> None:
    """Minutes and millions are those of both; what isn't a range stays bare."""
    assert found("de", "3 bis 4 Minuten")[0][1:] == (180, "time")
    assert found("de", "3–4 Minuten")[0][1:] == (180, "time")
    assert found("de", "2 bis 3 Millionen Euro")[0][1:] == (2e6, "money")
    assert found("de", "40 von 43 Prozent")[0][2] == ""


def test_number_words_have_their_value() -> None:
    """As text2num knows them."""
    assert found("de", "achtundneunzig Komma sieben Prozent") == [
        ("achtundneunzig Komma sieben Prozent", 98.7, "percent")
    ]
    assert found("zh", "三万") == []


def test_a_check_says_where_it_reads_digits_alone() -> None:
    """text2num knows no Chinese."""
    assert "`zh`" in unread_words(locale_of("zh"))
    assert [unread_words(locale_of(tag)) for tag in ("de", "fr", "es")] == [""] * 3


def test_copies_of_measured_values_are_found_in_german() -> None:
    """By the language's own words for what was measured."""
    measured = made_up()
    locale, run = locale_of("de"), measured.experiment
    assert run is not None
    shown = locale.percent(100 * run.finetuned.accuracy.value)
    sentence = f"Die Genauigkeit ist {shown}."
    (quantity,) = find_quantities(sentence, locale)
    said = candidates_of(measured, locale).said(quantity, sentence, quantity.start)
    assert said is not None
    assert (said[0], said[1].leaf) == ("typed copy", "accuracy")


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(WHOLE),
    st.integers(0, 10**9),
    st.integers(0, 3),
    st.sampled_from(("number", "percent", "money")),
)
def test_what_is_written_is_read_back(tag: str, digits: int, decimals: int, form: str) -> None:
    """A number that a placeholder shows is found by the check, with its value and unit."""
    locale, value = locale_of(tag), digits / 10**decimals
    if form == "money":
        text = locale.money(value, "€", decimals)
    else:
        text = (
            locale.number(value, decimals) if form == "number" else locale.percent(value, decimals)
        )
    (quantity,) = find_quantities(f"A {text}.", locale)
    assert quantity.value == pytest.approx(value)
    assert quantity.unit == {"number": "", "percent": "percent", "money": "money"}[form]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(WHOLE), st.text(max_size=40))
def test_signs_are_exchanged_in_place(tag: str, text: str) -> None:
    """Whatever stands in a text, each sign keeps its place."""
    assert len(english_signs(text, locale_of(tag))) == len(text)
    find_quantities(text, locale_of(tag))
