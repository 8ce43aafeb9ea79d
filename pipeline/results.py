"""results.json: the typed record of one run, and the only module that reads or writes it.

The narrow waist of the project: left of it torch, right of it none. Nothing here imports more
than msgspec. Times are seconds, sizes bytes, rates fractions of 1, unless the name says otherwise.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec.structs import replace

from pipeline.command import called
from pipeline.files import read_bytes, write_whole
from pipeline.problems import Source, TalkError

SCHEMA = 3
# The classifiers of a run, in the order in which they are shown; those not run are None.
CLASSIFIERS = (
    "majority",
    "untrained",
    "prompted",
    "few_shot",
    "linear",
    "frozen",
    "finetuned",
)


class Rate(msgspec.Struct, frozen=True):
    """A share of counted cases with its 95% Wilson interval; `value` is None where total is 0."""

    value: float | None
    low: float | None
    high: float | None
    hits: int
    total: int


@dataclass(frozen=True, slots=True)
class Score:
    """A score that is no plain share (F1) with its 95% interval; None: undefined.

    It is from a bootstrap; of a score that no resample differs from, such as 1, from its counts.
    """

    value: float | None
    low: float | None
    high: float | None


class Spread(msgspec.Struct, frozen=True):
    """F1 where chance draws more than the test messages: other examples, another random head."""

    over: str  # "draws of eight examples", "random heads"
    count: int
    mean: float
    low: float
    high: float
    range: str  # what `low` and `high` are: "lowest and highest", "5% and 95%"
    highest: float


Matrix = dict[str, dict[str, int]]  # true label -> the label that was said -> messages


class Confusion(msgspec.Struct, frozen=True):
    """The confusion matrix of two labels, one of them positive: the one that the talk hunts."""

    true_positive: int
    false_positive: int
    true_negative: int
    false_negative: int

    @property
    def total(self) -> int:
        return self.true_positive + self.false_positive + self.true_negative + self.false_negative

    @property
    def always_positive(self) -> Score:
        """F1 of calling each of these messages positive; undefined where none is."""
        positive = self.true_positive + self.false_negative
        return Score(2 * positive / (positive + self.total) if positive else None, None, None)


@dataclass(frozen=True, slots=True)
class LabelScores:
    """How well a classifier tells one label from all others."""

    precision: Rate
    recall: Rate
    f1: Score


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One classifier on one set of messages.

    `precision`, `recall` and `confusion` are those of the positive label; None where no label is
    named positive, and then `f1` is `macro_f1`.
    """

    name: str  # as people call it: "TF-IDF + linear model"
    how: str  # one sentence: what was done
    accuracy: Rate
    precision: Rate | None
    recall: Rate | None
    f1: Score
    confusion: Confusion | None
    fit_seconds: float  # to get the classifier ready; 0 where nothing is fitted
    predict_seconds: float  # for the whole set
    macro_f1: Score  # the mean of all labels' F1
    labels: dict[str, LabelScores]
    matrix: Matrix
    examples: int = 0  # labelled messages that it was made with, those of the threshold too
    trained_parameters: int = 0
    threshold: float | None = None  # of the positive label's probability; None: the likeliest
    auc: float | None = None  # area under the ROC curve; None: more than two labels, or one score
    spread: Spread | None = None  # this is the middle one of several
    read_seconds: float = 0.0  # of `fit_seconds`: reading the texts once, for all that need it

    @property
    def total(self) -> int:
        """How many messages it was tried on."""
        return self.accuracy.total


class Predictions(msgspec.Struct, frozen=True):
    """What each classifier said of each message of a set, in the set's order.

    One sign a message (two where there are more than 16 labels): the label's place among the
    labels of the data, in hexadecimal digits. So classifiers can be compared pair by pair.
    """

    truth: str
    said: dict[str, str]  # classifier -> what it said


class Comparison(msgspec.Struct, frozen=True):
    """Two classifiers on the same messages, paired: is one better, or was it chance?"""

    one: str  # their places: "finetuned", "elsewhere.linear"
    other: str
    metric: str  # "f1" or "accuracy"
    difference: Score  # one minus other, with its 95% interval
    mcnemar_p: float  # exact, two-sided: were they equally often right, how likely is such a split
    only_one: int  # messages that only `one` got right
    only_other: int
    how: str


class Split(msgspec.Struct, frozen=True):
    """One part of the data: how many messages, and how many of each label."""

    messages: int
    counts: dict[str, int]


class Leak(msgspec.Struct, frozen=True):
    """Test messages of a plain random split with a near copy in its training set."""

    messages: int
    test_messages: int
    share: float


class Data(msgspec.Struct, frozen=True):
    """What the run was trained and tested on."""

    source: str  # "file", "hub", "talk" (a file of its own) or "sample"
    name: str
    why: str  # why this source and not the one before it
    sha256: str
    licence: str
    citation: str
    messages: int
    counts: dict[str, int]  # label -> messages
    labels: tuple[str, ...]  # in the order in which they are shown and counted
    positive: str  # of two labels: the one that the talk hunts; empty where none is named
    negative: str
    repeated: int  # messages whose text stood in an earlier line
    groups: int  # of near copies: different messages
    entities_cleaned: int  # messages that carried HTML entities
    read: int  # messages read, before --quick takes a part of them
    train: Split
    validation: Split
    test: Split
    random_split_leak: Leak
    mean_tokens: float  # tokens a message, as the run's tokenizer splits it
    test_repeats: int = 0  # near copies of test messages, which count once


class Model(msgspec.Struct, frozen=True):
    """The pre-trained language model that was fine-tuned."""

    source: str  # "path", "hub", "package"
    name: str  # the full one, with its quantisation: "NAME, 4-bit"
    why: str
    sha256: str
    licence: str
    parameters: int  # of the classifier: those of layers that are left out don't count
    trainable_parameters: int
    layers: int
    frozen_layers: int
    vocabulary: int
    kind: str  # "causal": it continues texts; "encoder": it reads them, and has no next token
    instruct: bool = False  # its makers have fine-tuned it to follow instructions
    used_layers: int = 0  # the lowest so many are the classifier's; 0: all

    @property
    def is_part(self) -> bool:
        """Whether its parameters are those of its lower layers alone."""
        return 0 < self.used_layers < self.layers


class LogPoint(msgspec.Struct, frozen=True):
    """The training loss at one optimizer step, averaged since the point before."""

    step: int
    epoch: float
    loss: float
    learning_rate: float


class Epoch(msgspec.Struct, frozen=True):
    """State after one pass over the training set, measured on the validation set."""

    epoch: int
    train_loss: float  # mean of the logged losses in this epoch
    validation_loss: float
    validation_f1: float | None
    validation_precision: float | None
    validation_recall: float | None
    validation_accuracy: float
    validation_confusion: Confusion | None
    kept: bool  # the best by F1 so far, and so the model that was kept in the end


class Training(msgspec.Struct, frozen=True):
    """How the model was fine-tuned, and what that cost."""

    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    warmup_share: float
    max_tokens: int
    precision: str  # "bf16" or "fp32"
    device: str
    steps: int
    seconds: float  # training with its evaluations
    seconds_per_step: float
    messages_per_second: float
    peak_memory_bytes: int
    best_epoch: int
    log: tuple[LogPoint, ...]
    history: tuple[Epoch, ...]
    pooling: str = "last"  # "last" token, "mean" over all
    label_smoothing: float = 0.0
    class_weights: bool = False
    lora_rank: int = 0  # 0: the weights themselves are trained
    settings: str = ""  # how they were chosen: "for this model", "by its shape", "untried"


class Verdict(msgspec.Struct, frozen=True):
    """What one classifier says of one message."""

    label: str
    confidence: float  # probability given to `label`
    positive_probability: float | None  # None where no label is positive
    correct: bool
    probabilities: dict[str, float]  # of all labels, where none is positive; else empty


class Example(msgspec.Struct, frozen=True):
    """One message that the talk shows."""

    id: str
    text: str
    expected: str
    kind: str  # "talk": the talk's own; "hard": written to be hard; "missed": see `is_fixed`
    untrained: Verdict | None
    linear: Verdict | None
    finetuned: Verdict
    frozen: Verdict | None = None

    @property
    def is_fixed(self) -> bool:
        """Whether talk.toml named it before the run.

        Those that are "missed" were chosen out of the test set because the fine-tuned model is
        wrong about them: they say what its mistakes are, and nothing of how often it makes them.
        """
        return self.kind != "missed"


class Candidate(msgspec.Struct, frozen=True):
    token: str
    probability: float


class NextToken(msgspec.Struct, frozen=True):
    """What the pre-trained model, not fine-tuned, predicts after a prompt."""

    prompt: str
    truth: str  # the right continuation; empty where there is no single one
    candidates: tuple[Candidate, ...]  # most likely first
    truth_rank: int | None  # 1: most likely; None: not among the first thousand
    truth_probability: float | None
    correct: bool | None


class Tokenized(msgspec.Struct, frozen=True):
    text: str
    tokens: tuple[str, ...]


class Stage(msgspec.Struct, frozen=True):
    """One of the ten steps and how long it took."""

    name: str
    seconds: float


class Run(msgspec.Struct, frozen=True):
    """Where, when and how the run was made."""

    id: str  # short, from the fingerprint
    fingerprint: dict[str, str]  # what the run depends on -> hash or value
    quick: bool
    seed: int
    started: str  # ISO 8601, UTC
    seconds: float
    command: str
    code_version: str
    machine: str  # processor, cores; no host name
    versions: dict[str, str]
    stages: tuple[Stage, ...]


class Results(msgspec.Struct, frozen=True):
    """One run, whole. Baselines that were not run are None."""

    schema: int
    run: Run
    data: Data
    model: Model
    training: Training
    majority: Evaluation | None  # always the commoner label
    untrained: Evaluation | None  # pre-trained model, new head, before training
    prompted: Evaluation | None  # pre-trained model asked in a prompt
    few_shot: Evaluation | None  # asked in a prompt with eight labelled examples
    linear: Evaluation | None  # TF-IDF of words and characters, linear model
    frozen: Evaluation | None  # states of the pre-trained model, logistic regression
    finetuned: Evaluation
    elsewhere: dict[str, Evaluation]  # on the second test set, by classifier; empty if none
    elsewhere_name: str
    predictions: dict[str, Predictions]  # "test", "elsewhere"
    comparisons: tuple[Comparison, ...]  # each pair of classifiers on the same set
    examples: tuple[Example, ...]
    next_tokens: tuple[NextToken, ...]
    tokenized: tuple[Tokenized, ...]
    plain_split: dict[str, Score] = {}  # F1 had copies not been kept apart
    digest: str = ""  # sha256 of the rest: an edit by hand shows

    @property
    def evaluations(self) -> dict[str, Evaluation]:
        """The classifiers that were run, on the test set, in the order of `CLASSIFIERS`."""
        found = ((name, getattr(self, name)) for name in CLASSIFIERS)
        return {name: evaluation for name, evaluation in found if evaluation is not None}


def digest_of(results: Results) -> str:
    """sha256 over everything but the digest itself.

    There is no secret in it: whoever changes a number and the digest together isn't found out.
    It keeps a build from passing on a changed number as one that was measured.
    """
    content = msgspec.to_builtins(results)
    content.pop("digest", None)
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()


def write_results(results: Results, path: Path) -> Results:
    """Write them whole, sealed with their digest if they are new; returns them as written.

    What has a digest was sealed when it was made, and is never sealed again. Raises TalkError
    where it doesn't fit, or where nothing can be written.
    """
    digest = digest_of(results)
    _check_digest(results.digest or digest, digest, path)
    sealed = replace(results, digest=digest)
    try:
        text = msgspec.json.format(msgspec.json.encode(sealed), indent=1) + b"\n"
        write_whole(path, text, durable=True)
    except OSError as error:
        raise TalkError(
            f"results can't be written: {error.strerror}",
            Source(path),
            "free some space or choose another folder with --out; the last results are whole",
        ) from None
    return sealed


def read_results(path: Path) -> Results:
    """Read and check one results.json. Raises TalkError for a broken, foreign or changed file."""
    if not path.exists():
        raise TalkError("there are no results yet", Source(path), f"run `{called()}` to make them")
    raw = read_bytes(path, "the file of results")
    again = f"delete it and run `{called()}` again; a kept run is found without training"
    try:
        schema = msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).get("schema")
        if schema is not None and bytes(schema) != str(SCHEMA).encode():
            raise TalkError(
                f"results have schema {bytes(schema).decode()}, this version reads {SCHEMA}",
                Source(path),
                f"run `{called()}` to measure again, after `pin --undo` where it is pinned",
            )
        results = msgspec.json.decode(raw, type=Results)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise TalkError(f"results are broken: {error}", Source(path), again) from None
    _check_digest(results.digest, digest_of(results), path)
    return results


def _check_digest(found: str, expected: str, path: Path) -> None:
    if found != expected:
        raise TalkError(
            "results were edited by hand: their digest no longer fits",
            Source(path),
            f"bring the file back as it was, or delete it (a pinned one: `{called()} pin "
            f"--undo`) and run `{called()}`",
        )
