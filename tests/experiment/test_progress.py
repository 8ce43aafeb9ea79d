"""The one line of progress: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import io

import pytest

from pipeline.experiment import progress as shown
from pipeline.experiment.progress import STEPS, Progress
from pipeline.lengths import left_in_words


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(shown, "time", clock)
    return clock


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_elsewhere_a_line_comes_every_fifteen_seconds(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Step, share of the whole run, and the time left at the pace so far."""
    monkeypatch.setattr("sys.stderr", io.StringIO())
    said: list[str] = []
    progress = Progress(said.append)
    progress.expect(1000)
    with progress.step("fine-tune"):
        for _ in range(40):
            clock.now += 1
            progress.tick(10)
    assert said == [
        "step 7/10, fine-tune: 15% of the run, about 85 s left",
        "step 7/10, fine-tune: 30% of the run, about 70 s left",
    ]


def test_on_a_terminal_it_is_one_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    said: list[str] = []
    progress = Progress(said.append)
    progress.expect(100)
    with progress.step("tokenize"):
        progress.tick(50)
        progress.say("a word")
    progress.close()
    assert "4/10 tokenize" in terminal.getvalue()
    assert "50% |" in terminal.getvalue()
    assert "\n" not in terminal.getvalue()
    assert said == ["a word"]


def test_an_error_takes_the_bar_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its message must not stand behind half a bar."""
    monkeypatch.setattr("sys.stderr", Terminal())
    progress = Progress(lambda _: None)
    progress.expect(100)
    with pytest.raises(ValueError, match="broken"), progress.step("split"):
        raise ValueError("broken")
    assert progress.bar is None


def test_more_work_than_expected_stays_at_the_end(clock: Clock) -> None:
    progress = Progress(lambda _: None)
    progress.expect(10)
    with progress.step("split"):
        progress.tick(8)
        progress.tick(8)
    assert progress.done == 10


def test_steps_are_timed_by_name(clock: Clock) -> None:
    """Also one that is entered twice; the others took nothing."""
    progress = Progress(lambda _: None)
    for _ in range(2):
        with progress.step("clean"):
            clock.now += 1.5
    stages = progress.stages()
    assert tuple(stage.name for stage in stages) == STEPS
    assert {stage.name: stage.seconds for stage in stages if stage.seconds} == {"clean": 3.0}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        *((0, "5 s"), (41, "40 s"), (89, "90 s"), (100, "2 min"), (700, "12 min")),
        *((7100, "118 min"), (9200, "2.5 h"), (50_000, "14 h"), (9_008_880, "104 days")),
    ],
)
def test_the_time_left_is_no_more_exact_than_an_estimate(seconds: float, words: str) -> None:
    assert left_in_words(seconds) == words
