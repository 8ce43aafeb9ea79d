"""One browser under Playwright for several pieces of work; imported when there is some."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

from playwright.async_api import Browser, BrowserContext, Page, Playwright, async_playwright

_CLOSE_S = 10.0
Made = TypeVar("Made")


class Tabs:
    """A browser as one piece of work has it: the pages that it opens are closed after it."""

    def __init__(self, browser: Browser) -> None:
        self._browser, self._contexts = browser, list[BrowserContext]()

    @property
    def version(self) -> str:
        return self._browser.version

    async def new_page(self, **options: Any) -> Page:
        """A page of its own: Playwright's Browser.new_page."""
        context = await self._browser.new_context(**options)
        self._contexts.append(context)
        return await context.new_page()

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()


class Driver:
    """One browser, started when it is first needed, in a thread of its own: the caller may have a
    running event loop.
    """

    def __init__(self, path: str, flags: Sequence[str]) -> None:
        self._path, self._flags = path, list(flags)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._starting = asyncio.Lock()
        self._going_on: set[Future[Any]] = set()
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._thread.start()

    def run(self, work: Callable[[Tabs], Awaitable[Made]], limit_s: float) -> Made:
        """Raises TimeoutError after so many seconds, and Playwright's Error."""
        return self._run(asyncio.wait_for(self._work(work, limit_s), limit_s))

    def close(self) -> None:
        """The browser ends with its driver: closing one that hangs could hang as well.

        Work that goes on in another thread is cancelled.
        """
        for future in [*self._going_on]:
            future.cancel()
        if self._playwright is not None:
            with suppress(Exception):  # it has ended already
                self._run(asyncio.wait_for(self._playwright.stop(), _CLOSE_S))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, coroutine: Coroutine[Any, Any, Made]) -> Made:
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        self._going_on.add(future)
        try:
            return future.result()
        finally:
            future.cancel()  # what Ctrl-C didn't wait for
            self._going_on.discard(future)

    async def _work(self, work: Callable[[Tabs], Awaitable[Made]], limit_s: float) -> Made:
        async with self._starting:
            if self._browser is None:
                self._browser = await self._start(limit_s)
        tabs = Tabs(self._browser)
        made = await work(tabs)
        await tabs.close()
        return made

    async def _start(self, limit_s: float) -> Browser:
        self._playwright = await async_playwright().start()
        return await self._playwright.chromium.launch(
            executable_path=self._path, args=self._flags, timeout=limit_s * 1000
        )
