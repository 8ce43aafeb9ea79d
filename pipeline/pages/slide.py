"""One slide as its layout's template takes it: parts, pictures, an agenda's times."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import jinja2
from markupsafe import Markup

from pipeline.config import Config
from pipeline.palette import LIGHT
from pipeline.pictures.picture import Picture
from pipeline.pictures.svg import Styles, Vector, inline
from pipeline.problems import TalkError
from pipeline.results import Results
from pipeline.slides.markdown import PICTURE_CLOSE, PICTURE_OPEN, PictureUse
from pipeline.slides.slide import Part, Slide

LONG_TITLE, LONG_WORD = 50, 24  # characters
_PICTURE = re.compile(f"{PICTURE_OPEN}([\\w-]+){PICTURE_CLOSE}")
# A list item that begins with bold words: what follows them is one piece.
_LEAD = re.compile(
    r"(<li[^>]*>\s*<strong>(?:(?!</li>).)*?</strong>)\s*((?:(?!</?li).)+?)\s*(</li>)", re.S
)
_CELLS = re.compile(r"<t([hd])( [^>]*)?>(.*?)</t\1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class DeckInput:
    """All that a deck is made from. `slots_s`: slide number -> seconds; empty: all the same."""

    config: Config
    results: Results | None
    slides: tuple[Slide, ...]
    slots_s: Mapping[int, int] = field(default_factory=dict)
    notes: Mapping[int, str] | None = None  # slide number -> HTML; None: nothing of it in the page
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    changed: tuple[str, ...] = ()  # what has changed since the run was made


@dataclass(frozen=True, slots=True)
class PartView:
    """A part as its layout's template takes it."""

    name: str
    html: Markup
    step: int | None
    width: float  # of its picture, in slide pixels; 0 without one

    @property
    def fragment(self) -> str:
        return "" if self.step is None else "fragment"

    @property
    def index(self) -> Markup:
        return Markup("" if self.step is None else f' data-fragment-index="{self.step}"')

    def attributes(self, more: str = "") -> Markup:
        names = " ".join(filter(None, ("part", self.name, more, self.fragment)))
        style = f' style="--width:{self.width:g}"' if self.width else ""
        return Markup(f'class="{names}"{self.index}{style}')


@dataclass(frozen=True, slots=True)
class FullSize:
    """A link to a picture's file of its own."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class AgendaRow:
    html: Markup
    minutes: str  # empty where the slots aren't known
    share: str  # of the longest row
    step: int | None


@dataclass(frozen=True, slots=True)
class SlideView:
    """A slide as templates take it."""

    number: int
    name: str
    layout: str
    title: Markup
    plain_title: str
    kicker: Markup
    mark: Markup
    source: Markup
    look: str
    parts: Mapping[str, PartView]
    field_pictures: tuple[Markup, ...]
    full_size: tuple[FullSize, ...]
    opened: tuple[Markup, ...]  # pictures that a link opens and no slide shows
    agenda: tuple[AgendaRow, ...]
    seconds: int
    length: str
    measured: str  # on paper: when the slide's numbers were measured, and by which run
    content: Markup = field(default_factory=Markup)

    @property
    def is_long(self) -> bool:
        """Whether its title needs smaller letters to stay on two lines."""
        longest = max(map(len, self.plain_title.split()), default=0)
        return len(self.plain_title) > LONG_TITLE or longest > LONG_WORD


def view_of(
    slide: Slide,
    page: DeckInput,
    vectors: Mapping[str, Vector],
    styles: Styles,
    templates: jinja2.Environment,
) -> SlideView:
    """One slide through its layout's template; `styles` collects those of its pictures."""

    def field_html(name: str) -> Markup:
        return Markup(slide.fields[name].html) if name in slide.fields else Markup("")

    seconds = page.slots_s.get(slide.number, 0) if page.slots_s else 1
    view = SlideView(
        number=slide.number,
        name=slide.name,
        layout=slide.layout,
        title=Markup(slide.title_html),
        plain_title=slide.title_text,
        kicker=field_html("kicker"),
        mark=field_html("mark"),
        source=field_html("source"),
        look=slide.fields["look"].text if "look" in slide.fields else "",
        parts={part.name: _part(part, slide, vectors, styles) for part in slide.parts},
        field_pictures=_field_pictures(slide, vectors, styles),
        full_size=tuple(
            FullSize(use.name, vectors[use.name].picture.title)
            for use in slide.pictures
            if use.kind == "diagram" and not use.opened
        ),
        opened=_opened(slide, page, vectors, styles),
        agenda=_agenda(slide, page),
        seconds=max(seconds, 1),
        length=_length(seconds) if page.slots_s else "",
        measured=_measured(slide, page.results, vectors),
    )
    template = templates.get_template(f"layouts/{slide.layout}.html.j2")
    talk = page.config.talk
    code = Markup(qr_code(talk.address)) if talk.address and slide.layout == "closing" else ""
    return replace(view, content=Markup(template.render(slide=view, talk=talk, code=code)))


def _measured(slide: Slide, results: Results | None, vectors: Mapping[str, Vector]) -> str:
    numbers = any(mark.value is not None for mark in slide.marks)
    drawn = any(vectors[use.name].places for use in slide.pictures)
    if results is None or not (numbers or drawn):
        return ""
    return f"measured on {results.run.started[:10]} · run {results.run.id}"


def _part(part: Part, slide: Slide, vectors: Mapping[str, Vector], styles: Styles) -> PartView:
    names = _PICTURE.findall(part.html)

    def put(found: re.Match[str]) -> str:
        return _inline(_use_of(slide, found[1]), slide, vectors, None, styles)

    made = _LEAD.sub(r'\1<span class="rest">\2</span>\3', part.html)
    made = _labelled_cells(_PICTURE.sub(put, made))
    width = vectors[names[0]].width if names else 0
    return PartView(part.name, Markup(made), part.step, width)


def _use_of(slide: Slide, name: str) -> PictureUse:
    return next(use for use in slide.pictures if use.name == name and not use.opened)


def _field_pictures(
    slide: Slide, vectors: Mapping[str, Vector], styles: Styles
) -> tuple[Markup, ...]:
    steps = int(slide.fields["steps"].text) if "steps" in slide.fields else 0
    first = slide.steps - steps if steps else None
    return tuple(
        Markup(_inline(use, slide, vectors, first, styles))
        for use in slide.pictures
        if not use.opened
        and use.kind in slide.fields
        and use.source == slide.fields[use.kind].source
    )


def _opened(
    slide: Slide, page: DeckInput, vectors: Mapping[str, Vector], styles: Styles
) -> tuple[Markup, ...]:
    shown = {use.name for other in page.slides for use in other.pictures if not use.opened}
    return tuple(
        Markup(_inline(use, slide, vectors, None, styles))
        for use in slide.pictures
        if use.opened and use.name not in shown
    )


def _inline(
    use: PictureUse,
    slide: Slide,
    vectors: Mapping[str, Vector],
    first_step: int | None,
    styles: Styles,
) -> str:
    return inline(vectors[use.name], f"{slide.name}-{use.name}", first_step, styles)


def _labelled_cells(text: str) -> str:
    """Cells know their column's heading: a narrow screen shows a table row by row."""

    def label(table: re.Match[str]) -> str:
        headings: list[str] = []
        column = 0

        def cell(found: re.Match[str]) -> str:
            nonlocal column
            kind, attributes, inner = found[1], found[2] or "", found[3]
            if kind == "h":
                headings.append(re.sub(r"<[^>]+>", "", inner))
                return f'<th scope="col"{attributes}>{inner}</th>'
            heading = headings[column % len(headings)] if headings else ""
            column += 1
            shown = f' data-label="{heading}"' if heading else ""
            return f"<td{shown}{attributes}>{inner}</td>"

        return _CELLS.sub(cell, table[0])

    return re.sub(r"<table>.*?</table>", label, text, flags=re.DOTALL)


def _agenda(slide: Slide, page: DeckInput) -> tuple[AgendaRow, ...]:
    part = slide.part("sections") if slide.layout == "agenda" else None
    if part is None:
        return ()
    numbers = {other.name: other.number for other in page.slides}
    starts = []
    for item in part.items:
        if not item.links:
            raise TalkError(
                "each item of an agenda leads to its first slide", part.source, "[Name](#/slide)"
            )
        starts.append(numbers[item.links[0].target])
    ends = [*starts[1:], len(page.slides) + 1]
    lengths = [
        sum(page.slots_s.get(number, 0) for number in range(start, end))
        for start, end in zip(starts, ends, strict=True)
    ]
    longest = max(lengths, default=0) or 1
    return tuple(
        AgendaRow(
            html=Markup(re.sub(r"</?p>", "", item.html)),
            minutes=str(max(1, round(length / 60))) if page.slots_s else "",
            share=f"{max(length, 0) / longest:.3f}",
            step=part.first_step + index if part.steps > 1 else part.step,
        )
        for index, (item, length) in enumerate(zip(part.items, lengths, strict=True))
    )


def _length(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    said = [f"{minutes} min"] if minutes else []
    return " ".join([*said, f"{rest} s"] if rest else said)


def qr_code(address: str) -> str:
    """A QR code as an SVG, dark on white in both themes: scanners want it so."""
    import segno

    code = segno.make(address, error="m", micro=False)
    drawn = code.svg_inline(border=3, dark=LIGHT["ink"], light="white", omitsize=True)
    title = html.escape(f"QR code: {address}", quote=True)
    return str(drawn).replace("<svg ", f'<svg role="img" aria-label="{title}" ', 1)
