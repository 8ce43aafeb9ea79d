"""[brand] of talk.toml on the pages: rules that come after the deck's own, and the logo's files."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import msgspec

from pipeline.config import Brand, Config
from pipeline.files import kept, read_bytes, short_hash
from pipeline.paths import file_below
from pipeline.pictures.photos import encoded
from pipeline.problems import Source

_TALLEST, _WIDEST, _AREA = 56.0, 220.0, 7000.0  # px, px, px²: what a logo takes of a slide
_IN_FOOT = 36.0  # px: between the content and the time line
_ON_TITLE = 1.2  # there it may be larger
_MOST_PIXELS = (1000, 400)
# A clear one was drawn for white paper; `logo_dark` says which is not.
_ON_WHITE = (
    '[data-theme="dark"] .slide .logo{background-color: white; border-radius: 3px;'
    "box-shadow: 0 0 0 7px white;}"
)
_ON_PHOTO = (
    ".slide:where(:has(.media.bleed)) .logo{background-color: var(--paper); border-radius: 4px;"
    "box-shadow: 0 0 0 12px var(--paper);}"
)
_SIDES = {
    "top left": "inset: 28px auto auto var(--edge)",
    "top right": "inset: 28px var(--edge) auto auto",
    "bottom left": "inset: auto auto 38px var(--edge)",
    "bottom right": "inset: auto var(--edge) 38px auto",
}


class BrandFiles(msgspec.Struct, frozen=True):
    """Rules for the deck's style sheet, and the files that they name."""

    styles: str = ""
    files: Mapping[str, bytes] = {}


def brand_files(config: Config, cache: Path | None = None) -> BrandFiles:
    """What a talk's brand adds. Raises TalkError with the line of a logo that can't be shown."""
    brand = config.brand
    styles = [brand.palette.overrides]
    if brand.size != "16:9":
        width, height = brand.slide_size
        styles.append(f":root{{--slide-width: {width}px; --slide-height: {height}px;}}")
        styles.append(f"@page{{size: {width}px {height}px;}}")
    if not brand.timeline:
        styles.append(".timeline,.pdf-page .timeline{display: none !important;}")
    files: dict[str, bytes] = {}
    for key, name in (("logo", brand.logo), ("logo_dark", brand.logo_dark)):
        if not name:
            continue
        logo = _read_logo(name, config.source("brand", key), config.root, cache)
        file = f"{key.replace('_', '-')}-{short_hash(logo.content)}.{logo.ending}"
        files[file] = logo.content
        shown = f'background-image: url("{file}")'
        if key == "logo":
            styles.append(_logo_rules(brand, logo.width / logo.height) + f".logo{{{shown}}}")
            if logo.is_clear and not brand.logo_dark:
                styles.append(_ON_WHITE)
        else:
            styles.append(f'[data-theme="dark"] .logo{{{shown}}}')
    return BrandFiles("".join(styles), files)


class _Logo(msgspec.Struct, frozen=True):
    content: bytes
    ending: str
    width: float
    height: float
    is_clear: bool  # what is behind it can be seen


def _read_logo(name: str, where: Source, root: Path, cache: Path | None) -> _Logo:
    """A logo's file, cleaned and without its metadata. Raises TalkError."""
    path = file_below(root, name, "logo", where)
    raw = read_bytes(path, "the logo")
    if path.suffix.lower() == ".svg":
        from pipeline.pictures.foreign import cleaned

        svg = cleaned(raw, Source(path), where, path.name)
        return _Logo(svg.content, "svg", svg.width, svg.height, is_clear=True)

    def make() -> bytes:
        made = encoded(raw, _MOST_PIXELS, where, path.name)
        logo = _Logo(made.still or made.content, "webp", made.width, made.height, made.is_clear)
        return msgspec.msgpack.encode(logo)

    return msgspec.msgpack.decode(kept(cache, "logo.bin", raw, make), type=_Logo)


def _logo_rules(brand: Brand, ratio: float) -> str:
    """Where the logo stands, and the room that titles and the foot leave it."""
    vertical, side = brand.logo_place.split(" ")
    tallest = _TALLEST if vertical == "top" else _IN_FOOT
    height = min(tallest, _WIDEST / ratio, math.sqrt(_AREA / ratio))
    width = height * ratio
    room, on_title = (f"{shown + 28:.0f}px" for shown in (width, width * _ON_TITLE))
    rules = [
        f".logo{{position: absolute; {_SIDES[brand.logo_place]}; {_box(width, height)}"
        f"pointer-events: none; background: center {side} / contain no-repeat;}}",
        _ON_PHOTO,
    ]
    if vertical == "bottom":
        on = ".slide" if brand.logo_on == "all" else ".layout-title"
        rules.append(f"{on} .foot{{{side}: calc(var(--edge) + {room});}}")
        rules.append(f"{on}:has(.footnotes) .foot{{padding-{side}: {room};}}")
    else:
        rules.append(f".layout-title .logo{{{_box(width * _ON_TITLE, height * _ON_TITLE)}}}")
        if brand.logo_on == "all":
            rules.append(f".slide .head{{padding-{side}: {room};}}")
            if side == "left":
                rules.append(f".slide:has(.media.bleed) .head{{margin-left: {room};}}")
    if brand.logo_place == "top right":
        rules.append(f".run-marks{{top: 4px; right: calc(var(--edge) + {room});}}")
        rules.append(f".layout-title .run-marks{{right: calc(var(--edge) + {on_title});}}")
    return "".join(rules) + f"@media(max-width:435px){{{_on_phone(brand, ratio)}}}"


def _on_phone(brand: Brand, ratio: float) -> str:
    """The same where slides stand below each other: above the title or below the foot."""
    vertical, side = brand.logo_place.split(" ")
    width = min(300.0, _IN_FOOT * ratio)
    box = _box(width, width / ratio)
    if vertical == "bottom":
        on = ".slide" if brand.logo_on == "all" else ".layout-title .slide"
        return (
            f".slide .logo{{{box} inset: auto auto 28px auto; {side}: 40px;}}"
            f"{on}{{padding-bottom: 80px;}} .slide .foot{{{side}: auto;}}"
        )
    marks = f".run-marks.run-marks{{right: {width + 52:.0f}px;}}" if side == "right" else ""
    return (
        f".slide .logo{{{box} inset: 14px auto auto auto; {side}: 40px;}}"
        f".slide .head{{padding-{side}: 0;}}{marks}"
    )


def _box(width: float, height: float) -> str:
    return f"width: {width:.0f}px; height: {height:.0f}px;"
