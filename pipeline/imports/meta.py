"""Front matter of other tools: YAML, read as text, whatever it says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from pipeline.imports.text import Piece, shown_signs
from pipeline.problems import Source, TalkError

_OPENED = re.compile(r"\s*---[ \t]*\n(.*?)(?:^|\n)(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_MOST_SIGNS = 100_000
_DEEPEST = 50
_NOT_READ = [f"tag:yaml.org,2002:{kind}" for kind in ("timestamp", "int", "float")]


class Meta(msgspec.Struct, frozen=True):
    """What front matter says, by key, and the piece that it was read from."""

    said: Mapping[str, object] = {}
    piece: Piece | None = None

    def text(self, *keys: str) -> str:
        """The first of these that is one line of text, a number or a date; a list is joined."""
        for key in keys:
            if shown := plain(self.said.get(key)):
                return shown
        return ""

    def where(self, key: str) -> Source:
        """The line on which a key stands."""
        assert self.piece is not None
        found = re.search(rf"^{re.escape(key)}\s*:", self.piece.text, re.MULTILINE)
        return self.piece.where(found.start() if found else 0)

    def written(self, key: str) -> str:
        """A key with its value, as it stands in the file."""
        assert self.piece is not None
        form = rf"^{re.escape(key)}\s*:.*(?:\n(?:[ \t]+.*|[ \t]*|- .*)(?=\n|$))*"
        found = re.search(form, self.piece.text, re.MULTILINE)
        return found[0].rstrip() if found else f"{key}: {plain(self.said.get(key))}"

    def others(self, *known: str) -> Iterator[str]:
        """Keys beside these."""
        return (key for key in self.said if key not in known)


def plain(value: object) -> str:
    """A value as one line: of a list all, of a table its name."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(filter(None, map(plain, value)))
    if isinstance(value, dict):
        return plain(value.get("name") or value.get("literal"))
    return " ".join(shown_signs(str(value)).split())


def read_meta(piece: Piece) -> Meta:
    """YAML as a table. Raises TalkError with the line of what is none."""
    import yaml

    text = piece.text.replace("\t", "  ")
    if len(text) > _MOST_SIGNS:
        raise TalkError("a front matter of more than 100,000 signs", piece.where(), "shorten it")
    try:
        _check_events(yaml.parse(text, yaml.BaseLoader), piece)
        said = yaml.load(text, _as_written())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        lines = text.count("\n", 0, mark.index) if mark else 0  # YAML has other line breaks, too
        where = Source(piece.path, piece.line + lines)
        why = str(getattr(error, "problem", "") or "it is broken")
        raise TalkError(
            f"the front matter is no YAML: {why}", where, "mend it, then again"
        ) from None
    except (ValueError, RecursionError) as error:  # a date such as 2024-13-45
        raise TalkError(f"the front matter is no YAML: {error}", piece.where(), "mend it") from None
    if not isinstance(said, dict):
        return Meta({}, piece)
    return Meta({shown_signs(str(key)): value for key, value in said.items()}, piece)


def _check_events(events: Iterable[Any], piece: Piece) -> None:
    """What names another part of it, or lies too deep: the library takes the square of a depth."""
    import yaml

    depth = 0
    for event in events:
        if isinstance(event, yaml.AliasEvent):
            raise TalkError("the front matter has YAML aliases", piece.where(), "write them out")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            message = f"the front matter is more than {_DEEPEST} levels deep"
            raise TalkError(message, piece.where(), "mend it, then again")


@cache
def _as_written() -> Any:
    """The safe loader, which leaves dates and numbers as they were written."""
    import yaml

    class AsWritten(yaml.SafeLoader):  # type: ignore[misc]
        yaml_implicit_resolvers = {  # noqa: RUF012 -- PyYAML's own
            sign: [one for one in resolvers if one[0] not in _NOT_READ]
            for sign, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    return AsWritten


def head_of(piece: Piece) -> tuple[Meta, Piece]:
    """The front matter at the top of a file, and the file with empty lines in its place."""
    found = _OPENED.match(piece.text)
    if not found or not re.search(r"^[\w-]+[ \t]*:", found[1], re.MULTILINE):
        return Meta(), piece
    first = piece.text[: found.start(1)].count("\n")
    last = piece.text[: found.end()].rstrip("\n").count("\n") + 1
    meta = read_meta(piece.part(first, last - 1))
    return meta, piece.without(0, last)
