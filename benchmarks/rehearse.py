"""How soon the rehearsal page is there, how close its two windows keep, how long a report takes.

    python -m benchmarks.rehearse [--rehearsals 10000]

Uses a copy of this talk with a made-up run, its short cut, and Chromium.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import msgspec  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from support.browsing import wait_until  # noqa: E402
from support.rehearsed import build_pages, made_up_record, whole_talk  # noqa: E402

from pipeline.export.chromium import FLAGS, find_browser  # noqa: E402
from pipeline.pages.templates import texts  # noqa: E402
from pipeline.rehearsal.log import read_log  # noqa: E402
from pipeline.rehearsal.report import report  # noqa: E402
from pipeline.rehearsal.shown import report_page, report_table  # noqa: E402
from pipeline.talk import Talk  # noqa: E402

PLAN = texts("shared/time.js", "rehearse/clock.js", "rehearse/plan.js")
LINES = f"""(() => {{ {PLAN}
  const data = JSON.parse(document.getElementById("talk-data").textContent);
  data.slides.forEach((s) => scriptLines(s.items, data.cuts[0], 150, 0, []));
}})()"""
NOW = "performance.timeOrigin + performance.now()"
WATCH_DECK = f"""() => {{ window.times = [];
  for (const name of ["slidechanged", "fragmentshown"])
    Reveal.on(name, () => times.push({NOW}));
}}"""
WATCH_PAGE = f"""() => {{ window.times = [];
  addEventListener("keydown", () => times.push({NOW}), true);
  new MutationObserver(() => {{ window.seen = {NOW}; }}).observe(
    document.getElementById("now-title"),
    {{ childList: true, characterData: true, subtree: true }});
}}"""


def loading_ms(page: Any, count: int = 5) -> float:
    """Of the page's own thread, until it is ready and each slide's script laid out in lines."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent_s() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))

    found = []
    for _ in range(count):
        before = spent_s()
        page.reload()
        page.wait_for_selector("html[data-ready]")
        page.evaluate(LINES)
        after = spent_s()
        found.append(after - before if after > before else after)  # a new process begins at 0
    return 1000 * statistics.median(found)


def lags_ms(page: Any, count: int = 15) -> tuple[float, float]:
    """From a key in one window to the change in the other, there and back: medians."""
    with page.expect_popup() as popup:
        page.keyboard.press("s")
    window = popup.value
    window.wait_for_selector("html[data-ready]")
    window.evaluate(WATCH_DECK)
    page.evaluate(WATCH_PAGE)
    page.wait_for_timeout(1000)
    there, back = [], []
    for _ in range(count):
        page.evaluate("times.length = 0")
        window.evaluate("times.length = 0")
        page.keyboard.press("ArrowRight")
        wait_until(window, "times.length > 0")
        there.append(window.evaluate("times[0]") - page.evaluate("times[0]"))
        page.wait_for_timeout(60)
        window.evaluate("times.length = 0")
        page.evaluate("window.seen = 0")
        window.keyboard.press("ArrowRight")
        wait_until(page, "window.seen > 0")
        back.append(page.evaluate("seen") - window.evaluate("times[0]"))
        page.wait_for_timeout(60)
    return statistics.median(there), statistics.median(back)


def report_s(talk: Talk, folder: Path, count: int) -> float:
    """Seconds to read, check, compare and show so many rehearsals."""
    blank = made_up_record(talk, id="00000000")
    text = msgspec.json.encode(blank).decode()
    folder.mkdir()
    lines = (text.replace('"00000000"', f'"{n:08}"') for n in range(count))
    (folder / "2026-11-20.jsonl").write_text("\n".join(lines), encoding="utf-8")
    started = time.process_time()
    found = report(read_log(folder, blank.talk).records, talk)
    assert report_table(found)
    assert report_page(found)
    return time.process_time() - started


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rehearsals", type=int, default=10_000)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        talk = whole_talk(Path(folder) / "talk", "short")
        page_file = build_pages(talk, Path(folder) / "speaker")
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1024, "height": 768})
        page.goto(page_file.as_uri())
        page.wait_for_selector("html[data-ready]")
        print(f"the page is ready after {loading_ms(page):.0f} ms of work")
        there, back = lags_ms(page)
        print(f"a key shows in the other window after {there:.0f} ms, and back after {back:.0f} ms")
        took = report_s(talk, Path(folder) / "log", asked.rehearsals)
        print(f"{asked.rehearsals:,} rehearsals are compared in {took:.2f} s")
        browser.close()


if __name__ == "__main__":
    main()
