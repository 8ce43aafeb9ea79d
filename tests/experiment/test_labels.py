"""Any number of labels, and models that read texts without going on with them: whole runs."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from support.tiny_model import ENCODERS, opinions_talk, tiny_options, tiny_talk, whole

from pipeline.config import Config, ExampleSettings, TrainingSettings
from pipeline.experiment.plan import needs_run
from pipeline.experiment.run import run_experiment
from pipeline.problems import TalkError
from pipeline.results import CLASSIFIERS, Results, read_results

pytestmark = pytest.mark.slow
LABELS = ("bad", "fair", "good")


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Any:
    """Tiny tensors are faster on one thread, and the other core belongs to other tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.delenv("TALK_DATA", raising=False)
        yield


def options_of(config: Config) -> Any:
    return tiny_options(config, data=None)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Config, Results, list[str]]:
    """A finished run on a talk's own file with three labels."""
    config = opinions_talk(tmp_path_factory.mktemp("opinions"), "llama")
    said: list[str] = []
    return config, run_experiment(config, options_of(config), said.append), said


def test_three_labels_are_measured_from_end_to_end(done: Any) -> None:
    """All classifiers, each label's scores, the matrix, and pairs; nothing is positive."""
    results: Results = done[1]
    data = results.data
    assert (data.labels, data.positive, data.negative) == (LABELS, "", "")
    assert tuple(results.evaluations) == CLASSIFIERS
    for found in results.evaluations.values():
        assert (found.precision, found.recall, found.confusion) == (None, None, None)
        assert tuple(found.labels) == tuple(found.matrix) == LABELS
        matrix = np.array([list(row.values()) for row in found.matrix.values()])
        assert matrix.sum() == found.total == data.test.messages
        assert matrix.sum(1).tolist() == [data.test.counts[label] for label in LABELS]
        assert found.f1 == found.macro_f1
    assert results.finetuned.f1.value is not None
    assert results.finetuned.f1.value > 0.9
    assert results.training.history[-1].validation_confusion is None
    assert results.prompted is not None
    assert "“home”, “free” or “lunch”" in results.prompted.how


def test_pairs_are_compared_on_what_was_said(done: Any) -> None:
    results: Results = done[1]
    kept = results.predictions["test"]
    assert set(kept.said) == set(results.evaluations)
    assert len(kept.truth) == results.data.test.messages
    right = sum(a == b for a, b in zip(kept.truth, kept.said["linear"], strict=True))
    assert results.linear is not None
    assert right == results.linear.accuracy.hits
    assert len(results.comparisons) == 2 * 21  # of seven, by accuracy and F1
    assert {pair.metric for pair in results.comparisons} == {"accuracy", "f1"}


def test_an_example_has_each_labels_probability(done: Any) -> None:
    (example,) = [e for e in done[1].examples if e.kind == "talk"]
    said = example.finetuned
    assert said.positive_probability is None
    assert sum(said.probabilities.values()) == pytest.approx(1)
    assert said.probabilities[said.label] == said.confidence == max(said.probabilities.values())


def test_its_own_file_is_no_sample(done: Any) -> None:
    """It keeps its name and licence, and no slide says that it stands in for others."""
    from pipeline.measured import Measured
    from pipeline.pages.marks import run_marks

    data = done[1].data
    assert (data.source, data.name, data.licence) == ("talk", "Opinions", "CC0")
    assert done[1].elsewhere == {}
    assert run_marks(Measured(done[1])) == []


def test_a_run_with_three_labels_is_found_again(done: Any) -> None:
    config, results, _ = done
    fit = needs_run(config, options_of(config))
    assert fit.path is not None
    assert read_results(fit.path) == results


def test_charts_show_three_labels(done: Any) -> None:
    from pipeline.pictures.charts.draw import draw_figures

    figures = draw_figures(done[1])
    assert {"compare", "confusion", "labels", "confidences"} <= set(figures)
    assert figures["compare"].rows[0][1] == "Macro-F1"
    assert [row[0] for row in figures["confusion"].rows][1:] == [f"really {x}" for x in LABELS]


def test_the_live_demo_answers_with_three_labels(done: Any) -> None:
    from pipeline.experiment.live.model import load_live_models

    config, results, _ = done
    models = load_live_models(config, results, config.root / "cache", print, options_of(config))
    assert models.missing == ()
    found = models.classify("it works like a charm")
    assert {said.label for said in found.said.values()} <= set(LABELS)
    assert set(found.said) == {"finetuned", "frozen", "linear", "untrained"}
    moved = whole(models.moved("it works like a charm"))
    assert moved.label == found.said["finetuned"].label
    assert moved.probability == pytest.approx(found.said["finetuned"].confidence, abs=1e-4)


def test_only_what_is_asked_for_is_run(tmp_path: Path) -> None:
    """Without a question there is no prompt, and what isn't among the baselines is left out."""
    config = opinions_talk(tmp_path)
    assert config.experiment
    experiment = replace(config.experiment, baselines=("majority",), question="", next_tokens=())
    config = replace(config, experiment=experiment)
    results = run_experiment(config, options_of(config), lambda _: None)
    assert list(results.evaluations) == ["majority", "finetuned"]
    assert results.examples[0].linear is None
    assert results.next_tokens == ()
    assert len(results.comparisons) == 2


@pytest.mark.parametrize(
    ("change", "message", "hint"),
    [
        (
            {"examples": (ExampleSettings("one", "text", "god"),)},
            "example `one` has the unknown label `god`",
            "did you mean `good`?",
        ),
        ({"answers": {"fare": "x"}}, "for the unknown label `fare`", "did you mean `fair`?"),
        (
            {"training": TrainingSettings(max_tokens=500)},
            "`max_tokens` is 500, and model reads 64 at most",
            '[experiment.models."model"] of talk.toml: max_tokens = 64',
        ),
    ],
)
def test_settings_that_do_not_fit_are_said_before_the_training(
    tmp_path: Path, change: dict[str, Any], message: str, hint: str
) -> None:
    config = opinions_talk(tmp_path)
    assert config.experiment
    config = replace(config, experiment=replace(config.experiment, **change))
    with pytest.raises(TalkError) as caught:
        run_experiment(config, options_of(config), lambda _: None)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert not list(tmp_path.glob("cache/runs/*/model"))


@pytest.mark.parametrize("family", ENCODERS)
def test_encoders_are_fine_tuned(family: str, tmp_path: Path) -> None:
    """With lower layers frozen; they are asked nothing and predict no next token, which is said."""
    config = tiny_talk(tmp_path, family)
    assert config.experiment
    training = dataclasses.replace(config.experiment.training, epochs=8, learning_rate=5e-3)
    config = replace(config, experiment=replace(config.experiment, training=training))
    said: list[str] = []
    results = run_experiment(config, tiny_options(config), said.append)
    assert results.model.kind == "encoder"
    assert results.model.frozen_layers == 1
    assert results.model.trainable_parameters < results.model.parameters
    assert results.prompted is None
    assert results.next_tokens == ()
    assert any("reads texts and continues none" in line for line in said)
    assert results.finetuned.f1.value is not None
    assert results.finetuned.accuracy.value is not None
    assert results.finetuned.accuracy.value > 0.8
