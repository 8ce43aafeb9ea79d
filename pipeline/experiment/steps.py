"""The ten steps of a run, in order: sets and tokens, baselines, training, test, examples."""

from __future__ import annotations

import gc
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
import numpy as np

from pipeline.experiment import machine
from pipeline.experiment.assemble import Evaluator, assemble
from pipeline.experiment.examples import Scored, missed_examples, own_examples
from pipeline.experiment.model import baselines
from pipeline.experiment.model import pretrained as language
from pipeline.experiment.model.pretrained import Classifier, Ids
from pipeline.experiment.model.training import fine_tune, training_work
from pipeline.experiment.progress import Progress
from pipeline.experiment.sets import Sets, Tokens, make_sets, tokenize
from pipeline.experiment.store import RESULTS
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
from pipeline.results import (
    Evaluation,
    Example,
    NextToken,
    Results,
    write_results,
)


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
