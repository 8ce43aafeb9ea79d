"""What pytest sets up for all tests: patience, threads, the mark `fast`, pictures, a browser."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from support import second_talk
from support.needs import need

from pipeline.export.chromium import FLAGS, find_browser

# A busy machine is no fault: no example has to be done in time.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# Tests run side by side: a tiny model that takes all cores would wait for the other's.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell's background job ignores Ctrl-C, and so would every process that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is neither slow nor needs a browser is `fast`; several processes begin with the rest.

    A file is one process's: a long one that begins last would keep all others waiting.
    """
    long: Counter[Path] = Counter()
    for item in items:
        if item.get_closest_marker("slow") is item.get_closest_marker("browser") is None:
            item.add_marker("fast")
        else:
            long[item.path] += 1
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: -long[item.path])  # stable: a file's tests stay together


_MANY_MODULES = 200
_loaded = [0]


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """What libraries loaded is there to stay: no collection of garbage has to look at it again.

    Each training collects twice, and a third of a tiny one's time went into that.
    """
    if len(sys.modules) > _loaded[0] + _MANY_MODULES:
        _loaded[0] = len(sys.modules)
        gc.collect()
        gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _figures_are_drawn_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """All files of tests, in whatever process, share the drawn charts and diagrams."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    second_talk.FIGURES[:] = [shared / "figures"]


@pytest.fixture(scope="session", autouse=True)
def _no_state_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What a talk was allowed to run, here, is remembered for this session alone."""
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="session", autouse=True)
def _no_cache_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What talks share is shared by all files of tests, and goes with them."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    os.environ["TALKWRIGHT_CACHE"] = str(base / "shared")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One headless Chromium for all browser tests."""
    path = find_browser()
    need(path, "there is no Chromium (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield started
        started.close()
