"""The benchmarks that train."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.tiny_model import make_model, tiny_talk

from pipeline.config import TrainingSettings
from pipeline.experiment.machine import Device


@pytest.mark.slow
def test_hyperparameters_are_judged_on_the_validation_set_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One row an epoch, over the validation set's 15 messages; the options are taken."""
    from benchmarks.hyperparameters import main
    from pipeline.experiment.data.split import Sets

    looked_at: list[int] = []
    monkeypatch.setattr(Sets, "test", property(lambda _: looked_at.append(1)))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    root = tiny_talk(tmp_path).root
    options = ["--data", str(root / "messages.tsv"), "--model", str(root / "model")]
    options += ["--epochs", "2", "--learning-rate", "0.003", "--frozen-layers", "1"]
    assert main([*options, "--max-tokens", "32"]) == 0
    rows = capsys.readouterr().out.splitlines()[2:]
    assert [row.split(" | ")[:3] for row in rows] == [
        ["| 0.003", "1", "1"],
        ["| 0.003", "1", "2"],
    ]
    assert all(" of 15 |" in row for row in rows)
    assert sum(row.endswith("| kept |") for row in rows) == 1
    assert main([*options, "--folds", "2", "--pooling", "mean", "--no-class-weights"]) == 0
    out = capsys.readouterr().out
    assert out.count("| 0.003 | 1 | 2 |") == 2
    assert "F1 after the last epoch: " in out
    assert looked_at == []
    assert main(["--data", str(root / "nothing.tsv")]) == 1
    assert "error: " in capsys.readouterr().err


@pytest.mark.parametrize("family", ["llama", "gpt2"])
def test_frozen_weights_are_read_and_the_others_trained(tmp_path: Path, family: str) -> None:
    """Whether the frozen layers stand apart (Llama) or not; what is looked up isn't multiplied."""
    from benchmarks.training import weights
    from pipeline.experiment.model.pretrained import load_classifier, load_tokenizer

    folder = make_model(tmp_path / family, family)
    device, tokenizer = Device("cpu", "fp32", 1), load_tokenizer(folder)
    counts = []
    for frozen in (0, 1):
        settings = TrainingSettings(frozen_layers=frozen)
        classifier = load_classifier(folder, tokenizer, device, settings, 1)
        counts.append(weights(classifier))
    (all_trained, none), (some, read) = counts
    matrices = sum(w.numel() for w in classifier.model.parameters() if w.dim() > 1)
    with classifier.whole():
        looked_up = classifier.model.get_input_embeddings().weight.numel()
        assert all_trained == matrices - looked_up if family == "gpt2" else all_trained > some
    assert 0 < read < all_trained
    assert (some + read, none) == (all_trained, 0)
