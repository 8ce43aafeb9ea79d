"""A Talk and its pictures -> the deck: an immutable value of pieces, and the pages made from it.

Nothing is ever taken out of a page that was joined: its templates (`templates/deck/`, and those
that lay their blocks over them) take the pieces, and two decks are compared piece by piece.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import msgspec
from markupsafe import Markup
from msgspec.structs import replace

from pipeline.config import Brand, Config, TalkInfo
from pipeline.faces import OwnFace, own_faces
from pipeline.files import write_all
from pipeline.locale import ENGLISH, Locale, locale_of
from pipeline.memo import Form, key_of
from pipeline.numbers.fill import Numbers
from pipeline.numbers.provenance import page_data
from pipeline.pages import assets
from pipeline.pages.assets import CODE_FONT
from pipeline.pages.brand import BrandFiles, brand_files
from pipeline.pages.code import signs_of
from pipeline.pages.csp import LOCAL, Inline, policy, print_styles
from pipeline.pages.faces import face_files, face_rules, file_of
from pipeline.pages.languages import language_rules
from pipeline.pages.looks import Looks
from pipeline.pages.notes import items_html
from pipeline.pages.own import OwnLayouts, own_styles
from pipeline.pages.section import SECTION, Section, behind_all, behind_one, section_of
from pipeline.pages.slide import DeckInput, shown_pictures
from pipeline.pages.templates import render, to_json
from pipeline.palette import Palette
from pipeline.pictures.charts.blocks import draw_charts
from pipeline.pictures.charts.draw import cached_figures, why_absent
from pipeline.pictures.charts.evidence import draw_evidence
from pipeline.pictures.diagrams.draw import draw_diagrams
from pipeline.pictures.drawings import load_drawings
from pipeline.pictures.media import deck_files, media_of
from pipeline.pictures.own.kept import figures_of, pictures_of_figures
from pipeline.pictures.own.source import figure_files
from pipeline.pictures.picture import Picture
from pipeline.pictures.svg import Vector, check_links, read_vector, standalone
from pipeline.problems import Source, TalkError, nearest
from pipeline.results import Results
from pipeline.slides.slide import Slide
from pipeline.talk import Talk

PAGE, NOTES, FILM = "index.html", "notes.js", "training.js"
FONT, STYLESHEET, SCRIPT = "manrope.woff2", "deck.css", "deck.js"
STAGE = "stage.js"  # of the audience's window: deck/audience.js loads it
DRAWING = "drawing.js"  # pointer, pen and zoom: deck/tools.js loads it when one is first wanted
OWN = ("logo*.*", "face-*.woff2", "media/*", "files/*")  # a talk's own files
FIGURES = "figures/{}.svg"  # where a picture's file of its own is


class Deck(msgspec.Struct, frozen=True):
    """A deck before its page is joined, by `deck_page`. What is equal is shown the same."""

    talk: TalkInfo
    sections: Mapping[str, Markup]  # a slide's name -> its <section>, in the deck's order
    timeline: Markup  # the links of the time line
    styles: str = ""  # rules that the slides and the time line need
    data: Mapping[str, object] = {}  # of the measured numbers, as JSON
    files: Mapping[str, bytes] = {}  # beside the page, by name
    has_notes: bool = False  # in NOTES, one of the files
    film: str = ""  # the script that shows how the training went, one of the files
    brand: Brand = msgspec.field(default_factory=Brand)
    plays: bool = False  # a video is in it


def deck_page(
    deck: Deck,
    template: str = "deck/deck.html.j2",
    *,
    styles: Sequence[Inline] = (),
    scripts: Sequence[Inline] = (),
    files: str = LOCAL,
    media: bool = False,
    connects: str = "",
    **more: object,
) -> str:
    """The deck's page by a template, under a policy that lists exactly what is put in.

    `styles` and `scripts` stand in the page; `files` says where it loads its files from, ""
    for a page that is whole in itself; `media`: sound too; `connects`: whom its scripts may
    ask; `more` is what the template's blocks need.
    """
    early = Inline(assets.script("early"))
    looks = (*styles, Inline(deck.styles)) if deck.styles else tuple(styles)
    allowed = policy(
        scripts=(early, *scripts),
        styles=(*map(Inline, print_styles(*deck.brand.slide_size)), *looks),
        files=files,
        runs_files=bool(files),
        media=media or deck.plays,
        connects=connects,
    )
    return render(
        template,
        locale_of(deck.talk.language),
        deck=deck,
        talk=deck.talk,
        policy=allowed,
        early=early,
        styles=looks,
        scripts=scripts,
        **more,
    )


def pictures_of(talk: Talk, cache: Path) -> dict[str, Picture]:
    """Every picture that a slide may show: charts of the run, diagrams, drawings; by name."""
    content = talk.config.root / "deck"
    names, numbers = (
        [slide.name for slide in talk.slides],
        Numbers(talk.measured, talk.config.locale, talk.memo),
    )
    run = talk.measured.experiment
    charts = cached_figures(run, cache / "figures", talk.config.locale) if run else {}
    diagrams = draw_diagrams(content / "diagrams", numbers, names, cache / "figures")
    drawn = {use.name for s in talk.slides for use in s.pictures if use.kind == "drawing"}
    drawings = load_drawings(content / "drawings", numbers, drawn)
    own = pictures_of_figures(figures_of(talk, cache).values(), numbers)
    height = talk.config.brand.slide_size[1]
    experiments = draw_evidence(talk.measured, cache / "figures", talk.config.locale, talk.memo)
    if twice := next((name for name in experiments if name in charts), ""):
        where = talk.config.source("evidence", twice)
        raise TalkError(f"a chart of the run is called `{twice}`, too", where, "rename it")
    charts |= experiments
    charts |= draw_charts(talk.slides, cache / "figures", height)
    kinds = {"chart": charts, "diagram": diagrams, "drawing": drawings, "figure": own}
    _refuse_twice(kinds, content)
    return {**charts, **diagrams, **drawings, **own}


def _refuse_twice(kinds: Mapping[str, Mapping[str, Picture]], content: Path) -> None:
    """Raises TalkError for a name of two pictures: a slide could show only one of them."""
    seen: dict[str, str] = {}
    for kind, pictures in kinds.items():
        for name in pictures:
            if name in seen:
                folder, first = content / f"{kind}s", seen[name]
                where = next((Source(p) for p in sorted(folder.glob(f"{name}.*"))), Source(folder))
                raise TalkError(f"a {first} and a {kind} are called `{name}`", where, "rename one")
            seen[name] = kind


def deck_input(
    talk: Talk,
    cache: Path,
    *,
    for_speaker: bool = True,
    say: Callable[[str], None] = lambda _: None,
) -> DeckInput:
    """Slides, pictures and slots of the chosen cut; for the speaker the script as notes, too."""
    choice = talk.timings[talk.cut].choice
    texts = (*talk.script.slides(), *talk.script.backups())
    said = {one.number: one.items for one in reversed(texts)}
    notes = {
        slide.number: items_html(
            talk.script, said.get(slide.number, ()), choice, talk.config.locale, talk.memo
        )
        for slide in talk.slides
    }
    return DeckInput(
        config=talk.config,
        measured=talk.measured,
        slides=talk.slides,
        slots_s=talk.slots_s,
        notes=notes if for_speaker else None,
        spoken=talk.script.marks if for_speaker else (),
        pictures=pictures_of(talk, cache),
        media=media_of(talk.slides, cache, lambda: say("pictures are scaled to their places")),
        cache=cache,
        memo=talk.memo,
    )


def write_deck(deck: Deck, page: str, out: Path) -> None:
    """Write a deck's files and its page, the page last; those of a deck before it go."""
    write_all({**deck.files, PAGE: page.encode()}, out)
    for pattern in (NOTES, FILM, CODE_FONT, "figures/*.svg", "sound/*.wav", *OWN):
        for old in out.glob(pattern):
            if old.relative_to(out).as_posix() not in deck.files:
                old.unlink()


class DeckMaker:
    """Makes the decks of a talk, one after the other; what didn't change is made only once.

    `figures` says where a picture opens alone; `inside`: files stand in the page itself, pictures
    that only a link opens too, for a deck at this address. After a template changed, take a new
    maker.
    """

    def __init__(
        self, cache: Path | None = None, figures: str = FIGURES, inside: str | None = None
    ) -> None:
        self._cache, self._figures, self._inside = cache, figures, inside
        self._looks = Looks()
        self._vectors: Mapping[str, Vector] = {}
        self._sections: dict[str, tuple[str, Section, Markup]] = {}  # each with its key
        self._hashes: dict[str, tuple[Vector, str]] = {}  # of pictures
        self._static: dict[object, dict[str, bytes]] = {}
        self._font = b""
        self._brand = BrandFiles()
        self._own = OwnLayouts(Path())
        self._code_font = b""
        self._faces: tuple[OwnFace, ...] = ()
        self._face_files: dict[str, bytes] = {}

    def make(self, page: DeckInput, *, same_font: bool = False) -> Deck:
        """The deck as it is now; `same_font`: new signs wait for the next call without it.

        Raises TalkError with path:line for a title, a picture or a link that isn't right.
        """
        self._vectors = check_deck(page, self._vectors)
        self._take_brand(page.config)
        slides = tuple(self._slides(page))
        shown = [slide for slide, _ in slides if not slide.is_backup]
        locale = page.config.locale
        timeline = Markup(render("deck/timeline.html.j2", slides=shown, looks=self._looks))
        sections = {slide.name: section for slide, section in slides}
        on_slides = shown_pictures(page.slides)
        data = page_data(
            (*page.spoken, *(mark for slide in page.slides for mark in slide.marks)),
            (at for name in sorted(on_slides) for at in self._vectors[name].places),
            page.measured,
            locale,
        )
        pictures = dict(self._pictures(page))
        film = film_file(page.measured.experiment, locale) if page.notes is not None else {}
        notes = (page.notes or {}).values()
        alone = (content.decode() for content in pictures.values())
        said = json.dumps(data, ensure_ascii=False)
        pieces = (*sections.values(), timeline, said, *notes, *alone)
        fonts = self._fonts("".join((*pieces, page.config.talk.title)), sections, same=same_font)
        files = {
            **pictures,
            **deck_files(page.media.values()),
            **fonts,
            **self._brand.files,
            **self._code("".join(sections.values()), locale, for_speaker=page.notes is not None),
            **notes_file(page),
            **film,
        }
        return Deck(
            talk=page.config.talk,
            sections=sections,
            timeline=timeline,
            styles=self._looks.css_of("".join((*sections.values(), timeline))),
            data=data,
            files=files,
            has_notes=page.notes is not None,
            film=next(iter(film), ""),
            brand=page.config.brand,
            plays=any(one.kind == "video" for one in page.media.values()),
        )

    def _take_brand(self, config: Config) -> None:
        """The brand, layouts and styles of this talk from now on."""
        brand, root = brand_files(config, self._cache), config.root
        self._faces = own_faces(config, self._cache)
        rules = language_rules(config.locale)
        styles = (rules, brand.styles, face_rules(self._faces), own_styles(root))
        brand = replace(brand, styles="".join(styles))
        if self._own.root != root:
            self._own = OwnLayouts(root)
        if brand != self._brand:
            self._brand = brand
            self._static.clear()

    def _fonts(self, text: str, sections: Mapping[str, Markup], *, same: bool) -> dict[str, bytes]:
        """The typeface with the signs of a text, and that of code where sections show some."""
        code = signs_of(sections.values())
        if not (same and self._font):
            self._font = assets.font(text, self._cache)
            self._face_files = face_files(self._faces, text, self._cache)
        if code and not (same and self._code_font):
            self._code_font = assets.code_font(code, self._cache)
        own = {name: self._face_files[name] for name in map(file_of, self._faces)}
        return {FONT: self._font, **own, **({CODE_FONT: self._code_font} if code else {})}

    def _slides(self, page: DeckInput) -> Iterator[tuple[Section, Markup]]:
        """Each slide for the time line, and as it stands in this page."""
        for name, vector in self._vectors.items():
            if name not in self._hashes or self._hashes[name][0] is not vector:
                self._hashes[name] = (vector, key_of(vector.picture))
        hashes = {name: found for name, (_, found) in self._hashes.items()}
        shown, behind = shown_pictures(page.slides), behind_all(page, self._figures)
        for slide in page.slides:
            key = behind_one(slide, page, behind, hashes, shown)
            if self._sections.get(slide.name, ("",))[0] != key:
                made = self._section(slide, page, key)
                self._sections[slide.name] = (key, made, self._looks.taken(made.piece))
            yield self._sections[slide.name][1:]

    def _section(self, slide: Slide, page: DeckInput, key: str) -> Section:
        """One slide, kept unless it holds its files or has a layout of the talk's own."""
        vectors, figures, inside = self._vectors, self._figures, self._inside
        make = partial(section_of, slide, page, vectors, figures, inside, self._own)
        if inside is not None or self._own.template(slide.layout):
            return make()
        return page.memo.of(key, SECTION, make)

    def _pictures(self, page: DeckInput) -> Iterator[tuple[str, bytes]]:
        """Each picture as a file of its own."""
        palette = page.config.brand.palette
        for name, vector in sorted(self._vectors.items()):
            key = key_of("figure", self._hashes[name][1], page.config.brand)
            draw = partial(_alone, vector, palette)
            yield FIGURES.format(name), page.memo.of(key, _FIGURE, draw)

    def _code(self, shown: str, locale: Locale, *, for_speaker: bool) -> dict[str, bytes]:
        """The files of the page that hold nothing of the talk, by what its slides need."""
        signs = assets.math_signs(shown)
        has_backups = "data-backup" in shown
        needs = (*assets.features(shown), has_backups)
        key = (for_speaker, locale.tag, self._brand.styles, needs, signs)
        if key not in self._static:
            scripts = [
                "speaker" if for_speaker else "deck",
                *(["backups"] if has_backups else []),
                *(["code"] if "<code" in shown else []),
                *(["videos"] if "<video" in shown else []),
                *(["help"] if locale.catalogue.forms else []),
            ]
            self._static[key] = {
                "reveal.js": assets.reveal_script().encode(),
                STYLESHEET: assets.stylesheet(self._brand.styles, shown, self._cache).encode(),
                SCRIPT: "".join(assets.script(name, locale) for name in scripts).encode(),
                **({STAGE: assets.script("stage", locale).encode()} if for_speaker else {}),
                DRAWING: assets.script("drawing", locale).encode(),
                **({assets.MATH_FONT: assets.math_font(signs, self._cache)} if signs else {}),
            }
        return self._static[key]


_FIGURE: Form[bytes] = Form(bytes)


def _alone(vector: Vector, palette: Palette) -> bytes:
    return standalone(vector, PAGE, palette).encode()


def check_deck(page: DeckInput, known: Mapping[str, Vector] | None = None) -> dict[str, Vector]:
    """The pictures that the slides show, parsed; those in `known` that are the same stay.

    Raises TalkError with path:line for a title, a picture or a link that isn't right.
    """
    for slide in page.slides:
        if slide.layout == "title" and slide.title_text != page.config.talk.title:
            raise TalkError(
                f"the title slide says “{slide.title_text}”, talk.toml says "
                f"“{page.config.talk.title}”",
                slide.fields["title"].source,
                "make both the same",
            )
    vectors = _vectors_of(page, known or {})
    check_links(vectors.values(), {slide.name for slide in page.slides})
    return vectors


def _vectors_of(page: DeckInput, known: Mapping[str, Vector]) -> dict[str, Vector]:
    made: dict[str, Vector] = {}
    drawings = (page.config.root / "deck" / "drawings").glob("*.svg")  # read where one is shown
    names = {*page.pictures, *(path.stem for path in drawings), *figure_files(page.config.root)}
    for slide in page.slides:
        for use in slide.pictures:
            if use.name not in page.pictures:
                hint = _why_absent(use.name, page) if use.kind == "figure" else ""
                others = nearest(use.name, {*names} - {use.name}) if names else ""
                raise TalkError(
                    f"there is no {use.kind} `{use.name}`",
                    use.source,
                    hint or others or "no picture was made",
                )
            picture = page.pictures[use.name]
            if use.name in known and known[use.name].picture == picture:
                made[use.name] = known[use.name]
            elif use.name not in made:
                made[use.name] = read_vector(picture, memo=page.memo)
    return made


def _why_absent(name: str, page: DeckInput) -> str:
    """What a chart of the run or of an experiment needs; empty where that isn't known."""
    measured = page.measured
    if hint := measured.missing.get(name):
        return hint
    if name in measured.measurements and measured.measurements[name].evidence:
        return "its experiment has run, and gave no values to draw"
    run = measured.experiment
    return why_absent(name, run) if run else ""


def notes_file(page: DeckInput) -> dict[str, bytes]:
    """The notes as a script that the page loads when it is ready."""
    if page.notes is None:
        return {}
    notes = page.notes
    spoken = {slide.name: notes[slide.number] for slide in page.slides if slide.number in notes}
    return {NOTES: f"window.deckNotes = {to_json(spoken)};\n".encode()}


def film_file(results: Results | None, locale: Locale = ENGLISH) -> dict[str, bytes]:
    """The training as a script that the page loads when it is asked for; nothing without a run.

    Its data: loss by step, F1 by epoch.
    """
    if results is None or not results.training.log:
        return {}
    training = results.training
    per_epoch = training.steps / training.epochs
    data = {
        "steps": training.steps,
        "log": [[point.step, round(point.loss, 5)] for point in training.log],
        "epochs": [
            {
                "step": round(epoch.epoch * per_epoch),
                "f1": None if epoch.validation_f1 is None else round(epoch.validation_f1, 4),
                "best": epoch.epoch == training.best_epoch,
            }
            for epoch in training.history
        ],
    }
    return {FILM: assets.script("training", locale, recorded=data).encode()}
