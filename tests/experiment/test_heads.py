"""The heads that a run keeps for its live demo: as they were measured, or not at all."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from support.made_up import made_up_results

from pipeline.experiment.heads import Head, head_of, keep_heads, kept_heads, plain_head
from pipeline.experiment.model.frozen import fit_probe

pytestmark = pytest.mark.slow  # scikit-learn takes seconds to import
RESULTS = made_up_results()


def states_of(places: list[int], seed: int) -> np.ndarray:
    """Made-up states, (texts, 6), of which the label can be told."""
    chance = np.random.default_rng(seed)
    return chance.normal(0, 1, (len(places), 6)) + np.eye(6)[places] * 2


@pytest.mark.parametrize("labels", [2, 3])
def test_a_head_is_the_logistic_regression_that_it_was_taken_from(labels: int) -> None:
    """Of two labels, where that has one column of weights, and of more."""
    places = [place % labels for place in range(40)]
    learned, held = states_of(places, 1), states_of(places, 2)
    probe = fit_probe({4: learned}, places, {4: held}, places, None)
    head = head_of(probe)
    assert (head.layer, head.pooling) == (4, "mean")
    expected = probe.model.predict_proba(probe.scaled(held))
    assert head.predict(held) == pytest.approx(expected, abs=1e-12)


def heads() -> dict[str, Head]:
    chance = np.random.default_rng(5)
    middle, width = chance.normal(0, 1, (2, 6))
    return {
        "untrained": plain_head(chance.normal(0, 0.02, (6, 2)), 14, "mean"),
        "frozen": Head(10, "mean", middle, width, np.ones((6, 2)), np.ones(2)),
    }


def test_kept_heads_come_back(tmp_path: Path) -> None:
    """Layer, pooling and every number; the same ones give the same bytes."""
    keep_heads(tmp_path, heads(), RESULTS)
    files = {path.name: path.read_bytes() for path in (tmp_path / "heads").iterdir()}
    found = kept_heads(tmp_path, RESULTS)
    for name, head in heads().items():
        assert (found[name].layer, found[name].pooling) == (head.layer, head.pooling)
        for key in ("middle", "width", "weights", "bias"):
            assert np.array_equal(getattr(found[name], key), getattr(head, key))
    keep_heads(tmp_path, heads(), RESULTS)
    assert files == {path.name: path.read_bytes() for path in (tmp_path / "heads").iterdir()}


def test_heads_of_other_results_are_not_taken(tmp_path: Path) -> None:
    """The record says another score: what was kept isn't what it measured."""
    keep_heads(tmp_path, heads(), RESULTS)
    assert RESULTS.untrained
    other = dataclasses.replace(
        RESULTS.untrained, f1=dataclasses.replace(RESULTS.untrained.f1, value=0.123)
    )
    assert set(kept_heads(tmp_path, replace(RESULTS, untrained=other))) == {"frozen"}
    assert kept_heads(tmp_path / "nowhere", RESULTS) == {}


def test_changed_heads_are_not_taken(tmp_path: Path) -> None:
    keep_heads(tmp_path, heads(), RESULTS)
    with (tmp_path / "heads" / "frozen.safetensors").open("ab") as file:
        file.write(b"0")
    assert kept_heads(tmp_path, RESULTS) == {}
