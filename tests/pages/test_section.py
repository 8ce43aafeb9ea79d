"""A slide's section is kept by all that it shows, and stands in any page with that page's rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from support.made_up import made_up_results

from pipeline.config import load_config
from pipeline.measured import Measured
from pipeline.memo import Memo
from pipeline.numbers.fill import Numbers
from pipeline.pages import deck as decks
from pipeline.pages.deck import Deck, DeckMaker
from pipeline.pages.slide import DeckInput
from pipeline.pictures.picture import Picture
from pipeline.slides.layouts import load_layouts
from pipeline.slides.slide import read_slides

ROOT = Path(__file__).resolve().parents[2]
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30">{}</svg>'
TITLE = "---\nlayout: title\ntitle: Beyond the Hype\n---\n"
AGENDA = (
    "---\nlayout: agenda\ntitle: Where\n---\n::: sections\n- [Dogs](#/dog)\n- [Cats](#/cat)\n:::\n"
)
SHOWS = "---\nlayout: list\ntitle: The {0}\ndrawing: {0}\n---\n::: items\n- It sits\n:::\n"
TEXTS = {"title": TITLE, "agenda": AGENDA, "dog": SHOWS.format("dog"), "cat": SHOWS.format("cat")}
RESULTS = made_up_results()


def drawn(name: str, *colours: str) -> Picture:
    boxes = "".join(f'<path style="fill: {colour}" d="M0 0"/>' for colour in colours)
    return Picture(name, SVG.format(boxes), f"A {name}", "It sits")


class Talk:
    """A talk of four slides, of which a test changes something."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "slides").mkdir()
        for at, (name, text) in enumerate(TEXTS.items(), 1):
            (folder / f"slides/{at:02}-{name}.md").write_text(text, "utf-8")
        self.pictures = {"dog": drawn("dog", "red", "blue"), "cat": drawn("cat", "blue", "grey")}
        self.measured = Measured(RESULTS)
        self.slots_s = {1: 10, 2: 20, 3: 30, 4: 40}
        self.config = load_config(ROOT)

    def page(self, memo: Memo) -> DeckInput:
        numbers = Numbers(self.measured, self.config.locale, memo)
        slides = read_slides(self.folder / "slides", load_layouts(), numbers).shown
        return DeckInput(
            *(self.config, self.measured, slides, self.slots_s),
            pictures=self.pictures,
            memo=memo,
        )

    def made(self, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], Deck]:
        """The slides whose sections were made anew, and the deck."""
        names, draw = list[str](), decks.section_of

        def section_of(slide, *more):  # type: ignore[no-untyped-def]
            names.append(slide.name)
            return draw(slide, *more)

        memo = Memo(self.folder / "kept")
        monkeypatch.setattr(decks, "section_of", section_of)
        deck = DeckMaker().make(self.page(memo))
        monkeypatch.undo()
        memo.save()
        return names, deck


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    return Talk(tmp_path)


def test_what_did_not_change_is_not_made_again(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next build makes no section, and the same deck; one slide that changed is made alone."""
    first, deck = talk.made(monkeypatch)
    assert first == [*TEXTS]
    again, same = talk.made(monkeypatch)
    assert again == []
    assert same == deck
    (talk.folder / "slides/04-cat.md").write_text(
        SHOWS.format("cat").replace("sits", "eats"), "utf-8"
    )
    assert talk.made(monkeypatch)[0] == ["cat"]


def test_all_that_a_section_shows_makes_it_anew(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its slot, its picture, the brand, a stale run; an agenda shows the slots of others, too."""
    talk.made(monkeypatch)
    talk.slots_s = {**talk.slots_s, 3: 90}
    assert talk.made(monkeypatch)[0] == ["agenda", "dog"]
    talk.pictures["dog"] = drawn("dog", "green", "blue")
    assert talk.made(monkeypatch)[0] == ["dog"]
    talk.config = replace(talk.config, brand=replace(talk.config.brand, footer="Here"))
    assert talk.made(monkeypatch)[0] == [*TEXTS]
    talk.measured = replace(talk.measured, changed={"": ("the data",)})
    assert talk.made(monkeypatch)[0] == [*TEXTS]
    assert talk.made(monkeypatch)[0] == []


def test_a_kept_section_has_the_classes_of_its_page(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture with more colours before it counts them anew; pages are as without what is kept."""
    talk.made(monkeypatch)
    talk.pictures["dog"] = drawn("dog", "red", "green", "blue")
    names, deck = talk.made(monkeypatch)
    assert names == ["dog"]
    assert 'class="p2"' in deck.sections["cat"]
    assert 'class="p3"' in deck.sections["cat"]
    assert ".p2{fill:blue}.p3{fill:grey}" in deck.styles
    assert deck == DeckMaker().make(talk.page(Memo()))
