"""What of a talk may run on this machine: asked once, remembered here, never in the talk.

A talk that came from elsewhere must not run a command, or a figure's code, because somebody built
it. What is remembered is the talk, by title and folder, with exactly what runs: another command is
asked for again, an edited script that it calls is not. Also remembered is which runs were made
here, so that a build says which ones came with the talk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from pipeline.command import NAME
from pipeline.files import make_way, read_bytes
from pipeline.problems import Source, TalkError

MOST_SHOWN = 8  # inputs, by name
HINT = "read it, then say --yes; or use --frozen, which runs nothing"


class Wish(msgspec.Struct, frozen=True):
    """Something of a talk that wants to run: a command, or the code of a figure."""

    what: str  # "[measure.hash] of talk.toml"
    runs: str  # exactly what runs, as a person would type it
    inputs: tuple[str, ...] = ()  # files that it reads, by name
    where: Source | None = None


class Consent(msgspec.Struct, frozen=True):
    """Asks before something of a talk runs here for the first time.

    `ask` puts a question to the person and gives the answer; None where nobody is there. `yes`
    answers it beforehand.
    """

    title: str  # of the talk
    folder: Path  # where things run
    say: Callable[[str], None]
    ask: Callable[[str], bool] | None = None
    yes: bool = False

    def require(self, wishes: Sequence[Wish]) -> None:
        """Return where all may run, remembered or allowed now. Raises TalkError where not."""
        new = [wish for wish in wishes if not _is_marked(self._key(wish), self._words(wish))]
        if not new:
            return
        self.say(
            f"This talk, “{_plain(self.title)}”, wants to run on this machine for the first time:"
        )
        for wish in new:
            self.say(f"\n    {_plain(wish.runs)}")
            self.say(f"      for {_plain(f'{wish.what}, in {self.folder}')}")
            if wish.inputs:
                self.say(f"      with {_plain(_shown(wish.inputs))}")
        self.say("")
        if not self.yes:
            if self.ask is None:
                message = f"nobody is here to allow `{_plain(new[0].runs)}`"
                raise TalkError(message, new[0].where, HINT)
            if not self.ask("It can do whatever you can do here. Run it?"):
                hint = "--frozen builds without it, from what is kept or pinned"
                raise TalkError("not allowed, so nothing was run", new[0].where, hint)
        for wish in new:
            _set_mark(self._key(wish), self._words(wish))

    def _words(self, wish: Wish) -> str:
        """What is remembered, for people."""
        return f"{self.title}\n{wish.runs}\n"

    def _key(self, wish: Wish) -> str:
        return f"may run\n{self.title}\n{self.folder}\n{wish.what}\n{wish.runs}"


def was_made_here(digest: str) -> bool:
    """Whether a run with this digest was made on this machine, by this user."""
    return _is_marked(f"made\n{digest}", f"{digest}\n")


def note_made(digest: str) -> None:
    """Remember that a run was made here; where nothing can be written, nothing is."""
    _set_mark(f"made\n{digest}", f"{digest}\n")


def _is_marked(key: str, words: str) -> bool:
    """Whether exactly this was written: a file that was cut off or changed says nothing."""
    with suppress(RuntimeError, TalkError):  # a user without a home, or none was written
        return read_bytes(_mark(key), "what was allowed") == words.encode()
    return False


def _set_mark(key: str, words: str) -> None:
    """Where nothing can be written, it is asked again."""
    with suppress(OSError, RuntimeError):
        mark = _mark(key)
        make_way(mark)
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.unlink(missing_ok=True)  # a pipe would be waited for
        mark.write_bytes(words.encode())  # cut off it says nothing


def _mark(key: str) -> Path:
    """The file whose being there says yes. Raises RuntimeError for a user without a home."""
    from platformdirs import user_state_path

    name = hashlib.sha256(key.encode()).hexdigest()
    return user_state_path(NAME, appauthor=False) / "measured" / name


def _shown(names: Sequence[str]) -> str:
    more = len(names) - MOST_SHOWN
    return ", ".join(names[:MOST_SHOWN]) + (f" and {more} more files" if more > 0 else "")


def _plain(text: str) -> str:
    """Without signs that move a terminal's cursor, or turn the text around: all of it is seen."""
    return "".join(s if s.isprintable() else f"\\x{ord(s):02x}" for s in text)
