"""How the site shows up elsewhere: cards, icon, site map, and the picture of the first slide."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config import TalkInfo
from pipeline.export.by_slide import drawn_timeline, keys_of
from pipeline.export.chromium import in_browser, open_deck
from pipeline.files import kept
from pipeline.locale import locale_of
from pipeline.pages.deck import Deck
from pipeline.pages.reading import Card
from pipeline.palette import OURS, Colours, Palette

if TYPE_CHECKING:
    from pipeline.export.driver import Tabs

ICON, CARD = "favicon.svg", "card.png"
CARD_SIZE = (1200, 630)  # as the readers of og:image want it


def base_address(address: str) -> str:
    """The address of the site's folder, with its last slash; "" without one."""
    if not address or address.endswith("/"):
        return address
    folder, _, last = address.rpartition("/")
    is_page = last.endswith((".html", ".htm")) and not folder.endswith("/")
    return f"{folder}/" if is_page else f"{address}/"


def card_of(talk: TalkInfo, page: str, title: str, *, has_picture: bool) -> Card:
    """Description, address, icon, Open Graph and Twitter cards of one page.

    Pictures need a whole address there; without one in talk.toml they are named as they lie.
    """
    base = base_address(talk.address)
    address = base if page == "index.html" else f"{base}{page}"
    words = talk.description or talk.subtitle or talk.title
    tags = [("name", "description", words), ("name", "author", talk.speaker)]
    tags += [("property", "og:type", "website"), ("property", "og:title", title)]
    tags += [("property", "og:description", words)]
    tags += [("property", "og:locale", talk.language.replace("-", "_"))]
    tags += [("property", "og:url", address)] if base else []
    tags += [("name", "twitter:card", "summary_large_image" if has_picture else "summary")]
    tags += [("name", "twitter:title", title), ("name", "twitter:description", words)]
    if has_picture:
        locale = locale_of(talk.language)
        alt = locale.say("The first slide: {title}", title=talk.title)
        width, height = map(str, CARD_SIZE)
        tags += [("property", "og:image", f"{base}{CARD}"), ("property", "og:image:alt", alt)]
        tags += [("property", "og:image:width", width), ("property", "og:image:height", height)]
        tags += [("name", "twitter:image", f"{base}{CARD}"), ("name", "twitter:image:alt", alt)]
    return Card(tuple(tag for tag in tags if tag[2]), address if base else "", ICON)


def icon(palette: Palette = OURS) -> str:
    """The deck's time line as an icon, in the theme's light and dark colours."""

    def rules(of: Colours) -> str:
        return f".a{{fill:{of['ink']}}}.b{{fill:{of['accent']}}}.c{{fill:{of['soft']}}}"

    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f"<style>{rules(palette.light)}@media(prefers-color-scheme:dark){{{rules(palette.dark)}}}</style>"
        '<rect class="a" x="2" y="14" width="8" height="6" rx="2"/>'
        '<rect class="b" x="12" y="9" width="10" height="16" rx="3"/>'
        '<rect class="c" x="24" y="15.5" width="6" height="3" rx="1.5"/></svg>\n'
    )


def site_map(base: str, pages: list[str]) -> str:
    """The pages for search engines, without dates: the same talk is the same file."""
    addresses = "".join(
        f"<url><loc>{html.escape(base + ('' if page == 'index.html' else page))}</loc></url>\n"
        for page in pages
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{addresses}</urlset>\n'
    )


def robots(base: str) -> str:
    more = f"Sitemap: {base}sitemap.xml\n" if base else ""
    return f"User-agent: *\nAllow: /\n{more}"


def card_picture(deck: Deck, page: Path, cache: Path, say: Callable[[str], None]) -> bytes:
    """The first slide as a PNG; kept until that slide changes.

    `page` is where the deck was written. Raises NoBrowserError, TalkError.
    """
    key = next(iter(keys_of(deck, drawn_timeline(deck), CARD_SIZE).values()))

    async def shoot(tabs: Tabs) -> bytes:
        return await (await open_deck(tabs, page, size=CARD_SIZE)).screenshot()

    def take() -> bytes:
        say("taking the picture of the first slide")
        return in_browser(shoot, "the picture of the first slide")

    return kept(cache / "publish", CARD, key, take)
