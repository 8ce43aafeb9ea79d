"""Fingerprints, what is remembered of sources, and the pinned run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from support.made_up import made_up_results
from support.tiny_model import tiny_experiment, tiny_options, write_messages

from pipeline.config import Config, TalkInfo
from pipeline.experiment import plan
from pipeline.experiment.plan import (
    Options,
    changed_since,
    code_hash,
    data_wish,
    fingerprint,
    known_hashes,
    model_wish,
    needs_run,
    run_id,
)
from pipeline.experiment.store import (
    Known,
    Memory,
    drop_old_models,
    pin,
    pinned_path,
    shown_results,
    unpin,
)
from pipeline.problems import TalkError
from pipeline.results import Results, read_results, write_results

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """A talk with data and sample; its model is only remembered."""
    monkeypatch.delenv("TALK_DATA", raising=False)
    write_messages(tmp_path / "messages.tsv", 60)
    write_messages(tmp_path / "sample.tsv", 60, seed=4)
    return Config(tmp_path, TalkInfo("t", "s"), experiment=tiny_experiment())


def remember(config: Config, data_source: str = "hub") -> Options:
    """Pretend that the sources were found before."""
    assert config.experiment
    memory = Memory.load(config.root / "cache")
    memory.found[data_wish(config.experiment)] = Known("d" * 64, data_source)
    memory.found[model_wish(config.experiment)] = Known("m" * 64, "package")
    memory.save()
    return tiny_options(config, data=None, model=None)


def with_run(config: Config, options: Options, quick: bool = False) -> Results:
    """Put a made-up run into the cache that fits now."""
    assert config.experiment
    fits = fingerprint(config.experiment, options.quick, known_hashes(config, options))
    run = replace(made_up_results().run, id=run_id(fits), fingerprint=fits, quick=quick)
    path = config.root / "cache" / "runs" / run.id / "results.json"
    return write_results(made_up_results(run=run), path)


def test_without_any_run_one_is_needed(config: Config) -> None:
    state = needs_run(config, remember(config))
    assert (state.path, state.message) == (None, "there is no run yet")


def test_a_fitting_run_is_found_where_the_hub_gave_the_data(config: Config) -> None:
    """What the Hub gave is remembered: it is not asked again."""
    options = remember(config)
    run = with_run(config, options).run
    state = needs_run(config, options)
    assert state.path == config.root / "cache" / "runs" / run.id / "results.json"
    assert (state.changed, state.message) == ((), f"run {run.id} fits")


def test_another_machine_alone_makes_no_run_stale(config: Config) -> None:
    """A run notes device, precision and versions; where all else fits, it is shown."""
    options = remember(config)
    results = with_run(config, options)
    noted = {**results.run.fingerprint, "machine": "cuda, bf16, torch 9.9.9"}
    run = replace(results.run, fingerprint=noted)
    path = config.root / "cache" / "runs" / run.id / "results.json"
    write_results(made_up_results(run=run), path)
    assert needs_run(config, options).path == path
    assert changed_since(config, options, read_results(path)) == ()


def test_an_edited_sample_makes_a_run_on_the_sample_stale(config: Config) -> None:
    options = remember(config, "sample")
    run = with_run(config, options).run
    with (config.root / "sample.tsv").open("a") as file:
        file.write("ham\tone more\n")
    state = needs_run(config, options)
    assert "data" in state.changed
    assert state.message.startswith(f"run {run.id} is stale; changed: data")


def test_an_edited_sample_costs_a_run_on_other_data_no_training(config: Config) -> None:
    """There it is the second test set."""
    options = remember(config)
    with_run(config, options)
    with (config.root / "sample.tsv").open("a") as file:
        file.write("ham\tone more\n")
    assert needs_run(config, options).changed == ("examples",)


def test_a_quick_run_is_no_stand_in_for_a_full_one(config: Config) -> None:
    options = remember(config)
    with_run(config, replace(options, quick=True), quick=True)
    assert needs_run(config, options).message == "there is no run yet"
    assert needs_run(config, replace(options, quick=True)).path


def test_retrain_uses_nothing(config: Config) -> None:
    options = remember(config)
    with_run(config, options)
    assert needs_run(config, replace(options, retrain=True)).path is None


def test_a_pinned_run_is_shown_and_what_changed_is_known(config: Config) -> None:
    """Whatever the last build measured."""
    options = remember(config)
    results = with_run(config, options)
    path = config.root / "cache" / "runs" / results.run.id / "results.json"
    assert pin(config, path, config.root / "cache") == results
    write_results(made_up_results(elsewhere_name="of the last build"), config.root / "results.json")
    assert shown_results(config, config.root) == results
    assert changed_since(config, options, results) == ()
    assert config.experiment
    changed = replace(config, experiment=replace(config.experiment, seed=1))
    assert changed_since(changed, options, results) == ("seed",)
    assert unpin(config, config.root / "cache")
    assert shown_results(config, config.root).elsewhere_name == "of the last build"


@pytest.mark.parametrize(
    "asked", [{"quick": True}, {"data": "x"}, {"model": "x"}, {"retrain": True}]
)
def test_another_run_than_the_pinned_one_is_named_by_options(asked: dict[str, Any]) -> None:
    assert Options(**asked).names_a_run
    assert not Options(frozen=True).names_a_run


def test_undoing_a_pin_loses_nothing(config: Config) -> None:
    """A run that came from elsewhere is kept in the cache."""
    cache = config.root / "cache"
    elsewhere = config.root / "elsewhere.json"
    results = write_results(made_up_results(), elsewhere)
    pin(config, elsewhere, cache)
    elsewhere.unlink()
    assert unpin(config, cache)
    assert not pinned_path(config).exists()
    assert read_results(cache / "runs" / results.run.id / "results.json") == results
    assert not unpin(config, cache)


def test_pinning_another_run_keeps_the_first(config: Config) -> None:
    """Also where both have one id: the same run made twice."""
    cache = config.root / "cache"
    first = write_results(made_up_results(), config.root / "1.json")
    second = write_results(made_up_results(elsewhere_name="other"), config.root / "2.json")
    pin(config, config.root / "1.json", cache)
    pin(config, config.root / "2.json", cache)
    unpin(config, cache)
    found = [read_results(path) for path in cache.glob("runs/*/results.json")]
    assert sorted(r.digest for r in found) == sorted([first.digest, second.digest])


def test_broken_results_can_not_be_pinned(config: Config) -> None:
    broken = config.root / "broken.json"
    broken.write_text('{"schema": 3, "run"')
    with pytest.raises(TalkError, match="results are broken"):
        pin(config, broken)
    with pytest.raises(TalkError, match="there are no results yet"):
        pin(config, config.root / "nothing.json")
    assert not pinned_path(config).exists()


def test_a_broken_pin_can_be_undone(config: Config) -> None:
    pinned = pinned_path(config)
    pinned.parent.mkdir()
    pinned.write_text("{")
    with pytest.raises(TalkError, match=r"deck/results\.json: results are broken"):
        shown_results(config, config.root / "out")
    assert unpin(config, config.root / "cache")
    assert needs_run(config, tiny_options(config, data=None, model=None)).path is None


def test_old_models_go_and_their_results_stay(config: Config) -> None:
    """The newest four stay, and any that is to be kept."""
    cache = config.root / "cache"
    for number in range(7):
        run = replace(made_up_results().run, id=f"run{number}")
        path = cache / "runs" / run.id / "results.json"
        write_results(made_up_results(run=run), path)
        os.utime(path, (number, number))
        (path.parent / "model").mkdir()
    assert drop_old_models(cache, keep={"run0"}) == ["run2", "run1"]
    left = sorted(path.parent.name for path in cache.glob("runs/*/model"))
    assert left == ["run0", "run3", "run4", "run5", "run6"]
    assert len(list(cache.glob("runs/*/results.json"))) == 7


def test_a_broken_memory_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "sources.json").write_text('{"found": [')
    assert Memory.load(tmp_path).found == {}


def test_comments_do_not_make_a_run_stale(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The code's hash passes over whole-line comments and blank lines, and over nothing else."""
    monkeypatch.setattr(plan, "__file__", str(tmp_path / "cache.py"))
    (tmp_path / "a.py").write_text("x = 1\n")
    plain = code_hash(["a"])
    (tmp_path / "a.py").write_text("# why\n\nx = 1\n")
    assert code_hash(["a"]) == plain
    (tmp_path / "a.py").write_text("x = 2\n")
    assert code_hash(["a"]) != plain


def test_asking_whether_a_run_is_needed_loads_no_torch(config: Config) -> None:
    """A build with nothing to do must not wait for it; nor for scikit-learn or numpy."""
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from pipeline.config import Config, TalkInfo, ExperimentSettings, DataSettings\n"
        "from pipeline.experiment.plan import Options, needs_run\n"
        "c = Config(Path(sys.argv[1]), TalkInfo('t', 's'), experiment=ExperimentSettings("
        "data=DataSettings('spam', 'ham')))\n"
        "print(needs_run(c, Options(data=sys.argv[1] + '/messages.tsv')).message)\n"
        "heavy = {'torch', 'transformers', 'sklearn', 'numpy', 'datasets', 'huggingface_hub'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(config.root)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split("\n")[:2] == ["there is no run yet", "[]"]


def test_missing_libraries_are_named(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """The core builds pages without them; measuring needs the extra."""
    from pipeline.experiment import run

    monkeypatch.setattr(run, "missing_libraries", lambda: ["torch", "sklearn"])
    with pytest.raises(TalkError) as caught:
        run.run_experiment(config, remember(config), lambda _: None)
    assert caught.value.message == (
        "the experiment has to run (there is no run yet), and torch, sklearn are not installed"
    )
    assert 'pip install ".[train]"' in caught.value.hint


def test_a_talk_without_an_experiment_says_so(config: Config) -> None:
    with pytest.raises(TalkError, match="this talk has no experiment"):
        needs_run(replace(config, experiment=None), Options())
