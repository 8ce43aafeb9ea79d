"""[brand] of talk.toml on the pages: rules that come after the deck's own, and the logo's files."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from pipeline.config import Brand, Config
from pipeline.files import read_bytes
from pipeline.problems import Source, TalkError

_TALLEST, _WIDEST, _AREA = 56.0, 220.0, 7000.0  # px, px, px²: what a logo takes of a slide
_IN_FOOT = 36.0  # px: between the content and the time line
_ON_TITLE = 1.2  # there it may be larger
_RASTER = {"PNG": "png", "WEBP": "webp", "JPEG": "jpg"}
_SIDES = {
    "top left": "inset: 28px auto auto var(--edge)",
    "top right": "inset: 28px var(--edge) auto auto",
    "bottom left": "inset: auto auto 38px var(--edge)",
    "bottom right": "inset: auto var(--edge) 38px auto",
}


@dataclass(frozen=True, slots=True)
class BrandFiles:
    """Rules for the deck's style sheet, and the files that they name."""

    styles: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)


def brand_files(config: Config) -> BrandFiles:
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
        logo = _read_logo(config.root / name, config.source("brand", key), config.root)
        file = f"{key.replace('_', '-')}.{logo.ending}"
        files[file] = logo.content
        shown = f'background-image: url("{file}")'
        if key == "logo":
            styles.append(_logo_rules(brand, logo.width / logo.height) + f".logo{{{shown}}}")
        else:
            styles.append(f'[data-theme="dark"] .logo{{{shown}}}')
    return BrandFiles("".join(styles), files)


@dataclass(frozen=True, slots=True)
class _Logo:
    content: bytes
    ending: str
    width: float
    height: float


def _read_logo(path: Path, where: Source, root: Path) -> _Logo:
    """A logo's file, without its metadata. Raises TalkError."""
    if not path.resolve().is_relative_to(root.resolve()):
        raise TalkError("the logo lies outside the talk's folder", where, "copy it into it")
    if not path.is_file():
        raise TalkError(
            f"there is no logo `{path.name}`", where, "the path from talk.toml's folder"
        )
    raw = read_bytes(path, "the logo")
    if path.suffix.lower() == ".svg":
        return _Logo(raw, "svg", *_svg_size(raw, where))
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(raw), formats=list(_RASTER)) as image:
            kind = _RASTER[image.format or ""]
            bare = image.convert("RGBA") if kind != "jpg" else image.convert("RGB")
            bare.thumbnail((1200, 600))
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        message = f"the logo `{path.name}` is no picture that can be shown"
        raise TalkError(message, where, "SVG, PNG, WebP or JPEG") from None
    made = io.BytesIO()
    bare.save(made, "PNG" if kind == "png" else image.format, lossless=True, quality=92)
    return _Logo(made.getvalue(), kind, *bare.size)


def _svg_size(raw: bytes, where: Source) -> tuple[float, float]:
    try:
        root = ElementTree.fromstring(raw)
        words = root.get("viewBox", "").replace(",", " ").split()
        sides = words[2:] or [root.get(side, "").removesuffix("px") for side in ("width", "height")]
        width, height = map(float, sides)
    except (ElementTree.ParseError, ValueError):
        width = height = 0
    if not (0 < width < math.inf and 0 < height < math.inf):
        raise TalkError("the logo is no SVG with a size", where, 'give it a viewBox="0 0 W H"')
    return width, height


def _logo_rules(brand: Brand, ratio: float) -> str:
    """Where the logo stands, and the room that titles and the foot leave it."""
    vertical, side = brand.logo_place.split(" ")
    tallest = _TALLEST if vertical == "top" else _IN_FOOT
    height = min(tallest, _WIDEST / ratio, math.sqrt(_AREA / ratio))
    width = height * ratio
    room, on_title = (f"{shown + 28:.0f}px" for shown in (width, width * _ON_TITLE))
    rules = [
        f".logo{{position: absolute; {_SIDES[brand.logo_place]}; {_box(width, height)}"
        f"pointer-events: none; background: center {side} / contain no-repeat;}}"
    ]
    if vertical == "bottom":
        on = ".slide" if brand.logo_on == "all" else ".layout-title"
        rules.append(f"{on} .foot{{{side}: calc(var(--edge) + {room});}}")
    else:
        rules.append(f".layout-title .logo{{{_box(width * _ON_TITLE, height * _ON_TITLE)}}}")
        if brand.logo_on == "all":
            rules.append(f".slide .head{{padding-{side}: {room};}}")
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
