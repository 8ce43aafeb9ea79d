"""The system's Chromium, driven by Playwright under a time limit."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from pipeline.problems import TalkError

if TYPE_CHECKING:
    from playwright.async_api import Browser

# Without these Chromium looks for its maker's servers at each start.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
LIMIT_S = 60.0
Made = TypeVar("Made")


class NoBrowserError(TalkError):
    """What needs a browser can't be made here; the rest can."""


def browser_path() -> str:
    """The path of Chromium or Chrome. Raises NoBrowserError if there is none to drive."""
    try:
        import playwright  # noqa: F401
    except ImportError:
        raise NoBrowserError(
            "playwright is missing", hint="pip install '.[publish]' brings it"
        ) from None
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise NoBrowserError(
            "there is no Chromium on this machine", hint="install chromium or Google Chrome"
        )
    return path


def in_browser(
    work: Callable[[Browser], Awaitable[Made]], what: str, limit_s: float = LIMIT_S
) -> Made:
    """Run `work` with a headless browser and return what it returns.

    Raises NoBrowserError without one, TalkError if it takes longer than `limit_s` seconds.
    """
    path = browser_path()

    async def run() -> Made:
        from playwright.async_api import async_playwright

        # The browser ends with its driver: closing one that hangs could hang as well.
        async with async_playwright() as playwright:
            return await asyncio.wait_for(start(playwright.chromium), limit_s)

    async def start(chromium: object) -> Made:
        from playwright.async_api import BrowserType

        assert isinstance(chromium, BrowserType)
        browser = await chromium.launch(
            executable_path=path, args=list(FLAGS), timeout=limit_s * 1000
        )
        return await work(browser)

    from playwright.async_api import Error

    try:
        # In a thread of its own, since the caller may have a running event loop.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: asyncio.run(run())).result()
    except TimeoutError:
        raise _too_slow(what, limit_s) from None
    except Error as error:
        if "Timeout" in str(error):
            raise _too_slow(what, limit_s) from None
        first = str(error).split("\n")[0]
        raise TalkError(f"the browser failed at {what}: {first}") from None


def _too_slow(what: str, limit_s: float) -> TalkError:
    return TalkError(
        f"the browser did not finish {what} within {limit_s:g} seconds and was ended",
        hint="try again; if it happens each time, open the deck in that browser by hand",
    )
