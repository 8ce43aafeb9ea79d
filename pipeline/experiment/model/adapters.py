"""LoRA (Hu et al. 2021): small matrices beside the frozen ones are trained, then added to them."""

from __future__ import annotations

from typing import Any

from torch import nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

ALPHA = 2  # alpha over rank: how much the small matrices count


def add_adapters(model: PreTrainedModel, layers: nn.ModuleList, rank: int) -> None:
    """Adapters for each matrix of these layers; they and the head alone are trained."""
    from peft import LoraConfig, inject_adapter_in_model

    inside = {id(part) for part in layers.modules() if isinstance(part, nn.Linear | Conv1D)}
    names = [name for name, part in model.named_modules() if id(part) in inside]
    lower = {id(weights) for weights in model.base_model.parameters()}
    head = [each for each in model.parameters() if id(each) not in lower]
    inject_adapter_in_model(
        LoraConfig(
            r=rank,
            lora_alpha=ALPHA * rank,
            target_modules=names,
            fan_in_fan_out=any(isinstance(part, Conv1D) for part in layers.modules()),
        ),
        model,
    )
    for weights in head:
        weights.requires_grad_(True)


def merge_adapters(model: nn.Module) -> None:
    """Add each adapter to its matrix, which then stands in its own place again."""
    from peft.tuners.lora import LoraLayer

    found: list[tuple[str, Any]] = [
        (name, part) for name, part in model.named_modules() if isinstance(part, LoraLayer)
    ]
    for name, part in found:
        part.merge()
        above, _, last = name.rpartition(".")
        setattr(model.get_submodule(above), last, part.get_base_layer())
