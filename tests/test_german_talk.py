"""A talk in German through the whole chain: its numbers, its script, and the words of our pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.made_up import made_up_results

from pipeline.config import load_config
from pipeline.measured import Measured
from pipeline.pages.deck import DeckMaker, deck_page
from pipeline.pages.marks import run_marks
from pipeline.pages.reading import Card, Download, reading_page
from pipeline.pages.rehearsal import rehearsal_page
from pipeline.pages.script import script_files
from pipeline.pages.slide import DeckInput
from pipeline.slides.layouts import load_layouts
from pipeline.talk import load_talk

SETTINGS = """\
[talk]
title = "Hinter dem Hype"
speaker = "Eine Sprecherin"
language = "de"

[pace]
words_per_minute = 120

[cuts.full]
title = "Ganz"
length = "1:00"
"""
TITLE = """\
---
layout: title
title: Hinter dem [Hype]{.struck}
---
::: legend
Eine gepunktete Zahl, etwa {{ data.messages | count }}, wurde für diesen Vortrag gemessen.
:::
"""
OVERVIEW = """\
---
layout: agenda
title: Welches Werkzeug für welche Aufgabe?
kicker: Überblick
---
::: sections
1. [Fünf Irrtümer](#/titel)
2. [Sprachmodellfeinabstimmung](#/ueberblick)
:::
"""
SCRIPT = """\
# Sprechtext

**Dauer:** 1:00

## FOLIE 1: TITEL [30 Sekunden]

Guten Abend. Von {{ data.messages | count }} Nachrichten waren manche Werbung, und davon handelt
dieser Vortrag.

[PAUSE 2 Sekunden]

## FOLIE 2: ÜBERBLICK [30 Sekunden]

[KLICK: der erste Punkt]

Zuerst räume ich mit fünf Irrtümern auf. Danach stimmen wir ein Sprachmodell fein ab.
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """All pages of the talk, by their names."""
    root: Path = tmp_path_factory.mktemp("talk")
    (root / "deck" / "slides").mkdir(parents=True)
    (root / "script").mkdir()
    (root / "talk.toml").write_text(SETTINGS, "utf-8")
    (root / "deck" / "slides" / "01-titel.md").write_text(TITLE, "utf-8")
    (root / "deck" / "slides" / "02-ueberblick.md").write_text(OVERVIEW, "utf-8")
    (root / "script" / "voiceover.md").write_text(SCRIPT, "utf-8")
    measured = Measured(made_up_results())
    talk = load_talk(load_config(root), measured, load_layouts())
    shown = DeckInput(talk.config, measured, talk.slides, talk.slots_s, notes={})
    deck = DeckMaker(root / "cache").make(shown)
    marks = run_marks(measured, locale=talk.config.locale)
    card = Card((), "", "icon.svg")
    return {
        "deck": deck_page(deck),
        "deck.js": deck.files["deck.js"].decode(),
        "rehearse": rehearsal_page(talk),
        "reading": reading_page(shown, card, (Download("index.html", "Die Folien"),), marks),
        **{name: content.decode() for name, content in script_files(talk).items()},
    }


def test_numbers_are_written_as_in_german(pages: dict[str, str]) -> None:
    """On the slide, in the script, and in the run that a number opens."""
    messages = made_up_results().data.messages
    written = f"{messages:,}".replace(",", ".")
    for name in ("deck", "reading", "script.html", "script.txt", "captions.vtt"):
        assert written in pages[name].replace("\n", " "), name
    assert f"{written} Nachrichten" in pages["deck"]


def test_our_pages_speak_german(pages: dict[str, str]) -> None:
    """And say so: `lang` is the talk's."""
    for name in ("deck", "rehearse", "reading", "script.html"):
        assert '<html lang="de"' in pages[name], name
    assert 'aria-label="Zeitleiste des Vortrags"' in pages["deck"]
    assert '"Where the numbers come from":["Woher die Zahlen kommen"]' in pages["deck.js"]
    assert "<title>Probe: Hinter dem Hype</title>" in pages["rehearse"]
    assert "<h2>Gegenüber dem Plan</h2>" in pages["rehearse"]
    assert "Woher die Zahlen kommen</h2>" in pages["reading"]
    assert "120 Wörter pro Minute" in pages["script.html"]
    for english in ("Speaker notes", "This slide", "words a minute", "All slides", "In words"):
        shown = (pages[name] for name in ("deck", "reading", "script.html"))
        assert not [page for page in shown if english in page], english


def test_the_teleprompter_says_a_click_once(pages: dict[str, str]) -> None:
    """Its page takes the English keyword away; what stands behind it is the speaker's."""
    assert '"CLICK: der erste Punkt"' in pages["rehearse"]
    assert "KLICK" not in pages["rehearse"]


def test_reveals_list_of_keys_is_german(pages: dict[str, str]) -> None:
    """The words that reveal.js has in English."""
    assert '"Previous slide":["Vorige Folie"]' in pages["deck.js"]


def test_long_words_can_be_divided_on_slides_alone(pages: dict[str, str]) -> None:
    """What is read, copied and found keeps its letters together."""
    assert "Sprachmodellfeinabstimmung" in pages["deck"].replace("\u00ad", "")
    assert "Sprach\u00admo" in pages["deck"]
    assert "\u00ad" not in pages["reading"] + pages["script.html"]
