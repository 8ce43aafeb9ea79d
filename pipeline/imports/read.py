"""Which tool a deck is of, and its reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import get_args

from pipeline.files import read_text
from pipeline.imports.deck import Deck, Kind, Ledger
from pipeline.imports.marp import read_marp
from pipeline.problems import Source, TalkError

KINDS: tuple[Kind, ...] = get_args(Kind)
PUBLIC: Mapping[Kind, tuple[str, ...]] = {"slidev": ("public",), "revealmd": ("static",)}
_PRIVATE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ue000-\uf8ff]")
Reader = Callable[[Path, str, Ledger], Deck]
_READERS: Mapping[str, Reader] = {"marp": read_marp}


def read_deck(path: Path, kind: Kind | None, ledger: Ledger) -> Deck:
    """The deck in a file. Raises TalkError for one that can't be read."""
    text = read_text(path, "the deck")
    kind = kind or kind_of(path, text)
    if kind not in _READERS:
        raise TalkError(f"decks of {kind} can't be read", Source(path), "--from marp")
    return _READERS[kind](path, plain_signs(text, path, ledger), ledger)


def plain_signs(text: str, path: Path, ledger: Ledger) -> str:
    """A text without signs that steer, or mean something to us alone."""
    for found in _PRIVATE.finditer(text):
        where = Source(path, text.count("\n", 0, found.start()) + 1)
        ledger.left_out(where, f"a sign that shows nothing, U+{ord(found[0]):04X}")
    return _PRIVATE.sub("\ufffd", text)


def kind_of(path: Path, text: str) -> Kind:
    """The kind that a deck looks like."""
    return "marp"
