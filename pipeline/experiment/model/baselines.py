"""What the fine-tuned model has to beat: the commoner label, a prompt, a linear model."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import TYPE_CHECKING

import numpy as np
from transformers import PreTrainedTokenizerBase

from pipeline.config import ExperimentSettings
from pipeline.experiment.data.messages import Message
from pipeline.experiment.metrics import confusion_of, f1_of
from pipeline.experiment.model.frozen_layers import Ids, Tick
from pipeline.experiment.model.pretrained import LanguageModel, batches
from pipeline.problems import TalkError

if TYPE_CHECKING:  # takes a second to import, and not each user of this module needs it
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import FeatureUnion

STRENGTHS = (1.0, 10.0, 100.0)  # C of the linear model: the larger, the less it is held back
PROMPT_BATCH = 16


@dataclass(frozen=True, slots=True)
class Linear:
    """TF-IDF of words and of letters inside words, with logistic regression."""

    features: FeatureUnion
    model: LogisticRegression
    strength: float
    fit_seconds: float  # features, all strengths, and the choice between them

    def predict(self, texts: Sequence[str]) -> tuple[np.ndarray, float]:
        """Probability that each text is positive, shape (texts,), and the seconds it took."""
        started = time.perf_counter()
        found = self.model.predict_proba(self.features.transform(texts))[:, 1]
        return found, time.perf_counter() - started


def fit_linear(train: Sequence[Message], validation: Sequence[Message], seed: int) -> Linear:
    """Fit on the training set; the strength with the best F1 on the validation set is kept."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import FeatureUnion

    started = time.perf_counter()
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b")
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    features = FeatureUnion([("words", words), ("letters", letters)])
    rows = features.fit_transform([message.text for message in train])
    held_out = features.transform([message.text for message in validation])
    right = [message.positive for message in validation]
    tried: list[tuple[float, LogisticRegression]] = []
    for strength in STRENGTHS:
        model = LogisticRegression(C=strength, solver="liblinear", random_state=seed)
        model.fit(rows, np.array([message.positive for message in train], dtype=int))
        flagged = [bool(flag) for flag in model.predict_proba(held_out)[:, 1] > 0.5]
        tried.append((f1_of(confusion_of(right, flagged)) or 0.0, model))
    best = max(tried, key=lambda scored: scored[0])[1]  # the first of the best
    return Linear(features, best, float(best.C), time.perf_counter() - started)


@dataclass(frozen=True, slots=True)
class Question:
    """The prompt of one run: ids per message, and the ids of the two answers' first tokens."""

    sequences: list[Ids]
    positive: int
    negative: int
    how: str


def ask(
    experiment: ExperimentSettings,
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str],
    max_tokens: int,
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
        whole = len(ids) < max_tokens
        short = text if whole else str(tokenizer.decode(ids, skip_special_tokens=True))
        sequences.append(_prompt(experiment.question, short, tokenizer, chat))
    how = (
        f"Asked “{' '.join(experiment.question.replace('{message}', '…').split())}”"
        f"{' in the chat format' if chat else ''}; “{words[0]}” or “{words[1]}”: "
        "the one whose first token is the likelier next token counts."
    )
    return Question(sequences, first[0], first[1], how)


def _prompt(question: str, text: str, tokenizer: PreTrainedTokenizerBase, chat: bool) -> Ids:
    asked = question.replace("{message}", text)
    if not chat:
        return list(tokenizer(f"{asked}\nAnswer:")["input_ids"])
    filled = tokenizer.apply_chat_template(
        [{"role": "user", "content": asked}], tokenize=False, add_generation_prompt=True
    )
    return list(tokenizer(filled, add_special_tokens=False)["input_ids"])


def answer(
    asked: LanguageModel, question: Question, layers: int, tick: Tick
) -> tuple[np.ndarray, float]:
    """Share of the positive answer in both answers' probability, and the seconds it took.

    What all prompts begin with is read once; the rest of each goes on from there.
    """
    started = time.perf_counter()
    found = np.zeros(len(question.sequences))
    same = _beginning(question.sequences)
    read = asked.read(same) if same else None
    for batch in batches(question.sequences, PROMPT_BATCH):
        rows = [question.sequences[i] for i in batch]
        likely = asked.next_log_probabilities([row[len(same) :] for row in rows], after=read)
        pair = likely[:, [question.positive, question.negative]]
        found[batch] = pair.softmax(-1)[:, 0].cpu().numpy()
        tick(layers * sum(map(len, rows)))
    return found, time.perf_counter() - started


def _beginning(sequences: Sequence[Ids]) -> Ids:
    """The tokens that all sequences begin with, at least one of each left over."""
    most = min(map(len, sequences), default=1) - 1
    same = takewhile(lambda tokens: len(set(tokens)) == 1, zip(*sequences, strict=False))
    return [tokens[0] for tokens in islice(same, most)]
