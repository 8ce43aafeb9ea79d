"""One line of progress for work in steps, with an estimate of the time left, on stderr."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from pipeline.experiment import together
from pipeline.lengths import left_in_words
from pipeline.results import Stage

STEPS = (
    "raw data",
    "clean",
    "split",
    "tokenize",
    "load the pre-trained model",
    "evaluate the baselines",
    "fine-tune",
    "evaluate on the validation set",
    "evaluate on the test set",
    "run the inference examples",
)
PLAIN_EVERY_S = 15.0
BAR = "{desc:<34}{percentage:3.0f}% |{bar:24}| {elapsed} so far, {remaining} left"


class Progress:
    """Counts work (tokens through layers, weighted), times the steps, and shows both.

    On a terminal this is one bar; elsewhere a plain line about every fifteen seconds.
    """

    def __init__(self, say: Callable[[str], None], steps: Sequence[str] = STEPS) -> None:
        self.say_plain, self.steps = say, tuple(steps)
        self.seconds: dict[str, float] = dict.fromkeys(steps, 0.0)
        self.total = self.done = 0.0
        self.began = time.perf_counter()
        self.told = self.began
        self.step_name = self.steps[0]
        self.bar = None

    def expect(self, total: float) -> None:
        """How much work there will be; the bar appears now."""
        self.total = total
        self.began = self.told = time.perf_counter()
        if sys.stderr.isatty() and together.is_first():
            from tqdm import tqdm

            self.bar = tqdm(
                total=total, bar_format=BAR, file=sys.stderr, leave=False, mininterval=0.3
            )

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time one of the steps; an error in it closes the bar."""
        self.step_name = name
        if self.bar is not None:
            self.bar.set_description_str(f"{self._number()} {name}".lstrip())
        started = time.perf_counter()
        try:
            yield
        except BaseException:
            self.close()
            raise
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started

    def tick(self, work: float) -> None:
        """So much work more is done."""
        work = min(work, self.total - self.done) if self.total else 0.0
        self.done += work
        if self.bar is not None:
            self.bar.update(work)
            return
        now = time.perf_counter()
        if now - self.told >= PLAIN_EVERY_S and self.done:
            self.told = now
            left = (now - self.began) * (self.total / self.done - 1)
            number = f"step {self._number()}, " if self._number() else ""
            self.say_plain(
                f"{number}{self.step_name}: {self.done / self.total:.0%} of the run, "
                f"about {left_in_words(left)} left"
            )

    def _number(self) -> str:
        """Which step of how many: "2/10"; empty where there is only one."""
        many = len(self.steps)
        return f"{self.steps.index(self.step_name) + 1}/{many}" if many > 1 else ""

    def skip(self, work: float) -> None:
        """So much of the expected work has been done before."""
        self.total = max(self.done, self.total - work)
        if self.bar is not None:
            self.bar.total = self.total

    def say(self, message: str) -> None:
        """A line above the bar."""
        if self.bar is not None:
            self.bar.clear()
        self.say_plain(message)
        if self.bar is not None:
            self.bar.refresh()

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None

    def stages(self) -> tuple[Stage, ...]:
        return tuple(Stage(name, round(seconds, 3)) for name, seconds in self.seconds.items())
