"""The words of our own pages in another language: gettext's PO files, read as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import msgspec

from pipeline.problems import Source, TalkError

_VALUE = re.compile(r"{\w*}|[{}]")  # of a message
FOLDER = Path(__file__).resolve().parent / "catalogues"


def _english(n: int) -> int:
    return int(n != 1)


class Catalogue(msgspec.Struct, frozen=True):
    """Messages by what English says; of those with a plural, all their forms."""

    forms: Mapping[str, tuple[str, ...]] = {}
    which: Callable[[int], int] = _english  # of the forms is for a number
    missing: int = 0  # messages that it lists and doesn't say

    def find(self, message: str, plural: str = "", n: int = 1) -> str:
        """The message, in the form for `n`; what English says where it is missing."""
        forms = self.forms.get(message, ())
        at = self.which(n) if plural and forms else 0
        if at < len(forms) and forms[at]:
            return forms[at]
        return plural if plural and n != 1 else message


EMPTY = Catalogue()


@cache
def read_catalogue(language: str) -> Catalogue:
    """The catalogue of a language, an empty one where there is none.

    Raises TalkError for a broken one.
    """
    path = FOLDER / f"{language}.po"
    if not language or not path.is_file():
        return EMPTY
    import gettext

    from babel.messages.pofile import PoFileError, read_po

    hint = "a catalogue is a PO file of gettext"
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language, abort_invalid=True)
        which = gettext.c2py(catalogue.plural_expr)
    except PoFileError as error:
        wrong, where = str(error).rpartition(" on ")[0], Source(path, error.lineno + 1)
        raise TalkError(f"a broken catalogue: {wrong}", where, hint) from None
    except (ValueError, LookupError) as error:  # its signs, their encoding, its plural forms
        raise TalkError(f"a broken catalogue: {error}", Source(path), hint) from None
    forms: dict[str, tuple[str, ...]] = {}
    for one in catalogue:
        ids, said = one.id, one.string or ""
        if ids and not one.fuzzy:
            texts = (said,) if isinstance(said, str) else tuple(text or "" for text in said)
            known = _VALUE.findall(ids if isinstance(ids, str) else " ".join(ids))
            if wrong := next((v for v in _VALUE.findall(" ".join(texts)) if v not in known), ""):
                where = Source(path, one.lineno)
                raise TalkError(f"a broken catalogue: no value is called `{wrong}`", where, hint)
            forms[ids if isinstance(ids, str) else ids[0]] = texts
    missing = sum(bool(one.id) for one in catalogue) - sum(map(all, forms.values()))
    return Catalogue(forms, which, missing)
