"""The ten steps of a run, in order: sets, tokens, baselines, training, test, examples."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import fmean
from typing import Any

import msgspec
import numpy as np

from pipeline.experiment import baselines, machine, sources
from pipeline.experiment import model as language
from pipeline.experiment.assemble import Evaluator, assemble
from pipeline.experiment.cache import RESULTS
from pipeline.experiment.data import Message, Messages, clean_all, read_raw
from pipeline.experiment.examples import Scored, missed_examples, own_examples
from pipeline.experiment.model import Classifier, Ids
from pipeline.experiment.progress import Progress
from pipeline.experiment.results import (
    Evaluation,
    Example,
    NextToken,
    Results,
    Tokenized,
    write_results,
)
from pipeline.experiment.split import Parts, split, subset
from pipeline.experiment.task import (
    MODEL,
    TRAINED,
    Scores,
    Task,
    Trained,
    keep,
    kept_scores,
    kept_training,
    key_of,
    scored,
)
from pipeline.experiment.training import Encoded, fine_tune, training_work


@dataclass(frozen=True, slots=True)
class Sets:
    """The messages that a run uses, split; `elsewhere` is the second test set, if there is one."""

    messages: Messages
    parts: Parts
    train: list[Message]
    validation: list[Message]
    test: list[Message]
    elsewhere: list[Message]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The same sets as token ids."""

    tokenizer: Any
    train: Encoded
    validation: Encoded
    test: list[Ids]
    elsewhere: list[Ids]
    examples: list[Ids]
    question: baselines.Question
    mean_tokens: float
    tokenized: tuple[Tokenized, ...]


@dataclass(frozen=True, slots=True)
class Before:
    """What was measured before training."""

    majority: Evaluation
    untrained: Evaluation
    prompted: Evaluation
    linear: Evaluation
    linear_model: baselines.Linear
    untrained_test: np.ndarray  # probabilities of the positive label
    linear_test: np.ndarray
    untrained_examples: np.ndarray
    next_tokens: tuple[NextToken, ...]


@dataclass(frozen=True, slots=True)
class After:
    """What was measured after training."""

    finetuned: Evaluation
    elsewhere: dict[str, Evaluation]
    finetuned_test: np.ndarray


def run_steps(task: Task, progress: Progress) -> Results:
    """All ten steps, or what is left of them; the results are written into the task's folder.

    An interrupted call leaves what it finished, and checkpoints of what it did not.
    """
    started = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with machine.quiet():
        sets = make_sets(task, progress)
        with progress.step("tokenize"):
            tokens = tokenize(task, sets)
        with progress.step("load the pre-trained model"):
            device = machine.prepare_device()
            classifier = language.load_classifier(
                task.model.folder,
                tokens.tokenizer,
                device,
                task.training.frozen_layers,
                task.experiment.seed,
            )
        progress.expect(work_left(task, classifier, tokens))
        before = evaluate_baselines(task, sets, tokens, classifier, progress)
        trained = train(task, classifier, tokens, progress)
        after = evaluate_test(task, sets, tokens, classifier, before, trained, progress)
        with progress.step("run the inference examples"):
            examples = run_examples(task, sets, tokens, classifier, before, after)
        progress.close()
        results = assemble(
            task, sets, tokens, classifier, before, trained, after, examples, progress, started
        )
    return write_results(results, task.folder / RESULTS)


def make_sets(task: Task, progress: Progress) -> Sets:
    """Clean and split; with --quick only a part of each set, the classes' shares kept."""
    seed, quick = task.experiment.seed, task.experiment.quick
    with progress.step("clean"):
        messages = clean_all(task.data.raw, task.labels)
        elsewhere = _second_test_set(task)
    with progress.step("split"):
        parts = split(messages, seed)
        chosen: list[Sequence[int]] = [parts.train, parts.validation, parts.test]
        if task.options.quick:
            sizes = (quick.train, quick.validation, quick.test)
            positives = messages.positives
            chosen = [
                subset(part, positives, size, seed)
                for part, size in zip(chosen, sizes, strict=True)
            ]
            positives = [message.positive for message in elsewhere]
            some = subset(range(len(elsewhere)), positives, quick.test // 2, seed)
            elsewhere = [elsewhere[i] for i in some]
    train_set, validation, test = ([messages.items[i] for i in part] for part in chosen)
    return Sets(messages, parts, train_set, validation, test, elsewhere)


def _second_test_set(task: Task) -> list[Message]:
    """The embedded sample, where it is not what the run is trained on."""
    path = sources.sample_path(task.config, task.experiment)
    if path is None or task.data.source == "sample":
        return []
    raw = read_raw(path, task.labels, "the sample")
    return [] if raw.sha256 == task.data.raw.sha256 else list(clean_all(raw, task.labels).items)


def tokenize(task: Task, sets: Sets) -> Tokens:
    """Each set as token ids, cut at the talk's `max_tokens`."""
    most = task.training.max_tokens
    tokenizer = language.load_tokenizer(task.model.folder)

    def ids(messages: Sequence[Message]) -> list[Ids]:
        return language.encode(tokenizer, [message.text for message in messages], most)

    def encoded(messages: Sequence[Message]) -> Encoded:
        return Encoded(ids(messages), [message.positive for message in messages])

    test_texts = [message.text for message in sets.test]
    used = [message.text for message in (*sets.train, *sets.validation, *sets.test)]
    whole = language.encode(tokenizer, used, most * 1000)
    return Tokens(
        tokenizer=tokenizer,
        train=encoded(sets.train),
        validation=encoded(sets.validation),
        test=ids(sets.test),
        elsewhere=ids(sets.elsewhere),
        examples=language.encode(tokenizer, [e.text for e in task.experiment.examples], most),
        question=baselines.ask(task.experiment, tokenizer, test_texts, most),
        mean_tokens=fmean(map(len, whole)),
        tokenized=tuple(language.tokenized(tokenizer, text) for text in task.experiment.tokenized),
    )


def work_left(task: Task, classifier: Classifier, tokens: Tokens) -> float:
    """What the steps that are not yet done will tick."""
    layers, test = classifier.layers, sum(map(len, tokens.test))
    elsewhere = layers * sum(map(len, tokens.elsewhere))
    work = float(elsewhere + layers * test)
    if not kept_scores(task.folder, "untrained", key_of(tokens.test)):
        work += layers * test
    if not kept_scores(task.folder, "prompted", _question_key(tokens)):
        work += layers * sum(map(len, tokens.question.sequences))
    if not kept_training(task.folder):
        work += training_work(classifier, tokens.train, tokens.validation, task.training.epochs)
    return max(work, 1.0)


def _question_key(tokens: Tokens) -> str:
    question = tokens.question
    return key_of(question.sequences, question.positive, question.negative)


def evaluate_baselines(
    task: Task, sets: Sets, tokens: Tokens, classifier: Classifier, progress: Progress
) -> Before:
    """The four that need no fine-tuning, on the test set; and what the language model predicts."""
    seed = task.experiment.seed
    evaluator = Evaluator(task, sets.test)
    with progress.step("evaluate the baselines"):
        untrained = scored(
            task,
            "untrained",
            key_of(tokens.test),
            progress,
            lambda: language.predict(classifier, tokens.test, progress.tick),
        )
        untrained_examples, _ = language.predict(classifier, tokens.examples, lambda _: None)
        linear = baselines.fit_linear(
            ([m.text for m in sets.train], tokens.train.positives),
            ([m.text for m in sets.validation], tokens.validation.positives),
            seed,
        )
        linear_test, linear_seconds = linear.predict([m.text for m in sets.test])
    with progress.step("load the pre-trained model"):
        asked = language.load_language_model(task.model.folder, classifier.device)
    pad = tokens.tokenizer.pad_token_id
    with progress.step("evaluate the baselines"):
        prompted = scored(
            task,
            "prompted",
            _question_key(tokens),
            progress,
            lambda: baselines.answer(
                asked, tokens.question, pad, classifier.layers, classifier.device, progress.tick
            ),
        )
    with progress.step("run the inference examples"):
        next_tokens = tuple(
            language.next_token(asked, tokens.tokenizer, classifier.device, p.prompt, p.truth)
            for p in task.experiment.next_tokens
        )
    asked = None
    gc.collect()
    return Before(
        majority=evaluator.majority(tokens.train.positives),
        untrained=evaluator.untrained(untrained),
        prompted=evaluator.prompted(prompted, tokens.question),
        linear=evaluator.linear(linear, linear_test, linear_seconds),
        linear_model=linear,
        untrained_test=np.array(untrained.probabilities),
        linear_test=linear_test,
        untrained_examples=untrained_examples,
        next_tokens=next_tokens,
    )


def train(task: Task, classifier: Classifier, tokens: Tokens, progress: Progress) -> Trained:
    """Fine-tune, or take the model that was; the classifier ends with its weights either way."""
    trained = kept_training(task.folder)
    model = task.folder / MODEL
    with progress.step("fine-tune"):
        measured = progress.seconds["fine-tune"]
        if trained:
            language.load_weights(classifier, model)
        else:
            checkpoints = task.folder / "checkpoints"
            needed = 4 * (9 * classifier.parameters(trainable_only=True) + classifier.parameters())
            machine.check_disk(task.folder, needed)
            training, spent = fine_tune(
                classifier,
                tokens.train,
                tokens.validation,
                task.training,
                task.experiment.seed,
                checkpoints,
                progress.tick,
            )
            trained = Trained(training, spent.evaluation_seconds)
            part = task.folder / f"{MODEL}.part"
            shutil.rmtree(part, ignore_errors=True)
            language.save_classifier(classifier, part)
            shutil.rmtree(model, ignore_errors=True)
            part.rename(model)
            keep(task.folder / TRAINED, msgspec.json.encode(trained))
            shutil.rmtree(checkpoints, ignore_errors=True)
    # By the training's own clock: an interrupted one has run in more than one process.
    spent_evaluating = trained.evaluation_seconds
    progress.seconds["fine-tune"] = measured + trained.training.seconds - spent_evaluating
    progress.seconds["evaluate on the validation set"] = spent_evaluating
    return trained


def evaluate_test(
    task: Task,
    sets: Sets,
    tokens: Tokens,
    classifier: Classifier,
    before: Before,
    trained: Trained,
    progress: Progress,
) -> After:
    """The fine-tuned model on the test set, and it and the linear one on the second test set."""

    def predicted(name: str, sequences: list[Ids]) -> Scores:
        return scored(
            task,
            name,
            key_of(sequences, trained.training.seconds),
            progress,
            lambda: language.predict(classifier, sequences, progress.tick),
        )

    elsewhere = {}
    with progress.step("evaluate on the test set"):
        finetuned = predicted("finetuned", tokens.test)
        if sets.elsewhere:
            evaluator = Evaluator(task, sets.elsewhere)
            linear, seconds = before.linear_model.predict([m.text for m in sets.elsewhere])
            elsewhere = {
                "linear": evaluator.linear(before.linear_model, linear, seconds),
                "finetuned": evaluator.finetuned(
                    predicted("elsewhere", tokens.elsewhere), trained, classifier
                ),
            }
    evaluation = Evaluator(task, sets.test).finetuned(finetuned, trained, classifier)
    return After(evaluation, elsewhere, np.array(finetuned.probabilities))


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
    finetuned, _ = language.predict(classifier, tokens.examples, lambda _: None)
    linear, _ = before.linear_model.predict([e.text for e in settings] or [""])
    own = Scored(before.untrained_examples, linear, finetuned)
    test = Scored(before.untrained_test, before.linear_test, after.finetuned_test)
    return (
        *own_examples(settings, own, task.labels),
        *missed_examples(sets.test, test, task.labels),
    )
