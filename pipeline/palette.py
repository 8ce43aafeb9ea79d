"""The theme's colours, read from the one place that names them: templates/shared/colours.css."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pipeline.resources import TEMPLATES

COLOURS = TEMPLATES / "shared" / "colours.css"

_RULE = re.compile(r"\{([^{}]*)\}")
_COLOUR = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{6});")

Colours = Mapping[str, str]  # by name: "ink", "paper", …


def read_palette(path: Path = COLOURS) -> tuple[Colours, Colours]:
    """The light and the dark theme's colours by name, in the order of the file."""
    light, dark = (dict(_COLOUR.findall(rule)) for rule in _RULE.findall(path.read_text("utf-8")))
    if not light or light.keys() != dark.keys():
        raise ValueError(f"{path.name}: the light and the dark theme name different colours")
    return light, dark


def declared(colours: Colours) -> str:
    """The colours as custom properties, for a rule of a page's own style sheet."""
    return "".join(f"--{name}: {colour};" for name, colour in colours.items())


def both_themes(selector: str = ":root", more: str = "") -> str:
    """A style sheet that names the colours for `selector`: dark where the reader's system is."""
    light, dark = map(declared, read_palette())
    return f"{selector}{{{light}{more}}}@media(prefers-color-scheme:dark){{{selector}{{{dark}}}}}"


LIGHT, DARK = read_palette()
