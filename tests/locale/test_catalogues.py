"""The catalogues have all words of our pages, and pages bring those that they say."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from pipeline.config import load_config
from pipeline.locale import locale_of, messages
from pipeline.locale.catalogue import FOLDER, read_catalogue
from pipeline.locale.locale import WHOLE
from pipeline.locale.messages import Message, all_messages, of_module, of_script, of_template
from pipeline.locale.words import read_words
from pipeline.pages import assets
from pipeline.pages.templates import render
from pipeline.problems import Source, TalkError

OTHERS = WHOLE[1:]
HOW = "run `python -m pipeline.locale.messages`, then translate what is empty"


def forms_of(language: str) -> Mapping[str, tuple[str, ...]]:
    with (FOLDER / f"{language}.po").open("rb") as file:
        found = read_po(file, locale=language)
    assert not [one.id for one in found if one.id and one.fuzzy]
    return {
        (one.id if isinstance(one.id, str) else one.id[0]): (
            (one.string,) if isinstance(one.string, str) else tuple(one.string)
        )
        for one in found
        if one.id
    }


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_is_whole(language: str) -> None:
    """It has what the code says, with the same values in it, and nothing else."""
    forms, said = forms_of(language), {one.text: one for one in all_messages()}
    assert set(forms) == set(said), HOW
    for text, found in forms.items():
        assert found, text
        assert all(found), f"{language} has nothing for “{text}”: {HOW}"
        one = set(re.findall(r"{\w+}", text))
        many = set(re.findall(r"{\w+}", said[text].plural)) or one
        for at, form in enumerate(found):
            there = set(re.findall(r"{\w+}", form))
            is_last = at == len(found) - 1
            assert there == many or (not is_last and there == one - {"{n}"}), (text, form)
        # The browser knows the form for one, and that for all other numbers.
        assert len(found) <= (2 if said[text].plural else 1), text


def test_a_half_translated_catalogue_falls_back_word_by_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refreshing keeps what was translated, its header too; new messages come in empty."""
    monkeypatch.setattr(messages, "FOLDER", tmp_path)
    shutil.copy(FOLDER / "fr.po", tmp_path / "fr.po")
    before = (tmp_path / "fr.po").read_bytes()
    assert messages.refresh("fr", all_messages()) == (len(all_messages()), 0)
    assert (tmp_path / "fr.po").read_bytes() == before
    assert messages.refresh("fr", [Message("Close"), Message("New")]) == (2, 1)
    text = (tmp_path / "fr.po").read_text("utf-8")
    assert "plural=(n > 1)" in text
    assert 'msgid "Close"\nmsgstr "Fermer"' in text
    assert 'msgid "New"\nmsgstr ""' in text
    assert messages.refresh("it", [Message("Close")]) == (1, 1)
    assert locale_of("de").say("nobody says this") == "nobody says this"


def test_a_build_says_how_many_words_are_in_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a catalogue that is begun; what it has is said in its language."""
    monkeypatch.setattr("pipeline.locale.catalogue.FOLDER", tmp_path)
    text = 'msgid "Close"\nmsgstr "Serrar"\n\nmsgid "Back"\nmsgstr ""\n'
    (tmp_path / "rm.po").write_text(text, "utf-8")
    begun = locale_of("rm")
    assert [begun.say("Close"), begun.say("Back")] == ["Serrar", "Back"]
    assert "`rm`: pages say 1 of their own words in English" in begun.untranslated


def test_a_broken_catalogue_is_named_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And half of it is not shown as if it were all."""
    monkeypatch.setattr("pipeline.locale.catalogue.FOLDER", tmp_path)
    (tmp_path / "rm.po").write_text('msgid "Close"\nmsgstr "Serrar"\n\nmsgid Back\n', "utf-8")
    with pytest.raises(TalkError, match="a broken catalogue") as found:
        read_catalogue.__wrapped__("rm")
    assert found.value.where == Source(tmp_path / "rm.po", 4)


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("rm.po", 'msgid "Close {n}"\nmsgstr "Serrar {m}"\n', 1),
        ("rm.po", 'msgid "Close {n}"\nmsgstr "Serrar {n"\n', 1),
        ("rm.po", 'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=n!;\\n"\n', None),
        (
            "rm.po",
            'msgid ""\nmsgstr "Content-Type: text; charset=x\\n"\n\nmsgid "é"\nmsgstr "e"\n',
            None,
        ),
        ("rm.po", 'msgid "Close"\nmsgstr "\udcfc"\n', None),
        ("rm.toml", "[cues", None),
        ("rm.toml", "[cue]", None),
    ],
)
def test_a_translators_slip_is_named_with_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, line: int | None
) -> None:
    """In the file of the language, not in the talk that is in it."""
    for module in ("catalogue", "words"):
        monkeypatch.setattr(f"pipeline.locale.{module}.FOLDER", tmp_path)
    (tmp_path / name).write_text(text, "utf-8", "surrogateescape")
    (tmp_path / "talk.toml").write_text(
        '[talk]\ntitle = "T"\nspeaker = "Lou"\nlanguage = "rm"\n', "utf-8"
    )
    monkeypatch.setattr("pipeline.config.locale_of", locale_of.__wrapped__)
    monkeypatch.setattr("pipeline.locale.locale.read_words", read_words.__wrapped__)
    monkeypatch.setattr("pipeline.locale.locale.read_catalogue", read_catalogue.__wrapped__)
    with pytest.raises(TalkError, match="broken") as found:
        load_config(tmp_path)
    assert found.value.where == Source(tmp_path / name, line)


def test_words_are_found_in_code_templates_and_scripts() -> None:
    """Only what is said in the page's language; with its plural."""
    assert of_module('x = locale.say("One", "Many", n=2)\nself.say("progress")') == (
        Message("One", "Many"),
    )
    assert of_template('{{ say("Back") }}{{ other("No") }}') == (Message("Back"),)
    code = 'tr("A \\"b\\"", { n }); trMany(\n  "One",\n  "Many",\n  n); str("No")'
    assert of_script(code) == (Message('A "b"'), Message("One", "Many"))


def test_a_pages_script_brings_the_words_that_it_says() -> None:
    """In English none: what stands in the code is English."""
    assert "const words={" not in assets.script("rehearse")
    german = assets.script("rehearse", locale_of("de"))
    assert '"Reset":["Auf null"]' in german
    assert "Transkript" not in german
    assert "const words={" not in assets.script("rehearse", locale_of("it"))


def test_a_template_says_its_words_in_the_talks_language() -> None:
    """And in English where the catalogue is not whole."""
    page = {"talk": type("Talk", (), {"title": "T", "language": "x"}), "card": None, "home": "./"}
    page |= {"downloads": (), "styles": (), "policy": ""}
    assert "Diese Seite gibt es nicht" in render("public/404.html.j2", locale_of("de"), **page)
    hebrew = render("public/404.html.j2", locale_of("he"), **page)
    assert 'dir="rtl"' in hebrew
    assert "אין דף כזה" in hebrew
    assert "There is no such page" in render("public/404.html.j2", locale_of("it"), **page)
