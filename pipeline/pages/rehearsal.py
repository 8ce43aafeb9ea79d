"""A Talk -> rehearse.html: the page to rehearse and present with, its data in one JSON block."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from pipeline.pages import assets
from pipeline.pages.csp import Inline, policy
from pipeline.pages.languages import language_rules
from pipeline.pages.templates import render, texts
from pipeline.palette import declared
from pipeline.script.elements import Aside, Cue, Heading, Item, Part, Speech, Verbatim
from pipeline.script.timing import Timing
from pipeline.script.words import bare_text
from pipeline.slides.slide import Slide
from pipeline.talk import Talk, script_version, slide_version, talk_id

PAGE = "rehearse.html"
CAPTURE = "voice/capture.js"  # what takes the microphone's sound, in a thread of its own
_CAPTURES = tuple(f"http://{host}:*/{CAPTURE}" for host in ("127.0.0.1", "localhost"))
CHECK_EVERY_S = 600  # where the tips name no checkpoint, one about every ten minutes


class ItemData(msgspec.Struct, frozen=True, omit_defaults=True):
    """One item of a slide's script as the teleprompter shows it."""

    kind: str  # "say", "cue", "click", "note", "aside", "head", "code" or "part"
    text: str = ""
    words: int = 0
    seconds: int = 0  # a cue's
    if_time: bool = False
    name: str = ""  # "part": of an OPTIONAL one
    cuts: tuple[str, ...] = ()  # "part": that have it
    speech: int | None = None  # "say" on a slide: which one, in all cuts, from 0
    items: tuple[ItemData, ...] = ()


class SlideData(msgspec.Struct, frozen=True):
    name: str
    number: int  # as pages print it
    title: str
    steps: int
    version: str  # of its script
    items: tuple[ItemData, ...]


class BackupData(msgspec.Struct, frozen=True):
    """A slide behind the end: no slot, no place in the plan."""

    name: str
    shown: str  # its number, as pages print it
    title: str
    items: tuple[ItemData, ...]


class QuestionData(msgspec.Struct, frozen=True):
    text: str
    answer: tuple[ItemData, ...]
    slides: tuple[int, ...]  # positions, from 0; backups come after the talk's slides
    tags: tuple[str, ...]


class CheckpointData(msgspec.Struct, frozen=True):
    slide: int  # position, from 0
    at_s: int  # when it begins by plan


class CutData(msgspec.Struct, frozen=True):
    """One cut: its plan, slide by slide; all slots are 0 where nothing is planned."""

    name: str
    title: str
    is_full: bool
    slots_s: tuple[int, ...]
    q_and_a_s: tuple[int, int] | None
    checkpoints: tuple[CheckpointData, ...]


class TalkData(msgspec.Struct, frozen=True):
    """All that the page knows."""

    talk: str
    title: str
    script: str
    cut: str
    pace_wpm: int
    cuts: tuple[CutData, ...]
    slides: tuple[SlideData, ...]
    backups: tuple[BackupData, ...]
    questions: tuple[QuestionData, ...]
    closing: tuple[ItemData, ...]


def rehearsal_page(talk: Talk, guests: Sequence[str] = ()) -> str:
    """The page as HTML: no request but for the deck and its typeface beside it.

    `guests` are scripts that join it where a server gives what they need: "phone", "voice".
    """
    brand = talk.config.brand
    width, height = brand.slide_size
    look = f":root {{ {declared(brand.palette.dark)} --slide: {width} / {height}; }}"
    # What is drawn on the picture of a slide has the slide's colours, and this page is dark.
    look += f" .whole[data-theme=light] {{ {declared(brand.palette.light)} }}"
    rules = language_rules(talk.config.locale)
    hears = "voice" in guests
    sheets = ["rehearse/rehearse.css", *(["rehearse/voice.css"] if hears else [])]
    style = Inline(f"{look}\n{''.join(texts(sheet) for sheet in sheets)}{rules}")
    locale = talk.config.locale
    pages = [*(f"rehearse-{guest}" for guest in guests), "rehearse"]
    scripts = [Inline(assets.script(page, locale)) for page in pages]
    return render(
        "rehearse/rehearse.html.j2",
        locale,
        talk=talk.config.talk,
        data=msgspec.to_builtins(talk_data(talk)),
        style=style,
        scripts=scripts,
        policy=policy(
            scripts=scripts,
            styles=[style],
            runs_files=False,
            frames=True,
            connects="'self'",
            runs=_CAPTURES if hears else (),
        ),
    )


def talk_data(talk: Talk) -> TalkData:
    """What the page's JSON block holds. Times are seconds, slides are positions from 0."""
    position = {slide.number: index for index, slide in enumerate(talk.main)}
    texts = {text.number: text.items for text in talk.script.slides()}
    shown = {slide.number: index for index, slide in enumerate(talk.slides)}
    said = {text.number: text.items for text in talk.script.backups()}
    closing = [item for section in talk.script.of_kind("closing") for item in section.items]
    return TalkData(
        talk=talk_id(talk.config),
        title=talk.config.talk.title,
        script=script_version(talk.script),
        cut=talk.cut,
        pace_wpm=talk.timings[talk.cut].pace_wpm,
        cuts=tuple(_cut(timing, position) for timing in talk.timings.values()),
        slides=tuple(_slide(slide, texts.get(slide.number, ()), talk) for slide in talk.main),
        backups=tuple(
            BackupData(
                slide.name, slide.shown, slide.title_text, _items(said.get(slide.number, ()), talk)
            )
            for slide in talk.slides
            if slide.is_backup
        ),
        questions=tuple(
            QuestionData(
                text=bare_text(question.text).strip('"“”'),
                answer=_items(question.answer, talk),
                slides=tuple(shown[n] for n in question.slides if n in shown),
                tags=question.tags,
            )
            for section in talk.script.of_kind("qa")
            for question in section.questions
        ),
        closing=_items(closing, talk),
    )


def _slide(slide: Slide, items: tuple[Item, ...], talk: Talk) -> SlideData:
    return SlideData(
        name=slide.name,
        number=int(slide.shown),
        title=slide.title_text,
        steps=slide.steps,
        version=slide_version(items),
        items=_items(items, talk, itertools.count()),
    )


def _cut(timing: Timing, position: dict[int, int]) -> CutData:
    slots = [0] * len(position)
    for row in timing.slides if timing.is_planned else ():
        if row.number in position:
            slots[position[row.number]] = row.slot_s
    slot = next((row.slot for row in timing.rows if row.kind == "qa"), None)
    stated = {
        position[point.slide]
        for point in timing.checkpoints
        if point.slide in position and point.is_of_cut
    }
    return CutData(
        name=timing.cut,
        title=timing.title,
        is_full=timing.is_full,
        slots_s=tuple(slots),
        q_and_a_s=(slot.low_s, slot.high_s) if slot else None,
        checkpoints=tuple(_checkpoints(slots, stated)),
    )


def _checkpoints(slots: list[int], stated: set[int]) -> Iterator[CheckpointData]:
    """The stated ones, one where ten minutes went by without, and the last slide."""
    if not any(slots):
        return
    start_s = last_s = 0
    for index, slot_s in enumerate(slots):
        is_last = index == len(slots) - 1
        if index and (index in stated or is_last or start_s - last_s >= CHECK_EVERY_S):
            near = {i for i in stated if i > index and sum(slots[index:i]) < CHECK_EVERY_S // 2}
            if index in stated or is_last or not near:
                yield CheckpointData(index, start_s)
                last_s = start_s
        start_s += slot_s


def _items(
    items: Iterable[Item], talk: Talk, speeches: Iterator[int] | None = None
) -> tuple[ItemData, ...]:
    """`speeches` numbers what is said."""
    return tuple(_item(item, talk, speeches) for item in items)


def _item(item: Item, talk: Talk, speeches: Iterator[int] | None) -> ItemData:
    match item:
        case Speech():
            number = next(speeches) if speeches else None
            return ItemData("say", item.bare, item.spoken_words, speech=number)
        case Cue():
            kind = {"CLICK": "click", "NOTE": "note", "BE READY": "note"}.get(item.kind, "cue")
            # The page says a click's keyword itself, and takes the English one away.
            words = talk.config.locale.words
            text = words.cue(item.raw) if kind == "click" else item.raw
            return ItemData(kind, text, seconds=item.seconds, if_time=item.if_time)
        case Aside():
            return ItemData("aside", item.bare)
        case Heading():
            return ItemData("head", item.text)
        case Verbatim():
            return ItemData("code", "\n".join(item.plain))
        case Part():
            return ItemData(
                "part",
                item.text,
                name=item.name,
                cuts=tuple(n for n, timing in talk.timings.items() if timing.choice.has(item)),
                items=_items(item.items, talk, speeches),
            )
