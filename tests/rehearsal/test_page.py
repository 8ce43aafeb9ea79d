# ruff: noqa: E501 - lines of JavaScript
"""The rehearsal page in a real browser: keys, clock, two windows, recording, the day itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.browsing import wait_until
from support.rehearsed import SECRET, build_pages, made_up_record, small_talk, whole_talk

from pipeline.files import write_all
from pipeline.pages.script import script_files
from pipeline.rehearsal.app import open_server
from pipeline.rehearsal.log import import_log, read_log
from pipeline.rehearsal.record import Rehearsal
from pipeline.rehearsal.report import report
from pipeline.rehearsal.shown import report_page
from pipeline.serve.web import LocalServer
from pipeline.talk import Talk, talk_id

pytestmark = pytest.mark.browser

MOMENT = 1_790_000_000  # 21 September 2026, 14:13:20 UTC
TABLET = {"width": 1024, "height": 768}


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    return whole_talk(tmp_path_factory.mktemp("rehearsed") / "talk", "short")


@pytest.fixture(scope="module")
def site(talk: Talk) -> Path:
    """The rehearsal page beside its deck."""
    return build_pages(talk, talk.config.root / "out" / "speaker")


@pytest.fixture
def context(browser: Any) -> Iterator[Any]:
    """A browser of one's own; a script error in any page fails the test."""
    made = browser.new_context(viewport=TABLET, accept_downloads=True)
    wrong: list[str] = []
    made.on("weberror", lambda error: wrong.append(str(error.error)))
    yield made
    made.close()
    assert wrong == []


@pytest.fixture
def opened(context: Any, site: Path) -> Callable[..., Any]:
    """Opens the page, over file:// unless told otherwise.

    `faked` gives it a clock of its own; its two small decks are left empty unless `frames`.
    """

    def open_page(
        address: str = "", query: str = "", faked: bool = False, frames: bool = False
    ) -> Any:
        page = context.new_page()
        if not frames:
            page.route(
                lambda url: "role=current" in url or "role=next" in url,
                lambda route: route.fulfill(content_type="text/html", body="<title>deck</title>"),
            )
        if faked:
            page.clock.install(time=MOMENT)
        page.goto(f"{address or site.as_uri()}{query}")
        page.wait_for_selector("html[data-ready]")
        if faked:
            page.clock.pause_at(MOMENT + 60)
        return page

    return open_page


@pytest.fixture
def server(site: Path, talk: Talk, tmp_path: Path) -> Iterator[LocalServer]:
    """The local server, with a log in tmp_path/log."""
    records: list[Rehearsal] = []
    with open_server(
        site.parent, tmp_path / "log", talk_id(talk.config), records.append, 0
    ) as started:
        yield started


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def pass_s(page: Any, seconds: float) -> None:
    """Let time go by on a faked clock; each timer fires once, as in a tab that slept."""
    page.clock.fast_forward(round(seconds * 1000))
    page.clock.run_for(0)


def text(page: Any, selector: str) -> str:
    """What stands there after the page has drawn its numbers again."""
    return str(page.inner_text(selector))


def until(page: Any, selector: str, words: str) -> None:
    wait_until(
        page, "([s, w]) => document.querySelector(s).innerText.includes(w)", arg=[selector, words]
    )


def at(page: Any) -> tuple[int, int]:
    """Slide (from 0) and step of a deck's window."""
    place = page.evaluate(
        "(() => { const at = Reveal.getIndices(); return [at.h, at.f === undefined ? 0 : at.f + 1]; })()"
    )
    return int(place[0]), int(place[1])


def audience_of(page: Any, key: str = "s") -> Any:
    """The window that a key opens, ready and in step."""
    with page.expect_popup() as popup:
        press(page, key)
    window = popup.value
    window.wait_for_selector("html[data-ready]")
    return window


def wait_for_place(window: Any, slide: int, step: int) -> None:
    wait_until(
        window,
        """([slide, step]) => { const at = Reveal.getIndices();
           return at.h === slide && (at.f === undefined ? 0 : at.f + 1) === step; }""",
        arg=[slide, step],
    )


# --- Clock and keys -----------------------------------------------------------------------------


def test_the_first_advance_starts_the_clock(opened: Callable[..., Any]) -> None:
    """Idle at first; after one advance and ten seconds: elapsed, planned and remaining time."""
    page = opened(faked=True)
    until(page, "#message", "P starts the clock")
    assert text(page, "#talk-time .big") == "0:00"
    press(page, "PageDown")
    pass_s(page, 10.4)
    assert text(page, "#talk-time .big") == "0:10"
    assert text(page, "#slide-time .big") == "0:10"
    assert "of 1:00, 0:49 left" in text(page, "#slide-time .detail")
    assert text(page, "#now-title").startswith("2 of 22: ")
    assert "on time" in text(page, "#verdict")


def test_pause_questions_reset_and_undo(opened: Callable[..., Any]) -> None:
    """The keys do what they say: nothing is counted in a pause, Q&A apart, a reset is undone."""
    page = opened(faked=True)
    press(page, "p")
    pass_s(page, 20)
    press(page, "p")
    pass_s(page, 60)
    assert "Paused: 1:00 in all" in text(page, "#message")
    assert text(page, "#talk-time .big") == "0:20"
    press(page, "z")
    pass_s(page, 5)
    assert text(page, "#message") == "Nothing was skipped."  # for its time, then the pause again
    pass_s(page, 2)
    assert "Paused: 1:07 in all" in text(page, "#message")
    press(page, "p")
    pass_s(page, 5)
    press(page, "q")
    pass_s(page, 90)
    assert "Questions: 1:30 of 5:00 to 8:00" in text(page, "#message")
    assert "After the questions" in text(page, "#prompter")
    press(page, "q", "r")
    pass_s(page, 1)
    assert text(page, "#talk-time .big") == "0:00"
    assert "U undoes it" in text(page, "#message")
    press(page, "u")
    pass_s(page, 0.3)
    assert text(page, "#talk-time .big") == "0:26"


def test_an_hour_in_the_background_is_an_hour(opened: Callable[..., Any]) -> None:
    """Timers fire once a minute, as in a tab that nobody sees: the clock is right within a second."""
    page = opened(faked=True)
    press(page, "p")
    for _ in range(60):
        pass_s(page, 60)
    assert text(page, "#talk-time .big") in ("1:00:00", "1:00:01")
    assert "over" in text(page, "#talk-time .detail")
    assert "behind" in text(page, "#verdict")


def test_after_sleep_the_page_asks(opened: Callable[..., Any]) -> None:
    """A lid closed for three hours: the clock stands where it was, and asks until it is told.

    By a button or a key; in a pause, too, whose time away is nobody's unless it is counted.
    """
    page = opened(faked=True)
    press(page, "p")
    pass_s(page, 60)
    pass_s(page, 3 * 3600)
    assert text(page, "#talk-time .big") == "1:00"
    assert "Away for 3:00:00, and the clock stood." in text(page, "#message")
    assert page.evaluate("document.body.dataset.mode") == "paused"
    pass_s(page, 30)
    page.click("#message button >> text=part of the talk")
    assert text(page, "#talk-time .big") == "3:01:30"
    press(page, "r", "p")
    pass_s(page, 20)
    pass_s(page, 3600)
    press(page, "p", "ArrowRight")
    pass_s(page, 5)
    assert text(page, "#talk-time .big") == "0:25"
    press(page, "p")
    pass_s(page, 7200)
    press(page, "9")
    pass_s(page, 10)
    assert "Away for 2:00:00" in text(page, "#message")
    page.click("#message button >> text=not counted")
    pass_s(page, 1)
    assert text(page, "#talk-time .big") == "0:26"
    press(page, "p")
    pass_s(page, 3600)
    press(page, "t")
    pass_s(page, 1)
    assert text(page, "#talk-time .big") == "1:00:27"
    assert page.evaluate("document.body.dataset.mode") == "running"


def set_wall(page: Any, minutes: int) -> None:
    """Somebody sets the clock on the wall; the steady one knows nothing of it."""
    page.evaluate(f"{{ const now = Date.now; Date.now = () => now() + {minutes} * 60000; }}")


def test_a_machine_that_sleeps_stops_its_steady_clock(opened: Callable[..., Any]) -> None:
    """On some systems performance.now() stands still in sleep: the wall says how long it was."""
    page = opened(faked=True)
    press(page, "p")
    pass_s(page, 60)
    set_wall(page, 120)
    pass_s(page, 1)
    assert text(page, "#talk-time .big") == "1:00"
    assert "Away for 2:00:0" in text(page, "#message")


@pytest.mark.parametrize("minutes", [-10, 9])
def test_a_clock_that_is_set_changes_no_time(opened: Callable[..., Any], minutes: int) -> None:
    """The wall's clock goes back ten minutes, or on: the talk's goes on as before."""
    page = opened(faked=True)
    press(page, "p")
    pass_s(page, 60)
    ends = text(page, "#finish")
    set_wall(page, minutes)
    pass_s(page, 20)
    assert text(page, "#talk-time .big") == "1:20"
    assert text(page, "#finish") != ends


def test_behind_is_a_word_a_shape_and_a_colour(opened: Callable[..., Any]) -> None:
    """Behind and ahead differ in word, shape and colour."""
    page = opened(faked=True)
    looks = []
    press(page, "p")
    for seconds in (2, 100):
        pass_s(page, seconds)
        look = page.evaluate(
            """(() => { const s = getComputedStyle(document.querySelector("#verdict .shape"));
               return [document.querySelector("#verdict .word").innerText, s.clipPath, s.backgroundColor]; })()"""
        )
        looks.append(look)
    press(page, *["ArrowRight"] * 12)
    pass_s(page, 1)
    assert text(page, "#verdict .word") == "ahead"
    assert looks[0][0] == "on time"
    assert looks[1][0] == "behind"
    assert looks[0][1] != looks[1][1]
    assert looks[0][2] != looks[1][2]


def test_a_skip_shows_its_gain_and_gives_it(opened: Callable[..., Any]) -> None:
    """The next optional part and what it takes; X skips it, Z takes it back."""
    page = opened(faked=True)
    press(page, "p")
    pass_s(page, 0.3)
    offer, before = text(page, "#skip"), text(page, "#finish")
    assert offer.startswith("X skips “elsewhere” (slide 14): −0:")
    press(page, "x")
    pass_s(page, 0.3)
    assert "gained" in text(page, "#message")
    assert text(page, "#skip") == "No optional part ahead"
    assert text(page, "#finish") != before
    press(page, "z")
    pass_s(page, 0.3)
    assert text(page, "#skip") == offer


def test_a_reload_goes_on_where_it_was(opened: Callable[..., Any]) -> None:
    """Slide, step, clock and cut are there again, with the time that the reload took."""
    page = opened(faked=True)
    press(page, "p", *["ArrowRight"] * 3)
    pass_s(page, 30)
    before = text(page, "#now-title")
    assert "step 1 of" in before
    page.reload()
    page.wait_for_selector("html[data-ready]")
    pass_s(page, 0.3)
    assert text(page, "#now-title") == before
    assert text(page, "#talk-time .big") in ("0:30", "0:31")
    assert "goes on where it was" in text(page, "#message")


def test_a_crash_goes_on_in_a_new_window(context: Any, opened: Callable[..., Any]) -> None:
    """The window is gone with all that it held; a new one finds the run that was not ended."""
    page = opened()
    press(page, "p", *["ArrowRight"] * 2)
    page.wait_for_timeout(200)
    before = text(page, "#now-title")
    page.close(run_before_unload=False)
    again = opened()
    assert text(again, "#now-title") == before
    assert again.evaluate("document.body.dataset.mode") == "running"


def test_two_rehearsals_at_once_do_not_mix(opened: Callable[..., Any]) -> None:
    """A second window begins a run of its own; both go on after a reload."""
    one, two = opened(), opened()
    press(one, "p", "ArrowRight")
    assert two.evaluate("document.body.dataset.mode") == "idle"
    press(two, "p", "ArrowRight", "ArrowRight")
    for page in (one, two):
        page.reload()
        page.wait_for_selector("html[data-ready]")
    assert text(one, "#now-title").startswith("2 of 22")
    assert text(two, "#now-title").startswith("3 of 22")


def test_all_keys_are_listed(opened: Callable[..., Any]) -> None:
    """? shows every key; Esc closes it; a typed number and Enter go to that slide."""
    page = opened()
    press(page, "?")
    rows = page.locator("#help tr").all_inner_texts()
    named = " ".join(row.split("\t")[0] for row in rows)
    for key in ("PgDn", "P", "Q", "X", "Z", "S", "B", "A", "+", "R", "U", "E E", "D", "?", "Home"):
        assert key in named
    press(page, "Escape")
    page.wait_for_selector("#help", state="hidden")
    press(page, "1", "4")
    assert text(page, "#message") == "Slide 14: Enter goes there."
    press(page, "Enter")
    wait_until(page, "document.getElementById('now-title').textContent.startsWith('14 of')")
    assert "Enter goes there" not in text(page, "#message")  # it is done


# --- The script ---------------------------------------------------------------------------------


def test_the_script_scrolls_at_the_pace_and_by_hand(opened: Callable[..., Any]) -> None:
    """It stands until the clock runs, then moves by itself; wheel and arrow keys move it too."""
    page = opened(faked=True)
    press(page, "3", "Enter")
    top = "document.getElementById('prompter').scrollTop"
    pass_s(page, 2)
    assert page.evaluate(top) == 0
    press(page, "p")
    pass_s(page, 60)
    moved = page.evaluate(top)
    assert moved > 100
    press(page, "a")
    pass_s(page, 20)
    assert abs(page.evaluate(top) - moved) < 2
    page.hover("#prompter")
    page.mouse.wheel(0, 200)
    wait_until(page, f"{top} > {moved + 100}")
    press(page, "ArrowUp", "ArrowUp", "ArrowUp")
    assert page.evaluate(top) < moved + 100


def test_cues_and_steps_stand_apart_from_words(opened: Callable[..., Any]) -> None:
    """Each click of the slide is marked with its step; cues look different from what is said."""
    page = opened()
    press(page, "3", "Enter")
    assert page.locator("#prompter .click .step").all_inner_texts() == ["step 1", "step 2"]
    colours = page.evaluate(
        """["say", "cue"].map((n) => getComputedStyle(document.querySelector("#prompter ." + n)).color)"""
    )
    assert colours[0] != colours[1]
    assert page.locator("#prompter .say").count() > 2


def test_parts_that_the_cut_has_not_are_not_there(opened: Callable[..., Any]) -> None:
    """Another cut shows its own parts and its own length; the clock's start fixes it."""
    page = opened()
    press(page, "3", "Enter")
    assert page.locator("#prompter .part").count() == 0
    page.select_option("#cut", "full")
    assert page.locator("#prompter .part:not(.end)").count() == 2
    assert "of 52:30" in text(page, "#talk-time .detail")
    press(page, "p")
    wait_until(page, "document.getElementById('cut').disabled")


def test_the_slides_have_the_steps_that_the_page_counts(opened: Callable[..., Any], site: Path,
                                                        context: Any) -> None:  # fmt: skip
    """Step for step the page and the deck agree, so that both go the same way."""
    page = opened()
    counted = page.evaluate(
        "JSON.parse(document.getElementById('talk-data').textContent).slides.map((s) => s.steps)"
    )
    deck = context.new_page()
    deck.goto((site.parent / "index.html").as_uri())
    deck.wait_for_selector("html[data-ready]")
    shown = deck.evaluate(
        """Reveal.getSlides().map((slide) => new Set([...slide.querySelectorAll(".fragment")]
           .map((f) => f.dataset.fragmentIndex)).size)"""
    )
    assert counted == shown
    assert sum(counted) > 20


# --- Two windows --------------------------------------------------------------------------------


@pytest.mark.parametrize("over", ["file", "http", "file without channels"])
def test_both_windows_follow_each_other(
    opened: Callable[..., Any], context: Any, server: LocalServer, over: str
) -> None:
    """S opens the audience's window; steps and slides go both ways; each finds the other again.

    Without a BroadcastChannel, too: some browsers give each file a world of its own.
    """
    if over == "file without channels":
        context.add_init_script("delete window.BroadcastChannel;")
    page = opened(server.url + "rehearse.html" if over == "http" else "")
    window = audience_of(page)
    until(page, "#audience-state", "in step")
    press(page, "ArrowRight", "ArrowRight", "ArrowRight")
    wait_for_place(window, 2, 1)
    press(window, "ArrowRight", "ArrowRight")
    until(page, "#now-title", "4 of 22")
    window.reload()
    window.wait_for_selector("html[data-ready]")
    until(page, "#audience-state", "in step")
    press(page, "ArrowRight")
    wait_for_place(window, 3, 1)
    page.reload()
    page.wait_for_selector("html[data-ready]")
    until(page, "#audience-state", "in step")
    until(page, "#now-title", "4 of 22, step 1")
    press(window, "ArrowLeft")
    until(page, "#now-title", "4 of 22, step 0")
    press(page, "b")
    wait_until(window, "Reveal.isPaused()")
    press(page, "b")
    wait_until(window, "!Reveal.isPaused()")
    window.evaluate("addEventListener('pagehide', (e) => e.stopImmediatePropagation(), true)")
    window.close()
    until(page, "#audience-state", "No audience window")
    if over == "http":  # one that went without a word is not thought to be there
        with page.expect_popup():
            press(page, "s")


def test_the_frames_show_this_slide_and_the_next_step(opened: Callable[..., Any]) -> None:
    """The two small decks are where the talk is, and one advance further."""
    page = opened(frames=True)
    press(page, "ArrowRight", "ArrowRight")
    current, following = (
        page.frame(url=lambda u, r=r: f"role={r}" in u) for r in ("current", "next")
    )
    for keys, here, there in (
        ((), (2, 0), (2, 1)),
        (("End",), (21, 0), None),
        (("Home",), (0, 0), (1, 0)),
    ):
        press(page, *keys)
        wait_for_place(current, *here)
        if there:
            wait_for_place(following, *there)
        else:
            assert page.is_visible("figure.next .over")
    assert SECRET not in current.content()


def test_the_deck_opens_the_presenters_page(context: Any, site: Path) -> None:
    """S in the deck opens the page at the same slide and step, and the deck is the audience's."""
    deck = context.new_page()
    deck.goto((site.parent / "index.html").as_uri() + "#/myth-knowledge")
    deck.wait_for_selector("html[data-ready]")
    press(deck, "ArrowRight")
    page = audience_of(deck)
    until(page, "#now-title", "3 of 22, step 1")
    assert page.evaluate("document.body.dataset.mode") == "idle"
    press(page, "ArrowRight")
    wait_for_place(deck, 2, 2)
    deck.reload()
    deck.wait_for_selector("html[data-ready]")
    press(deck, "ArrowRight")
    until(page, "#now-title", "4 of 22")


def test_the_audience_sees_nothing_of_the_script(
    opened: Callable[..., Any], context: Any, site: Path
) -> None:
    """No note is left in the audience's window, whichever of the two was opened first."""
    window = audience_of(opened())
    deck = context.new_page()
    deck.goto((site.parent / "index.html").as_uri())
    wait_until(deck, "document.documentElement.outerHTML.includes('" + SECRET + "')")
    audience_of(deck)
    for one in (window, deck):
        press(one, "t")
        one.wait_for_timeout(100)
        assert SECRET not in one.content()
    deck.reload()
    deck.wait_for_selector("html[data-ready]")
    deck.wait_for_timeout(200)
    assert SECRET not in deck.content()


def test_a_blocked_window_leaves_a_link(opened: Callable[..., Any], context: Any) -> None:
    """The browser blocks the pop-up: a word and a link, and the link's window is in step."""
    context.add_init_script("window.open = () => null;")
    page = opened()
    press(page, "s")
    assert "The browser blocked the window." in text(page, "#message")
    with page.expect_popup() as popup:
        page.click("#message a")
    popup.value.wait_for_selector("html[data-ready]")
    until(page, "#audience-state", "in step")
    press(page, "ArrowRight")
    wait_for_place(popup.value, 1, 0)


def test_a_stranger_is_not_listened_to(opened: Callable[..., Any], context: Any) -> None:
    """A page without the token, or one that only guesses, moves nothing."""
    page = opened()
    press(page, "p")
    for token in ("", "0" * 32):
        page.evaluate(
            """(token) => { const at = { pair: token, type: "at", role: "audience", from: "x", count: 1,
                 slide: 9, step: 0, moved: 9e15 };
               window.postMessage(at, "*"); new BroadcastChannel("pair-" + token).postMessage(at); }""",
            token,
        )
    page.wait_for_timeout(200)
    assert text(page, "#now-title").startswith("1 of 22")


# --- Recording ----------------------------------------------------------------------------------


def rehearse_a_little(page: Any) -> None:
    """Three slides, a pause and a skip, ended."""
    press(page, "p")
    pass_s(page, 20)
    press(page, "ArrowRight")
    pass_s(page, 40)
    press(page, "x", "p")
    pass_s(page, 15)
    press(page, "p", "ArrowRight")
    pass_s(page, 30)
    press(page, "e")
    assert "E again" in text(page, "#message")
    press(page, "e")


def test_a_run_is_recorded_by_the_server(
    opened: Callable[..., Any], server: LocalServer, talk: Talk, tmp_path: Path
) -> None:
    """What happened is in the log: visits, pause, skip, versions."""
    page = opened(server.url, faked=True)
    rehearse_a_little(page)
    until(page, "#message", "Recorded in the log.")
    log = read_log(tmp_path / "log", talk_id(talk.config))
    assert log.findings == ()
    (record,) = log.records
    assert [(visit.slide, round(visit.seconds)) for visit in record.visits] == [
        ("title", 20),
        ("overview", 40),
        ("overview", 0),  # after the pause
        ("myth-knowledge", 30),
    ]
    assert [round(pause.seconds) for pause in record.pauses] == [15]
    assert [skip.part for skip in record.skips] == ["elsewhere"]
    assert (record.cut, round(record.total_s)) == ("short", 90)
    assert record.started == "2026-09-21T14:14:20.000Z"


def test_from_a_file_the_run_is_a_download(
    opened: Callable[..., Any], talk: Talk, tmp_path: Path
) -> None:
    """Over file:// the run is kept in the browser, and its download can be imported."""
    page = opened(faked=True)
    rehearse_a_little(page)
    until(page, "#message", "One rehearsal is kept in this browser.")
    with page.expect_download() as download:
        page.click("#message button")
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name.startswith("beyond-the-hype-2026-09-21")
    done = import_log(path, tmp_path / "log", talk_id(talk.config))
    assert (done.added, done.known, done.findings) == (1, 0, ())
    page.reload()
    until(page, "#message", "One rehearsal is kept in this browser.")
    page.click("#message button")
    page.click("text=Forget it here")
    page.reload()
    until(page, "#message", "Ended. R begins anew.")


def test_a_full_disk_keeps_the_run_in_the_browser(
    opened: Callable[..., Any],
    server: LocalServer,
    talk: Talk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server can't write: the page says why and offers a download; later it is sent again."""

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipeline.rehearsal.log.os.fsync", full)
    page = opened(server.url, faked=True)
    rehearse_a_little(page)
    until(page, "#message", "Not recorded: No space left on device (log/). One rehearsal is kept")
    assert page.locator("#message button").inner_text() == "Download"
    monkeypatch.undo()
    page.reload()
    until(page, "#message", "Recorded in the log.")
    assert len(read_log(tmp_path / "log", talk_id(talk.config)).records) == 1


def test_a_browser_that_keeps_nothing_still_records(
    opened: Callable[..., Any], context: Any, server: LocalServer, talk: Talk, tmp_path: Path
) -> None:
    """Storage is full or shut off: the page says so, and the run is recorded all the same."""
    context.add_init_script("Storage.prototype.setItem = () => { throw new Error('full'); };")
    page = opened(server.url, faked=True)
    until(page, "#message", "This browser keeps nothing")
    rehearse_a_little(page)
    until(page, "#message", "Recorded in the log.")
    assert len(read_log(tmp_path / "log", talk_id(talk.config)).records) == 1


# --- Drill and the day --------------------------------------------------------------------------


def test_the_drill_asks_each_question_once(opened: Callable[..., Any]) -> None:
    """At random, timed, each once; G goes to the slide that supports the answer; the clock rests."""
    page = opened(faked=True)
    questions = page.evaluate(
        "JSON.parse(document.getElementById('talk-data').textContent).questions"
    )
    press(page, "d")
    asked = []
    for _ in questions:
        asked.append(text(page, "#drill .asked"))
        pass_s(page, 7)
        press(page, "Space")
        assert page.is_visible("#drill .answer")
        press(page, "Space")
    assert sorted(asked) == sorted(question["text"] for question in questions)
    assert asked != [question["text"] for question in questions]
    assert f"{len(questions)} answered, 7 s each" in text(page, "#drill .mean")
    support = text(page, "#drill .support")
    press(page, "g")
    until(page, "#now-title", support.split("slide ")[1].split(":")[0] + " of 22")
    assert page.evaluate("document.body.dataset.mode") == "idle"
    press(page, "Escape")
    assert page.is_visible("#prompter")


def test_live_records_nothing_and_warns(
    opened: Callable[..., Any], context: Any, server: LocalServer, tmp_path: Path
) -> None:
    """On the day: awake, no record, and a question before the running page would close."""
    context.add_init_script(
        """window.asked = []; Object.defineProperty(navigator, "wakeLock",
           { value: { request: (kind) => { asked.push(kind); return Promise.resolve({}); } } });"""
    )
    page = opened(server.url + "rehearse.html", "?live")
    assert page.evaluate("asked") == ["screen"]
    assert text(page, "h1").startswith("Live")
    press(page, "p")
    warned = []
    page.on("dialog", lambda dialog: (warned.append(dialog.type), dialog.dismiss()))
    page.close(run_before_unload=True)
    page.wait_for_timeout(300)
    assert warned == ["beforeunload"]
    press(page, "e", "e")
    until(page, "#message", "The end, after")
    page.wait_for_timeout(200)
    assert not (tmp_path / "log").exists()


# --- How it looks -------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(1024, 768), (1366, 1024), (1366, 768), (1920, 1080)])
def test_a_tablet_shows_it_all_and_large(opened: Callable[..., Any], size: tuple[int, int]) -> None:
    """Nothing is cut off, with a pen in the hand too; the script is at least 30 pixels, times twice
    that; buttons fit a finger, and the list of keys the screen."""
    page = opened(frames=True)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    press(page, "1", "4", "Enter", "p", "i")
    page.wait_for_timeout(300)
    found = page.evaluate(
        """(() => {
          const within = document.querySelector(".screens").getBoundingClientRect();
          const inside = (e) => { const b = e.getBoundingClientRect();
            return b.bottom <= innerHeight + 1 && b.right <= innerWidth + 1 && b.height > 0; };
          const px = (s) => parseFloat(getComputedStyle(document.querySelector(s)).fontSize);
          const wide = [...document.querySelectorAll(".big, .detail, header p")].filter((e) => e.scrollWidth > e.parentElement.clientWidth);
          return {
            cut: [...document.querySelectorAll(".facts li, nav button, .time, figure, header > :not([hidden]), #tools")].filter((e) => !inside(e) || (e.matches(".facts li") && e.getBoundingClientRect().bottom > within.bottom + 1)).map((e) => e.outerHTML.slice(0, 80)),
            wide: wide.map((e) => e.innerText), script: px("#prompter .say"), clock: px("#talk-time .big"),
            least: Math.min(...[...document.querySelectorAll("nav button")].map((b) => b.offsetHeight)),
            scrolls: document.documentElement.scrollHeight > innerHeight + 1,
          };
        })()"""
    )
    assert found["cut"] == []
    assert found["wide"] == []
    assert found["script"] >= 30
    assert found["clock"] >= 60
    assert found["least"] >= 44
    assert not found["scrolls"]
    press(page, "?")
    hidden = page.evaluate(
        "(() => { const { scrollHeight, clientHeight } = document.querySelector('#help'); return scrollHeight - clientHeight; })()"
    )
    assert hidden <= 0


def test_axe_finds_nothing(opened: Callable[..., Any], talk: Talk, site: Path) -> None:
    """axe-core, on the page, its help, its drill, on the report and on the script to print."""
    from axe_playwright_python.sync_playwright import Axe

    page = opened()
    runs = [made_up_record(talk, id=f"made-up-000{n}") for n in range(2)]
    page_of = report_page(report(runs, talk))
    write_all({"rehearsals.html": page_of.encode(), **script_files(talk)}, site.parent)
    shown: tuple[tuple[str, ...] | str, ...]
    shown = (("p",), ("?",), ("Escape", "d", "Space"), "rehearsals.html", "script.html")
    for keys in shown:
        if isinstance(keys, str):
            page.goto(site.with_name(keys).as_uri())
        else:
            press(page, *keys)
        found = Axe().run(page).response["violations"]
        assert found == [], json.dumps([(f["id"], f["nodes"][0]["html"]) for f in found])


def test_reduced_motion_moves_line_by_line(browser: Any, site: Path) -> None:
    """With reduced motion the script doesn't creep: it jumps from one line to the next."""
    page = browser.new_context(viewport=TABLET, reduced_motion="reduce").new_page()
    page.clock.install(time=MOMENT)
    page.goto(site.as_uri())
    page.wait_for_selector("html[data-ready]")
    press(page, "3", "Enter", "p")
    tops = set()
    for _ in range(40):
        pass_s(page, 1)
        tops.add(page.evaluate("document.getElementById('prompter').scrollTop"))
    assert len(tops) <= 8
    page.context.close()


def test_no_request_leaves_the_folder(opened: Callable[..., Any], context: Any, site: Path) -> None:
    """Page, deck and frames load nothing from outside."""
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    window = audience_of(opened())
    window.wait_for_timeout(200)
    folder = site.parent.as_uri()
    assert len(asked) > 5
    assert [url for url in asked if not url.startswith((folder, "data:", "blob:"))] == []


def test_another_talk_has_its_page(opened: Callable[..., Any], tmp_path: Path) -> None:
    """A talk without questions, cues, optional parts or tips: the page works, and says what lacks."""
    page = opened(build_pages(small_talk(tmp_path / "bread"), tmp_path / "speaker").as_uri())
    assert text(page, "h1") == "Rehearse Bread at home"
    press(page, "p", "ArrowRight")
    assert text(page, "#skip") == "No optional part ahead"
    assert text(page, "#checkpoint") == "Checkpoint slide 3: 1:00, you 0:30"
    press(page, "d")
    assert text(page, "#message") == "The script has no questions."
