"""What the steps measured, put into the typed results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pipeline.experiment import machine
from pipeline.experiment.data.messages import Labels, Message, counts_of
from pipeline.experiment.examples import flags
from pipeline.experiment.metrics import evaluate
from pipeline.experiment.model.baselines import Linear, Question
from pipeline.experiment.model.pretrained import Classifier
from pipeline.experiment.progress import Progress
from pipeline.experiment.sets import Sets, Tokens
from pipeline.experiment.store import run_id
from pipeline.experiment.task import Scores, Task, Trained
from pipeline.results import (
    SCHEMA,
    Data,
    Evaluation,
    Example,
    Model,
    Results,
    Run,
    Split,
)

if TYPE_CHECKING:
    from pipeline.experiment.steps import After, Before


class Evaluator:
    """Makes each classifier's Evaluation on one set of messages, with its name and how it works."""

    def __init__(self, task: Task, messages: Sequence[Message]) -> None:
        self.task = task
        self.positives = [message.positive for message in messages]
        self.seed = task.experiment.seed

    def _evaluation(
        self, name: str, how: str, flagged: Sequence[bool], fit: float, predict: float
    ) -> Evaluation:
        return evaluate(
            name,
            how,
            self.positives,
            flagged,
            seed=self.seed,
            fit_seconds=fit,
            predict_seconds=predict,
        )

    def majority(self, train: Sequence[bool]) -> Evaluation:
        commoner = sum(train) * 2 > len(train)
        label = self.task.labels.of(commoner)
        how = f"Calls every message {label}, the commoner label of the training set."
        return self._evaluation(f"Always {label}", how, [commoner] * len(self.positives), 0.0, 0.0)

    def untrained(self, scores: Scores) -> Evaluation:
        how = f"The pre-trained model with its new, random head (seed {self.seed}), not trained."
        flagged = flags(scores.probabilities)
        return self._evaluation("Before training", how, flagged, 0.0, scores.seconds)

    def prompted(self, scores: Scores, question: Question) -> Evaluation:
        flagged = flags(scores.probabilities)
        return self._evaluation("Asked in a prompt", question.how, flagged, 0.0, scores.seconds)

    def linear(self, linear: Linear, found: np.ndarray, seconds: float) -> Evaluation:
        how = (
            "TF-IDF of words (1-2) and of letters inside words (2-5) with logistic regression, "
            f"C = {linear.strength:g} chosen on the validation set."
        )
        return self._evaluation(
            "TF-IDF + linear model", how, flags(found), linear.fit_seconds, seconds
        )

    def finetuned(self, scores: Scores, trained: Trained, classifier: Classifier) -> Evaluation:
        training = trained.training
        how = f"Trained for {training.epochs} epoch{'s' if training.epochs > 1 else ''}"
        if training.epochs > 1:
            how += f"; epoch {training.best_epoch} was the best by F1 on the validation set"
        if classifier.frozen_layers:
            how += (
                f"; the embeddings and the lowest {classifier.frozen_layers} of "
                f"{classifier.layers} layers stay as they were"
            )
        flagged = flags(scores.probabilities)
        return self._evaluation("Fine-tuned", how + ".", flagged, training.seconds, scores.seconds)


def assemble(
    task: Task,
    sets: Sets,
    tokens: Tokens,
    classifier: Classifier,
    before: Before,
    trained: Trained,
    after: After,
    examples: tuple[Example, ...],
    progress: Progress,
    started: str,
) -> Results:
    """The whole record of a run, not yet written."""
    stages = progress.stages()
    return Results(
        schema=SCHEMA,
        run=Run(
            id=run_id(task.fingerprint),
            fingerprint=task.fingerprint,
            quick=task.options.quick,
            seed=task.experiment.seed,
            started=started,
            seconds=sum(stage.seconds for stage in stages),
            command=task.options.command,
            code_version=machine.code_version(),
            machine=machine.machine_name(),
            versions=machine.versions(),
            stages=stages,
        ),
        data=_data(task, sets, tokens.mean_tokens),
        model=_model(task, classifier, len(tokens.tokenizer)),
        training=trained.training,
        majority=before.majority,
        untrained=before.untrained,
        prompted=before.prompted,
        linear=before.linear,
        finetuned=after.finetuned,
        elsewhere=after.elsewhere,
        elsewhere_name=task.experiment.data.sample_name if after.elsewhere else "",
        examples=examples,
        next_tokens=before.next_tokens,
        tokenized=tokens.tokenized,
    )


def _data(task: Task, sets: Sets, mean_tokens: float) -> Data:
    data, labels = task.data, task.labels
    used = [*sets.train, *sets.validation, *sets.test]
    return Data(
        source=data.source,
        name=data.name,
        why=data.why,
        sha256=data.raw.sha256,
        licence=data.licence,
        citation=data.citation,
        messages=len(used),
        counts=counts_of((message.positive for message in used), labels),
        positive=labels.positive,
        negative=labels.negative,
        repeated=sets.messages.repeated,
        groups=sets.parts.groups,
        entities_cleaned=sets.messages.entities_cleaned,
        read=len(sets.messages.items),
        train=_split(sets.train, labels),
        validation=_split(sets.validation, labels),
        test=_split(sets.test, labels),
        random_split_leak=sets.parts.leak,
        mean_tokens=mean_tokens,
    )


def _split(messages: Sequence[Message], labels: Labels) -> Split:
    return Split(len(messages), counts_of((message.positive for message in messages), labels))


def _model(task: Task, classifier: Classifier, vocabulary: int) -> Model:
    found = task.model
    return Model(
        source=found.source,
        name=found.name,
        why=found.why,
        sha256=found.sha256,
        licence=found.licence,
        parameters=classifier.parameters(),
        trainable_parameters=classifier.parameters(trainable_only=True),
        layers=classifier.layers,
        frozen_layers=classifier.frozen_layers,
        vocabulary=vocabulary,
    )
