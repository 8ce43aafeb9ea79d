"""Cells on a Ray cluster give what they give here."""

from __future__ import annotations

import importlib.util

import pytest
from support.evidence_kind import BREAKS, DIES_ONCE
from support.evidence_lab import Lab, values_of

from pipeline.config import EvidenceSettings
from pipeline.problems import TalkError

pytestmark = pytest.mark.slow


def test_on_ray_it_is_the_same_and_a_lost_worker_costs_nothing(lab: Lab) -> None:
    """A local cluster of two workers: one is killed, and its cell is measured by another."""
    pytest.importorskip("ray")  # the extra `cluster`: 80 MB that few need
    lab.settings = EvidenceSettings(sizes=(3, 5, DIES_ONCE), seeds=3)
    there = lab.run(processes=2, ray="local")
    assert not there.failed
    assert (lab.root / "cache" / "died").exists()
    threads = [file.read_text() for file in lab.kept]
    assert len(threads) == 9
    assert all('"threads":"1 1"' in text for text in threads)
    for file in lab.kept:
        file.unlink()
    assert values_of(lab.run(processes=1)) == values_of(there)


def test_a_bug_on_ray_is_named(lab: Lab) -> None:
    """A cell that fails there is named as here, with its traceback."""
    pytest.importorskip("ray")  # the extra `cluster`: 80 MB that few need
    lab.settings = EvidenceSettings(sizes=(3, BREAKS), seeds=1)
    found = lab.run(processes=2, ray="local")
    assert [one.error for one in found.failed] == ["ZeroDivisionError: no luck"]
    assert "evidence_kind.py" in found.failed[0].trace


def test_without_a_cluster_it_says_so(lab: Lab) -> None:
    """An address where nothing answers is one error."""
    pytest.importorskip("ray")  # the extra `cluster`: 80 MB that few need
    with pytest.raises(TalkError, match=r"no Ray cluster at `127\.0\.0\.1:1`"):
        lab.run(processes=1, ray="127.0.0.1:1")


def test_without_ray_it_says_what_to_install(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray is an extra."""
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "ray" else real(name)
    )
    with pytest.raises(TalkError, match="Ray, which is not installed") as refused:
        lab.run(processes=1, ray="local")
    assert "[cluster]" in refused.value.hint
