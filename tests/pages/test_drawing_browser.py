# ruff: noqa: E501 - lines of JavaScript
"""Pointer, pen and zoom in a real browser: in the deck, in the rehearsal page, seen in both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest
from support.browsing import wait_until
from support.rehearsed import build_pages, small_talk

from pipeline.export.drawings import read_drawings, slide_words
from pipeline.export.pdf import export_pdf

pytestmark = pytest.mark.browser

SIZE = {"width": 1280, "height": 720}
# Each stroke of a slide: its tool, whether it is seen, and its box as shares of the slide.
STROKES = """() => {
  const slide = Reveal.getCurrentSlide().querySelector('.slide');
  const of = slide.getBoundingClientRect();
  return [...slide.querySelectorAll('.ink > g')].filter(g => g.checkVisibility()).map(g => {
    const box = g.getBoundingClientRect();
    return [g.classList[0], ...[(box.left - of.left) / of.width, (box.top - of.top) / of.height,
      (box.right - of.left) / of.width, (box.bottom - of.top) / of.height].map(n => Math.round(100 * n) / 100)];
  });
}"""
# The pointer's middle as shares of the slide, or null.
DOT = """() => {
  const dot = document.querySelector('#pointing');
  const of = Reveal.getCurrentSlide().querySelector('.slide').getBoundingClientRect();
  if (!dot || dot.hidden) return null;
  const box = dot.getBoundingClientRect();
  return [(box.left + box.width / 2 - of.left) / of.width, (box.top + box.height / 2 - of.top) / of.height];
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    talk = small_talk(tmp_path_factory.mktemp("drawn") / "talk")
    return build_pages(talk, talk.config.root / "out").parent


@pytest.fixture(scope="module")
def context(browser: Any) -> Iterator[Any]:
    """Shared by all tests, as are its tabs; a script error fails the last one."""
    made = browser.new_context(viewport=SIZE, reduced_motion="reduce")
    wrong: list[str] = []
    made.on("weberror", lambda error: wrong.append(str(error.error)))
    made.on("console", lambda said: wrong.append(said.text))
    yield made
    made.close()
    assert wrong == []


@pytest.fixture(scope="module")
def loaded(context: Any, site: Path) -> Any:
    """The deck, loaded once; `deck` gives it to each test as if it were new."""
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    page.wait_for_selector("html[data-ready]")
    return page


@pytest.fixture
def deck(loaded: Any) -> Any:
    """The deck at its beginning, with no tool held and nothing drawn."""
    clear(loaded)
    loaded.set_viewport_size(SIZE)
    loaded.evaluate("Reveal.slide(0, 0, -1)")
    return loaded


class Windows:
    """The rehearsal page, and the audience's window that it opened."""

    def __init__(self, context: Any, site: Path) -> None:
        self.page = context.new_page()
        self.page.goto((site / "rehearse.html").as_uri())
        self.page.wait_for_selector("html[data-ready]")
        self.open_audience()

    def open_audience(self) -> Any:
        self.page.bring_to_front()
        with self.page.expect_popup() as popup:
            self.page.keyboard.press("s")
        self.audience = popup.value
        self.audience.wait_for_selector("html[data-ready]")
        return self.audience


@pytest.fixture(scope="module")
def windows(context: Any, site: Path) -> Windows:
    return Windows(context, site)


@pytest.fixture
def both(windows: Windows) -> tuple[Any, Any]:
    """Both on the first slide, with no tool held and nothing drawn."""
    if windows.audience.is_closed():
        windows.open_audience()
    page, audience = windows.page, windows.audience
    until(page, "#audience-state", "in step")
    for window in (audience, page):
        clear(window)
    audience.set_viewport_size(SIZE)
    page.keyboard.press("Home")
    wait_until(audience, f"Reveal.getIndices().h === 0 && innerHeight === {SIZE['height']}")
    wait_for_tools(audience)
    page.locator(".whole .ink g").wait_for(state="detached")
    return page, audience


def clear(page: Any) -> None:
    """Lets go of tool and zoom, and clears what is drawn on all slides."""
    held = "document.querySelector('#surface')?.hidden === false"
    zoomed = "document.querySelector('.reveal, .whole').style.transform !== ''"
    for is_there in (held, zoomed):
        if page.evaluate(is_there):
            page.keyboard.press("Escape")
            wait_until(page, f"!({is_there})")
    page.keyboard.press("Shift+Delete")


def until(page: Any, selector: str, words: str) -> None:
    wait_until(
        page, "([s, w]) => document.querySelector(s).innerText.includes(w)", [selector, words]
    )


def take(page: Any, key: str, tool: str) -> None:
    """Takes a tool by its key, and waits until it is in the hand."""
    page.keyboard.press(key)
    wait_until(page, "tool => document.querySelector('#surface')?.dataset.tool === tool", tool)


def drag(page: Any, *points: tuple[float, float], within: str = ".present .slide") -> None:
    """Draws with the mouse through places that are shares of an element."""
    box = page.locator(within).bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=6)
    page.mouse.up()


def strokes(page: Any) -> list[list[Any]]:
    found: list[list[Any]] = page.evaluate(STROKES)
    return found


def tools(page: Any) -> list[str]:
    return [stroke[0] for stroke in strokes(page)]


def wait_for_tools(page: Any, *wanted: str) -> None:
    wait_until(
        page,
        f"wanted => JSON.stringify(({STROKES})().map(one => one[0])) === JSON.stringify(wanted)",
        list(wanted),
    )


# --- In the deck alone --------------------------------------------------------------------------


def test_the_code_is_loaded_when_a_tool_is_first_taken(deck: Any) -> None:
    """A deck in which nobody draws asks for no more than before."""
    deck.evaluate("sessionStorage.clear()")
    deck.reload()
    deck.wait_for_selector("html[data-ready]")
    asked: list[str] = []
    deck.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[-1]))
    deck.mouse.click(640, 360)
    deck.keyboard.press("ArrowRight")
    assert asked == []
    take(deck, "i", "pen")
    assert asked == ["drawing.js"]


def test_the_list_of_keys_names_each_once_and_fits(deck: Any) -> None:
    """A letter that reveal.js lists beside an arrow, and that is a tool's here, is the tool's."""
    deck.evaluate("Reveal.toggleHelp()")
    wait_until(deck, "!document.querySelector('.r-overlay').innerText.includes(', K')")
    keys = deck.locator(".r-overlay-help-content td:first-child").all_inner_texts()
    letters = [letter for key in keys for letter in key.replace(",", " ").split()]
    assert {"←", "↑", "J", "K", "Y"} <= set(letters)
    assert letters.count("K") == letters.count("J") == 1
    box = deck.locator(".r-overlay-content")
    assert box.evaluate("box => box.scrollHeight - box.clientHeight") <= 0
    deck.evaluate("Reveal.toggleHelp()")


def test_strokes_stay_with_slide_and_step(deck: Any) -> None:
    """Drawing moves no slide; what was drawn goes with its slide, and is there after a reload."""
    take(deck, "i", "pen")
    drag(deck, (0.2, 0.2), (0.4, 0.4))
    take(deck, "m", "marker")
    drag(deck, (0.5, 0.5), (0.7, 0.5))
    assert tools(deck) == ["pen", "marker"]
    assert deck.evaluate("Reveal.getIndices().h") == 0
    deck.keyboard.press("ArrowRight")
    assert tools(deck) == []
    drag(deck, (0.1, 0.8), (0.2, 0.8))
    deck.keyboard.press("ArrowLeft")
    before = strokes(deck)
    deck.keyboard.press("Escape")
    assert deck.evaluate("[Reveal.isOverview(), document.querySelector('#surface').hidden]") == [
        False,
        True,
    ]
    # Its address follows it within a second.
    wait_until(deck, "['', `#/${Reveal.getCurrentSlide().id}`].includes(location.hash)")
    deck.reload()
    deck.wait_for_selector("html[data-ready]")
    wait_for_tools(deck, "pen", "marker")
    assert strokes(deck) == before
    deck.keyboard.press("ArrowRight")
    assert tools(deck) == ["marker"]


def test_a_resize_and_a_zoom_leave_strokes_where_they_were_drawn(deck: Any) -> None:
    """They keep their place on the slide in a smaller window, in one of another shape, and zoomed."""
    take(deck, "i", "pen")
    drag(deck, (0.25, 0.25), (0.5, 0.5))
    before = strokes(deck)
    for width, height in ((800, 450), (1024, 768)):
        deck.set_viewport_size({"width": width, "height": height})
        wait_until(deck, f"innerWidth === {width}")
        assert strokes(deck)[0][1:3] == pytest.approx(before[0][1:3], abs=0.015)
        assert strokes(deck)[0][3:] == pytest.approx(before[0][3:], abs=0.015)
    deck.set_viewport_size({"width": 1280, "height": 720})
    deck.mouse.move(320, 180)
    deck.keyboard.press("k")
    slide = ".present .slide"
    assert deck.locator(slide).bounding_box()["width"] == pytest.approx(2.5 * 1280, abs=2)
    assert strokes(deck)[0][1:] == pytest.approx(before[0][1:], abs=0.01)
    drag(deck, (0.3, 0.2), (0.4, 0.2))
    assert strokes(deck)[1][1:3] == pytest.approx([0.3, 0.2], abs=0.01)
    deck.keyboard.press("Escape")  # the pen
    deck.keyboard.press("Escape")  # the zoom
    assert deck.locator(slide).bounding_box()["width"] == pytest.approx(1280, abs=1)
    assert not deck.evaluate("Reveal.isOverview()")


def test_what_was_drawn_is_taken_back_rubbed_out_and_cleared(deck: Any) -> None:
    """Undo and redo, a rubber for whole strokes, Delete for the slide and, with Shift, for all."""
    take(deck, "i", "pen")
    drag(deck, (0.2, 0.2), (0.4, 0.2))
    drag(deck, (0.2, 0.6), (0.4, 0.6))
    deck.keyboard.press("Control+z")
    assert len(strokes(deck)) == 1
    deck.keyboard.press("Control+Shift+z")
    assert len(strokes(deck)) == 2
    take(deck, "j", "rubber")
    drag(deck, (0.3, 0.15), (0.3, 0.3))
    assert [one[2] for one in strokes(deck)] == [pytest.approx(0.6, abs=0.02)]
    deck.keyboard.press("Control+z")
    deck.keyboard.press("ArrowRight")
    take(deck, "i", "pen")
    drag(deck, (0.2, 0.2), (0.4, 0.2))
    deck.keyboard.press("Delete")
    assert strokes(deck) == []
    deck.keyboard.press("Control+z")
    deck.keyboard.press("Shift+Delete")
    assert strokes(deck) == []
    deck.keyboard.press("ArrowLeft")
    assert strokes(deck) == []
    deck.keyboard.press("Control+y")
    deck.keyboard.press("Control+z")
    assert len(strokes(deck)) == 2


def test_a_pointer_is_on_or_as_long_as_its_key_is_held(deck: Any) -> None:
    """A tap turns it on and off; a held key shows it until it is released."""
    take(deck, "y", "pointer")
    deck.mouse.move(640, 360)
    wait_until(deck, f"({DOT})() !== null")
    assert deck.evaluate(DOT) == pytest.approx([0.5, 0.5], abs=0.01)
    width = deck.evaluate("document.querySelector('#pointing').getBoundingClientRect().width")
    assert 20 <= width <= 40
    deck.keyboard.press("y")
    wait_until(deck, f"({DOT})() === null")
    deck.keyboard.down("y")
    deck.mouse.move(320, 360)
    wait_until(deck, f"({DOT})() !== null")
    deck.wait_for_timeout(600)
    deck.keyboard.up("y")
    wait_until(deck, "document.querySelector('#surface').hidden")
    wait_until(deck, f"({DOT})() === null")


def test_a_stylus_draws_thick_and_thin_and_rubs_with_its_end(deck: Any) -> None:
    """By Pointer Events, with pressure; its rubber takes strokes whatever tool is held."""
    take(deck, "i", "pen")
    deck.evaluate(
        """() => {
          const surface = document.querySelector('#surface');
          surface.setPointerCapture = () => {};
          const send = (type, x, y, more) => surface.dispatchEvent(new PointerEvent(type,
            {pointerType: 'pen', isPrimary: true, pointerId: 7, clientX: x, clientY: y, bubbles: true,
              cancelable: true, buttons: 1, ...more}));
          send('pointerdown', 300, 300, {pressure: 0.1});
          for (let i = 1; i <= 20; i += 1) send('pointermove', 300 + 20 * i, 300 + (i % 2), {pressure: i / 20});
          send('pointerup', 700, 300, {});
          window.stylus = send;
        }"""
    )
    widths = "[...document.querySelectorAll('.present .ink path')].map(p => Number(p.getAttribute('stroke-width')))"
    found = deck.evaluate(widths)
    assert max(found) > 2 * min(found)
    deck.evaluate(
        "() => { stylus('pointerdown', 500, 290, {buttons: 32, button: 5}); stylus('pointermove', 500, 300, {buttons: 32}); }"
    )
    assert strokes(deck) == []


def test_what_opens_still_opens_when_no_tool_is_held(deck: Any) -> None:
    """A link of the time line leads on as ever; while a pen is held it is drawn over."""
    link = deck.locator(".timeline a").nth(1)
    # The address follows within a second: a link to where it still stands would lead nowhere.
    wait_until(deck, "there => location.hash !== there", link.get_attribute("href"))
    line = link.bounding_box()
    middle = (line["x"] + line["width"] / 2, line["y"] + line["height"] / 2)
    take(deck, "i", "pen")
    deck.mouse.click(*middle)
    assert deck.evaluate("Reveal.getIndices().h") == 0
    deck.keyboard.press("Escape")
    deck.mouse.click(*middle)
    wait_until(deck, "Reveal.getIndices().h === 1")


def test_fingers_draw_pinch_and_swipe(browser: Any, site: Path) -> None:
    """A tap offers the tools; one finger draws with one, and swipes as ever; two fingers zoom."""
    context = browser.new_context(viewport={"width": 1024, "height": 768}, has_touch=True)
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    page.wait_for_selector("html[data-ready]")
    page.touchscreen.tap(500, 300)
    page.locator("#draw").wait_for(state="visible")
    session = context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    page.locator("#draw").tap()
    touch("touchStart", (300, 300))
    for x in (350, 400, 500):
        touch("touchMove", (x, 320))
    touch("touchEnd")
    assert tools(page) == ["pen"]
    assert page.evaluate("Reveal.getIndices().h") == 0
    page.get_by_role("button", name="Close").tap()
    page.locator("#surface").wait_for(state="hidden")
    width = "document.querySelector('.present .slide').getBoundingClientRect().width"
    touch("touchStart", (400, 300))
    touch("touchStart", (400, 300), (600, 300))
    for step in range(1, 6):
        touch("touchMove", (400 - 20 * step, 300), (600 + 20 * step, 300))
    touch("touchEnd")
    assert page.evaluate(width) == pytest.approx(2 * 1024, rel=0.05)
    touch("touchStart", (400, 300))
    touch("touchMove", (200, 300))
    touch("touchEnd")
    assert page.evaluate("Reveal.getIndices().h") == 0  # a part of the slide is moved
    page.keyboard.press("Escape")
    wait_until(page, f"Math.abs({width} - 1024) < 2")
    touch("touchStart", (600, 300))
    for x in (500, 400, 300):
        touch("touchMove", (x, 300))
    touch("touchEnd")
    wait_until(page, "Reveal.getIndices().h === 1")
    context.close()


def test_paper_shows_what_was_drawn(deck: Any) -> None:
    """Printed from the open deck: the strokes, no tools, no pointer."""
    take(deck, "i", "pen")
    drag(deck, (0.2, 0.2), (0.4, 0.4))
    deck.emulate_media(media="print")
    seen = "s => !!document.querySelector(s)?.checkVisibility({visibilityProperty: true})"
    assert deck.evaluate(seen, ".present .ink g path")
    assert [deck.evaluate(seen, one) for one in ("#tools", "#surface", "#pointing")] == [False] * 3
    deck.emulate_media(media="screen")


# --- In two windows -----------------------------------------------------------------------------

PICTURE = ".now .screen"


def test_what_the_speaker_draws_is_seen_by_the_audience(both: tuple[Any, Any]) -> None:
    """On the page's picture of the slide, at the same place; the other way round, too."""
    page, audience = both
    take(page, "i", "pen")
    drag(page, (0.2, 0.2), (0.6, 0.6), within=PICTURE)
    wait_for_tools(audience, "pen")
    assert strokes(audience)[0][1:] == pytest.approx([0.2, 0.2, 0.6, 0.6], abs=0.02)
    page.keyboard.press("Control+z")
    wait_for_tools(audience)
    take(audience, "m", "marker")
    drag(audience, (0.1, 0.5), (0.9, 0.5))
    page.locator(".whole .ink .marker").wait_for(state="attached")
    audience.keyboard.press("Delete")
    page.locator(".whole .ink .marker").wait_for(state="detached")


def test_the_picture_has_the_shape_of_the_projector(both: tuple[Any, Any]) -> None:
    """On one of 4:3 a slide is taller, and the speaker points at the same place on a slide as tall."""
    page, audience = both
    shape = "(() => { const b = document.querySelector('.now .screen'); return b.clientWidth / b.clientHeight; })()"
    assert page.evaluate(shape) == pytest.approx(16 / 9, abs=0.02)
    audience.set_viewport_size({"width": 1024, "height": 768})
    wait_until(page, f"Math.abs({shape} - 4 / 3) < 0.02")
    frame = page.frame_locator("#current").locator(".present h1")
    frame.wait_for(state="attached")
    place = "h => h.getBoundingClientRect().bottom / innerHeight"
    here = frame.evaluate(place)
    assert here == pytest.approx(audience.locator(".present h1").evaluate(place), abs=0.01)


def test_a_line_is_seen_while_it_is_drawn(both: tuple[Any, Any]) -> None:
    """Not only when the pen is lifted."""
    page, audience = both
    take(page, "i", "pen")
    box = page.locator(PICTURE).bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 60, steps=5)
    wait_for_tools(audience, "pen")
    page.mouse.up()
    wait_for_tools(audience, "pen")


def test_the_pointer_and_the_zoom_are_the_same_in_both(both: tuple[Any, Any]) -> None:
    """The dot where the mouse is on the picture; gone when it leaves; a zoom until the next slide."""
    page, audience = both
    box = page.locator(PICTURE).bounding_box()
    take(page, "y", "pointer")
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.75 * box["height"])
    wait_until(audience, f"({DOT})() !== null")
    assert audience.evaluate(DOT) == pytest.approx([0.25, 0.75], abs=0.02)
    page.keyboard.press("k")
    width = "document.querySelector('.present .slide').getBoundingClientRect().width"
    wait_until(audience, f"{width} > 2.4 * 1280")
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.75 * box["height"])
    page.mouse.move(box["x"] + box["width"] + 50, box["y"])
    wait_until(audience, f"({DOT})() === null")
    page.keyboard.press("ArrowRight")
    wait_until(audience, f"{width} < 1300 && Reveal.getIndices().h === 1")
    assert page.locator(".whole").evaluate("whole => whole.style.transform") == ""


def test_a_window_that_comes_again_has_what_was_drawn(
    windows: Windows, both: tuple[Any, Any]
) -> None:
    """The audience's window is closed and opened again; the page is loaded again."""
    page, audience = both
    take(page, "i", "pen")
    drag(page, (0.2, 0.2), (0.6, 0.6), within=PICTURE)
    wait_for_tools(audience, "pen")
    audience.close()
    until(page, "#audience-state", "No audience window")
    again = windows.open_audience()
    wait_for_tools(again, "pen")
    page.reload()
    page.locator(".whole .ink .pen").wait_for(state="attached")


def test_a_pointer_comes_thirty_times_a_second_and_no_more_than_frames(
    both: tuple[Any, Any],
) -> None:
    """All places of a frame are one message: a fast mouse floods nobody."""
    page, audience = both
    audience.evaluate(
        """() => { window.places = 0; addEventListener('message', ({data}) => {
             if (data?.type === 'pointer') window.places += 1; }); }"""
    )
    take(page, "y", "pointer")
    sent = page.evaluate(
        """async () => {
          const surface = document.querySelector('#surface'), box = surface.getBoundingClientRect();
          let frames = 0;
          for (; frames < 30; frames += 1) {
            for (let i = 0; i < 8; i += 1) surface.dispatchEvent(new PointerEvent('pointermove', {
              isPrimary: true, pointerType: 'mouse', clientX: box.left + 10 + i + frames, clientY: box.top + 20}));
            await new Promise(requestAnimationFrame);
          }
          return frames;
        }"""
    )
    wait_until(audience, f"window.places >= {sent - 2}")
    page.wait_for_timeout(100)  # in which no more come
    assert audience.evaluate("window.places") <= sent + 2


def test_saved_drawings_are_printed_into_the_pdf(deck: Any, site: Path, tmp_path: Path) -> None:
    """The strokes that are seen, each with its slide, in the slide's own units."""
    take(deck, "i", "pen")
    drag(deck, (0.25, 0.5), (0.5, 0.5))
    drag(deck, (0.25, 0.7), (0.5, 0.7))
    deck.keyboard.press("Control+z")
    with deck.expect_download() as download:
        deck.get_by_role("button", name="Save").click()
    download.value.save_as(tmp_path / "drawings.json")
    saved = json.loads((tmp_path / "drawings.json").read_text("utf-8"))
    (stroke,) = saved["strokes"]
    assert stroke["points"] == [[320, 360], [640, 360]]
    assert stroke["slide"] == deck.evaluate("Reveal.getCurrentSlide().id")
    html = deck.evaluate("Reveal.getCurrentSlide().outerHTML")
    assert saved["words"] == {stroke["slide"]: slide_words(html)}
    assert saved["words"][stroke["slide"]]
    drawings = read_drawings(tmp_path / "drawings.json", {stroke["slide"]})
    pdf = export_pdf(
        site / "index.html", tmp_path / "s.pdf", site.parent / ".cache", 3, drawings=drawings
    )
    red = b".702 .2157 .0588 RG"  # `myth` in the light theme
    pages = [page.get_contents() for page in pypdf.PdfReader(pdf).pages]
    assert [red in page.get_data() for page in pages if page is not None] == [True, False, False]
