"""The live demo and the film of the training, in Chromium, with a stand-in for the models."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.browsing import wait_until
from support.live_talk import StandIn, copy_talk, faultless_page, served, until

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.getbasetemp() / "live"
    return copy_talk(tmp_path_factory.mktemp("live-browser"), base)


@pytest.fixture(scope="module")
def go() -> threading.Event:
    return threading.Event()


@pytest.fixture(scope="module")
def model() -> StandIn:
    return StandIn()


@pytest.fixture(scope="module")
def serving(talk: Path, go: threading.Event, model: StandIn) -> Iterator[Any]:
    def load() -> StandIn:
        go.wait(120)
        return model

    with served(talk, load) as both:
        yield both
        go.set()


@pytest.fixture
def page(serving: Any, browser: Any) -> Iterator[Any]:
    with faultless_page(browser) as made:
        yield made


def show(page: Any, url: str, name: str) -> None:
    page.goto(f"{url}#/{name}")
    wait_until(page, "document.documentElement.dataset.ready")
    wait_until(page, "document.querySelector('.live-panel')")


def test_recorded_first_then_live_and_an_edit_keeps_what_is_typed(
    page: Any, serving: Any, go: threading.Event, talk: Path, model: StandIn
) -> None:
    """The recorded examples stand where the live answers come, and nothing jumps."""
    server, service = serving
    show(page, server.url, "demo")
    page.wait_for_selector(".live-button:not([hidden])")
    page.keyboard.press("l")
    page.wait_for_selector(".live-panel:not([hidden])")
    wait_until(page, "document.querySelectorAll('.live-panel option').length > 5")
    page.select_option(".live-panel select", index=1)
    page.wait_for_selector(".live-panel .verdict")
    assert page.inner_text(".live-panel .word") == "recorded"
    said = page.locator(".live-panel .verdict").all_inner_texts()
    assert len(said) == 3
    assert "spam" in said[0]
    assert "99.9%" in said[0]
    size = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.note')).fontSize)")
    assert size >= 24
    page.fill(".live-panel textarea", "Win a prize now")
    wait_until(page, "document.querySelector('.live-panel').innerText.includes('loading')")
    go.set()
    page.wait_for_selector('.live-panel[data-live="yes"] .verdict')
    assert "91.2%" in page.inner_text(".live-panel .verdict")
    page.wait_for_selector(".live-panel .live-token.positive")
    moved = "document.querySelectorAll('.live-token')[2].style.getPropertyValue('--moved')"
    assert page.evaluate(moved) == "1.000"
    note = page.inner_text(".live-panel .note")
    assert "left out in turn: “prize” moves spam most, by 50.0%" in note
    assert model.asked[-1] == "Win a prize now"
    place = page.evaluate("JSON.stringify(Reveal.getIndices())")
    path = talk / "deck" / "slides" / "14-demo.md"
    text = path.read_text("utf-8")
    path.write_text(text.replace("### Before training", "### Long before"), "utf-8")
    wait_until(page, "document.body.textContent.includes('Long before')")
    assert page.input_value(".live-panel textarea") == "Win a prize now"
    assert page.locator(".live-panel .verdict").count() == 3
    assert page.evaluate("JSON.stringify(Reveal.getIndices())") == place
    path.write_text(text, "utf-8")
    until(lambda: "Long before" not in service.shown.page, "the slide, back")


def test_keys_typed_into_the_demo_are_no_commands(page: Any, serving: Any, go: Any) -> None:
    """N would go on, D would switch the theme, an arrow would leave the slide; Escape closes."""
    go.set()
    show(page, serving[0].url, "demo")
    page.keyboard.press("l")
    page.wait_for_selector(".live-panel:not([hidden])")
    theme = page.evaluate("document.documentElement.dataset.theme")
    page.keyboard.type("nd l <b>x</b>")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert page.input_value(".live-panel textarea") == "nd l <b>x</b>"
    assert page.evaluate("Reveal.getCurrentSlide().id") == "demo"
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    page.wait_for_selector(".live-panel .live-token")
    assert page.locator(".live-panel .out b").count() == 3  # labels: nothing typed became HTML
    page.keyboard.press("Escape")
    page.wait_for_selector(".live-panel", state="hidden")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("l")
    page.wait_for_selector(".live-panel:not([hidden])")
    page.evaluate("Reveal.slide(0)")
    page.wait_for_selector(".live-panel", state="hidden")
    assert page.locator(".live-button").is_hidden()


def test_the_next_token_is_asked_for_where_next_tokens_are_shown(
    page: Any, serving: Any, go: Any
) -> None:
    """Typed, and taken one by one with Enter."""
    go.set()
    show(page, serving[0].url, "how-llms-work")
    page.click(".live-button")
    page.fill(".live-panel textarea", "The capital is")
    page.wait_for_selector('.live-panel[data-live="yes"] .candidates li')
    assert page.locator(".candidates li").all_inner_texts()[0].split() == ["Canberra", "61.0%"]
    page.keyboard.press("Enter")
    assert page.input_value(".live-panel textarea") == "The capital is Canberra"


@pytest.mark.parametrize("words", [1, 30, 200])
def test_the_demo_covers_whole_pictures_whatever_is_typed(
    words: int, page: Any, serving: Any, go: Any
) -> None:
    """From below the title to above the timeline, its own parts inside, and in letters to read."""
    go.set()
    show(page, serving[0].url, "demo")
    page.keyboard.press("l")
    page.fill(".live-panel textarea", "prize " * words)
    page.wait_for_selector(".live-panel .live-token.positive")
    found = page.evaluate(
        """() => {
          const of = (q) => document.querySelector(q).getBoundingClientRect();
          const panel = of('.live-panel');
          const parts = ['.ask', '.verdicts', '.note', '.tokens'].map(q => of('.live-panel ' + q));
          return {
            gap: panel.top - of('section.present h1').bottom,
            foot: of('nav.timeline').top - panel.bottom,
            inside: parts.every(p => p.top >= panel.top && p.bottom <= panel.bottom),
            apart: parts[1].bottom <= parts[2].top && parts[2].bottom <= parts[3].top,
            letters: parseFloat(getComputedStyle(document.querySelector('.live-token')).fontSize),
          };
        }"""
    )
    assert 0 <= found["gap"] < 30
    assert found["foot"] >= 0
    assert found["inside"]
    assert found["apart"]
    assert found["letters"] >= 24


def test_the_demo_is_readable_in_both_themes(page: Any, serving: Any, go: Any) -> None:
    """axe finds nothing in panel and button, light and dark."""
    from axe_playwright_python.sync_playwright import Axe

    go.set()
    for theme in ("light", "dark"):
        page.goto("about:blank")
        page.goto(f"{serving[0].url}?theme={theme}#/demo")
        wait_until(page, "document.documentElement.dataset.ready")
        page.wait_for_selector(".live-button:not([hidden])")
        page.keyboard.press("l")
        page.fill(".live-panel textarea", "Win a prize now")
        page.wait_for_selector(".live-panel .live-token.positive")
        for part in (".live-panel", ".live-button"):
            found = Axe().run(page, context=part).response["violations"]
            assert [violation["id"] for violation in found] == [], (theme, part)


def test_the_training_is_shown_as_a_film_of_the_runs_log(page: Any, serving: Any) -> None:
    """R plays it over the slide, Escape ends it, and the next step ends it too."""
    show(page, serving[0].url, "demo")
    page.keyboard.press("r")
    page.wait_for_selector("#training svg polyline")
    wait_until(page, "/step [1-9]/.test(document.querySelector('#training p').textContent)")
    size = page.evaluate(
        "Math.min(...[...document.querySelectorAll('#training text')].map(t =>"
        " t.getBoundingClientRect().height))"
    )
    assert size >= 24
    page.keyboard.press("Escape")
    page.wait_for_selector("#training", state="detached")
    page.keyboard.press("r")
    page.wait_for_selector("#training")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#training", state="detached")


def test_with_reduced_motion_the_film_is_its_last_picture(serving: Any, browser: Any) -> None:
    """Every point of the log and every epoch at once."""
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    show(page, serving[0].url, "demo")
    page.keyboard.press("r")
    page.wait_for_selector("#training svg polyline")
    assert "step 837 of 837" in page.inner_text("#training p")
    points = page.get_attribute("#training polyline", "points").split()
    assert len(points) == 83
    assert "kept" in page.text_content("#training svg")
    context.close()
