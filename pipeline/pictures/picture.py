"""One picture as the pages take it, with its text for readers; kept, so that it is drawn once."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec

from pipeline.files import kept
from pipeline.locale import Locale
from pipeline.palette import LIGHT


class Picture(msgspec.Struct, frozen=True):
    """An inline SVG with what a screen reader gets in its place.

    The SVG is coloured by the theme's variables (`var(--ink, …)`), so that key D switches it live.
    """

    name: str
    svg: str  # one <svg> element with a viewBox
    title: str  # short: what it is
    desc: str  # one or two sentences: what it shows
    rows: tuple[tuple[str, ...], ...] = ()  # the same as a table, header first; may be empty
    narrow: str = ""  # another <svg> of the same for a phone held upright; empty: there is none
    places: tuple[str, ...] = ()  # of the measured values that it was drawn from, where known


Pictures = dict[str, Picture]  # by name


def kept_pictures(
    cache: Path | None, name: str, key: str, draw: Callable[[], Pictures]
) -> Pictures:
    """The pictures that `draw` makes of what `key` says, from the folder `cache` if they are there.

    Other drawing code draws them anew, and so does a kept file that isn't whole.
    """
    made = kept(
        cache,
        f"{name}.json",
        f"{key} {drawing_code()}",
        lambda: msgspec.json.encode(draw()),
    )
    return msgspec.json.decode(made, type=Pictures)


def words_of(locale: Locale) -> str:
    """What a drawing in another language than English depends on beside its values."""
    return "" if locale.is_english else repr((locale.tag, sorted(locale.catalogue.forms.items())))


@functools.cache
def drawing_code() -> str:
    """sha256 over the modules that draw, the formats of their numbers and the theme's colours."""
    room = Path(__file__).parent
    files = [*sorted(room.rglob("*.py")), room.parent / "numbers" / "formats.py"]
    code = b"".join(path.read_bytes() for path in files)
    return hashlib.sha256(code + repr(LIGHT).encode()).hexdigest()
