"""The pre-trained model: load it, split texts into tokens, classify, ask for the next token."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.experiment.machine import Device, autocast
from pipeline.experiment.model.frozen_layers import LowerLayers, attach, detach, layers_of
from pipeline.problems import Source, TalkError
from pipeline.results import Candidate, NextToken, Tokenized

Tick = Callable[[float], None]  # tokens that passed through one layer
Ids = list[int]

BATCH = 32
CANDIDATES = 5
RANKED = 1000


@dataclass(slots=True)
class Classifier:
    """A sequence classifier with two labels, and what its frozen lower layers remember."""

    model: Any  # transformers' AutoModelForSequenceClassification
    tokenizer: Any
    device: Device
    layers: int
    frozen_layers: int
    lower: LowerLayers | None  # None: nothing frozen, or not separable in this architecture

    def parameters(self, trainable_only: bool = False) -> int:
        """Weights of the whole model, those of the detached lower layers too."""
        count = sum(
            int(p.numel()) for p in self.model.parameters() if p.requires_grad or not trainable_only
        )
        if self.lower and not trainable_only:
            count += sum(p.numel() for p in self.lower.backbone.parameters())
        return count


def load_tokenizer(folder: Path) -> Any:
    """The model's tokenizer, padding on the right with a token that it has."""
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder)
    except Exception as error:
        raise _broken(folder, "the tokenizer", error) from None
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
    tokenizer.padding_side = "right"
    return tokenizer


def encode(tokenizer: Any, texts: Sequence[str], max_tokens: int) -> list[Ids]:
    """Token ids of each text, cut at `max_tokens`; never empty."""
    if not texts:
        return []
    found = tokenizer(list(texts), truncation=True, max_length=max_tokens)["input_ids"]
    return [list(ids) or [tokenizer.pad_token_id] for ids in found]


def load_classifier(
    folder: Path, tokenizer: Any, device: Device, frozen_layers: int, seed: int
) -> Classifier:
    """The pre-trained model with a new head; the seed decides the head's first weights."""
    import torch
    from transformers import AutoModelForSequenceClassification, set_seed

    set_seed(seed)
    try:
        model = AutoModelForSequenceClassification.from_pretrained(
            folder, num_labels=2, dtype=torch.float32
        )
    except Exception as error:
        raise _broken(folder, "the model", error) from None
    model.config.pad_token_id = tokenizer.pad_token_id
    model.config.use_cache = False
    model.to(device.name).eval()
    layers = layers_of(model)
    frozen = frozen_of(frozen_layers, len(layers))
    if frozen:
        _freeze(model, layers[:frozen])
    lower = attach(model, frozen, device) if frozen else None
    return Classifier(model, tokenizer, device, len(layers), frozen, lower)


def frozen_of(wanted: int, layers: int) -> int:
    """How many of the lowest layers stay as they are; a smaller model trains its top third."""
    return wanted if wanted < layers else layers * 2 // 3


def _freeze(model: Any, layers: Sequence[Any]) -> None:
    model.get_input_embeddings().weight.requires_grad_(False)
    # GPT-2 also learns its positions.
    if positions := getattr(model.base_model, "wpe", None):
        positions.weight.requires_grad_(False)
    for layer in layers:
        layer.requires_grad_(False)


def save_classifier(classifier: Classifier, folder: Path) -> None:
    """The whole model with its tokenizer, as `from_pretrained` reads it."""
    detach(classifier.model, classifier.lower)
    try:
        classifier.model.save_pretrained(folder)
        classifier.tokenizer.save_pretrained(folder)
    finally:
        attach_again(classifier)


def load_weights(classifier: Classifier, folder: Path) -> None:
    """Put the weights of a saved classifier into this one; its lower layers are the same."""
    from safetensors.torch import load_file

    detach(classifier.model, classifier.lower)
    try:
        classifier.model.load_state_dict(load_file(folder / "model.safetensors"))
    finally:
        attach_again(classifier)


def attach_again(classifier: Classifier) -> None:
    if classifier.lower:
        classifier.lower.stand_in(classifier.model)


def predict(
    classifier: Classifier, sequences: Sequence[Ids], tick: Tick
) -> tuple[np.ndarray, float]:
    """Probability that each sequence is positive, shape (sequences,), and the seconds it took.

    The seconds hold what the frozen layers took too, even where they were remembered.
    """
    import torch

    seconds = classifier.lower.remember(sequences, tick) if classifier.lower else 0.0
    started = time.perf_counter()
    found = np.zeros(len(sequences))
    active = classifier.layers - (classifier.frozen_layers if classifier.lower else 0)
    model = classifier.model.eval()
    for batch in batches(sequences, BATCH):
        ids, mask = padded(
            [sequences[i] for i in batch], classifier.tokenizer.pad_token_id, classifier.device
        )
        with torch.inference_mode(), autocast(classifier.device):
            logits = model(input_ids=ids, attention_mask=mask).logits  # (batch, 2)
        found[batch] = logits.double().softmax(-1)[:, 1].cpu().numpy()
        tick(active * sum(len(sequences[i]) for i in batch))
    return found, seconds + time.perf_counter() - started


def batches(sequences: Sequence[Ids], size: int) -> list[list[int]]:
    """Indices in batches of similar length, longest first: the same for the same sequences."""
    order = sorted(range(len(sequences)), key=lambda i: -len(sequences[i]))
    return [order[start : start + size] for start in range(0, len(order), size)]


def padded(sequences: Sequence[Ids], pad: int, device: Device) -> tuple[Any, Any]:
    """Token ids and attention mask, each of shape (sequences, longest), padded on the right."""
    import torch

    longest = max(len(ids) for ids in sequences)
    ids = torch.full((len(sequences), longest), pad, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence)] = torch.tensor(sequence)
        mask[row, : len(sequence)] = 1
    return ids.to(device.name), mask.to(device.name)


def load_language_model(folder: Path, device: Device) -> Any:
    """The pre-trained model with its own head, which predicts the next token."""
    import torch
    from transformers import AutoModelForCausalLM

    try:
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    except Exception as error:
        raise _broken(folder, "the model", error) from None
    model.config.use_cache = False
    return model.to(device.name).eval()


def next_log_probabilities(model: Any, sequences: Sequence[Ids], pad: int, device: Device) -> Any:
    """Log-probability of each token of the vocabulary as the next, shape (sequences, tokens)."""
    import torch

    ids, mask = padded(sequences, pad, device)
    last = torch.tensor([len(sequence) - 1 for sequence in sequences], device=ids.device)
    with torch.inference_mode(), autocast(device):
        hidden = model.base_model(input_ids=ids, attention_mask=mask).last_hidden_state
        # The head is as wide as the vocabulary: only the last position goes through it.
        logits = model.get_output_embeddings()(hidden[torch.arange(len(ids)), last])
    return logits.double().log_softmax(-1)


def next_token(model: Any, tokenizer: Any, device: Device, prompt: str, truth: str) -> NextToken:
    """What the model predicts after a prompt, and where the right continuation stands."""
    ids = list(tokenizer(prompt)["input_ids"])
    found = next_log_probabilities(model, [ids], tokenizer.pad_token_id, device)[0].exp()
    top = found.topk(min(RANKED, len(found)))
    order = top.indices.tolist()
    candidates = tuple(
        Candidate(tokenizer.decode([token]), probability)
        for token, probability in zip(order, top.values.tolist(), strict=True)
    )[:CANDIDATES]
    if not truth:
        return NextToken(prompt, truth, candidates, None, None, None)
    right = tokenizer(truth, add_special_tokens=False)["input_ids"][0]
    rank = order.index(right) + 1 if right in order else None
    return NextToken(prompt, truth, candidates, rank, float(found[right]), rank == 1)


def tokenized(tokenizer: Any, text: str) -> Tokenized:
    """How the tokenizer splits a text, each token as people would read it."""
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    return Tokenized(text, tuple(tokenizer.decode([token]) for token in ids))


def _broken(folder: Path, what: str, error: Exception) -> TalkError:
    said = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return TalkError(
        f"{what} can't be loaded: {said}",
        Source(folder),
        "name another model with --model; it must be a causal language model",
    )
