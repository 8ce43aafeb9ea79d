"""How long from saving a slide to its being painted, what an idle server costs, what load it bears.

    python benchmarks/serve.py [--edits 50] [--browsers 50] [--saves 1000]

Uses a copy of this talk with a made-up run, Chromium, and the clock that both share.
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

from playwright.sync_api import sync_playwright  # noqa: E402
from support.second_talk import write_pinned_copy  # noqa: E402

from pipeline.config import Config  # noqa: E402
from pipeline.export.chromium import FLAGS, find_browser  # noqa: E402
from pipeline.measured import Measured  # noqa: E402
from pipeline.results import read_results  # noqa: E402
from pipeline.serve.app import serving  # noqa: E402
from pipeline.serve.session import Service  # noqa: E402

SLIDE = "03-myth-knowledge"
# When the changed slide's pixels are made: a frame's callback, and then the task after it.
WATCH = """
window.__painted = {};
new MutationObserver(() => {
  const found = document.querySelector('section.present h1');
  const mark = found && found.textContent.match(/edit (\\d+)/);
  if (!mark || window.__painted[mark[1]]) return;
  window.__painted[mark[1]] = -1;
  requestAnimationFrame(() => {
    const after = new MessageChannel();
    after.port1.onmessage = () => {
      window.__painted[mark[1]] = performance.timeOrigin + performance.now();
    };
    after.port2.postMessage(0);
  });
}).observe(document.querySelector('.slides'), { subtree: true, childList: true });
window.__loads = 'first';
"""


def measured_of(config: Config) -> Measured:
    return Measured(read_results(config.root / "deck" / "results.json"))


def ready(service: Service) -> None:
    while service.shown is None and service.problem is None:
        time.sleep(0.05)
    assert service.problem is None, service.problem


def edits(page: Any, slide: Path, count: int) -> list[float]:
    """Milliseconds from saving to painted, for each edit."""
    text = slide.read_text("utf-8")
    head = next(line for line in text.split("\n") if line.startswith("title:"))
    found = []
    for number in range(count):
        # The clock starts when the editor's write begins.
        started = time.time()
        slide.write_text(text.replace(head, f"{head} edit {number}"), "utf-8")
        page.wait_for_function(f"window.__painted[{number}] > 0", polling=5)
        found.append(page.evaluate(f"window.__painted[{number}]") - 1000 * started)
        time.sleep(0.05 + 0.013 * (number % 7))
    assert page.evaluate("window.__loads") == "first", "the page was loaded again"
    slide.write_text(text, "utf-8")
    return found


def idle_share(seconds: float = 5.0) -> float:
    """Share of one core that this process takes while nothing changes."""
    before, started = time.process_time(), time.monotonic()
    time.sleep(seconds)
    return (time.process_time() - before) / (time.monotonic() - started)


def broken_saves(service: Service, slide: Path, count: int) -> float:
    """Seconds until a mended slide shows after so many broken saves."""
    text = slide.read_text("utf-8")
    for number in range(count):
        slide.write_text(text[: number % len(text)] + "\n{{ broken", "utf-8")
        time.sleep(0.003)
    mended = text.replace("title: ", "title: Mended ")
    slide.write_text(mended, "utf-8")
    started = time.monotonic()
    while "Mended" not in (service.shown.page if service.shown else ""):
        time.sleep(0.01)
        assert time.monotonic() - started < 10
    took = time.monotonic() - started
    slide.write_text(text, "utf-8")
    return took


def crowd(browser: Any, url: str, service: Service, slide: Path, count: int) -> tuple[int, float]:
    """How many of so many browsers show an edit, and after how many seconds the last one."""
    contexts = [
        browser.new_context(viewport={"width": 640, "height": 360}, bypass_csp=True)
        for _ in range(count)
    ]
    pages = [context.new_page() for context in contexts]
    for page in pages:
        page.goto(f"{url}#/{SLIDE[3:]}")
        page.wait_for_function("document.documentElement.dataset.ready")
    text = slide.read_text("utf-8")
    started = time.monotonic()
    slide.write_text(text.replace("title: ", "title: All of you "), "utf-8")
    for page in pages:
        page.wait_for_function("document.body.textContent.includes('All of you')", timeout=20000)
    took = time.monotonic() - started
    for context in contexts:
        context.close()
    slide.write_text(text, "utf-8")
    return len(pages), took


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--edits", type=int, default=50)
    options.add_argument("--browsers", type=int, default=50)
    options.add_argument("--saves", type=int, default=1000)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        root = write_pinned_copy(Path(folder) / "talk")
        slide = root / "deck" / "slides" / f"{SLIDE}.md"
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        cache, quiet = Path(folder) / "cache", lambda _: None
        with serving(root, root / "out", cache, measured_of, quiet, port=0) as (server, service):
            ready(service)
            print(f"idle: {idle_share():.2%} of a core")
            page = browser.new_page(viewport={"width": 1280, "height": 720}, bypass_csp=True)
            page.goto(f"{server.url}#/{SLIDE[3:]}")
            page.wait_for_function("document.documentElement.dataset.ready")
            page.evaluate(WATCH)
            time.sleep(0.5)
            edits(page, slide, 3)
            page.evaluate("window.__painted = {}")
            found = sorted(edits(page, slide, asked.edits))
            print(
                f"{len(found)} edits, saved to painted: median {statistics.median(found):.0f} ms, "
                f"95th percentile {found[int(0.95 * len(found)) - 1]:.0f} ms, "
                f"most {found[-1]:.0f} ms"
            )
            if asked.saves:
                print(
                    f"{asked.saves} broken saves, mended after "
                    f"{broken_saves(service, slide, asked.saves):.2f} s"
                )
            if asked.browsers:
                many, last = crowd(browser, server.url, service, slide, asked.browsers)
                print(f"{many} browsers show an edit, the last after {last:.2f} s")
        browser.close()


if __name__ == "__main__":
    main()
