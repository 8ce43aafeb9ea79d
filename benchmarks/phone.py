"""How soon a phone's press is seen by the audience, how often its finger is, how soon it is back.

    python -m benchmarks.phone [--presses 60] [--json FILE]

Uses a copy of this talk with a made-up run, its short cut, the server of `rehearse --phone`, and
Chromium as the page, the audience's window and the phone, which has a Pixel's size and touch. All
is on this machine; 300 ms is a network that holds up each message so long, either way.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from playwright.sync_api import sync_playwright  # noqa: E402
from support.between import Network  # noqa: E402
from support.browsing import wait_until  # noqa: E402
from support.rehearsed import build_pages, whole_talk  # noqa: E402

from pipeline.export.chromium import FLAGS, find_browser  # noqa: E402
from pipeline.pages.phone import phone_page  # noqa: E402
from pipeline.pages.rehearsal import rehearsal_page  # noqa: E402
from pipeline.rehearsal.app import open_server  # noqa: E402
from pipeline.serve.pairing import REMOTE_PAGE, Gate  # noqa: E402
from pipeline.serve.remote import Remote  # noqa: E402
from pipeline.serve.web import LOCAL, LocalServer  # noqa: E402
from pipeline.talk import Talk  # noqa: E402

PIXEL = {
    "viewport": {"width": 412, "height": 839},
    "device_scale_factor": 2.625,
    "has_touch": True,
    "is_mobile": True,
}
NOW = "performance.timeOrigin + performance.now()"
# Painted is what a second picture of the screen comes after.
WATCH_AUDIENCE = f"""() => {{
  window.painted = 0;
  window.points = 0;
  const paint = () => requestAnimationFrame(() => requestAnimationFrame(() => {{
    painted = {NOW};
  }}));
  for (const name of ["slidechanged", "fragmentshown", "fragmenthidden"]) Reveal.on(name, paint);
  const pair = new URLSearchParams(location.search).get("pair");
  new BroadcastChannel(`pair-${{pair}}`).onmessage = ({{ data }}) => {{
    if (data.type === "pointer" && data.on) points += 1;
  }};
}}"""
WATCH_PHONE = f"""() => {{
  window.pressed = 0;
  addEventListener("touchend", () => {{ pressed = {NOW}; }}, true);
}}"""


@contextmanager
def served(talk: Talk, pages: Path, folder: Path, port: int = 0) -> Iterator[LocalServer]:
    """What `rehearse --phone` serves."""
    gate = Gate(LOCAL, 0, lambda _: None, REMOTE_PAGE, folder / "phones.json")
    remote = Remote(gate, lambda: phone_page(talk.config))
    made = {"rehearse.html": rehearsal_page(talk, ["phone"])}
    with open_server(
        pages, folder / "log", "talk", lambda _: None, port, made=made, remote=remote
    ) as server:
        yield server


def audience_of(page: Any) -> Any:
    with page.expect_popup() as popup:
        page.keyboard.press("s")
    window = popup.value
    window.wait_for_selector("html[data-ready]")
    window.evaluate(WATCH_AUDIENCE)
    return window


def phone_of(browser: Any, port: int) -> Any:
    phone = browser.new_context(**PIXEL).new_page()
    phone.goto(f"http://{LOCAL}:{port}{REMOTE_PAGE}")
    wait_until(phone, "document.querySelector('#now-title')?.textContent !== ''")
    phone.evaluate(WATCH_PHONE)
    return phone


def presses_ms(phone: Any, window: Any, count: int) -> list[float]:
    """From the finger's leaving the button to the slide's paint; back and forth."""
    found = []
    for n in range(count):
        window.evaluate("painted = 0")
        phone.tap("#forward" if n % 4 < 2 else "#back")
        wait_until(window, "painted > 0")
        found.append(window.evaluate("painted") - phone.evaluate("pressed"))
        wait_until(phone, "!document.querySelector('button.sent')")
        phone.wait_for_timeout(100)
    return found


def points_a_second(phone: Any, window: Any, seconds: float = 3) -> float:
    """Positions of a finger that moves all the time, as they come to the audience's window."""
    box = phone.locator("#now").bounding_box()
    session = phone.context.new_cdp_session(phone)

    def touch(kind: str, share: float) -> None:
        at = {"x": box["x"] + box["width"] * share, "y": box["y"] + box["height"] / 2}
        points = [] if kind == "touchEnd" else [at]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    window.evaluate("points = 0")
    touch("touchStart", 0.1)
    started = time.perf_counter()
    while (passed := time.perf_counter() - started) < seconds:
        touch("touchMove", 0.1 + 0.8 * passed / seconds)
        time.sleep(0.008)
    touch("touchEnd", 0.9)
    phone.wait_for_timeout(200)
    return float(window.evaluate("points")) / passed


def back_s(phone: Any) -> float:
    """Until the phone is in step again."""
    started = time.perf_counter()
    wait_until(phone, "document.body.dataset.link === 'here'")
    return time.perf_counter() - started


def woken_s(phone: Any) -> float:
    """The same after the phone's browser froze the page, as with a locked screen."""
    session = phone.context.new_cdp_session(phone)
    session.send("Page.setWebLifecycleState", {"state": "frozen"})
    time.sleep(5)
    session.send("Page.setWebLifecycleState", {"state": "active"})
    return back_s(phone)


def share(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


def measured(browser: Any, talk: Talk, pages: Path, folder: Path, presses: int) -> dict[str, float]:
    with served(talk, pages, folder) as server, Network(server.port) as network:
        port = server.port
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto(f"{server.url}rehearse.html")
        page.wait_for_selector("html[data-ready]")
        window = audience_of(page)
        phone = phone_of(browser, port)
        presses_ms(phone, window, 4)
        near = presses_ms(phone, window, presses)
        points = points_a_second(phone, window)
        far_phone = phone_of(browser, network.port)
        network.delay_s = 0.3
        far = presses_ms(far_phone, window, 12)
        network.delay_s = 0.0
        network.is_cut = True
        wait_until(far_phone, "document.body.dataset.link === 'away'")
        network.is_cut = False
        after_cut = back_s(far_phone)
        after_sleep = woken_s(phone)
    wait_until(phone, "document.body.dataset.link === 'away'")
    with served(talk, pages, folder, port):
        after_kill = back_s(phone)
    return {
        "press_median_ms": round(statistics.median(near), 1),
        "press_95th_ms": round(share(near, 0.95), 1),
        "pointer_a_second": round(points, 1),
        "press_300_ms_network_median_ms": round(statistics.median(far), 1),
        "back_after_a_cut_s": round(after_cut, 2),
        "back_after_a_locked_screen_s": round(after_sleep, 2),
        "back_after_a_restart_s": round(after_kill, 2),
    }


SAID = (
    "a press is painted after {press_median_ms:.0f} ms (median), {press_95th_ms:.0f} ms (95th)",
    "a finger is seen {pointer_a_second:.0f} times a second",
    "with 300 ms either way a press takes {press_300_ms_network_median_ms:.0f} ms",
    "back in step {back_after_a_cut_s:.1f} s after a cut network is whole again",
    "back in step {back_after_a_locked_screen_s:.1f} s after the phone's page was frozen for 5 s",
    "back in step {back_after_a_restart_s:.1f} s after a killed server is started again",
)


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m benchmarks.phone", description=__doc__)
    options.formatter_class = argparse.RawDescriptionHelpFormatter
    options.add_argument("--presses", type=int, default=60)
    options.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        talk = whole_talk(Path(folder) / "talk", "short")
        pages = build_pages(talk, Path(folder) / "speaker").parent
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        found = measured(browser, talk, pages, Path(folder), asked.presses)
        browser.close()
    for line in SAID:
        print(line.format(**found))
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
