"""What a browser makes of each slide, kept until that slide looks different."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from pipeline.files import keep, kept_bytes, kept_path
from pipeline.pages.deck import Deck
from pipeline.pages.templates import texts

_LENGTHS = re.compile(r'\[data-style="[^"]*"\]\{[^}]*\}')
_OF_PICTURES = re.compile(r"\.(p\d+)\{([^}]*)\}")
_NAMED = re.compile(r'(?<=[ "])p\d+(?=[ "])')
_UNSEEN = re.compile(r' (?:href|aria-label)="[^"]*"')


def keys_of(deck: Deck, *more: object) -> dict[str, str]:
    """A slide's name -> all that decides how it is drawn: its section, styles, faces, the code.

    Pictures have their hash in their name. Lengths and the styles of pictures count with the
    section that uses them: those of other slides are nothing to this one.
    """
    files = {
        file: hashlib.sha256(raw).hexdigest()
        for file, raw in sorted(deck.files.items())
        if file.endswith((".css", ".woff2", ".js")) and file != deck.film
    }
    rules = dict(_OF_PICTURES.findall(deck.styles))
    styles = _OF_PICTURES.sub("", _LENGTHS.sub("", deck.styles))
    page = (texts("deck/deck.html.j2"), deck.talk, deck.brand, styles, files, *more)
    shared = hashlib.sha256(repr(page).encode()).hexdigest()
    return {
        name: f"{shared}\0{_NAMED.sub(lambda found: rules.get(found[0], found[0]), section)}"
        for name, section in deck.sections.items()
    }


def drawn_timeline(deck: Deck) -> str:
    """What of the time line is in a picture: the titles of its links are heard, not seen."""
    return _UNSEEN.sub("", deck.timeline)


def kept_of_slides(
    folder: Path | None,
    keys: Mapping[str, str],
    ending: str,
    make: Callable[[Sequence[str]], Mapping[str, bytes]],
) -> dict[str, bytes]:
    """A slide's name -> what is kept of it in the folder; of the others what `make` gives for them.

    It is called once with all their names, or not at all.
    """
    if folder is None:
        return dict(make([*keys]))
    places = {name: kept_path(folder, f"{name}{ending}", key) for name, key in keys.items()}
    known = {name: kept_bytes(place) for name, place in places.items()}
    if missing := [name for name, found in known.items() if found is None]:
        known |= (made := make(missing))
        for name in missing:
            with suppress(OSError):  # done without
                keep(places[name], made[name])
    return {name: found for name, found in known.items() if found is not None}
