"""What the fine-tuned model has to beat: the commoner label, a prompt, a linear model."""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.config import ExperimentSettings
from pipeline.experiment.machine import Device, autocast
from pipeline.experiment.metrics import confusion_of, f1_of
from pipeline.experiment.model.pretrained import Ids, Tick, batches, next_log_probabilities, padded
from pipeline.problems import TalkError

STRENGTHS = (1.0, 10.0, 100.0)  # C of the linear model: the larger, the less it is held back
PROMPT_BATCH = 16


@dataclass(slots=True)
class Linear:
    """TF-IDF of words and of letters inside words, with logistic regression."""

    features: Any
    model: Any
    strength: float
    fit_seconds: float  # features, all strengths, and the choice between them

    def predict(self, texts: Sequence[str]) -> tuple[np.ndarray, float]:
        """Probability that each text is positive, shape (texts,), and the seconds it took."""
        started = time.perf_counter()
        found = self.model.predict_proba(self.features.transform(texts))[:, 1]
        return found, time.perf_counter() - started


def fit_linear(
    train: tuple[Sequence[str], Sequence[bool]],
    validation: tuple[Sequence[str], Sequence[bool]],
    seed: int,
) -> Linear:
    """Fit on the training set; the strength with the best F1 on the validation set is kept."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import FeatureUnion

    started = time.perf_counter()
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b")
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    features = FeatureUnion([("words", words), ("letters", letters)])
    rows = features.fit_transform(train[0])
    held_out = features.transform(validation[0])
    best: tuple[float, float, Any] | None = None
    for strength in STRENGTHS:
        model = LogisticRegression(C=strength, solver="liblinear", random_state=seed)
        model.fit(rows, np.array(train[1], dtype=int))
        flagged = [bool(flag) for flag in model.predict_proba(held_out)[:, 1] > 0.5]
        score = f1_of(confusion_of(validation[1], flagged)) or 0.0
        if best is None or score > best[0]:
            best = (score, strength, model)
    assert best is not None
    return Linear(features, best[2], best[1], time.perf_counter() - started)


@dataclass(frozen=True, slots=True)
class Question:
    """The prompt of one run: ids per message, and the ids of the two answers' first tokens."""

    sequences: list[Ids]
    positive: int
    negative: int
    how: str


def ask(
    experiment: ExperimentSettings, tokenizer: Any, texts: Sequence[str], max_tokens: int
) -> Question:
    """Put each text into the talk's question, in the chat format where the tokenizer has one."""
    chat = bool(getattr(tokenizer, "chat_template", None))
    blank = "" if chat else " "
    words = [
        experiment.answers.get(label, label)
        for label in (experiment.data.positive, experiment.data.negative)
    ]
    first = [tokenizer(blank + word, add_special_tokens=False)["input_ids"][0] for word in words]
    if first[0] == first[1]:
        raise TalkError(
            f"the answers `{words[0]}` and `{words[1]}` begin with the same token",
            None,
            "choose other words in [experiment.answers] of talk.toml",
        )
    kept = tokenizer(list(texts), truncation=True, max_length=max_tokens)["input_ids"]
    sequences = []
    for text, ids in zip(texts, kept, strict=True):
        # A cut message leaves room for the question and the answer.
        short = text if len(ids) < max_tokens else tokenizer.decode(ids, skip_special_tokens=True)
        sequences.append(_prompt(experiment.question, short, tokenizer, chat))
    how = (
        f"Asked “{' '.join(experiment.question.replace('{message}', '…').split())}”"
        f"{' in the chat format' if chat else ''}; “{words[0]}” or “{words[1]}”: "
        "the one whose first token is the likelier next token counts."
    )
    return Question(sequences, first[0], first[1], how)


def _prompt(question: str, text: str, tokenizer: Any, chat: bool) -> Ids:
    asked = question.replace("{message}", text)
    if not chat:
        return list(tokenizer(f"{asked}\nAnswer:")["input_ids"])
    filled = tokenizer.apply_chat_template(
        [{"role": "user", "content": asked}], tokenize=False, add_generation_prompt=True
    )
    return list(tokenizer(filled, add_special_tokens=False)["input_ids"])


def answer(
    model: Any, question: Question, pad: int, layers: int, device: Device, tick: Tick
) -> tuple[np.ndarray, float]:
    """Share of the positive answer in both answers' probability, and the seconds it took.

    What all prompts begin with is read once; the rest of each goes on from there.
    """
    started = time.perf_counter()
    found = np.zeros(len(question.sequences))
    beginning = _beginning(question.sequences)
    read = _read(model, beginning, device) if beginning else None
    for batch in batches(question.sequences, PROMPT_BATCH):
        rows = [question.sequences[i] for i in batch]
        if read is None:
            likely = next_log_probabilities(model, rows, pad, device)
        else:
            rest = [row[len(beginning) :] for row in rows]
            likely = _after(model, read, len(beginning), rest, pad, device)
        pair = likely[:, [question.positive, question.negative]]
        found[batch] = pair.softmax(-1)[:, 0].cpu().numpy()
        tick(layers * sum(map(len, rows)))
    return found, time.perf_counter() - started


def _beginning(sequences: Sequence[Ids]) -> Ids:
    """The tokens that all sequences begin with, at least one of each left over."""
    if not sequences:
        return []
    first, last = min(sequences), max(sequences)
    most = min(map(len, sequences)) - 1
    same = 0
    while same < most and first[same] == last[same]:
        same += 1
    return list(first[:same])


def _read(model: Any, ids: Ids, device: Device) -> Any:
    """Keys and values of some tokens in each layer, for what comes after them."""
    import torch

    with torch.inference_mode(), autocast(device):
        tokens = torch.tensor([ids], device=device.name)
        return model.base_model(input_ids=tokens, use_cache=True).cache


def _after(
    model: Any, read: Any, length: int, rows: Sequence[Ids], pad: int, device: Device
) -> Any:
    """Log-probability of each next token after `length` read tokens and each row."""
    import torch

    ids, mask = padded(rows, pad, device)
    last = torch.tensor([len(row) - 1 for row in rows], device=ids.device)
    known = copy.deepcopy(read)  # the model adds to it
    known.batch_repeat_interleave(len(rows))
    whole = torch.cat(
        [torch.ones(len(rows), length, dtype=mask.dtype, device=mask.device), mask], 1
    )
    with torch.inference_mode(), autocast(device):
        hidden = model.base_model(
            input_ids=ids, attention_mask=whole, cache=known, use_cache=True
        ).last_hidden_state
        logits = model.get_output_embeddings()(hidden[torch.arange(len(rows)), last])
    return logits.double().log_softmax(-1)
