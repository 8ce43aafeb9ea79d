"""The one Jinja environment of all pages: strict about names, escaping whatever is put in."""

from __future__ import annotations

import functools
import marshal
import os
import sys
from contextlib import suppress
from pathlib import Path
from types import CodeType

import jinja2
from jinja2.bccache import Bucket
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from pipeline.caches import COMPILED, can_be_written, user_cache
from pipeline.files import keep, kept_bytes, kept_path
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


class _Compiled(jinja2.BytecodeCache):
    """Compiled templates in the user's cache, never in a talk's: code that came with a talk would
    run. Each is known by its text, its place, and by what compiled it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._by = (jinja2.__version__, sys.version, Path(__file__).read_bytes())

    def load_bytecode(self, bucket: Bucket) -> None:
        path = kept_path(self._folder, "page.code", self._key(bucket))
        found = kept_bytes(path) if _is_ours(path) else None
        if found is not None:
            with suppress(ValueError, EOFError, TypeError):
                code = marshal.loads(found)
                bucket.code = code if isinstance(code, CodeType) else None

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None  # Jinja gives only what it compiled
        with suppress(OSError):  # done without
            keep(
                kept_path(self._folder, "page.code", self._key(bucket)), marshal.dumps(bucket.code)
            )

    def _key(self, bucket: Bucket) -> str:
        return repr((bucket.key, bucket.checksum, self._by))


def _is_ours(path: Path) -> bool:
    """Whether this user wrote a file, and nobody else can: of systems that say so."""
    if not hasattr(os, "geteuid"):
        return True
    with suppress(OSError):
        return all(
            one.st_uid == os.geteuid() and not one.st_mode & 0o022
            for one in (path.lstat(), path.parent.stat())
        )
    return False


@functools.cache
def _environment(folder: Path) -> jinja2.Environment:
    shelf = user_cache() / COMPILED
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        bytecode_cache=_Compiled(shelf) if can_be_written(shelf) else None,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["tojson"] = to_json
    environment.globals |= {"direction": direction, "spoken_by_pages": spoken_by_pages}
    return environment
