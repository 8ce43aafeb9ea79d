"""The prompt: what all prompts begin with is read once, and nothing else changes."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from support.needs import need

SAME = [7, 8, 9, 10, 11]
ENDS = [[20, 21, 22], [23], [24, 25, 26, 27, 28], [20, 30]]


@pytest.mark.slow
@pytest.mark.parametrize("family", ["llama", "gpt2"])
@pytest.mark.parametrize(
    "sequences",
    [
        [SAME + end for end in ENDS],
        [[4, *SAME], [5, *SAME, 6]],  # nothing in common
        [SAME, SAME],  # all but the last token
        [SAME],
    ],
)
def test_reading_the_common_beginning_once_changes_no_answer(
    sequences: list[list[int]], family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batches of different lengths; against each prompt read whole and by itself."""
    need(find_spec("torch"), "torch is not installed (pip install '.[train]')")
    from support.tiny_model import make_model

    from pipeline.experiment import machine
    from pipeline.experiment.model import prompts
    from pipeline.experiment.model.pretrained import load_language_model, load_tokenizer

    monkeypatch.setattr(prompts, "PROMPT_BATCH", 3)
    folder = make_model(tmp_path, family)
    asked = load_language_model(folder, load_tokenizer(folder), machine.prepare_device())
    found = prompts.log_probabilities(asked, sequences, [[40], [41]], print)
    for sequence, probabilities in zip(sequences, found, strict=True):
        alone: Any = asked.next_log_probabilities([sequence])[0, [40, 41]]
        assert probabilities.tolist() == pytest.approx(alone.tolist(), abs=1e-5)
    assert len({round(float(p), 6) for p, _ in found}) == len({tuple(s) for s in sequences})
