"""How much text a slide holds decides how large it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.numbers.fill import Numbers
from pipeline.pages.slide import amount_of
from pipeline.slides.layouts import load_layouts
from pipeline.slides.slide import load_slides


@pytest.mark.parametrize(
    ("body", "amount"),
    [
        ("- One thing\n- Another", "few"),
        ("\n".join(f"- Thing {n}" for n in range(6)), "some"),
        ("\n".join(f"- Thing {n}" for n in range(7)), "many"),
        ("word " * 40, "some"),
        ("::: left\n" + "word " * 40 + "\n:::", "many"),
        ("Few\n::: point\n" + "word " * 100 + "\n:::", "few"),
    ],
)
def test_few_words_are_large(tmp_path: Path, body: str, amount: str) -> None:
    """By signs and blocks of the fullest column; half the room where there are two."""
    text = f"---\nlayout: text\ntitle: T\n---\n{body}\n"
    (tmp_path / "01-one.md").write_text(text, encoding="utf-8")
    (slide,) = load_slides(tmp_path, load_layouts(), Numbers(None))
    assert amount_of(slide) == amount
