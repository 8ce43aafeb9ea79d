"""One slide as its layout's template takes it: parts, pictures, an agenda's times."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec
from markdown_it.token import Token
from markupsafe import Markup
from msgspec.structs import replace

from pipeline.config import Config
from pipeline.locale import ENGLISH, Locale
from pipeline.measured import Measured
from pipeline.memo import NO_MEMO, Form, Memo, key_of
from pipeline.numbers.fill import Mark
from pipeline.numbers.provenance import printed_line, runs_behind
from pipeline.pages.code import (
    PLAIN_SIZE,
    CodeLook,
    block_look,
    code_html,
    code_looks,
    view_of_code,
)
from pipeline.pages.languages import set_in
from pipeline.pages.looks import Looks, Piece
from pipeline.pages.media import MediaWriter
from pipeline.palette import LIGHT, Colours
from pipeline.pictures.media import Media
from pipeline.pictures.picture import Picture
from pipeline.pictures.svg import Vector, inline
from pipeline.problems import TalkError
from pipeline.slides.code import CodeBlock
from pipeline.slides.markdown import Content, picture_name
from pipeline.slides.slide import Slide, SlidePart
from pipeline.slides.source import BODY

LONG_TITLE, LONG_WORD = 50, 24  # characters
WIDE_WORD, WIDER_WORD = 8, 12  # characters, in the letters of the first slide
_BREAKS = re.compile("[\\s\u00ad-]+")  # where a line can end
COLUMNS = (BODY, "left", "right")
# The most signs and blocks of a column over the whole width.
AMOUNTS = (("few", 200, 4), ("some", 360, 9))


class DeckInput(msgspec.Struct, frozen=True):
    """All that a deck is made from. `slots_s`: slide number -> seconds; empty: all the same."""

    config: Config
    measured: Measured
    slides: tuple[Slide, ...]
    slots_s: Mapping[int, int] = msgspec.field(default_factory=dict)
    notes: Mapping[int, str] | None = None  # slide number -> HTML; None: nothing of it in the page
    pictures: Mapping[str, Picture] = msgspec.field(default_factory=dict)
    media: Mapping[str, Media] = msgspec.field(default_factory=dict)  # by MediaUse.name
    cache: Path | None = None  # the folder of what is kept
    spoken: tuple[Mark, ...] = ()  # the measured values in the notes
    memo: Memo = NO_MEMO  # of what is made of it


def write(content: Content, change: Callable[[Token], Iterable[Token]]) -> Markup:
    """Content as a page's HTML: `change` makes the tokens of this page out of a copy of each."""

    def changed(tokens: Iterable[Token]) -> Iterator[Token]:
        for token in tokens:
            inside = None if token.children is None else [*changed(token.children)]
            yield from change(_copied(token, inside))

    return Markup(replace(content, tokens=tuple(changed(content.tokens))).html())


def _copied(token: Token, children: list[Token] | None) -> Token:
    """What `Token.copy` gives, which asks for each field by its name: ten times as long."""
    return Token(
        *(
            token.type,
            token.tag,
            token.nesting,
            dict(token.attrs),
            token.map,
            token.level,
            children,
        ),
        *(token.content, token.markup, token.info, token.meta, token.block, token.hidden),
    )


class Writer(msgspec.Struct, frozen=True):
    """Writes content as the deck shows it."""

    looks: Looks
    figures: str  # where a picture opens alone
    picture: Callable[[str, int | None], str]  # draws the one of a name, with its first step
    media: MediaWriter
    cache: Path | None = None
    code_px: int = PLAIN_SIZE  # how large its code is
    locale: Locale = ENGLISH

    def write(self, content: Content) -> Markup:
        return write(content, self._change)

    def write_bare(self, content: Content) -> Markup:
        """Without paragraphs: for a place that is one already."""
        kept = (t for t in content.tokens if t.type not in ("paragraph_open", "paragraph_close"))
        return self.write(replace(content, tokens=tuple(kept)))

    def _change(self, token: Token) -> Iterator[Token]:
        if token.type == "image" and "media" in token.meta:
            token = Token("html_inline", "", 0, content=self.media.html(token.meta["media"]))
        elif "media" in token.meta:
            token = self.media.link(token)
        if token.type == "image":
            chart = token.meta.get("chart")
            first = chart.first_step if chart and chart.steps else None
            drawn = self.picture(picture_name(token), first)
            token = Token("html_inline", "", 0, content=drawn)
        if "code" in token.meta:
            token = Token("html_block", "", 0, content=self._code(token.meta["code"]))
        if token.type == "text":
            token.content = set_in(token.content, self.locale)
        if "step" in token.meta:
            token.attrJoin("class", "fragment")
            token.attrSet("data-fragment-index", str(token.meta["step"]))
        if token.type == "th_open":
            token.attrs = {"scope": "col", **token.attrs}
        if token.meta.get("label"):
            token.attrs = {"data-label": token.meta["label"], **token.attrs}
        if token.type == "rest_open":
            token.attrSet("class", "rest")
        if token.meta.get("figure"):
            token.attrSet("href", self.figures.format(token.meta["figure"]))
        yield self.looks.moved(token)

    def _code(self, block: CodeBlock) -> str:
        self.looks.code_steps = max(self.looks.code_steps, block.steps)
        look = self.looks.attribute(block_look(block, self.code_px))
        view = view_of_code(block, look, self.cache, self.locale)
        return code_html(view, self.locale)


class PartView(msgspec.Struct, frozen=True):
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


class FullSize(msgspec.Struct, frozen=True):
    """A link to a picture's file of its own."""

    name: str
    href: str
    title: str


class AgendaRow(msgspec.Struct, frozen=True):
    html: Markup
    minutes: str  # empty where the slots aren't known
    share: str  # of the longest row
    step: int | None


class SlideView(msgspec.Struct, frozen=True):
    """A slide as templates take it."""

    number: str  # as pages print it
    name: str
    is_backup: bool  # behind the end, with a way back
    way_back: str  # from a backup: the name of the talk's last slide
    layout: str
    title: Markup
    plain_title: str
    kicker: Markup
    mark: Markup
    footnotes: tuple[tuple[int, Markup], ...]
    source: Markup
    look: str
    numeral: Markup  # of the part of the talk that begins here; empty for most
    amount: str  # how much its text is: "few", "some" or "many"
    parts: Mapping[str, PartView]
    field_pictures: tuple[Markup, ...]
    full_size: tuple[FullSize, ...]
    opened: tuple[Markup, ...]  # that a link opens and no slide shows, where the page has no files
    agenda: tuple[AgendaRow, ...]
    seconds: int
    length: str
    runs: tuple[str, ...]  # behind its numbers, by the names of measurements
    measured: str  # on paper: when the slide's numbers were measured, and by which run
    media: Markup  # the picture or video of its front matter; empty without one
    code: Markup  # of the talk's address, to be scanned; empty where the layout has none

    @property
    def is_long(self) -> bool:
        """Whether its title needs smaller letters to stay on two lines."""
        longest = max(map(len, self.plain_title.split()), default=0)
        return len(self.plain_title) > LONG_TITLE or longest > LONG_WORD

    @property
    def width(self) -> str:
        """How wide the title's longest word is on a phone: empty, "wide" or "wider"."""
        longest = max(map(len, _BREAKS.split(self.title.striptags())))
        return "wider" if longest > WIDER_WORD else "wide" if longest > WIDE_WORD else ""


def view_of(
    slide: Slide,
    page: DeckInput,
    vectors: Mapping[str, Vector],
    looks: Looks,
    figures: str,
    media: MediaWriter,
) -> SlideView:
    """One slide for its layout's template; `looks` gathers the rules that it needs."""

    def drawn(name: str, first_step: int | None) -> str:
        return _inline(name, slide, page, vectors, first_step, looks)

    locale = page.config.locale
    writer = Writer(looks, figures, drawn, media, page.cache, locale=locale)
    listings = code_looks(slide, page.config.brand.slide_size[1])
    widths = widths_of(slide, vectors, listings)

    def field_html(name: str) -> Markup:
        return writer.write(slide.fields[name].content) if name in slide.fields else Markup("")

    seconds = page.slots_s.get(slide.number, 0) if page.slots_s else 1
    runs = runs_of(slide, page.measured, vectors)
    return SlideView(
        number=slide.shown,
        name=slide.name,
        is_backup=slide.is_backup,
        way_back=[other.name for other in page.slides if not other.is_backup][-1],
        layout=slide.layout,
        title=writer.write(slide.title),
        plain_title=slide.title_text,
        kicker=field_html("kicker"),
        mark=field_html("mark"),
        footnotes=tuple((note.number, writer.write(note.content)) for note in slide.footnotes),
        source=field_html("source"),
        look=slide.fields["look"].text if "look" in slide.fields else "",
        numeral=field_html("number"),
        amount=amount_of(slide),
        parts={part.name: _part(part, widths, writer, listings) for part in slide.parts},
        field_pictures=_field_pictures(slide, page, vectors, looks),
        full_size=_full_size(slide, vectors, figures),
        opened=() if media.inside is None else _opened(slide, page, vectors, looks),
        agenda=_agenda(slide, page, writer),
        seconds=max(seconds, 1),
        length=_length(seconds, locale) if page.slots_s else "",
        runs=runs,
        measured=printed_line(runs, page.measured, locale),
        media=media.of_field(slide),
        code=_code_of_address(slide, page.config),
    )


def _full_size(slide: Slide, vectors: Mapping[str, Vector], figures: str) -> tuple[FullSize, ...]:
    """Where the slide's diagrams open alone."""
    return tuple(
        FullSize(use.name, figures.format(use.name), vectors[use.name].picture.title)
        for use in slide.pictures
        if use.kind == "diagram" and not use.opened
    )


def _code_of_address(slide: Slide, config: Config) -> Markup:
    address = config.talk.address if slide.layout == "closing" else ""
    return Markup(qr_code(address, config.brand.palette.light, config.locale) if address else "")


def amount_of(slide: Slide) -> str:
    """How much text a slide's fullest column holds: few words can be large."""
    columns = [part.text for part in slide.parts if part.name in COLUMNS]
    share = 1 if any(part.name == BODY for part in slide.parts) else 2
    signs = share * max(map(len, columns), default=0)
    blocks = max((text.count("\n") + 1 for text in columns), default=0)
    return next((name for name, s, b in AMOUNTS if signs <= s and blocks <= b), "many")


def runs_of(slide: Slide, measured: Measured, vectors: Mapping[str, Vector]) -> tuple[str, ...]:
    """The names of the measurements that a slide shows, "" for the experiment."""
    numbers = (mark.at for mark in slide.marks if mark.value is not None)
    shown = [vectors[use.name] for use in slide.pictures]
    drawn = (at for one in shown for at in (*one.places, *one.picture.places))
    left = (use.measurement for use in slide.media if use.measurement)
    return runs_behind([*numbers, *drawn, *left], measured)


def widths_of(
    slide: Slide, vectors: Mapping[str, Vector], listings: Mapping[str, CodeLook]
) -> Mapping[str, float]:
    """How much of the width each part takes: as its picture, or its code, needs beside another.

    Two columns of which one holds words, a photo or another kind of thing are of equal width.
    """
    drawn = {
        part.name: vectors[part.content.pictures[0]].width
        for part in slide.parts
        if part.content.pictures
    }
    shares = {name: look.share for name, look in listings.items() if look.share is not None}
    columns = {part.name for part in slide.parts} & {"left", "right"}
    return shares or {
        name: width for name, width in drawn.items() if name not in columns or columns <= set(drawn)
    }


def _part(
    part: SlidePart,
    widths: Mapping[str, float],
    writer: Writer,
    listings: Mapping[str, CodeLook],
) -> PartView:
    look = listings.get(part.name, CodeLook())
    style = f"--width:{widths[part.name]:g}" if part.name in widths else ""
    attribute = writer.looks.attribute(style) if style else Markup("")
    html = replace(writer, code_px=look.px).write(part.content)
    return PartView(part.name, html, part.step, attribute)


def _field_pictures(
    slide: Slide, page: DeckInput, vectors: Mapping[str, Vector], looks: Looks
) -> tuple[Markup, ...]:
    first = slide.steps - slide.picture_steps if slide.picture_steps else None
    return tuple(
        _inline(use.name, slide, page, vectors, first, looks)
        for use in slide.pictures
        if not use.opened
        and use.kind in slide.fields
        and use.source == slide.fields[use.kind].source
    )


def _opened(
    slide: Slide, page: DeckInput, vectors: Mapping[str, Vector], looks: Looks
) -> tuple[Markup, ...]:
    shown = shown_pictures(page.slides)
    return tuple(
        _inline(use.name, slide, page, vectors, None, looks)
        for use in slide.pictures
        if use.opened and use.name not in shown
    )


def shown_pictures(slides: Iterable[Slide]) -> set[str]:
    """The names of the pictures that stand on slides; others are opened by a link alone."""
    return {use.name for slide in slides for use in slide.pictures if not use.opened}


def _inline(
    name: str,
    slide: Slide,
    page: DeckInput,
    vectors: Mapping[str, Vector],
    first_step: int | None,
    looks: Looks,
) -> Markup:
    """A picture in its slide, kept: most changes of a slide are in its words."""
    vector, use = vectors[name], f"{slide.name}-{name}"

    def draw() -> Piece:
        apart = Looks.apart()
        return apart.cut(inline(vector, use, first_step, apart.pictures))

    key = key_of("picture", vector.picture, use, first_step)
    return looks.taken(page.memo.of(key, _PIECE, draw))


_PIECE: Form[Piece] = Form(Piece)


def _agenda(slide: Slide, page: DeckInput, writer: Writer) -> tuple[AgendaRow, ...]:
    part = slide.part("sections") if slide.layout == "agenda" else None
    if part is None:
        return ()
    slides = [other for other in page.slides if not other.is_backup]
    places = {other.name: at for at, other in enumerate(slides)}
    if not part.items:
        raise TalkError("an agenda is a list", part.source, "1. [Name](#/slide)")
    starts = []
    for item in part.items:
        if not item.links:
            raise TalkError(
                "each item of an agenda leads to its first slide", part.source, "[Name](#/slide)"
            )
        link = item.links[0]
        if link.target not in places:
            hint = "a backup has no place in it"
            raise TalkError("an agenda leads to slides of the talk", link.source, hint)
        starts.append(places[link.target])
    ends = [*starts[1:], len(slides)]
    lengths = [
        sum(page.slots_s.get(slide.number, 0) for slide in slides[start:end])
        for start, end in zip(starts, ends, strict=True)
    ]
    longest = max(lengths, default=0) or 1
    return tuple(
        AgendaRow(
            html=writer.write_bare(item.content),
            minutes=str(max(1, round(length / 60))) if page.slots_s else "",
            share=f"{max(length, 0) / longest:.3f}",
            step=part.first_step + index if part.steps > 1 else part.step,
        )
        for index, (item, length) in enumerate(zip(part.items, lengths, strict=True))
    )


def _length(seconds: int, locale: Locale) -> str:
    minutes, rest = divmod(seconds, 60)
    said = [locale.say("{minutes} min", minutes=minutes)] if minutes else []
    said += [locale.say("{seconds} s", seconds=rest)] if rest else []
    return " ".join(said)


def qr_code(address: str, colours: Colours = LIGHT, locale: Locale = ENGLISH) -> str:
    """A QR code as an SVG, dark on white in both themes: scanners want it so."""
    import segno

    code = segno.make(address, error="m", micro=False)
    drawn = code.svg_inline(border=3, dark=colours["ink"], light="white", omitsize=True)
    title = html.escape(f"{locale.say('QR code')}: {address}", quote=True)
    return str(drawn).replace("<svg ", f'<svg role="img" aria-label="{title}" ', 1)
