"""Slides moved, put in, removed: everything that names them follows, and all can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.locked import let_go_when_asked
from support.needs import posix

from pipeline import rearrange
from pipeline.cli import main
from pipeline.config import load_config
from pipeline.problems import TalkError
from pipeline.rearrange import Where, carry_out, move, remove, undo
from pipeline.starter import write_new_talk

pytestmark = pytest.mark.slow

SETTINGS = """\
# The talk
[talk]
title = "Bread"
speaker = "A baker"

[cuts.full]
length = "2:30"

[cuts.short]
length = "2:00"

[cuts.short.slots]
"1" = "0:10"  # quick
"3" = "0:20"
# the oven
"oven" = "0:30"
"5-6" = "1:00"

[[constants]]
text = "four things"
reason = "the recipe"
where = "deck/slides/03-fold.md"
"""

SCRIPT = """\
# Bread

**Duration:** 2:30

## SLIDE 1: HELLO [30 seconds]

Hello.

## SLIDE 2: MIX [30 seconds]

<!-- not yet -->

As slide 4 shows, mix.

---

## SLIDE 3: FOLD [30 seconds]

Fold.

## SLIDE oven: THE OVEN [30 seconds]

Bake.

## SLIDES 5-6: CRUMB AND CRUST [30 seconds]

Crumb.

[NEXT SLIDE]

Crust.

## Q&A [5 minutes]

**Q: "Why fold?"** [slide 3]

A: It holds.

## DELIVERY TIPS

**Timing:** Slide 3: 1:00 mark
"""

SLIDE = "---\nlayout: quote\ntitle: A slide\n---\n"
NAMES = ("hello", "mix", "fold", "oven", "crumb", "crust")


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """Six slides, two of which share a section of the script."""
    slides = tmp_path / "deck" / "slides"
    slides.mkdir(parents=True)
    for number, name in enumerate(NAMES, 1):
        (slides / f"{number:02}-{name}.md").write_text(SLIDE + f"{name}\n", "utf-8")
    (tmp_path / "talk.toml").write_text(SETTINGS, "utf-8")
    (tmp_path / "script").mkdir()
    (tmp_path / "script" / "voiceover.md").write_text(SCRIPT, "utf-8")
    return tmp_path


def files(talk: Path) -> dict[str, bytes]:
    """All that the speaker wrote."""
    return {
        path.relative_to(talk).as_posix(): path.read_bytes()
        for path in sorted(talk.rglob("*"))
        if path.is_file() and ".cache" not in path.parts
    }


def slides(talk: Path) -> list[str]:
    return sorted(path.name for path in (talk / "deck" / "slides").iterdir())


def script(talk: Path) -> str:
    return (talk / "script" / "voiceover.md").read_text("utf-8")


def heads(talk: Path) -> list[str]:
    return [line for line in script(talk).split("\n") if line.startswith("## ")]


def run(talk: Path, *words: str) -> int:
    return main([*words, "--talk", str(talk)])


def test_a_slide_moves_with_all_that_names_it(talk: Path) -> None:
    """File, heading, section, slots, constants, tags and checkpoints; comments stay."""
    assert run(talk, "move", "mix", "--after", "fold") == 0
    assert slides(talk)[:4] == ["01-hello.md", "02-fold.md", "03-mix.md", "04-oven.md"]
    assert heads(talk)[:5] == [
        "## SLIDE 1: HELLO [30 seconds]",
        "## SLIDE 2: FOLD [30 seconds]",
        "## SLIDE 3: MIX [30 seconds]",
        "## SLIDE oven: THE OVEN [30 seconds]",
        "## SLIDES 5-6: CRUMB AND CRUST [30 seconds]",
    ]
    assert "## SLIDE 3: MIX [30 seconds]\n\n<!-- not yet -->\n\nAs slide 4 shows, mix." in script(
        talk
    )
    assert "[slide 2]\n" in script(talk)
    assert "**Timing:** Slide 2: 1:00 mark" in script(talk)
    settings = (talk / "talk.toml").read_text("utf-8")
    assert settings == SETTINGS.replace('"3" =', '"2" =').replace("03-fold", "02-fold")


def test_numbers_that_change_are_followed(talk: Path) -> None:
    """Where 1, 2 and 3 are other slides than before, no slot gets to a wrong one."""
    assert run(talk, "move", "fold", "--to", "1", "--renumber") == 0
    assert slides(talk)[:3] == ["01-fold.md", "02-hello.md", "03-mix.md"]
    settings = (talk / "talk.toml").read_text("utf-8")
    assert '"2" = "0:10"  # quick\n"1" = "0:20"\n# the oven\n' in settings
    assert 'where = "deck/slides/01-fold.md"' in settings
    assert "[slide 1]\n" in script(talk)
    assert "**Timing:** Slide 1: 1:00 mark" in script(talk)
    load_config(talk)


def test_what_is_said_of_a_slide_is_shown_and_left(
    talk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """“as slide 4 shows” in the script is the speaker's to change."""
    assert run(talk, "move", "oven", "--to", "2", "--renumber") == 0
    assert "script/voiceover.md:13: As slide 4 shows, mix." in capsys.readouterr().err.replace(
        str(talk) + "/", ""
    )
    assert "As slide 4 shows" in script(talk)


def test_a_dry_run_changes_nothing(talk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints the plan."""
    before = files(talk)
    assert run(talk, "move", "mix", "--to", "1", "--dry-run") == 0
    assert "rename   deck/slides/02-mix.md -> deck/slides/01-mix.md" in capsys.readouterr().out
    assert files(talk) == before


def test_undo_brings_back_every_byte(talk: Path) -> None:
    """Move, insert and remove, taken back in turn."""
    before = files(talk)
    assert run(talk, "move", "fold", "--before", "hello") == 0
    assert run(talk, "insert", "dough", "--after", "mix", "--layout", "quote") == 0
    assert run(talk, "remove", "hello") == 0
    for _ in range(3):
        assert run(talk, "undo") == 0
    assert files(talk) == before
    assert run(talk, "undo") == 1


@posix
def test_two_at_once_wait_for_each_other(talk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second says so, and reads what the first has written meanwhile."""
    said = list[str]()
    with let_go_when_asked(talk / ".cache" / "locks" / "talk", said) as say:

        def say_and_change(message: str) -> None:
            if "waits" in message:
                carry_out(move(load_config(talk), "fold", Where(to="1")), talk, talk / ".cache")
            say(message)

        monkeypatch.setattr("pipeline.cli.project.say", say_and_change)
        assert run(talk, "move", "oven", "--before", "fold") == 0
    assert "this one waits for it" in said[0]
    assert [name[3:-3] for name in slides(talk)] == [
        "oven",
        "fold",
        "hello",
        "mix",
        "crumb",
        "crust",
    ]


def test_undo_leaves_what_was_changed_since(talk: Path) -> None:
    """A file that the speaker edited after the move isn't overwritten."""
    carry_out(move(load_config(talk), "mix", Where(to="1")), talk, talk / ".cache")
    path = talk / "deck" / "slides" / "01-mix.md"
    path.write_text(path.read_text("utf-8") + "More\n", "utf-8")
    with pytest.raises(TalkError, match=r"01-mix\.md was changed since `move mix`"):
        undo(talk, talk / ".cache")


def test_a_write_that_fails_leaves_all_as_it_was(
    talk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk or in a folder without rights."""
    before, written = files(talk), rearrange.write_all

    def fail(texts: dict[str, bytes], folder: Path) -> None:
        if "talk.toml" in texts and b"deck/slides/01-fold.md" in texts["talk.toml"]:
            written({"deck/slides/01-fold.md": b"half"}, folder)
            raise PermissionError(13, "Permission denied", "talk.toml")
        written(texts, folder)

    monkeypatch.setattr(rearrange, "write_all", fail)
    assert run(talk, "move", "fold", "--to", "1", "--renumber") == 1
    assert files(talk) == before
    assert not list((talk / ".cache" / "undo").iterdir())


def test_a_new_slide_has_a_section(talk: Path) -> None:
    """Of the layout's form, at its place, with a heading as the others."""
    assert run(talk, "insert", "dough", "--after", "mix", "--layout", "list") == 0
    path = next((talk / "deck" / "slides").glob("*-dough.md"))
    assert path.name == "03-dough.md"
    assert path.read_text("utf-8") == (
        "---\nlayout: list\ntitle: Dough\n---\n::: items\n- Words\n:::\n"
    )
    assert heads(talk)[1:4] == [
        "## SLIDE 2: MIX [30 seconds]",
        "## SLIDE 3: DOUGH [30 seconds]",
        "## SLIDE 4: FOLD [30 seconds]",
    ]


def test_a_slide_goes_with_its_section_and_slots(talk: Path) -> None:
    """By number or by name; the others keep their numbers."""
    assert run(talk, "remove", "oven") == 0
    assert "04-oven.md" not in slides(talk)
    assert "oven" not in script(talk)
    assert '"oven"' not in (talk / "talk.toml").read_text("utf-8")
    assert slides(talk)[-1] == "06-crust.md"


@pytest.mark.parametrize("in_notes", [False, True])
def test_an_optional_part_goes_with_its_slide(
    talk: Path, capsys: pytest.CaptureFixture[str], in_notes: bool
) -> None:
    """A cut keeps it no more, which the plan says; others stay, and `undo` takes it back."""
    part = '[OPTIONAL "{}": more]\n\nMore.\n\n[END OPTIONAL]\n'
    path = talk / "script" / "voiceover.md"
    text = path.read_text("utf-8").replace("Fold.\n", f"Fold.\n\n{part.format('folds')}")
    oven = talk / "deck" / "slides" / "04-oven.md"
    if in_notes:
        lines = f"::: notes\n{part.format('heat')}:::\n"
        oven.write_text(oven.read_text("utf-8") + lines, "utf-8")
    else:
        text = text.replace("Bake.\n", f"Bake.\n\n{part.format('heat')}")
    path.write_text(text, "utf-8")
    settings = talk / "talk.toml"
    keep = '[cuts.short]\nkeep = ["heat", "folds"]  # both'
    settings.write_text(settings.read_text("utf-8").replace("[cuts.short]", keep, 1), "utf-8")
    before = files(talk)
    assert run(talk, "remove", "oven", "--dry-run") == 0
    out = capsys.readouterr()
    assert "talk.toml: cut short doesn't keep `heat` any more" in out.out + out.err
    assert run(talk, "remove", "oven") == 0
    assert 'keep = ["folds"]  # both' in settings.read_text("utf-8")
    assert run(talk, "undo") == 0
    assert files(talk) == before


def test_a_slide_that_something_leads_to_stays(
    talk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Links in slides and pictures and slides that show it again are named, with their lines."""
    path = talk / "deck" / "slides"
    (path / "01-hello.md").write_text(
        "---\nlayout: quote\ntitle: T\n---\n[oven](#/oven)\n", "utf-8"
    )
    (path / "07-again.md").write_text("---\nsame: oven\n---\n", "utf-8")
    (talk / "deck" / "diagrams").mkdir()
    (talk / "deck" / "diagrams" / "d.toml").write_text('[[nodes]]\nlink = "oven"\n', "utf-8")
    before = files(talk)
    assert run(talk, "remove", "oven") == 1
    said = capsys.readouterr().err
    for place in ("01-hello.md:5: a link", "07-again.md:2: `again` shows", "d.toml:2: a link"):
        assert place in said
    assert files(talk) == before


REFUSED = [
    (("move", "mix", "--after", "mix"), "can't stand beside itself"),
    (("move", "mix", "--to", "2"), "`mix` stands there already"),
    (("move", "mixx", "--to", "2"), "no slide has the name `mixx`"),
    (("move", "mix", "--to", "9"), "`mix` can't be slide 9"),
    (("move", "mix"), "where does `mix` go?"),
    (("move", "mix", "--to", "1", "--after", "oven"), "a slide goes to one place"),
    (("move", "mix", "--after", "crumb"), "share one section of the script"),
    (("move", "crust", "--to", "1"), "share one section of the script"),
    (("remove", "crust"), "share one section of the script"),
    (("insert", "mix", "--to", "2", "--layout", "quote"), "there is a slide `mix`"),
    (("insert", "Mix it", "--to", "2", "--layout", "quote"), "is no name for a slide"),
    (("insert", "x", "--to", "2", "--layout", "quot"), "there is no layout `quot`"),
]


@pytest.mark.parametrize(("words", "message"), REFUSED, ids=[m for _, m in REFUSED])
def test_what_cant_be_done(
    talk: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    """One error, and nothing is touched."""
    before = files(talk)
    assert run(talk, *words) == 1
    assert message in capsys.readouterr().err
    assert files(talk) == before


def test_backups_have_places_of_their_own(talk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """B1 is the first of them; the only one stands there already, and no number of the talk's."""
    path = talk / "deck" / "slides" / "07-proof.md"
    path.write_text(SLIDE.replace("title", "backup: true\ntitle") + "Words\n", "utf-8")
    assert run(talk, "move", "proof", "--to", "B1") == 1
    assert "`proof` stands there already" in capsys.readouterr().err
    assert run(talk, "move", "proof", "--to", "3") == 1
    assert "`proof` can't be slide 3" in capsys.readouterr().err
    other = talk / "deck" / "slides" / "08-more.md"
    other.write_text(path.read_text("utf-8"), "utf-8")
    assert run(talk, "move", "more", "--to", "b1") == 0
    assert slides(talk)[-2:] == ["07-more.md", "08-proof.md"]


def test_two_slides_of_one_number_get_apart(talk: Path) -> None:
    """As the error about them says."""
    (talk / "deck" / "slides" / "02-also.md").write_text(SLIDE + "Words\n", "utf-8")
    assert run(talk, "move", "also", "--after", "mix") == 0
    assert slides(talk)[1:3] == ["02-mix.md", "03-also.md"]
    assert "## SLIDE 2: MIX [30 seconds]" in heads(talk)
    assert "## SLIDE 4: FOLD [30 seconds]" in heads(talk)


def test_a_talk_without_a_script_or_cuts(talk: Path) -> None:
    """Files alone are renamed."""
    (talk / "script" / "voiceover.md").unlink()
    (talk / "talk.toml").write_text('[talk]\ntitle = "T"\nspeaker = "S"\n', "utf-8")
    plan = remove(load_config(talk), "mix", renumber=True)
    assert sorted(plan.files) == [
        "deck/slides/02-fold.md",
        "deck/slides/02-mix.md",
        "deck/slides/03-fold.md",
        "deck/slides/03-oven.md",
        "deck/slides/04-crumb.md",
        "deck/slides/04-oven.md",
        "deck/slides/05-crumb.md",
        "deck/slides/05-crust.md",
        "deck/slides/06-crust.md",
    ]


@pytest.mark.parametrize(
    ("layout", "said"),
    [
        ("table", ""),
        ("code", ""),
        ("picture", "there is no file `photo.jpg`"),
        ("video", "there is no file `demo.mp4`"),
        ("framework", "there is no diagram `NAME`"),
    ],
)
def test_a_new_slide_is_right_or_says_what_it_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], layout: str, said: str
) -> None:
    """Time and notes as the others have; a file that it lacks is named."""
    write_new_talk(root := tmp_path / "talk", "notes")
    assert run(root, "insert", "dough", "--layout", layout) == 0
    text = next((root / "deck" / "slides").glob("*-dough.md")).read_text("utf-8")
    assert "\ntime: 1m\n---\n" in text
    assert text.endswith("\n::: notes\n[NOTE: what is said here]\n:::\n")
    capsys.readouterr()
    status, err = run(root, "check", "--no-browser"), capsys.readouterr().err
    assert status == bool(said)
    assert said in err
    assert err.count("error:") == bool(said)
