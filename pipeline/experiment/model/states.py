"""Hidden states of the pre-trained model, read once for all who need them and kept on disk.

Three need them: logistic regression on frozen states, random heads, and the fine-tuning, which
goes on from its frozen layers. Which texts are read together changes the last digits of what is
found, so states are kept by the whole set of texts, read in one order: the same set gives the same
states, whoever asks first and in which process.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModel, PreTrainedModel

from pipeline.config import TrainingSettings
from pipeline.experiment.machine import Device, autocast, check_disk
from pipeline.experiment.model.frozen_layers import Ids, Key, Tick, layers_of, padded
from pipeline.experiment.plan import code_hash
from pipeline.experiment.sources import ModelFound
from pipeline.files import BusyError, alone
from pipeline.problems import Source, TalkError
from pipeline.seals import put_in_place, seal, sealed

BATCH = 32
PART = 16 * BATCH  # texts that are written together; an interrupted reading goes on behind them
PROBES = 8  # layers whose mean states are kept, about
SETS_KEPT = 4
NO_STATES = "leave `untrained` and `frozen` out of `baselines` in talk.toml, or name another model"


@dataclass(frozen=True, slots=True)
class _Part:
    """What is kept of consecutive texts; the arrays lie on disk until they are looked at."""

    means: np.ndarray  # (texts, probes, hidden): mean over a text's tokens after each probed layer
    last: np.ndarray  # (texts, hidden): of the last token, after the highest layer and its norm
    seconds: np.ndarray  # (texts,): its share of what its batch took
    tokens: np.ndarray  # (tokens of all texts, hidden), after the frozen layers; else empty


@dataclass(slots=True)
class States:
    """States of a set of texts; `layers` are those probed, counted from 1, the highest the last.

    Token states are those after the lowest `frozen` layers; 0: none are kept.
    """

    layers: tuple[int, ...]
    frozen: int
    places: dict[Key, int]
    parts: Sequence[_Part]
    starts: np.ndarray  # (texts,): where a text's tokens begin in its part

    def __contains__(self, ids: object) -> bool:
        return ids in self.places

    def mean(self, layer: int, sequences: Sequence[Ids]) -> np.ndarray:
        """Mean over each text's tokens after a probed layer, (texts, hidden).

        Raises KeyError for a text that is not of the set.
        """
        at = self.layers.index(layer)
        return np.array([part.means[row, at] for part, row in self._rows(sequences)])

    def last(self, sequences: Sequence[Ids]) -> np.ndarray:
        """State of each text's last token as a head would see it, (texts, hidden)."""
        return np.array([part.last[row] for part, row in self._rows(sequences)])

    def tokens(self, ids: Key) -> np.ndarray:
        """States of a text's tokens after the frozen layers, (tokens, hidden)."""
        place = self.places[ids]
        start = int(self.starts[place])
        return self.parts[place // PART].tokens[start : start + len(ids)]

    def seconds(self, layer: int, sequences: Sequence[Ids]) -> float:
        """How long reading these texts up to a layer took, when they were read."""
        whole = sum(float(part.seconds[row]) for part, row in self._rows(sequences))
        return whole * layer / self.layers[-1]

    def _rows(self, sequences: Sequence[Ids]) -> Iterator[tuple[_Part, int]]:
        places = (self.places[tuple(ids)] for ids in sequences)
        return ((self.parts[place // PART], place % PART) for place in places)


def probed_layers(top: int) -> tuple[int, ...]:
    """About eight of so many layers, evenly, the highest among them."""
    return tuple(sorted(range(top, 0, -max(1, round(top / PROBES)))))


def read_states(
    model: ModelFound,
    device: Device,
    settings: TrainingSettings,
    pad: int,
    sequences: Sequence[Ids],
    cache: Path | None,
    tick: Tick,
) -> States:
    """The states of these texts, those that are kept, else read now and kept below `cache`.

    Those of tokens too where the settings freeze layers. Ticks tokens times layers that are read.
    Several processes may ask at once: each part is read by one of them. Raises TalkError for a
    model that shows no hidden states.
    """
    frozen = settings.frozen_layers
    keys = sorted({tuple(ids) for ids in sequences}, key=lambda ids: (len(ids), ids))
    reader = _Reader(model.folder, device, pad, settings.used_layers, frozen)
    lengths = [len(key) for key in keys]
    starts = np.array([sum(lengths[i - i % PART : i]) for i in range(len(keys))], dtype=int)
    groups = [keys[at : at + PART] for at in range(0, len(keys), PART)]
    if cache is None:
        parts = [reader.read(group, tick) for group in groups]
    else:
        made_from = repr((model.sha256, device.name, device.precision, reader.layers, frozen, keys))
        code = code_hash(("model/states",))
        key = hashlib.sha256(f"{made_from}{code}".encode()).hexdigest()[:16]
        folder = cache / "states" / key
        with alone(cache / "locks" / "states", "looking at states", wait=True):
            _drop_old(folder)
        parts = _all_kept(folder, groups, reader, tick)
    reader.close()
    return States(reader.layers, frozen, {key: i for i, key in enumerate(keys)}, parts, starts)


def _all_kept(
    folder: Path, groups: Sequence[Sequence[Key]], reader: _Reader, tick: Tick
) -> list[_Part]:
    """Each part; what another process reads now is waited for when the others are there."""
    found: dict[int, _Part] = {}
    for wait in (False, True):
        for at, group in enumerate(groups):
            part = folder / f"{at:04}"
            if at not in found:
                with suppress(BusyError), alone(part.with_suffix(".lock"), "reading", wait=wait):
                    found[at] = _kept(part, group, reader, tick)
    return [found[at] for at in range(len(groups))]


def _kept(folder: Path, keys: Sequence[Key], reader: _Reader, tick: Tick) -> _Part:
    """A part out of its folder, where each file is what it was; else read now, and kept."""
    names = tuple(_Part.__dataclass_fields__)
    if sealed(folder, int) != len(keys):
        part = reader.read(keys, tick)
        arrays = {name: getattr(part, name) for name in names}
        check_disk(folder.parent, sum(array.nbytes for array in arrays.values()))
        with put_in_place(folder) as made:
            for name, array in arrays.items():
                np.save(made / f"{name}.npy", array)
            seal(made, len(keys))
    # Copied where it is written to: torch wants no array that can't be.
    return _Part(*(np.load(folder / f"{name}.npy", mmap_mode="c") for name in names))


def _drop_old(folder: Path) -> None:
    """Delete the states of all but the newest sets: each takes hundreds of megabytes."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.touch()
    others = sorted(folder.parent.iterdir(), key=lambda path: (-path.stat().st_mtime_ns, path.name))
    for old in others[SETS_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


@dataclass(slots=True)
class _Reader:
    """The body of the pre-trained model, up to the highest layer that is used."""

    folder: Path
    device: Device
    pad: int
    used: int
    frozen: int
    layers: tuple[int, ...] = field(init=False)
    _model: PreTrainedModel | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        from pipeline.experiment.model.pretrained import layers_in

        whole = layers_in(self.folder)
        self.layers = probed_layers(min(self.used or whole, whole))

    def read(self, keys: Sequence[Key], tick: Tick) -> _Part:
        """States of texts in their order, in batches of it."""
        found = [self._batch(keys[at : at + BATCH], tick) for at in range(0, len(keys), BATCH)]
        columns = zip(*found, strict=True)
        return _Part(*(np.concatenate(column) for column in columns))

    def close(self) -> None:
        self._model = None

    def _batch(self, keys: Sequence[Key], tick: Tick) -> tuple[np.ndarray, ...]:
        model = self._loaded()
        ids, mask = padded(keys, self.pad, self.device)
        started = time.perf_counter()
        with torch.inference_mode(), autocast(self.device):
            # What an encoder-decoder or a recurrent model gives has other shapes.
            given = model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
        hidden = getattr(given, "hidden_states", None)
        if hidden is None or len(hidden) != self.layers[-1] + 1:
            raise _without_states(model, self.folder)
        weights = mask.unsqueeze(-1) / mask.sum(1)[:, None, None]  # (batch, tokens, 1)
        means = torch.stack([(hidden[at].float() * weights).sum(1) for at in self.layers], 1)
        rows = torch.arange(len(keys), device=ids.device)
        last = hidden[-1].float()[rows, mask.sum(1) - 1]
        tokens = hidden[self.frozen].float()[mask.bool()] if self.frozen else last[:0]
        arrays = [array.cpu().numpy() for array in (means, last, tokens)]
        took = (time.perf_counter() - started) / len(keys)
        tick(self.layers[-1] * sum(map(len, keys)))
        return arrays[0], arrays[1], np.full(len(keys), took), arrays[2]

    def _loaded(self) -> PreTrainedModel:
        if self._model is None:
            try:
                model: Any = AutoModel.from_pretrained(self.folder, dtype=torch.float32)
            except Exception as error:
                said = (str(error).strip().splitlines() or [type(error).__name__])[0]
                message = f"the model can't be loaded: {said}"
                raise TalkError(message, Source(self.folder), NO_STATES) from None
            layers = layers_of(model)
            del layers[self.layers[-1] :]
            model.config.num_hidden_layers = len(layers)
            model.config.use_cache = False
            self._model = model.to(self.device.name).eval()
        return self._model


def _without_states(model: PreTrainedModel, folder: Path) -> TalkError:
    name = type(model).__name__
    return TalkError(f"{name} shows no state after each layer", Source(folder), NO_STATES)
