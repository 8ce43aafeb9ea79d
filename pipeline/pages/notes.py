"""The script as HTML, for the speaker: cues marked apart, measured numbers to be opened."""

from __future__ import annotations

import html
from collections.abc import Iterator

from pipeline.locale import ENGLISH, Locale
from pipeline.memo import NO_MEMO, Form, Memo, key_of
from pipeline.places import Places
from pipeline.script.elements import (
    Aside,
    Choice,
    Cue,
    Heading,
    Item,
    Part,
    Question,
    Script,
    Speech,
    Verbatim,
)
from pipeline.script.words import as_html


def notes_html(
    script: Script, slide_number: int, choice: Choice | None = None, locale: Locale = ENGLISH
) -> str:
    """A slide's script; "" for a slide that the script has not.

    Without a `choice` all parts are there, optional ones marked with their name.
    """
    for slide in (*script.slides(), *script.backups()):
        if slide.number == slide_number:
            return items_html(script, slide.items, choice, locale)
    return ""


_FORM: Form[str] = Form(str)


def items_html(
    script: Script,
    items: tuple[Item, ...],
    choice: Choice | None,
    locale: Locale = ENGLISH,
    memo: Memo = NO_MEMO,
) -> str:
    """Some items of the script, in one cut or with all parts; `memo` keeps them."""
    cut = choice and (sorted(choice.names), choice.keep and sorted(choice.keep))
    key = key_of("notes", items, cut, locale.tag)
    return script.in_html(memo.of(key, _FORM, lambda: "".join(_blocks(items, choice, locale))))


def _blocks(items: tuple[Item, ...], choice: Choice | None, locale: Locale) -> Iterator[str]:
    for item in items:
        match item:
            case Speech():
                yield as_html(item.text)
            case Cue():
                yield _cue(item)
            case Aside():
                yield f'<blockquote class="aside">{as_html(item.text)}</blockquote>\n'
            case Heading():
                yield f'<p class="landmark">{html.escape(item.text)}</p>\n'
            case Verbatim():
                yield f"<pre><code>{html.escape(chr(10).join(item.code))}</code></pre>\n"
            case Part():
                if choice is None or choice.has(item):
                    yield from _part(item, choice, locale)


def _cue(cue: Cue) -> str:
    cost = f' data-seconds="{cue.seconds}"' if cue.seconds else ""
    kind = "unknown" if cue.kind == "?" else cue.kind.lower().replace(" ", "-")
    return f'<p class="cue" data-cue="{kind}"{cost}>{html.escape(cue.raw)}</p>\n'


def _part(part: Part, choice: Choice | None, locale: Locale) -> Iterator[str]:
    kind = part.kind.lower()
    named = html.escape(part.name or ", ".join(part.cuts))
    words = f": {html.escape(part.text)}" if part.text else ""
    said = locale.say("only “{name}”", name=named)
    if kind == "optional":
        said = locale.say("optional “{name}”", name=named)
    yield f'<div class="{kind}" data-part="{named}">\n'
    yield f'<p class="cue" data-cue="{kind}">{said}{words}</p>\n'
    yield from _blocks(part.items, choice, locale)
    yield "</div>\n"


def questions_html(script: Script, choice: Choice | None = None, locale: Locale = ENGLISH) -> str:
    """The questions that may be asked and their answers, as a definition list."""
    blocks = [
        f"<dt>{html.escape(question.text)}{_support(question, script.places, locale)}</dt>\n"
        f"<dd>{''.join(_blocks(question.answer, choice, locale))}</dd>\n"
        for section in script.of_kind("qa")
        for question in section.questions
    ]
    return script.in_html(f"<dl>\n{''.join(blocks)}</dl>\n") if blocks else ""


def _support(question: Question, places: Places, locale: Locale) -> str:
    slides = ", ".join(places.shown(number) for number in question.slides)
    said = locale.say("slide {slide}", slide=slides)
    return f' <span class="cue">{said}</span>' if slides else ""
