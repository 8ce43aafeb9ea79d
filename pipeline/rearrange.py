"""Slides moved, put in and removed: files, script, cuts and settings changed together.

All is planned before anything is touched, written whole or not at all, and can be taken back.
"""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import tomlkit
from tomlkit.items import KeyType, SingleKey

from pipeline.config import Config
from pipeline.files import keep, kept_bytes, read_text, write_all
from pipeline.places import Places, arranged
from pipeline.problems import Problem, Source, TalkError, nearest
from pipeline.script.order import Mention, heading_for, reordered, with_section
from pipeline.slides.layouts import Layout
from pipeline.slides.order import counted, renumbered
from pipeline.slides.source import NOTES, SlideSource, read_slide, role_of, slide_files

SCRIPT, SLIDES = "script/voiceover.md", "deck/slides"
MOST_UNDONE = 20  # changes that can be taken back
_TO_SAY = "[NOTE: what is said here]"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_OPTIONAL = re.compile(r"\[OPTIONAL\s+[\"“]([^\"”\n]+)[\"”]", re.IGNORECASE)


class Where(msgspec.Struct, frozen=True):
    """Where a slide goes: to the number that pages print, or beside another one."""

    to: str = ""
    before: str = ""
    after: str = ""


class Plan(msgspec.Struct, frozen=True):
    """What is changed: the new text of each file, None where it goes. Paths from the talk on."""

    what: str
    files: Mapping[str, str | None]
    said: tuple[str, ...]  # what happens, line by line
    mentions: tuple[Mention, ...] = ()  # what names a slide by number, and stays
    problems: tuple[Problem, ...] = ()  # why it can't be done


class _Deck(msgspec.Struct, frozen=True):
    """The slides of a folder; two may have one number, which moving one of them mends."""

    config: Config
    slides: Mapping[str, SlideSource]  # by name, in the order of their numbers
    places: Places

    @property
    def order(self) -> list[str]:
        return list(self.slides)

    @property
    def numbers(self) -> dict[str, int]:
        return {name: slide.number for name, slide in self.slides.items()}

    def known(self, name: str) -> str:
        """A slide's name, or its file's. Raises TalkError for one that isn't there."""
        wanted = re.sub(r"^[0-9]+-|\.md$", "", Path(name).name)
        for one in (name, wanted):
            if one in self.slides:
                return one
        raise TalkError(f"no slide has the name `{name}`", None, nearest(wanted, self.slides))


def move(config: Config, name: str, where: Where, *, renumber: bool = False) -> Plan:
    """A slide to another place; nowhere, with `renumber`: all get the numbers 1, 2, 3."""
    name = _deck(config).known(name)
    deck = _deck(config, name)
    if where == Where():
        if not renumber:
            hint = "--to NUMBER, --before NAME or --after NAME; --renumber closes the gaps"
            raise TalkError(f"where does `{name}` go?", None, hint)
        return _plan(deck, f"move {name}", deck.order, counted(deck.order))
    order = _placed(deck, name, where)
    is_there = order == deck.order and len(set(deck.numbers.values())) == len(order)
    if is_there and not renumber:
        raise TalkError(f"`{name}` stands there already", Source(deck.slides[name].path))
    numbers = counted(order) if renumber else renumbered(order, deck.numbers)
    return _plan(deck, f"move {name}", order, numbers)


def insert(
    config: Config,
    name: str,
    where: Where,
    layout: Layout,
    title: str = "",
    *,
    renumber: bool = False,
) -> Plan:
    """A new slide of a layout, and a section of the script for it, if there is one."""
    deck = _deck(config)
    if not _NAME.fullmatch(name) or not any(letter.isalpha() for letter in name):
        hint = "small letters, digits and -, such as a-new-slide"
        raise TalkError(f"`{name}` is no name for a slide", None, hint)
    if name in deck.slides:
        raise TalkError(
            f"there is a slide `{name}`", Source(deck.slides[name].path), "another name"
        )
    title = title or name.replace("-", " ").capitalize()
    if where == Where():
        where = Where(after=deck.order[-1])
    order = _placed(deck, name, where)
    numbers = counted(order) if renumber else renumbered(order, deck.numbers)
    text = _skeleton(layout, title, deck)
    return _plan(deck, f"insert {name}", order, numbers, new=(name, title, text))


def remove(config: Config, name: str, *, renumber: bool = False) -> Plan:
    """A slide taken out, with its section and its slots."""
    deck = _deck(config)
    name = deck.known(name)
    order = [one for one in deck.order if one != name]
    if not order:
        where = Source(deck.slides[name].path)
        raise TalkError(f"`{name}` is the only slide", where, "a deck needs one")
    numbers = counted(order) if renumber else {one: deck.numbers[one] for one in order}
    return _plan(deck, f"remove {name}", order, numbers, gone=name)


# --- Planning -------------------------------------------------------------------------------------


def _deck(config: Config, moved: str = "") -> _Deck:
    """The slides; of two with one number the one that is `moved` comes last.

    A section of the script, and a slot, is then the other's.
    """
    read = {n: read_slide(p) for _, n, p in slide_files(config.root / SLIDES, are_unique=False)}
    rows = sorted(read, key=lambda name: (read[name].number, name == moved, name))
    slides = {name: read[name] for name in rows}
    places = arranged((s.number, s.name, role_of(s)) for s in slides.values())
    return _Deck(config, slides, places)


def _placed(deck: _Deck, name: str, where: Where) -> list[str]:
    """The order with the slide at its new place."""
    if sum(map(bool, (where.to, where.before, where.after))) > 1:
        raise TalkError("a slide goes to one place", None, "one of --to, --before and --after")
    rest = [one for one in deck.order if one != name]
    if where.to:
        return _at_number(deck, name, where.to, rest)
    beside = deck.known(where.before or where.after)
    if beside == name:
        raise TalkError(f"`{name}` can't stand beside itself", None, "name another slide")
    at = rest.index(beside) + (1 if where.after else 0)
    return [*rest[:at], name, *rest[at:]]


def _at_number(deck: _Deck, name: str, to: str, rest: list[str]) -> list[str]:
    """The order with the slide where pages will print this number for it."""
    own = next((place for place in deck.places if place.name == name), None)
    if own and own.shown == to.upper():
        raise TalkError(f"`{name}` stands there already", Source(deck.slides[name].path))
    role = own.role if own else "slide"
    peers = [p.name for p in deck.places if p.role == role and p.name != name]
    letter = "B" if role == "backup" else ""
    found = re.fullmatch(rf"{letter}([1-9][0-9]{{0,3}})", to.upper())
    if role == "hidden" or not found or int(found[1]) > len(peers) + 1:
        known = f"{letter}1 to {letter}{len(peers) + 1}"
        hint = f"it is a backup: {known}" if letter else f"from {known}"
        hint = "it is hidden: --before or --after another slide" if role == "hidden" else hint
        raise TalkError(f"`{name}` can't be slide {to}", None, hint)
    number = int(found[1])
    at = rest.index(peers[number - 2]) + 1 if number > 1 else 0
    if number == 1 and peers:
        at = rest.index(peers[0])
    return [*rest[:at], name, *rest[at:]]


def _plan(
    deck: _Deck,
    what: str,
    order: Sequence[str],
    numbers: Mapping[str, int],
    *,
    new: tuple[str, str, str] | None = None,
    gone: str = "",
) -> Plan:
    """All files that change. `new` is a slide's name, title and text; `gone` one that goes."""
    files: dict[str, str | None] = {}
    said: list[str] = []
    width = max(2, *(len(str(number)) for number in numbers.values()))
    renamed: dict[str, str] = {}
    for name in order:
        path = f"{SLIDES}/{numbers[name]:0{width}}-{name}.md"
        if new and name == new[0]:
            files[path] = new[2]
            said.append(f"new      {path}")
            continue
        old = deck.slides[name]
        if old.number != numbers[name]:
            before = f"{SLIDES}/{old.path.name}"
            files |= {before: None, path: _text(old.path)}
            renamed[before] = path
            said.append(f"rename   {before} -> {path}")
    if gone:
        path = f"{SLIDES}/{deck.slides[gone].path.name}"
        files[path] = None
        said.append(f"remove   {path}")
    mentions, lines = _script(deck, order, numbers, new, files)
    said += lines
    said += _settings(deck, numbers, renamed, files)
    problems = tuple(_links_to(deck, gone)) if gone else ()
    return Plan(what, files, tuple(said), mentions, problems)


def _script(
    deck: _Deck,
    order: Sequence[str],
    numbers: Mapping[str, int],
    new: tuple[str, str, str] | None,
    files: dict[str, str | None],
) -> tuple[tuple[Mention, ...], list[str]]:
    path, locale = deck.config.root / SCRIPT, deck.config.locale
    if not path.exists():
        return (), []
    read_text(path, "the script")  # says what is no UTF-8
    old = _text(path) or ""
    text, mentions = reordered(old, path, deck.places, order, numbers, locale)
    said = []
    if new:
        name, title, _ = new
        roles = {place.name: place.role for place in deck.places}
        places = arranged((numbers[one], one, roles.get(one, "slide")) for one in order)
        head = heading_for(text, path, places, name, numbers[name], title, locale)
        lines = [head, "", _TO_SAY, ""]
        text = with_section(text, path, places, order, name, lines, locale)
        said.append(f"new      {SCRIPT}: {head}")
    if text != old:
        files[SCRIPT] = text
        said += _heads_changed(old, text)
    return mentions, said


def _heads_changed(old: str, new: str) -> Iterator[str]:
    """The headings that went, came or moved, shortly."""
    heads = [[line for line in text.split("\n") if line.startswith("#")] for text in (old, new)]
    gone = [line for line in heads[0] if line not in heads[1]]
    came = [line for line in heads[1] if line not in heads[0]]
    if gone:
        yield f"change   {SCRIPT}: {len(gone)} heading{'' if len(gone) == 1 else 's'}"
    elif [line for line in heads[1] if line not in came] != heads[0]:
        yield f"change   {SCRIPT}: the order of its sections"


def _settings(
    deck: _Deck,
    numbers: Mapping[str, int],
    renamed: Mapping[str, str],
    files: dict[str, str | None],
) -> Iterator[str]:
    """Slots of the cuts under their new numbers, what they keep, files that constants name."""
    path = deck.config.path
    old = text = _text(path) or ""
    new: dict[int, int | None] = {}
    for name, slide in deck.slides.items():
        new.setdefault(slide.number, numbers.get(name))
    gone = {name for name in deck.slides if name not in numbers}
    for cut in deck.config.cuts:
        text = _with_slots(text, cut, new, gone)
    for before, after in renamed.items():
        text = text.replace(f'"{before}"', f'"{after}"')
    if text != old:
        yield "change   talk.toml: slots of the cuts, files that constants name"
    lost = _lost_parts(deck, numbers, files)
    for cut, settings in deck.config.cuts.items():
        if parts := [part for part in settings.keep if part in lost]:
            text = _without_kept(text, cut, parts)
            shown = ", ".join(f"`{part}`" for part in parts)
            yield f"change   talk.toml: cut {cut} doesn't keep {shown} any more"
    if text != old:
        files["talk.toml"] = text


def _lost_parts(
    deck: _Deck, numbers: Mapping[str, int], files: Mapping[str, str | None]
) -> set[str]:
    """The optional parts that go with a slide: of its section, or of its notes."""
    before = _text(deck.config.root / SCRIPT) or ""
    texts = {name: _text(slide.path) or "" for name, slide in deck.slides.items()}
    old = "\n".join((before, *texts.values()))
    new = "\n".join((files.get(SCRIPT) or before, *(texts[n] for n in texts if n in numbers)))
    return {*_OPTIONAL.findall(old)} - {*_OPTIONAL.findall(new)}


def _without_kept(text: str, cut: str, parts: Sequence[str]) -> str:
    document: Any = tomlkit.parse(text)
    for part in parts:
        document["cuts"][cut]["keep"].remove(part)
    return tomlkit.dumps(document)


def _with_slots(text: str, cut: str, new: Mapping[int, int | None], gone: set[str]) -> str:
    """The text of talk.toml with the slots of one cut under new numbers; comments stay."""
    document: Any = tomlkit.parse(text)
    slots = document.get("cuts", {}).get(cut, {}).get("slots")
    if not slots:
        return text
    keys = {key: _slot_key(key, new, gone) for key in slots}
    if all(key == to for key, to in keys.items()):
        return text
    for key, to in keys.items():
        if to is None:
            del slots[key]
    # Renamed at once: a new key may be another one's old one.
    body = slots.value.body
    for at, (key, _) in enumerate(body):
        to = keys.get(key.key) if key is not None else None
        if to and to != key.key:
            shown = key.as_string()
            blank = shown[len(shown.rstrip()) :]
            fresh = SingleKey(to, KeyType.Basic, sep=key.sep, original=f'"{to}"{blank}')
            body[at] = (fresh, body[at][1])
    return tomlkit.dumps(document)


def _slot_key(key: str, new: Mapping[int, int | None], gone: set[str]) -> str | None:
    """A slot's key with new numbers; None where its slide goes."""
    found = re.fullmatch(r"([0-9]+)(?:(-|\.\.)([0-9]+))?", key)
    if not found:
        return None if key in gone else key
    ends = [new.get(int(number), int(number)) for number in (found[1], found[3]) if number]
    if None in ends:
        return None
    return str(found[2] or "").join(str(end) for end in ends)


def _links_to(deck: _Deck, name: str) -> Iterator[Problem]:
    """What leads to a slide that is to go: links, and slides that show it again."""
    for slide in deck.slides.values():
        again = slide.fields.get("same")
        if again and again[0] == name:
            message = f"`{slide.name}` shows `{name}` again"
            yield Problem(message, again[1], "remove it first, or give it content of its own")
    hint = "take the link away, or let it lead elsewhere, then run the same command"
    content = deck.config.root / "deck"
    forms = {
        "slides/*.md": rf"\(#/{name}(?![\w-])",
        "diagrams/*.toml": rf"^[^\S\n]*+link\s*+=\s*[\"'](?:#/)?{name}[\"']",
        "diagrams/*.dot": rf"#/{name}(?![\w-])",
        "drawings/*.svg": rf"#/{name}(?![\w-])",
    }
    for pattern, form in forms.items():
        for path in sorted(content.glob(pattern)):
            if path == deck.slides[name].path:
                continue
            for number, line in enumerate(read_text(path, "a file of the talk").split("\n"), 1):
                if re.search(form, line):
                    yield Problem(f"a link leads to `#/{name}`", Source(path, number), hint)
    for cut, settings in deck.config.cuts.items():
        for key in settings.slots:
            if ".." in key and name in key.split(".."):
                where = deck.config.source("cuts", cut, "slots", key)
                yield Problem(f"the slot `{key}` begins or ends with `{name}`", where, "change it")


# What a part of this name, in this layout or in any, begins with; others: a list of one item.
_BEGINNINGS = {
    "body": "Words",
    "rows": "| What | How |\n|:---|:---|\n| Words | Words |",
    "code body": '```python\nprint("Hello")\n```',
    "figure left": "![What it shows](photo.jpg)",
}


def _skeleton(layout: Layout, title: str, deck: _Deck) -> str:
    """A slide of a layout with all that it needs, to be filled; time and notes as others have."""
    fields = [f"layout: {layout.name}", f"title: {title}"]
    fields += [f"{name}: NAME" for name in layout.needs_fields if name != "title"]
    file = {"picture": "photo.jpg", "video": "demo.mp4"}.get(layout.name)
    if file:
        fields += [f"{layout.name}: {file}", "alt: What it shows"]
    slides = deck.slides.values()
    if any("time" in slide.fields for slide in slides):
        fields.append("time: 1m")
    parts = list(layout.needs or layout.needs_one[:1])
    if not parts and "body" in layout.may and not file:
        parts = ["body"]
    lines = ["---", *fields, "---"]
    for name in parts:
        words = "### Term\nWhat it means" if name in layout.cards else "- Words"
        words = _BEGINNINGS.get(f"{layout.name} {name}") or _BEGINNINGS.get(name, words)
        lines += [words] if name == "body" else [f"::: {name}", words, ":::"]
    if any(slide.notes for slide in slides) and not (deck.config.root / SCRIPT).exists():
        lines += [f"::: {NOTES}", _TO_SAY, ":::"]
    return "\n".join(lines) + "\n"


# --- Doing, and taking back -----------------------------------------------------------------------


def carry_out(plan: Plan, root: Path, cache: Path) -> None:
    """Write a plan's files, all or none. What was there is kept first, for `undo`.

    Raises OSError; then everything is as it was.
    """
    before = {name: _text(root / name) for name in plan.files}
    for place in sorted({(root / name).parent for name in plan.files}):
        if not os.access(place, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(place))
    folder = cache / "undo"
    number = max((int(path.stem) for path in folder.glob("[0-9]*.json")), default=0) + 1
    kept = {"what": plan.what, "files": {n: [before[n], plan.files[n]] for n in plan.files}}
    record = folder / f"{number:04}.json"
    keep(record, json.dumps(kept, ensure_ascii=False, indent=1).encode())
    try:
        _write(plan.files, root)
    except OSError:
        _write(before, root)
        record.unlink()
        raise
    for old in sorted(folder.glob("[0-9]*.json"))[:-MOST_UNDONE]:
        old.unlink()


def undo(root: Path, cache: Path) -> str:
    """Take back the last change that wasn't taken back; says which it was.

    Raises TalkError where a file was changed since then.
    """
    records = sorted((cache / "undo").glob("[0-9]*.json"))
    if not records:
        raise TalkError("there is nothing to take back", None, "move, insert and remove can be")
    raw = kept_bytes(records[-1])
    if raw is None:
        hint = (
            "what is left of the old texts is in it; delete it, and earlier changes can be undone"
        )
        raise TalkError("what was kept for `undo` was changed since", Source(records[-1]), hint)
    kept = json.loads(raw)
    for name, versions in kept["files"].items():
        if _text(root / name) not in versions:
            hint = f"the old text is in {records[-1]}"
            raise TalkError(f"{name} was changed since `{kept['what']}`", Source(root / name), hint)
    _write({name: before for name, (before, _) in kept["files"].items()}, root)
    records[-1].unlink()
    return str(kept["what"])


def _text(path: Path) -> str | None:
    return path.read_bytes().decode("utf-8") if path.is_file() else None


def _write(files: Mapping[str, str | None], root: Path) -> None:
    write_all({name: text.encode() for name, text in files.items() if text is not None}, root)
    for name, text in files.items():
        if text is None:
            (root / name).unlink(missing_ok=True)
