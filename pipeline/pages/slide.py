"""One slide as its layout's template takes it: parts, pictures, an agenda's times."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

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
_FIGURE = re.compile(r'href="figures/([\w-]+)\.svg"')
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


class Looks:
    """The rules that the slides of a page need, gathered as they are drawn.

    A strict policy allows no style attribute: pictures have classes, lengths an attribute that
    says them.
    """

    def __init__(self) -> None:
        self.pictures = Styles()
        self._lengths: dict[str, None] = {}

    def attribute(self, style: str) -> Markup:
        """` data-style="…"` for an element that has this style."""
        self._lengths[style] = None
        return Markup(' data-style="{}"').format(style)

    @property
    def css(self) -> str:
        lengths = (f'[data-style="{style}"]{{{style}}}' for style in self._lengths)
        return self.pictures.css + "".join(lengths)


@dataclass(frozen=True, slots=True)
class PartView:
    """A part as its layout's template takes it."""

    name: str
    html: Markup
    step: int | None
    look: Markup  # how wide its picture is; empty without one

    @property
    def fragment(self) -> str:
        return "" if self.step is None else "fragment"

    @property
    def index(self) -> Markup:
        return Markup("" if self.step is None else f' data-fragment-index="{self.step}"')

    def attributes(self, more: str = "") -> Markup:
        names = " ".join(filter(None, ("part", self.name, more, self.fragment)))
        return Markup(f'class="{names}"{self.index}{self.look}')


@dataclass(frozen=True, slots=True)
class FullSize:
    """A link to a picture's file of its own."""

    name: str
    href: str
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
    code: Markup  # of the talk's address, to be scanned; empty where the layout has none

    @property
    def is_long(self) -> bool:
        """Whether its title needs smaller letters to stay on two lines."""
        longest = max(map(len, self.plain_title.split()), default=0)
        return len(self.plain_title) > LONG_TITLE or longest > LONG_WORD


def view_of(
    slide: Slide,
    page: DeckInput,
    vectors: Mapping[str, Vector],
    looks: Looks,
    figures: str,
) -> SlideView:
    """One slide for its layout's template; `looks` gathers the rules that it needs."""

    def field_html(name: str) -> Markup:
        text = slide.fields[name].html if name in slide.fields else ""
        return Markup(_FIGURE.sub(lambda found: f'href="{figures.format(found[1])}"', text))

    seconds = page.slots_s.get(slide.number, 0) if page.slots_s else 1
    talk = page.config.talk
    code = qr_code(talk.address) if talk.address and slide.layout == "closing" else ""
    return SlideView(
        number=slide.number,
        name=slide.name,
        layout=slide.layout,
        title=Markup(slide.title_html),
        plain_title=slide.title_text,
        kicker=field_html("kicker"),
        mark=field_html("mark"),
        source=field_html("source"),
        look=slide.fields["look"].text if "look" in slide.fields else "",
        parts={part.name: _part(part, slide, vectors, looks, figures) for part in slide.parts},
        field_pictures=_field_pictures(slide, vectors, looks.pictures),
        full_size=tuple(
            FullSize(use.name, figures.format(use.name), vectors[use.name].picture.title)
            for use in slide.pictures
            if use.kind == "diagram" and not use.opened
        ),
        opened=_opened(slide, page, vectors, looks.pictures),
        agenda=_agenda(slide, page),
        seconds=max(seconds, 1),
        length=_length(seconds) if page.slots_s else "",
        measured=_measured(slide, page.results, vectors),
        code=Markup(code),
    )


def _measured(slide: Slide, results: Results | None, vectors: Mapping[str, Vector]) -> str:
    numbers = any(mark.value is not None for mark in slide.marks)
    drawn = any(vectors[use.name].places for use in slide.pictures)
    if results is None or not (numbers or drawn):
        return ""
    return f"measured on {results.run.started[:10]} · run {results.run.id}"


def _part(
    part: Part, slide: Slide, vectors: Mapping[str, Vector], looks: Looks, figures: str
) -> PartView:
    names = _PICTURE.findall(part.html)

    def put(found: re.Match[str]) -> str:
        return _inline(_use_of(slide, found[1]), slide, vectors, None, looks.pictures)

    made = _LEAD.sub(r'\1<span class="rest">\2</span>\3', part.html)
    made = re.sub(r' style="([^"]*)"', lambda found: looks.attribute(found[1]), made)
    made = _FIGURE.sub(lambda found: f'href="{figures.format(found[1])}"', made)
    made = _labelled_cells(_PICTURE.sub(put, made))
    width = vectors[names[0]].width if names else 0
    look = looks.attribute(f"--width:{width:g}") if width else Markup("")
    return PartView(part.name, Markup(made), part.step, look)


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
