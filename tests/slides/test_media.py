"""A slide's pictures, videos and files are found in the talk's folder, or said with its line."""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256
from pathlib import Path

import pytest
from support.media import figure
from support.needs import posix

from pipeline.measured import NOTHING, Measured, Measurement, Origin
from pipeline.numbers.fill import Numbers
from pipeline.problems import Source, TalkError
from pipeline.slides.layouts import load_layouts
from pipeline.slides.media import MediaUse
from pipeline.slides.slide import Slide, read_slides

LAYOUTS = load_layouts()


def load(root: Path, text: str, measured: Measured = NOTHING) -> Slide:
    folder = root / "deck" / "slides"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "01-slide.md").write_text(text, encoding="utf-8")
    return read_slides(folder, LAYOUTS, Numbers(measured)).shown[0]


def put(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def only(slide: Slide) -> MediaUse:
    (use,) = slide.media
    return use


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("beside.png", "deck/slides/beside.png"),
        ("img/My%20Photo.PNG", "deck/slides/img/My Photo.PNG"),
        ("<img/My Photo.PNG>", "deck/slides/img/My Photo.PNG"),
        ("in-deck.jpg", "deck/in-deck.jpg"),
        ("./top.webp", "top.webp"),
        ("../in-deck.jpg", "deck/in-deck.jpg"),
        ("../../photos/Straße.jpeg", "photos/Straße.jpeg"),
        ("photos/Straße.jpeg", "photos/Straße.jpeg"),
        ("twice.gif", "deck/slides/twice.gif"),
    ],
)
def test_a_picture_is_looked_for_from_near_to_far(tmp_path: Path, address: str, name: str) -> None:
    """Beside the slide, then in deck/, then in the talk's folder; spaces and %20 are the same."""
    put(tmp_path, "deck/slides/beside.png", "deck/slides/img/My Photo.PNG", "deck/in-deck.jpg")
    put(tmp_path, "top.webp", "photos/Straße.jpeg", "twice.gif", "deck/slides/twice.gif")
    use = only(load(tmp_path, figure(f"![Four of us]({address})")))
    assert (use.kind, use.name, use.alt, use.source.line) == ("picture", name, "Four of us", 6)
    assert use.part == "left"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("asked", ["NFC", "NFD"])
def test_letters_are_the_same_however_they_are_composed(
    tmp_path: Path, form: str, asked: str
) -> None:
    """A Mac writes `ü` as two signs; an editor writes one."""
    put(tmp_path, unicodedata.normalize(form, "deck/müll.png"))
    use = only(load(tmp_path, figure(f"![A bin]({unicodedata.normalize(asked, 'müll.png')})")))
    assert use.name == "deck/müll.png"


def test_a_picture_has_classes_a_caption_and_a_dark_one(tmp_path: Path) -> None:
    """`{.screen}`, the title in quotes, and `page.dark.png` beside `page.jpg`."""
    put(tmp_path, "deck/page.jpg", "deck/page.dark.png")
    use = only(load(tmp_path, figure('![A page](page.jpg "By me"){.screen}')))
    assert use.classes == ("screen",)
    assert use.caption == "By me"
    assert use.dark is not None
    assert use.dark.name == "page.dark.png"


def test_a_picture_of_the_front_matter(tmp_path: Path) -> None:
    """`picture:`, its alt text and its look; a space in its path needs no sign."""
    put(tmp_path, "deck/my photo.jpg")
    text = (
        "---\nlayout: picture\ntitle: A\npicture: my photo.jpg\nalt: Four of us\nlook: full\n---\n"
    )
    use = only(load(tmp_path, text))
    assert (use.alt, use.classes, use.part, use.source.line) == ("Four of us", ("bleed",), "", 4)


def test_a_link_leads_to_a_file(tmp_path: Path) -> None:
    """[words](paper.pdf), in a part and in `source:`; the words stay."""
    put(tmp_path, "paper.pdf", "deck/data.csv")
    text = figure("[the paper](paper.pdf)").replace(
        "A figure", "A figure\nsource: '[Data](data.csv)'"
    )
    slide = load(tmp_path, text)
    assert [(use.kind, use.name) for use in slide.media] == [
        ("file", "deck/data.csv"),
        ("file", "paper.pdf"),
    ]
    assert slide.parts[0].text == "the paper"


WRONG = {
    "![](photo.jpg)": (
        "there is no file `photo.jpg` | did you mean `photos.jpg`? (looked beside the slide, "
        "in deck/ and in the talk's folder)"
    ),
    "![](https://x.org/a.png)": "`https://x.org/a.png` is no picture of this talk | put",
    "![](/etc/passwd.png)": "`/etc/passwd.png` lies outside the talk's folder | name it",
    "![](../../../x.png)": "`../../../x.png` lies outside the talk's folder | name it as it lies",
    "![]()": "a picture without a path | ![what it shows](photo.jpg)",
    "![](photo.heic)": "`photo.heic` is no picture or video that a deck can show | save it as JPEG",
    "![](demo.mov)": "`demo.mov` is no picture or video that a deck can show | save it as MP4",
    "![](folder.png)": "`folder.png` is a folder | name a file in it",
    "![](.git/x.png)": "`.git/x.png` is a hidden file | passwords",
    "![](drawing:My Flow)": (
        "no picture and no link: ![](drawing:My Flow) | show the file by its path: "
        "![what it shows](<drawings/My Flow.svg>)"
    ),
    "![](<drawing:My Flow>)": (
        "`My Flow` is no name of a drawing | ![what it shows](<drawings/My Flow.svg>)"
    ),
    "![](my photo.jpg)": "no picture and no link: ![](my photo.jpg) | a path with spaces stands in",
    "[the paper](my paper.pdf)": "no picture and no link: [the paper](my paper.pdf) | a path with",
    "[the paper](paper.pdf)": "there is no file `paper.pdf` | looked beside",
    "[x](page.html)": "`page.html` is no link for a slide | `#/slide-name`",
    "[x](#end)": "`#end` is no link for a slide | `#/",
    "![](file.txt)": "`file.txt` is no picture or video that a deck can show | one of: .png",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_file_of_the_talk_is_said(tmp_path: Path, text: str) -> None:
    """One error with the slide's line and what would help; nothing outside the folder is read."""
    root = tmp_path / "talk"
    put(root, "deck/photos.jpg", ".git/x.png", "deck/folder.png/inside.txt")
    put(tmp_path, "x.png")
    with pytest.raises(TalkError) as caught:
        load(root, figure(text))
    assert caught.value.where is not None
    assert (caught.value.where.path.name, caught.value.where.line) == ("01-slide.md", 6)
    assert f"{caught.value.message} | {caught.value.hint}".startswith(WRONG[text])


@posix
def test_a_link_of_the_system_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """What a symbolic link leads to outside is nobody's to publish; inside it is fine."""
    put(tmp_path, "secret.png", "talk/deck/real.png")
    (tmp_path / "talk/deck/out.png").symlink_to(tmp_path / "secret.png")
    (tmp_path / "talk/deck/in.png").symlink_to(tmp_path / "talk/deck/real.png")
    assert only(load(tmp_path / "talk", figure("![x](in.png)"))).name == "deck/real.png"
    with pytest.raises(TalkError, match="leads out of the talk's folder"):
        load(tmp_path / "talk", figure("![x](out.png)"))


def test_a_path_in_code_is_code(tmp_path: Path) -> None:
    """What shows how a picture is written is no picture."""
    slide = load(tmp_path, figure("Write `![](my photo.jpg)` for it"))
    assert slide.media == ()


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("20-proof.md", "`#/proof` leads to that slide"),
        ("../../talk.toml", "a copy"),
        ("script/voiceover.md", "a copy"),
        ("diagrams/flow.toml", "a copy"),
        ("rehearsals/2026.json", "a copy"),
        ("out/speaker/script.pdf", "a copy"),
    ],
)
def test_a_link_to_a_source_of_the_talk_is_refused(tmp_path: Path, address: str, hint: str) -> None:
    """Its file, with the notes, would be published; a slide has an address that works."""
    put(tmp_path, "deck/slides/20-proof.md", "talk.toml", "script/voiceover.md")
    put(tmp_path, "deck/diagrams/flow.toml", "rehearsals/2026.json")
    put(tmp_path, "out/speaker/script.pdf")
    (tmp_path / "deck/slides/20-proof.md").write_text("---\nlayout: text\ntitle: T\n---\nA\n")
    with pytest.raises(TalkError) as raised:
        load(tmp_path, figure(f"[x]({address})"))
    assert (raised.value.where or Source(tmp_path)).line
    assert "would be published" in raised.value.message or "may hold" in raised.value.message
    assert hint in raised.value.hint


def test_a_paper_beside_the_sources_is_published(tmp_path: Path) -> None:
    """Data beside the slides, and a folder of a like name."""
    put(tmp_path, "scripts/demo.py", "deck/slides/data.csv")
    found = load(tmp_path, figure("[x](scripts/demo.py), [y](data.csv)")).media
    assert [use.name for use in found] == ["scripts/demo.py", "deck/slides/data.csv"]


def with_pictures(root: Path, *names: str) -> Measured:
    """A measurement `hash` whose run left these pictures."""
    put(root, *(f"out/measured/hash/{name}" for name in names))
    run = Origin("1a2b3c4d", {}, pictures=dict.fromkeys(names, sha256(b"x").hexdigest()))
    found = {"hash": Measurement("hash", {}, run)}
    return Measured(None, found, pictures={"hash": root / "out" / "measured" / "hash"})


def test_a_picture_of_a_measurement_is_that_of_the_shown_run(tmp_path: Path) -> None:
    """`measured/NAME/plot.svg` is the run's, also where a file of that name lies in the talk."""
    measured = with_pictures(tmp_path, "plot.svg", "plot.dark.svg")
    put(tmp_path, "measured/hash/plot.svg")
    use = only(load(tmp_path, figure("![A plot](measured/hash/plot.svg)"), measured))
    assert use.path == (tmp_path / "out/measured/hash/plot.svg").resolve()
    assert use.dark == (tmp_path / "out/measured/hash/plot.dark.svg").resolve()
    assert (use.name, use.measurement) == ("measured/hash/plot.svg", "hash")
    field = "---\nlayout: picture\ntitle: A plot\npicture: measured/hash/plot.svg\nalt: A\n---\n"
    assert only(load(tmp_path, field, measured)).path == use.path


def test_a_folder_of_that_name_is_the_talks_own(tmp_path: Path) -> None:
    """Without a measurement `photos`, measured/photos/ is a folder like others."""
    put(tmp_path, "measured/photos/a.png", "measured/b.png")
    use = only(load(tmp_path, figure("![A](measured/photos/a.png)")))
    assert use.path == (tmp_path / "measured/photos/a.png").resolve()
    assert only(load(tmp_path, figure("![B](measured/b.png)"))).measurement == ""


@pytest.mark.parametrize(
    ("address", "message", "hint"),
    [
        ("hash/plt.svg", "the run of `hash` left no picture `plt.svg`", "did you mean `plot.svg`"),
        ("hash/../plot.svg", "left no picture `../plot.svg`", "did you mean"),
        ("hahs/plot.svg", "there is no run of it", r"\[measure.hahs\] .* pictures = "),
        ("hash/gone.svg", "`gone.svg` of the run of `hash` is gone", "build.py --measure hash"),
    ],
)
def test_a_picture_that_a_run_did_not_leave(
    tmp_path: Path, address: str, message: str, hint: str
) -> None:
    """The slide's line, the measurement, and what to write."""
    measured = with_pictures(tmp_path, "plot.svg", "gone.svg")
    (tmp_path / "out/measured/hash/gone.svg").unlink()
    with pytest.raises(TalkError, match=message) as caught:
        load(tmp_path, figure(f"![A](measured/{address})"), measured)
    assert re.search(hint, caught.value.hint)
    assert caught.value.where
    assert caught.value.where.line == 6


def test_a_run_without_pictures_says_what_to_write(tmp_path: Path) -> None:
    """The key of talk.toml that is missing."""
    measured = with_pictures(tmp_path)
    with pytest.raises(TalkError) as caught:
        load(tmp_path, figure("![A](measured/hash/plot.svg)"), measured)
    assert caught.value.hint == 'pictures = ["plot.svg"] in [measure.hash] of talk.toml'
