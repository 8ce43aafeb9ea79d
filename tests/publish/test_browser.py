"""The public site in a real browser: in a sub-folder, from a stick, by keyboard."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from support.browsing import COLOURS
from support.made_up import made_up_results
from support.published import no_camera, published, this_talk

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HOSTILE = (
    '<img src=x onerror="document.title=1">{{ 7 * 7 }}</script><script>document.title=2</script>'
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This talk's site in a folder of a folder; one of its messages is hostile."""
    root = tmp_path_factory.mktemp("served")
    results = made_up_results()
    first = replace(results.examples[0], text=HOSTILE)
    results = replace(results, examples=(first, *results.examples[1:]))
    with pytest.MonkeyPatch.context() as patch:
        no_camera(patch)
        talk = this_talk(root / "talk", results, address="")
        site = published(talk, root / "www" / "some" / "where", single_file=True, transcript=True)
    return site.folder


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """A plain static server over the folders above the site."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    root = folder.parents[2]
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/{folder.relative_to(root).as_posix()}/"
    server.shutdown()
    server.server_close()


class Visit:
    """A page, what it fetched, and what the browser complained of."""

    def __init__(self, browser: Any, url: str, **options: Any) -> None:
        size = options.pop("size", (1280, 720))
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce", **options
        )
        self.page = self.context.new_page()
        self.fetched: list[str] = []
        self.complaints: list[str] = []
        self.context.on("request", lambda request: self.fetched.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._console)
        self.page.goto(url)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def ready(self) -> Any:
        self.page.wait_for_selector("html[data-ready]")
        return self.page


def test_the_deck_runs_from_a_sub_folder(browser: Any, address: str) -> None:
    """22 slides, at most six requests, all into the folder, nothing stopped by the policy."""
    visit = Visit(browser, address)
    page = visit.ready()
    assert page.evaluate("Reveal.getTotalSlides()") == 22
    assert len(visit.fetched) <= 6
    assert all(url.startswith(address) for url in visit.fetched)
    page.evaluate("Reveal.slide(13, 0, 99)")
    assert "{{ 7 * 7 }}" in page.evaluate("Reveal.getCurrentSlide().textContent")
    assert page.title().startswith("Beyond")
    page.keyboard.press("d")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.goto(f"{address}?print-pdf#/demo")
    page.wait_for_selector(".pdf-page .timeline", state="attached")
    assert page.locator(".pdf-page").count() == 22
    assert visit.complaints == []
    visit.context.close()


def test_a_chart_that_a_link_opens_loads_when_it_is_opened(browser: Any, address: str) -> None:
    """Not before; then in a tab of its own, in the typeface of the deck."""
    visit = Visit(browser, address)
    page = visit.ready()
    assert not [url for url in visit.fetched if "figures/" in url]
    with visit.context.expect_page() as opened:
        page.evaluate("document.querySelector('a[href$=\"figures/amount.svg\"]').click()")
    chart = opened.value
    chart.wait_for_load_state()
    assert chart.url == f"{address}figures/amount.svg"
    assert chart.evaluate("document.documentElement.tagName") == "svg"
    assert chart.evaluate("document.fonts.load('16px Manrope').then(found => found.length)") == 1
    assert {"figures/amount.svg", "manrope.woff2"} <= {
        url.removeprefix(address) for url in visit.fetched
    }
    visit.context.close()


def test_the_policy_stops_what_is_not_ours(browser: Any, address: str) -> None:
    """A script, a style and a request that the page didn't come with are stopped."""
    visit = Visit(browser, address)
    page = visit.ready()
    done = page.evaluate(
        """async () => {
          const script = document.createElement('script');
          script.textContent = 'window.planted = true';
          document.body.append(script);
          document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.planted = 1">');
          let fetched = true;
          try { await fetch('deck.css'); } catch (error) { fetched = false; }
          await new Promise(done => setTimeout(done, 50));
          return [window.planted === undefined, fetched];
        }"""
    )
    assert done == [True, False]
    visit.context.close()


def test_the_reading_view_needs_no_script(browser: Any, address: str) -> None:
    """With scripts shut off all 22 slides are there, and the deck's page leads to them."""
    visit = Visit(browser, address, java_script_enabled=False)
    link = visit.page.get_by_role("link", name="Beyond the Hype", exact=True)
    assert link.is_visible()
    visit.page.goto(f"{address}reading.html")
    assert visit.page.locator("section[id] > h2").count() == 22
    assert visit.page.locator("svg").first.is_visible()
    assert all(url.startswith(address) for url in visit.fetched)
    visit.context.close()


def test_the_keyboard_alone_is_enough(browser: Any, address: str) -> None:
    """The first Tab shows the way to the reading page; Enter goes; Tab goes on there."""
    visit = Visit(browser, address)
    page = visit.ready()
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="All slides on one page")
    assert link.evaluate("link => link === document.activeElement")
    assert link.bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    page.wait_for_url("**/reading.html")
    seen = set()
    for _ in range(9):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.outerHTML.slice(0, 60)"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
    assert len(seen) == 9
    visit.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(browser: Any, address: str, theme: str) -> None:
    """The deck and the pages around it have no accessibility fault that axe-core knows.

    In the dark it looks at colours alone: nothing else is other than in the light.
    """
    from axe_playwright_python.sync_playwright import Axe

    options: dict[str, object] = {"preload": False, "resultTypes": ["violations"]}
    options |= {"runOnly": COLOURS} if theme == "dark" else {}
    visit = Visit(browser, f"{address}reading.html", color_scheme=theme, bypass_csp=True)
    for name in ("index", "reading", "licences", "transcript", "404"):
        visit.page.goto(f"{address}{name}.html")
        visit.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        found = Axe().run(visit.page, options=options).response["violations"]
        faults = [(fault["id"], fault["nodes"][0]["html"][:120]) for fault in found]
        assert faults == [], f"{name}, {theme}"
    visit.context.close()


def test_paper_is_light(browser: Any, address: str) -> None:
    """What is printed on a machine that is dark is ink on paper."""
    visit = Visit(browser, f"{address}reading.html", color_scheme="dark")
    ink = "getComputedStyle(document.body).color"
    on_screen = visit.page.evaluate(ink)
    visit.page.emulate_media(media="print", color_scheme="dark")
    assert visit.page.evaluate(ink) == "rgb(21, 23, 28)" != on_screen
    visit.context.close()


def test_control_p_prints_no_page_but_slides(browser: Any, address: str) -> None:
    """What stands before the deck, for who comes by keyboard, takes no page."""
    visit = Visit(browser, address)
    visit.page.wait_for_function("window.Reveal?.isReady()")
    visit.page.emulate_media(media="print")
    made = visit.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", made)) == 22
    visit.context.close()


def test_zoomed_to_200_percent_nothing_is_cut_off(browser: Any, address: str) -> None:
    """At twice the size (half the width) no page has to be pushed sideways."""
    visit = Visit(browser, address, size=(640, 360))
    for name in ("reading", "transcript", "licences", "404"):
        visit.page.goto(f"{address}{name}.html")
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 640, name
    visit.context.close()


def test_one_file_holds_everything(browser: Any, folder: Path) -> None:
    """The single file from file://: no request but itself, all slides, pictures full size."""
    offline = (folder / "offline.html").as_uri()
    visit = Visit(browser, offline)
    page = visit.ready()
    assert page.evaluate("Reveal.getTotalSlides()") == 22
    assert page.evaluate("document.fonts.check('16px Manrope')")
    assert page.title().startswith("Beyond")
    with visit.context.expect_page() as opened:
        page.evaluate("document.querySelector('a[data-full=decision]').click()")
    full = opened.value
    full.wait_for_selector("html.full")
    assert full.url == f"{offline}?full=decision"
    box = full.locator("svg").bounding_box()
    assert box["width"] > 1200
    assert full.locator(".slides").count() == 0
    assert (
        full.evaluate("getComputedStyle(document.querySelector('.step-4, .fragment')).opacity")
        == "1"
    )
    link = full.locator("main a").first
    assert link.get_attribute("href").startswith("offline.html#/")
    with visit.context.expect_page() as opened:
        page.evaluate("document.querySelector('a[href=\"?full=amount\"]').click()")
    chart = opened.value
    chart.wait_for_selector("html.full")
    assert "labelled messages" in chart.locator("svg").first.text_content()
    assert chart.locator("svg").first.bounding_box()["width"] > 1200
    assert {url.partition("?")[0] for url in visit.fetched if not url.startswith("data:")} == {
        offline
    }
    assert visit.complaints == []
    visit.context.close()
