"""Order of slides, through the command line: gaps, hidden and backup slides, sections by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.second_talk import write_second_talk

from pipeline.cli import main

pytestmark = pytest.mark.slow

SECRET = "zanzibar"  # on the hidden slide and in its section
ASIDE = "The proof needs a long blackboard and a patient audience of seven."


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """Five files with gaps: three slides, a hidden one, a backup; sections by number and name."""
    root = write_second_talk(tmp_path / "talk")
    slides, script = root / "deck" / "slides", root / "script" / "voiceover.md"
    (slides / "02-steps.md").rename(slides / "20-steps.md")
    (slides / "03-bye.md").rename(slides / "30-bye.md")
    (slides / "25-later.md").write_text(
        f"---\nlayout: quote\ntitle: The {SECRET}\nhidden: true\n---\nA {SECRET}\n", "utf-8"
    )
    (slides / "40-proof.md").write_text(
        "---\nlayout: quote\ntitle: The proof\nbackup: true\n---\nIt holds\n", "utf-8"
    )
    text = (
        script.read_text("utf-8").replace("SLIDE 2:", "SLIDE steps:").replace("SLIDE 3", "SLIDE 30")
    )
    more = (
        f"\n## SLIDE later: LATER [9 minutes]\n\nNobody hears the word {SECRET} today.\n"
        f"\n## SLIDE 40: PROOF [0 seconds]\n\n{ASIDE}\n"
    )
    script.write_text(text + more, "utf-8")
    return root


def run(talk: Path, *words: str) -> int:
    return main([*words, "--talk", str(talk)])


def test_such_a_talk_is_checked_and_timed(talk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is wrong with it; the table counts what is shown, and a backup has no row."""
    assert run(talk, "check", "--no-browser") == 0
    assert "nothing wrong: 3 slides, 1 backup, 1 hidden" in capsys.readouterr().err
    assert run(talk, "time") == 0
    rows = [line.split()[:2] for line in capsys.readouterr().out.split("\n")[4:7]]
    assert rows == [["1", "HELLO"], ["2", "STEPS"], ["3", "BYE"]]


def test_pages_hold_nothing_of_a_hidden_slide(talk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the speaker's nor the public ones; a backup's words are public, its script isn't."""
    monkeypatch.setenv("CHROME_PATH", "/nowhere")
    assert run(talk, "build") == 0
    assert run(talk, "publish", "--transcript", "--single-file") == 0
    files = [path for path in (talk / "out").rglob("*") if path.is_file()]
    assert len(files) > 10
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []
    public = [path.read_bytes() for path in files if "public" in path.parts]
    assert any(b"It holds" in content for content in public)
    assert not any(b"blackboard" in content for content in public)
    reading = (talk / "out" / "public" / "reading.html").read_text("utf-8")
    assert ['aria-label="Slide B1 in the deck"' in reading, ">3</a>" in reading] == [True, True]
    script = (talk / "out" / "speaker" / "script.txt").read_text("utf-8")
    assert [line for line in script.split("\n") if line.startswith("[SLIDE")] == [
        "[SLIDE 1]",
        "[SLIDE 2]",
        "[SLIDE 3]",
    ]


MISSING = [
    ("backup: true\n", "", "nothing wrong"),
    ("", "", "or that it is for questions alone: `backup: true`"),
    ("", "## SLIDE 4: PROOF [0 seconds]\n", "or give the slide `backup: true`"),
    ("backup: true\n", "## SLIDE 4: PROOF [0 seconds]\n", "nothing wrong"),
]


@pytest.mark.parametrize(("field", "section", "said"), MISSING)
def test_a_slide_behind_the_end_says_how(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], field: str, section: str, said: str
) -> None:
    """A slide without a section, or with a slot of no time, is offered the right field."""
    talk = write_second_talk(tmp_path)
    (talk / "deck" / "slides" / "04-proof.md").write_text(
        f"---\nlayout: quote\ntitle: Proof\n{field}---\nIt holds\n", "utf-8"
    )
    script = talk / "script" / "voiceover.md"
    script.write_text(script.read_text("utf-8") + "\n" + section, "utf-8")
    run(talk, "check", "--no-browser")
    assert said in capsys.readouterr().err


def test_a_number_with_a_letter_is_told_the_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """02b-more.md is to stand behind 02: the name to take, and the command that makes room."""
    talk = write_second_talk(tmp_path)
    slides = talk / "deck" / "slides"
    (slides / "02b-more.md").write_text("---\nlayout: quote\ntitle: More\n---\nMore\n", "utf-8")
    assert run(talk, "build") == 1
    told = f"call it 02-more.md; `python build.py move more --after … --talk {talk}`"
    assert told in capsys.readouterr().err
    (slides / "02b-more.md").rename(slides / "02-more.md")
    assert run(talk, "move", "more", "--after", "steps") == 0
    assert run(talk, "build") == 0
    assert sorted(path.name for path in slides.iterdir())[2:] == ["03-more.md", "04-bye.md"]
