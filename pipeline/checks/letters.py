"""Letters that no face of the pages has: each machine would draw them in its own way, or not.

Ours have Latin, Greek and Cyrillic letters and the usual signs. A talk brings faces for others
under [brand.faces].
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pipeline.checks.content import Passage, Written, content, drafted
from pipeline.config import Config
from pipeline.faces import code_face, covered, face_info, own_faces, text_face
from pipeline.problems import Problem, Source

SHOWN = ("slide title", "slide", "diagram", "drawing")
MOST = 12  # letters that a message names
_FEW = 3  # slides, diagrams, drawings: letters of a script that more lack are the talk's own
_EMOJI = "EMOJI"
# No shape of their own: controls, joiners, marks of direction, spaces that every browser makes.
_SHAPELESS = frozenset(["Cc", "Cf", "Zs", "Zl", "Zp", "Co", "Cs"])
_HINT = 'name one that has: fallback = ["fonts/….ttf"] under [brand.faces] in talk.toml'
_SELECTORS = range(0xFE00, 0xFE10)
_PICTURES = (range(0x1F000, 0x1FB00), range(0x2600, 0x27C0), range(0x2B00, 0x2C00))


def letter_problems(
    config: Config, cache: Path | None = None, texts: Sequence[Written] | None = None
) -> Iterator[Problem]:
    """One finding for each slide and script whose letters the faces lack.

    A talk that is written in such letters gets one for all, since one face mends it. What the
    faces hold is kept in the folder `cache`; `texts`: the talk's `content`, where it was read.
    """
    ours = {*face_info(text_face(), "the text face", cache=cache).points}
    text = covered(own_faces(config, cache)) | ours
    code = text | {*face_info(code_face(), "the code face", cache=cache).points}
    texts = content(config) if texts is None else texts
    shown = (one for one in texts if one.kind in SHOWN)
    suspects = (one for one in shown if any(_lacks(sign, text) for sign in {*one.text}))
    passages = [passage for one in drafted(suspects) for passage in one.passages]
    found: dict[tuple[str, str], dict[str, Source]] = {}
    for passage in passages:
        for sign, where in _missing(passage, text, code):
            found.setdefault((passage.place, _script(sign)), {}).setdefault(sign, where)
    places = Counter(script for _, script in found if script not in ("", _EMOJI))
    if max(places.values(), default=0) > _FEW:
        yield _of_the_talk({key: found.pop(key) for key in [*found] if key[1] != _EMOJI})
    for (place, script), signs in found.items():
        yield _problem(place, script, signs)


def _missing(
    passage: Passage, text: frozenset[int], code: frozenset[int]
) -> Iterator[tuple[str, Source]]:
    for at, sign in enumerate(passage.text):
        if not _lacks(sign, text):
            continue
        if any(a <= at < b for a, b in passage.code) and ord(sign) in code:
            continue
        yield sign, passage.at(at)


def _lacks(sign: str, points: frozenset[int]) -> bool:
    """Whether a sign has a shape, and the faces with these code points don't have it."""
    if sign.isascii() or ord(sign) in points or ord(sign) in _SELECTORS:
        return False
    return unicodedata.category(sign) not in _SHAPELESS


def _script(sign: str) -> str:
    """`HEBREW`, `CJK`, `DEVANAGARI`: what the first word of a sign's Unicode name says."""
    is_picture = any(ord(sign) in block for block in _PICTURES)
    if is_picture and unicodedata.category(sign) in ("So", "Sk", "Cn"):
        return _EMOJI
    name = unicodedata.name(sign, "")
    return name.split()[0].split("-")[0] if unicodedata.category(sign)[0] in "LM" else ""


def _of_the_talk(found: Mapping[tuple[str, str], Mapping[str, Source]]) -> Problem:
    """What is said once of a talk in letters that the faces lack, with its first line."""
    signs = {sign for lacking in found.values() for sign in lacking}
    letters = dict.fromkeys(
        sign for (_, script), lacking in found.items() if script for sign in lacking
    )
    kinds = Counter(place.partition(" ")[0] for place in {place for place, _ in found})
    where = ", ".join(f"{n} {kind}{'s' if n > 1 else ''}" for kind, n in kinds.most_common())
    return Problem(
        f"no face of the deck has {len(signs)} letters and signs of {where}: "
        f"{''.join([*letters][:MOST])}{'…' if len(signs) > MOST else ''}",
        next(iter(next(iter(found.values())).values())),
        f"{_HINT}; without it each machine takes a face of its own",
        "warning",
    )


def _problem(place: str, script: str, signs: dict[str, Source]) -> Problem:
    named = "".join(list(signs)[:MOST]) + ("…" if len(signs) > MOST else "")
    where = next(iter(signs.values()))
    if script == _EMOJI:
        return Problem(
            f"{place}: each machine draws {named} in its own way, or as an empty box",
            where,
            "draw it in deck/drawings, say it in words, or name a face that has it: "
            "fallback = [ … ] under [brand.faces]",
            "warning",
        )
    kind = {"": "sign", "CJK": "Chinese letter"}.get(script, f"{script.capitalize()} letter")
    many = f"{kind} {named}" if len(signs) == 1 else f"{len(signs)} {kind}s {named}"
    return Problem(
        f"{place}: no face of the deck has the {many}",
        where,
        _HINT,
        "warning",
    )
