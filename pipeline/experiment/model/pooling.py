"""Classifiers whose head sees the mean of all tokens' states; the library's sees the last one.

A saved one has a `model_type` of its own: the library, which pools the last token, refuses it
instead of giving other answers without a word.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import (
    CONFIG_MAPPING,
    AutoConfig,
    PreTrainedConfig,
    PreTrainedModel,
)
from transformers.modeling_outputs import SequenceClassifierOutput

MEAN = "_mean_pooled"
CONFIG = "config.json"


def has_plain_head(model: PreTrainedModel) -> bool:
    """Whether a classifier is a linear layer on one token's state: GPT-2, Llama and their like.

    BERT and its like have heads of their own, which say what they look at.
    """
    head = getattr(model, "score", None)
    return isinstance(head, nn.Linear) and head.bias is None


def take_mean(model: PreTrainedModel) -> None:
    """From now on a classifier's plain head sees the mean of all tokens' states."""
    model.__class__ = _mean_pooled(type(model))


def _mean_pooled(plain: type[PreTrainedModel]) -> type[PreTrainedModel]:
    """The same model with the same weights under the same names, and another way to pool."""

    def forward(
        self: Any,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        labels: Tensor | None = None,
    ) -> SequenceClassifierOutput:
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        states = self.base_model(input_ids=input_ids, attention_mask=mask).last_hidden_state
        weights = mask.unsqueeze(-1).float()  # (batch, tokens, 1)
        mean = (states.float() * weights).sum(1) / weights.sum(1)  # (batch, hidden)
        logits = self.score(mean).float()
        loss = None if labels is None else functional.cross_entropy(logits, labels)
        return SequenceClassifierOutput(loss=loss, logits=logits)

    return type(f"MeanPooled{plain.__name__}", (plain,), {"forward": forward})


def read_config(folder: Path) -> tuple[PreTrainedConfig, str]:
    """A model's configuration, and the pooling that it was saved with; "" where it says none."""
    said = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    model_type = str(said.get("model_type", ""))
    if not model_type.endswith(MEAN):
        return AutoConfig.from_pretrained(folder), ""
    plain = model_type.removesuffix(MEAN)
    config: PreTrainedConfig = CONFIG_MAPPING[plain].from_dict({**said, "model_type": plain})
    return config, "mean"


def mark(folder: Path) -> None:
    """Say in a saved model's configuration that it takes the mean."""
    path = folder / CONFIG
    said = json.loads(path.read_text(encoding="utf-8"))
    said["model_type"] += MEAN
    path.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
