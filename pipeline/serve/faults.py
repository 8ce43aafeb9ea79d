"""Whatever went wrong in a rebuild, as a person is told it: where, what, and what to do."""

from __future__ import annotations

import re
import tomllib
import traceback
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import jinja2

from pipeline.problems import Problem, Source, TalkError
from pipeline.resources import TEMPLATES

_CODE = TEMPLATES.parent


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `where` is `path:line`, or empty."""

    message: str
    where: str = ""
    hint: str = ""

    @property
    def lines(self) -> str:
        """As the terminal shows it."""
        where = f"{self.where}: " if self.where else ""
        return f"error: {where}{self.message}" + (f"\nhint: {self.hint}" if self.hint else "")


def fault_of_finding(finding: Problem, root: Path, more: int = 0) -> Fault:
    """The fault that a finding is, the first of some; paths as in `fault_of`."""
    where = _place(root, finding.where.path, finding.where.line) if finding.where else ""
    rest = f" (and {more} more: python build.py check)" if more else ""
    return Fault(finding.message + rest, where, finding.hint)


def _place(root: Path, path: Path, line: int | None = None) -> str:
    for folder in (root, _CODE):
        if path.is_relative_to(folder):
            path = path.relative_to(folder)
            break
    return f"{path}:{line}" if line else str(path)


def fault_of(error: Exception, root: Path) -> Fault:
    """The fault behind an error, with paths from the talk's folder `root` on."""
    place = partial(_place, root)
    if isinstance(error, TalkError):
        where = place(error.where.path, error.where.line) if error.where else ""
        return Fault(error.message, where, error.hint)
    if isinstance(error, jinja2.TemplateSyntaxError):
        path = Path(error.filename) if error.filename else TEMPLATES / (error.name or "")
        return Fault(error.message or "broken", place(path, error.lineno), "mend the template")
    if isinstance(error, jinja2.TemplateNotFound):
        path = TEMPLATES / str(error.name)
        return Fault(f"there is no template `{error.name}`", place(path), "put it back")
    if isinstance(error, tomllib.TOMLDecodeError):
        found = re.search(r"line (\d+)", str(error))
        where = place(TEMPLATES / "layouts.toml", int(found[1]) if found else None)
        return Fault(f"not valid TOML: {error}", where, "strings need quotes")
    if isinstance(error, OSError):
        where = place(Path(error.filename)) if error.filename else ""
        return Fault(error.strerror or str(error), where, "put it back, or let it be read")
    said = str(error) or "no more is known"
    if isinstance(error, KeyError):
        said = f"{said} is missing"
    last = _last_place(error)
    return Fault(f"{type(error).__name__}: {said}", place(last.path, last.line) if last else "")


def _last_place(error: Exception) -> Source | None:
    """The line of the innermost template, or else of the innermost module of ours."""
    frames = traceback.extract_tb(error.__traceback__)
    for folder in (TEMPLATES, _CODE / "pipeline"):
        for frame in reversed(frames):
            if Path(frame.filename).is_relative_to(folder):
                return Source(Path(frame.filename), frame.lineno)
    return None
