"""The desk of the live demo: questions wait in a line, one thread asks the model, answers go back.

A short question goes before a long one: what takes long is done in parts.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import queue
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, InvalidStateError
from http import HTTPStatus
from typing import Protocol

import msgspec

from pipeline.problems import TalkError
from pipeline.serve.web import Answer, refusal

MOST_WAITING = 48
PATIENCE_S = 20.0
STOP_S = 10.0
KINDS = ("classify", "next", "moved")


class LiveModel(Protocol):
    """What a live demo asks of a run's models; answers are dataclasses, sent as JSON."""

    def classify(self, text: str) -> object: ...

    def next(self, text: str) -> object: ...

    def moved(self, text: str) -> Generator[None, None, object]: ...


class State(msgspec.Struct, frozen=True):
    """`name` is "none", "loading", "ready" or "failed"; `note` says more to people."""

    name: str
    note: str = ""


class _Job(msgspec.Struct):
    kind: str
    text: str
    asked: float = msgspec.field(default_factory=time.monotonic)
    answer: Future[Answer] = msgspec.field(default_factory=Future)
    parts: Generator[None, None, object] | None = None

    def end(self, answer: Answer) -> None:
        with contextlib.suppress(InvalidStateError):  # who asked has given up
            self.answer.set_result(answer)


class Desk:
    """Loads the model in the background and answers one question at a time."""

    def __init__(
        self, load: Callable[[], LiveModel] | None, tell: Callable[[State], None] = lambda _: None
    ) -> None:
        self.state = State("loading" if load else "none")
        self._load, self._tell = load, tell
        self._line: queue.PriorityQueue[tuple[int, int, _Job | None]] = queue.PriorityQueue()
        self._count = itertools.count()
        self._waiting = 0
        self._thread: threading.Thread | None = None
        self._last_of: dict[str, _Job] = {}  # browser -> its long question

    def start(self) -> None:
        if self._load:
            self._thread = threading.Thread(target=self._work, daemon=True, name="live-model")
            self._thread.start()

    def stop(self) -> None:
        """Let the question in hand be answered: a library that is cut off may end in a crash.

        A model that is still being loaded isn't waited for; see `is_loading`.
        """
        self._line.put((-1, 0, None))
        if self._thread and self.state.name != "loading":
            self._thread.join(STOP_S)

    @property
    def is_loading(self) -> bool:
        """Whether a library is at work that can't be stopped."""
        return self.state.name == "loading" and self._thread is not None

    async def ask(self, kind: str, text: str, who: str = "") -> Answer:
        """Wait in line and get the answer, or the reason why there is none."""
        if kind not in KINDS:
            return refusal(HTTPStatus.NOT_FOUND, "there is no such question")
        if not text.strip():
            return refusal(HTTPStatus.BAD_REQUEST, "the text is empty")
        if self.state.name != "ready":
            note = self.state.note or "the model isn't ready"
            return refusal(HTTPStatus.SERVICE_UNAVAILABLE, note, state=self.state.name)
        if self._waiting >= MOST_WAITING:
            return refusal(HTTPStatus.TOO_MANY_REQUESTS, "too many ask at once", wait_s=1)
        # A lone surrogate can't be encoded; JSON lets one through.
        job = _Job(kind, text.encode("utf-8", "replace").decode())
        if kind == "moved" and who:
            if old := self._last_of.get(who):
                old.end(refusal(HTTPStatus.CONFLICT, "asked anew meanwhile"))
            self._last_of[who] = job
        self._waiting += 1
        self._line.put((int(kind == "moved"), next(self._count), job))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(job.answer), PATIENCE_S)
        except TimeoutError:
            return refusal(HTTPStatus.SERVICE_UNAVAILABLE, "that took too long", wait_s=2)
        finally:
            self._waiting -= 1
            if self._last_of.get(who) is job:
                del self._last_of[who]

    def _become(self, state: State) -> None:
        self.state = state
        self._tell(state)

    def _work(self) -> None:
        assert self._load
        try:
            model = self._load()
        except TalkError as error:
            hint = f" ({error.hint})" if error.hint else ""
            self._become(State("failed", f"{error.message}{hint}"))
            return
        except Exception as error:  # whatever a library raises must not end the preview
            self._become(State("failed", f"{type(error).__name__}: {error}"))
            return
        self._become(State("ready"))
        while True:
            rank, count, job = self._line.get()
            if job is None:
                return
            if not job.answer.done() and not self._step(model, job):
                self._line.put((rank, count, job))

    @staticmethod
    def _step(model: LiveModel, job: _Job) -> bool:
        """Answer a job, or do one part of it; whether it is done."""
        try:
            if job.kind == "moved":
                job.parts = job.parts or model.moved(job.text)
                try:
                    next(job.parts)
                    return False
                except StopIteration as stop:
                    found = stop.value
            else:
                found = model.classify(job.text) if job.kind == "classify" else model.next(job.text)
        except Exception as error:
            job.end(refusal(HTTPStatus.INTERNAL_SERVER_ERROR, f"the model failed: {error}"))
            return True
        took_ms = round(1000 * (time.monotonic() - job.asked))
        job.end(Answer(HTTPStatus.OK, {**msgspec.to_builtins(found), "took_ms": took_ms}))
        return True
