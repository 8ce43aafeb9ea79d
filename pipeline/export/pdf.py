"""The deck on paper, printed by Chromium: a page for each slide, or a sheet with its script."""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from markupsafe import Markup

from pipeline.caches import kept_faces
from pipeline.command import called
from pipeline.config import Config
from pipeline.export.chromium import browser_path, in_browser, limit_of, open_deck
from pipeline.export.drawings import Drawings, shown_by
from pipeline.faces import OwnFace
from pipeline.files import kept, write_whole
from pipeline.locale import ENGLISH, Locale
from pipeline.pages.assets import CODE_FONT
from pipeline.pages.csp import Inline, policy
from pipeline.pages.deck import FONT, STYLESHEET
from pipeline.pages.faces import code_families, family_of, file_of, rule_of, stack, text_families
from pipeline.pages.languages import language_rules
from pipeline.pages.notes import notes_html
from pipeline.pages.templates import render, texts
from pipeline.palette import declared
from pipeline.problems import Source, TalkError
from pipeline.script.elements import Script
from pipeline.talk import Talk

if TYPE_CHECKING:
    from pipeline.export.driver import Tabs

CODE_WEIGHTS = (500, 700)  # in deck/code.css
_MM = 72 / 25.4  # points
# Same length, so that no offset in the file moves.
_DATE = re.compile(rb"\(D:\d{14}[^)]*\)")
_ID = re.compile(rb"/ID\s*\[\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*\]")
_NODE = re.compile(rb"\(node(\d{8})\)")  # of the tree of tags; Chromium counts others, too
_WEIGHT = re.compile(r"font(?:-weight)?:\s*([1-9]\d\d)\b(?! \d)")

# The page as it is printed: plain faces, every slide there for a screen reader and the outline.
_PREPARE = """async ([faces, text, code, photos]) => {
  const style = document.createElement('style');
  style.textContent = faces + 'body,.reveal,.slide :not(code,code *,math,math *){'
    + 'font-family:' + text + '!important}.slide :is(code,code *){'
    + 'font-family:' + code + '!important}'
    + 'h1.hidden{clip-path:none;overflow:visible;width:auto;height:auto;'
    + 'color:var(--paper);font-size:1px}';
  document.head.append(style);
  document.querySelectorAll('.pdf-page .timeline a').forEach(a => a.removeAttribute('href'));
  document.querySelectorAll('.pdf-page section').forEach(section => {
    for (const name of ['aria-hidden', 'hidden', 'inert']) section.removeAttribute(name);
  });
  // Pictures that no window came near to.
  const shown = [...document.querySelectorAll('img')].filter(image => image.checkVisibility());
  for (const image of shown) {
    image.loading = 'eager';
    const photo = photos[image.getAttribute('src')];
    if (photo) image.src = photo;
  }
  document.body.getBoundingClientRect();  // until then nobody knows which faces are wanted
  const loaded = [...document.fonts].map(face => face.load().catch(() => {}));
  await Promise.all([...loaded, ...shown.map(i => i.decode().catch(() => {}))]);
  return true;
}"""
# Links between slides lead to pages; others become whole addresses, or plain text without one.
_LINKS = """base => {
  const gone = [];
  document.querySelectorAll('a[href]').forEach(link => {
    const href = link.getAttribute('href');
    if (href.startsWith('#/')) link.setAttribute('href', '#' + href.slice(2));
    else if (href.startsWith('#') || /^(https?:|mailto:)/.test(href)) return;
    else if (base) link.setAttribute('href', base + href);
    else gone.push(link);
  });
  for (const link of gone) {
    if (link.closest('.foot') || !link.closest('section')) link.remove();
    else link.replaceWith(...link.childNodes);
  }
}"""
# The slides that take more than a page.
_LONG = """() => [...document.querySelectorAll('.pdf-page')]
  .filter(page => page.offsetHeight > 1.5 * Reveal.getConfig().height)
  .map(page => page.querySelector('section').id)"""
_BACKUPS = "document.querySelectorAll('.slides section[data-backup]').length"
# Smaller letters, then two columns and a smaller slide, until a sheet holds it all; the frames'
# places in millimetres from the sheet's upper left corner.
_FIT = """([width, height]) => [...document.querySelectorAll('.sheet')].map(sheet => {
  const frame = sheet.querySelector('.frame'), said = sheet.querySelector('.said');
  const tries = [[178, 11, 1], [178, 10, 1], [150, 10, 2], [120, 9.5, 2], [96, 9, 2], [80, 8.5, 2],
    [72, 8, 2], [64, 7.5, 2], [64, 7, 2], [64, 6, 2], [64, 5, 3]];
  let fits = false;
  for (const [wide, points, columns] of tries) {
    frame.style.width = wide + 'mm';
    frame.style.height = wide * height / width + 'mm';
    said.style.fontSize = points + 'pt';
    said.style.columnCount = columns;
    fits = said.scrollHeight <= said.clientHeight + 1 && said.scrollWidth <= said.clientWidth + 1;
    if (fits) break;
  }
  const mm = 25.4 / 96, whole = sheet.getBoundingClientRect(), box = frame.getBoundingClientRect();
  return [(box.left - whole.left) * mm, (box.top - whole.top) * mm, box.width * mm, fits ? 1 : 0];
})"""


def export_pdf(
    deck: Path,
    to: Path,
    cache: Path,
    slides: int,
    base: str = "",
    say: Callable[[str], None] = lambda _: None,
    *,
    faces: Sequence[OwnFace] = (),
    locale: Locale = ENGLISH,
    drawings: Drawings | None = None,
) -> Path:
    """Print the page `deck` into the file `to`, a page for each slide, all steps shown.

    Tagged, with an outline. `base` is the site's address, for links to its other files; `faces`
    are the talk's own; `drawings` are printed over its slides. Raises
    NoBrowserError, and TalkError if it takes too long or has another number of pages.
    """
    browser_path()
    say("printing the deck")
    families = _printed_families(faces)
    prepared = [print_faces(deck, cache, faces), *families, _photos(deck.parent)]
    drawn = shown_by(drawings) if drawings and drawings.strokes else ""

    async def work(tabs: Tabs) -> tuple[bytes, list[str], int]:
        page = await open_deck(
            tabs, deck, "?print-pdf&theme=light", motion="no-preference", before=drawn
        )
        await page.wait_for_selector("html[data-printed]", state="attached")
        if drawn:
            await page.wait_for_selector(".ink g", state="attached")
        await page.evaluate(_PREPARE, prepared)
        await page.evaluate(_LINKS, base)
        long: list[str] = await page.evaluate(_LONG)
        printed = await page.pdf(
            prefer_css_page_size=True, print_background=True, tagged=True, outline=True
        )
        behind: int = await page.evaluate(_BACKUPS)
        return printed, long, behind

    printed, long, behind = in_browser(work, "the PDF", limit_of(slides))
    made = same_each_time(printed)
    if behind:
        made = _backups_apart(made, behind, locale.say("Backup slides"))
    _one_page_each(page_count(made), slides, long, deck)
    return write_whole(to, made)


def _one_page_each(pages: int, slides: int, long: Sequence[str], deck: Path) -> None:
    """Raises TalkError where a slide takes more than its page, or none; `long`: which ones do."""
    if pages != slides:
        raise TalkError(
            f"the PDF has {pages} pages and the talk {slides} slides"
            + (f": too much is on `{'`, `'.join(long)}`" if long else ""),
            Source(deck),
            f"`{called()} check` says what runs off a slide, and by how many pixels",
        )


def _backups_apart(pdf: bytes, count: int, called: str) -> bytes:
    """The PDF with the last `count` titles of its outline under a heading of their own."""
    import pypdf
    from pypdf.generic import DictionaryObject, NameObject, NumberObject, TextStringObject

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf))
    writer.pdf_header = pypdf.PdfReader(io.BytesIO(pdf)).pdf_header
    outline: Any = writer._root_object["/Outlines"]
    titles = [outline.raw_get("/First")]
    while "/Next" in titles[-1].get_object():
        titles.append(titles[-1].get_object().raw_get("/Next"))
    if not 0 < count < len(titles):
        return pdf
    before, first = titles[-count - 1], titles[-count]
    heading = DictionaryObject(
        {
            NameObject("/Title"): TextStringObject(called),
            NameObject("/Parent"): writer._root_object.raw_get("/Outlines"),
            NameObject("/Prev"): before,
            NameObject("/First"): first,
            NameObject("/Last"): titles[-1],
            NameObject("/Count"): NumberObject(count),
        }
    )
    if "/Dest" in first.get_object():
        heading[NameObject("/Dest")] = first.get_object().raw_get("/Dest")
    at = writer._add_object(heading)
    for title in titles[-count:]:
        title.get_object()[NameObject("/Parent")] = at
    del first.get_object()["/Prev"]
    before.get_object()[NameObject("/Next")] = at
    outline[NameObject("/Last")] = at
    outline[NameObject("/Count")] = NumberObject(len(titles) + 1)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def _photos(folder: Path) -> dict[str, str]:
    """The photos beside a deck as JPEG, by name, as addresses that hold them.

    Chromium puts a JPEG into a PDF as it is, and a WebP as plain pixels: ten times as large.
    """
    from PIL import Image

    made = {}
    for path in sorted((folder / "media").glob("*.webp")):
        raw = path.read_bytes()
        if raw[12:16] == b"VP8 ":  # with a loss, and nothing to see through
            jpeg = io.BytesIO()
            Image.open(io.BytesIO(raw)).convert("RGB").save(jpeg, "JPEG", quality=88)
            packed = base64.b64encode(jpeg.getvalue()).decode()
            made[f"media/{path.name}"] = f"data:image/jpeg;base64,{packed}"
    return made


def page_count(pdf: bytes) -> int:
    import pypdf

    return len(pypdf.PdfReader(io.BytesIO(pdf)).pages)


def same_each_time(pdf: bytes) -> bytes:
    """Without the clock, and nodes counted anew: the same pages are the same bytes."""
    nodes = sorted(set(_NODE.findall(pdf)))  # their order stays, a tree of names needs it
    number = {node: b"%08d" % place for place, node in enumerate(nodes, 1)}
    pdf = _NODE.sub(lambda found: b"(node" + number[found[1]] + b")", pdf)
    pdf = _DATE.sub(
        lambda found: b"(D:20000101000000" + b"Z" + b" " * (len(found[0]) - 19) + b")", pdf
    )
    found = _ID.search(pdf)
    if found:
        bare = pdf[: found.start()] + pdf[found.end() :]
        digest = hashlib.sha256(bare).hexdigest().upper().encode()
        made = found[0].replace(found[1], digest[: len(found[1])])
        made = made.replace(found[2], digest[: len(found[2])])
        pdf = pdf[: found.start()] + made + pdf[found.end() :]
    return pdf


class Sheet(msgspec.Struct, frozen=True):
    """One slide's sheet."""

    title: str
    said: Markup


def export_notes(
    talk: Talk,
    slides: Path,
    deck: Path,
    to: Path,
    cache: Path,
    say: Callable[[str], None] = lambda _: None,
) -> Path:
    """Print the chosen cut's script under its slides, which are the pages of the PDF `slides`.

    Raises NoBrowserError, and TalkError if it takes too long or a script is too long for a sheet.
    """
    browser_path()
    say("printing the slides with their script")
    page_text = _page(talk.config, _sheets(talk), print_faces(deck, cache))

    async def work(tabs: Tabs) -> tuple[bytes, list[list[float]]]:
        page = await tabs.new_page(viewport={"width": 1280, "height": 720})
        page.set_default_timeout(0)  # the limit of the whole counts
        await page.set_content(page_text)
        await page.evaluate("document.fonts.ready.then(() => true)")
        frames: list[list[float]] = await page.evaluate(_FIT, talk.config.brand.slide_size)
        return await page.pdf(prefer_css_page_size=True, tagged=True, outline=True), frames

    sheets, frames = in_browser(work, "the PDF with the script", limit_of(len(talk.slides)))
    for slide, frame in zip(talk.slides, frames, strict=True):
        if not frame[3]:
            raise TalkError(
                f"the script of slide {slide.shown} does not fit on one sheet of paper",
                _said_at(slide.number, talk.script),
                "divide the slide, or print script.html instead",
            )
    return write_whole(to, _with_slides(same_each_time(sheets), slides, frames))


def _said_at(number: int, script: Script) -> Source:
    found = (text.source for text in script.slides() if text.number == number)
    return next(found, Source(script.path))


def _sheets(talk: Talk) -> list[Sheet]:
    choice = talk.timings[talk.cut].choice
    rows = {row.number: row for row in talk.timings[talk.cut].slides}
    made = []
    for slide in talk.slides:
        row = rows.get(slide.number)
        minutes = f" · {row.slot_s // 60}:{row.slot_s % 60:02}" if row else ""
        said = notes_html(talk.script, slide.number, choice, talk.config.locale)
        made.append(Sheet(f"{slide.shown} · {slide.title_text}{minutes}", Markup(said)))
    return made


def _page(config: Config, sheets: Sequence[Sheet], faces: str) -> str:
    style = Inline(
        f"{faces}:root{{{declared(config.brand.palette.light)}}}\n{texts('print/sheets.css')}"
        f"{language_rules(config.locale)}"
    )
    allowed = policy(styles=[style], files="", runs_files=False)
    return render(
        "print/sheets.html.j2",
        config.locale,
        talk=config.talk,
        policy=allowed,
        style=style,
        sheets=sheets,
    )


def _with_slides(sheets: bytes, slides: Path, frames: Sequence[Sequence[float]]) -> bytes:
    """The pages of `slides` drawn into the frames, as forms: pypdf's own merge has random names."""
    import pypdf
    from pypdf.generic import (
        ArrayObject,
        DictionaryObject,
        FloatObject,
        NameObject,
        StreamObject,
    )

    pages = pypdf.PdfReader(slides).pages
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(sheets))
    if len(writer.pages) != len(pages):
        raise AssertionError(f"{len(writer.pages)} sheets for {len(pages)} slides")
    for sheet, page, (left, top, width, _) in zip(writer.pages, pages, frames, strict=True):
        wide, high = float(page.mediabox.width), float(page.mediabox.height)
        scale = width * _MM / wide
        bottom = float(sheet.mediabox.height) - top * _MM - scale * high
        form, before, drawing = StreamObject(), StreamObject(), StreamObject()
        contents = page.get_contents()
        form.set_data(contents.get_data() if contents is not None else b"")
        form.update(
            {
                NameObject("/Type"): NameObject("/XObject"),
                NameObject("/Subtype"): NameObject("/Form"),
                NameObject("/BBox"): ArrayObject(map(FloatObject, (0, 0, wide, high))),
                NameObject("/Resources"): page["/Resources"].clone(writer),
            }
        )
        before.set_data(b"q\n")
        place = f"{scale:.5f} 0 0 {scale:.5f} {left * _MM:.3f} {bottom:.3f}"
        drawing.set_data(f"Q q {place} cm /Slide Do Q\n".encode())
        resources: Any = sheet["/Resources"].get_object()
        forms = resources.setdefault(NameObject("/XObject"), DictionaryObject()).get_object()
        forms[NameObject("/Slide")] = writer._add_object(form.flate_encode())
        own = sheet.raw_get("/Contents")
        sheet[NameObject("/Contents")] = ArrayObject(
            [writer._add_object(before), own, writer._add_object(drawing)]
        )
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


# --- The typeface ---------------------------------------------------------------------------------


def _printed_families(faces: Sequence[OwnFace]) -> tuple[str, str]:
    """The values of font-family for text and for code: a plain face before the one it is of."""
    text = text_families(faces) or ("Manrope", "sans-serif")
    code = code_families(faces) or ("Code", "monospace")
    plain = {"Manrope": "Printed", "Code": "PrintedCode", **_plain_families(faces)}
    shown, shown_code = (
        stack(name for family in families for name in (plain.get(family), family) if name)
        for families in (text, code)
    )
    return shown, shown_code


def _plain_families(faces: Sequence[OwnFace]) -> dict[str, str]:
    """Family of a talk's own variable face -> that of its plain ones; others are plain."""
    return {family_of(face): f"Printed {family_of(face)}" for face in faces if face.is_variable}


def print_faces(deck: Path, cache: Path, own: Sequence[OwnFace] = ()) -> str:
    """CSS with one face for each weight that the deck's stylesheet uses, kept in `cache`.

    Chromium writes a variable font into a PDF glyph by glyph as drawings (Type 3); of plain ones
    text stays text. They have a family name of their own, since the page's own faces stay loaded.
    """
    css = (deck.parent / STYLESHEET).read_text("utf-8")
    weights = sorted({int(weight) for weight in _WEIGHT.findall(css)} | {700})
    faces = [("Printed", deck.parent / FONT, weights)]
    code = deck.parent / CODE_FONT
    faces += [("PrintedCode", code, list(CODE_WEIGHTS))] if code.is_file() else []
    rules = [
        f"@font-face{{font-family:{family};src:{_plain(path, weight, cache)};font-weight:{weight}}}"
        for family, path, of_family in faces
        for weight in of_family
    ]
    plain = _plain_families(own)
    rules += [
        rule_of(face, plain[family_of(face)], _plain(path, weight, cache), str(weight))
        for face in own
        if face.is_variable and (path := deck.parent / file_of(face)).is_file()
        for weight in weights
    ]
    return "".join(rules)


def _plain(path: Path, weight: int, cache: Path) -> str:
    """The source of a plain face of one weight, made of a variable one."""
    font = path.read_bytes()
    key, make = font + str(weight).encode(), functools.partial(_face, font, weight)
    face = kept(kept_faces(cache), "face.ttf", key, make)
    return f'url("data:font/ttf;base64,{base64.b64encode(face).decode()}") format("truetype")'


def _face(font: bytes, weight: int) -> bytes:
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    face = TTFont(io.BytesIO(font), recalcTimestamp=False)
    lowest, _, highest = next((a.minValue, 0, a.maxValue) for a in face["fvar"].axes)
    limits = {"wght": min(max(weight, lowest), highest)}
    face = instancer.instantiateVariableFont(face, limits)
    face.flavor = None
    written = io.BytesIO()
    face.save(written)
    return written.getvalue()
