"""A slide's section of a deck's page, and what the time line says of it: kept by hash."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pipeline.memo import Form, key_of
from pipeline.pages.looks import Looks, Piece
from pipeline.pages.marks import run_marks
from pipeline.pages.media import MediaWriter
from pipeline.pages.own import OwnLayouts
from pipeline.pages.slide import DeckInput, view_of
from pipeline.pages.templates import render
from pipeline.pictures.media import Media
from pipeline.pictures.svg import Vector
from pipeline.slides.slide import Slide


class Section(msgspec.Struct, frozen=True):
    """A slide as a deck's page and its time line show it."""

    name: str
    number: str  # as pages print it
    plain_title: str
    is_backup: bool
    seconds: int
    length: str
    piece: Piece


SECTION: Form[Section] = Form(Section)


def section_of(
    slide: Slide,
    page: DeckInput,
    vectors: Mapping[str, Vector],
    figures: str,
    inside: str | None,
    own: OwnLayouts,
) -> Section:
    """A slide by its layout's template; `figures` and `inside` as a DeckMaker has them."""
    looks = Looks.apart()
    writer = MediaWriter(page.media, looks, inside)
    view = view_of(slide, page, vectors, looks, figures, writer)
    made = render(
        "deck/section.html.j2",
        page.config.locale,
        slide=view,
        own=own.draw(view, page.config.talk, looks),
        talk=page.config.talk,
        brand=page.config.brand,
        run_marks=run_marks(page.measured, view.runs, page.config.locale),
        looks=looks,
    )
    return Section(
        view.name,
        view.number,
        view.plain_title,
        view.is_backup,
        view.seconds,
        view.length,
        looks.cut(made.rstrip("\n")),
    )


def behind_all(page: DeckInput, figures: str) -> str:
    """The hash of what decides how every slide of a deck looks, beside the slide itself."""
    config, measured = page.config, page.measured
    return key_of(
        *("section", figures, config.talk, config.brand, config.locale.tag),
        *(measured.values_key, dict(measured.changed), bool(page.slots_s)),
    )


def behind_one(
    slide: Slide, page: DeckInput, behind: str, pictures: Mapping[str, str], shown: set[str]
) -> str:
    """The hash of all that a section is made from.

    `behind`: by `behind_all`; `pictures`: the hash of each by its name; `shown`: those that stand
    on slides.
    """
    # An agenda names other slides, a backup leads back to the last one.
    names_others = slide.layout == "agenda" or slide.is_backup
    others = [(s.name, s.number, s.is_backup) for s in page.slides] if names_others else []
    return key_of(
        behind,
        slide.key,
        page.slots_s.get(slide.number),
        [(pictures[use.name], use.name in shown) for use in slide.pictures],
        [_seen(page.media[use.name]) for use in slide.media],
        *((others, dict(page.slots_s)) if names_others else ()),
    )


def _seen(media: Media) -> tuple[object, ...]:
    """What a page says of a file: names hold a hash of the content."""
    shots = [
        s and (s.name, s.width, s.height, s.is_clear, s.still) for s in (media.shot, media.dark)
    ]
    return (media.kind, media.name, media.size, shots)
