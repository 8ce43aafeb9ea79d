"""The schemas that editors get say what the reader says: of talk.toml, of slides' front matter."""

from __future__ import annotations

import datetime
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from support.needs import ROOT
from support.settings_schema import settings_schema

from pipeline.cli import main
from pipeline.schemas import SLIDE, TALK, slide_schema, talk_schema
from pipeline.slides.front_matter import front_matter
from pipeline.slides.layouts import fields_about, load_layouts
from pipeline.slides.scan import scanned

SETTINGS = sorted(ROOT.glob("talk.toml")) + sorted(ROOT.glob("examples/*/talk.toml"))
SETTINGS += sorted((ROOT / "templates").rglob("talk.toml"))
TALKS = [path.parent for path in SETTINGS]


def faults(schema: str, value: object) -> list[str]:
    """What the schema says of a value, with where."""
    from jsonschema import Draft7Validator  # slow to import

    found = Draft7Validator(json.loads(schema)).iter_errors(value)
    return [f"{list(error.absolute_path)}: {error.message}" for error in found]


def read_settings(text: str) -> Any:
    """TOML as an editor's checker has it: JSON knows no dates."""
    return json.loads(json.dumps(tomllib.loads(text), default=datetime.date.isoformat))


def fields_of(text: str) -> dict[str, object]:
    """Front matter as YAML reads it."""
    path = Path("01-one.md")
    fields, _ = front_matter(path, scanned(text, path))
    return {
        key: {"true": True, "false": False}.get(value, value) for key, (value, _) in fields.items()
    }


def test_the_schema_of_talk_toml_is_fresh() -> None:
    """Made from the types and the page of settings: a new key can't be forgotten."""
    again = "PYTHONPATH=tests:. python -m support.settings_schema"
    assert talk_schema() == settings_schema(), again


@pytest.mark.parametrize("schema", [talk_schema(), slide_schema(load_layouts(), fields_about())])
def test_both_are_schemas(schema: str) -> None:
    """Of a dialect that editors of TOML and YAML know."""
    from jsonschema import Draft7Validator

    Draft7Validator.check_schema(json.loads(schema))
    assert "draft-07" in json.loads(schema)["$schema"]


@pytest.mark.parametrize("path", SETTINGS, ids=[path.parent.name for path in SETTINGS])
def test_nothing_is_said_of_settings_that_are_right(path: Path) -> None:
    """This talk's, those of the examples, those that `new` writes."""
    assert faults(talk_schema(), read_settings(path.read_text("utf-8"))) == []


@pytest.mark.parametrize("talk", TALKS, ids=[path.name for path in TALKS])
def test_nothing_is_said_of_slides_that_are_right(talk: Path) -> None:
    """Their front matter, with the layouts that are the talk's own."""
    schema = slide_schema(load_layouts(talk), fields_about(talk))
    for path in sorted((talk / "deck" / "slides").glob("[0-9]*.md")):
        assert faults(schema, fields_of(path.read_text("utf-8"))) == [], path


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ('[talk]\ntitel = "A"', "'titel' was unexpected"),
        ('[talk]\ntitle = "A"', "'speaker' is a required property"),
        ('[talk]\ntitle = "A"\nspeaker = "B"\ntheme = "grey"', "'grey' is not one of"),
        ('[talk]\ntitle = "A"\nspeaker = 1', "1 is not of type 'string'"),
        ('[talk]\ntitle = "A"\nspeaker = "B"\n[cuts.full]\nlenght = "1:00"', "'lenght'"),
        ('[talk]\ntitle = "A"\nspeaker = "B"\n[measure.a.values."*"]\nunits = "s"', "'units'"),
        ("[pace]\nlowest = 140", "'talk' is a required property"),
    ],
)
def test_a_slip_in_settings_is_seen(settings: str, fault: str) -> None:
    """What the build refuses, an editor underlines."""
    assert fault in " ".join(faults(talk_schema(), read_settings(settings)))


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ("layout: text\ntitel: A", "'titel'"),
        ("layout: text", "'title' is a required property"),
        ("layout: texts\ntitle: A", "'texts' is not one of"),
        ("layout: picture\ntitle: A\nlook: wide", "'wide' is not one of"),
        ("layout: text\ntitle: A\nvideo: a.mp4", "'video' is not one of"),
        ("layout: text\ntitle: A\nhidden: maybe", "'maybe' is not one of"),
        ("title: A", "not valid under any of the given schemas"),
    ],
)
def test_a_slip_in_front_matter_is_seen(fields: str, fault: str) -> None:
    """A field that isn't there, or not in this layout; a value that it can't have."""
    schema = slide_schema(load_layouts(), fields_about())
    assert fault in " ".join(faults(schema, fields_of(f"---\n{fields}\n---\n")))


def test_each_field_of_front_matter_says_what_it_is() -> None:
    """For an editor's help: a new field of a layout can't be forgotten."""
    known = {name for one in load_layouts().values() for name in (*one.fields, *one.needs_fields)}
    assert known == fields_about().keys()


def test_the_command_gives_or_writes_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On stdout one of them; into a folder both, over those of another version."""
    talk = ["--talk", str(ROOT / "examples" / "nanosecond")]
    assert main(["schema", *talk]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "talk.toml"
    assert main(["schema", "--slide", *talk]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "A slide's front matter"
    assert main(["schema", "--talk", str(tmp_path)]) == 1
    assert "the file of settings is missing" in capsys.readouterr().err
    folder = tmp_path / "new" / ".talkwright"
    for _ in range(2):
        assert main(["schema", "--write", str(folder), *talk]) == 0
    assert sorted(path.name for path in folder.iterdir()) == [SLIDE, TALK.name]
    assert (folder / TALK.name).read_text("utf-8") == talk_schema()
