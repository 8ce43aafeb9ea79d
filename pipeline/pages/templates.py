"""The one Jinja environment of all pages: strict about names, escaping whatever is put in."""

from __future__ import annotations

import functools
from pathlib import Path

import jinja2

from pipeline.resources import TEMPLATES


def render(name: str, **values: object) -> str:
    """The template `name`, filled. Raises jinja2.TemplateError for a fault in a template."""
    return _environment(TEMPLATES).get_template(name).render(values)


def texts(*names: str) -> str:
    """Styles or scripts of the templates' folder, one after the other."""
    return "\n".join((TEMPLATES / name).read_text("utf-8") for name in names)


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
    # For `tojson`, which escapes what could end a script element.
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    return environment
