"""Words of a slide as the pages show them: how large, with their values, without comments."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.made_up import made_up
from support.pages import build_deck
from support.second_talk import SETTINGS

from pipeline.config import load_config
from pipeline.measured import NOTHING
from pipeline.numbers.fill import Numbers
from pipeline.pages.deck import DeckMaker
from pipeline.pages.reading import Card, reading_page
from pipeline.pages.slide import DeckInput, amount_of
from pipeline.pictures.media import media_of
from pipeline.slides.layouts import load_layouts
from pipeline.slides.slide import Slide, read_slides

MEASURED = made_up()
VALUE = "{{ data.messages | count }}"


def slides_of(root: Path, *texts: str) -> tuple[Slide, ...]:
    folder = root / "deck/slides"
    folder.mkdir(parents=True)
    for number, text in enumerate(texts, 1):
        (folder / f"{number:02}-slide-{number}.md").write_text(text, encoding="utf-8")
    (root / "talk.toml").write_text(SETTINGS, encoding="utf-8")
    return read_slides(folder, load_layouts(root), Numbers(MEASURED)).shown


def text(body: str) -> str:
    return f"---\nlayout: text\ntitle: T\n---\n{body}\n"


@pytest.mark.parametrize(
    ("body", "amount"),
    [
        ("- One thing\n- Another", "few"),
        ("\n".join(f"- Thing {n}" for n in range(9)), "some"),
        ("\n".join(f"- Thing {n}" for n in range(10)), "many"),
        ("word " * 42, "some"),
        ("::: left\n" + "word " * 40 + "\n:::", "many"),
        ("Few\n::: point\n" + "word " * 100 + "\n:::", "few"),
    ],
)
def test_few_words_are_large(tmp_path: Path, body: str, amount: str) -> None:
    """By signs and blocks of the fullest column; half the room where there are two."""
    (slide,) = slides_of(tmp_path, text(body))
    assert amount_of(slide) == amount


@pytest.mark.parametrize(
    ("title", "look"),
    [
        ("Beyond the Hype", ""),
        ("A Nanosecond", ' class="wide"'),
        ("Sauerteigbrote", ' class="wider"'),
        ("Sauer\u00adteig\u00adbrot, well-done", ""),
        ("A nanosecond and all that is in it", ' class="long wide"'),
    ],
)
def test_the_first_titles_longest_word_fits_a_phone(tmp_path: Path, title: str, look: str) -> None:
    """Smaller letters there for a long word, which else would break anywhere."""
    settings = SETTINGS.replace("Bread at home", title.replace("\u00ad", ""))
    slides = slides_of(tmp_path, f"---\nlayout: title\ntitle: {title}\n---\n")
    (tmp_path / "talk.toml").write_text(settings, encoding="utf-8")
    deck = DeckMaker(None).make(DeckInput(load_config(tmp_path), NOTHING, slides))
    assert f'<h1 id="slide-1-title"{look}>' in deck.sections["slide-1"]


EVERYWHERE = (
    f"---\nlayout: text\ntitle: The title {VALUE}\nkicker: The kicker {VALUE}\n"
    f"mark: The mark {VALUE}\nsource: The source {VALUE}\n---\n"
    f"Words {VALUE}[^1] and [a link {VALUE}](https://example.org)\n\n"
    f"- **Bold {VALUE}** and {VALUE}\n- [ ] A task {VALUE}\n\nTerm {VALUE}\n: Meaning {VALUE}\n\n"
    f"| Head {VALUE} |\n|---|\n| Cell {VALUE} |\n\n"
    f'```py title="Code {VALUE}"\nx = 1\n```\n\n'
    f'![Alt {VALUE}](photo.png "Caption {VALUE}")\n\n'
    f"[^1]: Footnote {VALUE}\n"
)
SECTION = f"---\nlayout: section\ntitle: A part\nnumber: {VALUE}\n---\nBody {VALUE}\n"
LABELS = (
    "The title,The kicker,The mark,The source,Words,a link,Bold,A task,Term,Meaning,Head,Cell,Code,"
    "Alt,Caption,Footnote,Body"
)


def test_values_stand_wherever_words_are_shown(tmp_path: Path) -> None:
    """Deck and reading page show each value, and neither a brace nor a mark."""
    (tmp_path / "talk/deck").mkdir(parents=True)
    Image.new("RGB", (64, 36), "navy").save(tmp_path / "talk/deck/photo.png")
    slides = slides_of(tmp_path / "talk", EVERYWHERE, SECTION)
    media = media_of(slides, tmp_path / "cache")
    deck = DeckInput(load_config(tmp_path / "talk"), MEASURED, slides, media=media)
    pages = {
        "deck": "".join(DeckMaker(tmp_path / "cache").make(deck).sections.values()),
        "reading": reading_page(deck, Card((), "", "i.svg"), (), ()),
    }
    for name, page in pages.items():
        shown = re.sub(r"<(?!img)[^>]*>", "", page)
        assert [label for label in LABELS.split(",") if f"{label} 5,574" not in shown] == [], name
        assert re.findall(r"\{\{|[\ue000-\uf8ff]", page) == [], name


def test_comments_are_in_no_file(tmp_path: Path) -> None:
    """Whatever stands in a comment is on no slide, in no note and in no script of the page."""
    secret = "do not mention the price"
    body = (
        f"Words\n<!-- {secret} -->\n\n- One\n<!--\n{secret}\n::: left\n-->\n- Two <!-- {secret} -->"
    )
    slide = text(body).replace("title: T", f"title: T <!-- {secret} -->\n# {secret}\n")
    slides = slides_of(tmp_path / "talk", slide + f"\n::: notes\nSay it. <!-- {secret} -->\n:::\n")
    build_deck(DeckInput(load_config(tmp_path / "talk"), NOTHING, slides), tmp_path / "out")
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert [path.name for path in files if secret.encode() in path.read_bytes()] == []
    assert b"<li>Two" in (tmp_path / "out/index.html").read_bytes()
    assert slides[0].notes
    assert slides[0].notes.text == "Say it."


BOXES = """names => names.map(name => {
  const found = document.querySelector('section.present ' + name).getBoundingClientRect();
  return [found.left, found.top, found.right, found.bottom].map(Math.round);
})"""


@pytest.mark.browser
def test_columns_stand_side_by_side_and_notes_below(browser: Any, tmp_path: Path) -> None:
    """Of equal width; on a phone one under the other. Many footnotes push up what is above them."""
    notes = "\n".join(f"[^{n}]: Somebody {n}, {'a long title ' * 4}" for n in range(6))
    body = (
        "::: left\n" + "- Some words on a line\n" * 5 + "".join(f"[^{n}]" for n in range(6)) + "\n"
        f":::\n::: right\nShort\n:::\n::: point\nThe last sentence\n:::\n\n{notes}"
    )
    slides = slides_of(tmp_path / "talk", text(body))
    build_deck(DeckInput(load_config(tmp_path / "talk"), NOTHING, slides), tmp_path / "out")
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto((tmp_path / "out/index.html").as_uri())
    page.wait_for_selector("html[data-ready]")
    left, right, point, foot = page.evaluate(BOXES, [".left", ".right", ".point", ".footnotes"])
    assert abs((left[2] - left[0]) - (right[2] - right[0])) <= 1
    assert left[1] == right[1]
    assert right[0] > left[2]
    assert left[3] <= point[1] < point[3] <= foot[1] < foot[3] < 700
    size = "getComputedStyle(document.querySelector('.footnotes sup')).fontSize"
    assert float(page.evaluate(size).removesuffix("px")) >= 16
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    page.wait_for_selector("html[data-ready]")
    left, right = page.evaluate(BOXES, [".left", ".right"])
    assert left[3] <= right[1]
    assert left[0] == right[0]
    page.close()


def test_bold_words_stay_in_their_sentence_where_a_slide_shows_prose(tmp_path: Path) -> None:
    """The reading page tears a list's headwords off in the layout `list` alone."""
    item = "- **No** is always right"
    listed = f"---\nlayout: list\ntitle: T\n---\n::: items\n{item}\n:::\n"
    slides = slides_of(tmp_path / "talk", text(item), listed)
    deck = DeckInput(load_config(tmp_path / "talk"), MEASURED, slides)
    page = reading_page(deck, Card((), "", "i.svg"), (), ())
    prose, rows = re.findall(r"<strong[^>]*>No</strong>", page)
    assert (prose, rows) == ("<strong>No</strong>", '<strong class="lead">No</strong>')
