"""The preview in Chromium: an open deck follows its files and loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.browsing import wait_until
from support.live_talk import copy_talk, served, until

from pipeline.serve.session import Service
from pipeline.serve.web import LocalServer

pytestmark = [pytest.mark.slow, pytest.mark.browser]


class Open:
    """A served talk with a page that shows it."""

    def __init__(self, root: Path, server: LocalServer, service: Service, page: Any) -> None:
        self.root, self.server, self.service, self.page = root, server, service, page

    def slide(self, start: str) -> Path:
        return next((self.root / "deck" / "slides").glob(f"{start}*.md"))

    def go(self, name: str, steps: int = 0) -> None:
        self.page.goto("about:blank")
        self.page.goto(f"{self.server.url}#/{name}")
        wait_until(self.page, "document.documentElement.dataset.ready")
        for _ in range(steps):
            self.page.keyboard.press("ArrowRight")
        self.page.evaluate("window.mark = 'not loaded again'")
        until(lambda: self.service._browsers, "the socket")

    def shows(self, text: str) -> None:
        wait_until(self.page, "text => document.body.textContent.includes(text)", arg=text)

    def shows_no(self, text: str) -> None:
        wait_until(self.page, "text => !document.body.textContent.includes(text)", arg=text)

    @property
    def place(self) -> tuple[str, int]:
        found = self.page.evaluate(
            "[Reveal.getCurrentSlide().id, Reveal.getIndices().f === undefined ? -1 "
            ": Reveal.getIndices().f]"
        )
        return found[0], found[1]

    @property
    def same_page(self) -> bool:
        return bool(self.page.evaluate("window.mark === 'not loaded again'"))


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.getbasetemp() / "live"
    return copy_talk(tmp_path_factory.mktemp("browser"), base)


@pytest.fixture(scope="module")
def serving(talk: Path) -> Iterator[tuple[LocalServer, Service]]:
    with served(talk) as both:
        yield both


@pytest.fixture
def said(serving: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the terminal is told."""
    told: list[str] = []
    monkeypatch.setattr(serving[1], "say", told.append)
    return told


@pytest.fixture
def deck(talk: Path, serving: Any, browser: Any) -> Iterator[Open]:
    """The deck on a screen; what a test changed is put back, and is seen to be."""
    before = {path: path.read_bytes() for path in talk.rglob("*") if path.is_file()}
    server, service = serving
    version = service.shown.version
    # A window that fills the screen is the room's.
    screen = {"width": 1920, "height": 1080}
    context = browser.new_context(viewport={"width": 1280, "height": 720}, screen=screen)
    page = context.new_page()
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    yield Open(talk, server, service, page)
    context.close()
    for path in talk.rglob("*"):
        if path.is_file() and path not in before:
            path.unlink()
    for path, content in before.items():
        if not path.is_file() or path.read_bytes() != content:
            path.write_bytes(content)
    until(lambda: service.shown.version == version and not service.problem, "what was, back")
    assert failed == []


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_an_edit_keeps_slide_and_step(deck: Open) -> None:
    """In the middle of a slide's steps; nothing is loaded again, and the steps go on."""
    shown = "document.querySelectorAll('section.present .fragment.visible').length"
    deck.go("myth-knowledge", steps=2)
    place, visible = deck.place, deck.page.evaluate(shown)
    assert visible > 0
    assert place[1] >= 0
    change(deck.slide("03"), "title: ", "title: Edited ")
    deck.shows("Edited")
    assert deck.place == place
    assert deck.same_page
    assert deck.page.evaluate(shown) == visible
    deck.page.keyboard.press("ArrowLeft")
    assert deck.place == (place[0], place[1] - 1)


def test_an_edit_of_another_slide_moves_nothing(deck: Open) -> None:
    """The slide on the screen keeps its very elements."""
    deck.go("myth-knowledge", steps=1)
    deck.page.evaluate("document.querySelector('section.present h1').mine = true")
    change(deck.slide("05"), "title: ", "title: Elsewhere ")
    deck.shows("Elsewhere")
    assert deck.page.evaluate("document.querySelector('section.present h1').mine")
    assert deck.same_page


def test_a_fault_stands_over_the_slide_and_goes_by_itself(deck: Open) -> None:
    """With path, line and hint; the slide stays; the script and talk.toml count as well."""
    deck.go("myth-knowledge")
    for path, old, new, said in (
        (deck.slide("03"), "layout: myth", "layout: mith", "03-myth-knowledge.md:2"),
        (deck.root / "talk.toml", "[pace]", "[pace", "talk.toml:"),
        (deck.root / "script" / "voiceover.md", "Enough theory.", "{{ no }}", "voiceover.md:"),
        (deck.root / "script" / "voiceover.md", "**[CLICK]**", "**[CLIK]**", "voiceover.md:47"),
    ):
        text = path.read_text("utf-8")
        change(path, old, new)
        deck.page.wait_for_selector(".live-fault")
        assert said in deck.page.inner_text(".live-fault .where")
        assert deck.page.locator("section.present h1").is_visible()
        path.write_text(text, "utf-8")
        deck.page.wait_for_selector(".live-fault", state="detached")
    assert deck.same_page


def test_a_file_saved_in_two_writes_shows_no_fault(deck: Open) -> None:
    """An editor that empties the file first, then writes it."""
    deck.go("myth-knowledge")
    deck.page.evaluate(
        "window.faults = 0; new MutationObserver(() => {"
        " if (document.querySelector('.live-fault')) window.faults += 1; })"
        ".observe(document.body, { childList: true })"
    )
    path = deck.slide("03")
    text = path.read_text("utf-8").replace("title: ", "title: Whole ")
    with path.open("w", encoding="utf-8") as file:
        file.flush()
        deck.page.wait_for_timeout(40)
        file.write(text)
    deck.shows("Whole")
    assert deck.page.evaluate("window.faults") == 0


def test_a_slide_that_is_shown_is_removed_and_put_back(deck: Open) -> None:
    """The last slide: the one before it is shown then."""
    script = deck.root / "script" / "voiceover.md"
    new = deck.root / "deck" / "slides" / "23-extra.md"
    new.write_text("---\nlayout: quote\ntitle: One more\n---\nMore of it\n", "utf-8")
    change(script, "## CLOSING", "## SLIDE 23: MORE [30 seconds]\n\nMore.\n\n## CLOSING")
    until(lambda: "extra" in deck.service.shown.deck.sections, "the new slide")
    deck.go("extra")
    assert deck.place[0] == "extra"
    new.unlink()
    wait_until(deck.page, "!document.getElementById('extra')")
    assert deck.place[0] == "thanks"
    assert deck.same_page
    deck.page.keyboard.press("ArrowLeft")
    assert deck.place[0] != "thanks"
    new.write_text("---\nlayout: quote\ntitle: One more\n---\nBack again\n", "utf-8")
    deck.shows("Back again")
    assert deck.page.evaluate("document.querySelectorAll('nav.timeline a').length") == 23


def test_a_renamed_slide_stays_on_the_screen(deck: Open) -> None:
    """Its name is the section's id; its place is the same."""
    deck.go("cheat-sheet")
    deck.slide("19").rename(deck.slide("19").with_name("19-recipe.md"))
    wait_until(deck.page, "document.getElementById('recipe')")
    wait_until(deck.page, "Reveal.getCurrentSlide().id === 'recipe'")
    assert deck.same_page


def test_the_server_killed_and_started_again(deck: Open, talk: Path) -> None:
    """The deck goes on without it, and catches up with what was saved meanwhile."""
    with served(talk) as (server, service):
        port = server.port
        other = Open(talk, server, service, deck.page)
        other.go("myth-knowledge", steps=1)
    deck.page.wait_for_selector(".live-word:not([hidden])")
    deck.page.keyboard.press("ArrowRight")
    place = deck.place
    change(deck.slide("03"), "title: ", "title: Meanwhile ")
    with served(talk, port=port):
        deck.shows("Meanwhile")
        assert deck.place == place
        assert deck.same_page


def test_a_new_stylesheet_comes_without_a_flash(deck: Open) -> None:
    """The old rules stay until the new ones are loaded."""
    deck.page.add_init_script(
        "window.sockets = []; window.WebSocket = class extends WebSocket {"
        " constructor(address) { super(address); sockets.push(this); } };"
    )
    deck.page.reload()
    deck.page.evaluate("window.mark = 'not loaded again'")
    deck.go("myth-knowledge")
    deck.page.evaluate(
        "() => { const { frame } = document.querySelector('script[data-frame]').dataset;"
        " const patch = { type: 'patch', version: 'next', frame, css: 'abc' };"
        " sockets[0].onmessage({ data: JSON.stringify(patch) }); }"
    )
    wait_until(
        deck.page,
        "document.querySelectorAll('link[href^=\"deck.css\"]').length === 1 &&"
        " document.querySelector('link[href^=\"deck.css\"]').href.endsWith('?abc')",
    )
    assert deck.same_page


def test_a_phone_keeps_its_scroll(deck: Open, browser: Any) -> None:
    """Held upright the deck is one long page."""
    context = browser.new_context(viewport={"width": 390, "height": 800})
    phone = Open(deck.root, deck.server, deck.service, context.new_page())
    phone.go("myth-knowledge")
    top = "(document.querySelector('.reveal-viewport') || document.scrollingElement).scrollTop"
    phone.page.evaluate(f"{top} += 300")
    before = phone.page.evaluate(top)
    assert before > 0
    change(deck.slide("20"), "title: ", "title: Below ")
    phone.shows("Below")
    assert phone.page.evaluate(top) == before
    assert phone.same_page
    context.close()


def test_several_browsers_show_the_same_edit(deck: Open, browser: Any) -> None:
    """Each at its own slide."""
    contexts = [browser.new_context(viewport={"width": 640, "height": 360}) for _ in range(5)]
    opened = [Open(deck.root, deck.server, deck.service, c.new_page()) for c in contexts]
    names = ("title", "overview", "myth-knowledge", "demo", "thanks")
    for one, name in zip(opened, names, strict=True):
        one.go(name)
    change(deck.slide("03"), "title: ", "title: For all ")
    for one, name in zip(opened, names, strict=True):
        one.shows("For all")
        assert one.place[0] == name
    for context in contexts:
        context.close()


def test_many_broken_saves_leave_the_preview_up(deck: Open) -> None:
    """Two hundred here, a thousand in benchmarks/serve.py."""
    deck.go("myth-knowledge", steps=1)
    path = deck.slide("03")
    text = path.read_text("utf-8")
    for number in range(200):
        path.write_text(text[: number % len(text)] + "\n{{ broken", "utf-8")
    path.write_text(text.replace("title: ", "title: Survived "), "utf-8")
    deck.shows("Survived")
    deck.page.wait_for_selector(".live-fault", state="detached")
    assert deck.same_page


FIT = "document.querySelector('.live-fit')?.textContent ?? ''"
TOO_MUCH = "words that run off the slide " * 60


def test_what_overflows_is_said_over_its_slide(deck: Open, said: list[str]) -> None:
    """With pixels, and once in the terminal with its line; it goes when it is mended."""
    deck.go("final-words")
    assert deck.page.evaluate(FIT) == ""
    slide = deck.slide("21")
    change(slide, "::: after", f"{TOO_MUCH}\n\n::: after")
    wait_until(deck.page, f"/body.* runs \\d+ px off the slide/.test({FIT})")
    until(lambda: any("px off the slide" in one for one in said), "a word in the terminal")
    (first,) = [one for one in said if "px off the slide" in one and "`body`" in one]
    assert first.startswith(f"warning: deck/slides/{slide.name}:")
    deck.page.keyboard.press("ArrowLeft")
    wait_until(deck.page, f"{FIT} === ''")
    deck.page.keyboard.press("ArrowRight")
    wait_until(deck.page, f"{FIT} !== ''")
    change(slide, f"{TOO_MUCH}\n\n", "")
    wait_until(deck.page, f"{FIT} === ''")
    assert deck.same_page


def test_a_closed_word_stays_closed_until_it_is_another(deck: Open) -> None:
    """And the audience's window never has it."""
    slide = deck.slide("21")
    change(slide, "::: after", f"{TOO_MUCH}\n\n::: after")
    deck.go("final-words")
    wait_until(deck.page, f"{FIT} !== ''")
    deck.page.click(".live-fit button")
    deck.page.keyboard.press("ArrowLeft")
    deck.page.keyboard.press("ArrowRight")
    assert deck.page.evaluate(FIT) == ""
    change(slide, TOO_MUCH, TOO_MUCH * 2)
    wait_until(deck.page, f"{FIT} !== ''")
    deck.page.evaluate("sessionStorage.setItem('deck-pair', 'x')")
    deck.page.keyboard.press("ArrowLeft")
    deck.page.keyboard.press("ArrowRight")
    wait_until(deck.page, f"{FIT} === ''")


def test_the_first_code_of_a_talk_comes_and_later_its_new_signs(deck: Open) -> None:
    """With its face, colours and button; a sign that the face lacked so far is there, too."""
    deck.go("myth-rag-cheating", steps=2)
    deck.page.evaluate("document.fonts.ready.then(() => true)")
    path = deck.slide("05")
    change(path, "\n:::\n::: instead", "\n```python title=a.py\nx = 1\n```\n:::\n::: instead")
    # The page is loaded anew for the browser code.
    deck.page.wait_for_selector("section.present .listing .copy", state="attached")
    wait_until(deck.page, "document.documentElement.dataset.ready")
    wait_until(deck.page, "document.fonts.check('20px Code')")
    colour = "getComputedStyle(document.querySelector('.line .n')).color !== 'rgb(0, 0, 0)'"
    wait_until(deck.page, colour)
    before = deck.service.shown.deck.files["code.woff2"]  # type: ignore[union-attr]
    faces = deck.page.evaluate("[...document.fonts].filter(f => f.family === 'Code').length")
    change(path, "x = 1", "x = '├─λ'")
    deck.shows("├─λ")
    count = "[...document.fonts].filter(f => f.family === 'Code').length"
    wait_until(deck.page, f"faces => {count} > faces", arg=faces)
    assert deck.service.shown.deck.files["code.woff2"] != before  # type: ignore[union-attr]
