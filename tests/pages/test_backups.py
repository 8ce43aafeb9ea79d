"""Backups in a real browser: reached on purpose, never by an advance, and left where one was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.browsing import wait_until
from support.second_talk import write_second_talk

from pipeline.cli import main

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MORE = {
    "02-steps.md": "---\nlayout: list\ntitle: Steps\n---\n"
    "::: items each\n- Mix\n- [Bake](#/oven)\n:::\n",
    "04-oven.md": "---\nlayout: quote\ntitle: The oven\nbackup: true\n---\nIt is hot\n"
    "::: notes\nThe oven needs a stone.\n:::\n",
    "07-again.md": "---\nsame: steps\nbackup: true\n---\n",
}
QUESTIONS = '\n## Q&A [5 minutes]\n\n**Q: "How hot?"** [slide oven]\n\nA: Very.\n'
PLACE = "[Reveal.getCurrentSlide().id, Reveal.getIndices().f ?? -1]"


@pytest.fixture(scope="module")
def deck(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three slides, and two backups behind them."""
    talk = write_second_talk(tmp_path_factory.mktemp("talk"))
    for name, text in MORE.items():
        (talk / "deck" / "slides" / name).write_text(text, "utf-8")
    script = talk / "script" / "voiceover.md"
    script.write_text(script.read_text("utf-8") + QUESTIONS, "utf-8")
    assert main(["build", "--talk", str(talk)]) == 0
    return talk / "out" / "speaker" / "index.html"


@pytest.fixture
def page(browser: Any, deck: Path) -> Iterator[Any]:
    page = browser.new_page(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
    page.goto(deck.as_uri())
    page.wait_for_selector("html[data-ready]")
    yield page
    page.close()


def at(page: Any) -> str:
    found: str = page.evaluate("Reveal.getCurrentSlide().id")
    return found


def test_no_advance_leads_behind_the_end(page: Any) -> None:
    """→, space, page down and End stay on the last slide; the time line has no place for more."""
    page.keyboard.press("End")
    assert at(page) == "bye"
    for key in ("ArrowRight", "Space", "PageDown", "ArrowDown", "End"):
        page.keyboard.press(key)
        assert at(page) == "bye", key
    assert page.evaluate("document.querySelectorAll('.timeline a').length") == 3
    assert page.evaluate("document.querySelectorAll('.slides > section').length") == 5


def test_a_link_leads_there_and_back_to_the_same_step(page: Any) -> None:
    """The link back, Backspace and ← each return to the slide and the step that was left."""
    for way in ("link", "Backspace", "ArrowLeft", "u"):
        page.evaluate("location.hash = '#/steps/1'")
        wait_until(page, f"{PLACE}.join() === 'steps,1'")
        page.click("#steps a[href='#/oven']")
        wait_until(page, "Reveal.getCurrentSlide().id === 'oven'")
        if way == "link":
            assert page.get_attribute("#oven a[data-back]", "href") == "#/steps"
            page.click("#oven a[data-back]")
        else:
            page.keyboard.press(way)
        wait_until(page, f"{PLACE}.join() === 'steps,1'")


def test_a_key_and_the_overview_lead_there(page: Any) -> None:
    """U shows the first backup and returns; in the overview backups are chosen as all slides."""
    page.keyboard.press("End")
    page.keyboard.press("u")
    assert at(page) == "oven"
    page.keyboard.press("ArrowRight")
    assert at(page) == "again"
    page.keyboard.press("u")
    assert at(page) == "bye"
    page.keyboard.press("o")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert at(page) == "oven"


def test_a_number_leads_there(page: Any) -> None:
    """G, the number as the page prints it, Enter."""
    page.keyboard.press("End")
    page.keyboard.press("g")
    page.keyboard.type("B2")
    page.keyboard.press("Enter")
    wait_until(page, "Reveal.getCurrentSlide().id === 'again'")


def test_numbers_and_ids(page: Any) -> None:
    """Backups print numbers of their own; a slide that is shown again doubles no id."""
    shown = page.evaluate(
        "[...document.querySelectorAll('.slides .page')].map(e => e.lastChild.textContent.trim())"
    )
    assert shown == ["1", "2", "3", "B1", "B2"]
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_the_pdf_has_them_under_a_heading_of_their_own(deck: Path, tmp_path: Path) -> None:
    """At the end, in the outline below “Backup slides”, without the link back; same bytes twice."""
    import pypdf

    from pipeline.export.pdf import export_pdf

    paths = [export_pdf(deck, tmp_path / name, tmp_path, 5) for name in ("a.pdf", "b.pdf")]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    reader = pypdf.PdfReader(paths[0])
    *slides, heading, behind = reader.outline
    assert len(slides) == 3
    assert heading["/Title"] == "Backup slides"
    assert [one["/Title"] for one in behind] == ["The oven", "Steps"]
    assert reader.pages[3].extract_text().split()[-1] == "B1"


def test_the_presenter_shows_one_and_comes_back(browser: Any, deck: Path) -> None:
    """Listed apart; shown with its script; an advance leads back to the talk, not on."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.goto((deck.parent / "rehearse.html").as_uri())
    page.wait_for_selector("html[data-ready]")
    with context.expect_page() as opened:
        page.keyboard.press("s")
    audience = opened.value
    audience.wait_for_selector("html[data-ready]")
    page.keyboard.press("ArrowRight")
    wait_until(page, "document.querySelector('#now-title').textContent.startsWith('2 of 3')")
    wait_until(audience, "Reveal.getCurrentSlide().id === 'steps'")
    page.select_option("#backups", index=1)
    assert page.text_content("#now-title") == "B1: The oven"
    assert "stone" in (page.text_content("#prompter") or "")
    wait_until(audience, "Reveal.getCurrentSlide().id === 'oven'")
    page.keyboard.press("ArrowRight")
    wait_until(page, "document.querySelector('#now-title').textContent.startsWith('2 of 3')")
    wait_until(audience, "Reveal.getCurrentSlide().id === 'steps'")
    page.keyboard.press("d")
    assert page.text_content("#drill .support") == "G shows slide B1: The oven"
    page.keyboard.press("g")
    wait_until(audience, "Reveal.getCurrentSlide().id === 'oven'")
    assert page.text_content("#now-title") == "B1: The oven"
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(browser: Any, deck: Path, theme: str) -> None:
    """No rule is violated on a backup, nor on a slide that is shown again."""
    from axe_playwright_python.base import AXE_FILE_PATH

    page = browser.new_page(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
    page.goto(f"{deck.as_uri()}?theme={theme}")
    page.wait_for_selector("html[data-ready]")
    page.evaluate(Path(AXE_FILE_PATH).read_text("utf-8"))
    found = []
    for index in (3, 4):
        page.evaluate("index => Reveal.slide(index)", index)
        run = "axe.run({preload: false}).then(run => run.violations.map(v => v.id + v.help))"
        found += page.evaluate(run)
    page.close()
    assert found == []


def test_on_a_phone_the_way_back_is_a_link(browser: Any, deck: Path) -> None:
    """All slides stand below each other, backups last; nothing is complained of."""
    page = browser.new_page(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{deck.as_uri()}#/oven")
    page.wait_for_selector("html[data-ready]")
    wait_until(page, "Reveal.isScrollView()")
    page.locator("#oven a[data-back]").scroll_into_view_if_needed()
    page.click("#oven a[data-back]")
    seen = "Math.abs(document.querySelector('#bye').getBoundingClientRect().top) < innerHeight"
    wait_until(page, seen)
    page.close()
    assert complaints == []
