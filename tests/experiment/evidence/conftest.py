"""A talk with an experiment of many cells, made once for all tests of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.evidence_lab import Lab
from support.killable import fork_workers
from support.tiny_model import make_model, write_messages

from pipeline.experiment.evidence import kinds


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Messages and a tiny model."""
    root = tmp_path_factory.mktemp("talk")
    write_messages(root / "messages.tsv")
    write_messages(root / "sample.tsv", 60, seed=7)
    make_model(root / "model")
    return root


@pytest.fixture
def lab(talk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    for file in talk.iterdir():
        (tmp_path / file.name).symlink_to(file)
    monkeypatch.setitem(kinds.MODULES, "amount", "support.evidence_kind")
    return Lab(tmp_path)


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers begin with libraries loaded."""
    fork_workers(monkeypatch)
