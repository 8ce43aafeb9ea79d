"""The cuts of talk.toml: which parts of the script each has, and names in them that don't exist."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pipeline.config import Cut
from pipeline.files import read_text
from pipeline.problems import Problem, Source, TalkError, nearest
from pipeline.script.elements import Choice, Script, parts_of
from pipeline.script.lengths import parse_length
from pipeline.toml_file import key_source


def full_cut(cuts: Mapping[str, Cut]) -> str:
    """The cut that keeps everything: the one named `full`, or the longest; "full" without any."""
    if not cuts or "full" in cuts:
        return "full"

    def length_s(name: str) -> int:
        try:
            return parse_length(cuts[name].length).high_s
        except TalkError:
            return 0

    return max(cuts, key=length_s)


def choice_of(name: str, cut: Cut, is_full: bool) -> Choice:
    """Which parts a cut has. The full one keeps all optional parts unless it says which."""
    names = frozenset({name, cut.like} - {""})
    return Choice(names, None if is_full and not cut.keep else frozenset(cut.keep))


def setting(settings: Path | None, keys: tuple[str, ...]) -> Source | None:
    """Where a key stands in talk.toml."""
    if settings is None:
        return None
    try:
        text = read_text(settings, "the talk's settings")
    except TalkError:
        return Source(settings)
    return key_source(settings, text, *keys)


def unknown_names(
    script: Script, name: str, cut: Cut, cuts: Mapping[str, Cut], settings: Path | None
) -> list[Problem]:
    """Parts, slides and cuts that are named and don't exist; optional parts named twice."""
    found: list[Problem] = []
    parts: dict[str, Source] = {}
    for slide in script.slides():
        for part in parts_of(slide.items):
            if part.kind == "OPTIONAL":
                if part.name in parts:
                    found.append(
                        Problem(
                            f'two optional parts are named "{part.name}"',
                            part.source,
                            f"the first is on line {parts[part.name].line}",
                        )
                    )
                parts.setdefault(part.name, part.source)
            found += [
                Problem(f"[{part.raw}]: there is no cut `{c}`", part.source, nearest(c, cuts))
                for c in part.cuts
                if c not in cuts
            ]
    if unknown := [kept for kept in cut.keep if kept not in parts]:
        named = ", ".join(f"`{kept}`" for kept in unknown)
        hint = nearest(unknown[0], parts) if parts else "the script has no optional part"
        where = setting(settings, ("cuts", name, "keep"))
        found.append(Problem(f"cut {name} keeps {named}: no such optional part", where, hint))
    if cut.like and cut.like not in cuts:
        where = setting(settings, ("cuts", name, "like"))
        found.append(
            Problem(f"cut {name}: there is no cut `{cut.like}`", where, nearest(cut.like, cuts))
        )
    sections = [s for kind in ("slide", "qa", "closing") for s in script.of_kind(kind)]
    labels = {s.label for s in sections} | {str(n) for s in sections for n in s.numbers}
    for label in cut.slots:
        if label not in labels:
            where = setting(settings, ("cuts", name, "slots", label))
            found.append(
                Problem(
                    f"cut {name} has a slot for slide {label}, which the script has not",
                    where,
                    nearest(label, labels) if labels else "",
                )
            )
    return found
