"""A small new talk to start from: slides in a language, and what editors and hosts want beside."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pipeline import __version__
from pipeline.command import NAME
from pipeline.files import write_whole
from pipeline.locale import locale_of
from pipeline.problems import Source, TalkError
from pipeline.resources import TEMPLATES, files_of
from pipeline.schemas import schemas
from pipeline.slides.layouts import fields_about, load_layouts

Kind = Literal["script", "notes", "measure"]
STARTERS = TEMPLATES / "starters"  # LANGUAGE/KIND, and what stands around each
ENGLISH = "en"
_MAY_BE_THERE = (".git",)  # a repository that was just made or cloned


@dataclass(frozen=True, slots=True)
class NewTalk:
    """What was written; `texts` is the language of its words: English where there are no others."""

    files: tuple[Path, ...]
    language: str
    texts: str
    second: str  # the name of its second slide


def write_new_talk(folder: Path, kind: Kind = "script", language: str = ENGLISH) -> NewTalk:
    """Write a talk, its schemas, editor's tasks and workflows into the folder.

    "script": with a diagram and a script; "notes": slides with notes and times of their own;
    "measure": the same, and a program whose numbers are on them.

    Raises TalkError for a language that isn't known, and where the folder holds something already,
    or is none: nothing is overwritten.
    """
    locale = locale_of(language)
    check_free(folder)
    texts = locale.primary if (STARTERS / locale.primary).is_dir() else ENGLISH
    values = {"@LANGUAGE@": locale.tag, "@REQUIREMENT@": requirement()}
    if locale.by_characters:  # as no starter's words are
        values["words_per_minute = 150"] = f"characters_per_minute = {locale.pace}"
        values["lowest = 140\nhighest = 160\n"] = ""
    contents = {**_texts(STARTERS / texts / kind, values), **_texts(STARTERS / "around", values)}
    contents |= schemas(load_layouts(), fields_about())
    files = _write(folder, contents)
    slides = sorted(path.stem for path in files if path.parent.name == "slides")
    return NewTalk(files, locale.tag, texts, slides[1].partition("-")[2])


def check_free(folder: Path) -> None:
    """Raises TalkError for a folder that holds something, or is none."""
    if folder.exists() and not folder.is_dir():
        raise TalkError("that is a file", Source(folder), "name a new or empty folder")
    if folder.is_dir() and any(path.name not in _MAY_BE_THERE for path in folder.iterdir()):
        hint = "name a new or empty folder: nothing is overwritten"
        raise TalkError("there is something in this folder already", Source(folder), hint)


def _texts(source: Path, values: Mapping[str, str]) -> dict[str, str]:
    """The files of a folder by their paths, `dot-NAME` as `.NAME`, with values for their names."""
    found = {}
    for path in files_of(source):
        parts = (part.replace("dot-", ".", 1) for part in path.relative_to(source).parts)
        text = path.read_text("utf-8")
        for name, value in values.items():
            text = text.replace(name, value)
        found["/".join(parts)] = text
    return found


def _write(folder: Path, texts: Mapping[str, str]) -> tuple[Path, ...]:
    """Write all files into a folder that has none of them, or leave none behind."""
    try:
        return tuple(write_whole(folder / name, text) for name, text in texts.items())
    except BaseException:
        for top in {name.partition("/")[0] for name in texts}:
            path = folder / top
            shutil.rmtree(path, ignore_errors=True)
            if path.is_file():
                path.unlink()
        raise


def requirement(extra: str = "publish") -> str:
    """What pip is to install elsewhere: the commit that is installed here, else this version."""
    name = f"{NAME}[{extra}]"
    try:
        found = distribution(NAME)
    except PackageNotFoundError:
        return f"{name}=={__version__}"
    origin = json.loads(found.read_text("direct_url.json") or "{}")  # PEP 610
    commit = origin.get("vcs_info", {}).get("commit_id", "")
    url = urlsplit(origin.get("url", ""))
    if commit and url.scheme == "https" and "@" not in url.netloc:
        return f"{name} @ git+{url.geturl()}@{commit}"
    return f"{name}=={found.version}"
