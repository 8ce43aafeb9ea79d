"""Pictures and videos in a browser: shown, played, stopped, printed, under the strict policy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.browsing import wait_until
from support.media import drawn, photo, talk_with
from support.needs import ROOT
from support.published import no_camera, published

from pipeline.export.pdf import export_pdf
from pipeline.pages.speaker import write_speaker_pages
from pipeline.talk import Talk

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MEDIA = ROOT / "tests/fixtures/media"
SLIDE = """\
---
layout: video
title: A film
video: demo.webm
alt: A square moves
start: step
---
::: left
![By day](p.png){.screen}
:::
::: right
![](clear.png){.decoration}
:::
::: point
[the paper](paper.txt)
:::
"""
VIDEO = "document.querySelector('#steps video')"
SHOW = "Reveal.slide(1, 0, {step})"


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    """Three slides; the second has a video that waits for its step, and pictures."""
    return talk_with(
        tmp_path_factory.mktemp("media") / "talk",
        SLIDE,
        {
            "deck/demo.webm": (MEDIA / "demo.webm").read_bytes(),
            "deck/p.png": photo("PNG", (640, 360)),
            "deck/p.dark.png": drawn(),
            "deck/clear.png": drawn(mode="RGBA"),
            "paper.txt": "A paper",
        },
    )


@pytest.fixture(scope="module")
def deck(talk: Talk) -> Path:
    out = talk.config.root / "out" / "speaker"
    write_speaker_pages(talk, out, talk.config.root / ".cache")
    return out / "index.html"


class Opened:
    """A deck in a page, and what the browser complained of."""

    def __init__(self, browser: Any, path: Path, motion: str = "no-preference") -> None:
        self.context = browser.new_context(
            viewport={"width": 1280, "height": 720}, reduced_motion=motion
        )
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda m: m.type == "error" and self.complaints.append(m.text))
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("html[data-ready]")


@pytest.fixture
def opened(browser: Any, deck: Path) -> Iterator[Opened]:
    made = Opened(browser, deck)
    yield made
    made.context.close()
    assert made.complaints == []


def test_a_video_plays_on_its_step_and_stops_when_its_slide_goes(opened: Opened) -> None:
    """Muted; before its step it waits, and after its slide it is at its beginning again."""
    page = opened.page
    page.evaluate(SHOW.format(step=-1))
    page.wait_for_timeout(200)
    assert page.evaluate(f"{VIDEO}.paused && {VIDEO}.muted")
    page.keyboard.press("ArrowRight")
    wait_until(page, f"!{VIDEO}.paused && {VIDEO}.currentTime > 0")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getIndices().h") == 2
    wait_until(page, f"{VIDEO}.paused && {VIDEO}.currentTime === 0")


def test_a_videos_keys_do_not_move_the_slides(opened: Opened) -> None:
    """Reached by Tab it takes Space and arrows; elsewhere they are the deck's."""
    page = opened.page
    page.evaluate(SHOW.format(step=0))
    wait_until(page, f"!{VIDEO}.paused")
    page.keyboard.press("Tab")
    page.evaluate(f"{VIDEO}.focus({{focusVisible: true}})")
    page.keyboard.press("Space")
    wait_until(page, f"{VIDEO}.paused")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getIndices().h") == 1


def test_who_wants_no_motion_starts_it_by_hand(browser: Any, deck: Path) -> None:
    """Its controls are there."""
    made = Opened(browser, deck, "reduce")
    made.page.evaluate(SHOW.format(step=0))
    made.page.wait_for_timeout(300)
    assert made.page.evaluate(f"{VIDEO}.paused && {VIDEO}.controls")
    made.context.close()


def test_one_of_two_pictures_is_shown_and_loaded(opened: Opened) -> None:
    """By day the one, by night the other; what can be seen through gets a light ground."""
    page = opened.page
    page.evaluate(SHOW.format(step=-1))
    seen = "name => document.querySelector('#steps .by-' + name).checkVisibility()"
    loaded = "name => document.querySelector('#steps .by-' + name).naturalWidth > 0"
    wait_until(page, f"({loaded})('day')")
    assert page.evaluate(seen, "day")
    assert not page.evaluate(seen, "night")
    assert not page.evaluate(loaded, "night")
    page.keyboard.press("d")
    wait_until(page, f"({loaded})('night')")
    assert page.evaluate(seen, "night")
    ground = "getComputedStyle(document.querySelector('#steps .clear img')).backgroundColor"
    assert page.evaluate(ground) == "rgb(255, 255, 255)"


def test_a_picture_stays_inside_its_place_and_keeps_its_shape(opened: Opened) -> None:
    """In its frame, too."""
    page = opened.page
    page.evaluate(SHOW.format(step=-1))
    wait_until(page, "document.querySelector('#steps .by-day').naturalWidth > 0")
    shape = page.evaluate(
        "(() => { const image = document.querySelector('#steps .by-day');"
        " const style = getComputedStyle(image);"
        " const w = image.clientWidth - parseFloat(style.paddingLeft) * 2;"
        " const h = image.clientHeight - parseFloat(style.paddingTop)"
        " - parseFloat(style.paddingBottom);"
        " const box = image.getBoundingClientRect();"
        " const outer = image.closest('.part').getBoundingClientRect();"
        " return [w / h, box.right <= outer.right + 1, box.bottom <= outer.bottom + 1]; })()"
    )
    assert shape == [pytest.approx(16 / 9, abs=0.02), True, True]


def test_paper_has_pictures_and_the_poster(talk: Talk, deck: Path, tmp_path: Path) -> None:
    """A page a slide; pictures that no window came near to are there."""
    import pypdf

    made = export_pdf(deck, tmp_path / "slides.pdf", tmp_path, len(talk.slides))
    page = pypdf.PdfReader(made).pages[1]
    assert "A square moves · 0:01" in page.extract_text()
    assert any(image.name.endswith(".jpg") for image in page.images)  # a photo stays small


def test_one_file_plays_and_shows_without_a_request(
    browser: Any, talk: Talk, tmp_path: Path
) -> None:
    """The published deck in one file: pictures and the video inside, nothing refused."""
    with pytest.MonkeyPatch.context() as patch:
        no_camera(patch)
        site = published(talk, tmp_path, single_file=True)
    assert {"files/paper.txt"} <= site.sizes.keys()
    made = Opened(browser, site.folder / "offline.html")
    made.page.evaluate(SHOW.format(step=0))
    wait_until(made.page, f"!{VIDEO}.paused && {VIDEO}.currentTime > 0")
    wait_until(made.page, "document.querySelector('#steps .by-day').naturalWidth > 0")
    assert made.complaints == []
    made.page.goto((site.folder / "reading.html").as_uri())
    wait_until(made.page, "document.querySelector('picture img').naturalWidth > 0")
    assert made.page.evaluate("document.querySelector('video').controls")
    assert made.complaints == []
    made.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(browser: Any, deck: Path, theme: str) -> None:
    """No rule of axe is violated by pictures and videos, best practice too."""
    from axe_playwright_python.base import AXE_FILE_PATH

    page = browser.new_page(viewport={"width": 1280, "height": 720}, bypass_csp=True)
    page.goto(f"{deck.as_uri()}?theme={theme}")
    page.wait_for_selector("html[data-ready]")
    page.evaluate(Path(AXE_FILE_PATH).read_text("utf-8"))
    page.evaluate(SHOW.format(step=0))
    page.wait_for_timeout(300)
    run = "axe.run({preload: false}).then(run => run.violations.map(v => v.id + v.help))"
    assert page.evaluate(run) == []
    page.close()
