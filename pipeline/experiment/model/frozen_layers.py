"""The frozen lower layers give the same output for the same message each time: compute it once.

Where an architecture allows it (embedding, then layers that add nothing by position or chance
but what is in the layer itself), what the frozen layers make of each message is kept, and the
trainable layers start from that. With two thirds of the layers frozen this saves a third of the
training and most of each evaluation.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch

from pipeline.experiment.machine import Device, autocast

Ids = list[int]
BATCH = 32
TOLERANCE = 1e-3


class LowerLayers(torch.nn.Module):  # type: ignore[misc]
    """Stands where the embedding stood and gives the hidden states after the frozen layers.

    The frozen layers are no submodule: a checkpoint holds what is trained and no more.
    """

    def __init__(self, model: Any, frozen: int, device: Device) -> None:
        super().__init__()
        self.device = device
        whole = model.base_model
        settings = copy.deepcopy(whole.config)
        settings.num_hidden_layers = frozen
        backbone = copy.copy(whole)
        backbone._modules = dict(whole._modules)
        backbone.config = settings
        backbone.layers = torch.nn.ModuleList(whole.layers[:frozen])
        backbone.norm = torch.nn.Identity()
        upper = torch.nn.ModuleList(whole.layers[frozen:])
        held = {"backbone": backbone, "upper": upper, "all": whole.layers}
        object.__setattr__(self, "held", held)
        self.frozen = frozen
        self.pad = int(whole.config.pad_token_id)
        self.states: dict[tuple[int, ...], torch.Tensor] = {}  # ids -> (tokens, hidden)
        self.seconds: dict[tuple[int, ...], float] = {}  # ids -> what that took

    @property
    def backbone(self) -> Any:
        return self.held["backbone"]

    def stand_in(self, model: Any) -> None:
        """Put this in the model's place of the embedding, and leave it the upper layers."""
        model.base_model.embed_tokens = self
        model.base_model.layers = self.held["upper"]

    def step_out(self, model: Any) -> None:
        """Give the model back its embedding and all its layers."""
        model.base_model.embed_tokens = self.backbone.embed_tokens
        model.base_model.layers = self.held["all"]

    def remember(self, sequences: Sequence[Ids], tick: Callable[[float], None]) -> float:
        """Compute what is not yet known, in batches that depend on `sequences` alone.

        Returns the seconds that all of them took, now or when they were first met.
        """
        keys = [tuple(ids) for ids in sequences]
        new = sorted((k for k in dict.fromkeys(keys) if k not in self.states), key=len)
        for start in range(0, len(new), BATCH):
            batch = new[start : start + BATCH]
            started = time.perf_counter()
            self._compute(batch)
            each = (time.perf_counter() - started) / len(batch)
            self.seconds.update(dict.fromkeys(batch, each))
            tick(self.frozen * sum(map(len, batch)))
        return sum(self.seconds[key] for key in keys)

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        """Hidden states of padded rows: (batch, tokens) -> (batch, tokens, hidden)."""
        rows = [tuple(row) for row in input_ids.tolist()]
        keys = [self._unpadded(row) for row in rows]
        self.remember([list(key) for key in keys], lambda _: None)
        hidden = self.states[keys[0]].shape[-1]
        out = torch.zeros(*input_ids.shape, hidden, device=input_ids.device)
        for row, key in zip(out, keys, strict=True):
            row[: len(key)] = self.states[key]
        return out

    def _unpadded(self, row: tuple[int, ...]) -> tuple[int, ...]:
        end = len(row)
        while end > 1 and row[end - 1] == self.pad:
            end -= 1
        return row[:end]

    def _compute(self, keys: Sequence[tuple[int, ...]]) -> None:
        device = self.device.name
        longest = max(map(len, keys))
        ids = torch.full((len(keys), longest), self.pad, device=device)
        mask = torch.zeros_like(ids)
        for row, key in enumerate(keys):
            ids[row, : len(key)] = torch.tensor(key)
            mask[row, : len(key)] = 1
        with torch.no_grad(), autocast(self.device):
            found = self.backbone(input_ids=ids, attention_mask=mask, use_cache=False)
        for row, key in enumerate(keys):
            self.states[key] = found.last_hidden_state[row, : len(key)].float().clone()


def layers_of(model: Any) -> Any:
    """The stack of a model's layers, whatever its family calls it."""
    for name in ("layers", "h"):
        if hasattr(model.base_model, name):
            return getattr(model.base_model, name)
    raise AttributeError(f"{type(model).__name__} has no stack of layers")


def attach(model: Any, frozen: int, device: Device) -> LowerLayers | None:
    """Put remembered lower layers into the model; None where its family doesn't allow it.

    Whether it does is tried out: with them a few made-up rows must give the same logits.
    """
    backbone = model.base_model
    parts = all(hasattr(backbone, n) for n in ("embed_tokens", "layers", "rotary_emb", "norm"))
    chance = any(
        getattr(model.config, n, 0) for n in ("attention_dropout", "hidden_dropout", "embd_pdrop")
    )
    if not parts or chance:
        return None
    pad = int(model.config.pad_token_id)
    tokens = torch.arange(1, 13, device=model.device).reshape(2, 6) % model.config.vocab_size
    tokens = torch.where(tokens == pad, pad + 1, tokens)
    tokens[1, 4:] = pad
    mask = torch.ones_like(tokens)
    mask[1, 4:] = 0
    with torch.no_grad(), autocast(device):
        expected = model(input_ids=tokens, attention_mask=mask).logits
    lower = LowerLayers(model, frozen, device)
    lower.stand_in(model)
    try:
        with torch.no_grad(), autocast(device):
            found = model(input_ids=tokens, attention_mask=mask).logits
        same = torch.allclose(found, expected, atol=TOLERANCE)
    except (RuntimeError, TypeError, ValueError):
        same = False
    lower.states.clear()
    lower.seconds.clear()
    if not same:
        lower.step_out(model)
        return None
    return lower


def detach(model: Any, lower: LowerLayers | None) -> None:
    if lower:
        lower.step_out(model)
