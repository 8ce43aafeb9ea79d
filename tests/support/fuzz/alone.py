"""Readers of one file called by themselves: a hundred inputs a second, where a talk takes ten."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from unittest.mock import patch

from pipeline import memo
from pipeline.checks.content import written
from pipeline.checks.habits import habit_problems
from pipeline.checks.numbers import _Checker
from pipeline.checks.room import estimated_problems, limit_problems
from pipeline.config import Config
from pipeline.experiment.store import Memory
from pipeline.imports import talk as imported
from pipeline.imports.deck import Ledger
from pipeline.imports.read import read_deck
from pipeline.locale import catalogue
from pipeline.measured import NOTHING, Measured
from pipeline.memo import NO_MEMO, Memo
from pipeline.numbers.fill import Numbers
from pipeline.pages.captions import captions, moments, web_vtt
from pipeline.pages.notes import notes_html
from pipeline.pages.own import OwnLayouts, own_styles
from pipeline.pages.script import script_txt
from pipeline.pages.section import section_of
from pipeline.pages.slide import DeckInput
from pipeline.results import Results
from pipeline.script.order import reordered
from pipeline.script.timing import timed
from pipeline.slides.layouts import load_layouts
from pipeline.slides.slide import Slides, check_slide_links, slide_of
from pipeline.slides.source import places_of, read_slide, slide_files
from pipeline.starter import write_new_talk
from pipeline.talk import read_script, script_version
from support.fuzz import talks

RENEWED = 200  # inputs after which what is kept of their texts is forgotten
Read = Callable[[Path], object]
Open = Callable[[Path], Read]
Seeds = Callable[[], Sequence[tuple[str, bytes]]]


def in_pieces(seeds: Seeds, between: bytes, longest: int) -> Seeds:
    """Files in pieces of some sections each, `between` which they are divided."""

    def found() -> Sequence[tuple[str, bytes]]:
        made = []
        for name, raw in seeds():
            sections, piece = raw.split(between), b""
            for section in sections:
                if piece and len(piece) + len(section) > longest:
                    made.append((name, piece[:longest]))
                    piece = b""
                piece += (between if piece or sections[0] is not section else b"") + section
            made.append((name, piece[:longest]))
        return made

    return found


class _Numbers:
    """The numbers of a run, anew now and then: they keep what they filled."""

    def __init__(self, config: Config, measured: Measured) -> None:
        self._config, self._measured, self._asked = config, measured, 0

    def ask(self) -> Numbers:
        if self._asked % RENEWED == 0:
            self._numbers = Numbers(self._measured, self._config.locale, NO_MEMO)
        self._asked += 1
        return self._numbers


def slide(language: str, results: Results) -> Open:
    """A slide read, filled, checked and drawn, where it shows no picture; its notes, too."""

    def opened(root: Path) -> Read:
        config, measured = talks.write_talk(root, language), Measured(results)
        layouts, numbers = load_layouts(root), _Numbers(config, measured)
        folder = root / "deck" / "slides"
        others = {name: read_slide(path) for _, name, path in slide_files(folder)}
        own = OwnLayouts(root)
        checker = _Checker(config, measured, NO_MEMO)

        def read(path: Path) -> None:
            others["things"] = read_slide(path)
            places, filled = places_of(others.values()), numbers.ask()
            slides = tuple(slide_of(others[p.name], others, p, layouts, filled) for p in places)
            check_slide_links(slides)
            for text in written(path, places):
                checker.looked(text)
            [*habit_problems(slides), *limit_problems(slides, layouts, config)]
            [*estimated_problems(slides, layouts)]
            read_script(config, Slides(slides, (), places), filled)
            page = DeckInput(config, measured, slides, {one.number: 30 for one in slides})
            for one in slides:
                if not one.pictures and not one.media:
                    section_of(one, page, {}, "", None, own)

        return read

    return opened


def script(language: str, results: Results) -> Open:
    """A script read, timed, checked and printed; then with its slides in another order."""

    def opened(root: Path) -> Read:
        config, measured = talks.write_talk(root, language), Measured(results)
        layouts, numbers = load_layouts(root), _Numbers(config, measured)
        checker = _Checker(config, measured, NO_MEMO)
        files = {name: read_slide(path) for _, name, path in slide_files(root / "deck" / "slides")}
        places = places_of(files.values())
        made = (slide_of(files[p.name], files, p, layouts, numbers.ask()) for p in places)
        slides = Slides(tuple(made), (), places)

        def read(path: Path) -> None:
            read, times = timed(read_script(config, slides, numbers.ask()), config)
            for text in written(path, places):
                checker.looked(text)
            timing = next(iter(times.values()))
            web_vtt(captions(moments(read, timing), config.locale))
            for place in places:
                notes_html(read, place.number, timing.choice, config.locale)
            script_txt(read, timing.choice)
            script_version(read)
            whole, new = path.read_text("utf-8"), {"things": 1, "hello": 2}
            reordered(whole, path, places, ("things", "hello"), new, config.locale)

        return read

    return opened


def deck(root: Path) -> Read:
    """A deck to import, made a talk of in a folder that is there."""
    made = root / "made"
    write_new_talk(made, "notes", "en")
    settings = re.sub(rb"(?m)^#.*\n|^\n", b"", (made / "talk.toml").read_bytes())
    known = load_layouts(made)  # they are the same for each deck

    def read(path: Path) -> None:
        ledger = Ledger()
        found = read_deck(path, None, ledger)
        for folder in ("deck", "script"):
            shutil.rmtree(made / folder, ignore_errors=True)
        (made / "talk.toml").write_bytes(settings)
        if found.slides:
            locale = imported._locale(found, ledger)
            with patch.object(imported, "load_layouts", lambda _: known):
                imported._write(found, made, imported.Wanted(), ledger, locale)
            imported._list_text(found, ledger, made)

    return read


def layouts(root: Path) -> Read:
    """The list of a talk's own layouts, one of which has a template."""
    (root / "templates" / "layouts").mkdir(parents=True)
    (root / "templates" / "layouts" / "own.html.j2").touch()
    return lambda _: load_layouts(root)


def styles(root: Path) -> Read:
    """A talk's own styles."""
    return lambda _: own_styles(root)


def template(text: str, listed: str) -> Open:
    """A talk's own layout, filled with a slide."""

    def opened(root: Path) -> Read:
        config = talks.write_talk(root)
        (root / "templates" / "layouts").mkdir(parents=True)
        (root / "templates" / "layouts.toml").write_text(listed, "utf-8")
        (root / "templates" / "layouts" / "own.html.j2").write_text(text, "utf-8")
        path = root / "deck" / "slides" / "02-things.md"
        path.write_text(talks.SECOND.replace("layout: list", "layout: own"), "utf-8")
        files = {"things": read_slide(path)}
        (place,) = places_of(files.values())
        one = slide_of(
            files["things"], files, place, load_layouts(root), Numbers(NOTHING, config.locale)
        )
        page = DeckInput(config, NOTHING, (one,), {2: 30})
        return lambda _: section_of(one, page, {}, "", None, OwnLayouts(root))

    return opened


def messages(root: Path) -> Read:
    """A catalogue of our own words in another language."""
    catalogue.FOLDER = root / "in"

    def read(path: Path) -> None:
        catalogue.read_catalogue.cache_clear()
        found = catalogue.read_catalogue(path.stem)
        for n in (0, 1, 2, 5, 21):
            found.find("slide", "slides", n)

    return read


def kept(root: Path) -> Read:
    """What was kept by other code: whole and sealed, and of another shape."""
    names = (memo.NAME, "sources.json", "hashes.json")

    def read(path: Path) -> None:
        body = path.read_bytes()
        sealed = hashlib.sha256(body).hexdigest().encode() + b"\n" + body
        for name in names:
            (root / name).write_bytes(sealed)
        Memo(root).of("a", memo.Form(list[int]), lambda: [1])
        Memory.load(root).hash_of(path)

    return read
