"""Problems for programs: annotations of GitHub, JSON, SARIF.

Paths are those below the repository that a workflow works on, or below the folder where the command
is called; with `/` on every system. JSON is ASCII: whatever stdout is encoded in, programs read it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import get_args
from urllib.parse import quote

from pipeline.cli.options import Format
from pipeline.command import NAME
from pipeline.problems import Concern, Problem, spelt_out

SARIF = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_RULES: dict[Concern, str] = {
    "pages": "What the room sees: slides, numbers, pictures, links",
    "script": "What is said: script, notes, cues",
    "time": "How long it takes: slots, cuts, pace",
}


def written(problems: Iterable[Problem], form: Format, settings: Path) -> str:
    """Problems in a form for programs, errors first; `settings`: the talk's talk.toml."""
    found = sorted(problems, key=lambda problem: not problem.is_error)
    if form == "sarif":
        return as_sarif(found, settings)
    return as_github(found) if form == "github" else as_json(found)


def as_github(problems: Sequence[Problem]) -> str:
    """A workflow command a line: `::error file=deck/slides/02-how.md,line=7::…`.

    https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
    The message names its place again: the log shows nothing else of a command.
    """
    return "\n".join(_workflow_command(problem) for problem in problems)


def _workflow_command(problem: Problem) -> str:
    path, line = _place(problem)
    properties = {"file": path, "line": str(line) if line else ""}
    said = ",".join(f"{key}={_escaped(value, ':,')}" for key, value in properties.items() if value)
    place = spelt_out(f"{path}:{line}: " if line else f"{path}: " if path else "")
    return f"::{problem.severity}{' ' if said else ''}{said}::{_escaped(place + _words(problem))}"


def _escaped(text: str, more: str = "") -> str:
    """A text as workflow commands want it: `%` and ends of lines in hexadecimal, and `more`."""
    return re.sub(f"[%\r\n{more}]", lambda sign: f"%{ord(sign[0]):02X}", text)


def as_json(problems: Sequence[Problem]) -> str:
    """An object with `version`, the form's own, and `problems`, errors first."""
    listed = []
    for problem in problems:
        path, line = _place(problem)
        listed.append(
            {
                "severity": problem.severity,
                "concerns": problem.concerns,
                "file": path or None,
                "line": line,
                "message": spelt_out(problem.message),
                "hint": spelt_out(problem.hint) or None,
            }
        )
    return json.dumps({"version": 1, "problems": listed}, indent=1)


def as_sarif(problems: Sequence[Problem], settings: Path) -> str:
    """A log of SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html

    Readers of it want a place for each result: without one it is the talk's `settings`.
    """
    names: tuple[Concern, ...] = get_args(Concern)
    rules = [{"id": name, "shortDescription": {"text": _RULES[name]}} for name in names]
    results = []
    for problem in problems:
        path, line = _place(problem)
        place: dict[str, object] = {"artifactLocation": _location(path or _below(settings))}
        if line:
            place["region"] = {"startLine": line}
        results.append(
            {
                "ruleId": problem.concerns,
                "ruleIndex": names.index(problem.concerns),
                "level": problem.severity,
                "message": {"text": _words(problem)},
                "locations": [{"physicalLocation": place}],
            }
        )
    run = {"tool": {"driver": {"name": NAME, "rules": rules}}, "results": results}
    log = {"$schema": SARIF, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=1)


def _location(path: str) -> dict[str, str]:
    """An artifactLocation: below the repository, or a file elsewhere by its address."""
    if Path(path).is_absolute():
        return {"uri": Path(path).as_uri()}
    return {"uri": quote(os.fsencode(path)), "uriBaseId": "%SRCROOT%"}


def _words(problem: Problem) -> str:
    hint = f"\nhint: {problem.hint}" if problem.hint else ""
    return spelt_out(f"{problem.message}{hint}")


def _place(problem: Problem) -> tuple[str, int | None]:
    """Path and line of a problem; an empty path where it has none."""
    where = problem.where
    return (_below(where.path), where.line) if where else ("", None)


def _below(path: Path) -> str:
    """A path from the repository's folder, or from here; as it is where it lies in neither."""
    real = Path(os.path.realpath(path))
    folders = [Path(os.path.realpath(f)) for f in (os.environ.get("GITHUB_WORKSPACE"), ".") if f]
    below = (real.relative_to(folder) for folder in folders if real.is_relative_to(folder))
    return next(below, real).as_posix()
