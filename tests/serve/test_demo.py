"""The desk of the live demo: short questions first, none lost, and a model that fails is said."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator
from typing import Any

import pytest
from support.live_talk import StandIn, run, until

from pipeline.problems import TalkError
from pipeline.serve import demo as live
from pipeline.serve.demo import Desk, State
from pipeline.serve.web import Answer

LIMIT_S = 30


class Held(StandIn):
    """Waits at each part of an answer until it is let go on."""

    def __init__(self) -> None:
        super().__init__()
        self.at, self.go = threading.Semaphore(0), threading.Semaphore(0)

    def _part(self) -> None:
        self.at.release()
        assert self.go.acquire(timeout=LIMIT_S)

    def classify(self, text: str) -> Any:
        self._part()
        return super().classify(text)

    def moved(self, text: str) -> Generator[None, None, Any]:
        for _ in text.split(" "):
            self._part()
            yield
        return (yield from super().moved(text))

    async def waits(self) -> None:
        """Until the model is in the middle of a part."""
        assert await asyncio.to_thread(self.at.acquire, timeout=LIMIT_S)

    def goes_on(self, parts: int = 1000) -> None:
        self.go.release(parts)


def opened(model: Any) -> Desk:
    desk = Desk(lambda: model)
    desk.start()
    until(lambda: desk.state.name == "ready", "the model")
    return desk


def ask(desk: Desk, kind: str, text: str) -> Answer:
    return run(desk.ask(kind, text))


def test_before_the_model_is_ready_the_answer_says_so() -> None:
    """And the browsers are told when it is."""
    go, told = threading.Event(), list[State]()

    def load() -> StandIn:
        go.wait(10)
        return StandIn()

    desk = Desk(load, told.append)
    desk.start()
    answer = ask(desk, "classify", "win a prize")
    assert (answer.status, answer.body["state"]) == (503, "loading")
    go.set()
    until(lambda: desk.state.name == "ready", "the model")
    assert told == [State("ready")]
    assert ask(desk, "classify", "win a prize").status == 200
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
    answer = ask(desk, "classify", "win a prize")
    assert (answer.status, answer.body["error"]) == (503, said)


def test_a_model_that_fails_at_one_text_answers_the_next() -> None:
    """One bad text does not end the demo."""

    class Fails(StandIn):
        def classify(self, text: str) -> Any:
            if text == "bad":
                raise RuntimeError("no such token")
            return super().classify(text)

    desk = opened(Fails())
    answer = ask(desk, "classify", "bad")
    assert (answer.status, answer.body["error"]) == (500, "the model failed: no such token")
    assert ask(desk, "classify", "good").status == 200
    desk.stop()


def test_a_short_question_goes_before_the_rest_of_a_long_one() -> None:
    """Leave-one-out of a long text takes seconds; the next text is classified meanwhile."""
    model = Held()
    desk = opened(model)

    async def both() -> None:
        long = asyncio.create_task(desk.ask("moved", "a text of many words"))
        await model.waits()
        short = asyncio.create_task(desk.ask("classify", "win"))
        await asyncio.sleep(0)  # it stands in the line now
        model.goes_on(2)  # one more part of the long one, and the short one
        assert (await short).status == 200
        assert not long.done()
        model.goes_on()
        assert (await long).status == 200

    run(both())
    desk.stop()


def test_a_browser_that_asks_anew_drops_its_older_long_question() -> None:
    """Who types goes on typing: only the last text is worth seconds."""
    model = Held()
    desk = opened(model)

    async def both() -> None:
        old = asyncio.create_task(desk.ask("moved", "a text of many words", "me"))
        await model.waits()
        new = asyncio.create_task(desk.ask("moved", "two words", "me"))
        assert (await old).status == 409
        model.goes_on(1 + 2)  # the part in hand, and the new text's
        assert (await new).status == 200

    run(both())
    desk.stop()


def test_more_than_can_wait_are_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """With how long."""
    monkeypatch.setattr(live, "MOST_WAITING", 2)
    model = Held()
    desk = opened(model)

    async def six() -> list[Answer]:
        asked = [asyncio.create_task(desk.ask("classify", "win")) for _ in range(6)]
        await asyncio.sleep(0)
        model.goes_on()
        return await asyncio.gather(*asked)

    found = run(six())
    waits = [answer.body["wait_s"] for answer in found if answer.status == 429]
    assert len(waits) == 4
    assert all(wait > 0 for wait in waits)
    desk.stop()


def test_what_takes_too_long_ends_in_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser never waits for ever, and nobody works for who has gone."""
    monkeypatch.setattr(live, "PATIENCE_S", 0.1)
    model = Held()
    desk = opened(model)
    answer = ask(desk, "moved", "many words")
    assert (answer.status, answer.body["error"]) == (503, "that took too long")
    monkeypatch.setattr(live, "PATIENCE_S", LIMIT_S)
    model.goes_on(2)  # the part in hand, and the next question
    assert ask(desk, "classify", "win").status == 200
    desk.stop()
    assert model.at._value == 2


def test_without_a_model_there_is_none() -> None:
    """A talk without an experiment."""
    desk = Desk(None)
    desk.start()
    assert desk.state == State("none")
    assert ask(desk, "next", "The").status == 503


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
    desk.stop()
    assert desk.is_loading  # so it didn't wait for it
    go.set()
    until(lambda: not desk.is_loading, "the model")
    assert not Desk(None).is_loading
