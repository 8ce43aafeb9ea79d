"""JSON Schemas of talk.toml and of slides' front matter, for editors that complete and check."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.files import write_whole
from pipeline.resources import TEMPLATES
from pipeline.slides.layouts import Layout

FOLDER = ".talkwright"  # in a talk: editors find them without a network
TALK = TEMPLATES / "schemas" / "talk.schema.json"  # made from the settings' types; a test compares
SLIDE = "slide.schema.json"
DIALECT = "http://json-schema.org/draft-07/schema#"  # the newest that editors of TOML know
_TEXT = ["string", "number"]  # YAML reads `title: 2026` as a number; it is a text all the same
_TRUTH = [True, False, "true", "false", "yes", "no", "on", "off"]
_SWITCHES = ("hidden", "backup")


def talk_schema() -> str:
    """The schema of talk.toml, the same for every talk."""
    return TALK.read_text("utf-8")


def slide_schema(layouts: Mapping[str, Layout], about: Mapping[str, str]) -> str:
    """The schema of front matter with these layouts; `about` says what each field is."""
    names = sorted({name for one in layouts.values() for name in (*one.fields, *one.needs_fields)})
    layout: dict[str, Any] = {
        "description": "What the slide consists of",
        "enum": [*layouts],
        "enumDescriptions": [one.about for one in layouts.values()],
    }
    fields = {name: _field(name, about.get(name, "")) for name in names}
    schema = {
        "$schema": DIALECT,
        "title": "A slide's front matter",
        "type": "object",
        "properties": {"layout": layout, **fields},
        "additionalProperties": False,
        "anyOf": [{"required": ["layout"]}, {"required": ["same"]}],
        "allOf": [_of_layout(one) for one in layouts.values()],
    }
    return written(schema)


def _field(name: str, about: str) -> dict[str, Any]:
    kind = {"enum": _TRUTH} if name in _SWITCHES else {"type": _TEXT}
    return {"description": about, **kind} if about else kind


def _of_layout(layout: Layout) -> dict[str, Any]:
    """What goes for slides of one layout."""
    known = sorted({"layout", *layout.fields, *layout.needs_fields})
    of_it = {"properties": {"layout": {"const": layout.name}}, "required": ["layout"]}
    then: dict[str, Any] = {
        "propertyNames": {"enum": known},
        "required": sorted(set(layout.needs_fields)),
    }
    if layout.choices:
        then["properties"] = {key: {"enum": [*one]} for key, one in layout.choices.items()}
    return {"if": of_it, "then": then}


def written(schema: Mapping[str, object]) -> str:
    """A schema as it stands in a file."""
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def schemas(layouts: Mapping[str, Layout], about: Mapping[str, str]) -> dict[str, str]:
    """Both as they lie in a talk, by their paths."""
    found = {TALK.name: talk_schema(), SLIDE: slide_schema(layouts, about)}
    return {f"{FOLDER}/{name}": text for name, text in found.items()}


def write_schemas(
    folder: Path, layouts: Mapping[str, Layout], about: Mapping[str, str]
) -> list[Path]:
    """Write both into a folder, over those of another version; their paths."""
    found = schemas(layouts, about)
    return [write_whole(folder / Path(name).name, text) for name, text in found.items()]
