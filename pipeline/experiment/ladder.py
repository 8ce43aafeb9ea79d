"""The ladder below the fine-tuned model: each rung is fitted, tried and told in one shape.

A rung says of each set that it is tried on how likely each label is; what follows from that
(metrics, comparisons, examples) is the same for all of them, and for the fine-tuned model.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from transformers import PreTrainedTokenizerBase

from pipeline.config import Baseline, ExperimentSettings
from pipeline.experiment.data.messages import Labels
from pipeline.experiment.data.split import Sets, subset
from pipeline.experiment.examples import Probabilities, said_labels
from pipeline.experiment.heads import Head, head_of, plain_head
from pipeline.experiment.metrics import Judge, auc_of, f1_of, matrix_of
from pipeline.experiment.model import baselines, prompts
from pipeline.experiment.model.frozen import fit_probe, random_heads
from pipeline.experiment.model.frozen_layers import Ids, Tick
from pipeline.experiment.model.pretrained import Encoded, LanguageModel, encode_messages
from pipeline.experiment.model.states import States
from pipeline.results import Evaluation, Score, Spread

WRAPPING = 12  # tokens of a prompt around its message that are read for each one, about
Compute = Callable[[], tuple[np.ndarray, float]]


@dataclass(frozen=True, slots=True)
class Scores:
    """Each label's probability for one set of messages, as a kept step left them."""

    rows: tuple[tuple[float, ...], ...]
    seconds: float  # to predict, the frozen layers' share included
    took: float  # by the clock, when it was done

    @property
    def probabilities(self) -> Probabilities:
        return np.array(self.rows)


@dataclass(frozen=True, slots=True)
class Rung:
    """A classifier that is ready, and what it says of each set: "test", "elsewhere", "examples"."""

    title: str  # as people call it
    how: str
    scores: Mapping[str, Scores]
    fit_seconds: float = 0.0  # reading included
    read_seconds: float = 0.0
    examples: int = 0  # labelled messages that it was made with
    trained_parameters: int = 0
    threshold: float | None = None  # of the positive label's probability
    spread: Spread | None = None  # on the test set
    head: Head | None = field(default=None, compare=False)  # for a live demo
    told: Callable[[Evaluation], Evaluation] = field(default=lambda found: found, compare=False)

    def said(self, name: str, labels: Labels) -> list[int]:
        """The place of the label that it says of each message of a set."""
        found, at = self.scores[name].probabilities, labels.positive_place
        if self.threshold is None or at is None:
            return said_labels(found)
        return prompts.said_above(found, self.threshold, at)

    def evaluated(self, name: str, judge: Judge) -> Evaluation:
        """All metrics on a set, whose labels the judge knows."""
        scores, at = self.scores[name], judge.labels.positive_place
        made = judge(
            self.title,
            self.how,
            self.said(name, judge.labels),
            fit_seconds=self.fit_seconds,
            predict_seconds=scores.seconds,
        )
        made = replace(
            made,
            examples=self.examples,
            trained_parameters=self.trained_parameters,
            threshold=self.threshold,
            read_seconds=self.read_seconds,
            auc=None if at is None else auc_of(judge.truth, scores.probabilities[:, at], at),
            spread=self.spread if name == "test" else None,
        )
        return self.told(made)


@dataclass(frozen=True, slots=True)
class Ground:
    """What the rungs stand on."""

    experiment: ExperimentSettings
    labels: Labels
    sets: Sets
    tokenizer: PreTrainedTokenizerBase
    train: Encoded
    validation: Encoded
    tried: Mapping[str, tuple[Sequence[str], Sequence[Ids]]]  # each set's texts, and their tokens
    states: States | None
    pooling: str  # as the fine-tuning pools: "last" token, "mean" over all
    max_tokens: int
    positions: int  # the longest text that the model reads; 0: any
    asked: LanguageModel | None  # None: it is asked nothing
    layers: int
    keep: Callable[[str, tuple[object, ...], float, Compute], Scores]
    tick: Tick

    @property
    def examples(self) -> int:
        """Labelled messages that a classifier is fitted and chosen with."""
        return len(self.train) + len(self.validation)

    @property
    def truth(self) -> list[int]:
        return [message.label for message in self.sets.test]

    def on_each(
        self,
        do: Callable[[Sequence[str], Sequence[Ids]], np.ndarray],
        names: Iterable[str] = ("test", "elsewhere", "examples"),
        read: Callable[[Sequence[Ids]], float] = lambda _: 0.0,
    ) -> dict[str, Scores]:
        """What is said of each set that holds anything; `read`: seconds spent on it before."""
        found = {}
        for name in names:
            texts, sequences = self.tried.get(name, ((), ()))
            if texts:
                started = time.perf_counter()
                rows = do(texts, sequences)
                took = time.perf_counter() - started
                seconds = took + read(sequences)
                found[name] = Scores(tuple(map(tuple, rows.tolist())), seconds, took)
        return found


def climb(ground: Ground, wanted: Sequence[Baseline]) -> dict[str, Rung]:
    """The rungs that the talk asks for, cheapest first, without those that the model can't have."""
    made = ((name, fit(ground)) for name, fit in RUNGS.items() if name in wanted)
    return {name: rung for name, rung in made if rung is not None}


# --- The rungs ----------------------------------------------------------------------------------


def majority(ground: Ground) -> Rung:
    """Always the commonest label of the training set; the first of equals."""
    names = ground.labels.names
    common = max(range(len(names)), key=ground.train.labels.count)
    row = np.eye(len(names))[common]
    commoner = "commoner" if len(names) == 2 else "commonest"

    def told(made: Evaluation) -> Evaluation:
        # What never says a label has an F1 of 0 of it on any messages: nothing is uncertain there.
        exact = {
            name: one if name == names[common] else replace(one, f1=_exact(one.f1))
            for name, one in made.labels.items()
        }
        f1 = exact[ground.labels.positive].f1 if ground.labels.positive else made.f1
        return replace(made, f1=f1, labels=exact, predict_seconds=0.0, auc=None)

    return Rung(
        f"Always {names[common]}",
        f"Calls every message {names[common]}, the {commoner} label of the training set.",
        ground.on_each(lambda texts, _: np.tile(row, (len(texts), 1))),
        examples=len(ground.train),
        told=told,
    )


def _exact(score: Score) -> Score:
    return replace(score, low=None, high=None)


def untrained(ground: Ground) -> Rung | None:
    """The pre-trained model under a new head: the middle one of many random ones."""
    states = ground.states
    if states is None:
        return None
    top = states.layers[-1]

    def pooled(sequences: Sequence[Ids]) -> np.ndarray:
        return states.mean(top, sequences) if ground.pooling == "mean" else states.last(sequences)

    _, sequences = ground.tried["test"]
    labels, at = ground.labels, ground.labels.positive_place
    middle = random_heads(
        pooled(sequences), ground.truth, len(labels.names), at, ground.experiment.seed
    )
    spread, head = middle.spread, plain_head(middle.weights, top, ground.pooling)
    scores = ground.on_each(
        lambda _, rows: head.predict(pooled(rows)),
        ("test", "examples"),
        lambda rows: states.seconds(top, rows),
    )
    what = "F1" if labels.positive else "macro-F1"
    over = "the mean of its tokens" if ground.pooling == "mean" else "its last token"
    how = (
        f"The pre-trained model with a new, random head on {over}, not trained: of "
        f"{spread.count:,} heads the one with the middle {what} on the test set; 90% of them lie "
        f"between {spread.low:.2f} and {spread.high:.2f}, which stands as its interval."
    )

    def told(made: Evaluation) -> Evaluation:
        score = Score(made.f1.value, spread.low, spread.high)
        if not labels.positive:
            return replace(made, f1=score, macro_f1=score)
        own = replace(made.labels[labels.positive], f1=score)
        return replace(made, f1=score, labels={**made.labels, labels.positive: own})

    return Rung("Before training", how, scores, spread=spread, head=head, told=told)


def prompted(ground: Ground) -> Rung | None:
    """Asked in a prompt, without an example."""
    if ground.asked is None or not ground.experiment.question:
        return None
    prompt = prompts.zero_shot(
        ground.experiment, ground.tokenizer, ground.labels, ground.max_tokens
    )
    scores = _ask(ground, "prompted", prompt, *ground.tried["test"])
    return Rung("Asked in a prompt", prompt.how, {"test": scores})


def few_shot(ground: Ground) -> Rung | None:
    """Asked after eight labelled examples: the middle one, by F1, of three draws."""
    if ground.asked is None:
        return None
    at, count = ground.labels.positive_place, len(ground.labels.names)
    seed, held = ground.experiment.seed, ground.sets.validation
    places = subset(
        range(len(held)), [message.label for message in held], prompts.THRESHOLD_MESSAGES, seed
    )
    chosen_on = [held[place] for place in places] if at is not None else []
    sequences = [ground.validation.sequences[place] for place in places]
    drawn: list[tuple[float, Rung]] = []
    for number in range(ground.experiment.draws):
        shown, prompt = prompts.shown(
            ground.experiment, ground.tokenizer, ground.labels, ground.max_tokens,
            ground.sets.train, seed + number, ground.positions,
        )  # fmt: skip
        if prompt is None:
            return None
        threshold, took = None, 0.0
        if at is not None:
            texts = [message.text for message in chosen_on]
            on_held = _ask(ground, f"few-shot-{number + 1}-chosen-on", prompt, texts, sequences)
            truth = [message.label for message in chosen_on]
            threshold = prompts.threshold_of(on_held.probabilities, truth, at)
            took = on_held.took
        scores = _ask(ground, f"few-shot-{number + 1}", prompt, *ground.tried["test"])
        rung = Rung(
            f"Prompt with {_in_words(len(shown))} examples",
            prompt.how,
            {"test": scores},
            fit_seconds=took,
            examples=len(shown) + len(chosen_on),
            threshold=threshold,
        )
        matrix = matrix_of(ground.truth, rung.said("test", ground.labels), count)
        drawn.append((f1_of(matrix, at) or 0.0, rung))
    return _middle(drawn, len(chosen_on))


def _middle(drawn: Sequence[tuple[float, Rung]], chosen_on: int) -> Rung:
    """The middle one by F1, with the range of all."""
    f1s = [f1 for f1, _ in drawn]
    rung = sorted(drawn, key=lambda one: one[0])[len(drawn) // 2][1]
    shown = _in_words(rung.examples - chosen_on)
    spread = Spread(
        over=f"draws of {shown} examples",
        count=len(drawn),
        mean=float(np.mean(f1s)),
        low=min(f1s),
        high=max(f1s),
        range="lowest and highest",
        highest=max(f1s),
    )
    how = f"{rung.how} The middle one of {_in_words(len(drawn))} draws."
    if chosen_on:
        how += f" Its threshold is the best on {chosen_on} messages of the validation set."
    return replace(rung, how=how, spread=spread)


def _in_words(count: int) -> str:
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return words[count] if count < len(words) else str(count)


def _ask(
    ground: Ground,
    name: str,
    prompt: prompts.Prompt,
    texts: Sequence[str],
    sequences: Sequence[Ids],
) -> Scores:
    asked, layers = ground.asked, ground.layers
    assert asked is not None

    def compute() -> tuple[np.ndarray, float]:
        return prompts.score(asked, prompt, texts, lambda tokens: ground.tick(layers * tokens))

    made_from = (prompt.how, prompt.before, prompt.question, prompt.answers, list(texts))
    return ground.keep(name, made_from, asking_work(layers, sequences), compute)


def asking_work(layers: int, sequences: Sequence[Ids]) -> float:
    """What it takes to put messages into one prompt, about."""
    return float(layers * sum(len(ids) + WRAPPING for ids in sequences))


def linear(ground: Ground) -> Rung:
    """TF-IDF of words and of letters inside words, with logistic regression."""
    found = baselines.fit_linear(
        ground.sets.train, ground.sets.validation, ground.labels, ground.experiment.seed
    )
    how = (
        "TF-IDF of words (1-2) and of letters inside words (2-5) with "
        f"{'multinomial ' if len(ground.labels.names) > 2 else ''}logistic regression, "
        f"C = {found.strength:g} chosen on the validation set."
    )
    return Rung(
        "TF-IDF + linear model",
        how,
        ground.on_each(lambda texts, _: found.predict(texts)[0]),
        fit_seconds=found.fit_seconds,
        examples=ground.examples,
        trained_parameters=int(found.model.coef_.size + found.model.intercept_.size),
    )


def frozen(ground: Ground) -> Rung | None:
    """Logistic regression on mean states of the pre-trained model as it came."""
    states = ground.states
    if states is None:
        return None
    train, held = ground.train, ground.validation
    probe = fit_probe(
        {layer: states.mean(layer, train.sequences) for layer in states.layers},
        train.labels,
        {layer: states.mean(layer, held.sequences) for layer in states.layers},
        held.labels,
        ground.labels.positive_place,
    )
    head, top = head_of(probe), states.layers[-1]
    reading = states.seconds(top, [*train.sequences, *held.sequences])
    how = (
        f"Logistic regression on the pre-trained model's states after layer {probe.layer}, the "
        f"mean over a message's tokens; layer (of {len(states.layers)}) and C = {probe.strength:g} "
        "chosen on the validation set."
    )
    return Rung(
        "Frozen model + linear model",
        how,
        ground.on_each(
            lambda _, rows: head.predict(states.mean(head.layer, rows)),
            read=lambda rows: states.seconds(head.layer, rows),
        ),
        fit_seconds=probe.fit_seconds + reading,
        read_seconds=reading,
        examples=ground.examples,
        trained_parameters=probe.trained_parameters,
        head=head,
    )


RUNGS: dict[Baseline, Callable[[Ground], Rung | None]] = {
    "majority": majority,
    "untrained": untrained,
    "prompted": prompted,
    "few_shot": few_shot,
    "linear": linear,
    "frozen": frozen,
}


# --- A plain split ------------------------------------------------------------------------------


PLAIN: tuple[Baseline, ...] = ("linear", "frozen")


def on_plain_split(ground: Ground, sets: Sets, rungs: Mapping[str, Rung]) -> dict[str, Score]:
    """F1 of the linear model and the frozen one on sets with near copies on both sides."""
    train, validation, test = (
        encode_messages(ground.tokenizer, messages, ground.max_tokens)
        for messages in (sets.train, sets.validation, sets.test)
    )
    texts = [message.text for message in sets.test]
    plain = replace(
        ground,
        sets=sets,
        train=train,
        validation=validation,
        tried={"test": (texts, test.sequences)},
    )
    judge = Judge(plain.truth, plain.labels, plain.experiment.seed)
    fitted = climb(plain, [name for name in PLAIN if name in rungs])
    return {name: rung.evaluated("test", judge).f1 for name, rung in fitted.items()}
