"""templates/schemas/talk.schema.json out of the settings' types and docs/settings.md.

It is kept with the templates: who installs the command has no docs/.

PYTHONPATH=tests:. python -m support.settings_schema    # after a change of either
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pipeline.config import Config
from pipeline.schemas import DIALECT, TALK, written

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "settings.md"
Place = tuple[str, ...]  # keys that lead to a table; * for a name that the talk gives
_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}


def settings_schema() -> str:
    """The schema of talk.toml as it is kept: each table, each key, with the docs' words."""
    about = _about(PAGE.read_text("utf-8"))
    table = _table(Config, (), about)
    table["properties"].pop("root")
    table["required"].remove("root")
    title = {"title": "talk.toml", "description": "Settings of a talk"}
    return written({"$schema": DIALECT, **title, **table})


def _about(page: str) -> Mapping[Place, str]:
    """What the page says of tables and keys."""
    found: dict[Place, str] = {}
    for section in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        heading = re.match(r"`\[+(.*?)\]+`(?:: (.+))?", section)
        assert heading, section[:40]
        place = tuple(re.sub(r'^"?[A-Z]+"?$', "*", key) for key in heading[1].split("."))
        found[place] = _plain(heading[2] or "")
        for key, words in re.findall(r"^\| `(\w+)` \|[^|]*\| (.*)\|$", section, re.MULTILINE):
            found[(*place, key)] = _plain(words)
    return found


def _plain(markdown: str) -> str:
    """Words without links; code stays between backticks, as editors show it."""
    words = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", markdown).strip()
    return words[:1].upper() + words[1:]


def _table(kind: type, place: Place, about: Mapping[Place, str]) -> dict[str, Any]:
    """A struct as a table: its keys and no others."""
    hints, properties, needed = get_type_hints(kind), {}, []
    for key in inspect.signature(kind).parameters.values():
        at = (*place, key.name)
        entry = _value(hints[key.name], at, about)
        if words := about.get(at) or about.get((*at, "*")):
            entry = {"description": words, **entry}
        if isinstance(key.default, str | int | float) and key.default != "":
            entry["default"] = key.default
        properties[key.name] = entry
        if key.default is inspect.Parameter.empty:
            needed.append(key.name)
    required = {"required": needed} if needed else {}
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        **required,
    }


def _value(hint: object, at: Place, about: Mapping[Place, str]) -> dict[str, Any]:
    """A type as toml_file reads it: no null, arrays for tuples, tables for structs."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        kinds = [_value(one, at, about) for one in inner if one is not type(None)]
        return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    if origin is Literal:
        return {"type": "string", "enum": [*inner]}
    if origin is tuple:
        return {"type": "array", "items": _value(inner[0], at, about)}
    if origin is dict:
        named = _value(inner[1], (*at, "*"), about)
        return {"type": "object", "additionalProperties": named}
    if isinstance(hint, type) and hasattr(hint, "__match_args__"):
        return _table(hint, at, about)
    return {"type": _PLAIN[hint]} if isinstance(hint, type) and hint in _PLAIN else {}


if __name__ == "__main__":
    TALK.write_text(settings_schema(), "utf-8")
