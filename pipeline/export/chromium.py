"""The system's Chromium, Chrome or Edge, driven by Playwright under a time limit."""

from __future__ import annotations

import mimetypes
import os
import shutil
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import unquote, urlsplit

from pipeline.command import install
from pipeline.problems import TalkError

if TYPE_CHECKING:
    from playwright.async_api import Page, Route

    from pipeline.export.driver import Driver, Tabs

# What Playwright turns off itself: of two such lists on a command line the last one counts alone.
_OFF = (
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding"),
    *("ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect"),
    *("TcpPortRandomizationWin", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled"),
    *("PreconnectToSearch", "msForceBrowserSignIn", "msEdgeUpdateLaunchServicesPreferredVersion"),
)
# Pages of an address bar that nobody sees, loaded for each window: four fifths of its cost.
_ADDRESS_BAR = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup")
# Without most of these Chromium looks for its maker's servers at each start.
FLAGS = (
    f"--disable-features={','.join((*_OFF, *_ADDRESS_BAR))}",
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
_EACH_S = 2.0  # of a busy machine, for one slide
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


class _Shared:
    """The browser that is open, if one is, and how many blocks it is open for."""

    def __init__(self) -> None:
        self.lock, self.blocks = threading.Lock(), 0
        self.driver: Driver | None = None


_shared = _Shared()


@contextmanager
def one_browser() -> Iterator[None]:
    """Inside, all that is made in a browser is made in one: it starts when it is first needed, and
    ends with the block.
    """
    with _shared.lock:
        _shared.blocks += 1
    try:
        yield
    finally:
        with _shared.lock:
            _shared.blocks -= 1
            is_last = not _shared.blocks
        if is_last:
            _end(_shared.driver)


def end_browser() -> None:
    """End the browser that is open: what is still made in it, in other threads, fails at once."""
    _end(_shared.driver)


def _end(driver: Driver | None) -> None:
    with _shared.lock:
        if driver is _shared.driver:
            _shared.driver = None
    if driver is not None:
        driver.close()


def in_browser(
    work: Callable[[Tabs], Awaitable[Made]], what: str, limit_s: float = LIMIT_S
) -> Made:
    """Run `work` with a headless browser and return what it returns.

    Raises NoBrowserError without one, TalkError if it takes longer than `limit_s` seconds.
    """
    path = browser_path()
    from playwright.async_api import Error

    from pipeline.export.driver import Driver

    with one_browser():
        with _shared.lock:
            driver = _shared.driver = _shared.driver or Driver(path, FLAGS)
        try:
            return driver.run(work, limit_s)
        except TimeoutError:
            _end(driver)
            raise _too_slow(what, limit_s) from None
        except Error as error:
            _end(driver)
            if "Timeout" in str(error):
                raise _too_slow(what, limit_s) from None
            first = str(error).split("\n")[0]
            raise TalkError(f"the browser failed at {what}: {first}") from None


def limit_of(slides: int) -> float:
    """How many seconds may go by while so many slides are measured, printed or pictured."""
    return 2 * LIMIT_S + _EACH_S * slides


def browser_version() -> str:
    """The version of the browser, which draws some things in its own way."""

    async def work(tabs: Tabs) -> str:
        return tabs.version

    return in_browser(work, "its start")


def _too_slow(what: str, limit_s: float) -> TalkError:
    return TalkError(
        f"the browser did not finish {what} within {limit_s:g} seconds and was ended",
        hint="try again; if it happens each time, open the deck in that browser by hand",
    )


async def open_deck(
    tabs: Tabs,
    deck: Path,
    query: str = "",
    *,
    size: tuple[int, int] = (1280, 720),
    scale: float = 1,
    motion: Literal["reduce", "no-preference"] = "reduce",
    before: str = "",
) -> Page:
    """The page of a deck, started and with its typeface; the limit of the whole counts.

    `before` is a script that runs before its own. Its policy is not asked: exports add a style of
    their own. So only a proven page comes here.
    """
    page = await tabs.new_page(
        viewport={"width": size[0], "height": size[1]},
        device_scale_factor=scale,
        reduced_motion=motion,
        bypass_csp=True,
    )
    if before:
        await page.add_init_script(before)
    return await _started(page, f"{deck.resolve().as_uri()}{query}")


async def open_deck_of(tabs: Tabs, page_text: str, files: Mapping[str, bytes]) -> Page:
    """A deck's page out of memory, started: its page's text, and its files by name.

    Videos show their posters alone.
    """
    page = await tabs.new_page(
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
