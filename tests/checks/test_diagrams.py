"""Diagrams on slides: what is too large to be read is said."""

from __future__ import annotations

from pathlib import Path

from support.published import small_talk

from pipeline.checks.diagrams import diagram_problems
from pipeline.pages.deck import pictures_of

SLIDE = "---\nlayout: framework\ntitle: A chain\ndiagram: chain\n---\n"


def messages(root: Path, boxes: int) -> list[str]:
    """What is said of a row of so many boxes."""
    small_talk(root)
    (root / "deck" / "diagrams").mkdir(exist_ok=True)
    chain = " -> ".join(f'"a longer name {n}"' for n in range(boxes))
    text = f'digraph {{ title="T"; desc="D"; rankdir=LR; {chain} }}'
    (root / "deck" / "diagrams" / "chain.dot").write_text(text, "utf-8")
    (root / "deck" / "slides" / "02-steps.md").write_text(SLIDE, "utf-8")
    talk = small_talk(root)
    found = diagram_problems(talk.slides, pictures_of(talk, root / "cache"))
    return [f"{problem.severity} {problem}" for problem in found]


def test_a_diagram_whose_text_is_too_small_on_a_slide_is_named(tmp_path: Path) -> None:
    """With its size, the room there is, and what its text comes to; one that fits isn't."""
    assert messages(tmp_path / "talk", 4) == []
    (said,) = messages(tmp_path / "talk", 8)
    assert said.startswith("warning")
    assert "02-steps.md:4: diagram `chain` is 20" in said
    assert "a slide has room for 1136 × 560: its text comes to 1" in said
