"""The ten steps of a run, in order: sets and tokens, baselines, training, test, examples."""

from __future__ import annotations

import functools
import gc
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

import msgspec
import numpy as np
from transformers import PreTrainedTokenizerBase

from pipeline.config import Config, ExperimentSettings, TrainingSettings
from pipeline.experiment import machine
from pipeline.experiment.data.messages import Labels, Message, clean_all, counts_of
from pipeline.experiment.data.read import read_raw
from pipeline.experiment.data.split import Sets, make_sets, subset
from pipeline.experiment.examples import (
    Probabilities,
    Scored,
    flags,
    missed_examples,
    own_examples,
)
from pipeline.experiment.metrics import Judge
from pipeline.experiment.model import baselines
from pipeline.experiment.model.frozen_layers import Ids
from pipeline.experiment.model.pretrained import (
    Classifier,
    Encoded,
    encode,
    encode_messages,
    load_classifier,
    load_language_model,
    load_tokenizer,
    tokenized,
)
from pipeline.experiment.model.training import fine_tune, training_work
from pipeline.experiment.plan import Fingerprint, Options, run_id
from pipeline.experiment.progress import Progress
from pipeline.experiment.sources import DataFound, ModelFound, labels_of, sample_path
from pipeline.experiment.store import MODEL, RESULTS, Trained
from pipeline.files import kept
from pipeline.machine import machine_name
from pipeline.results import (
    SCHEMA,
    Data,
    Evaluation,
    Example,
    Model,
    NextToken,
    Results,
    Run,
    Split,
    Stage,
    Tokenized,
    write_results,
)
from pipeline.seals import put_in_place, seal


@dataclass(frozen=True, slots=True)
class Task:
    """What a run is made from, the folder that it is kept in, and who is told how it goes."""

    config: Config
    experiment: ExperimentSettings
    options: Options
    data: DataFound
    model: ModelFound
    fingerprint: Fingerprint
    folder: Path
    trained: Trained | None  # where the training has been done
    progress: Progress

    @property
    def labels(self) -> Labels:
        return labels_of(self.experiment.data)

    @property
    def training(self) -> TrainingSettings:
        settings = self.experiment.training
        return replace(settings, epochs=1) if self.options.quick else settings


@dataclass(frozen=True, slots=True)
class Tokens:
    """The sets as token ids."""

    tokenizer: PreTrainedTokenizerBase
    train: Encoded
    validation: Encoded
    test: list[Ids]
    elsewhere: list[Ids]
    examples: list[Ids]
    question: baselines.Question
    mean_tokens: float
    tokenized: tuple[Tokenized, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """Probabilities of the positive label for one set of messages, as a kept step left them."""

    probabilities: tuple[float, ...]
    seconds: float  # to predict, the frozen layers' share included
    took: float  # by the clock, when it was done


@dataclass(frozen=True, slots=True)
class Before:
    """What was measured before training."""

    majority: Evaluation
    untrained: Evaluation
    prompted: Evaluation
    linear: Evaluation
    linear_model: baselines.Linear
    untrained_test: Probabilities  # probabilities of the positive label
    linear_test: Probabilities
    untrained_examples: Probabilities
    next_tokens: tuple[NextToken, ...]


@dataclass(frozen=True, slots=True)
class After:
    """What was measured after training."""

    finetuned: Evaluation
    elsewhere: dict[str, Evaluation]
    finetuned_test: Probabilities


def run_steps(task: Task) -> Results:
    """All ten steps, or what is left of them; the results are written into the task's folder.

    An interrupted call leaves what it finished, and checkpoints of what it did not.
    """
    started = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with machine.quiet():
        sets = clean_and_split(task)
        tokens = tokenize(task, sets)
        classifier = load(task, tokens)
        before = evaluate_baselines(task, sets, tokens, classifier)
        trained = train(task, tokens, classifier)
        after = evaluate_test(task, sets, tokens, classifier, before, trained)
        examples = run_examples(task, sets, tokens, classifier, before, after)
    task.progress.close()
    results = Results(
        schema=SCHEMA,
        run=_run(task, task.progress.stages(), started),
        data=_data(task, sets, tokens.mean_tokens),
        model=_model(task, classifier, len(tokens.tokenizer)),
        training=trained.training,
        majority=before.majority,
        untrained=before.untrained,
        prompted=before.prompted,
        linear=before.linear,
        finetuned=after.finetuned,
        elsewhere=after.elsewhere,
        elsewhere_name=task.experiment.data.sample_name if after.elsewhere else "",
        examples=examples,
        next_tokens=before.next_tokens,
        tokenized=tokens.tokenized,
    )
    return write_results(results, task.folder / RESULTS)


# --- The steps ----------------------------------------------------------------------------------


def clean_and_split(task: Task) -> Sets:
    """Steps two and three; with --quick only a part of each set, the classes' shares kept."""
    seed, quick = task.experiment.seed, task.experiment.quick
    with task.progress.step("clean"):
        messages = clean_all(task.data.raw, task.labels)
        elsewhere = _second_test_set(task)
    with task.progress.step("split"):
        sets = make_sets(messages, seed, task.folder)
        if task.options.quick:
            sets = sets.at_most(
                seed, train=quick.train, validation=quick.validation, test=quick.test
            )
            positives = [message.positive for message in elsewhere]
            some = subset(range(len(elsewhere)), positives, quick.test // 2, seed)
            elsewhere = tuple(elsewhere[i] for i in some)
    return replace(sets, elsewhere=elsewhere)


def _second_test_set(task: Task) -> tuple[Message, ...]:
    """The embedded sample, where it is not what the run is trained on."""
    path = sample_path(task.config, task.experiment)
    if path is None or task.data.source == "sample":
        return ()
    raw = read_raw(path, task.labels, "the sample")
    return () if raw.sha256 == task.data.raw.sha256 else clean_all(raw, task.labels).items


def tokenize(task: Task, sets: Sets) -> Tokens:
    """Each set as token ids, cut at the talk's `max_tokens`."""
    most, experiment = task.training.max_tokens, task.experiment
    with task.progress.step("tokenize"):
        tokenizer = load_tokenizer(task.model.folder)
        test = texts_of(sets.test)
        used = [*texts_of(sets.train), *texts_of(sets.validation), *test]
        return Tokens(
            tokenizer=tokenizer,
            train=encode_messages(tokenizer, sets.train, most),
            validation=encode_messages(tokenizer, sets.validation, most),
            test=encode(tokenizer, test, most),
            elsewhere=encode(tokenizer, texts_of(sets.elsewhere), most),
            examples=encode(tokenizer, [example.text for example in experiment.examples], most),
            question=baselines.ask(experiment, tokenizer, test, most),
            mean_tokens=fmean(map(len, encode(tokenizer, used, most * 1000))),
            tokenized=tuple(tokenized(tokenizer, text) for text in experiment.tokenized),
        )


def load(task: Task, tokens: Tokens) -> Classifier:
    """The pre-trained model with a new head; from here on it is known how much there is to do."""
    with task.progress.step("load the pre-trained model"):
        classifier = load_classifier(
            task.model.folder,
            tokens.tokenizer,
            machine.prepare_device(),
            task.training.frozen_layers,
            task.experiment.seed,
        )
    training = training_work(classifier, tokens.train, tokens.validation)
    sequences = (*tokens.test * 2, *tokens.elsewhere, *tokens.question.sequences)
    work = classifier.layers * sum(map(len, sequences))
    task.progress.expect(work + (0 if task.trained else training.total(task.training.epochs)))
    return classifier


def evaluate_baselines(task: Task, sets: Sets, tokens: Tokens, classifier: Classifier) -> Before:
    """The four that need no fine-tuning, on the test set; and what the language model predicts."""
    seed, labels = task.experiment.seed, task.labels
    with task.progress.step("evaluate the baselines"):
        untrained = predicted(task, "untrained", tokens.test, classifier)
        untrained_examples, _ = classifier.predict(tokens.examples, _untold)
        linear = baselines.fit_linear(sets.train, sets.validation, seed)
        linear_test, linear_seconds = linear.predict(texts_of(sets.test))
    prompted, next_tokens = _ask(task, tokens, classifier)
    gc.collect()  # the language model is not needed any more
    judge = judge_of(sets.test, seed)
    common = sum(tokens.train.positives) * 2 > len(tokens.train)
    return Before(
        majority=judge(
            f"Always {labels.of(common)}",
            f"Calls every message {labels.of(common)}, the commoner label of the training set.",
            [common] * len(sets.test),
        ),
        untrained=judge(
            "Before training",
            f"The pre-trained model with its new, random head (seed {seed}), not trained.",
            flags(untrained.probabilities),
            predict_seconds=untrained.seconds,
        ),
        prompted=judge(
            "Asked in a prompt",
            tokens.question.how,
            flags(prompted.probabilities),
            predict_seconds=prompted.seconds,
        ),
        linear=_of_linear(judge, linear, linear_test, linear_seconds),
        linear_model=linear,
        untrained_test=untrained.probabilities,
        linear_test=linear_test,
        untrained_examples=untrained_examples,
        next_tokens=next_tokens,
    )


def _ask(
    task: Task, tokens: Tokens, classifier: Classifier
) -> tuple[Scores, tuple[NextToken, ...]]:
    """What the pre-trained model says with its own head: to the question, and after the prompts."""
    question, layers = tokens.question, classifier.layers
    with task.progress.step("load the pre-trained model"):
        asked = load_language_model(task.model.folder, tokens.tokenizer, classifier.device)
    with task.progress.step("evaluate the baselines"):
        prompted = kept_scores(
            task,
            "prompted",
            (question.sequences, question.positive, question.negative),
            layers * sum(map(len, question.sequences)),
            lambda: baselines.answer(asked, question, layers, task.progress.tick),
        )
    with task.progress.step("run the inference examples"):
        prompts = task.experiment.next_tokens
        return prompted, tuple(asked.next_token(each.prompt, each.truth) for each in prompts)


def train(task: Task, tokens: Tokens, classifier: Classifier) -> Trained:
    """Fine-tune, or take the model that was; the classifier ends with its weights either way."""
    trained, folder = task.trained, task.folder
    with task.progress.step("fine-tune"):
        measured = task.progress.seconds["fine-tune"]
        if trained:
            classifier.load_weights(folder / MODEL)
        else:
            needed = 4 * (9 * classifier.parameters(trainable_only=True) + classifier.parameters())
            machine.check_disk(folder, needed)
            training, spent = fine_tune(
                classifier,
                tokens.train,
                tokens.validation,
                task.training,
                task.experiment.seed,
                folder / "checkpoints",
                task.progress.tick,
            )
            trained = Trained(training, spent.evaluation_seconds)
            with put_in_place(folder / MODEL) as made:
                classifier.save(made)
                seal(made, trained)
        shutil.rmtree(folder / "checkpoints", ignore_errors=True)  # or what a killed call left
    # By the training's own clock: an interrupted one has run in more than one process.
    spent_evaluating = trained.evaluation_seconds
    task.progress.seconds["fine-tune"] = measured + trained.training.seconds - spent_evaluating
    task.progress.seconds["evaluate on the validation set"] = spent_evaluating
    return trained


def evaluate_test(
    task: Task,
    sets: Sets,
    tokens: Tokens,
    classifier: Classifier,
    before: Before,
    trained: Trained,
) -> After:
    """The fine-tuned model on the test set, and it and the linear one on the second test set."""
    seed, linear, seconds = task.experiment.seed, before.linear_model, trained.training.seconds
    elsewhere = {}
    with task.progress.step("evaluate on the test set"):
        found = predicted(task, "finetuned", tokens.test, classifier, seconds)
        if sets.elsewhere:
            judge = judge_of(sets.elsewhere, seed)
            scores = predicted(task, "elsewhere", tokens.elsewhere, classifier, seconds)
            elsewhere = {
                "linear": _of_linear(judge, linear, *linear.predict(texts_of(sets.elsewhere))),
                "finetuned": _of_finetuned(judge, scores, trained, classifier),
            }
    evaluation = _of_finetuned(judge_of(sets.test, seed), found, trained, classifier)
    return After(evaluation, elsewhere, found.probabilities)


def run_examples(
    task: Task,
    sets: Sets,
    tokens: Tokens,
    classifier: Classifier,
    before: Before,
    after: After,
) -> tuple[Example, ...]:
    """The talk's examples, then the test messages that the fine-tuned model got most wrong."""
    settings = task.experiment.examples
    with task.progress.step("run the inference examples"):
        finetuned, _ = classifier.predict(tokens.examples, _untold)
        linear, _ = before.linear_model.predict([e.text for e in settings] or [""])
        own = Scored(before.untrained_examples, linear, finetuned)
        test = Scored(before.untrained_test, before.linear_test, after.finetuned_test)
        return (
            *own_examples(settings, own, task.labels),
            *missed_examples(sets.test, test, task.labels),
        )


# --- Predictions, each kept ---------------------------------------------------------------------


def predicted(
    task: Task,
    name: str,
    sequences: list[Ids],
    classifier: Classifier,
    training: float = 0.0,
) -> Scores:
    """What the classifier says of a set; `training` tells one training's model from another's."""
    work = classifier.layers * sum(map(len, sequences))
    key = (sequences, training)
    compute = functools.partial(classifier.predict, sequences, task.progress.tick)
    return kept_scores(task, name, key, work, compute)


def kept_scores(
    task: Task,
    name: str,
    made_from: tuple[object, ...],
    work: float,
    compute: Callable[[], tuple[np.ndarray, float]],
) -> Scores:
    """Do a step, or take its kept outcome; the step's time counts either way."""
    done: list[Scores] = []

    def make() -> bytes:
        started = time.perf_counter()
        probabilities, seconds = compute()
        took = time.perf_counter() - started
        done.append(Scores(tuple(map(float, probabilities)), seconds, took))
        return msgspec.json.encode(done[0])

    found = kept(task.folder, f"{name}.json", repr((Scores.__match_args__, made_from)), make)
    if done:
        return done[0]
    scores = msgspec.json.decode(found, type=Scores)
    task.progress.skip(work)
    task.progress.seconds[task.progress.step_name] += scores.took
    return scores


def judge_of(messages: Sequence[Message], seed: int) -> Judge:
    return Judge([message.positive for message in messages], seed)


def texts_of(messages: Sequence[Message]) -> list[str]:
    return [message.text for message in messages]


def _untold(_: float) -> None:
    """Work that no estimate counts."""


# --- The record ---------------------------------------------------------------------------------


def _of_linear(
    judge: Judge, linear: baselines.Linear, found: np.ndarray, seconds: float
) -> Evaluation:
    how = (
        "TF-IDF of words (1-2) and of letters inside words (2-5) with logistic regression, "
        f"C = {linear.strength:g} chosen on the validation set."
    )
    return judge(
        "TF-IDF + linear model",
        how,
        flags(found),
        fit_seconds=linear.fit_seconds,
        predict_seconds=seconds,
    )


def _of_finetuned(
    judge: Judge, scores: Scores, trained: Trained, classifier: Classifier
) -> Evaluation:
    training = trained.training
    how = f"Trained for {training.epochs} epoch{'s' if training.epochs > 1 else ''}"
    if training.epochs > 1:
        how += f"; epoch {training.best_epoch} was the best by F1 on the validation set"
    if classifier.frozen_layers:
        how += (
            f"; the embeddings and the lowest {classifier.frozen_layers} of "
            f"{classifier.layers} layers stay as they were"
        )
    return judge(
        "Fine-tuned",
        how + ".",
        flags(scores.probabilities),
        fit_seconds=training.seconds,
        predict_seconds=scores.seconds,
    )


def _run(task: Task, stages: tuple[Stage, ...], started: str) -> Run:
    return Run(
        id=run_id(task.fingerprint),
        fingerprint=task.fingerprint,
        quick=task.options.quick,
        seed=task.experiment.seed,
        started=started,
        seconds=sum(stage.seconds for stage in stages),
        command=task.options.command,
        code_version=machine.code_version(),
        machine=machine_name(machine.cores()),
        versions=machine.versions(),
        stages=stages,
    )


def _data(task: Task, sets: Sets, mean_tokens: float) -> Data:
    found, labels = task.data, task.labels
    train, validation, test = (
        Split(len(part), counts_of((message.positive for message in part), labels))
        for part in (sets.train, sets.validation, sets.test)
    )
    return Data(
        source=found.source,
        name=found.name,
        why=found.why,
        sha256=found.raw.sha256,
        licence=found.licence,
        citation=found.citation,
        messages=train.messages + validation.messages + test.messages,
        counts={
            label: sum(part.counts[label] for part in (train, validation, test))
            for label in labels.both
        },
        positive=labels.positive,
        negative=labels.negative,
        repeated=sets.messages.repeated,
        groups=sets.parts.groups,
        entities_cleaned=sets.messages.entities_cleaned,
        read=len(sets.messages.items),
        train=train,
        validation=validation,
        test=test,
        random_split_leak=sets.parts.leak,
        mean_tokens=mean_tokens,
    )


def _model(task: Task, classifier: Classifier, vocabulary: int) -> Model:
    found = task.model
    return Model(
        source=found.source,
        name=found.name,
        why=found.why,
        sha256=found.sha256,
        licence=found.licence,
        parameters=classifier.parameters(),
        trainable_parameters=classifier.parameters(trainable_only=True),
        layers=classifier.layers,
        frozen_layers=classifier.frozen_layers,
        vocabulary=vocabulary,
    )
