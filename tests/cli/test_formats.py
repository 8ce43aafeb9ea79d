"""`check --format`: findings for GitHub's workflows and for programs, at their file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.second_talk import write_second_talk

from pipeline.cli import main
from pipeline.cli.formats import written
from pipeline.cli.options import Format
from pipeline.problems import Problem, Source

SETTINGS = Path("talk.toml")
# What SARIF 2.1.0 requires of a log, and GitHub of one that is uploaded.
TEXT: dict[str, Any] = {"type": "object", "required": ["text"]}
LOG: dict[str, Any] = {
    "required": ["$schema", "version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "items": {
                "required": ["tool", "results"],
                "properties": {
                    "tool": {
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "required": ["name", "rules"],
                                "properties": {
                                    "rules": {"items": {"required": ["id", "shortDescription"]}}
                                },
                            }
                        },
                    },
                    "results": {
                        "items": {
                            "required": ["message", "ruleId", "level", "locations"],
                            "properties": {
                                "message": TEXT,
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "locations": {
                                    "minItems": 1,
                                    "items": {"required": ["physicalLocation"]},
                                },
                            },
                        }
                    },
                },
            }
        },
    },
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where the command is called, outside any workflow."""
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def problem(message: str = "a word too many", hint: str = "", line: int | None = 3) -> Problem:
    return Problem(message, Source(Path("deck/slides/02-how.md"), line), hint)


def test_an_annotation_stands_at_its_file_and_line() -> None:
    """GitHub's workflow commands, errors first; the log shows the place too."""
    warning = Problem("long", Source(Path("talk.toml")), severity="warning")
    nowhere = Problem("no run", None)
    assert written([warning, problem(hint="drop it"), nowhere], "github", SETTINGS).split("\n") == [
        "::error file=deck/slides/02-how.md,line=3::deck/slides/02-how.md:3: a word too many"
        "%0Ahint: drop it",
        "::error::no run",
        "::warning file=talk.toml::talk.toml: long",
    ]


def test_no_text_can_end_a_workflow_command_or_begin_one() -> None:
    """Percent signs, ends of lines, colons and commas in names are escaped as GitHub reads them."""
    path = Path("a,b:c%/01-x.md")
    (line,) = written(
        [Problem("100 %\n::error::x\r\x1b[2J", Source(path, 1))], "github", SETTINGS
    ).split("\n")
    assert line == (
        "::error file=a%2Cb%3Ac%25/01-x.md,line=1::a,b:c%25/01-x.md:1: "
        "100 %25%0A::error::x\\x0d\\x1b[2J"
    )


def test_paths_are_those_of_the_repository(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A talk in a folder of the repository, checked from there: GitHub counts from the top."""
    monkeypatch.setenv("GITHUB_WORKSPACE", str(here))
    (here / "talk").mkdir()
    monkeypatch.chdir(here / "talk")
    assert "file=talk/deck/slides/02-how.md,line=3" in written([problem()], "github", SETTINGS)
    log = json.loads(written([problem()], "sarif", SETTINGS))
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {
        "uri": "talk/deck/slides/02-how.md",
        "uriBaseId": "%SRCROOT%",
    }


def test_json_has_one_shape() -> None:
    """Each finding has all names, null where it has nothing to say."""
    found = json.loads(written([Problem("no run"), problem("ä")], "json", SETTINGS))
    assert found["version"] == 1
    assert found["problems"] == [
        {
            "severity": "error",
            "concerns": "pages",
            "file": None,
            "line": None,
            "message": "no run",
            "hint": None,
        },
        {
            "severity": "error",
            "concerns": "pages",
            "file": "deck/slides/02-how.md",
            "line": 3,
            "message": "ä",
            "hint": None,
        },
    ]


def test_sarif_has_what_its_readers_need() -> None:
    """What the standard requires; each result names one of the rules, and a place that it has."""
    from jsonschema import Draft7Validator  # slow to import

    spaced = Problem("x", Source(Path("ein bild.md"), 2), severity="warning", concerns="time")
    log = json.loads(written([problem(), Problem("no run"), spaced], "sarif", SETTINGS))
    Draft7Validator(LOG).validate(log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    places = [one["locations"][0]["physicalLocation"] for one in run["results"]]
    assert [place["artifactLocation"]["uri"] for place in places] == [
        "deck/slides/02-how.md",
        "talk.toml",
        "ein%20bild.md",
    ]
    assert [place.get("region") for place in places] == [
        {"startLine": 3},
        None,
        {"startLine": 2},
    ]


@pytest.mark.parametrize("form", ["github", "json", "sarif"])
def test_a_talk_that_cant_be_read_is_a_finding_too(
    form: Format, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A typo in a slide, or in talk.toml: exit status 1, stdout alone has it, in its form."""
    root = write_second_talk(here / "bread")
    slide = root / "deck" / "slides" / "01-hello.md"
    slide.write_text(slide.read_text("utf-8").replace("layout: title", "layout: titel"), "utf-8")
    for place in ("bread/deck/slides/01-hello.md", "bread/talk.toml"):
        assert main(["check", "--talk", "bread", "--format", form]) == 1
        said = capsys.readouterr()
        assert place in said.out
        assert said.err == ""
        if form == "github":
            assert said.out.startswith(f"::error file={place},line=")
        else:
            json.loads(said.out)
        (root / "talk.toml").write_text("[talk]\ntitel = 1\n", "utf-8")


def test_each_place_of_a_value_that_is_gone_is_a_finding(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not the first one alone, which ends the build."""
    root = write_second_talk(here / "bread")
    for name in ("01-hello", "03-bye"):
        with (root / "deck" / "slides" / f"{name}.md").open("a") as slide:
            slide.write("{{ yeast.rise | pct }}\n")
    assert main(["check", "--talk", "bread", "--format", "json"]) == 1
    said = capsys.readouterr()
    assert said.err == ""
    found = json.loads(said.out)["problems"]
    assert [one["file"] for one in found] == [
        "bread/deck/slides/01-hello.md",
        "bread/deck/slides/03-bye.md",
    ]


def test_a_format_that_isnt_there_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2, and which there are."""
    assert main(["check", "--format", "xml"]) == 2
    said = capsys.readouterr().err
    assert "invalid choice: 'xml'" in said
    assert "sarif" in said


@pytest.mark.parametrize("form", ["github", "json", "sarif"])
def test_names_and_words_of_any_letters_are_written(form: Format, tmp_path: Path) -> None:
    """A name that is no UTF-8, ends of lines, and signs that steer; JSON is ASCII."""
    where = Source(tmp_path / "deck" / "a\udcff\n\x1b,%: 💥.md", 3)
    text = written([Problem("Grüße, 100 %\n::error::x", where, "💥")], form, SETTINGS)
    assert text.encode("utf-8", "backslashreplace")
    assert "\x1b" not in text.partition("::error file=")[2].partition("::")[2]
    if form == "github":
        assert len(text.splitlines()) == 1
        return
    assert text.isascii()
    assert "Grüße" in json.dumps(json.loads(text), ensure_ascii=False)
