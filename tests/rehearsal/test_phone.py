# ruff: noqa: E501 - lines of JavaScript
"""The phone as a remote in real browsers: two phones, a page, an audience; and a bad network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from support.between import Network
from support.browsing import wait_until
from support.rehearsed import build_pages, small_talk
from support.remotes import hear, joined, tell
from support.second_talk import SCRIPT, words

from pipeline.pages.phone import phone_page
from pipeline.pages.rehearsal import rehearsal_page
from pipeline.rehearsal.app import open_server
from pipeline.serve.pairing import REMOTE_PAGE, Gate
from pipeline.serve.remote import Remote
from pipeline.serve.web import LOCAL, LocalServer
from pipeline.talk import Talk

pytestmark = pytest.mark.browser

IPHONE = {"viewport": {"width": 390, "height": 664}, "has_touch": True, "is_mobile": True}
PIXEL = {"viewport": {"width": 412, "height": 839}, "has_touch": True, "is_mobile": True}
OPTIONAL = f'**[OPTIONAL "flour": which]**\n\n{words(20)}\n\n**[END OPTIONAL]**\n\n'
HEARD = """() => { const pair = new URLSearchParams(location.search).get("pair"); window.points = [];
  new BroadcastChannel(`pair-${pair}`).onmessage = ({ data }) => { if (data.type === "pointer") points.push(data); }; }"""


class Room(NamedTuple):
    """A talk that is given: two phones, the second behind a network that may be bad."""

    server: LocalServer
    network: Network
    page: Any
    audience: Any
    iphone: Any
    pixel: Any


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    root = tmp_path_factory.mktemp("phones") / "talk"
    small_talk(root)
    script = SCRIPT.format(first=words(60), second=words(60), third=OPTIONAL + words(60))
    (root / "script" / "voiceover.md").write_text(script, "utf-8")
    return small_talk(root)


def serve(talk: Talk, port: int = 0) -> LocalServer:
    out = talk.config.root / "out" / "speaker"
    gate = Gate(LOCAL, 0, lambda _: None, REMOTE_PAGE)
    remote = Remote(gate, lambda: phone_page(talk.config))
    made = {"rehearse.html": rehearsal_page(talk, ["phone"])}
    return open_server(out, out / "log", "x", lambda _: None, port, made=made, remote=remote)


@pytest.fixture(scope="module")
def room(browser: Any, talk: Talk) -> Iterator[Room]:
    build_pages(talk, talk.config.root / "out" / "speaker")
    wrong: list[str] = []
    contexts = [browser.new_context(**how) for how in ({}, IPHONE, PIXEL)]
    for context in contexts:
        context.on("weberror", lambda error: wrong.append(str(error.error)))
    with serve(talk) as server, Network(server.port) as network:
        page = without_frames(contexts[0].new_page())
        page.goto(f"{server.url}rehearse.html")
        page.wait_for_selector("html[data-ready]")
        with page.expect_popup() as popup:
            page.keyboard.press("s")
        popup.value.wait_for_selector("html[data-ready]")
        popup.value.evaluate(HEARD)
        phones = [contexts[1].new_page(), without_frames(contexts[2].new_page())]
        for phone, port in zip(phones, (server.port, network.port), strict=True):
            phone.goto(f"http://{LOCAL}:{port}{REMOTE_PAGE}")
        for phone in phones:
            in_step(phone)
        yield Room(server, network, page, popup.value, *phones)
        for context in contexts:
            context.close()
    assert wrong == []


def without_frames(page: Any) -> Any:
    """A page whose small decks are left empty: each takes its time to start."""
    page.route(
        lambda url: "role=current" in url or "role=next" in url,
        lambda route: route.fulfill(content_type="text/html", body="<title>deck</title>"),
    )
    return page


def in_step(phone: Any) -> None:
    """It is connected and shows a slide."""
    wait_until(phone, "document.body.dataset.link === 'here'")
    shows(phone, "of 3")


def place(room: Room) -> tuple[str, str]:
    """What the page shows, and what the audience sees."""
    slide = room.audience.evaluate(
        "(() => { const at = Reveal.getIndices(); return `${at.h}/${(at.f ?? -1) + 1}`; })()"
    )
    return str(room.page.inner_text("#now-title")), slide


def go_to(room: Room, slide: str) -> None:
    """The page goes to a slide by its own keys, and all have followed."""
    room.page.bring_to_front()
    room.page.keyboard.press(slide)
    room.page.keyboard.press("Enter")
    wait_until(room.audience, f"Reveal.getIndices().h === {int(slide) - 1}")
    for phone in (room.iphone, room.pixel):
        shows(phone, f"{slide} of 3")


def shows(window: Any, words: str, selector: str = "#now-title") -> None:
    wait_until(
        window, "([s, w]) => document.querySelector(s).textContent.includes(w)", [selector, words]
    )


def test_a_press_moves_page_audience_and_both_phones(room: Room) -> None:
    """Next, back, black and Skip do what the page's own keys do; both phones see it."""
    go_to(room, "1")
    shows(room.iphone, "Skip “flour”", "#skip")
    room.iphone.tap("#forward")
    for window in (room.page, room.iphone, room.pixel):
        shows(window, "2 of 3")
    for window in (room.audience, room.iphone.frames[1]):
        wait_until(window, "Reveal.getIndices().h === 1")
    wait_until(room.iphone.frames[2], "Reveal.getIndices().h === 2")
    assert room.page.evaluate("document.body.dataset.mode") == "running"
    room.pixel.tap("#back")
    shows(room.iphone, "1 of 3")
    room.iphone.tap("#black")
    wait_until(room.audience, "Reveal.isPaused()")
    wait_until(room.pixel, "document.body.hasAttribute('data-black')")
    room.pixel.tap("#black")
    wait_until(room.audience, "!Reveal.isPaused()")
    room.iphone.tap("#skip")
    shows(room.page, "Skipped “flour”", "#message")
    shows(room.pixel, "No optional part ahead", "#skip")
    assert room.iphone.inner_text("#script").startswith("Good bread needs little")
    assert "2 phones" in room.page.inner_text("#phone-state")


def test_two_phones_that_press_at_once_move_it_once(room: Room) -> None:
    """Both pressed at the same slide: one counts, the other is told."""
    go_to(room, "1")
    room.network.is_cut = True  # until the other's has come
    room.pixel.evaluate("document.querySelector('#forward').click()")
    room.iphone.evaluate("document.querySelector('#forward').click()")
    shows(room.page, "2 of 3")
    room.network.is_cut = False
    shows(room.pixel, "The slide had moved: not taken.", "#said")
    assert place(room) == ("2 of 3: Four things to do", "1/0")


def test_a_finger_on_the_slide_points_in_the_audiences_window(room: Room) -> None:
    """Where it is on the slide, until it goes."""
    box = room.iphone.locator("#now").bounding_box()
    session = room.iphone.context.new_cdp_session(room.iphone)
    at = {"x": box["x"] + box["width"] / 4, "y": box["y"] + box["height"] / 2}
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
    wait_until(room.audience, "points.length > 0")
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    wait_until(room.audience, "points.at(-1).on === false")
    first = room.audience.evaluate("points[0]")
    assert (round(first["x"], 2), round(first["y"], 2), first["on"]) == (0.25, 0.5, True)


def test_a_slow_network_makes_no_step_of_an_impatient_press(room: Room) -> None:
    """300 ms either way: a second press before the answer is refused, and said."""
    go_to(room, "1")
    room.network.delay_s = 0.3
    room.pixel.evaluate("[1, 2, 3].forEach(() => document.querySelector('#forward').click())")
    shows(room.pixel, "The last press is still on its way.", "#said")
    shows(room.pixel, "2 of 3")
    room.network.delay_s = 0
    assert place(room) == ("2 of 3: Four things to do", "1/0")


def test_what_is_pressed_without_a_network_is_never_done(room: Room) -> None:
    """A press that is stuck in a cut network is too old when it arrives; a later one isn't sent."""
    go_to(room, "1")
    room.network.is_cut = True
    room.pixel.context.set_offline(True)
    room.pixel.evaluate("document.querySelector('#forward').click()")  # it can't know yet
    wait_until(room.pixel, "document.body.dataset.link === 'away'")
    room.pixel.evaluate("document.querySelector('#forward').click()")
    shows(room.pixel, "No connection: nothing was sent.", "#said")
    room.network.is_cut = False
    room.pixel.context.set_offline(False)
    in_step(room.pixel)
    room.pixel.evaluate("document.querySelector('#menu').click()")  # all that was stuck has come
    room.pixel.evaluate("document.querySelector('#more').close()")
    assert place(room) == ("1 of 3: Bread at home", "0/0")
    room.pixel.tap("#forward")
    shows(room.page, "2 of 3")


def test_a_phone_shakes_when_a_slots_end_comes(talk: Talk, room: Room) -> None:
    """Once, when the slide's time is used up; one that can't shake lights its edge up."""
    with serve(talk) as server, joined(server, "?as=page") as page:
        phone = without_frames(room.pixel.context.new_page())
        phone.goto(f"{server.url}phone.html")
        number = hear(page, "came")["phone"]
        phone.evaluate("window.shakes = []; navigator.vibrate = (how) => shakes.push(how)")
        state = {
            "type": "state",
            "to": number,
            "now": 0,
            "at": "0/0",
            "size": "1280 / 960",
            "place": {"slide": 0, "step": 0},
            "next": None,
            "title": "1 of 3",
            "then": "",
            "isBlack": False,
            "mode": "running",
            "spent": 29.6,
            "slot": 30,
            "elapsed": 29.6,
            "total": 90,
            "behind": 0,
            "word": "on time",
            "skip": None,
            "read": -1,
        }
        tell(page, **state)
        wait_until(phone, "shakes.length === 1")
        shows(phone, "0:30", "#slide-time .big")
        frame = phone.locator("#now iframe").bounding_box()
        assert round(frame["width"] / frame["height"], 2) == 1.33  # as tall as the audience's slide
        phone.evaluate("navigator.vibrate = undefined")
        tell(page, **{**state, "place": {"slide": 1, "step": 0}})
        wait_until(phone, "document.body.classList.contains('over')")
        phone.close()


def test_axe_finds_nothing_on_the_phone(room: Room) -> None:
    """axe-core, dark, light with its dialog, and the page's dialog with the code."""
    from axe_playwright_python.sync_playwright import Axe

    def look(window: Any) -> None:
        found = Axe().run(window).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []

    look(room.iphone)
    room.iphone.tap("#menu")
    room.iphone.tap("#theme")
    look(room.iphone)
    room.iphone.tap("#more form button")
    room.page.bring_to_front()
    room.page.keyboard.press("h")
    look(room.page)
    room.page.keyboard.press("Escape")


def test_a_window_without_the_phones_says_who_has_them(room: Room) -> None:
    """Another one does: its end brings them back, and so does H; each time it is said."""
    with joined(room.server, "?as=page"):
        shows(room.page, "Phones: in another window", "#phone-state")
    shows(room.page, "2 phones", "#phone-state")
    with joined(room.server, "?as=page"):  # it doesn't take back what it got by asking
        shows(room.page, "Phones: in another window", "#phone-state")
        room.page.bring_to_front()
        room.page.keyboard.press("h")
        shows(room.page, "2 phones", "#phone-state")
    room.page.keyboard.press("Escape")


def test_the_page_unpairs_a_phone(room: Room) -> None:
    """In the dialog with the code: the phone says so, and how to come back."""
    room.pixel.reload()  # on this machine it has another number then: the last
    in_step(room.pixel)
    room.page.bring_to_front()
    room.page.keyboard.press("h")
    wait_until(room.page, "document.querySelector('#phones img').naturalWidth > 0")
    assert REMOTE_PAGE in room.page.inner_text("#phones .link")
    room.page.click("#phones .known button:last-child")
    shows(room.pixel, "This phone is unpaired.", "#gone p")
    room.page.keyboard.press("Escape")
    room.pixel.reload()
    in_step(room.pixel)


def test_a_server_that_is_started_again_goes_on(room: Room, talk: Talk) -> None:
    """Page, audience and phone stay where they are, and are in step again without a hand."""
    go_to(room, "2")
    room.server.__exit__()
    wait_until(room.iphone, "document.body.dataset.link === 'away'")
    room.iphone.tap("#forward")
    shows(room.iphone, "No connection", "#said")
    with serve(talk, room.server.port):
        in_step(room.iphone)
        assert place(room) == ("2 of 3: Four things to do", "1/0")
        room.iphone.tap("#forward")
        shows(room.page, "3 of 3")
        room.iphone.tap("#menu")
        room.iphone.tap("#unpair")
        shows(room.iphone, "This phone is unpaired.", "#gone p")
