"""A talk of two slides with a chart of its own, for tests; and values for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipeline.config import load_config
from pipeline.measured import Measured, Measurement, Origin, Tree, Value, plain_tree
from pipeline.pictures.own.drawing import drawn
from pipeline.pictures.own.inside import Answer
from pipeline.pictures.own.values import tree_of_all
from pipeline.pictures.picture import Picture
from pipeline.slides.layouts import load_layouts
from pipeline.talk import Talk, load_talk
from support.second_talk import write_second_talk

LOAD = '''\
"""Insertion by load factor."""


def draw(chart, values):
    """An insertion takes longer as the table fills."""
    rows = values.hash.rows
    chart.axes.plot(rows.load, rows.ns, "o-")
    chart.mark(rows[-1].load, rows[-1].ns, rows[-1].ns, f"{rows[-1].ns:.0f} ns", (0, 12))
'''


def hash_values(last: float = 97) -> dict[str, Tree]:
    """A table of three rows, a plain number and a name with signs in it."""
    rows = ((0.1, 20.0), (0.5, 31.5), (0.9, last))
    table: Tree = tuple(
        {"load": Value(x), "ns": Value(y, y - 1, y + 2, unit="ns")} for x, y in rows
    )
    return {"rows": table, "keys": Value(1000), "std::map": {"ns": Value(310, unit="ns")}}


def hashed(values: dict[str, Tree] | None = None) -> Measured:
    """What a talk has measured that measures `hash` alone."""
    run = Origin("1a2b3c4d", {"bench.py": "0"}, made="2026-11-20T10:00:00Z")
    return Measured(None, {"hash": Measurement("hash", values or hash_values(), run, "d")})


def draw(
    root: Path,
    code: str = LOAD,
    name: str = "load",
    measured: Measured | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[Picture, Answer]:
    """Write a figure's file and draw it."""
    file = root / "deck" / "figures" / f"{name}.py"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(code, "utf-8")
    tree = tree_of_all(measured or hashed())
    return drawn(file, root, {key: plain_tree(value) for key, value in tree.items()}, say)


def talk_with(root: Path, measured: Measured) -> Talk:
    """A talk with a slide that shows the figure `load`, as it is read now."""
    if not (root / "talk.toml").exists():
        write_second_talk(root)
        head = "---\nlayout: figure\ntitle: A full table\n---\n"
        slide = f"{head}::: left\n![](figure:load)\n:::\n"
        (root / "deck" / "slides" / "02-load.md").write_text(slide, "utf-8")
        (root / "deck" / "slides" / "02-steps.md").unlink()
        (root / "deck" / "figures").mkdir()
        (root / "deck" / "figures" / "load.py").write_text(LOAD, "utf-8")
    return load_talk(load_config(root), measured, load_layouts())
