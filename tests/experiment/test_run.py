"""The experiment through its real entry, on tiny models made from a config."""

from __future__ import annotations

import dataclasses
import errno
import functools
import itertools
import json
import os
import re
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace
from support.locked import let_go_when_asked
from support.needs import posix
from support.tiny_model import tiny_experiment, tiny_options, tiny_talk, without_times

from pipeline.config import Config, OwnTraining, TrainingSettings
from pipeline.experiment.metrics import confusion_of, f1_of, wilson
from pipeline.experiment.plan import needs_run
from pipeline.experiment.progress import STEPS
from pipeline.experiment.run import run_experiment
from pipeline.problems import TalkError
from pipeline.results import Results, read_results

pytestmark = pytest.mark.slow

# Dropout and plain freezing; remembered lower layers, and room for examples in a prompt.
EACH_FAMILY = pytest.mark.parametrize("done", ["gpt2", "llama"], indirect=True)


def silent(message: str) -> None:
    """Nobody listens."""


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Any:
    """Tiny tensors are faster on one thread, and the other core belongs to other tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        yield


@pytest.fixture(scope="module")
def done_with(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """A talk with a finished run on a model of a family, made once."""

    @functools.cache
    def run_on(family: str) -> Any:
        config = tiny_talk(tmp_path_factory.mktemp(family), family)
        said: list[str] = []
        return config, run_experiment(config, tiny_options(config), said.append), said

    return run_on


@pytest.fixture
def done(request: pytest.FixtureRequest, done_with: Callable[[str], Any]) -> Any:
    """A talk with a finished run: of one family where it makes no difference which."""
    return done_with(getattr(request, "param", "gpt2"))


@pytest.fixture
def talk(done: Any, tmp_path: Path) -> Config:
    """The same talk in a folder of its own, with nothing run yet."""
    root = tmp_path / "talk"
    shutil.copytree(done[0].root, root, ignore=shutil.ignore_patterns("cache"))
    return replace(done[0], root=root)


@pytest.fixture
def kept(done: Any, tmp_path: Path) -> Config:
    """The same talk in a folder of its own, with its finished run."""
    root = tmp_path / "talk"
    shutil.copytree(done[0].root, root)
    return replace(done[0], root=root)


def run_folder(config: Config) -> Path:
    (folder,) = (config.root / "cache" / "runs").iterdir()
    return folder


@EACH_FAMILY
def test_counts_and_scores_agree(done: Any) -> None:
    """Counts sum to n; each rate and F1 follow from the counts; each value lies in its interval."""
    results: Results = done[1]
    sets = {
        id(e): results.data.test.messages
        for e in (
            results.majority,
            results.untrained,
            results.prompted,
            results.linear,
            results.finetuned,
        )
    }
    evaluations = [
        results.majority,
        results.untrained,
        results.prompted,
        results.linear,
        results.finetuned,
        *results.elsewhere.values(),
    ]
    for found in evaluations:
        c = found.confusion
        assert c.total == sets.get(id(found), 60)
        matrix = np.array([list(row.values()) for row in found.matrix.values()])
        assert confusion_of(matrix) == c
        assert found.f1.value == f1_of(matrix, 1)
        assert found.accuracy == wilson(c.true_positive + c.true_negative, c.total)
        assert found.precision == wilson(c.true_positive, c.true_positive + c.false_positive)
        assert found.recall == wilson(c.true_positive, c.true_positive + c.false_negative)
    assert results.data.counts == {"ham": 100, "spam": 50}
    parts = (results.data.train, results.data.validation, results.data.test)
    assert sum(part.messages for part in parts) == results.data.messages == 150
    assert results.elsewhere_name == "the second set"


def test_the_majority_flags_nothing(done: Any) -> None:
    results: Results = done[1]
    assert results.majority.name == "Always ham"
    assert results.majority.precision.value is None
    assert results.majority.f1.value == 0
    assert results.majority.f1.low is None  # exactly 0, on any messages


@EACH_FAMILY
def test_training_learns_and_is_recorded(done: Any) -> None:
    """The history fits the steps; one epoch is kept: the best by F1, of equals the later."""
    results: Results = done[1]
    training = results.training
    assert training.steps == 2 * -(-results.data.train.messages // 8)
    assert training.log[-1].step == training.steps
    assert [epoch.epoch for epoch in training.history] == [1, 2]
    best = max(training.history, key=lambda one: (one.validation_f1 or 0, one.epoch))
    assert [epoch.epoch for epoch in training.history if epoch.kept] == [best.epoch]
    assert training.best_epoch == best.epoch
    assert training.history[-1].train_loss < training.history[0].train_loss
    assert results.model.frozen_layers == 1
    assert results.model.trainable_parameters < results.model.parameters


def test_all_ten_steps_are_timed(done: Any) -> None:
    results: Results = done[1]
    assert tuple(stage.name for stage in results.run.stages) == STEPS
    assert all(stage.seconds >= 0 for stage in results.run.stages)
    assert results.run.seconds == pytest.approx(sum(s.seconds for s in results.run.stages))
    assert results.training.peak_memory_bytes > 100_000_000


@EACH_FAMILY
def test_examples_tokens_and_missed_messages_are_there(done: Any) -> None:
    """The talk's examples come first, then the test messages that the model got wrong."""
    results: Results = done[1]
    assert [example.id for example in results.examples[:2]] == ["prize", "lunch"]
    c = results.finetuned.confusion
    missed = results.examples[2:]
    assert len(missed) == min(3, c.false_positive + c.false_negative)
    assert all(not m.finetuned.correct and m.kind == "missed" for m in missed)
    confidences = [m.finetuned.confidence for m in missed]
    assert confidences == sorted(confidences, reverse=True)
    for example in results.examples:
        verdict = example.finetuned
        assert verdict.confidence >= 0.5
        assert verdict.correct == (verdict.label == example.expected)
    assert len(results.next_tokens[0].candidates) == 5
    assert results.next_tokens[0].truth_rank is not None
    assert results.next_tokens[1].correct is None
    assert "".join(results.tokenized[0].tokens) == "free prize"


def test_what_is_used_is_said(done: Any) -> None:
    """One line for the data, one for the model, each with the reason."""
    assert done[2][:2] == [
        "data: messages.tsv, 150 messages (--data names it)",
        "model: model (--model names it)",
    ]


def test_the_same_fingerprint_is_never_trained_twice(kept: Config) -> None:
    """The second call reads: it says which run fits, and no file is written."""
    options = tiny_options(kept)
    (kept.root / "model" / "model.safetensors").touch()
    said: list[str] = []
    before = {p: p.stat().st_mtime_ns for p in run_folder(kept).rglob("*")}
    results = run_experiment(kept, options, said.append)
    assert results == read_results(run_folder(kept) / "results.json")
    assert said == [f"experiment: run {results.run.id} fits"]
    assert {p: p.stat().st_mtime_ns for p in run_folder(kept).rglob("*")} == before


@EACH_FAMILY
def test_the_same_seed_gives_the_same_json(done: Any, talk: Config) -> None:
    """Timings aside."""
    again = run_experiment(talk, tiny_options(talk), silent)
    assert without_times(again) == without_times(done[1])


@EACH_FAMILY
def test_the_model_is_kept_and_the_checkpoints_are_not(kept: Config) -> None:
    """A live demo can load it; nothing else large is left."""
    from transformers import AutoModelForSequenceClassification

    folder = run_folder(kept)
    assert not (folder / "checkpoints").exists()
    model = AutoModelForSequenceClassification.from_pretrained(folder / "model")
    results = read_results(folder / "results.json")
    assert sum(p.numel() for p in model.parameters()) == results.model.parameters


def count_training(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that grows by the first step of each training that begins."""
    from pipeline.experiment import steps

    began: list[int] = []
    real = steps.fine_tune

    def counted(*args: Any, **kwargs: Any) -> Any:
        began.append(len(began))
        return real(*args, **kwargs)

    monkeypatch.setattr(steps, "fine_tune", counted)
    return began


@EACH_FAMILY
def test_other_examples_are_asked_without_training(
    kept: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An example added to talk.toml costs no new training, and the metrics stay."""
    before = read_results(run_folder(kept) / "results.json")
    assert kept.experiment
    fewer = replace(kept, experiment=tiny_experiment(examples=kept.experiment.examples[:1]))
    state = needs_run(fewer, tiny_options(fewer))
    assert state.changed == ("examples",)
    began = count_training(monkeypatch)
    results = run_experiment(fewer, tiny_options(fewer, frozen=True), silent)
    assert began == []
    assert results.examples[0] == before.examples[0]
    assert results.finetuned == before.finetuned
    assert results.run.id == before.run.id
    assert len(results.examples) == len(before.examples) - 1


def test_what_changed_is_named(kept: Config) -> None:
    """Data, settings and seed each by its name."""
    assert kept.experiment
    options = tiny_options(kept)
    seeded = replace(kept, experiment=replace(kept.experiment, seed=7))
    assert needs_run(seeded, options).changed == ("seed",)
    longer = dataclasses.replace(kept.experiment.training, epochs=9)
    trained = replace(kept, experiment=replace(kept.experiment, training=longer))
    state = needs_run(trained, options)
    assert (state.path, state.changed) == (None, ("settings",))
    with (kept.root / "messages.tsv").open("a", encoding="utf-8") as file:
        file.write("ham\tone more for the road\n")
    state = needs_run(kept, options)
    assert state.changed == ("data",)
    assert state.message.endswith("is stale; changed: data")


def test_frozen_makes_do_with_a_stale_run_and_says_so(kept: Config) -> None:
    assert kept.experiment
    changed = replace(kept, experiment=replace(kept.experiment, seed=7))
    said: list[str] = []
    results = run_experiment(changed, tiny_options(changed, frozen=True), said.append)
    assert results.run.seed == 42
    assert said == [
        f"experiment: --frozen: run {results.run.id} is shown; since then changed: seed"
    ]


def test_frozen_without_any_run_is_an_error(talk: Config) -> None:
    with pytest.raises(TalkError) as caught:
        run_experiment(talk, tiny_options(talk, frozen=True), silent)
    assert caught.value.message == "--frozen never trains, and there is no trained run to use"
    assert "pin" in caught.value.hint


@EACH_FAMILY
def test_quick_takes_a_part_and_is_marked(talk: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """One epoch on a few messages; the whole file is read and counted; a run of its own."""
    results = run_experiment(talk, tiny_options(talk, quick=True), silent)
    assert results.run.quick
    sizes = (results.data.train, results.data.validation, results.data.test)
    # Validation and test hold no more than the file's split gives them.
    assert [part.messages for part in sizes] == [40, 15, 15]
    assert (results.data.read, results.data.messages) == (150, 70)
    assert len(results.training.history) == results.training.epochs == 1
    assert results.elsewhere["linear"].confusion.total == 8
    assert needs_run(talk, tiny_options(talk)).path is None


def test_retrain_replaces_the_run_only_when_it_is_done(
    kept: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new run that fails leaves the kept one whole; one that ends takes its place."""
    from pipeline.experiment import steps

    began = count_training(monkeypatch)
    folder = run_folder(kept)
    before = read_results(folder / "results.json")
    options = tiny_options(kept, retrain=True, command="again")

    def fails(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(steps, "evaluate_test", fails)
        with pytest.raises(KeyboardInterrupt):
            run_experiment(kept, options, silent)
    assert read_results(folder / "results.json") == before
    after = run_experiment(kept, options, silent)
    assert began == [0]
    assert after.run.command == "again"
    assert run_folder(kept) == folder
    assert read_results(folder / "results.json") == after
    assert without_times(after) == without_times(before)


# --- Interrupted --------------------------------------------------------------------------------


def at_step(monkeypatch: pytest.MonkeyPatch, number: int, do: Callable[[], None]) -> None:
    """Do something after a step of the training, once."""
    from pipeline.experiment.model import training

    real = training._Watch.on_step_end

    def watched(self: Any, args: Any, state: Any, control: Any, **more: Any) -> None:
        real(self, args, state, control, **more)
        if state.global_step == number:
            do()

    monkeypatch.setattr(training._Watch, "on_step_end", watched)


@pytest.fixture
def saved_often(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.experiment.model import training

    monkeypatch.setattr(training, "SAVE_EVERY_STEPS", 4)


class Killed(BaseException):
    """Stands for a kill: nothing catches it."""


def kill() -> None:
    raise Killed


def first_step(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that gets the first step of the training that comes."""
    seen: list[int] = []
    first = itertools.count()
    from pipeline.experiment.model import training

    real = training._Watch.on_step_end

    def watched(self: Any, args: Any, state: Any, control: Any, **more: Any) -> None:
        if next(first) == 0:
            seen.append(state.global_step)
        real(self, args, state, control, **more)

    monkeypatch.setattr(training._Watch, "on_step_end", watched)
    return seen


@pytest.mark.parametrize(
    ("done", "step", "next_step"),
    [("gpt2", 3, 1), ("gpt2", 10, 9), ("llama", 10, 9)],
    indirect=["done"],
)
def test_a_killed_training_goes_on_to_the_same_result(
    done: Any,
    talk: Config,
    monkeypatch: pytest.MonkeyPatch,
    saved_often: None,
    step: int,
    next_step: int,
) -> None:
    """Before the first checkpoint and after one: the JSON is the same."""
    began = count_training(monkeypatch)
    with monkeypatch.context() as patch:
        at_step(patch, step, kill)
        with pytest.raises(Killed):
            run_experiment(talk, tiny_options(talk), silent)
    seen = first_step(monkeypatch)
    again = run_experiment(talk, tiny_options(talk), silent)
    assert began == [0, 1]
    assert seen == [next_step]
    assert without_times(again) == without_times(done[1])


@posix
def test_ctrl_c_saves_the_step_in_hand(
    done: Any, talk: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is lost, and a word says that the next call goes on."""
    said: list[str] = []
    with monkeypatch.context() as patch:
        at_step(patch, 6, lambda: os.kill(os.getpid(), signal.SIGINT))
        with pytest.raises(KeyboardInterrupt):
            run_experiment(talk, tiny_options(talk), said.append)
    assert said[-1] == "interrupted; the same command goes on from the last checkpoint"
    checkpoints = run_folder(talk) / "checkpoints"
    assert [p.name for p in checkpoints.iterdir()] == ["checkpoint-7"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    again = run_experiment(talk, tiny_options(talk), silent)
    assert without_times(again) == without_times(done[1])


def half_weights(checkpoint: Path) -> None:
    weights = checkpoint / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])


def half_state(checkpoint: Path) -> None:
    (checkpoint / "trainer_state.json").write_text('{"global_step": 1', encoding="utf-8")


def no_seal(checkpoint: Path) -> None:
    (checkpoint / "sealed.json").unlink()


def edited_history(checkpoint: Path) -> None:
    state = checkpoint / "trainer_state.json"
    state.write_text(state.read_text("utf-8").replace('"loss": ', '"loss": 1'), "utf-8")


def test_a_checkpoint_that_is_not_what_was_written_is_passed_over(
    done: Any, talk: Config, monkeypatch: pytest.MonkeyPatch, saved_often: None, tmp_path: Path
) -> None:
    """However it was damaged: the one before it is found, and gone on from."""
    from pipeline.experiment.model.training import newest_whole

    with monkeypatch.context() as patch:
        at_step(patch, 10, kill)
        with pytest.raises(Killed):
            run_experiment(talk, tiny_options(talk), silent)
    checkpoints = run_folder(talk) / "checkpoints"
    for damage in (half_weights, half_state, no_seal, edited_history):
        damaged = shutil.copytree(checkpoints, tmp_path / damage.__name__)
        damage(damaged / "checkpoint-8")
        found = newest_whole(damaged)
        assert found is not None
        assert found[0].name == "checkpoint-4", damage
        assert not (damaged / "checkpoint-8").exists()
    half_weights(checkpoints / "checkpoint-8")
    seen = first_step(monkeypatch)
    again = run_experiment(talk, tiny_options(talk), silent)
    assert seen == [5]
    assert without_times(again) == without_times(done[1])


def test_a_moved_cache_finds_its_best_checkpoint(
    done: Any, talk: Config, monkeypatch: pytest.MonkeyPatch, saved_often: None, tmp_path: Path
) -> None:
    """Killed in the second epoch, with the best so far in the first, and its folder renamed.

    The trainer notes full paths.
    """
    with monkeypatch.context() as patch:
        at_step(patch, 19, kill)
        with pytest.raises(Killed):
            run_experiment(talk, tiny_options(talk), silent)
    talk.root.rename(tmp_path / "renamed")
    moved = replace(talk, root=tmp_path / "renamed")
    seen = first_step(monkeypatch)
    again = run_experiment(moved, tiny_options(moved), silent)
    # After the last of each fourth step and each epoch's end (15).
    assert seen == [17]
    assert without_times(again) == without_times(done[1])


@pytest.mark.parametrize("content", [b"", b'{"schema": 3, "run": {', b"[]", b"\xff\xfe"])
def test_half_written_results_are_made_again_without_training(
    kept: Config, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    before = read_results(run_folder(kept) / "results.json")
    (run_folder(kept) / "results.json").write_bytes(content)
    began = count_training(monkeypatch)
    again = run_experiment(kept, tiny_options(kept), silent)
    assert began == []
    assert without_times(again) == without_times(before)
    assert read_results(run_folder(kept) / "results.json") == again


def test_results_edited_by_hand_are_made_again(
    kept: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the kept parts, without training, and it is said; the edit is gone."""
    path = run_folder(kept) / "results.json"
    before = path.read_bytes()
    path.write_bytes(before.replace(b'"value": 0.', b'"value": 0.9', 1))
    began = count_training(monkeypatch)
    said: list[str] = []
    again = run_experiment(kept, tiny_options(kept), said.append)
    assert began == []
    assert without_times(again) == without_times(msgspec.json.decode(before, type=Results))
    assert read_results(path) == again
    edited = "results were edited by hand: their digest no longer fits"
    assert f"run {again.run.id} is made again: {edited}" in said


@pytest.mark.parametrize(
    ("done", "name"),
    [
        ("gpt2", "prompted"),
        ("llama", "few-shot-3-chosen-on"),  # the other reads no text that is long enough
        ("gpt2", "finetuned"),
        ("gpt2", "elsewhere"),
    ],
    indirect=["done"],
)
def test_a_kept_part_that_was_edited_is_made_again(
    done: Any, kept: Config, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Each carries its hash: a number changed in it reaches no results."""
    began = count_training(monkeypatch)
    (run_folder(kept) / "results.json").unlink()
    (part,) = run_folder(kept).glob(f"{name}-*.json")
    whole = part.read_bytes()
    seal, _, body = whole.partition(b"\n")
    part.write_bytes(seal + b"\n" + re.sub(rb"\d", b"1", body, count=9))
    assert part.read_bytes() != whole
    assert without_times(run_experiment(kept, tiny_options(kept), silent)) == without_times(done[1])
    assert began == []


def test_a_kept_model_that_was_changed_is_trained_again(
    done: Any, kept: Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its weights, its tokenizer, or the training's record that lies with it."""
    from pipeline.experiment import steps

    (run_folder(kept) / "results.json").unlink()
    for name, old, new in (
        ("tokenizer_config.json", b"{", b"{ "),
        ("sealed.json", b'"loss":0.', b'"loss":0.0'),
        ("model.safetensors", b"", b"more"),
    ):
        talk = replace(kept, root=shutil.copytree(kept.root, tmp_path / name))
        file = run_folder(talk) / "model" / name
        whole = file.read_bytes()
        file.write_bytes(whole.replace(old, new, 1) if old else whole[:-4] + new)
        assert file.read_bytes() != whole
        with pytest.raises(TalkError, match="there is no trained run to use"):
            run_experiment(talk, tiny_options(talk, frozen=True), silent)
        said: list[str] = []
        with monkeypatch.context() as patch:
            patch.setattr(steps, "fine_tune", lambda *_, **__: kill())
            with pytest.raises(Killed):
                run_experiment(talk, tiny_options(talk), said.append)
        again = f"the model of run {done[1].run.id} isn't what was kept; it is trained again"
        assert again in said, name
    results = run_experiment(talk, tiny_options(talk), silent)
    assert without_times(results) == without_times(done[1])


def test_a_full_disk_is_one_clear_error(
    talk: Config, monkeypatch: pytest.MonkeyPatch, saved_often: None
) -> None:
    """Whatever the library makes of it; the run goes on when there is room again."""

    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        at_step(patch, 6, full)
        with pytest.raises(TalkError) as caught:
            run_experiment(talk, tiny_options(talk), silent)
    assert caught.value.message == "the disk is full"
    assert caught.value.hint.startswith("free some space and run the same command again")
    assert run_experiment(talk, tiny_options(talk), silent).training.steps == 30


def test_too_little_room_is_said_before_training(
    talk: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.experiment import machine

    usage = shutil.disk_usage(talk.root)._replace(free=1000)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: usage)
    began = count_training(monkeypatch)
    with pytest.raises(TalkError, match=r"the disk is full: 0\.0 GiB are needed, 0\.0 are free"):
        run_experiment(talk, tiny_options(talk), silent)
    assert began == []


@posix
def test_two_builds_do_not_make_the_same_run(kept: Config) -> None:
    """The second says that it waits; when the first has ended, it goes on."""
    (run_folder(kept) / "results.json").unlink()
    lock, said = kept.root / "cache" / "locks" / f"run-{run_folder(kept).name}", list[str]()
    with let_go_when_asked(lock, said) as say:
        results = run_experiment(kept, tiny_options(kept), say)
    assert results.run.id == run_folder(kept).name
    assert any("another build is making this run now (process" in message for message in said)


@EACH_FAMILY
def test_bf16_is_used_where_the_hardware_has_it(
    talk: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pretended here: slower without the hardware, but it learns and says what it was."""
    from pipeline.experiment import machine

    monkeypatch.setattr(machine, "_cpu_multiplies_bf16", lambda: True)
    results = run_experiment(talk, tiny_options(talk), silent)
    assert results.training.precision == "bf16"
    assert results.training.history[-1].train_loss < results.training.history[0].train_loss


def test_a_model_with_fewer_layers_than_are_frozen_has_its_own_number(talk: Config) -> None:
    """The settings are made for a deeper model: [experiment.models] says what is other here."""
    assert talk.experiment
    training = dataclasses.replace(talk.experiment.training, frozen_layers=20, epochs=1)
    experiment = replace(talk.experiment, training=training)
    with pytest.raises(TalkError) as caught:
        run_experiment(replace(talk, experiment=experiment), tiny_options(talk), silent)
    assert caught.value.message.startswith("`frozen_layers` is 20, and model has ")
    assert '[experiment.models."model"] of talk.toml: frozen_layers = ' in caught.value.hint
    own = {"somebody/model": OwnTraining(frozen_layers=1, learning_rate=1e-3)}
    config = replace(talk, experiment=replace(experiment, models=own))
    results = run_experiment(config, tiny_options(config), silent)
    assert (results.model.name, results.model.frozen_layers) == ("model", 1)
    assert results.training.learning_rate == 1e-3
    assert needs_run(config, tiny_options(config)).path
    other = replace(config, experiment=replace(experiment, models={"model": OwnTraining(epochs=1)}))
    assert needs_run(other, tiny_options(other)).changed == ("settings",)


def test_one_answer_for_two_labels_is_refused(talk: Config) -> None:
    config = replace(talk, experiment=tiny_experiment(answers={"spam": "yes", "ham": "yes"}))
    with pytest.raises(TalkError) as caught:
        run_experiment(config, tiny_options(config), silent)
    assert caught.value.message == "the answer `yes` stands for two labels"


@EACH_FAMILY
def test_no_machine_path_is_in_the_results(done: Any) -> None:
    """They are shown on pages; the command line is the talk's own affair."""
    results: Results = done[1]
    text = json.dumps(without_times(results))
    assert str(done[0].root) not in text


def test_remembered_lower_layers_change_nothing(tmp_path: Path) -> None:
    """The shortcut gives what the whole model gives, for messages of any length in a batch."""
    import torch

    from pipeline.experiment.machine import Device
    from pipeline.experiment.model.pretrained import load_classifier, load_tokenizer

    folder = tiny_talk(tmp_path, "llama").root / "model"
    tokenizer = load_tokenizer(folder)
    classifier = load_classifier(
        folder, tokenizer, Device("cpu", "fp32", 1), TrainingSettings(frozen_layers=2), 0
    )
    assert classifier.shortcut is not None
    sequences = [list(range(5, 5 + n)) for n in (1, 2, 9, 30, 17)]
    found, _ = classifier.predict(sequences, lambda _: None)
    with classifier.whole():
        for ids, probabilities in zip(sequences, found, strict=True):
            with torch.no_grad():
                logits = classifier.model(input_ids=torch.tensor([ids])).logits
            assert logits.softmax(-1)[0].tolist() == pytest.approx(probabilities.tolist(), abs=1e-5)
