"""Colours of a talk's own that mean opposites look different to everybody."""

from __future__ import annotations

from pathlib import Path

from support.needs import ROOT
from support.second_talk import write_second_talk

from pipeline.checks.brand import brand_problems
from pipeline.config import Config, load_config
from pipeline.palette import DARK, LIGHT, confusable


def config_of(root: Path, lines: str) -> Config:
    write_second_talk(root)
    text = (root / "talk.toml").read_text("utf-8")
    (root / "talk.toml").write_text(f"{text}\n[brand.light]\n{lines}\n", "utf-8")
    return load_config(root)


def test_our_colours_are_told_apart() -> None:
    """By those without red cones or green ones, too; so nothing is said of them."""
    assert [*confusable(LIGHT), *confusable(DARK)] == []
    assert list(brand_problems(load_config(ROOT))) == []


def test_red_against_green_is_said(tmp_path: Path) -> None:
    """A red and a green of one lightness, with the line; the talk is published all the same."""
    (found,) = brand_problems(config_of(tmp_path, 'myth = "#a63a10"\nreality = "#2f6b18"'))
    assert found.message == "`myth` and `reality` look alike in the light theme (protanopia)"
    assert not found.is_error
    assert found.where is not None
    assert found.where.line == 13


def test_two_of_a_colour_are_said(tmp_path: Path) -> None:
    """What nobody can tell apart is named so."""
    lines = 'positive = "#0a66b2"\nnegative = "#0a66b3"'
    (found,) = brand_problems(config_of(tmp_path, lines))
    assert "(everybody)" in found.message
