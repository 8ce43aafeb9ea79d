"""How fast and how large a public site is: `python -m benchmarks.publish [--talk DIR] [--browser]`.

Aims, after a build, on two idle cores: the site in at most 3 s without PDF; at most 1.5 MB; the
first slide at most 330 kB, 90 kB gzipped, 6 requests; PDF in at most 3 s and 1 MB. With `--browser`
the PDF is made and the deck's time until it is ready is measured, beside marp's for the same
number of slides where `marp` is installed.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pipeline.config import load_config
from pipeline.export.chromium import FLAGS, browser_path
from pipeline.measured import Measured
from pipeline.publish.site import PDF, PublishOptions, publish
from pipeline.results import read_results
from pipeline.slides.layouts import load_layouts
from pipeline.talk import Talk, load_talk

FIRST_SLIDE = ("index.html", "deck.css", "deck.js", "reveal.js", "manrope.woff2", "favicon.svg")
TRIES = 7


def load(root: Path) -> Talk:
    config = load_config(root)
    pinned = root / "deck" / "results.json"
    kept = pinned if pinned.exists() else root / "out" / "results.json"
    run = read_results(kept) if config.experiment else None
    return load_talk(config, Measured(run), load_layouts())


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the wall and of the processor."""
    wall, processor = time.monotonic(), time.process_time()
    work()
    return time.monotonic() - wall, time.process_time() - processor


def ready_ms(page: Path, selector: str) -> float:
    """Median of the milliseconds until a page from file:// has what `selector` finds."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=list(FLAGS))
        times = []
        for _ in range(TRIES):
            opened = browser.new_page(viewport={"width": 1280, "height": 720})
            opened.goto(page.as_uri(), wait_until="commit")
            opened.wait_for_selector(selector, state="attached")
            times.append(float(opened.evaluate("performance.now()")))
            opened.close()
        browser.close()
    return statistics.median(times)


def marp_page(folder: Path, slides: int) -> Path | None:
    """A deck by marp with as many slides, if it is installed."""
    if not shutil.which("marp"):
        return None
    source = folder / "slides.md"
    source.write_text("\n\n---\n\n".join(f"# Slide {n}\n\n- one\n- two" for n in range(slides)))
    page = folder / "marp.html"
    subprocess.run(["marp", str(source), "-o", str(page)], check=True, capture_output=True)
    return page


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--talk", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--browser", action="store_true")
    options = parser.parse_args()
    talk, cache = load(options.talk), options.talk / ".cache"
    with tempfile.TemporaryDirectory() as name:
        out = Path(name)
        publish(talk, out, cache)  # the card's picture is kept from here on
        wall, processor = timed(lambda: publish(talk, out, cache))
        site = publish(talk, out, cache, PublishOptions(single_file=True))
        first = [(site.folder / file).read_bytes() for file in FIRST_SLIDE]
        print(f"publish without PDF   {wall:.2f} s ({processor:.2f} s of processor time)")
        print(
            f"the site              {(site.total_bytes - site.sizes['offline.html']) / 1e6:.2f} MB"
        )
        print(f"one file              {site.sizes['offline.html'] / 1e6:.2f} MB")
        zipped = sum(len(gzip.compress(content)) for content in first)
        size = sum(map(len, first))
        print(
            f"first slide           {size / 1e3:.0f} kB, {zipped / 1e3:.0f} kB gzipped, 6 requests"
        )
        if options.browser:
            wall, _ = timed(lambda: publish(talk, out, cache, PublishOptions(pdf=True)))
            pdf = (out / "public" / PDF).stat().st_size
            print(f"publish with PDF      {wall:.2f} s, PDF {pdf / 1e6:.2f} MB")
            ready = ready_ms(site.folder / "index.html", "html[data-ready]")
            print(f"deck ready            {ready:.0f} ms")
            marp = marp_page(out, len(talk.slides))
            shown = f"{ready_ms(marp, 'svg'):.0f} ms" if marp else "not installed"
            print(f"marp ready            {shown}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
