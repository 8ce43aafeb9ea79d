"""docs/settings.md has each key of talk.toml, with its default."""

from __future__ import annotations

import inspect
import json
import re

import pytest
from support.needs import ROOT

from pipeline.config import (
    Brand,
    Config,
    Constant,
    Cut,
    DataSettings,
    EvidenceSettings,
    ExperimentSettings,
    Faces,
    Limits,
    MeasureSettings,
    ModelSettings,
    NumberSettings,
    OwnTraining,
    Pace,
    TalkInfo,
    TrainingSettings,
    ValueSettings,
)

TABLES = {
    "[talk]": TalkInfo,
    "[pace]": Pace,
    "[cuts.NAME]": Cut,
    "[brand]": Brand,
    "[brand.faces]": Faces,
    "[limits.LAYOUT]": Limits,
    "[measure.NAME]": MeasureSettings,
    '[measure.NAME.values."PLACE"]': ValueSettings,
    "[experiment]": ExperimentSettings,
    "[experiment.data]": DataSettings,
    "[experiment.model]": ModelSettings,
    "[experiment.training]": TrainingSettings,
    '[experiment.models."NAME"]': OwnTraining,
    "[evidence.NAME]": EvidenceSettings,
    "[numbers]": NumberSettings,
    "[[constants]]": Constant,
}
PAGE = (ROOT / "docs/settings.md").read_text("utf-8")


def described(heading: str) -> dict[str, str]:
    """The keys below a heading of the page with what it says of their defaults."""
    section = re.search(
        rf"^## `{re.escape(heading)}`.*?(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE
    )
    assert section, heading
    rows = re.findall(r"^\| `(\w+)` \|([^|]*)\|", section[0], re.MULTILINE)
    return {key: default.strip().strip("`") for key, default in rows}


def default_of(key: inspect.Parameter) -> str:
    """A default as TOML writes it; empty where there is nothing."""
    value = key.default
    if value is inspect.Parameter.empty:
        return "needed"
    if value is None or value == "":
        return ""
    is_table = hasattr(type(value), "__match_args__") or repr(value) == "<factory>"
    return "{}" if is_table else json.dumps(value)


@pytest.mark.parametrize("heading", TABLES)
def test_each_key_stands_there_with_its_default(heading: str) -> None:
    """The page's tables are the settings' fields, in their order."""
    keys = inspect.signature(TABLES[heading]).parameters.values()
    assert [*described(heading).items()] == [(key.name, default_of(key)) for key in keys]


def test_each_table_of_the_settings_has_a_heading() -> None:
    """A new table of talk.toml can't be forgotten."""
    named = re.findall(r"^## `\[+(\w+)", PAGE, re.MULTILINE)
    assert {*named} == {*Config.__struct_fields__} - {"root"}
