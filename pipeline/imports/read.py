"""Which tool a deck is of, and its reader."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec.structs import replace

from pipeline.command import called
from pipeline.files import read_text, short_hash
from pipeline.imports.deck import MOST_SIGNS, Deck, Kind, Ledger, plain_signs, too_long
from pipeline.imports.meta import head_of
from pipeline.imports.pictures import ENDINGS, HELD
from pipeline.imports.readers.marp import DIRECTIVES, read_marp
from pipeline.imports.readers.notebook import read_notebook
from pipeline.imports.readers.pandoc import read_pandoc, read_quarto
from pipeline.imports.readers.powerpoint import read_powerpoint
from pipeline.imports.readers.revealmd import OPTIONS, read_revealmd
from pipeline.imports.readers.slidev import DECK_KEYS, read_slidev
from pipeline.imports.text import Piece, masked
from pipeline.lengths import parse_length
from pipeline.locale.locale import WHOLE
from pipeline.locale.words import Words, read_words
from pipeline.places import NOWHERE
from pipeline.problems import Source, TalkError
from pipeline.script.headings import slide_heading

PUBLIC: Mapping[Kind, tuple[str, ...]] = {"slidev": ("public",), "revealmd": ("static",)}
_DATA = re.compile(r"data:[\w/+.-]+(?:;[\w=-]+)*,[\w+/=%-]*")
_PICTURE = re.compile(r"data:image/([a-z+-]+);base64,([A-Za-z0-9+/]{2000,}+={0,2}+)(?![\w%+/=])")
_FILES: Mapping[str, Kind] = {".qmd": "quarto", ".rmd": "quarto", ".ipynb": "ipynb"}
_POWERPOINT = (".pptx", ".pptm", ".ppsx", ".potx", ".ppt", ".pps")
_REVEAL = re.compile(r"<!--\s*\.(?:slide|element):?|^----$|^[^\S\n]*notes?:", re.M | re.I)
_SLIDEV = re.compile(
    r"^---\n(?:[\w-]+:.*\n|[ \t]+\S.*\n|#.*\n)+---$|</?v-click|^::\w+::$|^<<< ", re.M | re.I
)
_MARP = re.compile(rf"<!--\s*_?(?:{'|'.join(DIRECTIVES)})\s*:|!\[bg\b")
_PANDOC = re.compile(r"\A%|^:{3,}[ \t]*(?:\{|\w)|^\. \. \.$", re.M)
_RULE = re.compile(r"^(?:---|\*\*\*|___)[ \t]*$", re.M)
_SLOTTED = re.compile(
    r"^#{1,6}[ \t]++(?=[^\n]*[\])】）][ \t]*$)(\S(?:[ \t]*+[^ \t\n\[【(（]++)*+)"
    r"[ \t]*+[\[【(（]([^\n]*)[\])】）][ \t]*$",
    re.M,
)
Reader = Callable[[Path, str, Ledger], Deck]
_READERS: Mapping[Kind, Reader] = {
    "marp": read_marp,
    "revealmd": read_revealmd,
    "slidev": read_slidev,
    "quarto": read_quarto,
    "pandoc": read_pandoc,
    "ipynb": read_notebook,
}


def read_deck(path: Path, kind: Kind | None, ledger: Ledger) -> Deck:
    """The deck in a file. Raises TalkError for one that can't be read."""
    if kind == "pptx" or (kind is None and path.suffix.lower() in _POWERPOINT):
        return read_powerpoint(path, ledger)
    text = read_text(path, "the deck")
    if not text.strip():
        raise TalkError("the deck is empty", Source(path), "is it the right file?")
    held: dict[str, bytes] = {}
    text = _PICTURE.sub(lambda found: _held(found, held), text)
    is_notebook = (kind or _FILES.get(path.suffix.lower())) == "ipynb"
    if not is_notebook and (signs := len(_DATA.sub("", text))) > MOST_SIGNS:
        raise too_long(signs, path)
    text = plain_signs(Piece(text, path), ledger).text
    if kind is None and not is_notebook and _is_script(masked(text)):
        hint = f"`{called()} new NAME` makes a talk; it goes there as script/voiceover.md"
        raise TalkError("this is a script, and no deck", Source(path), hint)
    kind = kind or kind_of(path, text)
    deck = _READERS[kind](path, text, ledger)
    return replace(deck, files={**deck.files, **held})


def _held(found: re.Match[str], held: dict[str, bytes]) -> str:
    """The address of a picture that stands in the text whole, which is gone through many times.

    One that is broken stays, and whoever shows it says so.
    """
    try:
        content = base64.b64decode(found[2], validate=True)
    except binascii.Error:
        return found[0]
    name = f"{HELD}picture-{short_hash(content)[:6]}{ENDINGS.get(found[1], f'.{found[1]}')}"
    held[name] = content
    return name


def _is_script(text: str) -> bool:
    """Whether a text has headings of our script, `## SLIDE 2: TITLE [30 seconds]`, in any language.

    It would come in as a deck that shows what is to be said.
    """
    heads = [(" ".join(head.split()), slot) for head, slot in _SLOTTED.findall(text)]
    return len(heads) > 1 and any(
        sum(_has_slot(head, slot, words) for head, slot in heads) > 1
        for words in map(read_words, WHOLE)
    )


def _has_slot(head: str, slot: str, words: Words) -> bool:
    if slide_heading(words.heading(head), NOWHERE) is None:
        return False
    try:
        parse_length(slot, words)
    except TalkError:
        return False
    return True


def kind_of(path: Path, text: str) -> Kind:
    """The kind that a deck looks like, by its name, its front matter and its signs."""
    if kind := _FILES.get(path.suffix.lower()):
        return kind
    try:
        meta, rest = head_of(Piece(text, path))
    except TalkError:  # whoever reads it says so
        return "marp"
    keys = set(meta.said)
    if "marp" in keys:
        return "marp"
    if keys & set(OPTIONS):
        return "revealmd"
    if "format" in keys:
        return "quarto"
    seen = masked(rest.text)
    if keys & set(DECK_KEYS) or _SLIDEV.search(seen):
        return "slidev"
    if _MARP.search(seen):
        return "marp"
    if _PANDOC.search(seen):
        return "pandoc"
    if _REVEAL.search(seen):
        return "revealmd"
    return "marp" if _RULE.search(seen) else "pandoc"
