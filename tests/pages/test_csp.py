"""A strict policy on every page: what a template put in runs, what came with content never does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup, escape
from msgspec.structs import replace
from support.browsing import wait_until
from support.rehearsed import build_pages, made_up_record, small_talk

from pipeline.pages.csp import HOSTED, LOCAL, Inline, hashed, policy
from pipeline.pages.deck import DeckMaker, deck_input, deck_page
from pipeline.pages.script import script_files
from pipeline.rehearsal.report import report
from pipeline.rehearsal.shown import report_page

PAGES = ("index.html", "rehearse.html", "script.html", "rehearsals.html")
EVIL = (
    "<script>window.evil = 1</script><img src='x' onerror='window.evil = 2'>"
    "<svg onload='window.evil = 3'/><style>body { display: none }</style>"
    "<a href='javascript:window.evil = 4' id='link'>x</a>"
)


def test_a_policy_lists_what_is_put_in_and_no_more() -> None:
    """Hashes of the inline texts; files of its own or none; nothing inline, nothing from afar."""
    page = policy(scripts=[Inline("a()")], styles=[Inline("b{}")], files=HOSTED)
    rules = dict(rule.split(" ", 1) for rule in page.split("; "))
    assert rules["script-src"] == f"'self' {hashed('a()')}"
    assert rules["style-src"] == f"'self' {hashed('b{}')}"
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    whole = policy(scripts=[Inline("a()")], files="", runs_files=False)
    assert "'self'" not in whole
    assert "unsafe" not in page + whole


def test_a_text_cant_end_its_own_element() -> None:
    """`</` means the same when it is escaped, and ends nothing; the hash is that of what stands."""
    text = Inline('.a::after{content:"</style><script>x()</script><!--"}')
    written = str(escape(text))
    assert "</" not in written
    assert "<!--" not in written
    assert text.hashed == hashed(written)


def test_what_stands_in_a_slide_gets_no_hash(tmp_path: Path) -> None:
    """A script that came in with content is in the page, and its policy doesn't know it."""
    talk = small_talk(tmp_path / "talk")
    deck = DeckMaker(tmp_path).make(deck_input(talk, tmp_path))
    sections = {name: section + Markup(EVIL) for name, section in deck.sections.items()}
    page = deck_page(replace(deck, sections=sections))
    assert "window.evil = 1" in page
    assert hashed("window.evil = 1") not in page
    assert deck_page(deck).partition("<title>")[0] == page.partition("<title>")[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All pages of a speaker's folder, as a build and a report leave them."""
    root = tmp_path_factory.mktemp("pages")
    talk, out = small_talk(root / "talk"), root / "out"
    build_pages(talk, out)
    for name, content in script_files(talk).items():
        (out / name).write_bytes(content)
    page = report_page(report([made_up_record(talk)], talk))
    (out / "rehearsals.html").write_text(page, "utf-8")
    return out


def opened(browser: Any, path: Path) -> tuple[Any, list[str]]:
    """A page of the folder, opened as a file, and what its policy complains about."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(path.as_uri())
    page.wait_for_load_state("load")
    return page, complaints


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_pages_work_from_a_folder_under_their_policy(name: str, folder: Path, browser: Any) -> None:
    """Nothing that they need is stopped: styles, scripts, typeface, the deck in their frames."""
    page, complaints = opened(browser, folder / name)
    page.evaluate("document.fonts.ready.then(() => true)")
    assert page.evaluate("getComputedStyle(document.body).fontFamily").startswith("Manrope")
    if name in ("index.html", "rehearsals.html"):
        assert page.evaluate("[...document.fonts].some(face => face.status === 'loaded')")
    if name == "index.html":
        page.wait_for_selector("html[data-ready]")
        wait_until(page, "document.getElementById('spoken').dataset.ready")
    if name == "rehearse.html":
        frame = page.frame_locator("#current")
        frame.locator("html[data-ready]").wait_for(state="attached")
        assert LOCAL in page.content()
    assert complaints == []
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_what_is_put_into_a_page_never_runs(
    name: str, folder: Path, browser: Any, tmp_path: Path
) -> None:
    """Elements, handlers, styles and links that no template wrote do nothing."""
    text = (folder / name).read_text("utf-8")
    assert text.count("</main>") == 1
    path = folder / f"evil-{name}"
    path.write_text(text.replace("</main>", f"{EVIL}</main>"), "utf-8")
    page, complaints = opened(browser, path)
    page.evaluate("document.getElementById('link').click()")
    page.wait_for_timeout(200)
    assert page.evaluate("window.evil") is None
    assert page.evaluate("getComputedStyle(document.body).display") != "none"
    assert any("Content Security Policy" in complaint for complaint in complaints)
    page.close()
