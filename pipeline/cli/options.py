"""The command line: every command with its options; each help ends with an example."""

from __future__ import annotations

import argparse
from pathlib import Path

COMMANDS = (
    "build",
    "check",
    "time",
    "serve",
    "rehearse",
    "publish",
    "why",
    "diff",
    "pin",
    "screenshots",
    "new",
)


def parser(talk: Path) -> argparse.ArgumentParser:
    """`talk` is the folder of the talk where --talk names no other."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--talk", type=Path, default=talk, metavar="DIR", help="the talk's folder")
    shared.add_argument("--out", type=Path, metavar="DIR", help="where pages go (default: out/)")
    shared.add_argument("--cut", metavar="NAME", help="the cut to show (default: the first)")
    shared.add_argument("--debug", action="store_true", help="show a traceback with an error")
    shared.add_argument(
        "--allow-stale", action="store_true", help="a run that no longer fits is no error"
    )
    top = argparse.ArgumentParser(
        prog="build.py",
        description="Build the talk: measure, draw, join, show.",
        epilog="Without a command: build. `python build.py COMMAND --help` has an example of each.",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, text: str, example: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            parents=[shared],
            help=text,
            description=text[0].upper() + text[1:] + ".",
            epilog=f"example:\n  {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    _build(add("build", "build whatever is stale", "python build.py --data messages.tsv --quick"))
    command = add(
        "check", "list what is wrong with numbers, cues, timing, links", "python build.py check"
    )
    command.add_argument("--numbers", action="store_true", help="list every number of the talk")
    _time(add("time", "show the timing of each slide", "python build.py time --slot 42"))
    _serve(add("serve", "show each change as it is saved", "python build.py serve"))
    _rehearse(add("rehearse", "rehearse with a clock and cues", "python build.py rehearse"))
    _publish(add("publish", "make the public site", "python build.py publish --single-file --pdf"))
    command = add("why", "say where a number comes from", "python build.py why finetuned.f1")
    command.add_argument("what", metavar="WHAT", help="its place, or as it is shown: 98.7")
    command = add("diff", "list what another run changes in the talk", "python build.py diff")
    command.add_argument("runs", nargs="*", metavar="RUN", help="at most two runs of .cache/runs")
    command = add("pin", "keep the run of the last build for all later ones", "python build.py pin")
    command.add_argument("--undo", action="store_true", help="let the next build measure again")
    command = add("screenshots", "take pictures of all slides", "python build.py screenshots shots")
    command.add_argument("folder", type=Path, metavar="DIR")
    command.add_argument("--width", type=int, default=1280)
    command.add_argument("--height", type=int, default=720)
    command = add("new", "write a small talk to start from", "python build.py new my-talk")
    command.add_argument("folder", type=Path, metavar="DIR", help="a new or empty folder")
    return top


def _build(command: argparse.ArgumentParser) -> None:
    command.add_argument("--data", metavar="WHERE", help="file of messages (or set TALK_DATA)")
    command.add_argument("--model", metavar="WHERE", help="folder of a pre-trained model")
    command.add_argument("--quick", action="store_true", help="a part of the data, one epoch")
    command.add_argument("--retrain", action="store_true", help="train even if a kept run fits")
    command.add_argument("--frozen", action="store_true", help="never train; use what is kept")


def _time(command: argparse.ArgumentParser) -> None:
    command.add_argument("--slot", type=minutes, metavar="MIN", help="fit the talk to a slot")
    command.add_argument("--save", metavar="NAME", help="with --slot: write it to talk.toml")
    command.add_argument("--wpm", type=pace, metavar="N", help="words a minute")
    command.add_argument("--json", action="store_true", help="all cuts as JSON")
    command.add_argument("--plot", type=Path, metavar="FILE", help="write a plot as SVG")
    command.add_argument("--script", type=Path, metavar="FILE", help="another script")
    command.add_argument(
        "--fix-encoding", action="store_true", help="mend a script saved in the wrong encoding"
    )


def _serve(command: argparse.ArgumentParser) -> None:
    command.add_argument("--port", type=int, metavar="N", help="the port (default: a free one)")
    command.add_argument(
        "--host", action="store_true", help="for phones in this network too, with a one-time token"
    )
    command.add_argument("--notebook", action="store_true", help="open the notebook as well")
    command.add_argument(
        "--train-live",
        nargs="?",
        const="short",
        choices=("short", "whole"),
        metavar="HOW",
        help="let the training chart (key R) train now: `short` as [experiment.live] says, "
        "which is the default, or the `whole` training of the run; slides keep their run",
    )


def _rehearse(command: argparse.ArgumentParser) -> None:
    command.add_argument("--live", action="store_true", help="on the day: nothing is recorded")
    command.add_argument("--port", type=int, metavar="N", help="the port on 127.0.0.1")
    command.add_argument("--report", action="store_true", help="compare the rehearsals")
    command.add_argument("--json", action="store_true", help="with --report: as JSON")
    command.add_argument("--import", dest="log", type=Path, metavar="FILE", help="add a download")
    command.add_argument(
        "--apply",
        nargs="?",
        const="both",
        choices=("slots", "pace", "both"),
        help="propose new slots or a pace; written only when confirmed",
    )


def _publish(command: argparse.ArgumentParser) -> None:
    command.add_argument("--single-file", action="store_true", help="one page with all inside")
    command.add_argument("--transcript", action="store_true", help="publish what is said, too")
    command.add_argument("--pdf", action="store_true", help="the slides as PDF")
    command.add_argument("--notes", action="store_true", help="with --pdf: slides and script")
    command.add_argument("--pptx", action="store_true", help="the slides for PowerPoint")
    command.add_argument("--narrate", action="store_true", help="a spoken, self-running deck")


def minutes(text: str) -> float:
    """A slot in minutes."""
    value = float(text)
    if not 1 <= value <= 600:
        raise argparse.ArgumentTypeError("between 1 and 600 minutes")
    return value


def pace(text: str) -> int:
    """Words a minute."""
    value = int(text)
    if not 60 <= value <= 300:
        raise argparse.ArgumentTypeError("between 60 and 300 words a minute")
    return value
