"""The pre-trained model asked in a prompt: with the talk's question, or after a few examples."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

import numpy as np
from transformers import PreTrainedTokenizerBase

from pipeline.config import ExperimentSettings
from pipeline.experiment.data.messages import Labels, Message
from pipeline.experiment.model.frozen_layers import Ids, Tick
from pipeline.experiment.model.pretrained import LanguageModel, batches

PROMPT_BATCH = 32
THRESHOLD_MESSAGES = 200  # of the validation set, at most, that a threshold is chosen on
PLAIN = "Message: {message}\nLabel:"


@dataclass(frozen=True, slots=True)
class Prompt:
    """What each message is put into, and what may be answered.

    `before` are examples with their answers; `answers` the tokens of each label's answer.
    """

    tokenizer: PreTrainedTokenizerBase
    question: str
    before: str
    chat: bool
    max_tokens: int
    answers: tuple[tuple[int, ...], ...]
    how: str

    def sequences(self, texts: Sequence[str]) -> list[Ids]:
        """Token ids of each prompt; a message that is cut leaves room for the rest."""
        prompts = [self._of(text) for text in _cut(self.tokenizer, texts, self.max_tokens)]
        found = self.tokenizer(prompts, add_special_tokens=not self.chat)["input_ids"]
        return [list(ids) for ids in found]

    def _of(self, text: str) -> str:
        asked = self.before + self.question.replace("{message}", text)
        if not self.chat:
            return asked
        filled = self.tokenizer.apply_chat_template(
            [{"role": "user", "content": asked}], tokenize=False, add_generation_prompt=True
        )
        return str(filled)


def zero_shot(
    experiment: ExperimentSettings,
    tokenizer: PreTrainedTokenizerBase,
    labels: Labels,
    max_tokens: int,
) -> Prompt:
    """The talk's question, in the chat format where the tokenizer has one; no label is used."""
    chat = bool(getattr(tokenizer, "chat_template", None))
    words = _words(experiment, labels)
    question = experiment.question if chat else f"{experiment.question}\nAnswer:"
    how = (
        f"Asked “{' '.join(experiment.question.replace('{message}', '…').split())}”"
        f"{' in the chat format' if chat else ''}; {_either(words, labels)}: the probabilities of "
        "whole answers count, each divided by that for an empty message."
    )
    answers = _answers(tokenizer, words, "" if chat else " ")
    return Prompt(tokenizer, question, "", chat, max_tokens, answers, how)


def few_shot(
    experiment: ExperimentSettings,
    tokenizer: PreTrainedTokenizerBase,
    labels: Labels,
    max_tokens: int,
    examples: Sequence[Message],
    positions: int = 0,
) -> Prompt:
    """Labelled examples, then the message, as plain text; examples are cut to fit the model.

    `positions`: the longest text that the model reads, in tokens; 0: any.
    """
    words = _words(experiment, labels)
    answers = _answers(tokenizer, words, " ")
    longest = max_tokens
    first = f"{experiment.instruction}\n\n" if experiment.instruction else ""
    if positions:
        bare = first + _shots([""] * len(examples), [words[m.label] for m in examples]) + PLAIN
        used = len(tokenizer(bare)["input_ids"]) + max_tokens + max(map(len, answers))
        longest = max(1, min(max_tokens, (positions - used) // max(1, len(examples))))
    texts = _cut(tokenizer, [message.text for message in examples], longest)
    said = " ".join(experiment.instruction.split())
    instruction = f"“{said}” and " if said else ""
    how = (
        f"After {instruction}{len(examples)} labelled examples of the training set, as plain text; "
        f"{_either(words, labels)}: the probabilities of whole answers count, each divided by "
        "that for an empty message."
    )
    before = first + _shots(texts, [words[message.label] for message in examples])
    return Prompt(tokenizer, PLAIN, before, False, max_tokens, answers, how)


def shown(
    experiment: ExperimentSettings,
    tokenizer: PreTrainedTokenizerBase,
    labels: Labels,
    max_tokens: int,
    train: Sequence[Message],
    seed: int,
    positions: int = 0,
) -> tuple[list[Message], Prompt | None]:
    """Examples and their prompt: half of them, and half again, where the model reads no more.

    None where it reads not even one beside a message of `max_tokens`.
    """
    shots = experiment.shots
    while shots:
        examples = draw(train, shots, seed)
        prompt = few_shot(experiment, tokenizer, labels, max_tokens, examples, positions)
        whole = len(prompt.sequences([""])[0]) + max_tokens + max(map(len, prompt.answers))
        if not positions or whole <= positions:
            return examples, prompt
        shots //= 2
    return [], None


def draw(train: Sequence[Message], count: int, seed: int) -> list[Message]:
    """Examples at random, as many of each label as can be; no text stands there twice.

    Labels take turns, the positive one first. Where chance orders them, what stands last decides
    too much (Lu et al. 2022, "Fantastically Ordered Prompts", arXiv:2104.08786).
    """
    chance = np.random.default_rng(seed)
    of_label: dict[int, list[Message]] = {}
    for message in {train[i].text: train[i] for i in chance.permutation(len(train))}.values():
        of_label.setdefault(message.label, []).append(message)
    pools, drawn = [of_label[label] for label in sorted(of_label)], list[Message]()
    for at in range(max(map(len, pools), default=0)):
        drawn += [pool[at] for pool in pools[::-1] if at < len(pool)]
    return drawn[:count]


def score(
    asked: LanguageModel, prompt: Prompt, texts: Sequence[str], tick: Tick
) -> tuple[np.ndarray, float]:
    """Each label's probability, shape (texts, labels), and the seconds it took.

    An answer's log-probability, summed over its tokens, less that for an empty message: what the
    prompt alone makes likely doesn't count (Zhao et al. 2021, "Calibrate Before Use: Improving
    Few-Shot Performance of Language Models", arXiv:2102.09690, contextual calibration). What all
    prompts begin with is read once. `tick` is told of each prompt's tokens.
    """
    started = time.perf_counter()
    sequences = prompt.sequences([*texts, ""])
    found = log_probabilities(asked, sequences, prompt.answers, tick)
    found = found[:-1] - found[-1]
    likely = np.exp(found - found.max(-1, keepdims=True, initial=-np.inf))
    return likely / likely.sum(-1, keepdims=True), time.perf_counter() - started


def log_probabilities(
    asked: LanguageModel, sequences: Sequence[Ids], answers: Sequence[Sequence[int]], tick: Tick
) -> np.ndarray:
    """Of each whole answer after each prompt, shape (sequences, answers)."""
    found = np.zeros((len(sequences), len(answers)))
    same = _beginning(sequences)
    read = asked.read(same) if same else None
    for batch in batches(sequences, PROMPT_BATCH):
        rows = [sequences[i][len(same) :] for i in batch]
        found[batch] = asked.answer_log_probabilities(rows, answers, read).cpu().numpy()
        tick(sum(map(len, rows)))
    return found


def threshold_of(
    probabilities: np.ndarray,
    truth: Sequence[int],
    positive: int,
    weights: np.ndarray | None = None,
) -> float:
    """The least probability of the positive label with the best F1 when it is said above that.

    Halfway between two that occur; of equally good ones the middle one. `weights` says how much
    each message counts, where they were not drawn as they come.
    """
    likely, is_positive = probabilities[:, positive], np.asarray(truth) == positive
    each = np.ones(len(likely)) if weights is None else weights
    seen = np.unique(likely)
    ends = np.concatenate([[0.0], (seen[1:] + seen[:-1]) / 2])
    scores = [
        2 * each[is_positive & (likely > end)].sum()
        / (each[is_positive].sum() + each[likely > end].sum() or 1.0)
        for end in ends
    ]  # fmt: skip
    best = [end for end, f1 in zip(ends.tolist(), scores, strict=True) if f1 == max(scores)]
    return float(best[len(best) // 2])


def said_above(probabilities: np.ndarray, threshold: float, positive: int) -> list[int]:
    """Of two labels, the place of the one that is said at this threshold."""
    above = probabilities[:, positive] > threshold
    return [int(place) for place in np.where(above, positive, 1 - positive)]


def _words(experiment: ExperimentSettings, labels: Labels) -> list[str]:
    return [experiment.answers.get(label, label) for label in labels.names]


def _answers(
    tokenizer: PreTrainedTokenizerBase, words: Sequence[str], blank: str
) -> tuple[tuple[int, ...], ...]:
    found = tokenizer([blank + word for word in words], add_special_tokens=False)["input_ids"]
    return tuple(tuple(ids) for ids in found)


def _cut(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], most: int) -> list[str]:
    """Each text, or as much of it as is `most` tokens."""
    if not texts:
        return []
    kept = tokenizer(list(texts), truncation=True, max_length=most)["input_ids"]
    return [
        text if len(ids) < most else str(tokenizer.decode(ids, skip_special_tokens=True))
        for text, ids in zip(texts, kept, strict=True)
    ]


def _shots(texts: Sequence[str], words: Sequence[str]) -> str:
    shown = (f"{PLAIN.replace('{message}', t)} {w}\n\n" for t, w in zip(texts, words, strict=True))
    return "".join(shown)


def _either(words: Sequence[str], labels: Labels) -> str:
    named = words[::-1] if labels.positive else words
    *more, last = (f"“{word}”" for word in named)
    return f"{', '.join(more)} or {last}"


def _beginning(sequences: Sequence[Ids]) -> Ids:
    """The tokens that all sequences begin with, at least one of each left over."""
    most = min(map(len, sequences), default=1) - 1
    same = takewhile(lambda tokens: len(set(tokens)) == 1, zip(*sequences, strict=False))
    return [tokens[0] for tokens in islice(same, most)]
