"""What stays the speaker's: a talk without a script is whole, and no public byte has its notes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from support.published import no_camera, published, small_talk
from support.second_talk import SECRET, write_unscripted_talk

from pipeline.pages.speaker import write_speaker_pages
from pipeline.problems import Problem, TalkError
from pipeline.publish.secrets import leaks_in, secrets_of
from pipeline.publish.site import holds_back
from pipeline.publish.words import runs_of
from pipeline.talk import Talk

pytestmark = pytest.mark.slow

SAID = "until it marzipan stops sticking to the wall of the bowl"


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    return small_talk(write_unscripted_talk(tmp_path / "talk"))


def all_bytes(folder: Path) -> dict[str, bytes]:
    """Every file of a folder; what is in an archive, too."""
    found = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for name, content in list(found.items()):
        if name.endswith(".pptx"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                found |= {f"{name}/{inside}": archive.read(inside) for inside in archive.namelist()}
    return found


def test_notes_are_on_the_speakers_pages_and_in_no_public_file(
    talk: Talk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deck, reading page, single file: none has the word; notes, prompter and captions have it."""
    no_camera(monkeypatch)
    site = published(talk, tmp_path / "out", single_file=True)
    assert "offline.html" in site.sizes
    for name, content in all_bytes(site.folder).items():
        assert SECRET.encode() not in content, name
    write_speaker_pages(talk, tmp_path / "speaker", tmp_path / "cache")
    having = {
        n for n, content in all_bytes(tmp_path / "speaker").items() if SECRET.encode() in content
    }
    assert having == {
        "notes.js", "rehearse.html", "script.html", "script.txt", "captions.vtt", "captions.srt",
    }  # fmt: skip


@pytest.mark.browser
def test_notes_are_in_no_public_pdf_or_powerpoint(
    talk: Talk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, browser: object
) -> None:
    """Read as text, not as bytes; the speaker's own PDF and PowerPoint have them."""
    import pypdf

    no_camera(monkeypatch)
    site = published(talk, tmp_path / "out", pdf=True, notes=True, pptx=True)

    def text(path: Path) -> str:
        if path.suffix == ".pdf":
            pages = pypdf.PdfReader(path).pages
            return "".join(page.extract_text() for page in pages)
        return str(b"".join(all_bytes(path.parent).values()))

    assert "Four things to do" in text(site.folder / "slides.pdf")
    assert SECRET not in text(site.folder / "slides.pdf")
    assert SECRET not in text(site.folder / "slides.pptx")
    assert SECRET in text(tmp_path / "out" / "speaker" / "notes.pdf")
    assert SECRET in text(tmp_path / "out" / "speaker" / "notes.pptx")


def test_the_proof_knows_the_notes_as_they_are_typed_and_as_they_are_said(talk: Talk) -> None:
    """Six words in a row, a cue, a comment among them: each is a leak, with the slide's line."""
    secrets = secrets_of(talk, {})
    run = next(runs_of(SAID))
    assert str(secrets.runs[run]).endswith("02-steps.md:14")
    ((what, where),) = leaks_in([f"<p>{SAID}</p>"], secrets)
    assert "words of the script" in what
    assert str(where).endswith("02-steps.md:14")
    assert list(leaks_in(["[PAUSE 3s]"], secrets))
    assert list(leaks_in(["fold it twice and let it rest"], secrets))


def test_notes_beside_a_section_are_secret_too(tmp_path: Path) -> None:
    """They are said by nobody, and still nobody else's."""
    root = write_unscripted_talk(tmp_path / "talk")
    (root / "script").mkdir()
    script = "## SLIDE 2: STEPS [1 minute]\n\nMix and wait.\n"
    (root / "script" / "voiceover.md").write_text(script, "utf-8")
    assert list(leaks_in([SAID], secrets_of(small_talk(root), {})))


@pytest.mark.parametrize("role", ["backup", "hidden"])
def test_notes_of_slides_that_are_not_in_the_talk_are_secret_too(tmp_path: Path, role: str) -> None:
    """Behind the end or on no page at all."""
    root = write_unscripted_talk(tmp_path / "talk")
    path = root / "deck" / "slides" / "02-steps.md"
    path.write_text(path.read_text("utf-8").replace("---\n", f"---\n{role}: true\n", 1), "utf-8")
    assert list(leaks_in([SAID], secrets_of(small_talk(root), {})))


def test_a_transcript_says_what_the_script_says_and_no_notes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor may the proof let them pass there; without a script there is none to publish."""
    no_camera(monkeypatch)
    root = write_unscripted_talk(tmp_path / "talk")
    with pytest.raises(TalkError, match="there is no script to publish"):
        published(small_talk(root), tmp_path / "out", transcript=True)
    (root / "script").mkdir()
    script = "## SLIDE 1: HELLO [30 seconds]\n\nGood evening to all of you out there.\n"
    (root / "script" / "voiceover.md").write_text(script, "utf-8")
    talk = small_talk(root)
    site = published(talk, tmp_path / "out", transcript=True)
    page = (site.folder / "transcript.html").read_text("utf-8")
    assert "Good evening to all" in page
    assert SECRET not in page
    assert list(leaks_in([SAID], secrets_of(talk, {}), may_say=True))


@pytest.mark.parametrize(
    ("concerns", "severity", "alone", "with_script"),
    [
        ("pages", "error", True, True),
        ("script", "error", False, True),
        ("time", "error", False, False),
        ("pages", "warning", False, False),
    ],
)
def test_what_is_wrong_on_public_pages_holds_them_back(
    concerns: str, severity: str, alone: bool, with_script: bool
) -> None:
    """The script's faults do where its words are published; the clock's never."""
    problem = Problem("x", severity=severity, concerns=concerns)  # type: ignore[arg-type]
    assert holds_back(problem) == alone
    assert holds_back(problem, with_script=True) == with_script
