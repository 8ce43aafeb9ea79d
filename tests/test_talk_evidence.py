"""Made-up evidence is what tests of pages take for measured: it reads back, and fits the talk."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.evidence import KINDS, evidence, evident, evident_talk, pin_evidence

from pipeline.measured import Value, numbers_in, read_measurement


@pytest.mark.parametrize("finds", ["draw", "tuned", "cheap"])
def test_made_up_evidence_is_whole(tmp_path: Path, finds: str) -> None:
    """Each kind pinned reads back as it was, and each interval holds its value."""
    made = evidence(finds)  # type: ignore[arg-type]
    pin_evidence(tmp_path, made)
    assert tuple(made) == KINDS
    for name, one in made.items():
        found = read_measurement(tmp_path / "deck" / "measured" / f"{name}.json")
        assert found.values == one.values
        for at, value in numbers_in(one.values, name):
            assert isinstance(value, Value)
            if value.low is not None and value.high is not None:
                assert value.low <= value.value <= value.high, at


@pytest.mark.parametrize("without", [(), KINDS])
def test_the_talk_builds_with_and_without_evidence(
    tmp_path: Path, without: tuple[str, ...]
) -> None:
    """Every sentence has a branch for evidence that isn't there."""
    assert evident_talk(tmp_path / "talk", evident(None, "draw", *without)).slides
