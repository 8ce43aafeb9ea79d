"""The system's Chromium, Chrome or Edge, driven by Playwright under a time limit."""

from __future__ import annotations

import mimetypes
import os
import shutil
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import unquote, urlsplit

from pipeline.command import install
from pipeline.problems import TalkError

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserType, Page, Route

# Without most of these Chromium looks for its maker's servers at each start.
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
NAMES = (
    *("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"),
    *("microsoft-edge-stable", "microsoft-edge", "msedge"),
)
# Where the installers put them, which is on nobody's PATH.
_MACOS = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_WINDOWS = (
    "Google/Chrome/Application/chrome.exe",
    "Chromium/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
)
_LINUX: tuple[str, ...] = (
    "/opt/google/chrome/chrome",
    "/snap/bin/chromium",
    "/usr/lib/chromium/chromium",
    "/opt/microsoft/msedge/msedge",
)
_WINDOWS_FOLDERS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
LIMIT_S = 60.0
_NOWHERE = "http://deck.invalid/"  # no request leaves the browser
Made = TypeVar("Made")


class NoBrowserError(TalkError):
    """What needs a browser can't be made here; the rest can."""


def find_browser() -> str | None:
    """The browser to drive: CHROME_PATH, else one on the PATH, else one where installers put it.

    Raises NoBrowserError if CHROME_PATH names no program.
    """
    if named := os.environ.get("CHROME_PATH"):
        if found := shutil.which(named):
            return found
        raise NoBrowserError(
            f"CHROME_PATH names no program: {named}", hint="set it to the path of chrome, or unset"
        )
    places = map(str, installed_places(sys.platform, os.environ))
    return next(filter(None, map(shutil.which, (*NAMES, *places))), None)


def installed_places(system: str, variables: Mapping[str, str]) -> Iterator[Path]:
    """Where Chrome, Chromium and Edge are on a system (as `sys.platform` names it), if at all."""
    names, folders = _LINUX, ["/"]
    if system == "darwin":
        names, folders = _MACOS, ["/Applications", str(Path.home() / "Applications")]
    elif system == "win32":
        names = _WINDOWS
        folders = [variables[name] for name in _WINDOWS_FOLDERS if variables.get(name)]
    for name in names:
        yield from (Path(folder, name) for folder in folders)


def browser_path() -> str:
    """The path of the browser to drive. Raises NoBrowserError if there is none."""
    try:
        import playwright  # noqa: F401
    except ImportError:
        raise NoBrowserError(
            "playwright is missing", hint=f"{install('publish')} brings it"
        ) from None
    path = find_browser()
    if path is None:
        raise NoBrowserError(
            "there is no Chromium on this machine",
            hint="install Chromium, Chrome or Edge, or set CHROME_PATH to one",
        )
    return path


def in_browser(
    work: Callable[[Browser], Awaitable[Made]], what: str, limit_s: float = LIMIT_S
) -> Made:
    """Run `work` with a headless browser and return what it returns.

    Raises NoBrowserError without one, TalkError if it takes longer than `limit_s` seconds.
    """
    path = browser_path()
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    from playwright.async_api import Error, async_playwright

    async def run() -> Made:
        # The browser ends with its driver: closing one that hangs could hang as well.
        async with async_playwright() as playwright:
            return await asyncio.wait_for(start(playwright.chromium), limit_s)

    async def start(chromium: BrowserType) -> Made:
        browser = await chromium.launch(
            executable_path=path, args=list(FLAGS), timeout=limit_s * 1000
        )
        return await work(browser)

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


async def open_deck(
    browser: Browser,
    deck: Path,
    query: str = "",
    *,
    size: tuple[int, int] = (1280, 720),
    scale: float = 1,
    motion: Literal["reduce", "no-preference"] = "reduce",
) -> Page:
    """The page of a deck, started and with its typeface; the limit of the whole counts.

    Its policy is not asked: exports add a style of their own. So only a proven page comes here.
    """
    page = await browser.new_page(
        viewport={"width": size[0], "height": size[1]},
        device_scale_factor=scale,
        reduced_motion=motion,
        bypass_csp=True,
    )
    return await _started(page, f"{deck.resolve().as_uri()}{query}")


async def open_deck_of(browser: Browser, page_text: str, files: Mapping[str, bytes]) -> Page:
    """A deck's page out of memory, started: its page's text, and its files by name.

    Videos show their posters alone.
    """
    page = await browser.new_page(
        viewport={"width": 1280, "height": 720}, reduced_motion="reduce", bypass_csp=True
    )

    async def answer(route: Route) -> None:
        name = unquote(urlsplit(route.request.url).path.lstrip("/"))
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        if not name:
            await route.fulfill(body=page_text, content_type="text/html; charset=utf-8")
        elif kind.startswith(("video/", "audio/")):
            await route.abort()  # its poster has its size
        elif name in files:
            await route.fulfill(body=files[name], content_type=kind)
        else:
            await route.fulfill(status=404)

    await page.route("**/*", answer)
    return await _started(page, _NOWHERE)


async def _started(page: Page, address: str) -> Page:
    page.set_default_timeout(0)
    await page.goto(address)
    await page.wait_for_selector("html[data-ready]")
    await page.evaluate("document.fonts.ready.then(() => true)")
    return page
