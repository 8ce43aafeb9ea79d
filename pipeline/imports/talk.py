"""A deck of another tool -> a talk's folder, written whole or not at all."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import tomlkit
from msgspec.structs import replace

from pipeline.command import NAME
from pipeline.imports.deck import Deck, Entry, ForeignSlide, Kind, Ledger
from pipeline.imports.layouts import Content, Draft, draft, stacked, tidy
from pipeline.imports.mend import Mender
from pipeline.imports.notes import Said, said_of
from pipeline.imports.pictures import Pictures
from pipeline.imports.read import PUBLIC, read_deck
from pipeline.imports.split import levelled
from pipeline.imports.text import Piece, shown_signs
from pipeline.imports.words import Cleaner, settled_footnotes
from pipeline.lengths import clock, parse_length
from pipeline.locale import ENGLISH, Locale, locale_of
from pipeline.paths import plain_name
from pipeline.problems import Source, TalkError
from pipeline.script.timing import LEAST_FULL, MOST_FULL, ROUND_S, shared
from pipeline.seals import scratch
from pipeline.slides.code import fenced
from pipeline.slides.layouts import load_layouts
from pipeline.slides.slide import Slide
from pipeline.starter import claimed, fill, write_new_talk

LIST = "IMPORT.md"
_ROOM = f".{NAME}-import.part"  # in the talk's folder, while it is made
_LONGEST_NAME = 40
_UNTIMED_S = 60  # of a slide without notes, where nobody says how long the talk is
_LEAST_SCRIPT_S = 7  # of speech: less is a note, not a text to be read out


class Wanted(msgspec.Struct, frozen=True):
    """What is asked for: a kind rather than the one that it looks like, a length, notes."""

    kind: Kind | None = None
    length: str = ""
    without_script: bool = False


class Imported(msgspec.Struct, frozen=True):
    """A talk that was written: its folder, how many slides, and what is not as it was."""

    folder: Path
    kind: Kind
    slides: int
    length: str
    entries: tuple[Entry, ...]

    @property
    def left_out(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if not entry.is_kept)


class _Made(msgspec.Struct, frozen=True):
    """A slide that was made: how its file is called, what it will be, what is said."""

    foreign: ForeignSlide
    path: Path
    draft: Draft
    slide: Slide
    said: Said


def import_deck(path: Path, folder: Path, wanted: Wanted) -> Imported:
    """Write the talk that a deck becomes into a new or empty folder.

    Raises TalkError for a deck that can't be read, and where there is something in the folder.
    """
    ledger = Ledger()
    deck = read_deck(path, wanted.kind, ledger)
    if not deck.slides:
        why = next((f"{one}" for one in ledger.entries if not one.is_kept), "")
        hint = why or "is it of another kind? --from …"
        raise TalkError("the deck has no slides", Source(path), hint)
    with claimed(folder), scratch(folder / _ROOM) as room:
        made = room / "talk"
        locale = _locale(deck, ledger)
        write_new_talk(made, "notes", locale.tag)
        shutil.rmtree(made / "deck")
        length = _write(deck, made, wanted, ledger, locale)
        ledger.entries[:] = [_placed(entry, deck) for entry in _in_order(ledger.entries)]
        (made / LIST).write_text(shown_signs(_list_text(deck, ledger, made)), "utf-8")
        files = sorted(file for file in made.rglob("*") if file.is_file())
        contents = {file.relative_to(made).as_posix(): file.read_bytes() for file in files}
        fill(folder, contents, _ROOM)
    return Imported(folder, deck.kind, len(deck.slides), length, tuple(ledger.entries))


def _in_order(entries: list[Entry]) -> list[Entry]:
    """The entries of each file by their lines."""
    files = list(dict.fromkeys(entry.where.path for entry in entries))
    return sorted(entries, key=lambda one: (files.index(one.where.path), one.where.line or 0))


def _placed(entry: Entry, deck: Deck) -> Entry:
    """An entry of a file without lines, with its slide or cell."""
    if entry.place or not deck.places:
        return entry
    line = entry.where.line or 1
    before = [at for at in deck.places if at <= line]
    return replace(entry, place=deck.places[max(before, default=min(deck.places))])


def _locale(deck: Deck, ledger: Ledger) -> Locale:
    """The deck's language; English where it says none that is known."""
    said = deck.about.get("language", "").strip()
    for tag in (said, said.partition("-")[0]):
        try:
            if tag:
                return locale_of(tag)
        except TalkError:
            continue
    if said:
        ledger.left_out(Source(deck.path, 1), "a language that isn't known", said)
    return ENGLISH


def _write(deck: Deck, root: Path, wanted: Wanted, ledger: Ledger, locale: Locale) -> str:
    """Write slides, pictures, script and settings; the talk's length."""
    folder = root / "deck" / "slides"
    folder.mkdir(parents=True)
    names = _names(deck)
    pictures = Pictures(deck.path.parent, ledger, deck.files, PUBLIC.get(deck.kind, ()))
    cleaner = Cleaner(deck, pictures, ledger, names)
    mender = Mender(load_layouts(root), ledger, locale)
    used: set[str] = set()
    contents = [_content(deck, at, cleaner, used) for at in range(len(deck.slides))]
    for label, piece in deck.notes_of.items():
        if label not in used:
            text = f"[^{label}]: {piece.text}"
            ledger.left_out(piece.where(), "a footnote that nothing names", text)
    for name, picture in pictures.files.items():
        target = root / "deck" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(picture)
    made, script = [], root / "script" / "voiceover.md"
    width = max(2, len(str(len(contents))))
    for at, content in enumerate(contents):
        foreign = deck.slides[at]
        path = folder / f"{at + 1:0{width}}-{names[at + 1]}.md"
        shown, slide = mender.mended(draft(content), path, foreign.where)
        said = Said("")
        if foreign.notes is not None:
            notes = cleaner.plain(foreign.notes)
            said = said_of(notes, slide.steps, ledger, script, locale)
        made.append(_Made(foreign, path, shown, slide, said))
    return _Plan(deck, made, wanted, ledger, root, locale).write()


def _names(deck: Deck) -> dict[int, str]:
    """For each slide, counted from 1, its name: of its title, each another."""
    names: dict[int, str] = {}
    seen: Counter[str] = Counter()
    for number, slide in enumerate(deck.slides, 1):
        words = plain_name(slide.title.text)[:_LONGEST_NAME].strip("-") if slide.title else ""
        name = words if any(sign.isalpha() for sign in words) else f"slide-{words or number}"
        seen[name] += 1
        while seen[name] > 1 and f"{name}-{seen[name]}" in names.values():
            seen[name] += 1
        names[number] = name if seen[name] == 1 else f"{name}-{seen[name]}"
        seen[names[number]] += names[number] != name
    return names


def _content(deck: Deck, at: int, cleaner: Cleaner, used: set[str]) -> Content:
    """One slide, cleaned."""
    slide = deck.slides[at]
    ledger = cleaner.ledger

    def cleaned(piece: Piece) -> Piece:
        return settled_footnotes(cleaner.clean(levelled(piece)), deck, ledger, used)

    title, body, has_title = _title(deck, at, cleaner, cleaned(slide.body))
    left, right = slide.left and cleaned(slide.left), slide.right and cleaned(slide.right)
    if below := stacked(left, right):
        message = "two columns of code, one below the other: side by side they don't fit"
        ledger.changed(slide.where, message)
        text = "\n\n".join(filter(None, (body.text, below.text)))
        body, left, right = replace(below, text=text), None, None
    pictures = []
    for back in slide.backdrops:
        if name := cleaner.pictures.kept(back.address, back.where):
            alt = back.alt or cleaner.pictures.words(back.address)
            pictures.append((name, alt))
    first = slide.backdrops[0] if slide.backdrops else None
    return Content(
        title=title,
        body=body,
        left=left,
        right=right,
        picture=pictures[0][0] if pictures else "",
        alt=pictures[0][1] if pictures else "",
        is_beside=bool(first and first.is_beside),
        more_pictures=tuple(pictures[1:]),
        role=slide.role,
        is_stepwise=slide.is_stepwise,
        is_hidden=slide.is_hidden,
        is_first=at == 0,
        is_last=at == len(deck.slides) - 1,
        has_title=has_title,
    )


def _title(deck: Deck, at: int, cleaner: Cleaner, body: Piece) -> tuple[str, Piece, bool]:
    """A slide's title, what its body has beside it, and whether the title is one of its own."""
    slide, ledger = deck.slides[at], cleaner.ledger
    if slide.title is not None:
        title = cleaner.clean(slide.title).text
        text = " ".join(title.split())
        if text:
            return text, body, True
    rows = [row for row in body.rows if row.strip()]
    if rows and len(rows[0].split()) <= 10 and (len(rows) > 1) and rows[0][0].isalnum():
        follows = body.rows[body.rows.index(rows[0]) + 1 :][:1]
        if not follows or not follows[0].strip():
            ledger.changed(slide.where, "a slide without a heading: its first line is its title")
            where = body.rows.index(rows[0])
            return rows[0].strip(), body.without(where, where + 1), False
    before = next((s.title for s in reversed(deck.slides[:at]) if s.title), None)
    title = " ".join(cleaner.clean(before).text.split()) if before else ""
    title = title or deck.about.get("title", "") or f"Slide {at + 1}"
    ledger.changed(slide.where, f"a slide without a heading, called “{title}”")
    return title, body, False


class _Plan(msgspec.Struct):
    """Deals the talk's time, and writes what is said and the settings."""

    deck: Deck
    made: list[_Made]
    wanted: Wanted
    ledger: Ledger
    root: Path
    locale: Locale
    pace: int = 150

    def write(self) -> str:
        """Write notes, script and talk.toml; the talk's length."""
        text = (self.root / "talk.toml").read_text("utf-8")
        if self.deck.about.get("footer"):  # in place of the sample
            text = text.replace("# [brand]\n", "[brand]\n").replace("# footer = ", "footer = ")
        settings = tomlkit.parse(text)
        paces = settings.get("pace") or {}
        self.pace = int(paces.get("words_per_minute") or self.locale.pace)
        slots = self._slots()
        sections = []
        for one, slot_s in zip(self.made, slots, strict=True):
            is_read = not self.wanted.without_script and self._fills(one.said, slot_s)
            if is_read and not one.foreign.is_hidden:
                title = " ".join(one.slide.title_text.split())[:80].rstrip("[]() ")
                title = title.replace("[", "(").replace("]", ")").replace("{", "(")
                head = f"## SLIDE {one.slide.name}: {title} [{clock(slot_s)}]"
                sections.append(f"{head}\n\n{tidy(one.said.text)}\n")
                continue
            fields = one.draft.fields
            if not one.foreign.is_hidden:
                fields = (*fields, ("time", f"{slot_s}s"))
            shown = replace(one.draft, fields=fields)
            one.path.write_text(shown.text(tidy(one.said.text)), "utf-8")
        if sections:
            script = self.root / "script" / "voiceover.md"
            script.parent.mkdir()
            head = "# Voiceover Script\n\n**Duration:** {{ plan.length }}\n"
            script.write_text("\n---\n\n".join([head, *sections]), "utf-8")
        length = clock(
            sum(s for one, s in zip(self.made, slots, strict=True) if not one.foreign.is_hidden)
        )
        self._settings(settings, length)
        return length

    def _slots(self) -> list[int]:
        """Seconds for each slide: of the length asked for by its words, or what its words take."""
        needs = [self._needed_s(one.said) for one in self.made]
        shown = [at for at, one in enumerate(self.made) if not one.foreign.is_hidden]
        slots = [_untold(need) for need in needs]
        total_s = self._length_s()
        if total_s and shown:
            told = [needs[at] for at in shown if needs[at]]
            mean = round(sum(told) / len(told)) if told else 1
            dealt = shared(total_s, [needs[at] or mean for at in shown])
            for at, slot in zip(shown, dealt, strict=True):
                slots[at] = max(slot, 1)
        return slots

    def _length_s(self) -> int:
        """The length that is asked for, or else what the deck says; 0 for neither."""
        if self.wanted.length:
            return parse_length(self.wanted.length).middle_s
        said = self.deck.about.get("length", "")
        try:
            return parse_length(said).middle_s if said else 0
        except TalkError as error:
            self.ledger.left_out(Source(self.deck.path, 1), error.message, said)
            return 0

    def _needed_s(self, said: Said) -> int:
        """Whole seconds for what is said; one more where, rounded down, it would be too long."""
        need, exact = said.needed_s(self.pace), said.words * 60 / self.pace + said.cue_s
        is_short = need >= _LEAST_SCRIPT_S and round(100 * exact) > MOST_FULL * need
        return need + 1 if is_short else need

    def _fills(self, said: Said, slot_s: int) -> bool:
        """Whether what is said is a text for its slot, and no few words to remember."""
        need = self._needed_s(said)
        return need >= _LEAST_SCRIPT_S and LEAST_FULL * slot_s <= 100 * need <= MOST_FULL * slot_s

    def _settings(self, settings: Any, length: str) -> None:
        about = self.deck.about
        first = self.made[0]
        title = about.get("title", "")
        if first.slide.layout == "title" or not title:
            title = first.slide.title_text
        table = settings["talk"]
        said: Mapping[str, str] = {
            "title": title,
            "subtitle": about.get("subtitle", ""),
            "speaker": about.get("speaker", "") or "Your name",
            "event": about.get("event", ""),
            "date": about.get("date", ""),
            "description": about.get("description", ""),
        }
        for key, value in said.items():
            if value:
                table[key] = _toml_text(value)
            elif key in table:
                del table[key]
        if footer := about.get("footer", ""):
            settings.setdefault("brand", tomlkit.table())["footer"] = _toml_text(footer)
        settings["cuts"]["full"]["length"] = length
        (self.root / "talk.toml").write_text(tomlkit.dumps(settings), "utf-8")


def _toml_text(value: str) -> str:
    return shown_signs(value).replace("{{", "{ {").replace("{%", "{ %").replace("{#", "{ #")


def _untold(need_s: int) -> int:
    """The slot of a slide whose words take so long, where nobody says how long the talk is."""
    if not need_s:
        return _UNTIMED_S
    if need_s < _LEAST_SCRIPT_S:
        return 2 * ROUND_S
    rounded = -(-need_s // ROUND_S) * ROUND_S
    return rounded if 100 * need_s >= LEAST_FULL * rounded else need_s


def _list_text(deck: Deck, ledger: Ledger, root: Path) -> str:
    """What is not as it was, to be read once and deleted."""
    name = deck.path.name
    lines = [f"# What {name} had, and this talk hasn't", ""]
    lines += [
        f"{len(deck.slides)} slides of `{name}`, read as {deck.kind}. Delete this file when",
        "you have read it: nothing else needs it.",
        "",
    ]
    for heading, is_kept in (("Left out", False), ("Kept in another way", True)):
        entries = [entry for entry in ledger.entries if entry.is_kept == is_kept]
        lines += [f"## {heading}", ""]
        lines += ["Nothing.", ""] if not entries else []
        for entry in entries:
            lines += [*_entry_lines(entry, deck), ""]
    return "\n".join(lines)


def _entry_lines(entry: Entry, deck: Deck) -> list[str]:
    where = entry.place or entry.where.below(deck.path.parent)
    if not entry.text.strip():
        return [f"- {where}: {entry.what}"]
    if "\n" not in entry.text and "`" not in entry.text:
        return [f"- {where}: {entry.what}: `{entry.text.strip()}`"]
    rows = [f"  {row}" for row in fenced(entry.text).split("\n")]
    return [f"- {where}: {entry.what}", "", *rows]
