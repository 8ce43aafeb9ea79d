"""What the benchmarks measure with, and the page that shows what they measured."""

from __future__ import annotations

from pathlib import Path

from benchmarks.talks import write_talk
from pipeline.config import load_config
from pipeline.files import read_text
from pipeline.script.parse import parse_script


def test_a_long_talk_is_this_one_over_and_over(tmp_path: Path) -> None:
    """Each slide has its section, and each cut keeps of it what it keeps of the first."""
    root = write_talk(tmp_path / "talk", 30)
    slides = sorted(path.stem for path in root.glob("deck/slides/*.md"))
    assert len(slides) == 30
    assert slides[-1] == "30-support-case-2"
    path = root / "script" / "voiceover.md"
    script = parse_script(read_text(path, "the script"), path)
    spoken = [number for section in script.sections for number in section.numbers]
    assert spoken == list(range(1, 31))
    standard = load_config(root).cuts["standard"]
    assert standard.slots["30"] == standard.slots["8"]
    assert {"printed-answer", "tone-later", "2-tone-later"} & set(standard.keep) == {
        "tone-later",
        "2-tone-later",
    }
