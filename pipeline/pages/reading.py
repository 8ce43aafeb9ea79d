"""All slides on one page that needs no script, the transcript, and the pages around the deck."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from markdown_it.token import Token
from markupsafe import Markup
from msgspec.structs import replace

from pipeline.config import TalkInfo
from pipeline.faces import OwnFace
from pipeline.locale import ENGLISH, Locale, locale_of
from pipeline.numbers.provenance import Rows, rows_of
from pipeline.pages import assets
from pipeline.pages.assets import CODE_FONT, MATH_FONT
from pipeline.pages.code import code_html, view_of_code
from pipeline.pages.csp import HOSTED, Inline, policy
from pipeline.pages.faces import face_rules
from pipeline.pages.languages import language_rules
from pipeline.pages.looks import Looks
from pipeline.pages.media import MediaWriter
from pipeline.pages.slide import DeckInput, runs_of, write
from pipeline.pages.templates import render, texts
from pipeline.palette import OURS, Palette
from pipeline.pictures.picture import Picture
from pipeline.pictures.svg import Vector, inline, read_vector
from pipeline.resources import package_file
from pipeline.results import Results
from pipeline.script.elements import Item, Part, Speech
from pipeline.script.words import as_html
from pipeline.slides.markdown import Content
from pipeline.slides.slide import Slide
from pipeline.talk import Talk

READING, TRANSCRIPT, LICENCES, LOST = (
    "reading.html",
    "transcript.html",
    "licences.html",
    "404.html",
)
_SCROLLED = {"class": "wide", "tabindex": "0", "role": "group"}


class Download(msgspec.Struct, frozen=True):
    """Another form of the talk, beside the page."""

    href: str
    name: str
    kind: str = ""  # its media type; empty for a page


class Card(msgspec.Struct, frozen=True):
    """What one page says of itself elsewhere; `templates/public/cards.html.j2` writes it."""

    tags: tuple[tuple[str, str, str], ...]  # kind of name, name, value: Open Graph and Twitter
    address: str  # the page's own; empty where nobody knows it
    icon: str


class PictureView(msgspec.Struct, frozen=True):
    """A picture on the reading page."""

    name: str
    drawn: Markup
    title: str
    desc: str
    rows: tuple[tuple[str, ...], ...]


class ReadSlide(msgspec.Struct, frozen=True):
    """One slide as a section of the reading page."""

    number: str  # as pages print it
    name: str
    title: Markup
    kicker: Markup
    mark: Markup
    source: Markup
    footnotes: tuple[tuple[int, Markup], ...]
    parts: tuple[Markup, ...]
    point: tuple[Markup, ...]  # what its pictures show, in a sentence: after them
    pictures: tuple[PictureView, ...]
    media: Markup  # the picture or video of its front matter

    @property
    def words(self) -> tuple[Markup, ...]:
        """All that it shows beside what is drawn."""
        return (
            self.title,
            self.kicker,
            self.mark,
            self.source,
            self.media,
            *self.parts,
            *self.point,
        )

    @property
    def drawn(self) -> tuple[Markup, ...]:
        return tuple(picture.drawn for picture in self.pictures)


class Said(msgspec.Struct, frozen=True):
    """What is said on one slide."""

    number: str
    name: str
    title: str
    words: Markup


class Licence(msgspec.Struct, frozen=True):
    """Something that the site holds or was made from, and its terms."""

    name: str
    what: str
    terms: str
    source: str = ""
    text: str = ""  # the licence as a whole, where it must come along


def page_of(
    template: str,
    talk: TalkInfo,
    card: Card | None,
    downloads: Iterable[Download] = (),
    looks: str = "",
    palette: Palette = OURS,
    shows: Iterable[str] = (),
    plays: bool = False,
    **more: object,
) -> str:
    """One of the pages around the deck, in the reading page's look, under a policy of its own.

    `looks` are rules that its content needs, `shows` pieces of it that may hold code or formulas;
    `plays`: it holds a video.
    """
    locale, features = locale_of(talk.language), assets.feature_styles("".join(shows))
    rules = language_rules(locale, is_read=True)
    styles = [Inline(text) for text in (reading_style(palette), features, rules + looks) if text]
    return render(
        f"public/{template}.j2",
        locale,
        talk=talk,
        card=card,
        downloads=tuple(downloads),
        policy=policy(styles=styles, files=HOSTED, runs_files=False, media=plays),
        styles=styles,
        **more,
    )


def reading_style(palette: Palette = OURS) -> str:
    """The reading page's rules, in the theme's colours: dark where the reader's system is."""
    return palette.both_themes(":root", "color-scheme:light dark") + texts("public/reading.css")


def reading_page(
    deck: DeckInput,
    card: Card,
    downloads: Iterable[Download],
    run_marks: Iterable[str],
    faces: Sequence[OwnFace] = (),
) -> str:
    """All slides on one page, pictures and their words included; links lead to its sections."""
    looks = Looks()
    vectors: dict[str, Vector] = {}
    for slide in deck.slides:
        for use in slide.pictures:
            vectors.setdefault(use.name, read_vector(deck.pictures[use.name]))
    writer = _Writer(
        looks, deck.cache, MediaWriter(deck.media, looks, is_read=True), deck.config.locale
    )
    slides = tuple(_slide(slide, vectors, writer) for slide in deck.slides)
    return page_of(
        READING,
        deck.config.talk,
        card,
        downloads,
        looks.css + face_rules(faces),
        deck.config.brand.palette,
        shows=[shown for slide in slides for shown in (*slide.words, *slide.drawn)],
        plays=any(one.kind == "video" for one in deck.media.values()),
        slides=slides,
        run_marks=tuple(run_marks),
        runs=_runs(deck, vectors),
    )


def _runs(deck: DeckInput, vectors: Mapping[str, Vector]) -> tuple[Rows, ...]:
    """The run of the experiment, and those of the measurements that the slides show."""
    shown = {name for slide in deck.slides for name in runs_of(slide, deck.measured, vectors)}
    shown |= {""} if deck.measured.experiment else set()
    names, locale = ["", *deck.measured.measurements], deck.config.locale
    return tuple(
        _all_named(rows_of(name, deck.measured, locale), name, locale)
        for name in names
        if name in shown
    )


def _all_named(rows: Rows, name: str, locale: Locale) -> Rows:
    """The rows of a run; what goes on from the row before it has a name of its own here."""
    more = locale.say("an input") if name else locale.say("its digest")
    return [[row[0] or more, *row[1:]] for row in rows]


def _slide(slide: Slide, vectors: Mapping[str, Vector], writer: _Writer) -> ReadSlide:
    def field_html(name: str) -> Markup:
        return writer.write(slide.fields[name].content) if name in slide.fields else Markup("")

    def parts_html(*, points: bool) -> tuple[Markup, ...]:
        parts = (part for part in slide.parts if (part.name == "point") == points)
        return tuple(writer.write(part.content, slide.layout == "list") for part in parts)

    return ReadSlide(
        slide.shown,
        slide.name,
        writer.write(slide.title),
        field_html("kicker"),
        field_html("mark"),
        field_html("source"),
        tuple((note.number, writer.write(note.content)) for note in slide.footnotes),
        parts_html(points=False),
        parts_html(points=True),
        tuple(
            _picture(vectors[use.name], f"{slide.name}-{use.name}", writer.looks)
            for use in dict.fromkeys(slide.pictures)
        ),
        writer.media.of_field(slide),
    )


class _Writer(msgspec.Struct, frozen=True):
    """Writes content to be read: no steps, headings below the slide's, pictures stand elsewhere."""

    looks: Looks
    cache: Path | None
    media: MediaWriter
    locale: Locale

    def write(self, content: Content, has_leads: bool = False) -> Markup:
        """As HTML. `has_leads`: bold words that begin an item stand on a line of their own."""
        return write(content, self._change if has_leads else self._in_prose)

    def _in_prose(self, token: Token) -> Iterator[Token]:
        token.meta = {key: value for key, value in token.meta.items() if key != "lead"}
        return self._change(token)

    def _change(self, token: Token) -> Iterator[Token]:
        if block := token.meta.get("code"):
            is_numbered = block.number is not None
            begins = f"--number:{(block.number or 0) - 1}"
            look = self.looks.attribute(begins) if is_numbered else Markup("")
            view = view_of_code(block, look, self.cache, self.locale, in_deck=False)
            token = Token("html_block", "", 0, content=code_html(view, self.locale))
        if token.type == "image" and "media" in token.meta:
            yield Token("html_inline", "", 0, content=self.media.html(token.meta["media"]))
            return
        if "media" in token.meta:
            token = self.media.link(token)
        if token.type in ("image", "rest_open", "rest_close") or "picture" in token.meta:
            return
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{int(token.tag[1]) + 1}"
        if "lead" in token.meta:
            token.attrSet("class", "lead")
        if "empty" in token.meta:
            token.tag = "td"
        elif token.type == "th_open":
            token.attrs = {"scope": "col", **token.attrs}
        href = str(token.attrs.get("href", ""))
        if href.startswith("#/"):
            token.attrSet("href", f"#{href[2:]}")
        if token.type == "table_open":
            yield Token("scroll_open", "div", 1, attrs=dict(_SCROLLED))
        yield self.looks.moved(token)
        if token.type == "table_close":
            yield Token("scroll_close", "div", -1, block=True)


def _picture(vector: Vector, use: str, looks: Looks) -> PictureView:
    picture: Picture = replace(vector.picture, rows=())
    bare = replace(vector, picture=picture)
    drawn = inline(bare, use, None, looks.pictures, link="#")
    return PictureView(
        picture.name, Markup(drawn), picture.title, picture.desc, vector.picture.rows
    )


def transcript_page(
    talk: Talk, card: Card, downloads: Iterable[Download], faces: Sequence[OwnFace] = ()
) -> str:
    """What the chosen cut says, slide by slide, without cues, notes and asides.

    A slide's own `::: notes` are for nobody else and never stand here.
    """
    slides = {slide.number: slide for slide in talk.slides}
    said = []
    for text in talk.script.slides():
        words = "" if text.section.on_slide else "".join(_words(text.items, talk))
        if words and text.number in slides:
            slide = slides[text.number]
            html = talk.script.in_html(words)
            said.append(Said(slide.shown, slide.name, slide.title_text, Markup(html)))
    closing = "".join(
        words for section in talk.script.of_kind("closing") for words in _words(section.items, talk)
    )
    return page_of(
        TRANSCRIPT,
        talk.config.talk,
        card,
        downloads,
        face_rules(faces),
        talk.config.brand.palette,
        shows=[closing, *(slide.words for slide in said)],
        said=tuple(said),
        closing=Markup(talk.script.in_html(closing)),
    )


def _words(items: tuple[Item, ...], talk: Talk) -> Iterable[str]:
    choice = talk.timings[talk.cut].choice
    for item in items:
        if isinstance(item, Speech):
            yield as_html(item.text)
        elif isinstance(item, Part) and choice.has(item):
            yield from _words(item.items, talk)


def licences_page(
    talk: TalkInfo,
    results: Results | None,
    card: Card,
    downloads: Iterable[Download],
    palette: Palette = OURS,
    files: Collection[str] = (),
    faces: Sequence[OwnFace] = (),
) -> str:
    """Under which terms the site's `files` are, and what its numbers were measured with."""
    locale = locale_of(talk.language)
    own = locale.say("a typeface of the talk's own")
    found = licences(results, files, locale)
    found += tuple(Licence(face.info.name or face.role, own, face.info.licence) for face in faces)
    return page_of(LICENCES, talk, card, downloads, palette=palette, licences=found)


def licences(
    results: Results | None, files: Collection[str] = (), locale: Locale = ENGLISH
) -> tuple[Licence, ...]:
    reveal = package_file("pyreveal", "revealjs/LICENSE").read_text("utf-8")
    font = package_file("font_manrope", "files/OFL.txt").read_text("utf-8")
    found = [
        Licence(
            "reveal.js",
            locale.say("shows the deck"),
            locale.say("MIT licence"),
            "https://revealjs.com",
            reveal,
        ),
        Licence(
            "Manrope",
            locale.say("the typeface"),
            "SIL Open Font License 1.1",
            "https://github.com/sharanda/manrope",
            font,
        ),
    ]
    if MATH_FONT in files:
        owner = "Copyright 2001-2020 The STIX Fonts Project Authors"
        terms = font.partition("\n")[2]
        found.append(
            Licence(
                "STIX Two Math",
                locale.say("the typeface of the formulas"),
                "SIL Open Font License 1.1",
                "https://github.com/stipub/stixfonts",
                f"{owner} (https://github.com/stipub/stixfonts)\n{terms}",
            )
        )
    if CODE_FONT in files:
        terms = package_file("fontpkg_jetbrains_mono", "LICENSE").read_text("utf-8")
        found.append(
            Licence(
                "JetBrains Mono",
                locale.say("the typeface of code"),
                "SIL Open Font License 1.1",
                "https://www.jetbrains.com/lp/mono/",
                terms,
            )
        )
    if results:
        data, model = results.data, results.model
        of_model = Licence(model.name, locale.say("the pre-trained model"), model.licence)
        of_data = Licence(data.name, locale.say("the data"), data.licence, text=data.citation)
        found[:0] = [of_data, of_model]
    return tuple(found)


def lost_page(talk: TalkInfo, home: str, palette: Palette = OURS) -> str:
    """What is shown where nothing is: complete in itself, since it may be asked for anywhere."""
    return page_of(LOST, talk, None, palette=palette, home=home)
