"""The pre-trained model: load it, split texts into tokens, classify, ask for the next token."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    Cache,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    set_seed,
)
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_MASKED_LM_MAPPING_NAMES,
)

from pipeline.config import TrainingSettings
from pipeline.experiment.data.messages import Message
from pipeline.experiment.machine import Device, autocast
from pipeline.experiment.model import adapters, pooling
from pipeline.experiment.model.frozen_layers import (
    FrozenLayers,
    Ids,
    Tick,
    attach,
    backbone_of,
    layers_of,
    padded,
)
from pipeline.problems import Source, TalkError
from pipeline.results import Candidate, NextToken, Tokenized

BATCH = 32
CANDIDATES = 5
RANKED = 1000
POSITIONS_AFTER_PADDING = ("roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "longformer")


# --- Tokens -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Encoded:
    """A set of messages as the model reads them."""

    sequences: list[Ids]
    labels: list[int]  # their places

    def __len__(self) -> int:
        return len(self.sequences)

    @property
    def tokens(self) -> int:
        return sum(map(len, self.sequences))


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """The model's tokenizer, padding on the right with a token that it has."""
    try:
        tokenizer = cast(PreTrainedTokenizerBase, AutoTokenizer.from_pretrained(folder))
    except Exception as error:
        raise _broken(folder, "the tokenizer", error) from None
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
    tokenizer.padding_side = "right"
    return tokenizer


def encode(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], max_tokens: int) -> list[Ids]:
    """Token ids of each text, cut at `max_tokens`; never empty."""
    if not texts:
        return []
    found = tokenizer(list(texts), truncation=True, max_length=max_tokens)["input_ids"]
    return [list(ids) or [tokenizer.pad_token_id] for ids in found]


def encode_messages(
    tokenizer: PreTrainedTokenizerBase, messages: Sequence[Message], max_tokens: int
) -> Encoded:
    """A set of messages with its labels, each message cut at `max_tokens`."""
    texts = [message.text for message in messages]
    return Encoded(encode(tokenizer, texts, max_tokens), [m.label for m in messages])


def tokenized(tokenizer: PreTrainedTokenizerBase, text: str) -> Tokenized:
    """How the tokenizer splits a text, each token as people would read it."""
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    return Tokenized(text, tuple(decode(tokenizer, [token]) for token in ids))


def decode(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int]) -> str:
    return str(tokenizer.decode(list(ids)))


def batches(sequences: Sequence[Ids], size: int) -> list[list[int]]:
    """Indices in batches of similar length, longest first: the same for the same sequences."""
    order = sorted(range(len(sequences)), key=lambda i: -len(sequences[i]))
    return [order[start : start + size] for start in range(0, len(order), size)]


# --- The classifier -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Classifier:
    """A sequence classifier, and what its frozen layers remember."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    device: Device
    layers: int  # that are used
    layers_of_model: int  # of which the upper ones may be left out
    frozen_layers: int
    pooling: str  # "last", "mean", or "own": what the head of its family does
    trained_parameters: int
    shortcut: FrozenLayers | None  # None: nothing frozen, or not separable in this architecture

    def parameters(self, trainable_only: bool = False) -> int:
        """Weights of the whole classifier, those of the detached lower layers too."""
        if trainable_only:
            return self.trained_parameters
        below = self.shortcut.parameters_below() if self.shortcut else 0
        return sum(weights.numel() for weights in self.model.parameters()) + below

    def predict(self, sequences: Sequence[Ids], tick: Tick) -> tuple[np.ndarray, float]:
        """Each label's probability, shape (sequences, labels), and the seconds it took.

        The seconds hold what the frozen layers took too, even where they were remembered.
        """
        seconds = self.shortcut.remember(sequences, tick) if self.shortcut else 0.0
        started = time.perf_counter()
        found = np.zeros((len(sequences), int(self.model.config.num_labels or 0)))
        active = self.layers - (self.frozen_layers if self.shortcut else 0)
        model, pad = self.model.eval(), self.tokenizer.pad_token_id
        for batch in batches(sequences, BATCH):
            ids, mask = padded([sequences[i] for i in batch], pad, self.device)
            with torch.inference_mode(), autocast(self.device):
                logits = model(input_ids=ids, attention_mask=mask).logits  # (batch, labels)
            found[batch] = logits.double().softmax(-1).cpu().numpy()
            tick(active * sum(len(sequences[i]) for i in batch))
        return found, seconds + time.perf_counter() - started

    @contextmanager
    def whole(self) -> Iterator[None]:
        """The model with its embedding and all its layers, as others know it."""
        if self.shortcut:
            self.shortcut.step_out(self.model)
        try:
            yield
        finally:
            if self.shortcut:
                self.shortcut.stand_in(self.model)

    def save(self, folder: Path) -> None:
        """The whole model with its tokenizer, as `from_pretrained` reads it."""
        with self.whole():
            self.model.save_pretrained(folder)
            self.tokenizer.save_pretrained(folder)
        if self.pooling == "mean":
            pooling.mark(folder)

    def merge(self) -> None:
        """What adapters have learned becomes part of the weights beside them."""
        if _has_adapters(self.model):
            adapters.merge_adapters(self.model)

    def load_weights(self, folder: Path) -> None:
        """Take the weights of a saved classifier; its frozen layers are the same."""
        self.merge()
        with self.whole():
            self.model.load_state_dict(load_file(folder / "model.safetensors"))


def load_classifier(
    folder: Path,
    tokenizer: PreTrainedTokenizerBase,
    device: Device,
    settings: TrainingSettings,
    seed: int,
    labels: int = 2,
) -> Classifier:
    """The pre-trained model with a new head; the seed decides the head's first weights.

    Layers, frozen and used, pooling and adapters are those of the settings; a classifier that was
    saved keeps its own pooling. Raises TalkError for a model that can't be loaded or has too few
    layers.
    """
    set_seed(seed)
    try:
        config, saved = pooling.read_config(folder)
        config.num_labels = labels
        model: PreTrainedModel = AutoModelForSequenceClassification.from_pretrained(
            folder, config=config, dtype=torch.float32
        )
    except Exception as error:
        raise _broken(folder, "the model", error) from None
    how = saved or settings.pooling
    if not pooling.has_plain_head(model):
        how = "own"
    elif how == "mean":
        pooling.take_mean(model)
    model.config.pad_token_id = tokenizer.pad_token_id
    model.config.use_cache = False
    _place(model, device)
    layers, frozen = layers_of(model), settings.frozen_layers
    whole = len(layers)
    if settings.used_layers and settings.used_layers < whole:
        use_layers(model, settings.used_layers)
    if frozen:
        _check_frozen(frozen, len(layers), whole, folder)
        _freeze(model, layers[:frozen])
    shortcut = attach(model, frozen, device) if frozen else None
    if settings.lora_rank:
        # The frozen ones may stand apart from the model by now.
        trained = layers_of(model) if shortcut else layers[frozen:]
        adapters.add_adapters(model, trained, settings.lora_rank)
    count = sum(weights.numel() for weights in model.parameters() if weights.requires_grad)
    return Classifier(model, tokenizer, device, len(layers), whole, frozen, how, count, shortcut)


def _check_frozen(frozen: int, used: int, whole: int, folder: Path) -> None:
    if frozen >= used:
        raise TalkError(
            f"`frozen_layers` is {frozen}, and the model has {used} layers"
            f"{'' if used == whole else ' that are used'}",
            Source(folder),
            'say how many for this model, under [experiment.models."NAME"] of talk.toml',
        )


def use_layers(model: PreTrainedModel, count: int) -> None:
    """Leave out the layers above the lowest `count`; what comes after the highest stays."""
    layers, config = layers_of(model), model.config
    del layers[count:]
    config.num_hidden_layers = count
    if isinstance(kinds := getattr(config, "layer_types", None), list):
        config.layer_types = kinds[:count]


def _has_adapters(model: nn.Module) -> bool:
    return any("lora_" in name for name, _ in model.named_parameters())


def _freeze(model: PreTrainedModel, layers: nn.ModuleList) -> None:
    """The embeddings with their positions and norm, and the lower layers."""
    model.get_input_embeddings().requires_grad_(False)
    # GPT-2 also learns its positions; encoders have them, and a norm, among their embeddings.
    for name in ("wpe", "embeddings", "embeddings_project"):
        if part := getattr(model.base_model, name, None):
            part.requires_grad_(False)
    layers.requires_grad_(False)


def layers_in(folder: Path) -> int:
    """How many layers a model's configuration says; 0: it doesn't."""
    return int(getattr(_config(folder), "num_hidden_layers", 0) or 0)


def most_tokens(folder: Path) -> int:
    """The longest text that a model reads, in tokens; 0 where its configuration doesn't say."""
    config = _config(folder)
    known = (getattr(config, name, 0) for name in ("n_positions", "max_position_embeddings"))
    most = next((int(value) for value in known if value and value > 0), 0)
    # RoBERTa and its kin count positions from behind the padding's.
    model_type = str(getattr(config, "model_type", ""))
    return most - 2 if most and model_type in POSITIONS_AFTER_PADDING else most


def generates(folder: Path) -> bool:
    """Whether a model continues texts (GPT-2, Llama), or reads them alone (BERT and its like)."""
    config = _config(folder)
    named = " ".join(getattr(config, "architectures", None) or ())
    if "CausalLM" in named or "LMHeadModel" in named:
        return True
    model_type = str(getattr(config, "model_type", ""))
    return (
        model_type in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
        and model_type not in MODEL_FOR_MASKED_LM_MAPPING_NAMES
    )


def _config(folder: Path) -> object:
    try:
        return AutoConfig.from_pretrained(folder)
    except Exception as error:
        raise _broken(folder, "the model", error) from None


# --- The language model -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Beginning:
    """Tokens that have been read: their keys and values in each layer."""

    length: int
    cache: Cache


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """The pre-trained model with its own head, which predicts the next token."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    device: Device

    def read(self, ids: Ids) -> Beginning:
        """Read tokens once, for all that may come after them."""
        with torch.inference_mode(), autocast(self.device):
            tokens = torch.tensor([ids], device=self.device.name)
            found = backbone_of(self.model)(input_ids=tokens, use_cache=True)
        assert found.cache is not None
        return Beginning(len(ids), found.cache)

    def states(self, sequences: Sequence[Ids], after: Beginning | None = None) -> Tensor:
        """Hidden state of each token, (sequences, tokens, hidden); all follow `after`."""
        ids, mask = padded(sequences, self.tokenizer.pad_token_id, self.device)
        body = backbone_of(self.model)
        with torch.inference_mode(), autocast(self.device):
            if after:
                cache = copy.deepcopy(after.cache)  # the model adds to it
                cache.batch_repeat_interleave(len(sequences))
                mask = torch.cat([mask.new_ones(len(sequences), after.length), mask], 1)
                found = body(input_ids=ids, attention_mask=mask, cache=cache, use_cache=True)
            else:
                found = body(input_ids=ids, attention_mask=mask)
            return torch.as_tensor(found.last_hidden_state)

    def last_states(self, sequences: Sequence[Ids], after: Beginning | None = None) -> Tensor:
        """Hidden state of each sequence's last token, (sequences, hidden)."""
        lasts = [len(sequence) - 1 for sequence in sequences]
        return self.states(sequences, after)[range(len(lasts)), lasts]

    def answer_log_probabilities(
        self,
        sequences: Sequence[Ids],
        answers: Sequence[Sequence[int]],
        after: Beginning | None = None,
    ) -> Tensor:
        """Log-probability of each whole answer after each sequence, (sequences, answers).

        The sum over an answer's tokens. Answers that begin alike are read together.
        """
        found = torch.zeros(len(sequences), len(answers), dtype=torch.float64)
        lasts = torch.tensor([len(sequence) - 1 for sequence in sequences])[:, None]
        rows, left = torch.arange(len(sequences))[:, None], dict(enumerate(map(tuple, answers)))
        while left:
            begun = max(left.values(), key=len)[:-1]
            states = self.states([[*sequence, *begun] for sequence in sequences], after)
            picked = states[rows, lasts + torch.arange(len(begun) + 1)]
            likely = self._log_probabilities(picked).cpu()  # (sequences, tokens, vocabulary)
            for place, answer in list(left.items()):
                if answer[:-1] == begun[: len(answer) - 1]:
                    found[:, place] = likely[:, range(len(answer)), answer].sum(-1)
                    del left[place]
        return found

    def next_log_probabilities(
        self, sequences: Sequence[Ids], after: Beginning | None = None
    ) -> Tensor:
        """Log-probability of each token as the next one, (sequences, vocabulary)."""
        return self._log_probabilities(self.last_states(sequences, after))

    def _log_probabilities(self, states: Tensor) -> Tensor:
        """Of each token as the next one, after states of shape (…, hidden).

        The head is as wide as the vocabulary: only states that are asked for go through it. In
        fp32: bf16 has steps of an eighth there, and would give messages the same probability.
        """
        with torch.inference_mode():
            logits: Tensor = self.model.get_output_embeddings()(states.float())
        return logits.double().log_softmax(-1)

    def next_token(self, prompt: str, truth: str) -> NextToken:
        """What the model predicts after a prompt, and where the right continuation stands."""
        found = self.next_log_probabilities([list(self.tokenizer(prompt)["input_ids"])])[0].exp()
        top = found.topk(min(RANKED, len(found)))
        order = top.indices.tolist()
        candidates = tuple(
            Candidate(decode(self.tokenizer, [token]), probability)
            for token, probability in zip(order, top.values.tolist(), strict=True)
        )[:CANDIDATES]
        if not truth:
            return NextToken(prompt, truth, candidates, None, None, None)
        right = self.tokenizer(truth, add_special_tokens=False)["input_ids"][0]
        rank = order.index(right) + 1 if right in order else None
        return NextToken(prompt, truth, candidates, rank, float(found[right]), rank == 1)


def load_language_model(
    folder: Path, tokenizer: PreTrainedTokenizerBase, device: Device
) -> LanguageModel:
    """The model of a folder with its own head. Raises TalkError."""
    try:
        model: PreTrainedModel = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    except Exception as error:
        raise _broken(folder, "the model", error) from None
    model.config.use_cache = False
    _place(model, device)
    return LanguageModel(model, tokenizer, device)


def _place(model: nn.Module, device: Device) -> None:
    """On the device, as it is used: without dropout."""
    model.to(device.name).eval()


def _broken(folder: Path, what: str, error: Exception) -> TalkError:
    said = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return TalkError(
        f"{what} can't be loaded: {said}",
        Source(folder),
        "name another model with --model: a language model (GPT-2, Llama) or an encoder (BERT)",
    )
