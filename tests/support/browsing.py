"""What tests ask of an open page."""

from __future__ import annotations

import time
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
