"""What the cells of all experiments share: opened once in each process that works on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.config import ExperimentSettings
from pipeline.experiment.data.messages import Labels, Message, Messages
from pipeline.experiment.data.split import Sets, make_sets
from pipeline.experiment.machine import Device
from pipeline.experiment.sources import ModelFound


@dataclass(frozen=True, slots=True)
class Bench:
    """Messages, model and machine; each process computes on one thread, so results are the same.

    `groups` numbers near copies among the messages, shape (messages,).
    """

    experiment: ExperimentSettings
    labels: Labels
    messages: Messages
    groups: np.ndarray
    elsewhere: tuple[Message, ...]  # today's messages; empty where the talk has none
    model: ModelFound
    device: Device

    def sets(self, seed: int) -> Sets:
        """Training, validation and test messages of one split: another seed, another split."""
        return make_sets(self.messages, seed)
