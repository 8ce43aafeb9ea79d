"""The one Jinja environment of all pages: strict about names, escaping whatever is put in."""

from __future__ import annotations

import functools
from pathlib import Path

import jinja2
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from pipeline.resources import TEMPLATES

# Languages by their codes, and scripts that a code may name: `az-Arab`, `he-Latn`.
_RTL = frozenset(["ar", "arc", "ckb", "dv", "fa", "he", "iw", "nqo", "ps", "sd", "ug", "ur", "yi"])
_RTL_SCRIPTS = frozenset(["arab", "hebr", "nkoo", "syrc", "thaa", "adlm", "rohg"])


def render(name: str, **values: object) -> str:
    """The template `name`, filled. Raises jinja2.TemplateError for a fault in a template."""
    return _environment(TEMPLATES).get_template(name).render(values)


def texts(*names: str) -> str:
    """Styles or scripts of the templates' folder, one after the other."""
    return "\n".join((TEMPLATES / name).read_text("utf-8") for name in names)


def to_json(data: object) -> Markup:
    """JSON, also inside a script element, which it can't end: the templates' `tojson`."""
    return htmlsafe_json_dumps(data, ensure_ascii=False, separators=(",", ":"))


def direction(language: str) -> Markup:
    """The attribute of an element whose language is written from right to left, with a space."""
    primary, *more = language.lower().replace("_", "-").split("-")
    scripts = [part for part in more if len(part) == 4 and part.isalpha()]
    is_rtl = scripts[0] in _RTL_SCRIPTS if scripts else primary in _RTL
    return Markup(' dir="rtl"' if is_rtl else "")


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
    environment.globals["direction"] = direction
    return environment
