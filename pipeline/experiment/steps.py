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
from pipeline.experiment.data.split import Sets, make_sets, subset
from pipeline.experiment.examples import (
    Probabilities,
    Scored,
    missed_examples,
    own_examples,
    said_labels,
)
from pipeline.experiment.metrics import Judge, compared, predictions_of
from pipeline.experiment.model import baselines
from pipeline.experiment.model.frozen_layers import Ids
from pipeline.experiment.model.pretrained import (
    Classifier,
    Encoded,
    encode,
    encode_messages,
    generates,
    layers_in,
    load_classifier,
    load_language_model,
    load_tokenizer,
    most_tokens,
    tokenized,
)
from pipeline.experiment.model.training import fine_tune, training_work
from pipeline.experiment.plan import Fingerprint, Options, run_id
from pipeline.experiment.progress import Progress
from pipeline.experiment.sources import DataFound, ModelFound, second_test_set
from pipeline.experiment.store import MODEL, RESULTS, Trained
from pipeline.files import kept
from pipeline.machine import machine_name
from pipeline.problems import Source, TalkError, nearest
from pipeline.results import (
    CLASSIFIERS,
    SCHEMA,
    Comparison,
    Data,
    Evaluation,
    Example,
    Model,
    NextToken,
    Predictions,
    Results,
    Run,
    Score,
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
        return self.data.labels

    @property
    def positive(self) -> int | None:
        """The place of the label that the talk hunts, where it names one."""
        return self.labels.positive_place

    @property
    def training(self) -> TrainingSettings:
        settings = self.experiment.training_of(self.model.name)
        return replace(settings, epochs=1) if self.options.quick else settings


@dataclass(frozen=True, slots=True)
class Tokens:
    """The sets as token ids."""

    tokenizer: PreTrainedTokenizerBase
    generates: bool  # whether the model continues texts
    train: Encoded
    validation: Encoded
    test: list[Ids]
    elsewhere: list[Ids]
    examples: list[Ids]
    question: baselines.Question | None  # None: the model isn't asked
    mean_tokens: float
    tokenized: tuple[Tokenized, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """Each label's probability for one set of messages, as a kept step left them."""

    rows: tuple[tuple[float, ...], ...]
    seconds: float  # to predict, the frozen layers' share included
    took: float  # by the clock, when it was done

    @property
    def probabilities(self) -> Probabilities:
        return np.array(self.rows)

    @property
    def said(self) -> list[int]:
        return said_labels(self.probabilities)


@dataclass(frozen=True, slots=True)
class Before:
    """What was measured before training: the baselines that the talk asks for."""

    evaluations: dict[str, Evaluation]
    said: dict[str, list[int]]  # of the test set
    linear_model: baselines.Linear | None
    untrained_test: Probabilities | None
    linear_test: Probabilities | None
    untrained_examples: Probabilities | None
    next_tokens: tuple[NextToken, ...]


@dataclass(frozen=True, slots=True)
class After:
    """What was measured after training."""

    finetuned: Evaluation
    elsewhere: dict[str, Evaluation]
    finetuned_test: Probabilities
    elsewhere_said: dict[str, list[int]]


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
    predictions, comparisons = compare(task, sets, before, after)
    results = Results(
        schema=SCHEMA,
        run=_run(task, task.progress.stages(), started, classifier.device),
        data=_data(task, sets, tokens.mean_tokens),
        model=_model(task, classifier, len(tokens.tokenizer), tokens.generates),
        training=trained.training,
        majority=before.evaluations.get("majority"),
        untrained=before.evaluations.get("untrained"),
        prompted=before.evaluations.get("prompted"),
        few_shot=before.evaluations.get("few_shot"),
        linear=before.evaluations.get("linear"),
        frozen=before.evaluations.get("frozen"),
        finetuned=after.finetuned,
        elsewhere=after.elsewhere,
        elsewhere_name=task.experiment.data.sample_name if after.elsewhere else "",
        predictions=predictions,
        comparisons=comparisons,
        examples=examples,
        next_tokens=before.next_tokens,
        tokenized=tokens.tokenized,
    )
    return write_results(results, task.folder / RESULTS)


# --- The steps ----------------------------------------------------------------------------------


def clean_and_split(task: Task) -> Sets:
    """Steps two and three; with --quick only a part of each set, the classes' shares kept."""
    seed, quick = task.experiment.seed, task.experiment.quick
    _check_labels(task)
    with task.progress.step("clean"):
        messages = clean_all(task.data.raw, task.labels)
        elsewhere = second_test_set(task.config, task.experiment, task.data)
    with task.progress.step("split"):
        sets = make_sets(messages, seed)
        if task.options.quick:
            sets = sets.at_most(
                seed, train=quick.train, validation=quick.validation, test=quick.test
            )
            places = [message.label for message in elsewhere]
            some = subset(range(len(elsewhere)), places, quick.test // 2, seed)
            elsewhere = tuple(elsewhere[i] for i in some)
    return replace(sets, elsewhere=elsewhere)


def _check_labels(task: Task) -> None:
    """Raises TalkError for an example or an answer whose label the data has not."""
    names, experiment, where = task.labels.names, task.experiment, Source(task.config.path)
    for example in experiment.examples:
        if example.label not in names:
            message = f"example `{example.id}` has the unknown label `{example.label}`"
            raise TalkError(message, where, nearest(example.label, names))
    for label in experiment.answers:
        if label not in names:
            message = f"an answer is given for the unknown label `{label}`"
            raise TalkError(message, where, nearest(label, names))


def tokenize(task: Task, sets: Sets) -> Tokens:
    """Each set as token ids, cut at the talk's `max_tokens`."""
    most, experiment = task.training.max_tokens, task.experiment
    with task.progress.step("tokenize"):
        _check_fit(task)
        tokenizer, can_go_on = load_tokenizer(task.model.folder), generates(task.model.folder)
        test = texts_of(sets.test)
        used = [*texts_of(sets.train), *texts_of(sets.validation), *test]
        asks = "prompted" in experiment.asked_baselines and can_go_on
        return Tokens(
            tokenizer=tokenizer,
            generates=can_go_on,
            train=encode_messages(tokenizer, sets.train, most),
            validation=encode_messages(tokenizer, sets.validation, most),
            test=encode(tokenizer, test, most),
            elsewhere=encode(tokenizer, texts_of(sets.elsewhere), most),
            examples=encode(tokenizer, [example.text for example in experiment.examples], most),
            question=baselines.ask(experiment, tokenizer, test, task.labels, most)
            if asks
            else None,
            mean_tokens=fmean(map(len, encode(tokenizer, used, most * 1000))),
            tokenized=tuple(tokenized(tokenizer, text) for text in experiment.tokenized),
        )


def _check_fit(task: Task) -> None:
    """Raises TalkError where the settings are made for another model."""
    name, training = task.model.name, task.training
    most, layers = most_tokens(task.model.folder), layers_in(task.model.folder)
    own = f'[experiment.models."{name}"] of talk.toml:'
    if 0 < most < training.max_tokens:
        message = f"`max_tokens` is {training.max_tokens}, and {name} reads {most} at most"
        raise TalkError(message, Source(task.config.path), f"{own} max_tokens = {most}")
    used = min(training.used_layers or layers, layers)
    if 0 < used <= training.frozen_layers:
        which = f"{name} has {layers} layers"
        if used < layers:
            which = f"the lowest {used} layers of {name} are used"
        message = f"`frozen_layers` is {training.frozen_layers}, and {which}"
        hint = f"{own} frozen_layers = {used * 2 // 3}"
        raise TalkError(message, Source(task.config.path), hint)


def load(task: Task, tokens: Tokens) -> Classifier:
    """The pre-trained model with a new head; from here on it is known how much there is to do."""
    with task.progress.step("load the pre-trained model"):
        classifier = load_classifier(
            task.model.folder,
            tokens.tokenizer,
            machine.prepare_device(),
            task.training,
            task.experiment.seed,
            len(task.labels.names),
        )
    if classifier.frozen_layers and not classifier.shortcut:
        task.progress.say(
            f"model: what the {classifier.frozen_layers} frozen layers of {task.model.name} give "
            "is computed at each step: for this architecture it can't be kept"
        )
    if not tokens.generates and (task.experiment.next_tokens or task.experiment.question):
        task.progress.say(
            f"model: {task.model.name} reads texts and continues none: it is asked no question and "
            "predicts no next token"
        )
    training = training_work(classifier, tokens.train, tokens.validation)
    tests = len({"untrained"} & {*task.experiment.asked_baselines}) + 1
    asked = tokens.question.sequences if tokens.question else ()
    sequences = (*tokens.test * tests, *tokens.elsewhere, *asked)
    work = classifier.layers * sum(map(len, sequences))
    task.progress.expect(work + (0 if task.trained else training.total(task.training.epochs)))
    return classifier


def evaluate_baselines(task: Task, sets: Sets, tokens: Tokens, classifier: Classifier) -> Before:
    """Those that need no fine-tuning, on the test set; and what the language model predicts."""
    seed, labels, wanted = task.experiment.seed, task.labels, task.experiment.asked_baselines
    judge, found = judge_of(sets.test, labels, seed), dict[str, Evaluation]()
    untrained = untrained_examples = linear = linear_test = None
    said: dict[str, list[int]] = {}
    with task.progress.step("evaluate the baselines"):
        if "majority" in wanted:
            found["majority"], said["majority"] = _majority(judge, tokens.train)
        if "untrained" in wanted:
            untrained = predicted(task, "untrained", tokens.test, classifier)
            untrained_examples, _ = classifier.predict(tokens.examples, _untold)
            found["untrained"], said["untrained"] = _untrained(judge, untrained), untrained.said
        if "linear" in wanted:
            linear = baselines.fit_linear(sets.train, sets.validation, labels, seed)
            linear_test, seconds = linear.predict(texts_of(sets.test))
    prompted, next_tokens = _ask(task, tokens, classifier)
    gc.collect()  # the language model is not needed any more
    if prompted and tokens.question:
        said["prompted"] = prompted.said
        found["prompted"] = judge(
            "Asked in a prompt",
            tokens.question.how,
            prompted.said,
            predict_seconds=prompted.seconds,
        )
    if linear and linear_test is not None:
        said["linear"] = said_labels(linear_test)
        found["linear"] = _of_linear(judge, linear, linear_test, seconds)
    return Before(
        evaluations=found,
        said=said,
        linear_model=linear,
        untrained_test=untrained.probabilities if untrained else None,
        linear_test=linear_test,
        untrained_examples=untrained_examples,
        next_tokens=next_tokens,
    )


def _majority(judge: Judge, train: Encoded) -> tuple[Evaluation, list[int]]:
    """The commonest label of the training set, said of every message; the first of equals."""
    names = judge.labels.names
    common = max(range(len(names)), key=train.labels.count)
    said = [common] * len(judge.truth)
    commoner = "commoner" if len(names) == 2 else "commonest"
    how = f"Calls every message {names[common]}, the {commoner} label of the training set."
    made = judge(f"Always {names[common]}", how, said)
    # What never says a label has an F1 of 0 of it on any messages: nothing of that is uncertain.
    exact = {
        name: scores if name == names[common] else replace(scores, f1=_exact(scores.f1))
        for name, scores in made.labels.items()
    }
    f1 = exact[judge.labels.positive].f1 if judge.labels.positive else made.f1
    return replace(made, f1=f1, labels=exact), said


def _exact(score: Score) -> Score:
    return replace(score, low=None, high=None)


def _untrained(judge: Judge, scores: Scores) -> Evaluation:
    how = f"The pre-trained model with its new, random head (seed {judge.seed}), not trained."
    return judge("Before training", how, scores.said, predict_seconds=scores.seconds)


def _ask(
    task: Task, tokens: Tokens, classifier: Classifier
) -> tuple[Scores | None, tuple[NextToken, ...]]:
    """What the pre-trained model says with its own head: to the question, and after the prompts."""
    question, layers, prompted = tokens.question, classifier.layers, None
    if not tokens.generates or not (question or task.experiment.next_tokens):
        return None, ()
    with task.progress.step("load the pre-trained model"):
        asked = load_language_model(task.model.folder, tokens.tokenizer, classifier.device)
    if question:
        with task.progress.step("evaluate the baselines"):
            prompted = kept_scores(
                task,
                "prompted",
                (question.sequences, question.answers),
                layers * sum(map(len, question.sequences)),
                functools.partial(baselines.answer, asked, question, layers, task.progress.tick),
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
            trained = _fine_tune(task, tokens, classifier)
            with put_in_place(folder / MODEL) as made:
                classifier.save(made)
                seal(made, trained)
        shutil.rmtree(folder / "checkpoints", ignore_errors=True)  # or what a killed call left
    # By the training's own clock: an interrupted one has run in more than one process.
    spent_evaluating = trained.evaluation_seconds
    task.progress.seconds["fine-tune"] = measured + trained.training.seconds - spent_evaluating
    task.progress.seconds["evaluate on the validation set"] = spent_evaluating
    return trained


def _fine_tune(task: Task, tokens: Tokens, classifier: Classifier) -> Trained:
    training, spent = fine_tune(
        classifier,
        tokens.train,
        tokens.validation,
        task.training,
        task.experiment.seed,
        task.folder / "checkpoints",
        task.progress.tick,
        positive=task.positive,
    )
    return Trained(training, spent.evaluation_seconds)


def train_along(task: Task) -> None:
    """What a process does that was started beside the first one: its part of each batch."""
    with machine.quiet():
        tokens = tokenize(task, clean_and_split(task))
        classifier = load(task, tokens)
        if not task.trained:
            _fine_tune(task, tokens, classifier)


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
    elsewhere, said = dict[str, Evaluation](), dict[str, list[int]]()
    with task.progress.step("evaluate on the test set"):
        found = predicted(task, "finetuned", tokens.test, classifier, seconds)
        if sets.elsewhere:
            judge = judge_of(sets.elsewhere, task.labels, seed)
            scores = predicted(task, "elsewhere", tokens.elsewhere, classifier, seconds)
            if linear:
                rows, took = linear.predict(texts_of(sets.elsewhere))
                elsewhere["linear"] = _of_linear(judge, linear, rows, took)
                said["linear"] = said_labels(rows)
            elsewhere["finetuned"] = _of_finetuned(judge, scores, trained, classifier)
            said["finetuned"] = scores.said
    judge = judge_of(sets.test, task.labels, seed)
    evaluation = _of_finetuned(judge, found, trained, classifier)
    return After(evaluation, elsewhere, found.probabilities, said)


def compare(
    task: Task, sets: Sets, before: Before, after: After
) -> tuple[dict[str, Predictions], tuple[Comparison, ...]]:
    """What each classifier said of each message of both test sets, and each pair compared."""
    said = {**before.said, "finetuned": said_labels(after.finetuned_test)}
    said = {name: said[name] for name in CLASSIFIERS if name in said}
    predictions, comparisons = dict[str, Predictions](), list[Comparison]()
    for name, messages, found in (
        ("test", sets.test, said),
        ("elsewhere", sets.elsewhere, after.elsewhere_said),
    ):
        if messages:
            truth = [message.label for message in messages]
            predictions[name] = predictions_of(truth, found, task.labels)
            at = "" if name == "test" else f"{name}."
            placed = {f"{at}{one}": labels for one, labels in found.items()}
            comparisons += compared(truth, placed, task.labels, task.experiment.seed)
    return predictions, tuple(comparisons)


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
        linear = None
        if before.linear_model:
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
        done.append(Scores(tuple(map(tuple, probabilities.tolist())), seconds, took))
        return msgspec.json.encode(done[0])

    found = kept(task.folder, f"{name}.json", repr((Scores.__match_args__, made_from)), make)
    if done:
        return done[0]
    scores = msgspec.json.decode(found, type=Scores)
    task.progress.skip(work)
    task.progress.seconds[task.progress.step_name] += scores.took
    return scores


def judge_of(messages: Sequence[Message], labels: Labels, seed: int) -> Judge:
    return Judge([message.label for message in messages], labels, seed)


def texts_of(messages: Sequence[Message]) -> list[str]:
    return [message.text for message in messages]


def _untold(_: float) -> None:
    """Work that no estimate counts."""


# --- The record ---------------------------------------------------------------------------------


def _of_linear(
    judge: Judge, linear: baselines.Linear, found: np.ndarray, seconds: float
) -> Evaluation:
    how = (
        "TF-IDF of words (1-2) and of letters inside words (2-5) with "
        f"{'multinomial ' if len(judge.labels.names) > 2 else ''}logistic regression, "
        f"C = {linear.strength:g} chosen on the validation set."
    )
    return judge(
        "TF-IDF + linear model",
        how,
        said_labels(found),
        fit_seconds=linear.fit_seconds,
        predict_seconds=seconds,
    )


def _of_finetuned(
    judge: Judge, scores: Scores, trained: Trained, classifier: Classifier
) -> Evaluation:
    training = trained.training
    how = f"Trained for {training.epochs} epoch{'s' if training.epochs > 1 else ''}"
    if training.epochs > 1:
        which = "F1" if judge.labels.positive else "macro-F1"
        how += f"; epoch {training.best_epoch} was the best by {which} on the validation set"
    if classifier.frozen_layers:
        how += (
            f"; the embeddings and the lowest {classifier.frozen_layers} of "
            f"{classifier.layers} layers stay as they were"
        )
    if above := classifier.layers_of_model - classifier.layers:
        how += f"; the {above} layers above them are left out"
    if classifier.pooling == "mean":
        how += "; it classifies by the mean of all tokens' states"
    return judge(
        "Fine-tuned",
        how + ".",
        scores.said,
        fit_seconds=training.seconds,
        predict_seconds=scores.seconds,
    )


def _run(task: Task, stages: tuple[Stage, ...], started: str, device: machine.Device) -> Run:
    return Run(
        id=run_id(task.fingerprint),
        fingerprint={**task.fingerprint, "machine": machine.made_on(device)},
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
        Split(len(part), counts_of((message.label for message in part), labels))
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
            for label in labels.names
        },
        labels=labels.names,
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
        test_repeats=sets.parts.test_repeats,
        mean_tokens=mean_tokens,
    )


def _model(task: Task, classifier: Classifier, vocabulary: int, can_go_on: bool) -> Model:
    found = task.model
    return Model(
        source=found.source,
        name=found.name,
        why=found.why,
        sha256=found.sha256,
        licence=found.licence,
        parameters=classifier.parameters(),
        trainable_parameters=classifier.parameters(trainable_only=True),
        layers=classifier.layers_of_model,
        frozen_layers=classifier.frozen_layers,
        used_layers=classifier.layers,
        vocabulary=vocabulary,
        kind="causal" if can_go_on else "encoder",
        instruct=found.instruct,
    )
