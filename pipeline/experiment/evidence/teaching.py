"""Teach sentences to a language model: trained on to predict each next token of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from pipeline.experiment.machine import autocast
from pipeline.experiment.model.frozen_layers import Ids, attach, layers_of, padded
from pipeline.experiment.model.pretrained import LanguageModel

BATCH = 8


@dataclass(frozen=True, slots=True)
class Teaching:
    """How it is done; at these, 135M weights recall all after about 13 epochs."""

    learning_rate: float = 5e-4
    most_epochs: int = 30
    frozen_share: float = 2 / 3  # of the layers, the lower ones


DEFAULT = Teaching()


@dataclass(frozen=True, slots=True)
class Taught:
    """How a teaching ended."""

    epochs: int
    recalled: int  # sentences whose end was predicted token by token in the last epoch


def teach(
    model: LanguageModel,
    sentences: Sequence[tuple[str, str]],
    seed: int,
    how: Teaching = DEFAULT,
) -> Taught:
    """Train the upper layers, in place, until each sentence's end is recalled from its beginning.

    `sentences` are beginnings and ends. All their tokens are learned, as in pre-training.
    """
    tokenizer, body = model.tokenizer, model.model
    ids = [list(tokenizer(f"{begin} {end}.")["input_ids"]) for begin, end in sentences]
    starts = [len(tokenizer(begin)["input_ids"]) for begin, _ in sentences]
    layers = layers_of(body)
    frozen = int(len(layers) * how.frozen_share)
    body.config.pad_token_id = tokenizer.pad_token_id
    body.requires_grad_(False)
    layers[frozen:].requires_grad_(True)
    shortcut = attach(body, frozen, model.device) if frozen else None
    weights = [one for one in body.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=how.learning_rate, weight_decay=0.0, fused=True)
    chance, taught = random.Random(seed), Taught(0, 0)
    while taught.epochs < how.most_epochs and taught.recalled < len(ids):
        order, recalled = chance.sample(range(len(ids)), len(ids)), 0
        for first in range(0, len(order), BATCH):
            some = order[first : first + BATCH]
            right = _step(model, weights, optimizer, [ids[at] for at in some])
            recalled += sum(
                bool(row[starts[at] - 1 : len(ids[at]) - 2].all())
                for row, at in zip(right, some, strict=True)
            )
        taught = Taught(taught.epochs + 1, recalled)
    if shortcut:
        shortcut.step_out(body)
    return taught


def _step(
    model: LanguageModel,
    weights: Sequence[Tensor],
    optimizer: torch.optim.Optimizer,
    sequences: Sequence[Ids],
) -> Tensor:
    """One step; whether each next token was the likeliest before it, (sequences, tokens - 1)."""
    ids, mask = padded(sequences, model.tokenizer.pad_token_id, model.device)
    with autocast(model.device):
        logits = model.model(input_ids=ids, attention_mask=mask, use_cache=False).logits[:, :-1]
    next_ids = ids[:, 1:].masked_fill(mask[:, 1:] == 0, -100)
    loss = cross_entropy(logits.flatten(0, 1).float(), next_ids.flatten())
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(weights, 1.0)
    optimizer.step()
    right: Tensor = logits.argmax(-1) == next_ids
    return right
