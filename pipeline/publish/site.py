"""The public site: built beside the last one, proven, and put in its place."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from markupsafe import Markup

from pipeline.config import TalkInfo
from pipeline.export.chromium import NoBrowserError
from pipeline.files import replaced
from pipeline.pages import reading
from pipeline.pages.csp import PRINT_STYLES, strict
from pipeline.pages.deck import PAGE, DeckInput, build_deck, run_marks
from pipeline.pages.deck_of import deck_of
from pipeline.pages.reading import Download
from pipeline.problems import TalkError
from pipeline.publish import metadata as cards
from pipeline.publish.audit import prove
from pipeline.publish.secrets import secrets_of
from pipeline.publish.single_file import OFFLINE, single_file
from pipeline.talk import Talk

PDF, PPTX = "slides.pdf", "slides.pptx"
NOTES_PDF, NOTES_PPTX = "notes.pdf", "notes.pptx"  # in out/speaker
_ICON = '<link rel="icon" href="data:,">'
_OWN_HEAD = re.compile(
    r'<meta name="(?:description|author)"[^>]*>\n?|<link rel="canonical"[^>]*>\n?'
)


@dataclass(frozen=True, slots=True)
class PublishOptions:
    """What is made beside the site itself."""

    transcript: bool = False
    single_file: bool = False
    pdf: bool = False
    notes: bool = False  # with `pdf`: the slides with their script, for the speaker
    pptx: bool = False


@dataclass(frozen=True, slots=True)
class Published:
    """The site, how many bytes each of its files has, and what this machine could not make."""

    folder: Path
    sizes: Mapping[str, int]
    left_out: tuple[TalkError, ...]

    @property
    def total_bytes(self) -> int:
        return sum(self.sizes.values())


def publish(
    talk: Talk,
    out: Path,
    cache: Path,
    options: PublishOptions = PublishOptions(),
    say: Callable[[str], None] = lambda _: None,
) -> Published:
    """Build the site, prove it, and replace `out`/public by it.

    Raises TalkError naming the file if anything stands in it that must not, or if the folder
    holds someone else's files; the site that was there stays. What needs a browser is left out
    where there is none, and said in `left_out`.
    """
    folder = out / "public"
    with replaced(folder) as made:
        deck = replace(deck_of(talk, cache), notes=None)
        left_out = _make(talk, deck, made, out, cache, options, say)
        _prove(talk, deck, made)
        sizes = {
            path.relative_to(made).as_posix(): path.stat().st_size
            for path in sorted(made.rglob("*"))
            if path.is_file()
        }
    return Published(folder, sizes, left_out)


def _make(
    talk: Talk,
    deck: DeckInput,
    made: Path,
    out: Path,
    cache: Path,
    options: PublishOptions,
    say: Callable[[str], None],
) -> tuple[TalkError, ...]:
    info, base = talk.config.talk, cards.base_address(talk.config.talk.address)
    left_out: list[TalkError] = []

    def attempt(make: Callable[[], object]) -> bool:
        try:
            make()
        except NoBrowserError as error:
            left_out.append(error)
            return False
        return True

    build_deck(deck, made, cache)
    page = made / PAGE
    plain = page.read_text("utf-8")
    _write(made / cards.ICON, cards.icon())
    has_card = attempt(
        lambda: (made / cards.CARD).write_bytes(cards.card_picture(page, cache, say))
    )
    files = _Files(talk, deck, made, out / "speaker", cache, say)
    if options.pdf:
        options = replace(options, pdf=attempt(lambda: files.pdf(base, with_notes=options.notes)))
    if options.pptx:
        options = replace(options, pptx=attempt(files.pptx))
    downloads = _downloads(options)
    _write(page, _deck_page(plain, info, downloads, has_card))
    if options.single_file:
        _write(made / OFFLINE, single_file(page.read_text("utf-8"), made))
    _write(page, strict(page.read_text("utf-8"), styles=PRINT_STYLES))
    _around(talk, deck, made, options, has_card)
    return tuple(left_out)


@dataclass(frozen=True, slots=True)
class _Files:
    """The forms of the deck that a browser makes."""

    talk: Talk
    deck: DeckInput
    made: Path
    speaker: Path
    cache: Path
    say: Callable[[str], None]

    def pdf(self, base: str, *, with_notes: bool) -> None:
        from pipeline.export.notes import export_notes
        from pipeline.export.pdf import export_pdf

        page, pdf, slides = self.made / PAGE, self.made / PDF, len(self.talk.slides)
        export_pdf(page, pdf, self.cache, slides, base, self.say)
        if with_notes:
            to = self.speaker / NOTES_PDF
            export_notes(self.talk, pdf, page, to, self.cache, self.say)

    def pptx(self) -> None:
        from pipeline.export.pptx import export_pptx, slide_pictures

        names = [slide.name for slide in self.talk.slides]
        shots = slide_pictures(self.made / PAGE, names, self.say)
        export_pptx(self.talk, shots, self.deck.pictures, self.made / PPTX)
        to = self.speaker / NOTES_PPTX
        export_pptx(self.talk, shots, self.deck.pictures, to, with_script=True)


def _deck_page(page: str, talk: TalkInfo, downloads: tuple[Download, ...], has_card: bool) -> str:
    """The deck's page with its cards, and with ways to the other pages."""
    if _ICON not in page or "<body>" not in page:
        raise AssertionError("templates/deck/deck.html.j2 has no place for the public head")
    title = f"{talk.title}: {talk.subtitle}" if talk.subtitle else talk.title
    tags = cards.head_tags(talk, PAGE, title, has_card=has_card)
    others = "\n".join(
        f'<link rel="alternate" href="{other.href}" title="{other.name}"'
        + (f' type="{other.kind}">' if other.kind else ">")
        for other in downloads
        if other.href != PAGE
    )
    style = (
        "<style>a.skip{position:absolute;left:16px;top:-200px;z-index:40;padding:8px 16px;"
        "background:var(--card);color:var(--ink)}a.skip:focus{top:16px}"
        "noscript a{display:block;padding:48px;font-size:28px;color:var(--ink)}</style>"
    )
    page = _OWN_HEAD.sub("", page).replace(_ICON, f"{tags}\n{others}\n{style}", 1)
    link = f'<a class="skip" href="{reading.READING}">All slides on one page</a>'
    plain = Markup('<noscript><a href="{}">{}</a></noscript>').format(reading.READING, talk.title)
    return page.replace("<body>", f"<body>\n{link}\n{plain}", 1)


def _downloads(options: PublishOptions) -> tuple[Download, ...]:
    found = [Download(PAGE, "The deck"), Download(reading.READING, "All slides on one page")]
    if options.transcript:
        found.append(Download(reading.TRANSCRIPT, "Transcript"))
    if options.pdf:
        found.append(Download(PDF, "PDF", "application/pdf"))
    if options.pptx:
        kind = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
        found.append(Download(PPTX, "PowerPoint", kind))
    if options.single_file:
        found.append(Download(OFFLINE, "One file for a stick"))
    found.append(Download(reading.LICENCES, "Licences"))
    return tuple(found)


def _around(
    talk: Talk, deck: DeckInput, made: Path, options: PublishOptions, has_card: bool
) -> None:
    """The pages and files around the deck."""
    info, base = talk.config.talk, cards.base_address(talk.config.talk.address)
    downloads = _downloads(options)

    def tags(page: str, title: str) -> Markup:
        return cards.head_tags(info, page, f"{info.title}: {title}", has_card=has_card)

    pages = {
        reading.READING: reading.reading_page(
            deck, tags(reading.READING, "all slides"), downloads, run_marks(talk.results)
        ),
        reading.LICENCES: reading.licences_page(
            info, talk.results, tags(reading.LICENCES, "licences"), downloads
        ),
        reading.LOST: reading.lost_page(info, base or "./"),
    }
    if options.transcript:
        pages[reading.TRANSCRIPT] = reading.transcript_page(
            talk, tags(reading.TRANSCRIPT, "transcript"), downloads
        )
    for name, text in pages.items():
        _write(made / name, strict(text))
    listed = [PAGE, *(name for name in pages if name != reading.LOST)]
    if base:
        _write(made / "sitemap.xml", cards.site_map(base, listed))
    _write(made / "robots.txt", cards.robots(base))
    _write(made / ".nojekyll", "")


def _prove(talk: Talk, deck: DeckInput, made: Path) -> None:
    findings = prove(
        made,
        secrets_of(talk, deck.pictures),
        address=cards.base_address(talk.config.talk.address),
        slides=len(talk.slides),
    )
    if findings:
        first, more = findings[0], len(findings) - 1
        message = first.message + (f" (and {more} more)" if more else "")
        others = "; ".join(f"{f.where}: {f.message}" for f in findings[1:4])
        hint = first.hint or "nothing was published"
        raise TalkError(message, first.where, f"{hint}; also {others}" if others else hint)


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
