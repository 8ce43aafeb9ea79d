"""The drawings keep the rules in docs/drawings.md: safe to inline, switchable, readable."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

DRAWINGS = sorted((Path(__file__).resolve().parents[2] / "deck" / "drawings").glob("*.svg"))
LIGHT = {
    "ink": "#15171c",
    "paper": "#faf8f4",
    "line": "#dcd8cf",
    "myth": "#b3370f",
    "reality": "#00705a",
}
COLOURS = {f"var(--{name}, {value})" for name, value in LIGHT.items()}
SHAPES = {"path", "rect", "circle", "ellipse", "text"}
ELEMENTS = SHAPES | {"svg", "title", "desc", "g"}
BOTH_COLOURS = {"dog"}  # its two bubbles are the myth and the reality
SMALLEST_TEXT = 24
LINE_WEIGHT = "5"


def local(element: ET.Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def accessibility_faults(root: ET.Element) -> list[str]:
    """What keeps a drawing from being read out."""
    found = []
    named_by = root.get("aria-labelledby", "").split()
    for part in ("title", "desc"):
        child = next((c for c in root if local(c) == part), None)
        if child is None or not (child.text or "").strip():
            found.append(f"no {part}")
        elif child.get("id") not in named_by:
            found.append(f"{part} isn't in aria-labelledby")
    if root.get("role") != "img":
        found.append("no role=img")
    return found


def element_faults(element: ET.Element, filled: bool) -> list[str]:
    """What is wrong with one element; filled: it or a group around it says its fill."""
    found = []
    name = local(element)
    if name not in ELEMENTS:
        found.append(f"element {name}")
    if name in SHAPES and not filled:
        found.append(f"{name} falls back on black")
    for key, value in element.attrib.items():
        if key.startswith("on") or key.rpartition("}")[2] in {"href", "style", "class"}:
            found.append(f"attribute {key}")
        elif key in {"fill", "stroke"} and value != "none" and value not in COLOURS:
            found.append(f"colour {value}")
        elif key == "stroke-width" and value != LINE_WEIGHT:
            found.append(f"line weight {value}")
        elif key == "font-size" and float(value) < SMALLEST_TEXT:
            found.append(f"text of {value}")
        elif key == "transform" and re.sub(r"(translate|rotate)\([-\d. ]+\)", "", value).strip():
            found.append(f"transform {value}")
        elif "url(" in value:
            found.append(f"reference {value}")
    if name == "text" and not element.get("font-size"):
        found.append("text without a size")
    return found


def faults(text: str, name: str) -> list[str]:
    """All that breaks the rules in one drawing, in document order."""
    root = ET.fromstring(text)
    found = accessibility_faults(root)
    if not re.fullmatch(r"0 0 \d+ \d+", root.get("viewBox", "")):
        found.append("no viewBox from 0 0")

    def walk(element: ET.Element, filled: bool) -> None:
        filled = filled or element.get("fill") is not None
        found.extend(element_faults(element, filled))
        if not element.get("id", f"{name}-").startswith(f"{name}-"):
            found.append(f"id {element.get('id')}")
        for child in element:
            walk(child, filled)

    walk(root, False)
    meanings = {c for c in ("myth", "reality") if f"var(--{c}," in text}
    if len(meanings) > 1 and name not in BOTH_COLOURS:
        found.append("two colours beside ink")
    return found


@pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.stem)
def test_a_drawing_keeps_the_rules(path: Path) -> None:
    """Well-formed, named, inert, in the theme's colours, in one line weight, no small text."""
    assert faults(path.read_text(encoding="utf-8"), path.stem) == []


def test_there_are_drawings_and_their_ids_never_clash() -> None:
    """All drawings may be inlined in one page: no id is used twice."""
    assert DRAWINGS
    ids = Counter(
        element.get("id")
        for path in DRAWINGS
        for element in ET.parse(path).iter()
        if element.get("id")
    )
    assert [name for name, count in ids.items() if count > 1] == []


GOOD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 460 380" role="img"'
    ' aria-labelledby="a-title a-desc"><title id="a-title">T</title><desc id="a-desc">D</desc>'
    '<g fill="none" stroke="var(--ink, #15171c)" stroke-width="5"><path d="M0 0H9"/></g>'
    '<text font-size="24" fill="var(--myth, #b3370f)">no</text></svg>'
)


def test_a_small_drawing_has_no_faults() -> None:
    """The sample that the next test spoils is itself in order."""
    assert faults(GOOD, "a") == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (">T<", "> <", "no title"),
        ('<desc id="a-desc">D</desc>', "", "no desc"),
        ("a-title a-desc", "a-title", "desc isn't in aria-labelledby"),
        (' role="img"', "", "no role=img"),
        (' viewBox="0 0 460 380"', "", "no viewBox from 0 0"),
        ("<g ", "<script/><g ", "element script"),
        ("<g ", "<style/><g ", "element style"),
        ("<g ", "<foreignObject/><g ", "element foreignObject"),
        ("<g ", '<g href="https://example.org" ', "attribute href"),
        ("<g ", '<g onclick="x" ', "attribute onclick"),
        ("<g ", '<g style="fill:red" ', "attribute style"),
        ("<g ", '<g filter="url(#x)" ', "reference url(#x)"),
        ("<g ", '<g id="b" ', "id b"),
        ("<g ", '<g transform="scale(2)" ', "transform scale(2)"),
        ('fill="none"', 'fill="black"', "colour black"),
        ("var(--ink, #15171c)", "var(--ink)", "colour var(--ink)"),
        ('fill="none" ', "", "path falls back on black"),
        ('stroke-width="5"', 'stroke-width="3"', "line weight 3"),
        ('font-size="24"', 'font-size="20"', "text of 20"),
        ('font-size="24" ', "", "text without a size"),
        ("var(--ink, #15171c)", "var(--reality, #00705a)", "two colours beside ink"),
    ],
)
def test_each_rule_is_kept_by_a_check(old: str, new: str, fault: str) -> None:
    """A sound drawing with one thing spoilt is reported for exactly that."""
    assert old in GOOD
    assert faults(GOOD.replace(old, new, 1), "a") == [fault]


@pytest.mark.browser
def test_nothing_is_drawn_outside_the_box(browser: Any) -> None:
    """Each drawing, with half a line's width around it, lies inside its viewBox."""
    page = browser.new_page()
    page.set_content("".join(path.read_text(encoding="utf-8") for path in DRAWINGS))
    outside = page.evaluate(
        """half => [...document.querySelectorAll('svg')].filter(svg => {
            const box = svg.getBBox(), view = svg.viewBox.baseVal;
            return box.x < half || box.y < half || box.x + box.width > view.width - half
                || box.y + box.height > view.height - half;
        }).map(svg => svg.querySelector('title').textContent)""",
        float(LINE_WEIGHT) / 2,
    )
    page.close()
    assert outside == []
