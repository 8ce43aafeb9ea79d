"""TOML read into structs: every message names the line and the nearest known name."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec
import pytest

from pipeline.problems import TalkError
from pipeline.toml_file import Key, TomlFile, read_toml


class Leaf(msgspec.Struct, frozen=True):
    name: str
    size: int = 1


class Tree(msgspec.Struct, frozen=True):
    path: Path
    title: str = ""
    share: float = 0.5
    kind: Literal["oak", "ash"] = "oak"
    best: Leaf | None = None
    leaves: tuple[Leaf, ...] = ()
    named: dict[str, Leaf] = {}
    ranks: tuple[tuple[str, ...], ...] = ()


def written(folder: Path, text: str) -> TomlFile:
    path = folder / "tree.toml"
    path.write_text(text, encoding="utf-8")
    return read_toml(path, "the tree", "see the README")


def test_a_file_becomes_its_struct(tmp_path: Path) -> None:
    """Tables, arrays of tables, inline tables and nested arrays; a whole number is a share, too."""
    file = written(
        tmp_path,
        'title = "T"\nshare = 1\nranks = [["a"], []]\nbest = {name = "b"}\n'
        '[[leaves]]\nname = "l"\nsize = 3\n[named.x]\nname = "n"\n',
    )
    leaves = (Leaf("l", 3),)
    tree = file.to(Tree, path=file.path)
    assert tree == Tree(
        file.path, "T", 1.0, "oak", Leaf("b"), leaves, {"x": Leaf("n")}, (("a",), ())
    )
    assert isinstance(tree.share, float)


@pytest.mark.parametrize("date", ["2026-11-26", "2026-11-26 19:30:00", "19:30:00"])
def test_a_date_is_taken_where_a_text_is_meant(tmp_path: Path, date: str) -> None:
    """People write `date = 2026-11-26` without quotes, and TOML makes a date of it."""
    assert written(tmp_path, f"title = {date}").to(Tree, path=tmp_path).title == date


WRONG = [
    ("titel = 1", 1, "unknown key `titel` in the top level", "did you mean `title`?"),
    ('path = "/"', 1, "unknown key `path`", "known: "),
    ("title = 1", 1, "Expected `str`, got `int` in title", "see the README"),
    ('\n\nkind = "elm"', 3, "unknown kind `elm`", "known: `ash`, `oak`"),
    ("kind = []", 1, "unknown kind `[]`", "known: "),
    ('[[leaves]]\nname = "a"\n[[leaves]]\nsize = 2', 3, "missing key `name` in [[leaves]]", "add"),
    (
        'leaves = [\n  {name = "a"},\n  {nam = "b"},\n]',
        1,
        "unknown key `nam` in [[leaves]]",
        "name",
    ),
    ('[named.x]\nname = "n"\nsize = "big"', 3, "got `str` in named.x.size", "see"),
    ('[best]\nname = """\n[x]\n"""\nsise = 1', 5, "unknown key `sise` in [best]", "size"),
    ("best = 3", 1, "in best", "see"),
    ("# a\nranks = [\n  [1],\n]", 2, "Expected `str`, got `int` in ranks", "see"),
    ("'tit.le' = 1", 1, "unknown key `tit.le`", "title"),
]


@pytest.mark.parametrize(("text", "line", "message", "hint"), WRONG)
def test_a_slip_is_named_with_its_line(
    tmp_path: Path, text: str, line: int, message: str, hint: str
) -> None:
    """The line on which the key begins, wherever it stands."""
    file = written(tmp_path, text)
    with pytest.raises(TalkError) as caught:
        file.to(Tree, path=tmp_path)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.where is not None
    assert caught.value.where.line == line


BROKEN = ["title = a", "[tree", "a = " + "[" * 2000, "a = " + "9" * 5000, "a = 1\na = 2", "\0"]


@pytest.mark.parametrize("text", BROKEN, ids=lambda text: text[:8])
def test_what_is_no_toml_is_one_error(tmp_path: Path, text: str) -> None:
    """Neither deep nesting nor long numbers end in a traceback."""
    with pytest.raises(TalkError, match="not valid TOML"):
        written(tmp_path, text)


LONG = """\
# A comment with key = 1 and [table]

[talk]
title = "[cuts.full]"  # title = 2
text = '''
[talk.no]
no = 1
'''

[cuts.full]
"14-15" = "3:00"
keep = [
    "a",  # [x]
    "b",
]

[[nodes]]
id = "a"
[nodes.more]
deep.er = 1
[[nodes]]
id = "b"
"""
PLACES: list[tuple[tuple[Key, ...], int | None]] = [
    (("talk",), 3),
    (("talk", "title"), 4),
    (("talk", "text"), 5),
    (("talk", "no"), 3),  # isn't there: its table's line
    (("cuts",), 10),
    (("cuts", "full", "14-15"), 11),
    (("cuts", "full", "keep", 1), 12),
    (("nodes", 0, "id"), 18),
    (("nodes", 0, "more", "deep", "er"), 20),
    (("nodes", 1), 21),
    (("nodes", 1, "id"), 22),
    (("no",), None),
    ((), None),
]


@pytest.mark.parametrize(("keys", "line"), PLACES)
def test_lines_of_keys(tmp_path: Path, keys: tuple[Key, ...], line: int | None) -> None:
    """Texts, comments and arrays that look like keys or tables are none."""
    assert written(tmp_path, LONG).source(*keys).line == line


def test_a_file_that_takes_long_to_search_has_no_lines(tmp_path: Path) -> None:
    """An array of 100,000 lines is read, and asking for a line in it comes to an end."""
    file = written(tmp_path, "first = 1\narray = [\n" + "1,\n" * 100_000 + "]\nlast = 1")
    assert file.source("first").line == 1
    assert file.source("last").line is None
