"""What classifiers say of single messages: the talk's examples and those missed in the test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.config import ExampleSettings
from pipeline.experiment.data.messages import Labels, Message
from pipeline.results import Example, Verdict

MOST_MISSED = 3
THRESHOLD = 0.5
Probabilities = Sequence[float] | np.ndarray  # of the positive label, one a message


@dataclass(frozen=True, slots=True)
class Scored:
    """What the three classifiers say of the same messages."""

    untrained: Probabilities
    linear: Probabilities
    finetuned: Probabilities


def flags(probabilities: Probabilities) -> list[bool]:
    """Which messages are flagged as positive."""
    return [bool(p > THRESHOLD) for p in probabilities]


def own_examples(
    settings: Sequence[ExampleSettings], scored: Scored, labels: Labels
) -> list[Example]:
    """The examples that talk.toml names, in its order."""
    return [
        _example(e.id, e.text, e.label == labels.positive, e.kind, scored, i, labels)
        for i, e in enumerate(settings)
    ]


def missed_examples(test: Sequence[Message], scored: Scored, labels: Labels) -> list[Example]:
    """Test messages that the fine-tuned model got wrong, the most confident mistake first."""
    wrong = [
        (abs(float(p) - THRESHOLD), i)
        for i, p in enumerate(scored.finetuned)
        if bool(p > THRESHOLD) != test[i].positive
    ]
    worst = [i for _, i in sorted(wrong, key=lambda pair: (-pair[0], pair[1]))[:MOST_MISSED]]
    return [
        _example(f"missed-{n}", test[i].text, test[i].positive, "test", scored, i, labels)
        for n, i in enumerate(worst, 1)
    ]


def _example(
    id_: str,
    text: str,
    positive: bool,
    kind: str,
    scored: Scored,
    index: int,
    labels: Labels,
) -> Example:
    return Example(
        id=id_,
        text=text,
        expected=labels.of(positive),
        kind=kind,
        untrained=verdict(scored.untrained[index], positive, labels),
        linear=verdict(scored.linear[index], positive, labels),
        finetuned=verdict(scored.finetuned[index], positive, labels),
    )


def verdict(probability: float, positive: bool, labels: Labels) -> Verdict:
    """A probability of the positive label as the label that it means."""
    flagged = bool(probability > THRESHOLD)
    return Verdict(
        label=labels.of(flagged),
        confidence=float(probability if flagged else 1 - probability),
        positive_probability=float(probability),
        correct=flagged == positive,
    )
