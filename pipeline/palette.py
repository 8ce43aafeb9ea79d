"""The theme's colours: ours from templates/shared/colours.css, a talk's own over them.

Contrast is WCAG's: 1 to 21, and 4.5 is what text needs (AA).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from pipeline.resources import TEMPLATES

COLOURS = TEMPLATES / "shared" / "colours.css"
CODE_COLOURS = TEMPLATES / "shared" / "code-colours.css"  # on grounds of their own
AA = 4.5  # of text below 24 px; each of our colours is that of a text somewhere
DERIVED = 6.5  # of a dark theme's accent made from the light one: dark rooms need more

_RULE = re.compile(r"\{([^{}]*)\}")
_COLOUR = re.compile(r"(?<![\w-])--([\w-]++):\s*+(#[0-9a-f]{6});")
_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)

_ENDS = ("#" + "0" * 6, "#" + "f" * 6)  # black and white

Colours = Mapping[str, str]  # by name: "ink", "paper", …

_WORDS = ("ink", "soft", "accent", "myth", "reality", "negative", "positive")
# The mixes of theme.css: a share of a colour, on paper.
_TINTS = (("reality", "reality", 0.13), ("ink", "accent", 0.09), ("ink", "soft", 0.13))


def read_palette(path: Path = COLOURS) -> tuple[Colours, Colours]:
    """The light and the dark theme's colours by name, in the order of the file."""
    light, dark = (dict(_COLOUR.findall(rule)) for rule in _RULE.findall(path.read_text("utf-8")))
    if not light or light.keys() != dark.keys():
        raise ValueError(f"{path.name}: the light and the dark theme name different colours")
    return light, dark


def declared(colours: Colours) -> str:
    """The colours as custom properties, for a rule of a page's own style sheet."""
    return "".join(f"--{name}: {colour};" for name, colour in colours.items())


LIGHT, DARK = read_palette()


class Palette(msgspec.Struct, frozen=True):
    """The colours of both themes by name: ours, or with a talk's own over them."""

    light: Colours
    dark: Colours

    def both_themes(self, selector: str = ":root", more: str = "") -> str:
        """A style sheet that names the colours for `selector`: dark on a screen whose system is."""
        light, dark = declared(self.light), declared(self.dark)
        on_dark = "@media screen and (prefers-color-scheme:dark)"  # paper is light
        return f"{selector}{{{light}{more}}}{on_dark}{{{selector}{{{dark}}}}}"

    @property
    def overrides(self) -> str:
        """Rules for the deck that come after those of colours.css: what differs, no more."""
        # In both: the first rule is as strong as the dark one of colours.css, and comes later.
        differing = [n for n in LIGHT if (self.light[n], self.dark[n]) != (LIGHT[n], DARK[n])]
        if not differing:
            return ""
        light, dark = ({name: of[name] for name in differing} for of in (self.light, self.dark))
        return f':root{{{declared(light)}}}[data-theme="dark"]{{{declared(dark)}}}'


OURS = Palette(LIGHT, DARK)


def both_themes(selector: str = ":root", more: str = "") -> str:
    """`Palette.both_themes` of our own colours."""
    return OURS.both_themes(selector, more)


def own_palette(accent: str, light: Colours, dark: Colours) -> Palette:
    """Our colours with a talk's own over them, each `#rgb` or `#rrggbb`.

    `accent` is the light theme's; the dark theme has it lightened until it reads there, if `dark`
    names none.
    """
    own_light = {**LIGHT, **({"accent": accent} if accent else {}), **light}
    own_dark = {**DARK, **dark}
    if own_light["accent"] != LIGHT["accent"] and "accent" not in dark:
        lightened = readable(own_light["accent"], _grounds(own_dark), DERIVED)
        own_dark["accent"] = lightened or own_light["accent"]
    return Palette(
        {name: _whole(colour) for name, colour in own_light.items()},
        {name: _whole(colour) for name, colour in own_dark.items()},
    )


def is_colour(text: str) -> bool:
    """Whether a text is a colour as `own_palette` takes it."""
    return bool(_HEX.fullmatch(text))


class Unreadable(msgspec.Struct, frozen=True):
    """A pair of colours with too little contrast for text."""

    name: str  # of the text's colour
    ground: str  # in words
    ratio: float
    better: str  # a colour near it that reads on each of its grounds; empty: there is none


def unreadable(colours: Colours) -> Iterator[Unreadable]:
    """Each pair that the pages use and that is under AA."""
    for name in _WORDS:
        grounds = {ground: colours[ground] for ground in ("paper", "card")}
        for of, tint, share in _TINTS:
            if of == name:
                grounds[f"its tint of {tint}"] = mixed(colours[tint], colours["paper"], share)
        for ground, colour in grounds.items():
            ratio = contrast(colours[name], colour)
            if ratio < AA:
                better = readable(colours[name], grounds.values(), AA, _regrounded(name, colours))
                yield Unreadable(name, ground, ratio, better)
                break


def _regrounded(name: str, colours: Colours) -> Callable[[str], Iterable[str]]:
    """The grounds that change with a colour: the tint that it has a share in."""
    shares = [share for of, tint, share in _TINTS if of == tint == name]
    return lambda colour: [mixed(colour, colours["paper"], share) for share in shares]


def _grounds(colours: Colours) -> tuple[str, ...]:
    return _whole(colours["paper"]), _whole(colours["card"])


def contrast(one: str, other: str) -> float:
    """WCAG's contrast of two colours, 1 to 21."""
    dark, light = sorted(map(_luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def readable(
    colour: str,
    grounds: Iterable[str],
    ratio: float,
    more: Callable[[str], Iterable[str]] = lambda _: (),
) -> str:
    """The colour nearest to this one, darkened or lightened, with that contrast on each ground.

    `more` gives grounds that depend on the colour itself. Empty where no such colour is.
    """
    all_grounds = tuple(grounds)
    for percent in range(101):
        for end in _ENDS:
            tried = mixed(end, colour, percent / 100)
            if all(contrast(tried, ground) >= ratio for ground in (*all_grounds, *more(tried))):
                return tried
    return ""


def mixed(one: str, other: str, share: float) -> str:
    """CSS's `color-mix(in srgb, one share, other)`."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(255 * (a * share + b * (1 - share))):02x}" for a, b in pairs)


def _whole(colour: str) -> str:
    colour = colour.lower()
    return colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(_whole(colour)[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def linear(colour: str) -> tuple[float, ...]:
    """Red, green and blue as amounts of light, 0 to 1."""
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in _channels(colour)
    )
    return red, green, blue


def _luminance(colour: str) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# --- Colours that a colour-blind reader takes for each other --------------------------------------

_PAIRS = (("positive", "negative"), ("myth", "reality"))
APART = 0.08  # least distance in OKLab; ours have 0.095 and more
Matrix = tuple[tuple[float, float, float], ...]
# Machado, Oliveira, Fernandes 2009, severity 1, for linear RGB: about one man in twelve has one.
_BLINDNESS: Mapping[str, Matrix] = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}
# Linear RGB to cone responses, and their cube roots to OKLab (B. Ottosson, 2020).
_CONES: Matrix = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_LAB: Matrix = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)


def confusable(colours: Colours) -> Iterator[tuple[str, str, str]]:
    """Pairs that mean opposites and look alike: both names, and to whom."""
    for one, other in _PAIRS:
        for whom, seen in {"everybody": None, **_BLINDNESS}.items():
            if distance(colours[one], colours[other], seen) < APART:
                yield one, other, whom
                break


def distance(one: str, other: str, seen: Matrix | None = None) -> float:
    """How far apart two colours are in OKLab, seen through a matrix for linear RGB."""
    places = []
    for colour in (one, other):
        light = linear(colour)
        if seen:
            light = tuple(min(max(value, 0.0), 1.0) for value in _times(seen, light))
        places.append(_times(_LAB, tuple(value ** (1 / 3) for value in _times(_CONES, light))))
    return math.dist(*places)


def _times(matrix: Matrix, vector: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
