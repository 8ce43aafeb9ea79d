"""The one Jinja environment of all pages: strict about names, escaping whatever is put in."""

from __future__ import annotations

import functools
from pathlib import Path

import jinja2
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from pipeline.locale import ENGLISH, Locale
from pipeline.resources import TEMPLATES


def render(name: str, locale: Locale = ENGLISH, **values: object) -> str:
    """The template `name`, filled; its own words, `say("…")`, are in the language of `locale`.

    Raises jinja2.TemplateError for a fault in a template.
    """
    words = {"locale": locale, "say": locale.say}
    return _environment(TEMPLATES).get_template(name).render({**words, **values})


def texts(*names: str) -> str:
    """Styles or scripts of the templates' folder, one after the other."""
    return "\n".join((TEMPLATES / name).read_text("utf-8") for name in names)


def to_json(data: object) -> Markup:
    """JSON, also inside a script element, which it can't end: the templates' `tojson`."""
    return htmlsafe_json_dumps(data, ensure_ascii=False, separators=(",", ":"))


def direction(locale: Locale) -> Markup:
    """The attribute of an element whose language is written from right to left, with a space."""
    return Markup(' dir="rtl"' if locale.direction == "rtl" else "")


def spoken_by_pages(locale: Locale) -> str:
    """The language of our own words on a page: a talk's, or English where they aren't known."""
    return locale.tag if locale.is_whole else "en"


@functools.cache
def _environment(folder: Path) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["tojson"] = to_json
    environment.globals |= {"direction": direction, "spoken_by_pages": spoken_by_pages}
    return environment
