"""What tests ask of an open page."""

from __future__ import annotations

import time
from typing import Any


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
