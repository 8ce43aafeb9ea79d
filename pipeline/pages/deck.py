"""Slides and pictures -> the deck: a page, its styles and scripts, and full-size pictures."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import jinja2
from markupsafe import Markup

from pipeline.checks.numbers import stale_reason
from pipeline.numbers.provenance import data_block
from pipeline.pages import assets
from pipeline.pages.slide import DeckInput, SlideView, view_of
from pipeline.pages.training import TRAINING, training_file
from pipeline.pictures.svg import Styles, Vector, check_links, read_vector, standalone
from pipeline.problems import TalkError, nearest
from pipeline.resources import TEMPLATES
from pipeline.results import Results, edited_by_hand
from pipeline.slides.slide import Slide

__all__ = ["DeckInput", "SlideView", "build_deck", "view_of"]

PAGE, NOTES = "index.html", "notes.js"


def build_deck(page: DeckInput, out: Path, cache: Path | None = None) -> None:
    """Write the deck into the folder `out`, its page last; `cache` keeps the font's subset.

    Raises TalkError with path:line for a picture or a link that leads nowhere.
    """
    vectors = check_deck(page)
    templates, styles = page_templates(), Styles()
    views = [view_of(slide, page, vectors, styles, templates) for slide in page.slides]
    text = deck_text(page, views, vectors, styles, templates)
    files = {**deck_files(text, vectors, cache), **speaker_files(page)}
    for name in (NOTES, TRAINING):
        if name not in files:
            (out / name).unlink(missing_ok=True)
    write_files(files, out)
    for old in (out / "figures").glob("*.svg"):
        if f"figures/{old.name}" not in files:
            old.unlink()


def check_deck(page: DeckInput) -> dict[str, Vector]:
    """The pictures that the slides show, parsed.

    Raises TalkError with path:line for a title, a picture or a link that isn't right.
    """
    check_title(page)
    vectors = vectors_of(page)
    check_links(vectors.values(), {slide.name for slide in page.slides})
    return vectors


def deck_text(
    page: DeckInput,
    views: Sequence[SlideView],
    vectors: Mapping[str, Vector],
    styles: Styles,
    templates: jinja2.Environment,
) -> str:
    """The deck's page; `styles` are those that its pictures left behind."""
    text = templates.get_template("deck/deck.html.j2").render(
        talk=page.config.talk,
        slides=views,
        run_marks=run_marks(page.results, page.changed),
        has_notes=page.notes is not None,
        data=Markup(
            data_block(
                (mark for slide in page.slides for mark in slide.marks),
                (at for vector in vectors.values() for at in vector.places),
                page.results,
            )
        ),
        early_script=Markup(assets.early_script()),
        picture_styles=Markup(styles.css),
    )
    return re.sub(r"\n\s*\n+", "\n", text)


def deck_files(
    text: str, vectors: Mapping[str, Vector], cache: Path | None = None
) -> dict[str, bytes]:
    """All files of a deck but its notes, by name, the page last."""
    signs = {sign for sign in text if ord(sign) > 0xFF and ord(sign) < 0x2E80}
    files: dict[str, bytes] = {
        f"figures/{name}.svg": standalone(vector, PAGE).encode()
        for name, vector in sorted(vectors.items())
    }
    files["manrope.woff2"] = assets.font(signs, cache)
    files["reveal.js"] = assets.reveal_script().encode()
    files["deck.css"] = assets.stylesheet().encode()
    files["deck.js"] = assets.deck_script().encode()
    files[PAGE] = text.encode()
    return files


def speaker_files(page: DeckInput) -> dict[str, bytes]:
    """What only the speaker's deck has: a second window, the notes, and how training went."""
    if page.notes is None:
        return {}
    scripts = {"deck.js": assets.deck_script(for_speaker=True).encode()}
    training = training_file(page.results)
    return {**scripts, **notes_file(page), **training}


def notes_file(page: DeckInput) -> dict[str, bytes]:
    """The notes as a script that the page loads when it is ready; `<` is escaped."""
    if page.notes is None:
        return {}
    notes = page.notes
    spoken = {slide.name: notes[slide.number] for slide in page.slides if slide.number in notes}
    text = json.dumps(spoken, ensure_ascii=False, indent=0).replace("<", "\\u003c")
    return {NOTES: f"window.deckNotes = {text};\n".encode()}


def write_files(files: Mapping[str, bytes], out: Path) -> None:
    """Write each under a temporary name and rename it; files that are the same stay untouched."""
    for name, content in files.items():
        path = out / name
        if path.is_file() and path.read_bytes() == content:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        part.write_bytes(content)
        part.replace(path)


def page_templates() -> jinja2.Environment:
    """The templates, strict about names and escaping what is put in."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def check_title(page: DeckInput) -> None:
    """The title slide and talk.toml agree."""
    for slide in page.slides:
        if slide.layout == "title" and slide.title_text != page.config.talk.title:
            raise TalkError(
                f"the title slide says “{slide.title_text}”, talk.toml says "
                f"“{page.config.talk.title}”",
                slide.fields["title"].source,
                "make both the same",
            )


def vectors_of(page: DeckInput, known: Mapping[str, Vector] | None = None) -> dict[str, Vector]:
    """The pictures that the slides show, parsed; those in `known` that are the same stay."""
    made: dict[str, Vector] = {}
    for slide in page.slides:
        for use in slide.pictures:
            if use.name not in page.pictures:
                raise TalkError(
                    f"there is no {use.kind} `{use.name}`",
                    use.source,
                    nearest(use.name, page.pictures) if page.pictures else "no picture was made",
                )
            picture = page.pictures[use.name]
            if known and use.name in known and known[use.name].picture == picture:
                made[use.name] = known[use.name]
            elif use.name not in made:
                made[use.name] = read_vector(picture)
        _check_steps(slide, made)
    return made


def _check_steps(slide: Slide, vectors: Mapping[str, Vector]) -> None:
    if "steps" not in slide.fields:
        return
    asked = slide.fields["steps"]
    shown = [use for use in slide.pictures if vectors[use.name].steps]
    has = vectors[shown[0].name].steps if shown else 0
    if has != int(asked.text):
        raise TalkError(
            f"the slide has {asked.text} steps, its picture {has}",
            asked.source,
            "elements of the class step-1, step-2, … in the picture appear one by one",
        )


def run_marks(results: Results | None, changed: Sequence[str] = ()) -> list[str]:
    """What every slide says of its run: a sample, a part, stale, or edited by hand."""
    if results is None:
        return []
    marks = {
        "sample data": results.data.source == "sample",
        "quick run": results.run.quick,
        f"stale run: {stale_reason(changed)}" if changed else "": bool(changed),
        "results edited by hand": edited_by_hand(results),
    }
    return [mark for mark, shown in marks.items() if shown]
