"""The pre-trained model asked in a prompt: whole answers, calibrated; examples; a threshold."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from support.needs import need

from pipeline.config import DataSettings, ExperimentSettings
from pipeline.experiment.data.messages import Labels, Message

pytestmark = pytest.mark.slow

LABELS = Labels(("ham", "spam"), "spam")
EXPERIMENT = ExperimentSettings(DataSettings(), question="Spam or ham?\n{message}")
SAME = [7, 8, 9, 10, 11]
ENDS = [[20, 21, 22], [23], [24, 25, 26, 27, 28], [20, 30]]


@pytest.fixture(autouse=True)
def _torch() -> None:
    need(find_spec("torch"), "torch is not installed (pip install '.[train]')")


def asked(folder: Path, family: str = "llama") -> Any:
    from support.tiny_model import make_model

    from pipeline.experiment import machine
    from pipeline.experiment.model.pretrained import load_language_model, load_tokenizer

    make_model(folder, family)
    return load_language_model(folder, load_tokenizer(folder), machine.prepare_device())


def unheard(_: float) -> None:
    """Nobody counts."""


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
def test_whole_answers_are_compared_however_they_are_read(
    sequences: list[list[int]], family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In batches after a common beginning, against one token after the other, each by itself.

    Answers may begin with the same token, and one may be the beginning of another.
    """
    from pipeline.experiment.model import prompts

    monkeypatch.setattr(prompts, "PROMPT_BATCH", 3)
    model = asked(tmp_path, family)
    answers, ticks = [(40,), (40, 41), (40, 42, 43), (44, 45)], list[float]()
    found = prompts.log_probabilities(model, sequences, answers, ticks.append)
    assert sum(ticks) > 0
    for sequence, row in zip(sequences, found, strict=True):
        for answer, likely in zip(answers, row, strict=True):
            alone = 0.0
            for at, token in enumerate(answer):
                read = [*sequence, *answer[:at]]
                alone += float(model.next_log_probabilities([read])[0, token])
            assert likely == pytest.approx(alone, abs=1e-4)


def test_what_the_prompt_alone_makes_likely_does_not_count(tmp_path: Path) -> None:
    """An empty message gets each label with the same probability; no other one is favoured."""
    from pipeline.experiment.model import prompts

    model = asked(tmp_path)
    prompt = prompts.zero_shot(EXPERIMENT, model.tokenizer, LABELS, 32)
    found, seconds = prompts.score(model, prompt, ["", "win a free prize now", "ok"], unheard)
    assert found[0].tolist() == pytest.approx([0.5, 0.5])
    assert found.sum(-1).tolist() == pytest.approx([1, 1, 1])
    assert found[1].tolist() != found[2].tolist()
    assert seconds > 0
    assert "each divided by that for an empty message" in prompt.how


def test_examples_stand_before_the_message_and_fit_the_model(tmp_path: Path) -> None:
    """As plain text, with the talk's words for the labels; long ones are cut, braces are text."""
    from pipeline.experiment.model import prompts

    model = asked(tmp_path)
    shots = [Message("win {message} now", 1), Message("see you " * 30, 0)]
    prompt = prompts.few_shot(EXPERIMENT, model.tokenizer, LABELS, 12, shots)
    (sequence,) = prompt.sequences(["ok then"])
    text = str(model.tokenizer.decode(sequence))
    assert text.startswith("Message: win {message} now\nLabel: spam\n\nMessage: see you")
    assert text.endswith("\nLabel: ham\n\nMessage: ok then\nLabel:")
    whole = prompts.few_shot(EXPERIMENT, model.tokenizer, LABELS, 60, shots)
    fitted = prompts.few_shot(EXPERIMENT, model.tokenizer, LABELS, 60, shots, positions=160)
    lengths = [len(each.sequences(["at nine " * 60])[0]) for each in (whole, fitted)]
    assert lengths[1] < 160 < lengths[0]
    told = replace(EXPERIMENT, instruction="Which is it?")
    before = prompts.few_shot(told, model.tokenizer, LABELS, 12, shots).before
    assert before == f"Which is it?\n\n{prompt.before}"


def test_examples_are_drawn_of_all_labels_alike() -> None:
    """The same seed draws the same; no text twice; fewer where there are fewer."""
    from pipeline.experiment.model import prompts

    train = [Message(f"text {n % 40}", int(n % 8 == 0)) for n in range(80)]
    drawn = prompts.draw(train, 8, 3)
    assert drawn == prompts.draw(train, 8, 3) != prompts.draw(train, 8, 4)
    assert [message.label for message in drawn] == [1, 0] * 4
    assert len({message.text for message in drawn}) == 8
    assert len(prompts.draw(train[:3], 8, 0)) == 3
    odd = prompts.draw(train, 5, 0)
    assert sum(message.label for message in odd) in (2, 3)


def test_a_threshold_is_where_f1_is_best() -> None:
    """Halfway between two probabilities; the middle one of equally good ones."""
    from pipeline.experiment.model import prompts

    likely = np.array([0.1, 0.2, 0.3, 0.6, 0.7, 0.9])
    both = np.stack([1 - likely, likely], 1)
    assert prompts.threshold_of(both, [0, 0, 0, 0, 1, 1], 1) == pytest.approx(0.65)
    assert prompts.said_above(both, 0.65, 1) == [0, 0, 0, 0, 1, 1]
    assert prompts.threshold_of(both, [0, 1, 0, 1, 1, 1], 1) == pytest.approx(0.15)
    assert prompts.threshold_of(both, [0] * 6, 1) > 0  # whatever it is, it is one
    assert prompts.said_above(both, 0.0, 1) == [1] * 6
