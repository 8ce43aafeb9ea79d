"""The two windows on a stage: faults of the audience's, its captions, and finding it again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.browsing import wait_until
from support.rehearsed import build_pages, small_talk

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("staged")
    return build_pages(small_talk(root / "talk"), root / "speaker")


class Windows:
    """The speaker's page on its second slide, and the audience's window that it opened."""

    def __init__(self, context: Any, site: Path) -> None:
        self.page = context.new_page()
        self.page.goto(site.as_uri())
        self.page.wait_for_selector("html[data-ready]")
        with self.page.expect_popup() as popup:
            self.page.keyboard.press("s")
        self.audience = popup.value
        self.audience.wait_for_selector("html[data-ready]")
        self.page.keyboard.press("ArrowRight")


@pytest.fixture(scope="module")
def windows(browser: Any, site: Path) -> Iterator[Windows]:
    """Each test leaves them as it found them; an error in one fails the last test."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    wrong: list[str] = []
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    yield Windows(context, site)
    context.close()
    assert wrong == []


def state(page: Any, words: str) -> None:
    """Waits until the corner of the speaker's page says so."""
    said = "document.querySelector('#audience-state').innerText"
    wait_until(page, f"words => {said}.includes(words)", words)


def test_what_is_wrong_with_the_audiences_window_is_said(windows: Windows) -> None:
    """It stops painting, and S opens another in its place; or it is covered: each has its name."""
    page, audience = windows.page, windows.audience
    state(page, "in step")
    audience.evaluate("void (window.requestAnimationFrame = () => 0)")
    state(page, "frozen")
    page.keyboard.press("w")
    assert "S opens it again" in page.inner_text("#projector")
    page.keyboard.press("w")
    with page.expect_popup() as popup, audience.expect_event("close"):
        page.keyboard.press("s")
    windows.audience = audience = popup.value
    state(page, "in step")
    audience.evaluate(
        "Object.defineProperty(document, 'hidden', { get: () => true, configurable: true });"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    state(page, "hidden")
    audience.evaluate("delete document.hidden")
    state(page, "in step")


def test_a_window_that_shows_the_slide_is_not_opened_again(windows: Windows) -> None:
    """S leaves a good one as it is, and loads one of another build again: no second one."""
    page, audience = windows.page, windows.audience
    state(page, "in step")
    audience.evaluate("void (window.isSame = true)")
    page.keyboard.press("s")
    wait_until(page, "document.querySelector('#message').innerText.includes('is open')")
    assert audience.evaluate("window.isSame")
    assert len(page.context.pages) == 2
    tell_build = """build => parent.postMessage({type: "shown", build,
      pair: new URLSearchParams(location.search).get("pair")}, "*")"""
    current = next(frame for frame in page.frames if "role=current" in frame.url)
    current.evaluate(tell_build, 7)
    state(page, "old build")
    with audience.expect_event("load"):
        page.keyboard.press("s")
    audience.wait_for_selector("html[data-ready]")
    current.evaluate(tell_build, 0)  # not known
    state(page, "in step")
    assert len(page.context.pages) == 2


def test_one_key_fills_the_audiences_screen_and_leads_back(windows: Windows) -> None:
    """Where the browser wants a press in that window, each F on the page says so."""
    page, audience = windows.page, windows.audience
    full = "document.fullscreenElement !== null"
    root = "document.documentElement"
    audience.evaluate(f"void ({root}.requestFullscreen = () => Promise.reject(new Error()))")
    for _ in range(2):
        page.keyboard.press("f")
        wait_until(page, "document.querySelector('#message').innerText.includes('pressed there')")
        page.evaluate("document.querySelector('#message').textContent = ''")
    audience.evaluate(f"delete {root}.requestFullscreen")
    audience.click("#full-screen button")
    wait_until(audience, full)
    for key, wanted in (("f", f"!({full})"), ("f", full)):
        audience.keyboard.press(key)
        wait_until(audience, wanted)
    page.keyboard.press("f")
    wait_until(audience, f"!({full})")


def test_a_link_works_before_the_address_is_written(windows: Windows) -> None:
    """reveal.js writes it late: a link to where it still stands leads there all the same."""
    audience = windows.audience
    audience.evaluate(
        """(() => { const link = document.querySelector("nav.timeline a");
          Reveal.slide(0); history.replaceState(null, "", link.hash);
          Reveal.slide(1); link.click(); })()"""
    )
    wait_until(audience, "Reveal.getIndices().h === 0")
    audience.evaluate("Reveal.slide(1)")


CAPTURED = """(() => {
  const video = document.createElement("canvas").captureStream(), [track] = video.getTracks();
  track.getSettings = () => ({displaySurface: window.surface});
  window.asked = (window.asked ?? 0) + 1;
  window.track = track;
  return new Promise((give, refuse) => Object.assign(window, {give: () => give(video), refuse}));
})"""


def test_a_picture_of_the_window_says_what_it_is_of(windows: Windows) -> None:
    """It is asked for once, is named as the browser names it, and ends there or here."""
    page = windows.page
    page.evaluate(f"void (navigator.mediaDevices.getDisplayMedia = {CAPTURED})")
    page.keyboard.press("w")
    button, picture = page.locator("#projector button"), page.locator("#projector .picture")
    for surface, words in (("browser", "that tab"), ("monitor", "whole screen")):
        page.evaluate("surface => { window.surface = surface; window.asked = 0; }", surface)
        button.click()
        button.click()
        page.evaluate("give()")
        wait_until(page, "document.querySelector('#projector video') !== null")
        assert words in picture.inner_text()
        assert page.evaluate("window.asked") == 1
        assert button.inner_text() == "End the picture"
        if surface == "browser":
            page.evaluate("track.onended()")
        else:
            button.click()
        assert picture.inner_text() == ""
        assert page.evaluate("track.readyState") == "ended"
    button.click()
    page.evaluate("refuse(new Error())")
    wait_until(page, "document.querySelector('#message').innerText.includes('No picture')")
    button.click()
    page.keyboard.press("w")  # closed before the browser answers
    page.evaluate("give()")
    wait_until(page, "track.readyState === 'ended'")
    assert button.text_content() == "Picture of it"


def test_captions_stand_under_the_slide(windows: Windows) -> None:
    """Two lines of 28 pixels or more, off the slide; gone in black, and when turned off."""
    page, audience = windows.page, windows.audience
    state(page, "in step")
    sentence = (
        "So before anything is baked we ask what an oven would have done, and it is: nothing."
    )
    page.evaluate(
        "text => { const token = sessionStorage.getItem('presenter-pair');"
        " window.channel = new BroadcastChannel(`pair-${token}`);"
        " window.caption = (count) => channel.postMessage({ pair: token, role: 'presenter',"
        " from: 'voice', count, type: 'caption', text }); }",
        sentence,
    )
    page.keyboard.press("c")
    state(page, "captions")
    page.evaluate("caption(1)")
    audience.wait_for_selector("#caption")
    found = audience.evaluate(
        """(() => { const box = (s) => document.querySelector(s).getBoundingClientRect();
          const style = getComputedStyle(document.querySelector("#caption span"));
          return { slide: box(".slides").bottom - 44 * Reveal.getScale(),
            strip: box("#caption").top, text: box("#caption span").height,
            height: box("#caption").height,
            size: parseFloat(style.fontSize) }; })()"""
    )
    assert audience.inner_text("#caption") == sentence
    assert found["size"] >= 28
    assert found["text"] <= found["height"]
    assert found["slide"] <= found["strip"] + 1
    audience.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("caption(2)")  # of a small window it takes more lines
    wait_until(audience, "getComputedStyle(document.querySelector('#caption')).fontSize === '18px'")
    wait_until(audience, "document.querySelector('#caption').offsetHeight > 64")
    audience.set_viewport_size({"width": 1280, "height": 720})
    page.keyboard.press("b")
    audience.wait_for_selector("#caption", state="detached")
    page.keyboard.press("b")
    page.evaluate("caption(3)")
    audience.wait_for_selector("#caption")
    page.keyboard.press("c")
    audience.wait_for_selector("#caption", state="detached")
    assert audience.evaluate("document.documentElement.dataset.room") == "0"


def test_a_page_that_is_opened_again_finds_the_audiences_window(windows: Windows) -> None:
    """The speaker's page was closed amid the talk: a new one has its clock, place and window."""
    page, audience = windows.page, windows.audience
    state(page, "in step")
    again = page.context.new_page()
    page.close(run_before_unload=False)
    windows.page = again
    again.goto(page.url)
    again.wait_for_selector("html[data-ready]")
    state(again, "in step")
    assert again.evaluate("document.body.dataset.mode") == "running"
    again.keyboard.press("ArrowRight")
    wait_until(audience, "Reveal.getIndices().h === 2 || Reveal.getIndices().f === 0")
