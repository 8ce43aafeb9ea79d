"""What tests ask of an open page."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from pipeline.export.screenshots import NAMES, SHOW


def wait_until(page: Any, expression: str, arg: object = None, limit_s: float = 30.0) -> None:
    """Wait until a JavaScript expression, or a function of `arg`, is true in a page.

    Playwright's `wait_for_function` evaluates a text inside the page, which our pages' policies
    don't allow.
    """
    end = time.monotonic() + limit_s
    while not page.evaluate(expression, arg):
        if time.monotonic() > end:
            raise AssertionError(f"within {limit_s:g} s this was never true: {expression}")
        page.wait_for_timeout(20)


def slide_names(page: Any) -> list[str]:
    """The names of the slides of a deck in their order."""
    names: list[str] = page.evaluate(NAMES)
    return names


def show_slide(page: Any, index: int) -> None:
    """Go to a slide (from 0) and show all its steps."""
    page.evaluate(SHOW, index)


COLOURS = ["color-contrast", "link-in-text-block"]  # the rules of axe-core that a theme changes


def axe_on_slides(page: Any) -> list[str]:
    """What axe-core finds on each slide with all its steps; with the first, around it too.

    In the dark theme it looks at colours alone: nothing else is other than in the light one.
    """
    from axe_playwright_python.base import AXE_FILE_PATH

    page.evaluate(Path(AXE_FILE_PATH).read_text("utf-8"))
    is_dark = page.evaluate("document.documentElement.dataset.theme === 'dark'")
    only = f"runOnly: {COLOURS}" if is_dark else ""
    found = []
    for index, name in enumerate(slide_names(page)):
        show_slide(page, index)
        wait_until(page, f"Reveal.getIndices().h === {index}")
        where = "'section.present'" if index else "document"
        run = f"axe.run({where}, {{preload: false, resultTypes: ['violations'], {only}}})"
        for fault in page.evaluate(f"{run}.then(run => run.violations)"):
            nodes = [node["html"][:120] for node in fault["nodes"]]
            found.append(f"{index + 1} {name}: {fault['id']} ({fault['impact']}): {nodes}")
    return found
