"""A live training: its process tells each step, the server passes it on, nothing outlives it."""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from support.browsing import wait_until
from support.live_talk import copy_talk, faultless_page, run, served, until
from support.needs import need, posix

from pipeline.config import OwnTraining, load_config
from pipeline.experiment.live import training as live_training
from pipeline.experiment.live.training import (
    FOLDER,
    Teller,
    own_folder,
    settings_of,
    train_live,
    training_command,
)
from pipeline.problems import TalkError
from pipeline.serve import training as module
from pipeline.serve.processes import environment
from pipeline.serve.training import Trainer

try:
    import psutil
except ImportError:
    psutil = None  # type: ignore[assignment]

TALK = """
[talk]
title = "A tiny talk"
speaker = "Nobody"

[experiment.data]
positive = "spam"
negative = "ham"
sample = "sample.tsv"

[experiment.training]
learning_rate = 2e-3
batch_size = 8
max_tokens = 32
frozen_layers = 1
epochs = 3

[experiment.live]
train = 40
validation = 12
epochs = 2
learning_rate = 5e-3
"""

# Says what a training says; goes on until its stdin is closed where it is told so.
PROCESS = """
import json, os, sys, time
def say(**said):
    print(json.dumps(said), flush=True)
print("a library's own words", flush=True)
say(plan={"data": "some", "messages": 40, "steps": 4, "epochs": 2})
say(share=0.5)
say(share=1.0)
if "broken" in sys.argv:
    sys.exit(7)
if "crashed" in sys.argv:
    raise MemoryError("too large")
if "refused" in sys.argv:
    say(error="the model isn't here", hint="build once")
    sys.exit(1)
for step in range(1, 5):
    say(step=step, loss=1 / step)
    while step == 2 and "held" in sys.argv and not os.path.exists(sys.argv[-1]):
        time.sleep(0.01)
    if step % 2 == 0:
        say(step=step, f1=None if step == 2 else 0.9)
    if "endless" in sys.argv:
        sys.stdin.read()
        sys.exit(3)
say(done=True, seconds=1.5)
"""


class Run:
    """A trainer with what it told the browsers and said in the terminal."""

    def __init__(self, *how: str) -> None:
        self.told: list[dict[str, Any]] = []
        self.said: list[str] = []
        command = [sys.executable, "-c", PROCESS, *how]
        self.trainer = Trainer(command, self.told.append, self.said.append)

    async def start(self) -> None:
        assert (await self.trainer.ask("start")).status == 200

    @property
    def state(self) -> str:
        return str(self.trainer.whole()["state"])

    @property
    def log(self) -> list[Any]:
        """The log as a browser puts it together."""
        log: list[Any] = []
        for message in self.told:
            del log[message["from"] :]
            log += message["log"]
        return log


async def so(is_so: Callable[[], Any], what: str, limit_s: float = 20) -> None:
    """Wait in a loop until something is so."""
    async with asyncio.timeout(limit_s):
        while not is_so():
            await asyncio.sleep(0.01)
    assert is_so(), what


@pytest.mark.parametrize("pause", [0.0, 0.5])
def test_each_step_reaches_the_browsers_once_and_in_order(
    pause: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many go into one message; a browser that comes late gets all of them."""
    monkeypatch.setattr(module, "TELL_EVERY_S", pause)

    async def training() -> Run:
        one = Run()
        await one.start()
        await so(lambda: one.state == "done" and one.said[1:], "the end")
        await one.trainer.close()
        return one

    one = run(training())
    expected = [[1, 1.0], [2, 0.5], [3, 0.33333], [4, 0.25]]
    assert one.log == expected
    assert one.told[-1]["scores"] == [None, 0.9]
    assert one.told[-1]["messages"] == 40
    whole = one.trainer.whole()
    assert (whole["from"], whole["log"], whole["seconds"]) == (0, expected, 1.5)
    assert one.said[-1] == "live training: 4 steps in 2 s, F1 0.900 on the validation set"


def test_one_at_a_time_and_it_can_be_stopped_and_begun_again() -> None:
    """A stop ends the process, and what was shown so far stays."""

    async def training() -> None:
        one = Run("endless")
        trainer = one.trainer
        await one.start()
        await so(lambda: one.log, "the first step")
        process = trainer._process
        assert process
        assert (await trainer.ask("start")).status == 409
        assert (await trainer.ask("stop")).status == 200
        assert process.returncode == 3
        assert one.told[-1]["state"] == "stopped"
        assert one.log == [[1, 1.0]]
        assert (await trainer.ask("stop")).status == 409
        await one.start()
        await so(lambda: trainer.whole()["log"], "the first step, again")
        second = trainer._process
        assert second
        await trainer.close()
        assert second.returncode is not None

    run(training())


@pytest.mark.parametrize(
    ("how", "note"),
    [
        ("broken", "it ended with 7"),
        ("crashed", "MemoryError: too large"),
        ("refused", "the model isn't here (build once)"),
    ],
)
def test_a_training_that_fails_is_a_word_and_not_an_end(how: str, note: str) -> None:
    """In the chart and in the terminal; it can be started anew."""

    async def training() -> None:
        one = Run(how)
        await one.start()
        await so(lambda: one.state == "failed" and one.said[1:], "the failure")
        assert one.told[-1]["state"] == "failed"
        assert one.told[-1]["note"] == note
        assert one.said[-1] == f"live training: {note}"
        await one.start()
        await one.trainer.close()

    run(training())


def test_a_command_that_is_not_there_is_a_word_too() -> None:
    """Nothing is left half begun."""
    trainer = Trainer(["/nowhere/python"])
    assert run(trainer.ask("start")).status == 200
    assert trainer.whole()["state"] == "failed"
    assert "nowhere" in trainer.whole()["note"]


def test_without_train_live_nothing_can_be_started() -> None:
    """And nobody is told of a chart that trains."""
    trainer = Trainer(None)
    assert run(trainer.ask("start")).status == 404
    assert trainer.whole()["state"] == "none"
    assert run(Trainer(["true"]).ask("dance")).status == 400


# --- In the deck -------------------------------------------------------------------------------


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    with faultless_page(browser) as made:
        yield made


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.getbasetemp() / "live"
    return copy_talk(tmp_path_factory.mktemp("live-training-browser"), base)


def process(*how: str) -> list[str]:
    return [sys.executable, "-c", PROCESS, *how]


def show_chart(page: Any, url: str) -> None:
    page.goto(f"{url}#/how-llms-work")
    wait_until(page, "document.documentElement.dataset.ready")
    wait_until(page, "document.querySelector('.live-panel')")
    page.wait_for_timeout(200)
    page.keyboard.press("r")
    page.wait_for_selector("#training svg polyline")


HEADING, SAID = "#training h2", "#training p"


def wait_for(page: Any, where: str, text: str) -> None:
    wait_until(
        page,
        "([where, text]) => (document.querySelector(where) || {textContent: ''})"
        ".textContent.includes(text)",
        arg=[where, text],
    )


@pytest.mark.slow
@pytest.mark.browser
def test_enter_trains_in_the_chart_of_the_run(page: Any, talk: Path, tmp_path: Path) -> None:
    """The run's film first; then the loss step by step, F1 by epoch, also after leaving it."""
    go = tmp_path / "go"
    with served(talk, training=process("held", str(go))) as (server, _):
        show_chart(page, server.url)
        wait_for(page, HEADING, "How training went")
        wait_for(page, ".live-train", "Train now Enter")
        page.keyboard.press("Enter")
        wait_for(page, HEADING, "Training, live")
        wait_for(page, SAID, "step 2 of 4, loss 0.500")
        assert len(page.get_attribute("#training polyline", "points").split()) == 2
        go.touch()
        wait_for(page, "#training svg", "undefined")
        page.keyboard.press("ArrowRight")
        page.wait_for_selector("#training", state="detached")
        page.keyboard.press("r")
        wait_for(page, HEADING, "Trained just now")
        assert (
            page.inner_text(SAID) == "4 steps in 2 s on 40 messages. The slides show the whole run."
        )
        assert len(page.get_attribute("#training polyline", "points").split()) == 4
        assert "0.900" in page.text_content("#training svg")
        size = page.evaluate(
            "Math.min(...[...document.querySelectorAll('#training text, #training button')]"
            ".map(t => parseFloat(getComputedStyle(t).fontSize)))"
        )
        assert size >= 24
        page.click(".live-train button:last-child")
        wait_for(page, HEADING, "How training went")
        wait_for(page, SAID, "of 837")
        assert page.locator(".live-train button").first.inner_text() == "Train again Enter"


@pytest.mark.slow
@pytest.mark.browser
def test_the_chart_outlives_the_server_and_another_one_trains_again(page: Any, talk: Path) -> None:
    """Killed in the middle: what was shown stays, with a word; then it can be started anew."""
    with served(talk, training=process("endless")) as (server, _):
        port = server.port
        show_chart(page, server.url)
        wait_for(page, ".live-train", "Train now")
        page.keyboard.press("Enter")
        wait_for(page, SAID, "step 1 of 4, loss 1.000")
        page.evaluate("window.mark = 'not loaded again'")
    wait_for(page, SAID, "The server is gone; this is how far it came.")
    assert page.locator(".live-train button").count() == 0
    with served(talk, port=port, training=process()):
        wait_for(page, ".live-train", "Train again")
        wait_for(page, SAID, "Stopped at step 1 of 4.")
        page.keyboard.press("Enter")
        wait_for(page, HEADING, "Trained just now")
        assert page.evaluate("window.mark") == "not loaded again"


@pytest.mark.slow
@pytest.mark.browser
def test_stop_and_failure_are_shown_and_without_the_option_nothing_is(
    page: Any, talk: Path
) -> None:
    """Stop is a button; a training that fails says why in the chart."""
    from axe_playwright_python.sync_playwright import Axe

    with served(talk, training=process("endless")) as (server, _):
        show_chart(page, server.url)
        wait_for(page, ".live-train", "Train now")
        page.keyboard.press("Enter")
        wait_for(page, SAID, "step 1 of 4")
        found = Axe().run(page, context="#training").response["violations"]
        assert [violation["id"] for violation in found] == []
        page.click(".live-train button")
        wait_for(page, SAID, "Stopped at step 1 of 4.")
    page.goto("about:blank")
    with served(talk, training=process("refused")) as (server, _):
        show_chart(page, server.url)
        wait_for(page, ".live-train", "Train now")
        page.keyboard.press("Enter")
        wait_for(page, SAID, "It stopped: the model isn't here (build once)")
    page.goto("about:blank")
    with served(talk) as (server, _):
        show_chart(page, server.url)
        page.keyboard.press("Enter")
        page.wait_for_timeout(300)
        assert page.locator(".live-train").count() == 0
        assert page.inner_text(HEADING) == "How training went"


# --- The process itself -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A talk's folder with its settings alone."""
    root = tmp_path_factory.mktemp("live-training")
    (root / "talk.toml").write_text(TALK, "utf-8")
    return root


@pytest.fixture(scope="module")
def tiny(bare: Path) -> Path:
    """The same with messages and a tiny model."""
    from support.tiny_model import make_model, write_messages

    write_messages(bare / "messages.tsv", 150)
    make_model(bare / "model", "llama")
    return bare


def test_short_is_what_the_talk_says_and_whole_is_the_run(bare: Path) -> None:
    """Only epochs, rate and sizes differ."""
    config = load_config(bare)
    short, sizes = settings_of(config, whole=False, model="")
    assert (short.epochs, short.learning_rate, short.batch_size, sizes) == (2, 5e-3, 8, (40, 12))
    assert config.experiment
    assert settings_of(config, whole=True, model="") == (config.experiment.training, None)


@pytest.mark.slow
def test_it_tells_plan_steps_scores_and_end(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step with its loss; the training really learns; nothing is left on the disk."""
    from pipeline.experiment.plan import Options

    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    out = io.StringIO()
    options = Options(
        data=str(tiny / "messages.tsv"), model=str(tiny / "model"), cache=tiny / "cache"
    )
    config = load_config(tiny)
    train_live(config, options, False, Teller(out), own_folder(config, options))
    said = [json.loads(line) for line in out.getvalue().splitlines()]
    plan = said[0]["plan"]
    assert (plan["messages"], plan["validation_messages"], plan["steps"]) == (40, 12, 10)
    steps = [line for line in said if "loss" in line]
    assert [line["step"] for line in steps] == list(range(1, 11))
    assert steps[-1]["loss"] < steps[0]["loss"]
    assert [line["step"] for line in said if "f1" in line] == [5, 10]
    shares = [line["share"] for line in said if "share" in line]
    assert shares[-1] == 1
    assert shares == sorted(shares)
    assert said.index({"share": shares[-1]}) < said.index(steps[0])
    assert said[-1]["done"]
    assert list((tiny / "cache" / FOLDER).glob("*")) == []


@pytest.mark.slow
def test_it_is_trained_as_the_talk_says_of_its_model(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the model that is found, though no build has looked for one here yet."""
    from pipeline.experiment.plan import Options

    def found(*given: Any) -> Any:
        settings, _, *more = given
        here = find_model(settings, str(tiny / "model"), *more)
        return replace(here, name="somebody/small", source="hub")

    find_model = live_training.find_model
    monkeypatch.setattr(live_training, "find_model", found)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    config = load_config(tiny)
    assert config.experiment
    own = {"somebody/small": OwnTraining(frozen_layers=99)}
    config = replace(config, experiment=replace(config.experiment, models=own))
    options = Options(data=str(tiny / "messages.tsv"), cache=tiny / "no-cache")
    teller, folder = Teller(io.StringIO()), own_folder(config, options)
    with pytest.raises(TalkError, match="`frozen_layers` is 99"):
        train_live(config, options, False, teller, folder)


def test_what_a_killed_training_left_is_removed(bare: Path) -> None:
    """But not the folder of one that goes on."""
    need(psutil, "psutil is not installed (pip install '.[train]')")
    from pipeline.experiment.plan import Options

    folder = bare / "cache" / FOLDER
    gone, on = folder / "999999999", folder / str(os.getppid())
    for other in (gone, on):
        (other / "checkpoint-1").mkdir(parents=True)
    options = Options(cache=bare / "cache")
    assert own_folder(load_config(bare), options) == folder / str(os.getpid())
    assert not gone.exists()
    assert on.exists()
    shutil.rmtree(folder)


def command(tiny: Path, **more: Any) -> list[str]:
    asked = {
        "root": str(tiny),
        "cache": str(tiny / "cache"),
        "data": str(tiny / "messages.tsv"),
        "model": str(tiny / "model"),
        "whole": True,
        **more,
    }
    return [sys.executable, "-m", "pipeline.experiment.live.training", json.dumps(asked)]


@pytest.mark.slow
def test_the_process_trains_for_the_server_and_ends_with_it(tiny: Path) -> None:
    """The real process behind the real trainer; closed in the middle, it is gone with its files."""

    async def training() -> None:
        trainer = Trainer(command(tiny))
        assert (await trainer.ask("start")).status == 200
        await so(lambda: trainer.whole()["log"], "the first step", 120)
        process = trainer._process
        assert process
        await trainer.close()
        assert process.returncode is not None

    run(training())
    until(lambda: not list((tiny / "cache" / FOLDER).glob("*")), "its files, gone", 10)


@posix
@pytest.mark.slow
def test_the_process_ends_when_the_server_is_killed(tiny: Path) -> None:
    """A killed server says nothing more: its end of the pipe is closed all the same."""
    code = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen({command(tiny)!r}, stdin=subprocess.PIPE,"
        " stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", code], env=environment(), stdout=subprocess.PIPE, text=True
    )
    assert server.stdout
    child = int(server.stdout.readline())
    server.kill()
    server.wait()

    def gone() -> bool:
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return True
        status = Path(f"/proc/{child}/stat")
        return status.exists() and status.read_text().split()[2] == "Z"

    until(gone, "the training, gone", 20)


@pytest.mark.slow
def test_what_is_missing_is_one_line(tiny: Path) -> None:
    """A talk without a model, said to the server as an error with its hint."""
    with subprocess.Popen(
        command(tiny, model=str(tiny / "nothing")),
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        said = json.loads(process.stdout.readlines()[-1])
        process.wait()
    assert process.returncode == 1
    assert said == {"error": "there is no such model folder", "hint": "check --model"}


def test_train_live_needs_what_trains(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, and in a talk without an experiment, the command says so at once."""
    config = load_config(bare)
    asked = json.loads(training_command(config, bare / ".cache", whole=True)[-1])
    assert asked == {"root": str(bare), "cache": str(bare / ".cache"), "whole": True}
    monkeypatch.setattr(live_training, "missing_libraries", lambda: ["torch"])
    with pytest.raises(TalkError, match="a training needs torch"):
        training_command(config, bare / ".cache", whole=False)
    untrained = bare / "untrained"
    untrained.mkdir()
    (untrained / "talk.toml").write_text('[talk]\ntitle = "x"\nspeaker = "y"\n', "utf-8")
    with pytest.raises(TalkError, match="no experiment"):
        training_command(load_config(untrained), bare / ".cache", whole=False)
