"""A talk -> its sentences in order, each with its words as they are said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from pipeline.locale import ENGLISH, Locale
from pipeline.numbers.spoken import CJK, spoken_form
from pipeline.script.elements import Item, Part, Speech
from pipeline.script.sentences import sentences_in
from pipeline.talk import Talk

CLOSING = ""  # the slide of the closing remarks: they have none of their own

# "fine-tuning" is two words to the ear; in "don't" and "1.5" nothing is parted.
_WORD = re.compile(rf"{CJK}|(?:(?!{CJK})[^\W_])+(?:['’](?:(?!{CJK})[^\W_])+)*")


class Sentence(msgspec.Struct, frozen=True):
    """A sentence of the script, and where it stands in it."""

    slide: str  # the slide's name, CLOSING for the closing remarks
    number: int  # from 0, over the talk
    item: int  # from 0: which `Speech` of the slide, all cuts and parts opened
    first: float  # where in the item's text it begins and ends: 0 to 1, by signs
    last: float
    text: str
    words: tuple[str, ...]  # as they are said, in small letters
    part: str = ""  # the optional part that it is in, "" for none
    cuts: tuple[str, ...] = ()  # the cuts that say it


def sentences_of(talk: Talk) -> tuple[Sentence, ...]:
    """All sentences of a talk's slides and closing remarks, of all cuts, in the script's order."""
    names = {slide.number: slide.name for slide in talk.main} | {0: CLOSING}
    found: list[Sentence] = []
    for text in talk.script.texts():
        if text.number in names:
            _add(found, names[text.number], text.items, talk)
    return tuple(found)


def _add(found: list[Sentence], slide: str, items: Sequence[Item], talk: Talk) -> None:
    locale = talk.config.locale
    for at, (speech, parts) in enumerate(speeches(items, ())):
        name = next((part.name for part in reversed(parts) if part.name), "")
        cuts = tuple(
            cut
            for cut, timing in talk.timings.items()
            if all(timing.choice.has(part) for part in parts)
        )
        size = len(speech.bare)
        for start, end in sentences_in(speech.bare, locale):
            text = speech.bare[start:end]
            words = tuple(word.lower() for word in written_words(text, locale))
            if not words:
                continue
            one = (start / size, end / size, text, words, name, cuts)
            found.append(Sentence(slide, len(found), at, *one))


def speeches(
    items: Sequence[Item], parts: tuple[Part, ...]
) -> Iterator[tuple[Speech, tuple[Part, ...]]]:
    """Each paragraph that is said, and the parts it stands in, the outermost first."""
    for item in items:
        if isinstance(item, Speech):
            yield item, parts
        elif isinstance(item, Part):
            yield from speeches(item.items, (*parts, item))


def written_words(text: str, locale: Locale = ENGLISH) -> list[str]:
    """The words of `text` as they are said, numbers written out, letters as they stand."""
    return [word.replace("’", "'") for word in _WORD.findall(spoken_form(text, locale))]
