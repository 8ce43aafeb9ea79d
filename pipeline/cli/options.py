"""What each command can be told: a dataclass each, of which the command line is made."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from pipeline.command import NAME, called
from pipeline.config import PACKAGED
from pipeline.problems import TalkError
from pipeline.resources import CODE

Format = Literal["text", "github", "json", "sarif"]
SETTINGS = "talk.toml"


def talk_here() -> Path:
    """The talk where the command is called: here, or the nearest folder above with a talk.toml.

    Else `python build.py` means the one beside it. Raises TalkError where there is none.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / SETTINGS).is_file():
            return folder
    if called() == "python build.py" and (CODE / SETTINGS).is_file():
        return CODE
    hint = f"`{called()} new my-talk` writes one; --talk DIR names one elsewhere"
    raise TalkError(f"there is no talk in {here}, nor above: no {SETTINGS}", None, hint)


class Option(msgspec.Struct, frozen=True):
    """How a field stands on the command line: `--name`, or by its place if it has no default."""

    help: str
    value: str | None = None  # what its value is called in the help
    name: str = ""  # where it isn't the field's
    read: Callable[[str], object] | None = None
    alone: str | None = None  # its value where it is named without one
    needs: str = ""  # another option, without which it says nothing


def number(
    what: str, low: int, high: int, kind: type[int] | type[float] = int
) -> Callable[[str], object]:
    """Reads a number from `low` to `high`."""

    def read(text: str) -> object:
        try:
            value = kind(text)
        except ValueError:
            value = kind(low - 1)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{what} from {low} to {high}, not `{text}`")
        return value

    return read


def path(text: str) -> Path:
    """Reads a path. An empty one is a variable that isn't set, and would mean the folder here."""
    if not text:
        raise argparse.ArgumentTypeError("an empty name")
    return Path(text)


PORT = number("a port", 0, 65535)


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What every command can be told."""

    debug: Annotated[bool, Option("show a traceback with an error")] = False


class TalkOptions(Options, frozen=True, kw_only=True):
    """What every command on a talk can be told."""

    talk: Annotated[
        Path | None,
        Option(
            "the talk's folder (default: this one, or the nearest above with a talk.toml)", "DIR"
        ),
    ] = None
    out: Annotated[Path | None, Option("where pages go (default: out/)", "DIR")] = None
    cut: Annotated[str | None, Option("the cut to show (default: the first)", "NAME")] = None
    allow_stale: Annotated[bool, Option("a run that no longer fits is no error")] = False


class BuildOptions(TalkOptions, frozen=True, kw_only=True):
    data: Annotated[str | None, Option("file of messages (or set TALK_DATA)", "WHERE")] = None
    model: Annotated[
        str | None, Option("folder of a pre-trained model, or `package`: the packaged one", "WHERE")
    ] = None
    quick: Annotated[bool, Option("a part of the data, one epoch")] = False
    retrain: Annotated[bool, Option("train even if a kept run fits")] = False
    measure: Annotated[str | None, Option("run [measure.NAME] though a kept run fits", "NAME")] = (
        None
    )
    frozen: Annotated[bool, Option("never train or run a command; use what is kept")] = False
    yes: Annotated[bool, Option("run the talk's commands without asking")] = False

    @property
    def command(self) -> str:
        """The command that makes the same run elsewhere, without paths of this machine."""
        packaged = self.model == PACKAGED
        flags = {"--quick": self.quick, "--retrain": self.retrain, f"--model {PACKAGED}": packaged}
        paths = {"--data PATH": self.data, "--model PATH": self.model and not packaged}
        said = [words for words, given in {**flags, **paths}.items() if given]
        return " ".join([NAME, *said])


class CheckOptions(TalkOptions, frozen=True, kw_only=True):
    numbers: Annotated[bool, Option("list every number of the talk")] = False
    no_browser: Annotated[
        bool, Option("estimate what fits on the slides instead of measuring it")
    ] = False
    format: Annotated[
        Format, Option("how findings are written: for people, GitHub's workflows or programs")
    ] = "text"


class TimeOptions(TalkOptions, frozen=True, kw_only=True):
    slot: Annotated[
        float | None,
        Option("fit the talk to a slot", "MIN", read=number("minutes", 1, 600, float)),
    ] = None
    save: Annotated[str | None, Option("write it to talk.toml", "NAME", needs="slot")] = None
    wpm: Annotated[
        int | None, Option("words a minute", "N", read=number("words a minute", 60, 300))
    ] = None
    json: Annotated[bool, Option("all cuts as JSON")] = False
    plot: Annotated[Path | None, Option("write a plot as SVG", "FILE")] = None
    script: Annotated[Path | None, Option("another script", "FILE")] = None
    fix_encoding: Annotated[bool, Option("mend a script saved in the wrong encoding")] = False


class ServeOptions(TalkOptions, frozen=True, kw_only=True):
    port: Annotated[int | None, Option("the port (default: a free one)", "N", read=PORT)] = None
    host: Annotated[bool, Option("for phones in this network too, with a one-time token")] = False
    notebook: Annotated[bool, Option("open the notebook as well")] = False
    figures: Annotated[
        bool, Option("draw the figures of deck/figures again as they are saved: runs their code")
    ] = False
    train_live: Annotated[
        Literal["short", "whole"] | None,
        Option(
            "let the training chart (key R) train now: `short` as [experiment.live] says, which "
            "is the default, or the `whole` training of the run; slides keep their run",
            "HOW",
            alone="short",
        ),
    ] = None


class RehearseOptions(TalkOptions, frozen=True, kw_only=True):
    live: Annotated[bool, Option("on the day: nothing is recorded")] = False
    port: Annotated[int | None, Option("the port (default: a free one)", "N", read=PORT)] = None
    phone: Annotated[
        bool, Option("a phone in this network is the remote: it scans a code, good once")
    ] = False
    voice: Annotated[
        bool, Option("the script follows your voice, which stays here; needs the extra `voice`")
    ] = False
    voice_model: Annotated[
        Path | None,
        Option("a model of the talk's language, of vosk or pocketsphinx", "DIR", needs="voice"),
    ] = None
    keep_audio: Annotated[
        bool, Option("keep the sound, too, as rehearsals/voice/ID.wav", needs="voice")
    ] = False
    report: Annotated[bool, Option("compare the rehearsals, and say what was heard in them")] = (
        False
    )
    json: Annotated[bool, Option("the report as JSON", needs="report")] = False
    log: Annotated[
        Path | None, Option("add rehearsals that the page downloaded", "FILE", name="import")
    ] = None
    apply: Annotated[
        Literal["slots", "pace", "both"] | None,
        Option("propose new slots or a pace; written only when confirmed", alone="both"),
    ] = None


class PublishOptions(TalkOptions, frozen=True, kw_only=True):
    single_file: Annotated[bool, Option("one page with all inside")] = False
    transcript: Annotated[bool, Option("publish what is said, too")] = False
    pdf: Annotated[bool, Option("the slides as PDF")] = False
    notes: Annotated[bool, Option("slides and script as PDF, for you", needs="pdf")] = False
    with_drawings: Annotated[
        Path | None, Option("what was drawn, as the deck saved it, in the PDF", "FILE", needs="pdf")
    ] = None
    pptx: Annotated[bool, Option("the slides for PowerPoint")] = False
    narrate: Annotated[bool, Option("a spoken, self-running deck")] = False


_TO = Option("its number, as pages print it: 5 or B2", "NUMBER")
_BEFORE = Option("before the slide of this name", "NAME")
_AFTER = Option("after the slide of this name", "NAME")
_RENUMBER = Option("number all slides 1, 2, 3")
_DRY_RUN = Option("show what would change, and change nothing")


class MoveOptions(TalkOptions, frozen=True, kw_only=True):
    name: Annotated[str, Option("the slide's name", "NAME")]
    to: Annotated[str | None, _TO] = None
    before: Annotated[str | None, _BEFORE] = None
    after: Annotated[str | None, _AFTER] = None
    renumber: Annotated[bool, _RENUMBER] = False
    dry_run: Annotated[bool, _DRY_RUN] = False


class InsertOptions(TalkOptions, frozen=True, kw_only=True):
    name: Annotated[str, Option("the new slide's name", "NAME")]
    to: Annotated[str | None, _TO] = None
    before: Annotated[str | None, _BEFORE] = None
    after: Annotated[str | None, _AFTER] = None
    layout: Annotated[str, Option("its layout (default: text)", "NAME")] = "text"
    title: Annotated[str, Option("its title (default: its name)", "TEXT")] = ""
    renumber: Annotated[bool, _RENUMBER] = False
    dry_run: Annotated[bool, _DRY_RUN] = False


class RemoveOptions(TalkOptions, frozen=True, kw_only=True):
    name: Annotated[str, Option("the slide's name", "NAME")]
    renumber: Annotated[bool, _RENUMBER] = False
    dry_run: Annotated[bool, _DRY_RUN] = False


class UndoOptions(TalkOptions, frozen=True, kw_only=True):
    pass


class WhyOptions(TalkOptions, frozen=True, kw_only=True):
    what: Annotated[str, Option("its place, or as it is shown: 98.7", "WHAT")]


class DiffOptions(TalkOptions, frozen=True, kw_only=True):
    runs: Annotated[
        tuple[str, ...],
        Option(
            "a measurement or `experiment`, and at most two of its runs (default: the last two): "
            "ids, their beginnings, or files",
            "WHAT",
        ),
    ]


class PinOptions(TalkOptions, frozen=True, kw_only=True):
    names: Annotated[
        tuple[str, ...],
        Option("measurements, or `experiment`; without one all that was measured", "NAME"),
    ]
    undo: Annotated[bool, Option("let the next build measure again")] = False


class EvidenceOptions(TalkOptions, frozen=True, kw_only=True):
    names: Annotated[tuple[str, ...], Option("experiments; without one all", "NAME")]
    quick: Annotated[bool, Option("a small grid of each, to try it")] = False
    jobs: Annotated[
        int | None,
        Option("cells at a time (default: cores)", "N", read=number("cells at a time", 1, 1024)),
    ] = None
    list: Annotated[bool, Option("list experiments, cells and times, and measure nothing")] = False
    data: Annotated[str | None, Option("file of messages (or set TALK_DATA)", "WHERE")] = None
    model: Annotated[
        str | None, Option("folder of a pre-trained model, or `package`: the packaged one", "WHERE")
    ] = None
    ray: Annotated[
        str | None,
        Option("on a Ray cluster: its address, `auto`, or `local` for one here", "WHERE"),
    ] = None
    yes: Annotated[bool, Option("measure however much it is, without asking")] = False


class CleanOptions(TalkOptions, frozen=True, kw_only=True):
    shared: Annotated[bool, Option("what all talks share: models and typefaces")] = False
    dry_run: Annotated[bool, Option("show what would go, and remove nothing")] = False
    yes: Annotated[bool, Option("remove it without asking")] = False


class ScreenshotsOptions(TalkOptions, frozen=True, kw_only=True):
    folder: Annotated[Path, Option("where the pictures go", "DIR")]
    width: Annotated[int, Option("pixels", "N", read=number("pixels", 160, 8000))] = 1280
    height: Annotated[
        int | None,
        Option("pixels; without it, as high as the slides", "N", read=number("pixels", 90, 8000)),
    ] = None


class NewOptions(Options, frozen=True, kw_only=True):
    folder: Annotated[Path, Option("a new or empty folder", "DIR")]
    language: Annotated[
        str | None, Option("the talk's language: en, de, fr, … (default: en)", "TAG")
    ] = None
    without_script: Annotated[bool, Option("notes on the slides in place of a script")] = False
    measure: Annotated[
        bool, Option("a program whose numbers are on the slides; notes in place of a script")
    ] = False


class SchemaOptions(Options, frozen=True, kw_only=True):
    talk: Annotated[
        Path | None, Option("the talk whose layouts are known (default: the one here)", "DIR")
    ] = None
    slide: Annotated[bool, Option("that of slides' front matter")] = False
    write: Annotated[Path | None, Option("write both into a folder", "DIR")] = None


class ExportOptions(TalkOptions, frozen=True, kw_only=True):
    marp: Annotated[Path | None, Option("the deck for Marp, in one file", "FILE")] = None
    markdown: Annotated[Path | None, Option("the deck as plain Markdown", "FILE")] = None
    notes: Annotated[bool, Option("with what is said, in comments")] = False


class ImportOptions(Options, frozen=True, kw_only=True):
    file: Annotated[Path, Option("the deck", "FILE")]
    into: Annotated[
        Path | None, Option("a new or empty folder (default: the file's name)", "DIR")
    ] = None
    length: Annotated[
        str | None, Option("how long the talk is: 20m, 45:00; its slides share it", "LENGTH")
    ] = None
    kind: Annotated[
        Literal["marp", "revealmd", "slidev", "quarto", "pandoc", "ipynb", "pptx"] | None,
        Option("whose deck it is, where it isn't recognised", name="from"),
    ] = None
    without_script: Annotated[bool, Option("notes on the slides in place of a script")] = False
