"""The desk of the live demo: questions wait in a line, one thread asks the model, answers go back.

A short question goes before a long one: what takes long is done in parts.
"""

from __future__ import annotations

import itertools
import queue
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol

import msgspec

from pipeline.problems import TalkError

MOST_WAITING = 48
PATIENCE_S = 20.0
STOP_S = 10.0
KINDS = ("classify", "next", "moved")


class LiveModel(Protocol):
    """What a live demo asks of a run's models; answers are dataclasses, sent as JSON."""

    def classify(self, text: str) -> object: ...

    def next(self, text: str) -> object: ...

    def moved(self, text: str) -> Generator[None, None, object]: ...


@dataclass(frozen=True, slots=True)
class State:
    """`name` is "none", "loading", "ready" or "failed"; `note` says more to people."""

    name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    status: HTTPStatus
    body: dict[str, Any]


@dataclass(slots=True)
class _Job:
    kind: str
    text: str
    who: str
    asked: float = field(default_factory=time.monotonic)
    done: threading.Event = field(default_factory=threading.Event)
    parts: Generator[None, None, object] | None = None
    dropped: bool = False
    answer: Answer | None = None

    def end(self, answer: Answer) -> None:
        self.answer = answer
        self.done.set()


def _no(status: HTTPStatus, message: str, **more: object) -> Answer:
    return Answer(status, {"error": message, **more})


class Desk:
    """Loads the model in the background and answers one question at a time."""

    def __init__(
        self, load: Callable[[], LiveModel] | None, tell: Callable[[State], None] = lambda _: None
    ) -> None:
        self.state = State("loading" if load else "none")
        self._load, self._tell = load, tell
        self._line: queue.PriorityQueue[tuple[int, int, _Job | None]] = queue.PriorityQueue()
        self._count = itertools.count()
        self._lock = threading.Lock()
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

    def ask(self, kind: str, text: str, who: str = "") -> Answer:
        """Wait in line and get the answer, or the reason why there is none. For many threads."""
        if kind not in KINDS:
            return _no(HTTPStatus.NOT_FOUND, "there is no such question")
        if not text.strip():
            return _no(HTTPStatus.BAD_REQUEST, "the text is empty")
        if self.state.name != "ready":
            note = self.state.note or "the model isn't ready"
            return _no(HTTPStatus.SERVICE_UNAVAILABLE, note, state=self.state.name)
        # A lone surrogate can't be encoded; JSON lets one through.
        job = _Job(kind, text.encode("utf-8", "replace").decode(), who)
        with self._lock:
            if self._waiting >= MOST_WAITING:
                return _no(HTTPStatus.TOO_MANY_REQUESTS, "too many ask at once", wait_s=1)
            self._waiting += 1
            if kind == "moved" and who:
                if old := self._last_of.pop(who, None):
                    old.dropped = True
                self._last_of[who] = job
        self._line.put((int(kind == "moved"), next(self._count), job))
        in_time = job.done.wait(PATIENCE_S)
        job.dropped = True
        with self._lock:
            self._waiting -= 1
            if self._last_of.get(who) is job:
                del self._last_of[who]
        late = _no(HTTPStatus.SERVICE_UNAVAILABLE, "that took too long", wait_s=2)
        return job.answer if in_time and job.answer else late

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
            if job.dropped:
                job.end(_no(HTTPStatus.CONFLICT, "asked anew meanwhile"))
            elif not self._step(model, job):
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
            job.end(_no(HTTPStatus.INTERNAL_SERVER_ERROR, f"the model failed: {error}"))
            return True
        took_ms = round(1000 * (time.monotonic() - job.asked))
        job.end(Answer(HTTPStatus.OK, {**msgspec.to_builtins(found), "took_ms": took_ms}))
        return True
