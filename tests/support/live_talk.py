"""A served copy of this talk with a made-up run, and a stand-in for its models."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections.abc import Callable, Coroutine, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from pipeline.config import Config
from pipeline.measured import Measured
from pipeline.results import read_results
from pipeline.serve.app import serving
from pipeline.serve.demo import LiveModel
from pipeline.serve.session import Service
from pipeline.serve.web import LocalServer
from support.second_talk import share_figures, write_pinned_copy

T = TypeVar("T")
MADE: dict[str, Path] = {}


@dataclass
class StandIn:
    """Answers at once, or after `slow_s`; remembers what was asked."""

    slow_s: float = 0.0
    asked: list[str] = field(default_factory=list)

    def classify(self, text: str) -> Any:
        time.sleep(self.slow_s)
        self.asked.append(text)
        return Answer(
            {name: Said("spam", 0.912) for name in ("finetuned", "linear", "untrained")},
            tuple(text.split(" ")),
            0,
        )

    def next(self, text: str) -> Any:
        return Next(tuple(text.split(" ")), ((" Canberra", 0.61), (" Sydney", 0.2)))

    def moved(self, text: str) -> Generator[None, None, Any]:
        words = text.split(" ")
        for _ in words:
            time.sleep(self.slow_s)
            yield
        pieces = tuple((at, at + 1) for at in range(len(words)))
        return Moves(pieces, tuple(0.5 if word == "prize" else -0.01 for word in words), 0.9)


@dataclass(frozen=True)
class Said:
    label: str
    confidence: float


@dataclass(frozen=True)
class Answer:
    said: dict[str, Said]
    tokens: tuple[str, ...]
    beyond: int


@dataclass(frozen=True)
class Next:
    tokens: tuple[str, ...]
    candidates: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Moves:
    pieces: tuple[tuple[int, int], ...]
    changes: tuple[float, ...]
    positive_probability: float


def measured_of(config: Config) -> Measured:
    return Measured(read_results(config.root / "deck" / "results.json"))


def copy_talk(folder: Path, base: Path) -> Path:
    """A talk to change at will; `base` holds one for the session, with its drawn figures."""
    if "talk" not in MADE or not MADE["talk"].exists():
        MADE["talk"] = write_pinned_copy(base / "talk")
        MADE["cache"] = share_figures(base / "cache")
    shutil.copytree(MADE["talk"], folder / "talk")
    return folder / "talk"


@contextlib.contextmanager
def served(
    root: Path, load: Callable[[], LiveModel] | None = None, port: int = 0, **more: Any
) -> Iterator[tuple[LocalServer, Service]]:
    """The talk, served, after its first build."""
    said: list[str] = []
    with serving(
        root,
        root / "out",
        MADE["cache"],
        measured_of,
        said.append,
        port=port,
        load_model=load,
        **more,
    ) as (server, service):
        until(lambda: service.shown or service.problem, "the first build", 60)
        yield server, service


@contextlib.contextmanager
def faultless_page(browser: Any) -> Iterator[Any]:
    """A page of 1280x720; a script error in it fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    made = context.new_page()
    failed: list[str] = []
    made.on("pageerror", lambda error: failed.append(str(error)))
    yield made
    context.close()
    assert failed == []


def run(what: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` in a thread of its own: in this one a browser's loop may be running."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, what).result()


def until(is_so: Callable[[], Any], what: str, limit_s: float = 15) -> None:
    """Wait until something is so; fails with `what` if it never is."""
    end = time.monotonic() + limit_s
    while not is_so():
        if time.monotonic() > end:
            pytest.fail(f"not within {limit_s} s: {what}")
        time.sleep(0.02)
