"""The deck for PowerPoint: a picture of each slide with its real title and text behind it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.command import install
from pipeline.files import write_whole
from pipeline.locale import Locale
from pipeline.pictures.photos import has_few_colours
from pipeline.pictures.picture import Picture
from pipeline.problems import TalkError
from pipeline.script.elements import Choice, Cue, Item, Speech, flat
from pipeline.slides.slide import Slide
from pipeline.talk import Talk

_EMU = 9525  # a slide's pixel in PowerPoint's unit
# What XML can't hold.
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def export_pptx(
    talk: Talk,
    pictures: Mapping[str, bytes],
    described: Mapping[str, Picture],
    to: Path,
    *,
    with_script: bool = False,
) -> Path:
    """Write a PowerPoint file of the slides' pictures, one a slide, titles and alt texts as text.

    `pictures`: one of each slide, by name, `packed`; `described`: the deck's pictures, for the alt
    texts; `with_script`: the chosen cut's script as notes, for the speaker alone.
    """
    try:
        from pptx import Presentation
    except ImportError:
        raise TalkError("python-pptx is missing", hint=install("publish")) from None
    info = talk.config.talk
    made: Any = Presentation()
    for name, relation in list(made.part.rels.items()):
        if relation.reltype.endswith("/printerSettings"):  # of whoever made python-pptx's template
            made.part.drop_rel(name)
    width, height = (side * _EMU for side in talk.config.brand.slide_size)
    made.slide_width, made.slide_height = width, height
    core = made.core_properties
    core.title, core.author, core.subject = _safe(info.title), _safe(info.speaker), ""
    core.language, core.comments, core.keywords = info.language, "", ""
    core.last_modified_by = _safe(info.speaker)
    core.created = core.modified = _EPOCH.replace(tzinfo=None)
    core.revision = 1
    layout = next(one for one in made.slide_layouts if one.name == "Title Only")
    for slide in talk.slides:
        page = made.slides.add_slide(layout)
        title = page.shapes.title
        title.left, title.top = 72 * _EMU, 56 * _EMU
        title.width, title.height = width - 144 * _EMU, 120 * _EMU
        title.text_frame.text = _safe(slide.title_text)
        shot = io.BytesIO(pictures[slide.name])
        shown = page.shapes.add_picture(shot, 0, 0, width=width, height=height)
        _describe(shown, slide, described, talk.config.locale)
        if with_script:
            page.notes_slide.notes_text_frame.text = _safe(script_text(talk, slide.number))
    written_to = io.BytesIO()
    made.save(written_to)
    return write_whole(to, _same_each_time(written_to.getvalue()))


def script_text(talk: Talk, number: int) -> str:
    """What is said with a slide in the chosen cut, as text with its cues in brackets."""
    spoken = (*talk.script.slides(), *talk.script.backups())
    items = next((slide.items for slide in spoken if slide.number == number), ())
    return _script(items, talk.timings[talk.cut].choice)


def _describe(shape: Any, slide: Slide, described: Mapping[str, Picture], locale: Locale) -> None:
    """The slide's text and its pictures' words as the picture's alt text."""
    texts = [part.text for part in slide.parts]
    texts += [described[name].desc for name in dict.fromkeys(u.name for u in slide.pictures)]
    texts += [use.alt for use in slide.media if not use.is_decoration]
    properties = shape._element.nvPicPr.cNvPr
    properties.set("name", f"{locale.say('Slide')} {slide.shown}")
    properties.set("descr", _safe(" ".join(" ".join([slide.title_text, *texts]).split())))


def _script(items: tuple[Item, ...], choice: Choice) -> str:
    lines = []
    for item in flat(items, choice):
        if isinstance(item, Speech):
            lines.append(item.bare)
        elif isinstance(item, Cue):
            lines.append(f"[{item.raw}]")
    return "\n".join(lines)


def _safe(text: str) -> str:
    return _UNSAFE.sub("\ufffd", text)


def packed(shot: bytes) -> bytes:
    """The same picture in 256 colours, of which flat slides need no more; a photo as JPEG."""
    from PIL import Image

    image = Image.open(io.BytesIO(shot)).convert("RGB")
    made = io.BytesIO()
    if not has_few_colours(image):
        image.save(made, "JPEG", quality=90)
        return made.getvalue()
    few = image.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(made, "PNG", compress_level=6)
    return made.getvalue()


def _same_each_time(content: bytes) -> bytes:
    """The archive again, without the clock in its entries and without the template's thumbnail."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
            kind = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name), kind)
    return made.getvalue()
