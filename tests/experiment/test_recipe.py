"""How the classifier is built and trained: pooling, depth, adapters, and what the loss counts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from support.tiny_model import make_model, tiny_experiment
from torch.nn import functional
from transformers import AutoModel, AutoModelForSequenceClassification

from pipeline.config import ModelSettings, OwnTraining, TrainingSettings
from pipeline.experiment.machine import Device
from pipeline.experiment.model.pretrained import (
    Classifier,
    Encoded,
    load_classifier,
    load_tokenizer,
)
from pipeline.experiment.model.training import fine_tune

CPU = Device("cpu", "fp32", 1)
TEXTS = [[5, 6, 7], [8, 9], [10, 11, 12, 13, 14], [15], [9, 8, 7, 6], [20, 21]]
TRAIN = Encoded([[a, b, a + b] for a in range(5, 15) for b in (5, 60)], [0, 1] * 10)
NONE = Encoded([], [])
MEAN = TrainingSettings(
    epochs=2, batch_size=4, learning_rate=2e-3, frozen_layers=1, used_layers=2, pooling="mean"
)
FAMILIES = ("llama", "gpt2")


def untold(_: float) -> None:
    pass


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = tmp_path_factory.mktemp("models")
    return {name: make_model(made / name, name) for name in (*FAMILIES, "bert")}


def load(folder: Path, settings: TrainingSettings, seed: int = 1) -> Classifier:
    return load_classifier(folder, load_tokenizer(folder), CPU, settings, seed)


@pytest.mark.parametrize("family", FAMILIES)
def test_mean_pooling_is_the_mean_of_each_text_alone(folders: dict[str, Path], family: str) -> None:
    """Whatever a text is padded with, its head sees the mean of its own tokens' states."""
    folder = folders[family]
    classifier = load(folder, TrainingSettings(pooling="mean"))
    body = AutoModel.from_pretrained(folder).eval()
    found, _ = classifier.predict(TEXTS, untold)
    for row, ids in zip(found, TEXTS, strict=True):
        with torch.no_grad():
            mean = body(torch.tensor([ids])).last_hidden_state.mean(1)
            expected = classifier.model.score(mean).softmax(-1)[0]  # type: ignore[operator]
        assert row == pytest.approx(expected.numpy(), abs=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_saved_classifier_keeps_its_pooling_and_depth(
    folders: dict[str, Path], family: str, tmp_path: Path
) -> None:
    """Whoever loads it here gets the same answers; the library, which pools otherwise, refuses."""
    settings = replace(MEAN, frozen_layers=1 if family == "llama" else 0)
    classifier = load(folders[family], settings)
    classifier.save(tmp_path / "saved")
    again = load(tmp_path / "saved", TrainingSettings(frozen_layers=settings.frozen_layers), 5)
    assert (again.pooling, again.layers) == ("mean", 2)
    expected, found = (each.predict(TEXTS, untold)[0] for each in (classifier, again))
    assert found == pytest.approx(expected, abs=1e-6)
    with pytest.raises(ValueError, match="mean_pooled"):
        AutoModelForSequenceClassification.from_pretrained(tmp_path / "saved")
    other = load(folders[family], settings, 9)
    other.load_weights(tmp_path / "saved")
    assert other.predict(TEXTS, untold)[0] == pytest.approx(expected, abs=1e-6)


def test_layers_above_the_used_ones_are_left_out(folders: dict[str, Path]) -> None:
    """What the classifier says is said by the lower layers and the final norm; it is smaller."""
    whole, cut = (load(folders["llama"], TrainingSettings(used_layers=n)) for n in (0, 2))
    assert (cut.layers, cut.layers_of_model, whole.layers) == (2, 3, 3)
    body = AutoModel.from_pretrained(folders["llama"], num_hidden_layers=2).eval()
    with torch.no_grad():
        state = body(torch.tensor([TEXTS[2]])).last_hidden_state[:, -1]
        expected = cut.model.score(state).softmax(-1)[0]  # type: ignore[operator]
    assert cut.predict([TEXTS[2]], untold)[0][0] == pytest.approx(expected.numpy(), abs=1e-5)
    assert cut.parameters() < whole.parameters()


def test_an_encoder_keeps_its_own_head(folders: dict[str, Path], tmp_path: Path) -> None:
    """BERT was made with a head that says what it looks at."""
    mean, last = (load(folders["bert"], TrainingSettings(pooling=how)) for how in ("mean", "last"))
    assert mean.pooling == "own"
    assert (mean.predict(TEXTS, untold)[0] == last.predict(TEXTS, untold)[0]).all()
    mean.save(tmp_path)
    assert json.loads((tmp_path / "config.json").read_bytes())["model_type"] == "bert"


def tuned(
    folder: Path, settings: TrainingSettings, where: Path, validation: Encoded = TRAIN
) -> Classifier:
    classifier = load(folder, settings)
    fine_tune(classifier, TRAIN, validation, settings, 1, where, untold)
    return classifier


@pytest.mark.parametrize("family", FAMILIES)
def test_adapters_train_little_and_become_part_of_the_weights(
    folders: dict[str, Path], family: str, tmp_path: Path
) -> None:
    """LoRA learns over the kept states, counts its own weights, and is saved as a plain model."""
    settings = replace(MEAN, lora_rank=2, used_layers=0, epochs=6, learning_rate=2e-2)
    before = load(folders[family], settings)
    full = load(folders[family], replace(settings, lora_rank=0))
    assert before.trained_parameters < full.trained_parameters / 2
    start, _ = before.predict(TRAIN.sequences, untold)
    classifier = tuned(folders[family], settings, tmp_path / "checkpoints")
    found, _ = classifier.predict(TRAIN.sequences, untold)
    right = np.array(TRAIN.labels)
    assert (found.argmax(-1) == right).mean() > (start.argmax(-1) == right).mean()
    assert classifier.trained_parameters == before.trained_parameters
    classifier.save(tmp_path / "saved")
    again = load(tmp_path / "saved", TrainingSettings(frozen_layers=1))
    assert again.predict(TRAIN.sequences, untold)[0] == pytest.approx(found, abs=1e-6)
    before.load_weights(tmp_path / "saved")
    assert before.predict(TRAIN.sequences, untold)[0] == pytest.approx(found, abs=1e-6)


@pytest.mark.parametrize("change", [{}, {"lora_rank": 2}])
def test_an_interrupted_training_ends_as_one_that_was_not(
    folders: dict[str, Path],
    change: dict[str, int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With mean pooling, fewer layers and adapters too: the same bits after a stop in an epoch."""
    monkeypatch.setattr("pipeline.experiment.model.training.SAVE_EVERY_STEPS", 3)
    settings = replace(MEAN, **change)
    whole = tuned(folders["llama"], settings, tmp_path / "whole")

    class CutError(Exception):
        pass

    def cut(step: int, _: dict[str, float]) -> None:
        if step == 8:
            raise CutError

    stopped = load(folders["llama"], settings)
    with pytest.raises(CutError):
        fine_tune(stopped, TRAIN, TRAIN, settings, 1, tmp_path / "cut", untold, cut)
    went_on = tuned(folders["llama"], settings, tmp_path / "cut")
    expected, found = (each.predict(TEXTS, untold)[0] for each in (whole, went_on))
    assert (found == expected).all()


def test_with_nothing_to_judge_by_the_last_weights_stay(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    """No validation messages: no checkpoint, no choice of an epoch."""
    classifier = load(folders["llama"], MEAN)
    made, spent = fine_tune(classifier, TRAIN, NONE, MEAN, 1, tmp_path / "none", untold)
    assert (made.history, made.best_epoch, made.steps) == ((), 2, 10)
    assert not list(tmp_path.glob("none/checkpoint*"))
    assert spent.evaluation_seconds == 0
    assert (made.pooling, made.lora_rank) == ("mean", 0)


def test_the_loss_counts_labels_alike_and_smooths_answers(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    """The first step's loss is the weighted, smoothed cross-entropy of what the model said."""
    settings = replace(MEAN, class_weights=True, label_smoothing=0.1, batch_size=5, epochs=1)
    train = Encoded(TEXTS[:5], [0, 0, 0, 1, 0])
    classifier = load(folders["llama"], settings)
    logits = torch.tensor(np.log(classifier.predict(train.sequences, untold)[0]))
    weights = torch.tensor([5 / 8, 5 / 2], dtype=torch.double)
    labels = torch.tensor(train.labels)
    expected = functional.cross_entropy(logits, labels, weights, label_smoothing=0.1)
    losses: list[float] = []
    fine_tune(
        classifier, train, NONE, settings, 1, tmp_path, untold,
        lambda _, said: losses.append(said["loss"]) if "loss" in said else None,
    )  # fmt: skip
    assert losses[0] == pytest.approx(float(expected), abs=1e-4)


def test_how_settings_were_chosen_is_said() -> None:
    """For the model they were tried on, by its shape where a model has its own, else untried."""
    experiment = tiny_experiment(
        model=ModelSettings(settings_for="Small-Instruct"),
        models={"any/body": OwnTraining(epochs=1)},
    )
    said = {"Small-Instruct, 4-bit": "for this model", "body": "by its shape", "x/y": "untried"}
    assert {model: experiment.how_chosen(model) for model in said} == said
    assert tiny_experiment().how_chosen("Small-Instruct") == "untried"
