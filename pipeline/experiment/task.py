"""What a run is made from, and the kept outcomes of its costly steps."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np

from pipeline.config import Config, ExperimentSettings, TrainingSettings
from pipeline.experiment import sources
from pipeline.experiment.data.messages import Labels
from pipeline.experiment.plan import Options
from pipeline.experiment.progress import Progress
from pipeline.results import Training

TRAINED = "trained.json"
MODEL = "model"


@dataclass(frozen=True, slots=True)
class Task:
    """All that a run is made from, and the folder that it is kept in."""

    config: Config
    experiment: ExperimentSettings
    options: Options
    data: sources.DataFound
    model: sources.ModelFound
    fingerprint: dict[str, str]
    folder: Path

    @property
    def labels(self) -> Labels:
        return sources.labels_of(self.experiment.data)

    @property
    def training(self) -> TrainingSettings:
        settings = self.experiment.training
        return replace(settings, epochs=1) if self.options.quick else settings


@dataclass(frozen=True, slots=True)
class Scores:
    """Probabilities of the positive label for one set of messages, as a kept step left them."""

    key: str
    probabilities: tuple[float, ...]
    seconds: float  # to predict, the frozen layers' share included
    took: float  # by the clock, when it was done


@dataclass(frozen=True, slots=True)
class Trained:
    """What fine-tuning left, beside the model itself."""

    training: Training
    evaluation_seconds: float


def kept_scores(folder: Path, name: str, key: str) -> Scores | None:
    """The outcome of a step for exactly these inputs, if it was kept."""
    try:
        found = msgspec.json.decode((folder / f"{name}.json").read_bytes(), type=Scores)
    except (OSError, msgspec.DecodeError):
        return None
    return found if found.key == key else None


def scored(
    task: Task,
    name: str,
    key: str,
    progress: Progress,
    compute: Callable[[], tuple[np.ndarray, float]],
) -> Scores:
    """Do a step, or take its kept outcome; the step's time counts either way."""
    kept = kept_scores(task.folder, name, key)
    if kept:
        progress.seconds[progress.step_name] += kept.took
        return kept
    started = time.perf_counter()
    probabilities, seconds = compute()
    took = time.perf_counter() - started
    made = Scores(key, tuple(map(float, probabilities)), seconds, took)
    keep(task.folder / f"{name}.json", msgspec.json.encode(made))
    return made


def kept_training(folder: Path) -> Trained | None:
    """The record of a finished training whose model is there and whole."""
    try:
        found = msgspec.json.decode((folder / TRAINED).read_bytes(), type=Trained)
    except (OSError, msgspec.DecodeError):
        return None
    whole = sources.whole_safetensors(folder / MODEL / "model.safetensors")
    return found if whole else None


def keep(path: Path, content: bytes) -> None:
    """Write under a temporary name, rename last."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.replace(path)


def key_of(sequences: Sequence[Sequence[int]], *more: object) -> str:
    """A key for the outcome of a step over token ids."""
    return hashlib.sha256(repr((list(map(list, sequences)), more)).encode()).hexdigest()[:16]
