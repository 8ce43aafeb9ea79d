"""What a language calls the parts of a script, units and signs: catalogues/LANGUAGE.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from pipeline.locale.catalogue import FOLDER


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """Tables of one language, each from its word to the English one unless it says otherwise."""

    cues: Mapping[str, str] = field(default_factory=dict)  # KLICK -> CLICK


NO_WORDS = Words()


@cache
def read_words(language: str) -> Words:
    """The tables of a language, empty ones where there are none."""
    path = FOLDER / f"{language}.toml"
    if not language or not path.is_file():
        return NO_WORDS
    return Words(**tomllib.loads(path.read_text(encoding="utf-8")))
