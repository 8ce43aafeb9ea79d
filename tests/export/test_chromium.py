"""The browser is found wherever a system has it, and never waited for without end."""

from __future__ import annotations

import asyncio
import re
import threading
from concurrent.futures import CancelledError, ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from support.needs import need, posix

from pipeline.export import chromium, screenshots
from pipeline.export.chromium import (
    FLAGS,
    NoBrowserError,
    end_browser,
    find_browser,
    in_browser,
    installed_places,
    one_browser,
)
from pipeline.export.pdf import export_pdf
from pipeline.problems import TalkError


@pytest.mark.browser
@pytest.mark.slow
def test_a_page_that_hangs_is_ended(tmp_path: Path) -> None:
    """A page that never ends its script is given up after the time limit, and said."""
    need(find_browser(), "there is no Chromium (apt-get install chromium)")
    page = tmp_path / "hangs.html"
    page.write_text("<script>for (;;) {}</script>")

    async def work(browser: Any) -> None:
        opened = await browser.new_page()
        await opened.goto(page.as_uri())

    with pytest.raises(TalkError, match="the browser did not finish the test within 2 seconds"):
        in_browser(work, "the test", 2)


@pytest.mark.browser
@pytest.mark.slow
def test_nobody_waits_for_what_was_given_up() -> None:
    """Work in another thread ends with the browser, as after Ctrl-C."""
    need(find_browser(), "there is no Chromium (apt-get install chromium)")
    begun = threading.Event()

    async def work(tabs: Any) -> None:
        begun.set()
        await asyncio.sleep(600)

    with ThreadPoolExecutor(1) as beside, one_browser():
        waiting = beside.submit(in_browser, work, "the test", 600)
        assert begun.wait(60)
        end_browser()
        with pytest.raises((CancelledError, TalkError)):
            waiting.result(60)


@posix
def test_a_browser_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that never answers is given up after the time limit, and said."""
    fake = tmp_path / "chromium"
    fake.write_text("#!/bin/sh\nexec sleep 60\n")
    fake.chmod(0o755)
    monkeypatch.setenv("CHROME_PATH", str(fake))

    async def work(browser: Any) -> None:
        raise AssertionError("it never gets here")

    with pytest.raises(TalkError, match="the browser did not finish the test within 1 seconds"):
        in_browser(work, "the test", 1)


def test_more_slides_may_take_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long deck isn't given up after the time of a short one."""
    limits: list[float] = []
    monkeypatch.setattr(screenshots, "in_browser", lambda _work, _what, most: limits.append(most))
    for count in (22, 150):
        (page := tmp_path / "index.html").write_text("<section class='a'></section>" * count)
        screenshots.slide_pictures(page)
        screenshots.slide_pictures(page, only=["one"])
    assert limits[0] < limits[2]
    assert limits[1] == limits[3] < limits[0]


def test_no_browser_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without Chromium gets a clear word."""
    monkeypatch.setattr(chromium, "find_browser", lambda: None)
    with pytest.raises(NoBrowserError, match="there is no Chromium") as error:
        export_pdf(tmp_path / "index.html", tmp_path / "x.pdf", tmp_path, 1)
    assert error.value.hint == "install Chromium, Chrome or Edge, or set CHROME_PATH to one"


def program(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


@posix
def test_chrome_path_is_asked_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """CHROME_PATH wins over what is on the PATH; one that names nothing is said."""
    mine = program(tmp_path / "my browser")
    monkeypatch.setenv("CHROME_PATH", mine)
    assert find_browser() == mine
    monkeypatch.setenv("CHROME_PATH", str(tmp_path / "gone"))
    with pytest.raises(NoBrowserError, match="CHROME_PATH names no program: "):
        find_browser()


@posix
@pytest.mark.parametrize("name", ["chromium", "google-chrome-stable", "microsoft-edge", "msedge"])
def test_a_browser_on_the_path_is_found(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Under each of the names that Chromium, Chrome and Edge have."""
    found = program(tmp_path / name)
    monkeypatch.delenv("CHROME_PATH", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_browser() == found


@posix
def test_a_browser_where_the_installer_put_it_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """On no PATH: the folders of Windows, macOS and Linux."""
    monkeypatch.delenv("CHROME_PATH", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(chromium, "installed_places", lambda *_: [tmp_path / "a", tmp_path / "b"])
    assert find_browser() is None
    program(tmp_path / "b")
    assert find_browser() == str(tmp_path / "b")


def test_the_places_of_each_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chrome before Edge; folders that a variable of Windows names."""
    monkeypatch.setenv("HOME", "/users/me")
    windows = [*installed_places("win32", {"PROGRAMFILES": "C:/P", "LOCALAPPDATA": "C:/L"})]
    assert windows[:2] == [
        Path("C:/P/Google/Chrome/Application/chrome.exe"),
        Path("C:/L/Google/Chrome/Application/chrome.exe"),
    ]
    assert windows[-1] == Path("C:/L/Microsoft/Edge/Application/msedge.exe")
    macos = [*installed_places("darwin", {})]
    assert macos[0] == Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
    assert Path("/users/me/Applications/Chromium.app/Contents/MacOS/Chromium") in macos
    assert Path("/opt/google/chrome/chrome") in [*installed_places("linux", {})]


def test_what_playwright_turns_off_stays_off() -> None:
    """The last list of features on a command line counts alone: ours has all of Playwright's."""
    found = find_spec("playwright")
    need(found, "playwright is missing (the extra `publish`)")
    assert found
    assert found.origin
    bundle = Path(found.origin).parent / "driver" / "package" / "lib" / "coreBundle.js"
    listed = re.search(r"disabledFeatures = \[(.*?)\]\.filter", bundle.read_text("utf-8"), re.S)
    assert listed
    theirs = set(re.findall(r'^ *"(\w+)",?$', listed[1], re.M))
    (ours,) = (flag for flag in FLAGS if flag.startswith("--disable-features="))
    assert "PaintHolding" in theirs
    assert theirs <= set(ours.partition("=")[2].split(","))
