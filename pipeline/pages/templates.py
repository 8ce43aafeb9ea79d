"""The one Jinja environment of all pages: strict about names, escaping whatever is put in."""

from __future__ import annotations

import functools
from pathlib import Path

import jinja2
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from pipeline.resources import TEMPLATES


def render(name: str, **values: object) -> str:
    """The template `name`, filled. Raises jinja2.TemplateError for a fault in a template."""
    return _environment(TEMPLATES).get_template(name).render(values)


def texts(*names: str) -> str:
    """Styles or scripts of the templates' folder, one after the other."""
    return "\n".join((TEMPLATES / name).read_text("utf-8") for name in names)


def to_json(data: object) -> Markup:
    """JSON, also inside a script element, which it can't end: the templates' `tojson`."""
    return htmlsafe_json_dumps(data, ensure_ascii=False, separators=(",", ":"))


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
    return environment
