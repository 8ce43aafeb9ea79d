"""Code in a real browser: its letters, its steps, on paper, on a phone, copied, by keyboard."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest
from support.browsing import show_slide, wait_until
from support.code_talk import PYTHON, write_code_talk
from support.pages import build_deck

from pipeline.export.pdf import export_pdf
from pipeline.pages.deck import deck_input

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Which lines of a slide are emphasised, and which are dimmed, from 1.
LINES = """name => {
  const lines = [...document.querySelectorAll(`#${name} .line`)];
  const own = line => getComputedStyle(line);
  const numbers = test => lines.flatMap((line, index) => test(own(line)) ? [index + 1] : []);
  return [
    numbers(style => style.getPropertyValue('--band') === '100%'),
    numbers(style => style.getPropertyValue('--keep') === '0%'),
  ];
}"""


@pytest.fixture(scope="module")
def deck(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("talk")
    talk = write_code_talk(root / "talk")
    build_deck(deck_input(talk, root / "cache", for_speaker=False), root / "deck", root / "cache")
    return root / "deck" / "index.html"


@pytest.fixture
def page(browser: Any, deck: Path) -> Iterator[Any]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 720},
        reduced_motion="reduce",
        permissions=["clipboard-read", "clipboard-write"],
    )
    opened = context.new_page()
    problems: list[str] = []
    opened.on("console", lambda said: problems.append(said.text))
    opened.on("pageerror", lambda error: problems.append(str(error)))
    open_at(opened, deck)
    yield opened
    context.close()
    assert problems == []


def open_at(page: Any, deck: Path, rest: str = "") -> None:
    page.goto(deck.as_uri() + rest)
    wait_until(page, "document.documentElement.dataset.ready === 'true'")


def test_letters_are_all_as_wide_and_none_are_joined(page: Any) -> None:
    """`->`, `<=` and `--` take as much room as their letters, in fences and in words."""
    page.evaluate("Reveal.slide(2)")
    wait_until(page, "document.fonts.status === 'loaded'")
    widths = page.evaluate(
        """() => {
          const width = text => {
            const code = document.createElement('code');
            code.textContent = text;
            document.querySelector('#two .right li').append(code);
            const found = code.getBoundingClientRect().width;
            code.style.padding = '0';
            const bare = code.getBoundingClientRect().width;
            code.remove();
            return bare;
          };
          return ['aa', '->', '<=', '--', '!=', '==', 'fi', 'iW', '0O'].map(width);
        }"""
    )
    assert max(widths) - min(widths) < 0.1
    assert page.evaluate("document.fonts.check('500 20px Code')")


def test_steps_emphasise_one_group_after_the_other(page: Any) -> None:
    """The first is there at once; `all` dims nothing; a step back is one."""
    page.evaluate("Reveal.slide(1)")
    assert page.evaluate(LINES, "steps") == [[1], [2, 3, 4, 5]]
    page.keyboard.press("ArrowRight")
    assert page.evaluate(LINES, "steps") == [[2, 3], [1, 4, 5]]
    page.keyboard.press("ArrowRight")
    assert page.evaluate(LINES, "steps") == [[], []]
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(LINES, "steps") == [[2, 3], [1, 4, 5]]
    assert page.evaluate("Reveal.getIndices().h") == 1


def test_a_part_that_is_a_step_brings_its_code(page: Any) -> None:
    """It comes with its lines emphasised."""
    page.evaluate("Reveal.slide(2)")
    seen = "document.querySelector('#two .listing').checkVisibility({visibilityProperty: true})"
    assert not page.evaluate(seen)
    page.keyboard.press("ArrowRight")
    assert page.evaluate(seen)
    assert page.evaluate(LINES, "two") == [[2, 3], [1]]


@pytest.mark.parametrize("rest", ["?print-pdf", ""])
def test_paper_shows_the_last_step(page: Any, deck: Path, rest: str) -> None:
    """In the PDF and when an open deck is printed; nothing to press."""
    open_at(page, deck, rest)
    if rest:
        wait_until(page, "document.querySelector('.pdf-page .timeline') !== null")
    page.emulate_media(media="print")
    assert page.evaluate(LINES, "steps") == [[], []]
    assert page.evaluate(LINES, "two") == [[2, 3], [1]]
    hidden = "[...document.querySelectorAll('.copy')].every(b => !b.checkVisibility())"
    assert page.evaluate(hidden)


def test_code_of_a_pdf_is_text(deck: Path, tmp_path: Path) -> None:
    """Its letters can be found, and its face is a font, not drawings."""
    made = export_pdf(deck, tmp_path / "slides.pdf", tmp_path / "cache", 5)
    pdf = pypdf.PdfReader(io.BytesIO(made.read_bytes()))
    # pypdf guesses at spaces where a font names one width for all letters.
    assert "loss=model(**batch).loss" in "".join(pdf.pages[1].extract_text().split())
    kinds = {
        font.get_object()["/Subtype"]
        for sheet in pdf.pages
        for font in sheet["/Resources"]["/Font"].values()
    }
    assert kinds == {"/Type0"}


def test_code_is_copied_by_mouse_and_keyboard(page: Any) -> None:
    """All of it, without line numbers; no press of the button moves the slides."""
    page.evaluate("Reveal.slide(1)")
    button = page.locator("#steps .copy")
    for press in ("Enter", " ", "mouse"):
        page.evaluate("navigator.clipboard.writeText('nothing')")
        if press == "mouse":
            button.click()
        else:
            button.focus()
            page.keyboard.press(press)
        wait_until(page, "document.querySelector('#steps .copy').textContent === 'Copied'")
        assert page.evaluate("navigator.clipboard.readText()") == PYTHON
        wait_until(page, "document.querySelector('#steps .copy').textContent === 'Copy'")
    assert page.evaluate("[Reveal.getIndices().h, Reveal.getIndices().f]") == [1, -1]
    box = button.bounding_box()
    assert min(box["width"], box["height"]) >= 24


def test_code_is_copied_where_there_is_no_clipboard(browser: Any, deck: Path) -> None:
    """As where a page's own clipboard is refused."""
    page = browser.new_page(reduced_motion="reduce")
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    open_at(page, deck, "#/steps")
    page.locator("#steps .copy").focus()
    page.keyboard.press("Enter")
    wait_until(page, "document.querySelector('#steps .copy').textContent === 'Copied'")
    assert page.evaluate("document.activeElement.className") == "copy"
    page.close()


def test_wide_code_is_scrolled_by_keyboard(page: Any) -> None:
    """While it can be; then the same key goes on to the next slide."""
    page.evaluate("Reveal.slide(3)")
    page.locator("#wide pre").focus()
    page.keyboard.press("ArrowRight")
    wait_until(page, "document.querySelector('#wide pre').scrollLeft > 0")
    assert page.evaluate("Reveal.getIndices().h") == 3
    page.evaluate("document.querySelector('#wide pre').scrollLeft = 99999")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getIndices().h") == 4


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(page: Any, deck: Path, theme: str) -> None:
    """On no slide with code, in either theme; a dimmed line has its contrast, too."""
    from axe_playwright_python.base import AXE_FILE_PATH

    open_at(page, deck, f"?theme={theme}")
    page.evaluate(Path(AXE_FILE_PATH).read_text("utf-8"))
    for index in (1, 2, 3):
        for all_steps in (False, True):
            page.evaluate("index => Reveal.slide(index, 0, -1)", index)
            if all_steps:
                show_slide(page, index)
            run = "axe.run('section.present', {preload: false, resultTypes: ['violations']})"
            found = page.evaluate(f"{run}.then(run => run.violations)")
            assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


def test_a_phone_scrolls_the_code_and_not_the_page(browser: Any, deck: Path) -> None:
    """Wide code is pushed aside in its box, the last step is shown."""
    page = browser.new_page(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    open_at(page, deck)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = "const box = document.querySelector('#wide pre');"
    assert page.evaluate(f"(() => {{ {box} return box.scrollWidth > box.clientWidth }})()")
    assert page.evaluate(LINES, "steps") == [[], []]
    assert page.evaluate(LINES, "two") == [[2, 3], [1]]
    heights = "[...document.querySelectorAll('.listing pre')].every(box => box.clientHeight > 40)"
    assert page.evaluate(heights)
    page.close()


def test_code_in_words_is_as_large_as_they_must_be(page: Any) -> None:
    """Nothing under 24 px, whatever it stands in; in a source 16 and more."""
    size = """(selector) => {
      const code = document.createElement('code');
      code.textContent = 'x';
      document.querySelector(selector).append(code);
      const found = parseFloat(getComputedStyle(code).fontSize);
      code.remove();
      return found;
    }"""
    places = ["#steps h1", "#two .right li", "#steps .foot", "#code .body"]
    sizes = [page.evaluate(size, place) for place in places]
    assert sizes[0] > 40
    assert min(sizes[1], sizes[3]) >= 24
    assert 16 <= sizes[2] <= 17
