"""What classifiers say of single messages: the talk's examples and those missed in the test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.config import ExampleSettings
from pipeline.experiment.data.messages import Labels, Message
from pipeline.results import Example, Verdict

MOST_MISSED = 3
Probabilities = np.ndarray  # of each label, shape (messages, labels)


@dataclass(frozen=True, slots=True)
class Scored:
    """What classifiers say of the same messages; None: it was not run."""

    untrained: Probabilities | None
    linear: Probabilities | None
    frozen: Probabilities | None
    finetuned: Probabilities


def said_labels(probabilities: Probabilities) -> list[int]:
    """The likeliest label of each message, by its place; the first of equals."""
    found: list[int] = np.asarray(probabilities).argmax(-1).tolist()
    return found


def own_examples(
    settings: Sequence[ExampleSettings], scored: Scored, labels: Labels
) -> list[Example]:
    """The examples that talk.toml names, in its order."""
    return [
        _example(e.id, e.text, labels.names.index(e.label), e.kind, scored, i, labels)
        for i, e in enumerate(settings)
    ]


def missed_examples(test: Sequence[Message], scored: Scored, labels: Labels) -> list[Example]:
    """Test messages that the fine-tuned model got wrong, the most confident mistake first."""
    wrong = [
        (float(scored.finetuned[i, said]), i)
        for i, said in enumerate(said_labels(scored.finetuned))
        if said != test[i].label
    ]
    worst = [i for _, i in sorted(wrong, key=lambda pair: (-pair[0], pair[1]))[:MOST_MISSED]]
    return [
        _example(f"missed-{n}", test[i].text, test[i].label, "missed", scored, i, labels)
        for n, i in enumerate(worst, 1)
    ]


def _example(
    id_: str,
    text: str,
    label: int,
    kind: str,
    scored: Scored,
    index: int,
    labels: Labels,
) -> Example:
    def said(found: Probabilities | None) -> Verdict | None:
        return None if found is None else verdict(found[index], label, labels)

    return Example(
        id=id_,
        text=text,
        expected=labels.names[label],
        kind=kind,
        untrained=said(scored.untrained),
        linear=said(scored.linear),
        finetuned=verdict(scored.finetuned[index], label, labels),
        frozen=said(scored.frozen),
    )


def verdict(probabilities: Probabilities, label: int, labels: Labels) -> Verdict:
    """Each label's probability as the label that is said; `label` is the right one's place."""
    said = int(np.asarray(probabilities).argmax())
    each = [float(p) for p in probabilities]
    positive = labels.positive_place
    return Verdict(
        label=labels.names[said],
        confidence=each[said],
        positive_probability=None if positive is None else each[positive],
        correct=said == label,
        probabilities={} if labels.positive else dict(zip(labels.names, each, strict=True)),
    )
