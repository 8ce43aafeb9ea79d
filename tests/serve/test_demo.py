"""The desk of the live demo: short questions first, none lost, and a model that fails is said."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from support.live_talk import StandIn, until

from pipeline.problems import TalkError
from pipeline.serve import demo as live
from pipeline.serve.demo import Desk, State


def opened(model: Any) -> Desk:
    desk = Desk(lambda: model)
    desk.start()
    until(lambda: desk.state.name == "ready", "the model")
    return desk


def test_before_the_model_is_ready_the_answer_says_so() -> None:
    """And the browsers are told when it is."""
    go, told = threading.Event(), list[State]()

    def load() -> StandIn:
        go.wait(10)
        return StandIn()

    desk = Desk(load, told.append)
    desk.start()
    answer = desk.ask("classify", "win a prize")
    assert (answer.status, answer.body["state"]) == (503, "loading")
    go.set()
    until(lambda: desk.state.name == "ready", "the model")
    assert told == [State("ready")]
    assert desk.ask("classify", "win a prize").status == 200
    desk.stop()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TalkError("no such run", hint="build one"), "no such run (build one)"),
        (MemoryError("too large"), "MemoryError: too large"),
    ],
)
def test_a_model_that_fails_to_load_is_a_state_with_a_word(error: Exception, said: str) -> None:
    """The deck goes on with the recorded examples."""

    def load() -> StandIn:
        raise error

    desk = Desk(load)
    desk.start()
    until(lambda: desk.state.name == "failed", "the failure")
    assert desk.state.note == said
    answer = desk.ask("classify", "win a prize")
    assert (answer.status, answer.body["error"]) == (503, said)


def test_a_model_that_fails_at_one_text_answers_the_next() -> None:
    """One bad text does not end the demo."""

    class Fails(StandIn):
        def classify(self, text: str) -> Any:
            if text == "bad":
                raise RuntimeError("no such token")
            return super().classify(text)

    desk = opened(Fails())
    answer = desk.ask("classify", "bad")
    assert (answer.status, answer.body["error"]) == (500, "the model failed: no such token")
    assert desk.ask("classify", "good").status == 200
    desk.stop()


def test_a_short_question_goes_before_the_rest_of_a_long_one() -> None:
    """Leave-one-out of a long text takes seconds; the next text is classified meanwhile."""
    desk = opened(StandIn(slow_s=0.05))
    ends: dict[str, float] = {}

    def ask(kind: str, text: str) -> None:
        assert desk.ask(kind, text).status == 200
        ends[kind] = time.monotonic()

    with ThreadPoolExecutor(2) as pool:
        long = pool.submit(ask, "moved", " ".join(["word"] * 20))
        time.sleep(0.1)
        short = pool.submit(ask, "classify", "win")
        short.result(10)
        long.result(10)
    assert ends["classify"] < ends["moved"]
    desk.stop()


def test_a_browser_that_asks_anew_drops_its_older_long_question() -> None:
    """Who types goes on typing: only the last text is worth seconds."""
    desk = opened(StandIn(slow_s=0.05))
    with ThreadPoolExecutor(2) as pool:
        old = pool.submit(desk.ask, "moved", " ".join(["word"] * 60), "me")
        time.sleep(0.15)
        new = pool.submit(desk.ask, "moved", "two words", "me")
        assert new.result(10).status == 200
        assert old.result(10).status == 409
    desk.stop()


def test_more_than_can_wait_are_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """With how long."""
    monkeypatch.setattr(live, "MOST_WAITING", 2)
    desk = opened(StandIn(slow_s=0.2))
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: desk.ask("classify", "win"), range(6)))
    waits = [answer.body["wait_s"] for answer in found if answer.status == 429]
    assert len(waits) == 4
    assert all(wait > 0 for wait in waits)
    desk.stop()


def test_what_takes_too_long_ends_in_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser never waits for ever."""
    monkeypatch.setattr(live, "PATIENCE_S", 0.1)

    class Hangs(StandIn):
        def moved(self, text: str) -> Generator[None, None, Any]:
            while True:
                time.sleep(0.01)
                yield

    desk = opened(Hangs())
    answer = desk.ask("moved", "win")
    assert (answer.status, answer.body["error"]) == (503, "that took too long")
    until(lambda: desk._line.empty(), "the dropped question")
    desk.stop()


def test_without_a_model_there_is_none() -> None:
    """A talk without an experiment."""
    desk = Desk(None)
    desk.start()
    assert desk.state == State("none")
    assert desk.ask("next", "The").status == 503


def test_a_model_that_is_being_loaded_is_not_waited_for() -> None:
    """Ctrl-C while libraries load: the command ends at once, and knows that it must end hard."""
    go = threading.Event()

    def load() -> StandIn:
        go.wait(10)
        return StandIn()

    desk = Desk(load)
    assert not desk.is_loading
    desk.start()
    assert desk.is_loading
    began = time.monotonic()
    desk.stop()
    assert time.monotonic() - began < 2
    go.set()
    until(lambda: not desk.is_loading, "the model")
    assert not Desk(None).is_loading
