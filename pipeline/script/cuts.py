"""The cuts of talk.toml: which parts of the script each has, and names in them that don't exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline.config import Config, Cut
from pipeline.lengths import parse_length
from pipeline.locale.words import NO_WORDS, Words
from pipeline.places import Places
from pipeline.problems import Problem, Source, TalkError, nearest
from pipeline.script.elements import Choice, Script, Section, parts_of

MOST_NAMED = 5  # unknown names in one list


def cuts_of(config: Config) -> Mapping[str, Cut]:
    """The cuts of talk.toml; one, "full", for a talk without any."""
    return config.cuts or {"full": Cut("")}


def full_cut(cuts: Mapping[str, Cut], words: Words = NO_WORDS) -> str:
    """The cut that keeps everything: the one named `full`, or the longest; "full" without any."""
    if not cuts or "full" in cuts:
        return "full"

    def length_s(name: str) -> int:
        try:
            return parse_length(cuts[name].length, words).high_s
        except TalkError:
            return 0

    return max(cuts, key=length_s)


def choice_of(name: str, cut: Cut, is_full: bool) -> Choice:
    """Which parts a cut has. The full one keeps all optional parts unless it says which."""
    names = frozenset({name, cut.like} - {""})
    return Choice(names, None if is_full and not cut.keep else frozenset(cut.keep))


def setting(config: Config, *keys: str) -> Source:
    """Where a key stands in talk.toml."""
    try:
        return config.source(*keys)
    except TalkError:
        return Source(config.path)


def unknown_names(script: Script, name: str, config: Config) -> Iterator[Problem]:
    """Parts, slides and cuts that are named and don't exist; optional parts named twice."""
    cuts = cuts_of(config)
    cut, parts = cuts[name], dict[str, Source]()
    for part in (part for slide in script.slides() for part in parts_of(slide.items)):
        if part.kind == "OPTIONAL" and part.name in parts:
            hint = f"the first is on line {parts[part.name].line}"
            yield Problem(f'two optional parts are named "{part.name}"', part.source, hint)
        elif part.kind == "OPTIONAL":
            parts[part.name] = part.source
        for other in [other for other in part.cuts if other not in cuts][:MOST_NAMED]:
            message = f"[{part.raw}]: there is no cut `{other}`"
            yield Problem(message, part.source, nearest(other, cuts))
    if unknown := [kept for kept in cut.keep if kept not in parts]:
        message = f"cut {name} keeps {', '.join(f'`{kept}`' for kept in unknown)}"
        hint = nearest(unknown[0], parts) if parts else "the script has no optional part"
        where = setting(config, "cuts", name, "keep")
        yield Problem(f"{message}: no such optional part", where, hint)
    if cut.like and cut.like not in cuts:
        where = setting(config, "cuts", name, "like")
        message = f"cut {name}: there is no cut `{cut.like}`"
        yield Problem(message, where, nearest(cut.like, cuts))
    yield from _unknown_slots(script, name, config)


def _unknown_slots(script: Script, name: str, config: Config) -> Iterator[Problem]:
    """Slots of a cut for what the script has not, and slots twice for one section."""
    cut, places = cuts_of(config)[name], script.places
    if not cut.slots:
        return
    kinds = ("slide", "backup", "hidden", "qa", "closing")
    sections = [section for kind in kinds for section in script.of_kind(kind)]
    together = [slot_keys(section, places) for section in sections]
    alone = [keys for section in sections for keys in slot_keys_of_each(section, places)]
    labels: set[str] = set()
    for keys in (*together, *alone):
        labels.update(keys)
        if len(named := cut.slots.keys() & set(keys)) > 1:
            twice = [key for key in cut.slots if key in named]
            where = setting(config, "cuts", name, "slots", twice[1])
            message = f"cut {name} has two slots for one slide: {twice[0]} and {twice[1]}"
            yield Problem(message, where, "keep one of them")
    for label in (label for label in cut.slots if label not in labels):
        where = setting(config, "cuts", name, "slots", label)
        message = f"cut {name} has a slot for slide {label}, which the script has not"
        yield Problem(message, where, nearest(label, labels) if labels else "")


def slot_keys(section: Section, places: Places) -> tuple[str, ...]:
    """How a cut's slots may name a section: as its heading does, by numbers, by names."""
    return _keys(section.label, section.numbers, places)


def slot_keys_of_each(section: Section, places: Places) -> tuple[tuple[str, ...], ...]:
    """How they may name each of its slides by itself."""
    return tuple(_keys(str(number), (number,), places) for number in section.numbers)


def _keys(label: str, numbers: tuple[int, ...], places: Places) -> tuple[str, ...]:
    if not numbers:
        return (label,)
    ends = tuple(dict.fromkeys((numbers[0], numbers[-1])))
    found = tuple(place.name for number in ends if (place := places.of(number)))
    names = "..".join(found) if len(found) == len(ends) else ""
    keys = (label, "-".join(map(str, ends)), "..".join(map(str, ends)), names)
    return tuple(dict.fromkeys(key for key in keys if key))
