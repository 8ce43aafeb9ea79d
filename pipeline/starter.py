"""A small new talk to start from: slides in a language, and what editors and hosts want beside."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from pipeline import __version__
from pipeline.command import NAME
from pipeline.files import PART_NAME, remove, write_whole
from pipeline.locale import locale_of
from pipeline.locks import LOCK, alone
from pipeline.problems import Source, TalkError
from pipeline.resources import TEMPLATES, files_of
from pipeline.schemas import schemas
from pipeline.slides.layouts import fields_about, load_layouts

Kind = Literal["script", "notes", "measure"]
STARTERS = TEMPLATES / "starters"  # LANGUAGE/KIND, and what stands around each
ENGLISH = "en"
_MAY_BE_THERE = (".git",)  # a repository that was just made or cloned
_LAST = "talk.toml"  # of the files: without it there is no talk yet


class NewTalk(msgspec.Struct, frozen=True):
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
    or is none: nothing is overwritten. What a killed call left there is no hindrance.
    """
    locale = locale_of(language)
    texts = locale.primary if (STARTERS / locale.primary).is_dir() else ENGLISH
    values = {"@LANGUAGE@": locale.tag, "@REQUIREMENT@": requirement()}
    if locale.by_characters:  # as no starter's words are
        values["words_per_minute = 150"] = f"characters_per_minute = {locale.pace}"
        values["lowest = 140\nhighest = 160\n"] = ""
    contents = {**_texts(STARTERS / texts / kind, values), **_texts(STARTERS / "around", values)}
    contents |= schemas(load_layouts(), fields_about())
    with claimed(folder):
        files = fill(folder, {name: text.encode() for name, text in contents.items()})
    slides = sorted(path.stem for path in files if path.parent.name == "slides")
    return NewTalk(files, locale.tag, texts, slides[1].partition("-")[2])


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """While a talk is begun in a folder: no other process does that there.

    Raises TalkError for a folder that holds a talk, or is none.
    """
    _check_free(folder)
    with alone(folder / LOCK, f"writing a talk into {folder}"):
        _check_free(folder)
        yield


def _check_free(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise TalkError("that is a file", Source(folder), "name a new or empty folder")
    if os.path.lexists(folder / _LAST):
        raise _holds_something(folder)


def _holds_something(folder: Path) -> TalkError:
    hint = "name a new or empty folder: nothing is overwritten"
    return TalkError("there is something in this folder already", Source(folder), hint)


def fill(folder: Path, contents: Mapping[str, bytes], room: str = "") -> tuple[Path, ...]:
    """Write a talk's files into a folder that is claimed, talk.toml last; or leave none behind.

    What is there already may be the same files, which a killed call left, and a folder `room`.
    Raises TalkError where there is anything else.
    """
    for left in _left_in(folder, contents, room):
        remove(left)
    try:
        names = sorted(contents, key=lambda name: name == _LAST)
        return tuple(write_whole(folder / name, contents[name]) for name in names)
    except BaseException:
        for top in {name.partition("/")[0] for name in contents}:
            remove(folder / top)
        raise


def _left_in(folder: Path, contents: Mapping[str, bytes], room: str) -> list[Path]:
    """What a killed call was writing here. Raises TalkError for what is none of these files."""
    left = list[Path]()
    for at, folders, names in os.walk(folder):
        place = Path(at)
        if place == folder:
            folders[:] = [name for name in folders if name not in (*_MAY_BE_THERE, room)]
            names = [name for name in names if name not in (*_MAY_BE_THERE, LOCK)]
        for path in (place / name for name in names):
            made = contents.get(path.relative_to(folder).as_posix())
            if PART_NAME.fullmatch(path.name):
                left.append(path)
            elif made is None or path.is_symlink() or path.read_bytes() != made:
                raise _holds_something(folder)
    return left


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
