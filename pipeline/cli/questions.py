"""What `new` asks where somebody is at the terminal and said nothing; Enter takes what is meant."""

from __future__ import annotations

import os
from collections.abc import Callable

from msgspec.structs import replace

from pipeline.cli.options import NewOptions
from pipeline.cli.terminal import asked, say
from pipeline.locale import locale_of
from pipeline.problems import TalkError, nearest

_KINDS = {
    "script": "slides, and a script that is timed",
    "notes": "slides with notes in place of a script",
    "measure": "slides with notes, and a program whose numbers are on them",
}


def asked_new(options: NewOptions) -> NewOptions:
    """The options with what was answered."""
    language = _answer("language of the talk", _language_here(), lambda tag: locale_of(tag).tag)
    for name, what in _KINDS.items():
        say(f"  {name:8} {what}")
    kind = _answer("what to begin with", "script", _kind)
    return replace(
        options,
        language=language,
        without_script=kind == "notes",
        measure=kind == "measure",
    )


def _answer(question: str, default: str, read: Callable[[str], str]) -> str:
    """An answer as `read` gives it; asked again while it can't be; the default for none."""
    while True:
        line = asked(f"{question} [{default}]: ")
        try:
            return read(line.strip() or default)
        except TalkError as error:
            say(error.problem.shown())
            if not line:  # nobody is there any more
                raise


def _kind(answer: str) -> str:
    found = [name for name in _KINDS if name.startswith(answer.lower())]
    if len(found) != 1:
        raise TalkError(f"`{answer}` is none of them", None, nearest(answer, _KINDS))
    return found[0]


def _language_here() -> str:
    """The language that this terminal is set to, where it is one; English otherwise."""
    said = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    tag = next(filter(None, said), "").partition(".")[0].replace("_", "-")
    try:
        return locale_of(tag).primary
    except TalkError:
        return "en"
