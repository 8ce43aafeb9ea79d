"""The frozen lower layers give the same output for the same message each time: compute it once.

Where an architecture allows it (embedding, then layers that add nothing by position or chance
but what is in the layer itself), what the frozen layers make of each message is kept, and the
trainable layers start from that. With two thirds of the layers frozen this saves a third of the
training and most of each evaluation.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
import torch
from torch import Tensor, nn
from transformers import Cache, PretrainedConfig, PreTrainedModel

from pipeline.experiment.machine import Device, autocast
from pipeline.problems import TalkError

Ids = list[int]
Key = tuple[int, ...]  # the same, to look texts up by
Tick = Callable[[float], None]  # tokens that passed through one layer

BATCH = 32
TOLERANCE = 1e-3
# Where a body has its layers: Llama and ModernBERT; GPT-2; BERT and RoBERTa; DistilBERT; others.
LAYERS = ("layers", "h", "encoder.layer", "transformer.layer", "encoder.layers", "decoder.layers")


class Kept(Protocol):
    """Texts that have been read before: states after the frozen layers, (tokens, hidden)."""

    def __contains__(self, ids: object) -> bool: ...

    def tokens(self, ids: Key) -> np.ndarray: ...

    def seconds(self, layer: int, sequences: Sequence[Ids]) -> float: ...


class Output(Protocol):
    """What a model's body gives: hidden states (batch, tokens, hidden), keys and values."""

    last_hidden_state: Tensor
    cache: Cache | None


class Backbone(Protocol):
    """A model's body, without its head."""

    config: PretrainedConfig
    embed_tokens: nn.Module
    layers: nn.ModuleList
    norm: nn.Module

    def parameters(self) -> Iterator[nn.Parameter]: ...

    def __call__(
        self,
        *,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        cache: Cache | None = None,
        use_cache: bool | None = None,
    ) -> Output: ...


def backbone_of(model: PreTrainedModel) -> Backbone:
    return cast(Backbone, model.base_model)


def layers_of(model: PreTrainedModel) -> nn.ModuleList:
    """The stack of a model's layers. Raises TalkError where the family has none that is known."""
    for place in LAYERS:
        found: object = model.base_model
        for name in place.split("."):
            found = getattr(found, name, None)
        if isinstance(found, nn.ModuleList):
            return found
    raise TalkError(
        f"{type(model).__name__} is of no family whose layers are known",
        None,
        "name another with --model, such as a Llama, a Qwen, a GPT-2, a BERT or a RoBERTa",
    )


def padded(sequences: Sequence[Sequence[int]], pad: int, device: Device) -> tuple[Tensor, Tensor]:
    """Token ids and attention mask, each of shape (sequences, longest), padded on the right."""
    longest = max(map(len, sequences))
    ids = torch.full((len(sequences), longest), pad, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence)] = torch.tensor(sequence)
        mask[row, : len(sequence)] = 1
    return ids.to(device.name), mask.to(device.name)


@dataclass(frozen=True, slots=True)
class _Layers:
    """The parts of a model; no submodules of ours: a checkpoint holds what is trained, no more."""

    lower: Backbone  # the body up to the last frozen layer
    upper: nn.ModuleList
    whole: nn.ModuleList


class FrozenLayers(nn.Module):
    """Stands where the embedding stood and gives the hidden states after the frozen layers."""

    def __init__(self, model: PreTrainedModel, frozen: int, device: Device) -> None:
        super().__init__()
        whole, body = backbone_of(model), copy.copy(model.base_model)
        body._modules = dict(body._modules)
        lower = cast(Backbone, body)
        lower.config = copy.deepcopy(whole.config)
        lower.config.num_hidden_layers = frozen
        lower.layers = nn.ModuleList(whole.layers[:frozen])
        lower.norm = nn.Identity()
        self.parts = _Layers(lower, nn.ModuleList(whole.layers[frozen:]), whole.layers)
        self.device = device
        self.frozen = frozen
        self.pad = int(whole.config.pad_token_id)
        self.states: dict[Key, Tensor] = {}  # ids -> (tokens, hidden)
        self.seconds: dict[Key, float] = {}  # ids -> what that took
        self.kept: Kept | None = None  # what needs not be computed

    def stand_in(self, model: PreTrainedModel) -> None:
        """Put this in the model's place of the embedding, and leave it the upper layers."""
        backbone = backbone_of(model)
        backbone.embed_tokens, backbone.layers = self, self.parts.upper

    def step_out(self, model: PreTrainedModel) -> None:
        """Give the model back its embedding and all its layers."""
        backbone = backbone_of(model)
        backbone.embed_tokens, backbone.layers = self.parts.lower.embed_tokens, self.parts.whole

    def parameters_below(self) -> int:
        """How many weights the embedding and the frozen layers have."""
        return sum(weights.numel() for weights in self.parts.lower.parameters())

    def remember(self, sequences: Sequence[Ids], tick: Tick) -> float:
        """Compute what is not yet known, in batches that depend on `sequences` alone.

        Returns the seconds that all of them took, now or when they were first met.
        """
        keys = [tuple(ids) for ids in sequences]
        new = sorted((k for k in dict.fromkeys(keys) if k not in self.states), key=len)
        if kept := self.kept:
            for key in (key for key in new if key in kept):
                self.states[key] = torch.from_numpy(kept.tokens(key)).to(self.device.name)
                self.seconds[key] = kept.seconds(self.frozen, [list(key)])
            new = [key for key in new if key not in kept]
        for start in range(0, len(new), BATCH):
            batch = new[start : start + BATCH]
            started = time.perf_counter()
            self._compute(batch)
            each = (time.perf_counter() - started) / len(batch)
            self.seconds.update(dict.fromkeys(batch, each))
            tick(self.frozen * sum(map(len, batch)))
        return sum(self.seconds[key] for key in keys)

    def to_read(self, sequences: Sequence[Ids]) -> int:
        """Tokens that `remember` would still compute."""
        keys = {tuple(ids) for ids in sequences}
        known = self.kept or ()
        return sum(len(key) for key in keys if key not in self.states and key not in known)

    def forget(self) -> None:
        """Nothing of what was computed is kept."""
        self.states.clear()
        self.seconds.clear()

    def forward(self, input_ids: Tensor) -> Tensor:
        """Hidden states of padded rows: (batch, tokens) -> (batch, tokens, hidden)."""
        keys = [self._unpadded(row) for row in input_ids.tolist()]
        self.remember([list(key) for key in keys], lambda _: None)
        hidden = self.states[keys[0]].shape[-1]
        out = torch.zeros(*input_ids.shape, hidden, device=input_ids.device)
        for row, key in zip(out, keys, strict=True):
            row[: len(key)] = self.states[key]
        return out

    def _unpadded(self, row: Sequence[int]) -> tuple[int, ...]:
        end = len(row)
        while end > 1 and row[end - 1] == self.pad:
            end -= 1
        return tuple(row[:end])

    def _compute(self, keys: Sequence[tuple[int, ...]]) -> None:
        ids, mask = padded(keys, self.pad, self.device)
        with torch.no_grad(), autocast(self.device):
            found = self.parts.lower(input_ids=ids, attention_mask=mask, use_cache=False)
        for row, key in enumerate(keys):
            self.states[key] = found.last_hidden_state[row, : len(key)].float().clone()


def attach(model: PreTrainedModel, frozen: int, device: Device) -> FrozenLayers | None:
    """Put remembered lower layers into the model; None where its family doesn't allow it.

    Whether it does is tried out: with them a few made-up rows must give the same logits.
    """
    parts = ("embed_tokens", "layers", "rotary_emb", "norm")
    chance = ("attention_dropout", "hidden_dropout", "embd_pdrop")
    if not all(hasattr(model.base_model, name) for name in parts) or any(
        getattr(model.config, name, 0) for name in chance
    ):
        return None
    pad = int(model.config.pad_token_id)
    tokens = torch.arange(1, 13, device=model.device).reshape(2, 6) % model.config.vocab_size
    tokens = torch.where(tokens == pad, pad + 1, tokens)
    mask = torch.ones_like(tokens)
    tokens[1, 4:], mask[1, 4:] = pad, 0
    with torch.no_grad(), autocast(device):
        expected = model(input_ids=tokens, attention_mask=mask).logits
    found = FrozenLayers(model, frozen, device)
    found.stand_in(model)
    try:
        with torch.no_grad(), autocast(device):
            logits = model(input_ids=tokens, attention_mask=mask).logits
        same = torch.allclose(logits, expected, atol=TOLERANCE)
    except (RuntimeError, TypeError, ValueError):
        same = False
    found.forget()
    if not same:
        found.step_out(model)
        return None
    return found
