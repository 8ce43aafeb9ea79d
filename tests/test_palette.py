"""Colours are named once, in two files of templates/shared; a copy or a change is noticed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.needs import ROOT

from pipeline.palette import (
    AA,
    CODE_COLOURS,
    COLOURS,
    DARK,
    LIGHT,
    Colours,
    both_themes,
    contrast,
    read_palette,
)

COLOUR = re.compile(r"(?<![&\w/])(?:#|%23)(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b", re.I)
# Not colours: what a mask lets through, and what matplotlib draws in by itself, which becomes ink.
MASKS = {"#000", "#0003", "%23000", "#000000"}
CODE = (".py", ".css", ".js", ".j2", ".toml")
FALLBACK = re.compile(r"var\(--([\w-]+), ?(#[0-9a-f]+)\)")


def copies(*folders: Path) -> list[str]:
    """Each colour that is typed in code, styles or templates, as `file: colour`."""
    files = [p for folder in folders for p in sorted(folder.rglob("*")) if p.suffix in CODE]
    return [
        f"{path.name}: {found}"
        for path in files
        if path not in (COLOURS, CODE_COLOURS)
        for found in COLOUR.findall(path.read_text("utf-8"))
        if found not in MASKS
    ]


def drifted(folder: Path, colours: Path = COLOURS) -> list[str]:
    """Each fallback in a drawing that isn't its variable's colour in the light theme."""
    light, _ = read_palette(colours)
    return [
        f"{path.name}: {name} {colour}"
        for path in sorted(folder.glob("*.svg"))
        for name, colour in FALLBACK.findall(path.read_text("utf-8"))
        if light.get(name) != colour
    ]


def test_no_colour_is_typed_a_second_time() -> None:
    """Neither in a module nor in a style, script or template."""
    assert copies(ROOT / "pipeline", ROOT / "templates") == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plots.py", 'INK = "#15171c"'),
        ("panel.css", "a { color: #b84A06; }"),
        ("page.html.j2", '<path fill="#fff"/>'),
        ("icon.css", "url('data:image/svg+xml,%3Cpath fill=%23c2500a')"),
        ("chart.js", 'line.style.stroke = "#2540d880";'),
    ],
)
def test_a_copied_colour_is_found(tmp_path: Path, name: str, text: str) -> None:
    """Whatever the language and the case, shortened or inside a data address."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert len(copies(tmp_path)) == 1


def test_drawings_fall_back_on_the_themes_colours(tmp_path: Path) -> None:
    """A drawing opened alone shows what the deck shows; a colour changed in the CSS is noticed."""
    drawings = ROOT / "deck" / "drawings"
    assert drifted(drawings) == []
    changed = tmp_path / "colours.css"
    changed.write_text(COLOURS.read_text("utf-8").replace(LIGHT["reality"], "#00705b"), "utf-8")
    assert {line.split(": ")[1] for line in drifted(drawings, changed)} == {
        f"reality {LIGHT['reality']}"
    }


def test_both_themes_name_the_same_colours(tmp_path: Path) -> None:
    """Each name has a light and a dark colour, and no two names share a light one."""
    assert LIGHT.keys() == DARK.keys()
    assert len(set(LIGHT.values())) == len(LIGHT)
    assert both_themes("svg", "color:red").startswith(f"svg{{--paper: {LIGHT['paper']};")
    broken = tmp_path / "colours.css"
    broken.write_text(COLOURS.read_text("utf-8").replace("--soft", "--sofft", 1), "utf-8")
    with pytest.raises(ValueError, match="name different colours"):
        read_palette(broken)


@pytest.mark.parametrize("colours", read_palette(CODE_COLOURS), ids=["light", "dark"])
def test_code_reads_on_every_ground_that_it_has(colours: Colours) -> None:
    """Each colour of code has AA's contrast on its ground, emphasised too; so have dimmed lines."""
    names = {n for n in colours if not n.endswith(("ground", "band")) and n != "code-dim"}
    assert len(names) == 9
    for name in names:
        for ground in ("code-ground", "code-band"):
            assert contrast(colours[name], colours[ground]) >= AA, (name, ground)
    assert contrast(colours["code-dim"], colours["code-ground"]) >= AA
    for name in ("code-came", "code-went"):
        assert contrast(colours[name], colours[f"{name}-ground"]) >= AA
    # A dimmed line is seen to be one.
    assert contrast(colours["code-text"], colours["code-dim"]) > 2.5


def test_code_has_colours_of_its_own() -> None:
    """None is a copy of the theme's, which a talk may change."""
    themes = {*LIGHT.values(), *DARK.values()}
    assert not themes & {
        colour for colours in read_palette(CODE_COLOURS) for colour in colours.values()
    }
