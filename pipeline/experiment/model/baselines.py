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
from pipeline.experiment.data.messages import Labels, Message
from pipeline.experiment.metrics import f1_of, matrix_of
from pipeline.experiment.model.frozen_layers import Ids, Tick
from pipeline.experiment.model.pretrained import LanguageModel, batches
from pipeline.problems import TalkError

if TYPE_CHECKING:  # takes a second to import, and not each user of this module needs it
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import FeatureUnion

STRENGTHS = (1.0, 10.0, 100.0)  # C of the linear model: the larger, the less it is held back
PROMPT_BATCH = 16
MOST_STEPS = 1000  # of the linear model's solver


@dataclass(frozen=True, slots=True)
class Linear:
    """TF-IDF of words and of letters inside words, with logistic regression."""

    features: FeatureUnion
    model: LogisticRegression
    strength: float
    fit_seconds: float  # features, all strengths, and the choice between them

    def predict(self, texts: Sequence[str]) -> tuple[np.ndarray, float]:
        """Each label's probability, shape (texts, labels), and the seconds it took."""
        started = time.perf_counter()
        found = self.model.predict_proba(self.features.transform(texts))
        return found, time.perf_counter() - started


def text_features() -> FeatureUnion:
    """What the linear model sees of a text: its words, pairs of them, and letters inside words."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b")
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    return FeatureUnion([("words", words), ("letters", letters)])


def fit_linear(
    train: Sequence[Message], validation: Sequence[Message], labels: Labels, seed: int
) -> Linear:
    """Fit on the training set; the strength with the best F1 on the validation set is kept."""
    from sklearn.linear_model import LogisticRegression

    started = time.perf_counter()
    features = text_features()
    rows = features.fit_transform([message.text for message in train])
    held_out = features.transform([message.text for message in validation])
    right, count = [message.label for message in validation], len(labels.names)
    positive = labels.positive_place
    # liblinear knows two labels; of more, all are fitted at once (multinomial).
    solver, most = ("liblinear", 100) if count == 2 else ("lbfgs", MOST_STEPS)
    tried: list[tuple[float, LogisticRegression]] = []
    for strength in STRENGTHS:
        model = LogisticRegression(C=strength, solver=solver, random_state=seed, max_iter=most)
        model.fit(rows, np.array([message.label for message in train], dtype=int))
        said = model.predict_proba(held_out).argmax(-1)
        tried.append((f1_of(matrix_of(right, said, count), positive) or 0.0, model))
    best = max(tried, key=lambda scored: scored[0])[1]  # the first of the best
    return Linear(features, best, float(best.C), time.perf_counter() - started)


@dataclass(frozen=True, slots=True)
class Question:
    """The prompt of one run: ids per message, and the first token of each label's answer."""

    sequences: list[Ids]
    answers: list[int]
    how: str


def ask(
    experiment: ExperimentSettings,
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str],
    labels: Labels,
    max_tokens: int,
) -> Question:
    """Put each text into the talk's question, in the chat format where the tokenizer has one."""
    chat = bool(getattr(tokenizer, "chat_template", None))
    blank = "" if chat else " "
    words = [experiment.answers.get(label, label) for label in labels.names]
    first = [tokenizer(blank + word, add_special_tokens=False)["input_ids"][0] for word in words]
    if same := [at for at, token in enumerate(first) if first.index(token) != at]:
        one, other = words[first.index(first[same[0]])], words[same[0]]
        raise TalkError(
            f"the answers `{other}` and `{one}` begin with the same token",
            None,
            "choose other words in [experiment.answers] of talk.toml, or leave `prompted` out of "
            "`baselines`",
        )
    kept = tokenizer(list(texts), truncation=True, max_length=max_tokens)["input_ids"]
    sequences = []
    for text, ids in zip(texts, kept, strict=True):
        # A cut message leaves room for the question and the answer.
        whole = len(ids) < max_tokens
        short = text if whole else str(tokenizer.decode(ids, skip_special_tokens=True))
        sequences.append(_prompt(experiment.question, short, tokenizer, chat))
    either = _either(words[::-1] if labels.positive else words)
    how = (
        f"Asked “{' '.join(experiment.question.replace('{message}', '…').split())}”"
        f"{' in the chat format' if chat else ''}; {either}: "
        "the one whose first token is the likelier next token counts."
    )
    return Question(sequences, first, how)


def _either(words: Sequence[str]) -> str:
    *more, last = (f"“{word}”" for word in words)
    return f"{', '.join(more)} or {last}"


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
    """Each answer's share of all answers' probability, (messages, labels), and the seconds it took.

    What all prompts begin with is read once; the rest of each goes on from there.
    """
    started = time.perf_counter()
    found = np.zeros((len(question.sequences), len(question.answers)))
    same = _beginning(question.sequences)
    read = asked.read(same) if same else None
    for batch in batches(question.sequences, PROMPT_BATCH):
        rows = [question.sequences[i] for i in batch]
        likely = asked.next_log_probabilities([row[len(same) :] for row in rows], after=read)
        found[batch] = likely[:, question.answers].softmax(-1).cpu().numpy()
        tick(layers * sum(map(len, rows)))
    return found, time.perf_counter() - started


def _beginning(sequences: Sequence[Ids]) -> Ids:
    """The tokens that all sequences begin with, at least one of each left over."""
    most = min(map(len, sequences), default=1) - 1
    same = takewhile(lambda tokens: len(set(tokens)) == 1, zip(*sequences, strict=False))
    return [tokens[0] for tokens in islice(same, most)]
