"""What a run is made from, and what of it goes into its record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec

from pipeline.config import Config, ExperimentSettings, TrainingSettings
from pipeline.experiment import machine
from pipeline.experiment.data.messages import Labels, counts_of
from pipeline.experiment.data.split import Sets
from pipeline.experiment.model.pretrained import Classifier
from pipeline.experiment.plan import Fingerprint, Options, run_id
from pipeline.experiment.progress import Progress
from pipeline.experiment.sources import DataFound, ModelFound
from pipeline.experiment.store import Trained
from pipeline.machine import machine_name
from pipeline.results import Data, Model, Run, Split, Stage


class Task(msgspec.Struct, frozen=True):
    """What a run is made from, the folder that it is kept in, and who is told how it goes."""

    config: Config
    experiment: ExperimentSettings
    options: Options
    data: DataFound
    model: ModelFound
    fingerprint: Fingerprint
    folder: Path
    trained: Trained | None  # where the training has been done
    progress: Progress

    @property
    def labels(self) -> Labels:
        return self.data.labels

    @property
    def positive(self) -> int | None:
        """The place of the label that the talk hunts, where it names one."""
        return self.labels.positive_place

    @property
    def training(self) -> TrainingSettings:
        settings = self.experiment.training_of(self.model.name)
        return replace(settings, epochs=1) if self.options.quick else settings


def run_of(task: Task, stages: tuple[Stage, ...], started: str, device: machine.Device) -> Run:
    return Run(
        id=run_id(task.fingerprint),
        fingerprint={**task.fingerprint, "machine": machine.made_on(device)},
        quick=task.options.quick,
        seed=task.experiment.seed,
        started=started,
        seconds=sum(stage.seconds for stage in stages),
        command=task.options.command,
        code_version=machine.code_version(),
        machine=machine_name(machine.cores()),
        versions=machine.versions(),
        stages=stages,
    )


def data_of(task: Task, sets: Sets, mean_tokens: float) -> Data:
    found, labels = task.data, task.labels
    train, validation, test = (
        Split(len(part), counts_of((message.label for message in part), labels))
        for part in (sets.train, sets.validation, sets.test)
    )
    return Data(
        source=found.source,
        name=found.name,
        why=found.why,
        sha256=found.raw.sha256,
        licence=found.licence,
        citation=found.citation,
        messages=train.messages + validation.messages + test.messages,
        counts={
            label: sum(part.counts[label] for part in (train, validation, test))
            for label in labels.names
        },
        labels=labels.names,
        positive=labels.positive,
        negative=labels.negative,
        repeated=sets.messages.repeated,
        groups=sets.parts.groups,
        entities_cleaned=sets.messages.entities_cleaned,
        read=len(sets.messages.items),
        train=train,
        validation=validation,
        test=test,
        random_split_leak=sets.parts.leak,
        test_repeats=sets.parts.test_repeats,
        mean_tokens=mean_tokens,
    )


def model_of(task: Task, classifier: Classifier, vocabulary: int, can_go_on: bool) -> Model:
    found = task.model
    return Model(
        source=found.source,
        name=found.name,
        why=found.why,
        sha256=found.sha256,
        licence=found.licence,
        parameters=classifier.parameters(),
        trainable_parameters=classifier.parameters(trainable_only=True),
        layers=classifier.layers_of_model,
        frozen_layers=classifier.frozen_layers,
        used_layers=classifier.layers,
        vocabulary=vocabulary,
        kind="causal" if can_go_on else "encoder",
        instruct=found.instruct,
    )
