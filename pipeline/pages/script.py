"""The script beside the speaker's deck: a page to print, a teleprompter's text, captions."""

from __future__ import annotations

import msgspec

from pipeline.lengths import clock
from pipeline.locale import ENGLISH, Locale
from pipeline.memo import NO_MEMO, Form, Memo, key_of
from pipeline.pages.captions import Moment, captions, moments, srt, web_vtt
from pipeline.pages.csp import Inline, policy
from pipeline.pages.languages import language_rules
from pipeline.pages.notes import items_html, questions_html
from pipeline.pages.templates import render, texts
from pipeline.palette import OURS, Palette, declared
from pipeline.script.elements import Choice, Cue, Field, Script, Speech, Verbatim, flat
from pipeline.script.timing import Timing
from pipeline.talk import Talk


class PrintedSlide(msgspec.Struct, frozen=True):
    """One slide on the printable page; `body` is HTML, the rest is text."""

    label: str
    title: str
    start: str  # "20:00"
    slot: str
    end: str
    words: int
    body: str


class PrintedScript(msgspec.Struct, frozen=True):
    """What templates/print/script.html.j2 prints."""

    title: str
    cut: str
    length: str
    pace_wpm: int
    slides: tuple[PrintedSlide, ...]
    questions: str  # HTML
    tips: tuple[str, ...]


def script_files(talk: Talk) -> dict[str, bytes]:
    """The script of the talk's cut beside its deck: to print, to read from, as captions."""
    timing, info = talk.timings[talk.cut], talk.config.talk
    locale, memo = talk.config.locale, talk.memo
    planned = moments(talk.script, timing)
    said = [(m.item, m.start_ms, m.end_ms) for m in planned if isinstance(m.item, Speech)]
    key = key_of("files of captions", said, locale.tag)
    captions_vtt, captions_srt = memo.of(key, _FORM, lambda: _captions(planned, locale, memo))
    printed = printed_script(talk.script, timing, info.title, locale, memo)
    page = script_page(printed, locale, talk.config.brand.palette)
    files = {
        "script.html": page,
        "script.txt": script_txt(talk.script, timing.choice),
        "captions.vtt": captions_vtt,
        "captions.srt": captions_srt,
    }
    return {name: text.encode() for name, text in files.items()}


_FORM: Form[tuple[str, str]] = Form(tuple[str, str])


def _captions(planned: tuple[Moment, ...], locale: Locale, memo: Memo) -> tuple[str, str]:
    shown = captions(planned, locale, memo)
    return web_vtt(shown), srt(shown)


def script_page(script: PrintedScript, locale: Locale, palette: Palette = OURS) -> str:
    """The script to print, on paper's white."""
    rules = language_rules(locale, is_read=True)
    if not locale.is_english:  # where "slot 0:45" is longer
        rules += "@media (min-width: 34rem){section{grid-template-columns: 6.6rem 1fr;}}"
    style = Inline(f":root {{ {declared(palette.light)} }}\n{texts('print/script.css')}{rules}")
    return render(
        "print/script.html.j2",
        locale,
        script=script,
        style=style,
        policy=policy(styles=[style], files="", runs_files=False),
    )


def printed_script(
    script: Script, timing: Timing, title: str, locale: Locale = ENGLISH, memo: Memo = NO_MEMO
) -> PrintedScript:
    """The data of the printable page for one cut; `memo` keeps its HTML."""
    texts = {text.number: text for text in script.texts()}
    slides = tuple(
        PrintedSlide(
            row.label,
            row.title,
            clock(row.start_s),
            clock(row.slot_s),
            clock(row.start_s + row.slot_s),
            row.spoken_words,
            items_html(script, texts[row.number or 0].items, timing.choice, locale, memo),
        )
        for row in timing.rows
        if row.kind != "qa"
    )
    tips = tuple(
        f"{note.key}: {note.value}" if isinstance(note, Field) else note.text
        for section in script.of_kind("tips")
        for note in section.notes
        if not isinstance(note, Verbatim)
    )
    return PrintedScript(
        title,
        timing.title,
        clock(timing.planned_s),
        timing.pace_wpm,
        slides,
        questions_html(script, timing.choice, locale),
        tips,
    )


def script_txt(script: Script, choice: Choice) -> str:
    """The words of a cut for a teleprompter: cues in brackets, nothing else around them."""
    blocks: list[str] = []
    for text in script.texts():
        shown = script.places.shown(text.number)
        blocks.append(f"[SLIDE {shown}]" if text.number else f"[{text.title}]")
        for item in flat(text.items, choice):
            if isinstance(item, Speech):
                blocks.append(item.bare)
            elif isinstance(item, Cue):
                blocks.append(f"[{item.raw}]")
    return "\n\n".join(blocks) + "\n"
