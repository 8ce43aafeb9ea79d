"""Ask a language model for short answers: what it writes, and which of a few it finds likeliest."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import Cache

from pipeline.experiment.machine import autocast
from pipeline.experiment.model.frozen_layers import padded
from pipeline.experiment.model.pretrained import LanguageModel

BATCH = 40
LONGEST = 14  # tokens that are written at most


@dataclass(frozen=True, slots=True)
class Question:
    """A text to be gone on with, and the answers among which one is chosen, equally many each."""

    text: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """`written` is the first line of what the model goes on with, greedily."""

    written: str
    chosen: int  # the place of the likeliest answer


@dataclass(frozen=True, slots=True)
class _Read:
    """Questions as they have been read: padded on the left, so that all end at one place."""

    mask: Tensor  # (questions, tokens)
    logits: Tensor  # (questions, vocabulary): of the next token
    cache: Cache


def ask(model: LanguageModel, questions: Sequence[Question]) -> list[Reply]:
    """A reply to each question, in their order."""
    order = sorted(range(len(questions)), key=lambda at: -len(questions[at].text))
    replies: dict[int, Reply] = {}
    for start in range(0, len(order), BATCH):
        places = order[start : start + BATCH]
        some = [questions[at] for at in places]
        with torch.inference_mode(), autocast(model.device):
            read = _read(model, [question.text for question in some])
            chosen = _chosen(model, read, [question.answers for question in some])
            written = _written(model, read)
        for at, text, place in zip(places, written, chosen, strict=True):
            replies[at] = Reply(text, place)
    return [replies[at] for at in range(len(questions))]


def _read(model: LanguageModel, texts: Sequence[str]) -> _Read:
    rows = [list(model.tokenizer(text)["input_ids"]) for text in texts]
    backwards, mask = padded(
        [row[::-1] for row in rows], model.tokenizer.pad_token_id, model.device
    )
    ids, mask = backwards.flip(1), mask.flip(1)
    found = model.model(
        input_ids=ids,
        attention_mask=mask,
        position_ids=(mask.cumsum(1) - 1).clamp(min=0),
        use_cache=True,
        logits_to_keep=1,
    )
    return _Read(mask, found.logits[:, -1], found.cache)


def _chosen(model: LanguageModel, read: _Read, answers: Sequence[tuple[str, ...]]) -> list[int]:
    """The place of the likeliest answer of each question, by the probability of all its tokens."""
    each = len(answers[0])
    texts = [f" {answer}" for some in answers for answer in some]
    rows = [list(ids) for ids in model.tokenizer(texts, add_special_tokens=False)["input_ids"]]
    ids, mask = padded(rows, model.tokenizer.pad_token_id, model.device)
    before = read.mask.repeat_interleave(each, 0)
    cache = copy.deepcopy(read.cache)  # the model adds to it
    cache.batch_repeat_interleave(each)
    found = model.model(
        input_ids=ids,
        attention_mask=torch.cat([before, mask], 1),
        position_ids=before.sum(1, keepdim=True) + torch.arange(ids.shape[1], device=ids.device),
        cache=cache,
        use_cache=True,
    )
    first = read.logits.repeat_interleave(each, 0)[:, None]
    scores = torch.cat([first, found.logits[:, :-1]], 1).float().log_softmax(-1)
    of_tokens = scores.gather(2, ids[..., None])[..., 0] * mask
    return [int(place) for place in of_tokens.sum(1).reshape(-1, each).argmax(1)]


def _written(model: LanguageModel, read: _Read) -> list[str]:
    """The first line of what the model goes on with; ends its cache."""
    tokenizer, mask, logits = model.tokenizer, read.mask, read.logits
    said = logits.argmax(-1, keepdim=True)
    for _ in range(LONGEST - 1):
        mask = torch.cat([mask, torch.ones_like(said[:, -1:])], 1)
        found = model.model(
            input_ids=said[:, -1:],
            attention_mask=mask,
            position_ids=mask.sum(1, keepdim=True) - 1,
            cache=read.cache,
            use_cache=True,
        )
        said = torch.cat([said, found.logits[:, -1].argmax(-1, keepdim=True)], 1)
    texts = tokenizer.batch_decode(said, skip_special_tokens=True)
    return [(text.strip().splitlines() or [""])[0] for text in texts]
