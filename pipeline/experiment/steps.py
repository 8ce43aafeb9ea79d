"""The ten steps of a run, in order: sets and tokens, baselines, training, test, examples."""

from __future__ import annotations

import dataclasses
import functools
import gc
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from statistics import fmean

import msgspec
import numpy as np
from msgspec.structs import replace
from transformers import PreTrainedTokenizerBase

from pipeline.experiment import machine
from pipeline.experiment.data.messages import Message, clean_all
from pipeline.experiment.data.split import Sets, make_sets, plain_sets, subset
from pipeline.experiment.examples import Scored, missed_examples, own_examples
from pipeline.experiment.heads import keep_heads
from pipeline.experiment.ladder import Ground, Rung, Scores, asking_work, climb, on_plain_split
from pipeline.experiment.metrics import Judge, compared, predictions_of
from pipeline.experiment.model.frozen_layers import Ids
from pipeline.experiment.model.pretrained import (
    Classifier,
    Encoded,
    LanguageModel,
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
from pipeline.experiment.model.prompts import THRESHOLD_MESSAGES
from pipeline.experiment.model.states import States, read_states
from pipeline.experiment.model.training import fine_tune, training_work
from pipeline.experiment.sources import second_test_set
from pipeline.experiment.store import MODEL, RESULTS, Trained
from pipeline.experiment.task import Task, data_of, model_of, run_of
from pipeline.files import kept, make_way
from pipeline.problems import Source, TalkError, nearest
from pipeline.results import (
    CLASSIFIERS,
    SCHEMA,
    Comparison,
    Evaluation,
    Example,
    NextToken,
    Predictions,
    Results,
    Score,
    Tokenized,
    write_results,
)
from pipeline.seals import put_in_place, seal


class Tokens(msgspec.Struct, frozen=True):
    """The sets as token ids."""

    tokenizer: PreTrainedTokenizerBase
    generates: bool  # whether the model continues texts
    train: Encoded
    validation: Encoded
    test: list[Ids]
    elsewhere: list[Ids]
    examples: list[Ids]
    all: list[Ids]  # whose states are read: of a whole run every message, whatever set it is in
    mean_tokens: float
    tokenized: tuple[Tokenized, ...]

    @property
    def to_read(self) -> int:
        """Tokens of all texts, each once."""
        return sum(map(len, {tuple(ids) for ids in self.all}))


class Before(msgspec.Struct, frozen=True):
    """What was measured before training: the baselines that the talk asks for."""

    rungs: dict[str, Rung]
    plain_split: dict[str, Score]
    next_tokens: tuple[NextToken, ...]


def run_steps(task: Task) -> Results:
    """All ten steps, or what is left of them; the results are written into the task's folder.

    An interrupted call leaves what it finished, and checkpoints of what it did not.
    """
    started = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with machine.quiet():
        sets, plain = clean_and_split(task)
        tokens = tokenize(task, sets, plain)
        classifier = load(task, tokens)
        states = read(task, tokens, classifier)
        before = climb_baselines(task, sets, plain, tokens, classifier, states)
        trained = train(task, tokens, classifier, states)
        finetuned = evaluate_test(task, tokens, classifier, trained)
        rungs = {**before.rungs, "finetuned": finetuned}
        examples = run_examples(task, sets, rungs)
    task.progress.close()
    found, predictions, comparisons = judged(task, sets, rungs)
    results = Results(
        schema=SCHEMA,
        run=run_of(task, task.progress.stages(), started, classifier.device),
        data=data_of(task, sets, tokens.mean_tokens),
        model=model_of(task, classifier, len(tokens.tokenizer), tokens.generates),
        training=trained.training,
        majority=found["test"].get("majority"),
        untrained=found["test"].get("untrained"),
        prompted=found["test"].get("prompted"),
        few_shot=found["test"].get("few_shot"),
        linear=found["test"].get("linear"),
        frozen=found["test"].get("frozen"),
        finetuned=found["test"]["finetuned"],
        elsewhere=found["elsewhere"],
        elsewhere_name=task.experiment.data.sample_name if found["elsewhere"] else "",
        predictions=predictions,
        comparisons=comparisons,
        examples=examples,
        next_tokens=before.next_tokens,
        tokenized=tokens.tokenized,
        plain_split=before.plain_split,
    )
    heads = {name: rung.head for name, rung in rungs.items() if rung.head}
    keep_heads(task.folder, heads, results)
    make_way(task.folder / RESULTS)
    return write_results(results, task.folder / RESULTS)


# --- The steps ----------------------------------------------------------------------------------


def clean_and_split(task: Task) -> tuple[Sets, Sets]:
    """Steps two and three, and a plain split beside; with --quick only a part of each set."""
    seed, quick = task.experiment.seed, task.experiment.quick
    _check_labels(task)
    with task.progress.step("clean"):
        messages = clean_all(task.data.raw, task.labels)
        elsewhere = second_test_set(task.config, task.experiment, task.data)
    with task.progress.step("split"):
        sets, plain = make_sets(messages, seed), plain_sets(messages, seed)
        if task.options.quick:
            sets, plain = (
                each.at_most(seed, train=quick.train, validation=quick.validation, test=quick.test)
                for each in (sets, plain)
            )
            places = [message.label for message in elsewhere]
            some = subset(range(len(elsewhere)), places, quick.test // 2, seed)
            elsewhere = tuple(elsewhere[i] for i in some)
    return dataclasses.replace(sets, elsewhere=elsewhere), plain


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
    words = [experiment.answers.get(label, label) for label in names]
    if same := next((word for word in words if words.count(word) > 1), ""):
        hint = "give each its own in [experiment.answers] of talk.toml"
        raise TalkError(f"the answer `{same}` stands for two labels", where, hint)


def tokenize(task: Task, sets: Sets, plain: Sets) -> Tokens:
    """Each set as token ids, cut at the talk's `max_tokens`."""
    most, experiment = task.training.max_tokens, task.experiment
    with task.progress.step("tokenize"):
        _check_fit(task)
        tokenizer = load_tokenizer(task.model.folder)
        used = _used(sets)
        every = used + _used(plain) if task.options.quick else sets.messages.texts
        elsewhere = encode(tokenizer, texts_of(sets.elsewhere), most)
        examples = encode(tokenizer, [example.text for example in experiment.examples], most)
        return Tokens(
            tokenizer=tokenizer,
            generates=generates(task.model.folder),
            train=encode_messages(tokenizer, sets.train, most),
            validation=encode_messages(tokenizer, sets.validation, most),
            test=encode(tokenizer, texts_of(sets.test), most),
            elsewhere=elsewhere,
            examples=examples,
            all=[*encode(tokenizer, every, most), *elsewhere, *examples],
            mean_tokens=fmean(map(len, encode(tokenizer, used, most * 1000))),
            tokenized=tuple(tokenized(tokenizer, text) for text in experiment.tokenized),
        )


def _used(sets: Sets) -> list[str]:
    return [text for part in (sets.train, sets.validation, sets.test) for text in texts_of(part)]


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
    if untried := _untried(task):
        task.progress.say(f"training: {untried}")
    task.progress.expect(sum(_work(task, tokens, classifier)))
    return classifier


def _untried(task: Task) -> str:
    """That a model's settings were chosen on no data; empty where they were, or nobody says so."""
    experiment, model = task.experiment, task.model.name
    tried, how = experiment.model.settings_for, experiment.how_chosen(model)
    if not tried or how == "for this model":
        return ""
    if how == "by its shape":
        return f"the settings for {model} go by its shape and were tried on no data"
    return f"the settings were chosen for {tried} and are untried on {model}"


def _work(task: Task, tokens: Tokens, classifier: Classifier) -> Iterator[float]:
    """What there is to do, in tokens through layers: reading, prompts, training, tests."""
    layers, shortcut = classifier.layers, bool(classifier.shortcut)
    reads = _reads_states(task)
    if reads:
        yield layers * tokens.to_read
    if tokens.generates and "prompted" in task.experiment.asked_baselines:
        yield asking_work(layers, tokens.test)
    if tokens.generates and "few_shot" in task.experiment.asked_baselines:
        held = tokens.validation.sequences[:THRESHOLD_MESSAGES]
        yield task.experiment.draws * asking_work(layers, [*held, *tokens.test])
    upper = layers - classifier.frozen_layers if shortcut and reads else layers
    yield upper * sum(map(len, (*tokens.test, *tokens.elsewhere)))
    if not task.trained:
        work = training_work(classifier, tokens.train, tokens.validation)
        yield work.total(task.training.epochs) - (work.reading if reads else 0)


def _reads_states(task: Task) -> bool:
    """Whether a rung needs states; without one the fine-tuning reads what it needs by itself."""
    return bool({"untrained", "frozen"} & {*task.experiment.asked_baselines})


def read(task: Task, tokens: Tokens, classifier: Classifier) -> States | None:
    """States of the pre-trained model, for the baselines and for the layers that stay frozen."""
    if not _reads_states(task):
        return None
    progress, settings = task.progress, task.training
    with progress.step("evaluate the baselines"):
        started, before = time.perf_counter(), progress.done
        states = read_states(
            task.model,
            classifier.device,
            settings,
            classifier.tokenizer.pad_token_id,
            tokens.all,
            task.options.folder(task.config),
            progress.tick,
        )
        if classifier.shortcut:
            classifier.shortcut.kept = states
        # What was read before counts as if it were read now.
        took = time.perf_counter() - started
        whole = states.seconds(states.layers[-1], [list(key) for key in states.places])
        progress.seconds[progress.step_name] += max(0.0, whole - took)
        work = classifier.layers * tokens.to_read
        progress.skip(max(0.0, work - (progress.done - before)))
    return states


def climb_baselines(
    task: Task,
    sets: Sets,
    plain: Sets,
    tokens: Tokens,
    classifier: Classifier,
    states: States | None,
) -> Before:
    """Those that need no fine-tuning, on the test set; and what the language model predicts."""
    wanted, next_tokens = task.experiment.asked_baselines, tuple[NextToken, ...]()
    with _language_model(task, tokens, classifier) as asked:
        ground = _ground(task, sets, tokens, classifier, states, asked)
        with task.progress.step("evaluate the baselines"):
            rungs = climb(ground, wanted)
            plain_split = on_plain_split(ground, plain, rungs)
        if asked:
            with task.progress.step("run the inference examples"):
                prompts = task.experiment.next_tokens
                next_tokens = tuple(asked.next_token(each.prompt, each.truth) for each in prompts)
    return Before(rungs, plain_split, next_tokens)


@contextmanager
def _language_model(
    task: Task, tokens: Tokens, classifier: Classifier
) -> Iterator[LanguageModel | None]:
    """The pre-trained model with its own head, where anything is asked of it; gone at the end."""
    asks = {"prompted", "few_shot"} & {*task.experiment.asked_baselines}
    if not tokens.generates or not (asks or task.experiment.next_tokens):
        yield None
        return
    with task.progress.step("load the pre-trained model"):
        asked = load_language_model(task.model.folder, tokens.tokenizer, classifier.device)
    yield asked
    del asked
    gc.collect()


def _ground(
    task: Task,
    sets: Sets,
    tokens: Tokens,
    classifier: Classifier,
    states: States | None,
    asked: LanguageModel | None,
) -> Ground:
    examples = [example.text for example in task.experiment.examples]
    return Ground(
        experiment=task.experiment,
        labels=task.labels,
        sets=sets,
        tokenizer=tokens.tokenizer,
        train=tokens.train,
        validation=tokens.validation,
        tried={
            "test": (texts_of(sets.test), tokens.test),
            "elsewhere": (texts_of(sets.elsewhere), tokens.elsewhere),
            "examples": (examples, tokens.examples),
        },
        states=states,
        pooling=classifier.pooling,
        max_tokens=task.training.max_tokens,
        positions=most_tokens(task.model.folder),
        asked=asked,
        layers=classifier.layers,
        keep=functools.partial(kept_scores, task),
        tick=task.progress.tick,
    )


def train(task: Task, tokens: Tokens, classifier: Classifier, states: States | None) -> Trained:
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
    # By the training's own clock: an interrupted one has run in more than one process. What its
    # frozen layers read belongs to it, and was counted when it was read.
    spent_evaluating = trained.evaluation_seconds
    again = trained.reading_seconds if states and classifier.shortcut else 0.0
    took = max(0.0, trained.training.seconds - spent_evaluating - again)
    task.progress.seconds["fine-tune"] = measured + took
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
    how, reading = task.experiment.how_chosen(task.model.name), 0.0
    if classifier.shortcut:  # which remembers them all by now
        read = [*tokens.train.sequences, *tokens.validation.sequences]
        reading = classifier.shortcut.remember(read, _untold)
    return Trained(replace(training, settings=how), spent.evaluation_seconds, reading)


def train_along(task: Task) -> None:
    """What a process does that was started beside the first one: its part of each batch."""
    with machine.quiet():
        tokens = tokenize(task, *clean_and_split(task))
        classifier = load(task, tokens)
        read(task, tokens, classifier)
        if not task.trained:
            _fine_tune(task, tokens, classifier)


def evaluate_test(task: Task, tokens: Tokens, classifier: Classifier, trained: Trained) -> Rung:
    """The fine-tuned model on the test set, the second one and the talk's examples."""
    seconds = trained.training.seconds
    with task.progress.step("evaluate on the test set"):
        scores = {"test": predicted(task, "finetuned", tokens.test, classifier, seconds)}
        if tokens.elsewhere:
            found = predicted(task, "elsewhere", tokens.elsewhere, classifier, seconds)
            scores["elsewhere"] = found
    with task.progress.step("run the inference examples"):
        rows, took = classifier.predict(tokens.examples, _untold)
        scores["examples"] = Scores(tuple(map(tuple, rows.tolist())), took, took)
    return Rung(
        "Fine-tuned",
        _how_finetuned(task, trained, classifier),
        scores,
        fit_seconds=seconds,
        read_seconds=trained.reading_seconds,
        examples=len(tokens.train) + len(tokens.validation),
        trained_parameters=classifier.parameters(trainable_only=True),
    )


def _how_finetuned(task: Task, trained: Trained, classifier: Classifier) -> str:
    training = trained.training
    how = f"Trained for {training.epochs} epoch{'s' if training.epochs > 1 else ''}"
    if training.epochs > 1:
        which = "F1" if task.labels.positive else "macro-F1"
        how += f"; epoch {training.best_epoch} was the best by {which} on the validation set"
    if classifier.frozen_layers:
        how += (
            f"; the embeddings and the lowest {classifier.frozen_layers} of "
            f"{classifier.layers} layers stay as they were"
        )
    if above := classifier.layers_of_model - classifier.layers:
        how += f"; the {above} layers above them are left out"
    if training.lora_rank:
        how += f"; adapters of rank {training.lora_rank} (LoRA) were trained beside the weights"
    if classifier.pooling == "mean":
        how += "; it classifies by the mean of all tokens' states"
    return how + "."


def judged(
    task: Task, sets: Sets, rungs: dict[str, Rung]
) -> tuple[dict[str, dict[str, Evaluation]], dict[str, Predictions], tuple[Comparison, ...]]:
    """Each classifier's metrics on both test sets, what it said there, and each pair compared."""
    found: dict[str, dict[str, Evaluation]] = {"test": {}, "elsewhere": {}}
    predictions, comparisons = dict[str, Predictions](), list[Comparison]()
    for name, messages in (("test", sets.test), ("elsewhere", sets.elsewhere)):
        if not messages:
            continue
        truth = [message.label for message in messages]
        judge = Judge(truth, task.labels, task.experiment.seed)
        tried = {key: rungs[key] for key in CLASSIFIERS if key in rungs}
        tried = {key: rung for key, rung in tried.items() if name in rung.scores}
        found[name] = {key: rung.evaluated(name, judge) for key, rung in tried.items()}
        said = {key: rung.said(name, task.labels) for key, rung in tried.items()}
        predictions[name] = predictions_of(truth, said, task.labels)
        at = "" if name == "test" else f"{name}."
        placed = {f"{at}{key}": places for key, places in said.items()}
        comparisons += compared(truth, placed, task.labels, task.experiment.seed)
    return found, predictions, tuple(comparisons)


def run_examples(task: Task, sets: Sets, rungs: dict[str, Rung]) -> tuple[Example, ...]:
    """The talk's examples, then the test messages that the fine-tuned model got most wrong."""

    def scored(name: str) -> Scored:
        each = {key: rung.scores.get(name) for key, rung in rungs.items()}
        given = {key: scores.probabilities for key, scores in each.items() if scores}
        finetuned, frozen = given["finetuned"], given.get("frozen")
        return Scored(given.get("untrained"), given.get("linear"), frozen, finetuned)

    return (
        *own_examples(task.experiment.examples, scored("examples"), task.labels),
        *missed_examples(sets.test, scored("test"), task.labels),
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
    shortcut = classifier.shortcut
    read = bool(shortcut and shortcut.kept)
    layers = classifier.layers - (classifier.frozen_layers if read else 0)
    work = layers * sum(map(len, sequences))
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


def texts_of(messages: Sequence[Message]) -> list[str]:
    return [message.text for message in messages]


def _untold(_: float) -> None:
    """Work that no estimate counts."""
