"""Dataclasses of options -> the command line, and back: the one place that knows argparse."""

from __future__ import annotations

import argparse
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from pipeline import __version__
from pipeline.cli.options import Option, Options, path
from pipeline.command import NAME, called
from pipeline.problems import TalkError, nearest

AnyOptions = TypeVar("AnyOptions", bound=Options)


class UsageError(TalkError):
    """A command was called in a way that it can't be."""


class Command(msgspec.Struct, frozen=True):
    """A command: what it does with its options, and how its help describes it."""

    function: Callable[..., int]  # its options -> the exit status
    example: str

    @property
    def options(self) -> type[Options]:
        """Looked up when asked for: the hints of all commands take long."""
        options: type[Options] = get_type_hints(self.function)["options"]
        return options

    @property
    def about(self) -> str:
        return (self.function.__doc__ or "").partition("\n")[0]

    def run(self, given: Mapping[str, Any]) -> int:
        """The exit status, with the options by name."""
        return self.function(self.options(**given))


COMMANDS: dict[str, Command] = {}  # the first is the default


def command(example: str) -> Callable[[Callable[[AnyOptions], int]], Callable[[AnyOptions], int]]:
    """Makes a command of a function: `example` begins with its name, its docstring is its help."""

    def register(run: Callable[[AnyOptions], int]) -> Callable[[AnyOptions], int]:
        COMMANDS[example.split()[0]] = Command(run, example)
        return run

    return register


class Call(msgspec.Struct, frozen=True):
    """A command with its options, ready to run."""

    run: Callable[[], int]
    debug: bool
    talk: Path | None = None  # that it names


def parse(words: Sequence[str]) -> Call:
    """What the words call: the first command where they begin with none.

    Raises UsageError; `--help` and `--version` print and raise SystemExit.
    """
    first = words[0] if words else ""
    if first not in (*COMMANDS, "-h", "--help", "--version"):
        if first and not first.startswith("-"):
            raise UsageError(f"unknown command `{first}`", hint=nearest(first, COMMANDS))
        words = [next(iter(COMMANDS)), *words]
    found, unknown = _parser(words[0]).parse_known_args(words)
    chosen = COMMANDS[found.command]
    arguments = list(arguments_of(chosen.options))
    if unknown:
        hint = nearest(unknown[0], [argument.name for argument in arguments])
        hint = "the command comes first" if unknown[0] in COMMANDS else hint
        raise UsageError(f"unknown argument `{unknown[0]}`", hint=hint)
    given = {argument.field: getattr(found, argument.field) for argument in arguments}
    for argument in arguments:
        needed = argument.option.needs
        if needed and given[argument.field] and not given[needed]:
            raise UsageError(f"{argument.name} says nothing without --{needed}")
    return Call(lambda: chosen.run(given), found.debug, given.get("talk"))


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message.removeprefix("argument "), hint=f"see `{self.prog} --help`")


def _parser(chosen: str) -> argparse.ArgumentParser:
    """Knows this command alone, which is faster; all of them, without options, where it is none."""
    top = _Parser(
        prog=called(),
        description="Build the talk: measure, draw, join, show.",
        epilog="Without a command: build. Without --talk: the talk of this folder, or of the "
        f"nearest above that has a talk.toml. `{called()} COMMAND --help` has an example of each.",
    )
    top.add_argument("--version", action="version", version=f"{NAME} {__version__}")
    subparsers = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in [chosen] if chosen in COMMANDS else COMMANDS:
        command = COMMANDS[name]
        parser = subparsers.add_parser(
            name,
            help=command.about[:1].lower() + command.about[1:].rstrip("."),
            description=command.about,
            epilog=f"example:\n  {called()} {command.example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        for argument in arguments_of(command.options) if name == chosen else ():
            parser.add_argument(argument.name, **argument.settings())
    return top


class Argument(msgspec.Struct, frozen=True):
    """A field of options as it stands on the command line."""

    field: str
    name: str
    option: Option
    kind: Any  # the type of its value
    default: Any

    def settings(self) -> dict[str, Any]:
        """What argparse wants to know."""
        option, kind = self.option, self.kind
        said: dict[str, Any] = {"help": option.help, "default": self.default}
        if self.name.startswith("-"):
            said["dest"] = self.field
        if kind is bool:
            return {**said, "action": "store_true"}
        said["metavar"] = option.value
        if get_origin(kind) is tuple:
            return {**said, "nargs": "*"}
        if option.alone:
            said |= {"nargs": "?", "const": option.alone}
        if get_origin(kind) is Literal:
            return {**said, "choices": get_args(kind)}
        return {**said, "type": option.read or (path if kind is Path else kind)}


def arguments_of(options: type[Options]) -> Iterator[Argument]:
    """How each of a command's options stands on the command line, in their order."""
    hints = get_type_hints(options, include_extras=True)
    for field in msgspec.structs.fields(options):
        kind, option = get_args(hints[field.name])
        if get_origin(kind) in (types.UnionType, Union):  # T | None
            kind = get_args(kind)[0]
        is_place = field.required
        name = option.name or field.name.replace("_", "-")
        default = None if is_place else field.default
        yield Argument(field.name, field.name if is_place else f"--{name}", option, kind, default)
