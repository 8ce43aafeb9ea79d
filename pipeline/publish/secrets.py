"""What must not stand in a public file: words of the script, and names of this machine."""

from __future__ import annotations

import getpass
import re
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from pipeline.locale import Locale
from pipeline.numbers.spoken import spoken_form
from pipeline.pictures.media import Media
from pipeline.pictures.picture import Picture
from pipeline.pictures.svg import SVG
from pipeline.problems import Source
from pipeline.publish.unpacked import forms_of
from pipeline.publish.words import (
    Sought,
    as_printed,
    letters_of,
    pieces,
    quoted,
    runs_of,
    words_of,
)
from pipeline.resources import CODE, TEMPLATES, files_of
from pipeline.script.elements import (
    Aside,
    Cue,
    Field,
    Heading,
    Item,
    Part,
    Remark,
    Script,
    Speech,
    Verbatim,
    flat,
)
from pipeline.script.words import bare_text
from pipeline.talk import Talk

Leak = tuple[str, Source | None]
_SHORT = 10  # signs: no run is in them
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_FOLDERS = "home|Users|root|tmp|var|mnt|media|private|opt|srv|etc|Volumes|workspaces?"
_PATHS = re.compile(
    rf"(?<![\w.:/-])/(?:{_FOLDERS})"
    r"/[\w.-]+|\bfile:///[\w.%-]+|\b[A-Za-z]:\\\\?[\w.-]+\\|\b[A-Za-z]:/(?!/)[\w. -]+/[\w.-]+"
)
# What each of them has in it, found ten times as fast.
_MAY_BE_PATH = (re.compile(rf"/(?:{_FOLDERS})/"), re.compile(r":(?:\\|/(?!/)|///)"))


@dataclass(frozen=True, slots=True)
class Secrets:
    """Runs of the script's words with the place of each, its cues, and names of the machine."""

    runs: Mapping[str, Source]
    spoken: frozenset[str]  # the runs that are said: a transcript may hold them
    cues: Mapping[str, Source]  # as they stand in their brackets
    places: tuple[str, ...]  # folders of this machine
    shown_paths: frozenset[str]  # paths that a slide shows on purpose
    names: tuple[str, ...]  # of the user and the host
    sought: Sought = field(init=False, repr=False, compare=False)  # the runs, to be searched for

    def __post_init__(self) -> None:
        object.__setattr__(self, "sought", Sought.of(self.runs))


def secrets_of(
    talk: Talk, pictures: Mapping[str, Picture], media: Mapping[str, Media] | None = None
) -> Secrets:
    """Everything of the script that is on no slide, chosen or not, filled or as written."""
    texts = [*shown_texts(talk, pictures), *_media_texts(talk, media or {})]
    shown = {run for text in texts for run in runs_of(text)}
    letters = "\n".join(map(letters_of, texts))  # a slide may part words that the script doesn't
    runs: dict[str, Source] = {}
    for text, source in _script_texts(talk.script):
        for run in runs_of(text):
            runs.setdefault(run, source)
    said = {
        run
        for text in _said(talk)
        for form in (text, spoken_form(text, talk.config.locale))
        for run in runs_of(form)
    }
    words = {word for text in texts for word in words_of(text)}
    paths = {found[0] for text in texts for found in _PATHS.finditer(text)}
    cues = {cue.raw: cue.source for cue in _cues(talk.script) if _has_letters(cue.raw)}
    places, names = _machine(talk.config.root, words)
    begun = pieces(letters)  # looked up before the whole text is searched
    hidden = {
        run: source
        for run, source in runs.items()
        if run not in shown and not _stands_in(letters, run.replace(" ", ""), begun)
    }
    return Secrets(hidden, frozenset(said), cues, places, frozenset(paths), names)


def _stands_in(letters: str, run: str, begun: set[str]) -> bool:
    return pieces(run) <= begun and run in letters


def _has_letters(cue: str) -> bool:
    """Three of them, or a word of two signs."""
    return sum(map(str.isalpha, cue)) > (2 if cue.isascii() else 1)


def shown_texts(talk: Talk, pictures: Mapping[str, Picture]) -> Iterator[str]:
    """What the audience sees or hears read out: slides, alt texts, pictures, the title."""
    info = talk.config.talk
    yield from (info.title, info.subtitle, info.speaker, info.event, info.description)
    yield f"{info.title}: {info.subtitle}"
    for slide in talk.slides:
        # As the time line says it, and the script's heading too.
        slot_s = talk.slots_s.get(slide.number, 0)
        for number in dict.fromkeys((slide.shown, str(slide.number))):
            yield f"{number} {slide.title_text} {slot_s // 60 or slot_s}"
        yield from (field.text for field in slide.fields.values())
        yield from (part.text for part in slide.parts)
        for use in slide.pictures:
            picture = pictures[use.name]
            yield from (picture.title, picture.desc, _written_in(picture.svg))
            yield from (" ".join(row) for row in picture.rows)


def _media_texts(talk: Talk, media: Mapping[str, Media]) -> Iterator[str]:
    """What the audience sees or hears read out of the talk's own files."""
    for use in (use for slide in talk.slides for use in slide.media):
        yield from (use.alt, use.caption)
        if use.name in media and (shot := media[use.name].shot):
            yield shot.text


def _written_in(svg: str) -> str:
    """What a picture shows in letters: its texts, one after the other; no comment, no metadata."""
    root = ElementTree.fromstring(svg)
    return " ".join("".join(text.itertext()) for text in root.iter(f"{{{SVG}}}text"))


def _script_texts(script: Script) -> Iterator[tuple[str, Source]]:
    for raw, source in script.written:
        for line, paragraph in _paragraphs(raw):
            for piece in _TEMPLATE.split(paragraph):
                yield bare_text(piece), Source(source.path, (source.line or 1) + line - 1)
    for section in script.sections:
        yield section.title, section.source
        for note in section.notes:
            text = {Field: "{0.key} {0.value}", Remark: "{0.text}", Verbatim: "{0.plain}"}
            yield text[type(note)].format(note), note.source
        for items in (section.items, *(question.answer for question in section.questions)):
            yield from _item_texts(items, script.locale)
        for question in section.questions:
            yield question.text, question.source
        speech = [item for item in _opened(section.items) if isinstance(item, Speech)]
        if speech:  # runs that go from one paragraph into the next
            yield " ".join(item.bare for item in speech), speech[0].source


def _paragraphs(raw: str) -> Iterator[tuple[int, str]]:
    line = 1
    for paragraph in raw.split("\n\n"):
        yield line, paragraph
        line += paragraph.count("\n") + 2


def _item_texts(items: tuple[Item, ...], locale: Locale) -> Iterator[tuple[str, Source]]:
    for item in _opened(items):
        match item:
            case Speech() | Aside():
                yield item.bare, item.source
                yield spoken_form(item.bare, locale), item.source
            case Cue() | Part():
                yield item.raw, item.source
            case Heading():
                yield item.text, item.source
            case Verbatim():
                yield "\n".join(item.plain), item.source


def _opened(items: tuple[Item, ...]) -> Iterator[Item]:
    for item in items:
        yield item
        if isinstance(item, Part):
            yield from _opened(item.items)


def _cues(script: Script) -> Iterator[Cue | Part]:
    for section in script.sections:
        answers = [question.answer for question in section.questions]
        for items in (*section.pages, *answers):
            yield from (item for item in _opened(items) if isinstance(item, Cue | Part))


def _said(talk: Talk) -> Iterator[str]:
    """What the chosen cut says, slide by slide, as one text each and as one text in all.

    But for what slides have as notes: no page says them.
    """
    spoken = (text for text in talk.script.texts() if not text.section.on_slide)
    texts = [_speech(text.items, talk) for text in spoken]
    yield from texts
    yield " ".join(texts)


def _speech(items: tuple[Item, ...], talk: Talk) -> str:
    choice = talk.timings[talk.cut].choice
    return " ".join(item.bare for item in flat(items, choice) if isinstance(item, Speech))


def _machine(root: Path, shown: set[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Paths and names that only this machine has; what a slide or a template says is no name."""
    folders = {root, Path.cwd(), Path(sys.prefix), CODE}
    folders |= {folder.resolve() for folder in folders}
    places = sorted(f"{folder}/" for folder in folders if len(folder.parts) > 1)
    host = socket.gethostname()
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        user = ""
    common = "".join(path.read_text("utf-8") for path in files_of(TEMPLATES))
    known = shown | set(words_of(common)) | {"root", "localhost", "runner", "user"}
    names = {name.casefold() for name in (host, host.partition(".")[0], user)}
    return tuple(places), tuple(
        name for name in sorted(names) if len(name) > 3 and not set(words_of(name)) <= known
    )


def leaks_in(
    texts: Iterable[str],
    secrets: Secrets,
    *,
    printed: Iterable[str] = (),
    may_say: bool = False,
    clean: set[str] | None = None,
) -> Iterator[Leak]:
    """Each kind of leak once: what it is, and where the words come from.

    `printed`: those of the texts that may have their words in pieces; `clean`: texts in which
    nothing was found of these secrets, which grows: pages share most of theirs.
    """
    found: dict[str, Leak] = {}
    pages = () if may_say else dict.fromkeys(printed)
    for letters in (form for text in pages for form in as_printed(text)):
        if among := set(secrets.sought.among(letters)):
            run = next(run for run in secrets.runs if run in among)
            found.setdefault("words", (_words(run), secrets.runs[run]))
    clean = set() if clean is None else clean
    for text in dict.fromkeys(form for one in texts for form in forms_of(one)):
        if text not in clean:
            leaks = _leaks_of(text, secrets, may_say=may_say)
            for kind, leak in leaks.items():
                found.setdefault(kind, leak)
            if not leaks and not may_say:
                clean.add(text)
    yield from found.values()


def _leaks_of(text: str, secrets: Secrets, *, may_say: bool) -> dict[str, Leak]:
    """The leaks in one text, by their kind."""
    found: dict[str, Leak] = {}
    for run in runs_of(text) if len(text) > _SHORT and secrets.sought.are_in(text) else ():
        if run in secrets.runs and not (may_say and run in secrets.spoken):
            found.setdefault("words", (_words(run), secrets.runs[run]))
    if "[" in text:
        for cue, source in secrets.cues.items():
            if f"[{cue}]" in text:
                found.setdefault("cue", (f"a cue: [{cue}]", source))
    place = next((p for p in secrets.places if p in text), None)
    paths = _PATHS.finditer(text) if any(one.search(text) for one in _MAY_BE_PATH) else ()
    shown = place or next((m[0] for m in paths if m[0] not in secrets.shown_paths), None)
    if shown:
        found["path"] = (f"a path of a machine: {shown}", None)
    if secrets.names:
        lower = text.casefold()
        for name in secrets.names:
            if name in lower and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", lower):
                found.setdefault("name", (f"the name of this user or machine: {name}", None))
    return found


def _words(run: str) -> str:
    """A run as it is quoted: signs of Chinese without spaces."""
    return f"words of the script: “{quoted(run)}”"
