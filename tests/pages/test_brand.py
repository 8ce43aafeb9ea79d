"""[brand]: a talk's own colours, logo, footer and size reach its pages, and cover nothing."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.needs import need
from support.second_talk import write_second_talk

from pipeline.config import load_config
from pipeline.export.chromium import find_browser
from pipeline.export.pdf import export_pdf
from pipeline.faces import own_faces
from pipeline.measured import NOTHING
from pipeline.pages.assets import package_file
from pipeline.pages.brand import brand_files
from pipeline.pages.deck import Deck, DeckMaker, deck_input, deck_page, write_deck
from pipeline.pages.reading import lost_page, reading_style
from pipeline.pages.rehearsal import rehearsal_page
from pipeline.pages.script import script_files
from pipeline.pages.slide import qr_code
from pipeline.palette import OURS
from pipeline.problems import TalkError
from pipeline.publish.metadata import icon
from pipeline.slides.layouts import load_layouts
from pipeline.talk import Talk, load_talk

pytestmark = pytest.mark.slow

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30"><path d="M0 0h90v30H0z"/></svg>'


def branded(root: Path, lines: str) -> Talk:
    """A small talk with a logo and these lines in [brand]."""
    write_second_talk(root)
    (root / "logo.svg").write_text(LOGO, encoding="utf-8")
    settings = root / "talk.toml"
    settings.write_text(f"{settings.read_text('utf-8')}\n[brand]\n{lines}\n", encoding="utf-8")
    return load_talk(load_config(root), NOTHING, load_layouts())


def test_the_palette_reaches_every_page(tmp_path: Path) -> None:
    """Deck, rehearsal page, script, reading page, icon, QR code; ours where none is given."""
    talk = branded(tmp_path, '[brand.light]\nink = "#201000"\n[brand.dark]\naccent = "#ffd24a"')
    palette = talk.config.brand.palette
    deck = DeckMaker().make(deck_input(talk, tmp_path / "cache"))
    sheet = deck.files["deck.css"].decode()
    assert sheet.rindex("--ink:#201000") > sheet.index(f"--ink:{OURS.light['ink']}")
    # The rule for the dark theme says so again: that for both comes after the first dark one.
    assert f'[data-theme="dark"]{{--ink:{OURS.dark["ink"]}' in sheet
    assert "--accent: #ffd24a" in rehearsal_page(talk)
    assert b"--ink: #201000" in script_files(talk)["script.html"]
    assert "--ink: #201000" in reading_style(palette)
    assert "--ink: #201000" in lost_page(talk.config.talk, "./", palette)
    assert "#201000" in icon(palette)
    assert "#ffd24a" in icon(palette)
    assert "#201000" in qr_code("https://example.org", palette.light)


def test_a_talk_without_a_brand_has_no_rules(tmp_path: Path) -> None:
    """Nothing is added to a deck that wants nothing of its own."""
    write_second_talk(tmp_path)
    made = brand_files(load_config(tmp_path))
    assert made.styles == ""
    assert not made.files


def test_a_deck_has_its_size_everywhere(tmp_path: Path) -> None:
    """4:3: the page says how high a slide is, its policy lets it be printed, frames fit it."""
    talk = branded(tmp_path, 'size = "4:3"')
    deck = DeckMaker().make(deck_input(talk, tmp_path / "cache"))
    page = deck_page(deck)
    assert 'data-height="960"' in page
    assert "--slide-height:960px" in deck.files["deck.css"].decode()
    assert "--slide: 1280 / 960;" in rehearsal_page(talk)
    write_second_talk(tmp_path / "plain")
    other = load_talk(load_config(tmp_path / "plain"), NOTHING, load_layouts())
    wide = deck_page(DeckMaker().make(deck_input(other, tmp_path / "cache")))
    assert "data-height" not in wide
    assert page.partition("content=")[2].partition(">")[0] not in wide


def test_the_foot_says_what_is_wanted(tmp_path: Path) -> None:
    """A footer on each slide; numbers and the time line only if they are wanted."""
    talk = branded(
        tmp_path, 'footer = "Flour & Co"\npage_numbers = false\ntimeline = false\nlogo = "logo.svg"'
    )
    deck = DeckMaker().make(deck_input(talk, tmp_path / "cache"))
    for section in deck.sections.values():
        assert '<span class="footer">Flour &amp; Co</span>' in section
        assert '<span class="logo"></span>' in section
        assert '<span class="hidden">Slide </span><span class="hidden">' in section
    assert ".timeline,.pdf-page .timeline{display:none" in deck.files["deck.css"].decode()
    assert [name for name in deck.files if name.startswith("logo-")]


def test_a_logo_on_the_title_alone(tmp_path: Path) -> None:
    """`logo_on = "title"`: it stands there, and other titles keep their room."""
    talk = branded(tmp_path, 'logo = "logo.svg"\nlogo_on = "title"')
    deck = DeckMaker().make(deck_input(talk, tmp_path / "cache"))
    shown = [name for name, section in deck.sections.items() if 'class="logo"' in section]
    assert shown == ["hello"]
    assert ".head{padding-right:" not in deck.files["deck.css"].decode().replace("right:0", "")


def test_a_picture_of_a_logo_loses_its_metadata(tmp_path: Path) -> None:
    """A PNG is written anew: what a camera or an editor put into it stays here."""
    write_second_talk(tmp_path)
    image, exif = Image.new("RGBA", (300, 100), (10, 20, 30, 128)), Image.Exif()
    exif[0x010E] = "somebody's garden"
    image.save(tmp_path / "my logo.png", exif=exif)
    text = (tmp_path / "talk.toml").read_text("utf-8")
    (tmp_path / "talk.toml").write_text(f'{text}\n[brand]\nlogo = "my logo.png"\n', "utf-8")
    made = brand_files(load_config(tmp_path))
    ((name, content),) = made.files.items()
    assert name.endswith(".webp")
    written = Image.open(io.BytesIO(content))
    assert written.size == (300, 100)
    assert not written.getexif()
    assert b"garden" not in content


BAD = [
    ("logo.png", None, "there is no logo `logo.png`"),
    ("logo.png", b"<html>", "`logo.png` is no picture"),
    ("logo.svg", b"<html>", "`logo.svg` is no SVG"),
    ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "size"),
    ("../logo.svg", b"", "outside the talk's folder"),
]


@pytest.mark.parametrize(("name", "content", "message"), BAD)
def test_a_logo_that_cant_be_shown_is_one_error(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    """With the line of talk.toml that names it."""
    root = tmp_path / "talk"
    write_second_talk(root)
    text = (root / "talk.toml").read_text("utf-8") + f'\n[brand]\nlogo = "{name}"\n'
    (root / "talk.toml").write_text(text, "utf-8")
    if content is not None:
        (root / name).write_bytes(content)
    with pytest.raises(TalkError) as caught:
        brand_files(load_config(root))
    assert message in caught.value.message
    assert caught.value.where is not None
    assert caught.value.where.line == text.rstrip().count("\n") + 1


CROSSED = """() => {
  const box = e => e.getBoundingClientRect();
  const crosses = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
    && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const found = [];
  for (const slide of document.querySelectorAll('section .slide')) {
    const section = slide.closest('section');
    if (!slide.offsetParent) continue;
    const logo = box(slide.querySelector('.logo'));
    if (!logo.width || logo.left < 0 || logo.right > innerWidth) found.push('no logo');
    const others = [...slide.querySelectorAll('h1, h2, p, li, td, .foot > span'),
      ...(innerWidth > 435 ? document.querySelectorAll('.timeline a') : [])];
    for (const other of others) {
      const text = document.createRange();
      text.selectNodeContents(other);
      const isBox = other.matches('.timeline a, .foot > span');
      const at = isBox ? box(other) : text.getBoundingClientRect();
      if (at.width && crosses(logo, at)) found.push(section.id + ': ' + other.outerHTML);
    }
  }
  return found;
}"""


TAKE_SHEET = """href => new Promise((taken, failed) => {
  const link = document.querySelector('link[href$=".css"]');
  Object.assign(link, { onload: () => taken(), onerror: failed, href });
})"""


@pytest.mark.browser
@pytest.mark.parametrize(
    ("size", "windows"),
    [("16:9", ((1280, 720), (390, 844))), ("4:3", ((1280, 960), (1280, 720)))],
)
def test_a_logo_covers_nothing(
    browser: Any, tmp_path: Path, size: str, windows: tuple[tuple[int, int], ...]
) -> None:
    """In no corner, in neither size, and not on a phone."""
    out, decks = tmp_path / "out", dict[str, Deck]()
    for place in ("top left", "top right", "bottom left", "bottom right"):
        root = tmp_path / place
        branded(
            root,
            f'logo = "logo.svg"\nlogo_place = "{place}"\nsize = "{size}"\nfooter = "Flour & Co"',
        )
        long = root / "deck/slides/02-steps.md"
        title = "Four things to do with flour and water and salt and some time"
        long.write_text(long.read_text("utf-8").replace("Four things to do", title), "utf-8")
        talk = load_talk(load_config(root), NOTHING, load_layouts())
        decks[place] = deck = DeckMaker(tmp_path / "cache").make(deck_input(talk, tmp_path))
        write_deck(deck, deck_page(deck), out)
    # All that a place changes is the sheet of styles.
    assert len({(*deck.sections.values(), deck.styles) for deck in decks.values()}) == 1
    for place, deck in decks.items():
        (out / f"{place}.css").write_bytes(deck.files["deck.css"])
    for width, height in windows:
        page: Any = browser.new_page(viewport={"width": width, "height": height})
        page.goto((out / "index.html").as_uri())
        page.wait_for_selector("html[data-ready]")
        for place in decks:
            page.evaluate(TAKE_SHEET, f"{place}.css")
            for index in range(3):
                page.evaluate("index => Reveal.slide(index, 0, 9)", index)
                assert page.evaluate(CROSSED) == [], (place, width, index)
        page.close()


def test_a_deck_that_loses_its_logo_loses_the_file(tmp_path: Path) -> None:
    """What an older build wrote for a brand doesn't stay beside the deck."""
    talk = branded(tmp_path, 'logo = "logo.svg"')
    deck = DeckMaker().make(deck_input(talk, tmp_path / "cache"))
    write_deck(deck, deck_page(deck), tmp_path / "out")
    assert len(list((tmp_path / "out").glob("logo-*.svg"))) == 1
    text = (tmp_path / "talk.toml").read_text("utf-8").replace('logo = "logo.svg"', "")
    (tmp_path / "talk.toml").write_text(text, "utf-8")
    plain = load_talk(load_config(tmp_path), NOTHING, load_layouts())
    deck = DeckMaker().make(deck_input(plain, tmp_path / "cache"))
    write_deck(deck, deck_page(deck), tmp_path / "out")
    assert not list((tmp_path / "out").glob("logo-*"))


def test_first_and_last_slide_hold_a_photo(tmp_path: Path) -> None:
    """Beside the words, which get smaller letters; its rules come only where it is."""
    root = write_second_talk(tmp_path)
    Image.new("RGB", (640, 480), (90, 120, 150)).save(root / "photo.jpg")
    for name in ("01-hello.md", "03-bye.md"):
        path = root / "deck/slides" / name
        more = "picture: photo.jpg\nalt: A loaf\n---\n"
        head, body = path.read_text("utf-8").split("\n---\n", 1)
        path.write_text(f"{head}\n{more}{body}", "utf-8")
    talk = load_talk(load_config(root), NOTHING, load_layouts())
    deck = DeckMaker().make(deck_input(talk, tmp_path / "cache"))
    for name in ("hello", "bye"):
        assert '<div class="cover"><span class="media' in deck.sections[name]
    assert 'class="cover"' not in deck.sections["steps"]
    assert ".cover{" in deck.files["deck.css"].decode()


def test_a_clear_logo_keeps_its_white_paper_in_the_dark(tmp_path: Path) -> None:
    """Unless another one is named for the dark theme."""
    config = branded(tmp_path / "a", 'logo = "logo.svg"').config
    assert '[data-theme="dark"] .slide .logo{background-color: white' in brand_files(config).styles
    config = branded(tmp_path / "b", 'logo = "logo.svg"\nlogo_dark = "logo.svg"').config
    assert "background-color: white" not in brand_files(config).styles


def test_a_logo_that_runs_something_is_refused(tmp_path: Path) -> None:
    """With the line of the file that does."""
    config = branded(tmp_path, 'logo = "logo.svg"').config
    (tmp_path / "logo.svg").write_text(LOGO.replace("<path", "\n<script>a()</script><path"))
    with pytest.raises(TalkError) as caught:
        brand_files(config)
    assert str(caught.value.where).endswith("logo.svg:2")


@pytest.mark.browser
def test_a_branded_deck_is_printed_as_it_is_shown(tmp_path: Path) -> None:
    """Pages of 4:3, one a slide, text as text in the talk's own face, variable or not."""
    need(find_browser() is not None, "no Chromium")
    pypdf = pytest.importorskip("pypdf")
    face = 'size = "4:3"\nlogo = "logo.svg"\n[brand.faces]\ntext = "face.ttf"'
    second_face = package_file("font_manrope", "files/Manrope-VariableFont_wght.ttf").read_bytes()
    tmp_path.joinpath("talk").mkdir()
    (tmp_path / "talk/face.ttf").write_bytes(second_face)
    talk = branded(tmp_path / "talk", face)
    cache, out = tmp_path / "cache", tmp_path / "out"
    deck = DeckMaker(cache).make(deck_input(talk, cache, for_speaker=False))
    write_deck(deck, deck_page(deck), out)
    faces = own_faces(talk.config, cache)
    path = export_pdf(out / "index.html", tmp_path / "x.pdf", cache, 3, faces=faces)
    pages = pypdf.PdfReader(path).pages
    assert len(pages) == 3
    assert float(pages[0].mediabox.width) / float(pages[0].mediabox.height) == pytest.approx(4 / 3)
    assert "Four things to do" in pages[1].extract_text()
    fonts = [font.get_object() for font in pages[1]["/Resources"]["/Font"].values()]
    assert {font["/Subtype"] for font in fonts} == {"/Type0"}
