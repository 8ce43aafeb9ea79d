"""A large file is hashed once, and again when it changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline import hashes
from pipeline.hashes import SMALL, FileHashes, sha256_of


def test_a_large_file_is_hashed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until its size or time changes; another process knows it too."""
    file = tmp_path / "weights"
    file.write_bytes(b"1" * (SMALL + 1))
    asked: list[Path] = []
    monkeypatch.setattr(hashes, "sha256_of", lambda p: asked.append(p) or sha256_of(p))
    first = FileHashes.load(tmp_path).hash_of(file)
    assert FileHashes.load(tmp_path).hash_of(file) == first
    assert len(asked) == 1
    file.write_bytes(b"2" * (SMALL + 1))
    os.utime(file, ns=(1, 1))
    assert FileHashes.load(tmp_path).hash_of(file) != first


def test_a_small_file_is_read_each_time(tmp_path: Path) -> None:
    """So that a change within one tick of the clock, of the same length, is seen too."""
    file, known = tmp_path / "bench.py", FileHashes.load(tmp_path)
    file.write_bytes(b"one")
    first = known.hash_of(file)
    file.write_bytes(b"two")
    assert known.hash_of(file) != first
    assert not known.path.exists()


def test_a_broken_memory_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "hashes.json").write_text('{"files": [')
    assert FileHashes.load(tmp_path).files == {}
