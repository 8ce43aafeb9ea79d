"""What people are used to write, from the command line to the public site: right, or refused."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
from pathlib import Path

import pytest
from support.media import photo
from support.second_talk import write_second_talk

from pipeline.cli import main

pytestmark = pytest.mark.slow

SLIDE = "deck/slides/02-steps.md"
NO_BROWSER = "/nowhere"


def slide(body: str, layout: str = "text", title: str = "Steps") -> dict[str, str | bytes]:
    return {SLIDE: f"---\nlayout: {layout}\ntitle: {title}\n---\n{body}\n"}


@pytest.fixture
def talk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHROME_PATH", NO_BROWSER)
    return write_second_talk(tmp_path / "talk")


def lay(talk: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = talk / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def public(talk: Path) -> bytes:
    """Every byte of the site."""
    site = talk / "out" / "public"
    return b"\n".join(path.read_bytes() for path in sorted(site.rglob("*")) if path.is_file())


YAML = "```\n---\ntitle: My post\n---\n::: note\ninside <!-- kept -->\n:::\n```"
# What is written, what stands in the site, and what doesn't
TAKEN = {
    "signs of our own in a fence": (
        slide(YAML, "code"),
        ("::: note", "&lt;!-- kept --&gt;"),
        (),
    ),
    "braces of other programs": (
        slide("```yaml\nTOKEN: ${{ secrets.TOKEN }}\n```\n\n    {{ indented }}"),
        ("{{ secrets.TOKEN }}", "{{ indented }}"),
        (),
    ),
    "flags in words": (
        slide("`git log --oneline -n1`, `a -> b`, text -- text"),
        ("--oneline -n1", "a -&gt; b"),
        ("–oneline",),
    ),
    "a comment and a note": (
        slide(
            "Words\n\n<!-- thank Mia -->\n\n    <!-- and Zoe -->\n", title="A <!-- Ann --> title"
        ),
        ("Words",),
        ("Mia", "Zoe", "Ann"),
    ),
    "money beside a formula": (
        slide(r"From $5 to $10, 3 € and \$7; $E = mc^2$"),
        ("From $5 to $10", "<mi>E</mi>"),
        ("mc^2$",),
    ),
    "lists in lists": (
        slide("1. **Data**\n   - messages\n     1. spam\n2. **Model**"),
        ("<ol>", "<ul>"),
        (),
    ),
    "quotes of YAML": (
        slide("Words", title='"Results: a first look"   # quoted'),
        ("Results: a first look",),
        ("# quoted",),
    ),
    "a footnote": (
        slide("A claim[^1]\n\n[^1]: Somebody, some year"),
        ("Somebody, some year",),
        ("[^1]",),
    ),
    "names of HTML": (
        slide("One<br>two &rarr; <kbd>Ctrl</kbd> H<sub>2</sub>O", title="Tom &amp; Jerry, 5 < 6"),
        ("<br", "→", "<kbd>Ctrl</kbd>", "Tom &amp; Jerry, 5 &lt; 6"),
        ("&amp;amp;",),
    ),
    "a photo with a space": (
        slide("![Four of us](img/My%20Photo.JPG)") | {"deck/slides/img/My Photo.JPG": photo()},
        ('alt="Four of us"', "media/my-photo-"),
        ("My Photo", "My%20Photo"),
    ),
    "a file that is linked": (
        slide("[the paper](paper.txt)") | {"deck/paper.txt": "All about bread"},
        ('href="files/paper.txt"', "All about bread"),
        (),
    ),
    "an editor's lock": (slide("Words") | {"deck/slides/.#02-steps.md": "me@host"}, ("Words",), ()),
}


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, list[str], bytes]:
    """One talk with a slide of each: how its publication ended, what was said, and its site."""
    talk, said = write_second_talk(tmp_path_factory.mktemp("taken") / "talk"), io.StringIO()
    shutil.rmtree(talk / "script")
    settings = talk / "talk.toml"
    settings.write_text(settings.read_text("utf-8").replace('"1:30"', '"30:00"'), "utf-8")
    for number, (files, _, _) in enumerate(TAKEN.values(), 10):
        new = SLIDE.replace("02-steps", f"{number}-steps-{number}")
        lay(talk, {new if name == SLIDE else name: content for name, content in files.items()})
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stderr(said):
        patch.setenv("CHROME_PATH", NO_BROWSER)
        status = main(["publish", "--talk", str(talk)])
    return status, said.getvalue().split("\n"), public(talk)


def test_nothing_is_wrong_with_what_is_usual(taken: tuple[int, list[str], bytes]) -> None:
    """It is published, with no word against it."""
    status, lines, _ = taken
    said = [line for line in lines if line.startswith(("error: ", "warning: "))]
    assert [line for line in said if NO_BROWSER not in line] == []
    assert status == 0


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_usual_is_published_as_it_is_meant(
    taken: tuple[int, list[str], bytes], name: str
) -> None:
    """The public pages show it, and nothing of what was not meant for them."""
    _, there, gone = TAKEN[name]
    assert [text for text in there if text.encode() not in taken[2]] == []
    assert [text for text in gone if text.encode() in taken[2]] == []


LONG = "```python\n" + "".join(f"    total_{n} = compute(n)\n" for n in range(40)) + "```"
ROWS = "::: rows\n| Model | Use |\n|---|---|\n" + "| A | something |\n" * 24 + ":::"
REFUSED = {
    "too many words": (slide("word " * 400, "quote"), ":5: slide 2 needs about"),
    "too many rows": (slide(ROWS, "table"), ":5: slide 2 needs about"),
    "too much code": (slide(f"::: left\n{LONG}\n:::", "figure"), ":5: slide 2 needs about"),
    "a bar in a cell": (
        slide("::: rows\n| A | B |\n|---|---|\n| `ls | wc` | counts |\n:::", "table"),
        "02-steps.md:8: a row with 3 cells in a table of 2 columns",
    ),
    "marks of a merge": (
        slide("<<<<<<< HEAD\nOne\n=======\nTwo\n>>>>>>> other"),
        "02-steps.md:5: a merge left its marks here",
    ),
    "a note of another tool": (
        slide("Words\n\nNote: only for me"),
        "02-steps.md:7: slide 2 would show a note to the room",
    ),
    "styles in HTML": (
        slide('<span style="color:red">red</span>'),
        '02-steps.md:5: `<span style="color:red">` is HTML',
    ),
    "an id": (slide("### A part {#sec .big}"), "02-steps.md:5: `{#` begins a comment"),
    "a footnote in the line": (slide("A claim^[Somebody]"), "02-steps.md:5: `^[Somebody]`"),
    "a line that isn't there": (
        slide("```python {1|4}\nimport os\n```", "code"),
        "02-steps.md:5: the line 4 is emphasised, and the code has 1",
    ),
    "a drawing with a space": (
        slide("![](drawing:My Flow)"),
        "02-steps.md:5: no picture and no link: ![](drawing:My Flow)",
    ),
    "a video that isn't there": (
        slide("![Demo](demo.mp4)"),
        "02-steps.md:5: there is no file `demo.mp4`",
    ),
    "a placeholder in another program's drawing": (
        slide("![Bars](bars.svg)")
        | {
            "deck/bars.svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30">'
            "<text>{{ data.messages }}</text></svg>"
        },
        "02-steps.md:5: `bars.svg` is shown as it is, with `{{ data.messages }}` in it",
    ),
    "a logo among the words": (
        {
            "talk.toml": '[talk]\ntitle = "Bread at home"\nspeaker = "A"\nlogo = "logo.svg"\n'
            'accent = "#ff6600"\n[cuts.full]\nlength = "1:30"\n'
        },
        "talk.toml:4: `logo` is no key of [talk]",
    ),
    "a copy": (
        {"deck/slides/02-steps (copy).md": "Words"},
        "`02-steps (copy).md` is no name for a slide: it looks like a copy",
    ),
    "a number with a letter": (
        {"deck/slides/02b-more.md": "Words"},
        "`02b-more.md` is no name for a slide: its number has a letter",
    ),
    "a heading in German": (
        {"script/voiceover.md": "## FOLIE 1: TITEL [20 Sekunden]\n\nHallo.\n"},
        "voiceover.md:1: unknown section `FOLIE 1: TITEL`",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cant_be_shown_is_refused_with_its_line(
    talk: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """By `check`, and what concerns the pages by `publish`: one message, and no traceback."""
    files, message = REFUSED[name]
    lay(talk, files)
    assert main(["check", "--no-browser", "--talk", str(talk)]) == 1
    said = capsys.readouterr().err
    assert message in said
    assert "hint: " in said
    if "voiceover.md" not in message:
        assert main(["publish", "--talk", str(talk)]) == 1
        assert message in capsys.readouterr().err
        assert not (talk / "out" / "public").exists()


def test_a_talk_from_right_to_left_is_so_on_each_page(talk: Path) -> None:
    """Deck, reading page, script, and the words on the rehearsal page."""
    path = talk / "talk.toml"
    path.write_text(path.read_text("utf-8").replace('"en"', '"he"'), "utf-8")
    assert main(["publish", "--talk", str(talk)]) == 0
    assert main(["build", "--talk", str(talk)]) == 0
    speaker, site = talk / "out" / "speaker", talk / "out" / "public"
    for page in ("index.html", "script.html"):
        assert '<html lang="he" dir="rtl"' in (speaker / page).read_text("utf-8"), page
    for page in ("index.html", "reading.html"):
        assert '<html lang="he" dir="rtl"' in (site / page).read_text("utf-8"), page
    rehearsal = (speaker / "rehearse.html").read_text("utf-8")
    prompter = re.search(r'id="prompter"[^>]*', rehearsal)
    assert prompter
    assert 'lang="he" dir="rtl"' in prompter[0]
