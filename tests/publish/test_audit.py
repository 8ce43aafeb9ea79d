"""The proof: what is planted into a public site is found, and its file is named."""

from __future__ import annotations

import base64
import getpass
import io
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from msgspec.structs import replace
from support.media import film, photo, svg, talk_with
from support.published import no_camera, png, published, small_talk

from pipeline.pages.csp import policy
from pipeline.pictures.picture import Picture
from pipeline.problems import TalkError
from pipeline.publish import secrets as leaks
from pipeline.publish.audit import prove
from pipeline.publish.secrets import Secrets, secrets_of
from pipeline.publish.words import RUN, runs_of, words_of
from pipeline.slides.markdown import PictureUse

pytestmark = pytest.mark.slow

SAID = "good bread needs little more than flour water and time"
CUE = "PAUSE until they smell it"


@pytest.fixture(scope="module")
def published_site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Secrets]:
    """A small talk's site, and what must not stand in it."""
    root = tmp_path_factory.mktemp("small") / "bread"
    small_talk(root)
    script = root / "script" / "voiceover.md"
    text = script.read_text(encoding="utf-8").replace(
        "## SLIDE 2", f"**[{CUE}]**\n\n> Only if someone asks me about the sourdough\n\n## SLIDE 2"
    )
    script.write_text(text, encoding="utf-8")
    talk = small_talk(root)
    with pytest.MonkeyPatch.context() as patch:
        no_camera(patch)
        site = published(talk, root / "out")
    (site.folder / "reveal.js").write_text("// large, and the same in each test\n")
    return site.folder, secrets_of(talk, {})


def copy_of(folder: Path, to: Path) -> Path:
    import shutil

    return Path(shutil.copytree(folder, to / "public"))


def messages(folder: Path, secrets: Secrets) -> list[str]:
    return [f"{f.where}: {f.message}" for f in prove(folder, secrets)]


def into_page(text: str) -> Callable[[Path], str]:
    def plant(site: Path) -> str:
        page = site / "reading.html"
        page.write_text(page.read_text().replace("</main>", f"{text}</main>"))
        return "reading.html"

    return plant


def into_head(text: str) -> Callable[[Path], str]:
    def plant(site: Path) -> str:
        page = site / "reading.html"
        page.write_text(page.read_text().replace("</head>", f"{text}</head>"))
        return "reading.html"

    return plant


def linked(name: str, content: bytes) -> Callable[[Path], str]:
    """A new file, with a link to it."""

    def plant(site: Path) -> str:
        (site / name).write_bytes(content)
        into_page(f'<a href="{name}">more</a>')(site)
        return name

    return plant


def appended(name: str, text: str) -> Callable[[Path], str]:
    def plant(site: Path) -> str:
        with (site / name).open("a") as file:
            file.write(text)
        return name

    return plant


def replaced_in(name: str, old: str, new: str) -> Callable[[Path], str]:
    def plant(site: Path) -> str:
        text = (site / name).read_text()
        assert old in text
        (site / name).write_text(text.replace(old, new))
        return name

    return plant


def pdf_saying(words: str, *, title: str = "") -> bytes:
    """Three empty pages whose metadata or outline says something."""
    import pypdf

    writer = pypdf.PdfWriter()
    for _ in range(3):
        writer.add_blank_page(100, 100)
    if title:
        writer.add_metadata({"/Subject": title})
    if words:
        writer.add_outline_item(title=words, page_number=0)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def pptx_saying(words: str) -> bytes:
    from pptx import Presentation

    made, file = Presentation(), io.BytesIO()
    slide = made.slides.add_slide(made.slide_layouts[5])
    slide.notes_slide.notes_text_frame.text = words
    made.save(file)
    return file.getvalue()


def with_xmp() -> bytes:
    """A picture with what an editor writes of itself."""
    from PIL import Image

    made = io.BytesIO()
    Image.new("RGB", (4, 4)).save(made, "WEBP", xmp=b"<x:xmpmeta>me</x:xmpmeta>")
    return made.getvalue()


def zipped(text: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("inside/notes.txt", text)
    return made.getvalue()


PHOTO = "data:image/jpeg;base64," + base64.b64encode(photo(size=(64, 36))).decode()
ESCAPED = "".join(f"\\u{ord(sign):04x}" for sign in SAID)
CSS = "".join(f"\\{ord(sign):x} " for sign in SAID)
ENCODED = base64.b64encode(f"<svg><desc>{SAID}</desc></svg>".encode()).decode()
WORDS, NOTES, DEAD = "words of the script", "speaker's notes", "isn't there"
OUTSIDE, STOPPED = "fetches from outside", "policy"
PLANTED = {
    "words in a text": (into_page(f"<p>{SAID}</p>"), WORDS),
    "words with other case and signs": (
        into_page(f"<p>{SAID.upper().replace(' ', ', ')}</p>"),
        WORDS,
    ),
    "words over inline elements": (
        into_page("<p>good bread <em>needs</em> little <b>more</b> than flour wa<i>ter</i></p>"),
        WORDS,
    ),
    "words over block elements": (
        into_page("<p>good bread needs</p><ul><li>little more than</li></ul>"),
        WORDS,
    ),
    "words in an attribute": (into_page(f'<p title="{SAID}">x</p>'), WORDS),
    "words in a comment": (into_page(f"<!-- {SAID} -->"), WORDS),
    "words in entities": (into_page("".join(f"&#{ord(s)};" for s in SAID)), WORDS),
    "words in a JSON block": (
        replaced_in("index.html", '"values":{}', f'"values":{{"x":"{ESCAPED}"}}'),
        WORDS,
    ),
    "words in a script's string": (appended("deck.js", f'\nvar x = "{ESCAPED}";'), WORDS),
    "words in a stylesheet": (appended("deck.css", f"/* {SAID} */"), WORDS),
    "words in a data: address": (
        into_page(f'<img alt="" src="data:image/svg+xml;base64,{ENCODED}">'),
        WORDS,
    ),
    "an aside of the script": (into_page("<p>only if someone asks me about the</p>"), WORDS),
    "words in a picture": (linked("x.svg", f"<svg><desc>{SAID}</desc></svg>".encode()), WORDS),
    "words in metadata inside a picture": (
        linked("x.svg", f"<svg><g><metadata>{SAID}</metadata></g></svg>".encode()),
        WORDS,
    ),
    "words in a comment of a picture's style": (
        linked("x.svg", f"<svg><style>/* {SAID} */</style></svg>".encode()),
        WORDS,
    ),
    "words in a style's escapes": (appended("deck.css", f'a::after{{content:"{CSS}"}}'), WORDS),
    "words in an address": (
        into_page(f'<a href="https://x.example/?q={quote(SAID)}">x</a>'),
        WORDS,
    ),
    "words in a picture's metadata": (linked("x.png", png({"Comment": SAID})), WORDS),
    "a camera's place in a photo": (linked("x.jpg", photo(size=(64, 36))), "EXIF with a place"),
    "a place in a photo in a page": (into_page(f'<img src="{PHOTO}" alt="x">'), "EXIF"),
    "a program's XMP in a picture": (linked("x.webp", with_xmp()), "it carries XMP"),
    "a place in a film": (linked("x.mp4", film(b"udta", b"+52.5200+013.4050/")), "it carries meta"),
    "a film that is none": (linked("x.webm", b"only words"), "is no video"),
    "a script in a foreign picture": (
        linked("x.svg", svg("<script>1</script>").encode()),
        "a picture can't have `script`",
    ),
    "words in a linked paper": (linked("x.txt", SAID.encode()), WORDS),
    "words in a linked archive": (linked("x.zip", zipped(SAID)), WORDS),
    "what can't be looked into": (linked("x.exe", b"x"), "nobody knows how to look into"),
    "words in a PDF's outline": (linked("x.pdf", pdf_saying(SAID)), WORDS),
    "words in a PDF's metadata": (linked("x.pdf", pdf_saying("", title=SAID)), WORDS),
    "words in a PowerPoint file": (linked("x.pptx", pptx_saying(SAID)), WORDS),
    "notes in a PowerPoint file": (linked("x.pptx", pptx_saying("x")), NOTES),
    "a PDF without a page": (linked("x.pdf", pdf_saying("x")[:200]), "can't be read"),
    "the speaker's notes": (linked("notes.js", f'window.x = {{"a": "{SAID}"}}'.encode()), WORDS),
    "the script itself": (linked("x.md", f"## SLIDE 1\n\n{SAID}".encode()), WORDS),
    "a notes element": (into_page('<aside class="notes">x</aside>'), NOTES),
    "a cue": (into_page(f"<p>[{CUE}]</p>"), "a cue"),
    "a cue's element": (into_page('<p class="cue">x</p>'), NOTES),
    "a path": (into_page("<p>/home/someone/talk/slides</p>"), "a path of a machine: /home/someone"),
    "a path of Windows": (into_page(r"<p>C:\Users\someone\talk</p>"), "a path of a machine"),
    "a path of a server": (into_page("<p>/opt/talk/out</p>"), "a path of a machine: /opt/talk"),
    "a path of a stick": (into_page("<p>/media/me/stick</p>"), "a path of a machine: /media/me"),
    "a path of Windows with slashes": (into_page("<p>C:/talks/x.md</p>"), "a path of a machine"),
    "a file address": (into_page("<p>file:///opt/talk/index.html</p>"), "a path of a machine"),
    "a script from outside": (
        into_page('<script src="https://cdn.example/x.js"></script>'),
        OUTSIDE,
    ),
    "a picture from outside": (into_page('<img alt="" src="//cdn.example/x.png">'), OUTSIDE),
    "a font from outside": (
        appended("deck.css", "@font-face{src:url(https://x.example/f)}"),
        OUTSIDE,
    ),
    "an import from outside": (appended("deck.css", '@import "https://x.example/f.css";'), OUTSIDE),
    "an address in a script": (
        appended("deck.js", 'fetch("https://x.example/")'),
        "names an address",
    ),
    "a fill from outside": (
        linked("x.svg", b"<svg><rect fill=\"url('https://x.example/#a')\"/></svg>"),
        OUTSIDE,
    ),
    "a hidden import": (appended("deck.css", "a{b:\\75rl(https://x.example/f)}"), OUTSIDE),
    "a ping": (into_page('<a href="index.html" ping="https://x.example/">x</a>'), OUTSIDE),
    "an address that an animation sets": (
        linked("x.svg", b'<svg><a><set attributeName="href" to="javascript:x()"/></a></svg>'),
        "runs something",
    ),
    "a refresh": (
        into_head('<meta http-equiv="refresh" content="0;url=https://x.example">'),
        OUTSIDE,
    ),
    "a dead link": (into_page('<a href="gone.html">x</a>'), DEAD),
    "a dead anchor": (into_page('<a href="index.html#/gone">x</a>'), DEAD),
    "a dead picture": (into_page('<img alt="" src="gone.png">'), DEAD),
    "a link out of the folder": (into_page('<a href="../private.html">x</a>'), "leads nowhere"),
    "a link from the root": (into_page('<a href="/index.html">x</a>'), "leads nowhere"),
    "a link that runs": (into_page('<a href="javascript:alert(1)">x</a>'), "runs something"),
    "a tab without noopener": (
        into_page('<a href="index.html" target="_blank">x</a>'),
        "without rel=noopener",
    ),
    "a handler": (into_page('<p onclick="x()">x</p>'), STOPPED),
    "a style attribute": (into_page('<p style="color:red">x</p>'), STOPPED),
    "an inline script": (into_page("<script>var x = 1;</script>"), "no hash of an inline script"),
    "a loose policy": (
        replaced_in("index.html", "style-src", "style-src 'unsafe-inline'"),
        "loose",
    ),
    "a script in a picture": (linked("x.svg", b"<svg><script/></svg>"), "can't have `script`"),
    "a handler in a picture": (linked("x.svg", b'<svg onload="x()"/>'), "can't have `onload`"),
    "no policy": (replaced_in("index.html", "Content-Security-Policy", "x"), "no Content-Security"),
    "an unknown kind of file": (linked("x.bin", b"x"), "nobody knows how to look into"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_found(
    name: str, published_site: tuple[Path, Secrets], tmp_path: Path
) -> None:
    """Each kind of leak, request and dead end is found, in the file that has it."""
    plant, expected = PLANTED[name]
    folder, secrets = published_site
    site = copy_of(folder, tmp_path)
    where = plant(site)
    found = messages(site, secrets)
    assert any(m.startswith(f"public/{where}: ") and expected in m for m in found), found


def test_nothing_is_found_where_nothing_is(published_site: tuple[Path, Secrets]) -> None:
    """The site as it is published passes its own proof."""
    assert messages(*published_site) == []


def test_an_unlinked_file_is_found(published_site: tuple[Path, Secrets], tmp_path: Path) -> None:
    """A file that no page leads to is named."""
    site = copy_of(published_site[0], tmp_path)
    (site / "left-over.html").write_text(
        f'<meta http-equiv="Content-Security-Policy" content="{policy()}"><p>x</p>'
    )
    assert messages(site, published_site[1]) == ["public/left-over.html: no page leads to it"]


def test_names_of_user_and_host_are_found(
    published_site: tuple[Path, Secrets], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The names of the user and of the machine are looked for as words."""
    root = published_site[0].parents[1]
    monkeypatch.setattr(socket, "gethostname", lambda: "anvil-7.lan")
    monkeypatch.setattr(getpass, "getuser", lambda: "quillfeather")
    secrets = secrets_of(small_talk(root), {})
    assert secrets.names == ("anvil-7", "anvil-7.lan", "quillfeather")
    site = copy_of(published_site[0], tmp_path)
    into_page("<!-- built by Quillfeather on it -->")(site)
    assert messages(site, secrets) == [
        "public/reading.html: it holds the name of this user or machine: quillfeather"
    ]


def test_a_pdf_with_other_pages_than_slides_is_found(
    published_site: tuple[Path, Secrets], tmp_path: Path
) -> None:
    """A PDF must have a page for each slide."""
    site = copy_of(published_site[0], tmp_path)
    linked("x.pdf", pdf_saying("x"))(site)
    assert prove(site, published_site[1], slides=3) == ()
    (found,) = prove(site, published_site[1], slides=4)
    assert found.message == "it has 3 pages, the talk has 4 slides"


def test_a_leak_stops_publishing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slide deck that holds the script's words is not published; the old site stays."""
    no_camera(monkeypatch)
    talk = small_talk(tmp_path / "bread")
    site = published(talk, tmp_path / "out")
    before = {p.name: p.read_bytes() for p in site.folder.iterdir() if p.is_file()}
    monkeypatch.setattr(
        "pipeline.publish.metadata.icon", lambda _: f"<svg><desc>{SAID}</desc></svg>"
    )
    with pytest.raises(
        TalkError, match="words of the script: “good bread needs little more than”"
    ) as e:
        published(talk, tmp_path / "out")
    assert str(e.value.where) == "public/favicon.svg"
    assert {p.name: p.read_bytes() for p in site.folder.iterdir() if p.is_file()} == before
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["public"]


def test_words_on_a_slide_are_no_leak(tmp_path: Path) -> None:
    """What the script says and a slide shows may stand anywhere."""
    root = tmp_path / "bread"
    talk = small_talk(root)
    slide = root / "deck" / "slides" / "03-bye.md"
    slide.write_text(slide.read_text() + f"\n{SAID}\n")
    run = "good bread needs little more than"
    assert run in secrets_of(talk, {}).runs
    assert run not in secrets_of(small_talk(root), {}).runs


def test_what_a_picture_doesnt_show_makes_no_words_known(tmp_path: Path) -> None:
    """Its letters may stand anywhere; its metadata, comments, styles and ids may not."""
    talk = small_talk(tmp_path / "bread")
    run = "good bread needs little more than"
    slide = talk.slides[0]
    shown = replace(slide, pictures=(PictureUse("drawing", "loaf", slide.source),))
    talk = replace(talk, slides=(shown, *talk.slides[1:]))
    hidden = (
        f"<metadata>{SAID}</metadata><g><metadata>{SAID}</metadata></g><!-- {SAID} -->"
        f"<style>/* {SAID} */</style><g id='{SAID}'/>"
    )
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">{}</svg>'
    for inside, is_known in ((hidden, False), (f"<g><text>{SAID}</text></g>", True)):
        pictures = {"loaf": Picture("loaf", svg.format(inside), "a loaf", "bread")}
        assert (run not in secrets_of(talk, pictures).runs) == is_known


def test_what_a_foreign_picture_shows_is_no_leak(tmp_path: Path) -> None:
    """Its letters are seen; its description isn't, and words of the script there are found."""
    slide = "---\nlayout: figure\ntitle: A\n---\n::: left\n![Bread](p.svg)\n:::\n"
    shown = svg(f"<text>{SAID}</text>")
    talk = talk_with(tmp_path / "a", slide, {"deck/p.svg": shown})
    with pytest.MonkeyPatch.context() as patch:
        no_camera(patch)
        assert published(talk, tmp_path / "out").folder.is_dir()
        hidden = svg(f"<desc>{SAID}</desc><text>Bread</text>")
        talk = talk_with(tmp_path / "b", slide, {"deck/p.svg": hidden})
        with pytest.raises(TalkError, match="words of the script"):
            published(talk, tmp_path / "out2")


def test_a_path_on_a_slide_is_no_leak(tmp_path: Path) -> None:
    """A path that the speaker shows on purpose may stand anywhere; no other may."""
    root = tmp_path / "bread"
    small_talk(root)
    slide = root / "deck" / "slides" / "03-bye.md"
    slide.write_text(slide.read_text() + "\nLook into /home/you/bread\n")
    secrets = secrets_of(small_talk(root), {})
    assert list(leaks.leaks_in(["in /home/you"], secrets)) == []
    assert list(leaks.leaks_in(["in /home/me"], secrets)) == [
        ("a path of a machine: /home/me", None)
    ]


def test_words_are_compared_in_one_form() -> None:
    """Case, typographic apostrophes, soft hyphens, widths and punctuation do not hide a word."""
    assert words_of("Don’t — TUNE-IN, ﬁne\u00adtuned ｆｕｌｌ!") == words_of(
        "dont tune in finetuned full"
    )
    assert list(runs_of("one two three four five")) == []
    assert list(runs_of("one two three four five six")) == ["one two three four five six"]
    assert RUN == 24
