"""The rungs of the ladder as the evidence tries them: each learns from a lesson, then is tried.

What a talk's build does with a rung is done here: the same features, settings and prompts. Only
what is chosen differs: on the validation set where the lesson has one; else inside the messages to
learn from, and below 200 of them not at all.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.config import TrainingSettings
from pipeline.experiment.data.messages import Message
from pipeline.experiment.evidence.bench import Bench
from pipeline.experiment.evidence.cell import Cell, Outcome, Plain
from pipeline.experiment.evidence.lessons import CHOSEN_FROM, Lesson, lesson_of
from pipeline.experiment.metrics import auc_of, f1_of, matrix_of
from pipeline.experiment.model.logistic import (
    ON_STATES,
    ON_TEXT,
    on_states,
    on_text,
    rank,
    rank_right,
)
from pipeline.problems import Source, TalkError

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression
    from transformers import PreTrainedTokenizerBase

    from pipeline.experiment.model.frozen_layers import Ids
    from pipeline.experiment.model.pretrained import LanguageModel
    from pipeline.experiment.model.states import States

STRENGTH = 10.0  # of the linear model, where nothing is chosen
SHOWN_SIZES = (10, 20, 50, 100, 200)  # of labelled messages that a prompt can use
LORA_RANK = 8
LORA_TIMES = 3  # its learning rate, of the usual one: adapters start at nothing
LEAST_STEPS = 100  # of a fine-tuning: three epochs of ten messages would teach nothing
HELD = 0.01  # the same on states
HELD_BACK = 5  # one of so many is held back inside the lesson to choose on
# Each label's probability, (messages, labels), and the seconds that it took, reading included.
Says = Callable[[Sequence[Message]], tuple[np.ndarray, float]]


@dataclass(frozen=True, slots=True)
class Learned:
    """A rung that has learned: what it says, and what that took."""

    says: Says
    trained_parameters: int = 0
    threshold: float | None = None  # of the positive label's probability
    thresholds: dict[str, float | None] = field(default_factory=dict)  # of fewer examples
    examples: int | None = None  # None: all messages of the lesson, those chosen on too
    read_seconds: float = 0.0  # that the messages learned from took, if they were read before
    more: Outcome = field(default_factory=dict)


def measure(cell: Cell, bench: Bench) -> Outcome:
    """Let a rung learn from its lesson and try it: scores of each set, seconds, memory."""
    lesson = lesson_of(cell, bench)
    positive = bench.labels.positive_place
    assert positive is not None
    _open(str(cell["rung"]), bench)
    forget_peak()
    started = time.perf_counter()
    learned = RUNGS[str(cell["rung"])](lesson, bench, cell.seed)
    fit_seconds = time.perf_counter() - started + learned.read_seconds
    found: Outcome = {
        "examples": len(lesson.train) + len(lesson.validation)
        if learned.examples is None
        else learned.examples,
        "trained_parameters": learned.trained_parameters,
        "fit_seconds": fit_seconds,
        "train": len(lesson.train),
        **lesson.counts,
        **learned.more,
    }
    for name, messages in lesson.tried.items():
        if name != "test" and cell["rung"] in ASKED:
            continue  # a minute and more, for what no experiment shows
        given, seconds = learned.says(messages)
        likely = given[:, positive]
        if name == "test":
            found["message_ms"] = 1000 * seconds / len(messages)
        truth = np.array([message.label == positive for message in messages], dtype=int)
        keep = name == "test" or "elsewhere" in lesson.tried
        found[name] = scored(truth, likely, learned.threshold, keep=keep)
        if name == "test" and learned.thresholds:
            found["sizes"] = {
                n: scored(truth, likely, one, keep=False)["f1"]
                for n, one in learned.thresholds.items()
            }
    found["memory_bytes"] = peak()
    return found


def _open(rung: str, bench: Bench) -> None:
    """Load what cells share, before the clock runs: the first of them would pay for all.

    What only other rungs need goes: its memory would count as this one's.
    """
    import sklearn.linear_model  # noqa: F401

    for name, rungs in OPENED.items():
        if rung not in rungs:
            bench.opened.pop(name, None)
    gc.collect()
    if rung in ASKED:
        asked_model(bench)
    elif rung in READ:
        states_of(bench)


def scored(
    truth: np.ndarray, likely: np.ndarray, threshold: float | None, keep: bool
) -> dict[str, Plain]:
    """Scores of one set, and with `keep` what they are made from: truth and probabilities."""
    said = (likely > (0.5 if threshold is None else threshold)).astype(int)
    found: dict[str, Plain] = {
        "f1": f1_of(matrix_of(truth, said, 2), 1),
        "accuracy": float((truth == said).mean()),
        "auc": auc_of(truth.tolist(), likely, 1),
        "messages": len(truth),
        "positive": int(truth.sum()),
    }
    if keep:
        found["truth"] = "".join(map(str, truth.tolist()))
        found["likely"] = [round(float(one), 6) for one in likely]
    return found


# --- The cheap ones -----------------------------------------------------------------------------


def majority(lesson: Lesson, bench: Bench, seed: int) -> Learned:
    counts = np.bincount(labels_of(lesson.train), minlength=len(bench.labels.names))
    row = (np.arange(len(counts)) == counts.argmax()).astype(float)
    return Learned(timed(lambda messages: np.tile(row, (len(messages), 1))))


def timed(do: Callable[[Sequence[Message]], np.ndarray]) -> Says:
    """What says each label's probability, by the clock."""

    def says(messages: Sequence[Message]) -> tuple[np.ndarray, float]:
        started = time.perf_counter()
        found = do(messages)
        return found, time.perf_counter() - started

    return says


def linear(lesson: Lesson, bench: Bench, seed: int) -> Learned:
    """TF-IDF and logistic regression, as in `model.baselines`; its strength is chosen."""
    from pipeline.experiment.model.baselines import text_features

    def read() -> Any:
        features = text_features()
        return features, features.fit_transform(texts_of(lesson.train))

    # Wrong labels change no feature: lessons of one seed share them.
    texts = tuple(texts_of(lesson.train))
    features, rows = bench.once("features", read, texts) if lesson.noisy else read()
    held_out = features.transform(texts_of(lesson.validation)) if lesson.validation else None
    options = [Option(rows, held_out, strength) for strength in ON_TEXT]
    best, model = fitted(options, options[ON_TEXT.index(STRENGTH)], lesson, bench, seed)

    def rows_of(known: np.ndarray, apart: np.ndarray) -> tuple[Any, Any]:
        inside = text_features()
        learned = inside.fit_transform([texts[i] for i in known])
        return learned, inside.transform([texts[i] for i in apart])

    return Learned(
        timed(lambda messages: model.predict_proba(features.transform(texts_of(messages)))),
        trained_parameters=rows.shape[1] + 1,
        threshold=threshold_inside(best, rows_of, lesson, bench, seed),
    )


@dataclass(frozen=True, slots=True)
class Option:
    """One way to fit logistic regression: the rows of the lesson and of its validation set."""

    rows: Any
    held_out: Any
    strength: float  # C: the larger, the less it is held back
    layer: int = 0
    tall: bool = False  # dense rows of few features: another solver


def fitted(
    options: Sequence[Option], fixed: Option, lesson: Lesson, bench: Bench, seed: int
) -> tuple[Option, Any]:
    """The best option where choices are made, fitted to the whole lesson; the first of the best.

    By F1 on the validation set where there is one, and of equals by log-loss, as in a build. Else
    by accuracy on a fifth of the lesson that is held back, if it is large enough for that: F1
    against wrong labels would prefer what has learned them by heart, and log-loss what is never
    sure, so that only clean labels decide between equals by it. Else it is `fixed`.
    """
    labels = labels_of(lesson.train)
    if lesson.validation:
        truth = labels_of(lesson.validation)
        tried = [(option, _logistic(option, option.rows, labels, seed)) for option in options]
        scores = [
            rank(model, option.held_out, truth, bench.labels.positive_place)
            for option, model in tried
        ]
        return tried[max(range(len(tried)), key=scores.__getitem__)]
    if len(lesson.train) < CHOSEN_FROM:
        return fixed, _logistic(fixed, fixed.rows, labels, seed)
    order = np.random.default_rng([seed, 2]).permutation(len(labels))
    apart, rest = order[: len(order) // HELD_BACK], np.sort(order[len(order) // HELD_BACK :])
    inside = (_logistic(option, option.rows[rest], labels[rest], seed) for option in options)
    right = [
        rank_right(model, option.rows[apart], labels[apart])[: 1 if lesson.noisy else 2]
        for option, model in zip(options, inside, strict=True)
    ]
    best = options[max(range(len(options)), key=right.__getitem__)]
    return best, _logistic(best, best.rows, labels, seed)


def threshold_inside(
    option: Option,
    rows_of: Callable[[np.ndarray, np.ndarray], tuple[Any, Any]],
    lesson: Lesson,
    bench: Bench,
    seed: int,
) -> float | None:
    """Of a balanced draw: the threshold with the best F1 inside it, at the base rate; else None.

    Who has learned from as many positive messages as others calls too many positive where they
    are rare. So each message is judged by a model that has not seen it (five folds), and counts
    as often as its label is met. `rows_of` two sets of places in the lesson are made from the
    first alone: a word's weight that knows the second would shrink what is said of it.
    """
    from sklearn.model_selection import StratifiedKFold

    from pipeline.experiment.model.prompts import threshold_of

    labels, positive = labels_of(lesson.train), bench.labels.positive_place
    fewest = int(np.bincount(labels).min())
    if lesson.base is None or positive is None or fewest < 2:
        return None
    likely = np.zeros((len(labels), len(bench.labels.names)))
    folds = StratifiedKFold(min(5, fewest), shuffle=True, random_state=seed)
    for known, apart in folds.split(labels, labels):
        learned, judged = rows_of(known, apart)
        model = _logistic(option, learned, labels[known], seed)
        likely[apart] = model.predict_proba(judged)
    share = float((labels == positive).mean())
    each = np.where(labels == positive, lesson.base / share, (1 - lesson.base) / (1 - share))
    return threshold_of(likely, labels.tolist(), positive, each)


def _logistic(option: Option, rows: Any, labels: np.ndarray, seed: int) -> LogisticRegression:
    kinds = int(labels.max()) + 1
    model = on_states(option.strength) if option.tall else on_text(option.strength, kinds, seed)
    return model.fit(rows, labels)


def texts_of(messages: Sequence[Message]) -> list[str]:
    return [message.text for message in messages]


def labels_of(messages: Sequence[Message]) -> np.ndarray:
    return np.array([message.label for message in messages], dtype=int)


# --- Prompts ------------------------------------------------------------------------------------


def prompted(lesson: Lesson, bench: Bench, seed: int) -> Learned:
    """The pre-trained model asked the talk's question; no label is used."""
    from pipeline.experiment.model.prompts import score, zero_shot

    asked, experiment = asked_model(bench), bench.experiment
    if not experiment.question:
        hint = "add `question` to [experiment], or leave `prompted` out of `rungs`"
        raise TalkError("the talk has no question to ask", None, hint)
    most = experiment.training_of(bench.model.name).max_tokens
    prompt = zero_shot(experiment, asked.tokenizer, bench.labels, most)
    return Learned(lambda m: score(asked, prompt, texts_of(m), _untold), examples=0)


def few_shot(lesson: Lesson, bench: Bench, seed: int) -> Learned:
    """Some examples in a plain prompt; the threshold is chosen on validation messages.

    And on fewer of them, for so many labelled messages in all: their order is drawn.
    """
    from pipeline.experiment.model.pretrained import most_tokens
    from pipeline.experiment.model.prompts import THRESHOLD_MESSAGES, score, shown, threshold_of

    asked, experiment, positive = asked_model(bench), bench.experiment, bench.labels.positive_place
    assert positive is not None
    most = experiment.training_of(bench.model.name).max_tokens
    positions = most_tokens(bench.model.folder)
    examples, prompt = shown(
        experiment, asked.tokenizer, bench.labels, most, lesson.train, seed, positions
    )
    if prompt is None:
        raise TalkError(f"{bench.model.name} reads no text that is long enough")
    shots = len(examples)
    order = np.random.default_rng([seed, 6]).permutation(len(lesson.validation))
    some = [lesson.validation[i] for i in order[:THRESHOLD_MESSAGES]]
    likely, _ = score(asked, prompt, texts_of(some), _untold)
    truth = labels_of(some).tolist()

    def threshold(count: int) -> float | None:
        known = truth[:count]
        return threshold_of(likely[:count], known, positive) if len(set(known)) > 1 else None

    sizes = [n for n in SHOWN_SIZES if n - shots < len(some)]
    return Learned(
        lambda m: score(asked, prompt, texts_of(m), _untold),
        threshold=threshold(len(some)),
        thresholds={str(n): threshold(max(0, n - shots)) for n in sizes},
        examples=shots + len(some),
    )


def asked_model(bench: Bench) -> LanguageModel:
    """The pre-trained model with its own head. Raises TalkError for one that only reads texts."""
    from pipeline.experiment.model.pretrained import generates, load_language_model

    folder = bench.model.folder
    if not generates(folder):
        hint = "leave `prompted` and `few_shot` out of `rungs`"
        raise TalkError(f"{bench.model.name} continues no text", Source(folder), hint)
    load = partial(load_language_model, folder, tokenizer_of(bench), bench.device)
    return bench.once("language model", load)


# --- Frozen states ------------------------------------------------------------------------------


def frozen(lesson: Lesson, bench: Bench, seed: int) -> Learned:
    """Logistic regression on mean-pooled states of the pre-trained model, of a layer chosen.

    With wrong labels, as with few messages, the layer is a third of the way up: only the strength
    is chosen then.
    """
    from pipeline.experiment.model.frozen import scaled_by

    states, fixed = states_of(bench), _fixed_layer(bench)
    few = lesson.noisy or len(lesson.train) < CHOSEN_FROM
    options, scaled = [], {}
    for layer in (fixed,) if few else states.layers:
        known = means_of(bench, layer, lesson.train)
        scaled[layer] = scaled_by(known)
        held_out = means_of(bench, layer, lesson.validation) if lesson.validation else known[:0]
        rows = scaled[layer](known), scaled[layer](held_out)
        options += [Option(*rows, strength, layer, tall=True) for strength in ON_STATES]
    given = next(one for one in options if (one.layer, one.strength) == (fixed, HELD))
    best, model = fitted(options, given, lesson, bench, seed)
    means = means_of(bench, best.layer, lesson.train)

    def rows_of(known: np.ndarray, apart: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        inside = scaled_by(means[known])
        return inside(means[known]), inside(means[apart])

    def says(messages: Sequence[Message]) -> tuple[np.ndarray, float]:
        started = time.perf_counter()
        rows = sequences_of(bench, messages)
        given = model.predict_proba(scaled[best.layer](states.mean(best.layer, rows)))
        return given, time.perf_counter() - started + states.seconds(best.layer, rows)

    learned_from = sequences_of(bench, [*lesson.train, *lesson.validation])
    return Learned(
        says,
        trained_parameters=best.rows.shape[1] + 1,
        threshold=threshold_inside(best, rows_of, lesson, bench, seed),
        read_seconds=states.seconds(max(scaled), learned_from),
        more={"layer": best.layer, "strength": best.strength},
    )


def states_of(bench: Bench) -> States:
    """The kept states of the pre-trained model, of all messages that cells may meet."""
    from pipeline.experiment.model.pretrained import encode
    from pipeline.experiment.model.states import read_states

    def read() -> States:
        settings = bench.experiment.training_of(bench.model.name)
        texts = texts_of([*bench.messages.items, *bench.elsewhere])
        texts += [example.text for example in bench.experiment.examples]  # as a build reads them
        return read_states(
            bench.model,
            bench.device,
            settings,
            int(tokenizer_of(bench).pad_token_id),
            encode(tokenizer_of(bench), texts, settings.max_tokens),
            bench.cache,
            _untold,
        )

    return bench.once("states", read)


def sequences_of(bench: Bench, messages: Sequence[Message]) -> list[Ids]:
    """Token ids as the model reads them."""
    from pipeline.experiment.model.pretrained import encode

    most = bench.experiment.training_of(bench.model.name).max_tokens
    return encode(tokenizer_of(bench), texts_of(messages), most)


def _fixed_layer(bench: Bench) -> int:
    """The layer a third of the way up, or the nearest to it that is kept."""
    from pipeline.experiment.model.pretrained import layers_in

    third = layers_in(bench.model.folder) / 3
    return min(states_of(bench).layers, key=lambda layer: abs(layer - third))


def means_of(bench: Bench, layer: int, messages: Sequence[Message]) -> np.ndarray:
    """Mean-pooled states after a layer, (messages, hidden)."""
    return states_of(bench).mean(layer, sequences_of(bench, messages))


# --- Fine-tuned ---------------------------------------------------------------------------------


def lora(lesson: Lesson, bench: Bench, seed: int) -> Learned:
    """The talk's fine-tuning, but small matrices beside the weights are trained in their place."""
    usual = settings_of(lesson, bench)
    rate = LORA_TIMES * usual.learning_rate
    settings = replace(usual, lora_rank=LORA_RANK, learning_rate=rate)
    return _fine_tuned(lesson, bench, seed, settings)


def finetuned(lesson: Lesson, bench: Bench, seed: int) -> Learned:
    """The talk's fine-tuning with its own settings; small lessons are gone through more often."""
    return _fine_tuned(lesson, bench, seed, settings_of(lesson, bench))


def _fine_tuned(lesson: Lesson, bench: Bench, seed: int, settings: TrainingSettings) -> Learned:
    """Where nothing is chosen, the last weights stay."""
    from tempfile import TemporaryDirectory

    from pipeline.experiment.model.pretrained import encode_messages, load_classifier
    from pipeline.experiment.model.training import fine_tune

    tokenizer, labels = tokenizer_of(bench), bench.labels
    classifier = load_classifier(
        bench.model.folder, tokenizer, bench.device, settings, seed, len(labels.names)
    )
    states = states_of(bench) if classifier.shortcut else None
    if classifier.shortcut:
        classifier.shortcut.kept = states
    train, validation = (
        encode_messages(tokenizer, part, settings.max_tokens)
        for part in (lesson.train, lesson.validation)
    )
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        training, _ = fine_tune(
            classifier, train, validation, settings, seed, Path(folder), _untold,
            positive=labels.positive_place,
        )  # fmt: skip

    def says(messages: Sequence[Message]) -> tuple[np.ndarray, float]:
        rows = encode_messages(tokenizer, messages, settings.max_tokens)
        return classifier.predict(rows.sequences, _untold)

    return Learned(
        says,
        trained_parameters=classifier.parameters(trainable_only=True),
        # What was learned from a balanced draw is corrected to the base rate (Saerens, Latinne &
        # Decaestecker 2002, "Adjusting the outputs of a classifier to new a priori probabilities").
        threshold=None if lesson.base is None else 1 - lesson.base,
        read_seconds=states.seconds(
            settings.frozen_layers, [*train.sequences, *validation.sequences]
        )
        if states
        else 0.0,
        more={"epochs": settings.epochs, "best_epoch": training.best_epoch},
    )


def settings_of(lesson: Lesson, bench: Bench) -> TrainingSettings:
    """How the talk trains this model, in so many epochs that there are enough steps."""
    settings = bench.experiment.training_of(bench.model.name)
    steps = -(-len(lesson.train) // settings.batch_size)
    return replace(settings, epochs=max(settings.epochs, -(-LEAST_STEPS // steps)))


def tokenizer_of(bench: Bench) -> PreTrainedTokenizerBase:
    from pipeline.experiment.model.pretrained import load_tokenizer

    return bench.once("tokenizer", lambda: load_tokenizer(bench.model.folder))


def _untold(_: float) -> None:
    """Work that no estimate counts."""


RUNGS: dict[str, Callable[[Lesson, Bench, int], Learned]] = {
    "majority": majority,
    "prompted": prompted,
    "few_shot": few_shot,
    "linear": linear,
    "frozen": frozen,
    "lora": lora,
    "finetuned": finetuned,
}
ASKED = frozenset({"prompted", "few_shot"})
READ = frozenset({"frozen", "lora", "finetuned"})
OPENED = {"language model": ASKED, "states": READ, "features": frozenset({"linear"})}


# --- Memory -------------------------------------------------------------------------------------


def forget_peak() -> None:
    """Count the most memory from now on, where the system can: a worker does many cells."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def peak() -> int:
    """The most memory that the process held, with all libraries that it has loaded."""
    from pipeline.experiment.machine import peak_memory_bytes

    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration, ValueError):
        return peak_memory_bytes()
