"""Letters that no face has are named, with their slide and script."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace
from support.second_talk import write_second_talk

from pipeline.checks.letters import letter_problems
from pipeline.config import Faces, load_config
from pipeline.locale import locale_of
from pipeline.pages.templates import direction
from pipeline.slides.source import read_slide


def said_of(tmp_path: Path, text: str) -> list[str]:
    """What is found with this text on the second slide of a small talk."""
    root = tmp_path / "talk"
    if not root.exists():
        write_second_talk(root)
    slide = root / "deck" / "slides" / "02-steps.md"
    slide.write_text(f"---\nlayout: list\ntitle: Four\n---\n::: items\n{text}\n:::\n", "utf-8")
    found = list(letter_problems(load_config(root), tmp_path / "cache"))
    assert all(problem.severity == "warning" for problem in found)
    assert all(problem.where and problem.where.path == slide for problem in found)
    return [f"{problem.where.line if problem.where else 0}: {problem.message}" for problem in found]


def test_letters_that_the_faces_have_are_no_matter(tmp_path: Path) -> None:
    """Latin with accents, Greek, Cyrillic, signs, hyphens that are soft or never break."""
    shown = "- Čeština, Ελλάδα, Москва, ẞ, “quoted” – €5 → 3 × 2\n- a\u00adb, a\u2011b, a\u202fb"
    assert said_of(tmp_path, shown) == []


def test_missing_letters_are_named_with_their_script(tmp_path: Path) -> None:
    """One finding for each script of a slide, with the first line that has it."""
    assert said_of(tmp_path, "- Mix שלום\n- Wait 日本\n- Fold ש and नमस्ते") == [
        "6: slide 2: no face of the deck has the 4 Hebrew letters שלום",
        "7: slide 2: no face of the deck has the 2 Chinese letters 日本",
        "8: slide 2: no face of the deck has the 6 Devanagari letters नमस्ते",
    ]


def test_a_talk_in_such_letters_is_told_once(tmp_path: Path) -> None:
    """One finding says on how many slides they are, and what mends it; an emoji stays one."""
    write_second_talk(tmp_path / "talk")
    for number in (4, 5, 6):
        file = tmp_path / "talk" / "deck" / "slides" / f"{number:02}-more{number}.md"
        file.write_text("---\nlayout: text\ntitle: 你\n---\n你好，世界。\n", "utf-8")
    assert said_of(tmp_path, "- 日本，ש 🍞") == [
        "6: no face of the deck has 9 letters and signs of 4 slides: 日本ש你好世界",
        "6: slide 2: each machine draws 🍞 in its own way, or as an empty box",
    ]


def test_emoji_depend_on_the_machine(tmp_path: Path) -> None:
    """They are drawn by a face of the viewer's system, and that is said."""
    assert said_of(tmp_path, "- Bake 🍞 and ⚠️") == [
        "6: slide 2: each machine draws 🍞⚠ in its own way, or as an empty box"
    ]


def test_letters_of_formulas_are_those_of_their_face(tmp_path: Path) -> None:
    """What the face for formulas draws is no matter of the text's."""
    assert said_of(tmp_path, "- $\\forall x ∈ ℝ$") == []


def test_code_has_letters_of_its_own_face(tmp_path: Path) -> None:
    """Signs that only the face for code has may stand in code, and not in a text."""
    assert said_of(tmp_path, "- `┌─┐`") == []
    assert len(said_of(tmp_path, "- ┌─┐")) == 1


def test_a_face_of_the_talks_own_has_its_letters(tmp_path: Path) -> None:
    """What a fallback under [brand.faces] has is no longer missing."""
    matplotlib = Path(str(__import__("matplotlib").__path__[0]))
    assert len(said_of(tmp_path, "- ☎ ب")) == 2
    root = tmp_path / "talk"
    (root / "fonts").mkdir()
    font = matplotlib / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
    (root / "fonts" / "a.ttf").write_bytes(font.read_bytes())
    config = load_config(root)
    brand = replace(config.brand, faces=Faces(fallback=("fonts/a.ttf",)))
    assert list(letter_problems(replace(config, brand=brand))) == []


def test_letters_and_their_marks_become_one(tmp_path: Path) -> None:
    """A text that a Mac's file names gave (e and an accent) has the letters that faces have."""
    file = tmp_path / "01-a.md"
    file.write_text("---\nlayout: text\ntitle: Cafe\u0301\n---\nU\u0308ber\n", "utf-8")
    slide = read_slide(file)
    assert slide.fields["title"][0] == "Café"
    assert slide.parts[0].text == "Über"


def test_languages_from_right_to_left() -> None:
    """By the language, or by the script that its code names."""
    for language in ("he", "ar", "ar-EG", "fa", "ur-PK", "az-Arab", "HE"):
        assert direction(locale_of(language)) == ' dir="rtl"'
    for language in ("en", "de-CH", "zh-Hans", "he-Latn", "az"):
        assert direction(locale_of(language)) == ""
