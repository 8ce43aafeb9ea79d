"""What the cells of all experiments share: opened once in each process that works on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pipeline.config import ExperimentSettings
from pipeline.experiment.data.messages import Labels, Message, Messages
from pipeline.experiment.data.split import Sets, make_sets
from pipeline.experiment.machine import Device
from pipeline.experiment.sources import ModelFound

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Bench:
    """Messages, model and machine; each process computes on one thread, so results are the same."""

    experiment: ExperimentSettings
    labels: Labels
    messages: Messages
    elsewhere: tuple[Message, ...]  # today's messages; empty where the talk has none
    model: ModelFound
    device: Device
    cache: Path | None = None  # the folder where states are kept; None: nowhere
    opened: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def sets(self, seed: int) -> Sets:
        """Training, validation and test messages of one split: another seed, another split."""
        return self.once(f"sets {seed}", lambda: make_sets(self.messages, seed))

    def once(self, name: str, make: Callable[[], T], key: object = None) -> T:
        """What cells share and only some need, such as a tokenizer: made when first asked for.

        And again where `key` is another than the last time: one of a name is kept.
        """
        if name not in self.opened or self.opened[name][0] != key:
            self.opened[name] = key, make()
        found: T = self.opened[name][1]
        return found
