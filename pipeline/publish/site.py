"""The public site: made in memory, proven, and put in the place of the last one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec.structs import replace

from pipeline.export.chromium import NoBrowserError, browser_path, end_browser, one_browser
from pipeline.export.drawings import Drawings, reworded
from pipeline.faces import OwnFace, own_faces
from pipeline.files import kept, kept_path, remove, replaced, write_all, write_whole
from pipeline.memo import code_state, key_of
from pipeline.pages import assets, reading
from pipeline.pages.code import signs_of
from pipeline.pages.csp import HOSTED
from pipeline.pages.deck import (
    DRAWING,
    FIGURES,
    FONT,
    OWN,
    PAGE,
    SCRIPT,
    STYLESHEET,
    Deck,
    DeckMaker,
    deck_input,
    deck_page,
)
from pipeline.pages.faces import face_files
from pipeline.pages.marks import run_marks
from pipeline.pages.reading import Card, Download
from pipeline.pages.slide import DeckInput
from pipeline.palette import Palette
from pipeline.problems import Problem, Source, TalkError
from pipeline.publish import metadata
from pipeline.publish.audit import HOST_FILES, Seen, prove
from pipeline.publish.secrets import secrets_of
from pipeline.publish.single_file import OFFLINE, OPENED_INSIDE, single_file
from pipeline.talk import Talk

PDF, PPTX = "slides.pdf", "slides.pptx"
NOTES_PDF, NOTES_PPTX = "notes.pdf", "notes.pptx"  # in out/speaker
# What publications may have made, for one whose list of files was cut off.
_OURS = (
    *(PAGE, reading.READING, reading.TRANSCRIPT, reading.LICENCES, reading.LOST, OFFLINE),
    *(PDF, PPTX, STYLESHEET, SCRIPT, "reveal.js", FONT, assets.CODE_FONT, FIGURES.format("*")),
    *(DRAWING, assets.MATH_FONT, metadata.ICON, metadata.CARD, *OWN),
    *("robots.txt", "sitemap.xml", ".nojekyll"),
)
_PPTX_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


class PublishOptions(msgspec.Struct, frozen=True):
    """What is made beside the site itself."""

    transcript: bool = False
    single_file: bool = False
    pdf: bool = False
    notes: bool = False  # with `pdf`: the slides with their script, for the speaker
    pptx: bool = False
    drawings: Drawings | None = None  # with `pdf`: printed over its slides


USUAL = PublishOptions()


class Published(msgspec.Struct, frozen=True):
    """The site, how many bytes each of its files has, and what this machine could not make."""

    folder: Path
    sizes: Mapping[str, int]
    left_out: tuple[TalkError, ...]
    reworded: tuple[str, ...] = ()  # slides that say other words than when they were drawn on

    @property
    def total_bytes(self) -> int:
        return sum(self.sizes.values())


def holds_back(problem: Problem, *, with_script: bool = False) -> bool:
    """Whether nothing is published before this is mended: it is wrong on the public pages.

    What is wrong with the script is, where its words are published; how long it takes never is.
    """
    public = {"pages", "script"} if with_script else {"pages"}
    return problem.is_error and problem.concerns in public


def publish(
    talk: Talk,
    out: Path,
    cache: Path,
    options: PublishOptions = USUAL,
    say: Callable[[str], None] = lambda _: None,
) -> Published:
    """Build the site, prove it, and replace `out`/public by it.

    Raises TalkError naming the file if anything stands in it that must not, or if the folder
    holds someone else's files; the site that was there stays. What needs a browser is left out
    where there is none, and said in `left_out`.
    """
    folder = out / "public"
    if options.transcript and not talk.script.is_read_out:
        raise TalkError(
            "there is no script to publish: what slides have as `::: notes` stays with the speaker",
            Source(talk.script.path),
            "write what the transcript may say into this file, or leave out --transcript",
        )
    options, left_out = _possible(options)
    with replaced(folder, _OURS, HOST_FILES) as made:
        page = deck_input(talk, cache, for_speaker=False, say=say)
        deck = DeckMaker(cache).make(page)
        faces = own_faces(talk.config, cache)
        site = _Site(talk, page, deck, options, faces, has_picture=not left_out)
        write_all(site.files(cache), made)
        seen = Seen(secrets_of(talk, page.pictures, page.media))
        _prove(site, made, seen, coming=site.photographed)
        if site.photographed:
            _photograph(site, made, out / "speaker", cache, seen, say)
            _prove(site, made, seen)
        sizes = {
            path.relative_to(made).as_posix(): path.stat().st_size
            for path in sorted(made.rglob("*"))
            if path.is_file()
        }
    drawn = options.drawings
    moved = tuple(reworded(drawn, deck.sections)) if drawn and options.pdf else ()
    return Published(folder, sizes, left_out, moved)


def _possible(options: PublishOptions) -> tuple[PublishOptions, tuple[TalkError, ...]]:
    """The options without what no browser is here for, and why."""
    try:
        browser_path()
    except NoBrowserError as error:
        return replace(options, pdf=False, pptx=False), (error,)
    return options, ()


class _Site(msgspec.Struct, frozen=True):
    """The pages of one site."""

    talk: Talk
    page: DeckInput
    deck: Deck
    options: PublishOptions
    faces: tuple[OwnFace, ...]
    has_picture: bool  # of the first slide

    @property
    def base(self) -> str:
        return metadata.base_address(self.talk.config.talk.address)

    @property
    def palette(self) -> Palette:
        return self.talk.config.brand.palette

    @property
    def photographed(self) -> tuple[str, ...]:
        """The files that a browser makes from the deck."""
        wanted = {
            metadata.CARD: self.has_picture,
            PDF: self.options.pdf,
            PPTX: self.options.pptx,
        }
        return tuple(name for name, is_wanted in wanted.items() if is_wanted)

    def files(self, cache: Path) -> dict[str, bytes]:
        """Everything that needs no browser, by name; the deck's page last."""
        pages = self._pages()
        deck = self._deck_page()
        made = {name: text.encode() for name, text in pages.items()}
        made[FONT] = assets.font({*deck}.union(*pages.values()), cache)
        in_face = [page for page in pages.values() if assets.CODE_FONT in page]
        in_face += [deck] if assets.CODE_FONT in self.deck.files else []
        made |= face_files(self.faces, {*deck}.union(*pages.values()), cache)
        if in_face:
            made[assets.CODE_FONT] = assets.code_font(signs_of(in_face), cache)
        if self.options.single_file:
            whole = DeckMaker(cache, OPENED_INSIDE, self.base).make(self.page)
            made[OFFLINE] = single_file(whole, metadata.icon(self.palette)).encode()
        if self.base:
            listed = [PAGE, *(name for name in pages if name != reading.LOST)]
            made["sitemap.xml"] = metadata.site_map(self.base, listed).encode()
        made["robots.txt"] = metadata.robots(self.base).encode()
        made[metadata.ICON] = metadata.icon(self.palette).encode()
        return {**self.deck.files, **made, ".nojekyll": b"", PAGE: deck.encode()}

    def _deck_page(self) -> str:
        info = self.talk.config.talk
        title = f"{info.title}: {info.subtitle}" if info.subtitle else info.title
        return deck_page(
            self.deck,
            "public/deck.html.j2",
            files=HOSTED,
            card=metadata.card_of(info, PAGE, title, has_picture=self.has_picture),
            downloads=[one for one in self._downloads() if one.href != PAGE],
            reading=reading.READING,
        )

    def _pages(self) -> dict[str, str]:
        """The pages around the deck."""
        talk, info, downloads = self.talk, self.talk.config.talk, self._downloads()
        locale = talk.config.locale
        pages = {
            reading.READING: reading.reading_page(
                self.page,
                self._card(reading.READING, locale.say("all slides")),
                downloads,
                run_marks(talk.measured, locale=locale),
                self.faces,
            ),
            reading.LICENCES: reading.licences_page(
                info,
                talk.measured.experiment,
                self._card(reading.LICENCES, locale.say("licences")),
                downloads,
                self.palette,
                self.deck.files,
                self.faces,
            ),
            reading.LOST: reading.lost_page(info, self.base or "./", self.palette),
        }
        if self.options.transcript:
            pages[reading.TRANSCRIPT] = reading.transcript_page(
                talk,
                self._card(reading.TRANSCRIPT, locale.say("transcript")),
                downloads,
                self.faces,
            )
        return pages

    def _card(self, page: str, title: str) -> Card:
        info = self.talk.config.talk
        return metadata.card_of(info, page, f"{info.title}: {title}", has_picture=self.has_picture)

    def _downloads(self) -> tuple[Download, ...]:
        options, locale = self.options, self.talk.config.locale
        found = {
            Download(PAGE, locale.say("The deck")): True,
            Download(reading.READING, locale.say("All slides on one page")): True,
            Download(reading.TRANSCRIPT, locale.say("Transcript")): options.transcript,
            Download(PDF, "PDF", "application/pdf"): options.pdf,
            Download(PPTX, "PowerPoint", _PPTX_TYPE): options.pptx,
            Download(OFFLINE, locale.say("One file for a stick")): options.single_file,
            Download(reading.LICENCES, locale.say("Licences")): True,
        }
        return tuple(one for one, is_there in found.items() if is_there)


def _photograph(
    site: _Site, made: Path, speaker: Path, cache: Path, seen: Seen, say: Callable[[str], None]
) -> None:
    """What a browser makes from the deck in the folder `made`, which is proven by now.

    Pictures are taken while the PDF is printed and read.
    """
    with one_browser(), ThreadPoolExecutor(1) as beside:
        try:
            _photographed(site, made, speaker, cache, seen, say, beside)
        except BaseException:  # Ctrl-C, too: nobody waits for the other pictures
            end_browser()
            raise


def _photographed(
    site: _Site,
    made: Path,
    speaker: Path,
    cache: Path,
    seen: Seen,
    say: Callable[[str], None],
    beside: Executor,
) -> None:
    page = made / PAGE
    write_whole(made / metadata.CARD, metadata.card_picture(site.deck, page, cache, say))
    shots = beside.submit(_shots, site, page, cache, say) if site.options.pptx else None
    if site.options.pdf:
        _print(site, made, speaker, cache, say)
        seen.read(PDF, (made / PDF).read_bytes())
    if shots:
        from pipeline.export.pptx import export_pptx

        taken, drawn = shots.result(), site.page.pictures
        export_pptx(site.talk, taken, drawn, made / PPTX)
        export_pptx(site.talk, taken, drawn, speaker / NOTES_PPTX, with_script=True)


def _shots(site: _Site, page: Path, cache: Path, say: Callable[[str], None]) -> Mapping[str, bytes]:
    from pipeline.export.pptx import packed
    from pipeline.export.screenshots import kept_pictures

    size = site.talk.config.brand.slide_size
    return kept_pictures(site.deck, page, cache, packed, say, size=size, scale=2)


def _print(site: _Site, made: Path, speaker: Path, cache: Path, say: Callable[[str], None]) -> None:
    from pipeline.export.chromium import browser_version
    from pipeline.export.pdf import export_notes, export_pdf

    talk, page, to = site.talk, made / PAGE, made / PDF
    slides, locale = len(talk.slides), talk.config.locale

    def printed() -> bytes:
        made = export_pdf(
            page,
            to,
            cache,
            slides,
            site.base,
            say,
            faces=site.faces,
            locale=locale,
            drawings=site.options.drawings,
        )
        return made.read_bytes()

    beside = {name: sha256((made / name).read_bytes()).digest() for name in site.deck.files}
    about = (site.base, slides, browser_version(), code_state())
    drawn = msgspec.json.encode(site.options.drawings)
    key, folder = key_of(page.read_bytes(), beside, drawn, *about), cache / "publish"
    write_whole(to, kept(folder, PDF, key, printed))
    for old in {*folder.glob("slides-*.pdf")} - {kept_path(folder, PDF, key)}:
        remove(old)  # one is as large as all pictures
    if site.options.notes:
        export_notes(talk, to, page, speaker / NOTES_PDF, cache, say)


def _prove(site: _Site, made: Path, seen: Seen, coming: Sequence[str] = ()) -> None:
    findings = prove(
        made,
        seen,
        address=site.base,
        slides=len(site.talk.slides),
        coming=coming,
    )
    if findings:
        first, more = findings[0], len(findings) - 1
        message = first.message + (f" (and {more} more)" if more else "")
        others = "; ".join(f"{f.where}: {f.message}" for f in findings[1:4])
        hint = first.hint or "nothing was published"
        raise TalkError(message, first.where, f"{hint}; also {others}" if others else hint)
