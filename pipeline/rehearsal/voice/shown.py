"""What was heard, shown: in the terminal and on a page. As sure as it was heard, no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec

from pipeline.lengths import clock
from pipeline.locale import ENGLISH, Locale
from pipeline.problems import shortened
from pipeline.rehearsal.voice.report import (
    BEHIND_S,
    Beside,
    RunVoice,
    SentenceRow,
    SlideVoice,
    VoiceReport,
)

LAST_RUNS = 10
_WIDTH = 34
_QUOTED = 60
MOST_DEAF = 5  # stretches, each in a line

Aligned = Callable[[list[tuple[str, ...]], tuple[int, ...]], list[str]]


class Page(msgspec.Struct, frozen=True):
    """The part of the report's page, in the words of its language."""

    how_well: str
    limits: tuple[str, ...]
    sentences: tuple[str, ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    said_head: tuple[str, ...]
    slides: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]  # its name, a row a sentence
    heard_as: str
    beside: tuple[tuple[str, str], ...]  # where and how long, and the text
    run_head: tuple[str, ...]
    runs: tuple[tuple[str, ...], ...]


def voice_lines(voice: VoiceReport, aligned: Aligned) -> list[str]:
    """The part of the terminal's report."""
    rows = aligned([_slide_head(), *(_slide_cells(row) for row in voice.slides)], (0, 1))
    runs = aligned([_run_head(), *(_run_cells(run) for run in voice.runs[-LAST_RUNS:])], (0,))
    names = _names(voice, ENGLISH)
    lines = ["", "What was heard", how_well(voice), *limits(voice), "", *rows, "", *runs, ""]
    lines += voice_sentences(voice)
    if voice.beside:
        lines += ["", f"{_beside_title(ENGLISH)}:", heard_as(ENGLISH)]
    for one in voice.beside:
        lines += [f"  {_place(one, names, ENGLISH)}", *_pasted(one.text)]
    return lines


def voice_page(voice: VoiceReport, locale: Locale) -> Page:
    """What the report's page shows of it."""
    names = _names(voice, locale)
    return Page(
        how_well=how_well(voice, locale),
        limits=tuple(limits(voice, locale)),
        sentences=tuple(voice_sentences(voice, locale)),
        head=_slide_head(locale),
        rows=tuple(_slide_cells(row, locale) for row in voice.slides),
        said_head=(
            locale.say("sentence"),
            locale.say("words"),
            locale.say("pace"),
            locale.say("the last time"),
            locale.say("skipped"),
        ),
        slides=tuple(
            (
                f"{names[row.name]}: {row.title}" if row.title else names[row.name],
                _said(row, voice, locale),
            )
            for row in voice.slides
        ),
        heard_as=heard_as(locale),
        beside=tuple((_place(one, names, locale), one.text) for one in voice.beside),
        run_head=_run_head(locale),
        runs=tuple(_run_cells(run, locale) for run in voice.runs[-LAST_RUNS:]),
    )


def how_well(voice: VoiceReport, locale: Locale = ENGLISH) -> str:
    """How well it was heard, and so how far to trust the rest."""
    last = voice.last
    if last.recognised is None:
        return locale.say("no word of the script was recognised the last time")
    share = locale.percent(100 * last.recognised, 0)
    heard = locale.say("{share} of the words that were said were recognised", share=share)
    if voice.is_clear:
        return locale.say("{heard}: what follows is probable, not certain", heard=heard)
    if voice.is_faint:
        return locale.say(
            "{heard}: too few to say what was skipped or added; times are rough", heard=heard
        )
    return locale.say("{heard}: take what follows as hints", heard=heard)


def limits(voice: VoiceReport, locale: Locale = ENGLISH) -> list[str]:
    """What could not be heard at all: nothing is said of it."""
    said = [
        locale.say(
            "nobody listened from {at} to {end}, {time} long: what was said there isn’t known",
            at=clock(round(one.at_s)),
            end=clock(round(one.at_s + one.seconds)),
            time=clock(round(one.seconds)),
        )
        for one in voice.deaf[:MOST_DEAF]
    ]
    if voice.unheard:
        words = ", ".join(voice.unheard_first)
        more = " …" if voice.unheard > len(voice.unheard_first) else ""
        said.append(
            locale.say(
                "{n} word of the script is one that the recogniser doesn’t know: {words}",
                "{n} words of the script are ones that the recogniser doesn’t know: {words}",
                n=voice.unheard,
                words=words + more,
            )
        )
    return said


def voice_sentences(voice: VoiceReport, locale: Locale = ENGLISH) -> list[str]:
    """The last rehearsal in words, the most important first."""
    names = _names(voice, locale)
    said = [*_skipped(voice, names, locale), *_behind(voice, names, locale)]
    said += [
        locale.say(
            "{slide}: said {times} times: “{text}”",
            slide=names[row.slide],
            times=row.times,
            text=_quoted(row.text),
        )
        for row in voice.repeated
    ]
    said += _pace(voice, locale)
    if voice.fillers:
        words = ", ".join(f"{word} {count}" for word, count in voice.fillers)
        said.append(locale.say("filler words: {words}", words=words))
    said += _pauses(voice, names, locale)
    if voice.changed:
        changed = locale.say("{n} sentence", "{n} sentences", n=voice.changed)
        said.append(locale.say("written since it was last heard: {changed}", changed=changed))
    return said


def _skipped(voice: VoiceReport, names: Mapping[str, str], locale: Locale) -> Iterator[str]:
    if voice.is_faint:
        return
    if not voice.skipped:
        yield locale.say("nothing was skipped, as far as it was heard")
    for one in voice.skipped:
        slide, text = names[one.slide], _quoted(one.text)
        sentences = locale.say("{n} sentence", "{n} sentences", n=one.sentences)
        some = locale.say(
            "{sentences} from “{text}” ({where})", sentences=sentences, text=text, where=one.where
        )
        if voice.is_clear:
            told = locale.say("{slide}: probably skipped: {some}", slide=slide, some=some)
        else:
            told = locale.say("{slide}: perhaps skipped: {some}", slide=slide, some=some)
        if one.of > 1:
            often = locale.say("in {times} of {all} rehearsals", times=one.times, all=one.of)
            told = f"{told}, {often}"
        yield told


def _behind(voice: VoiceReport, names: Mapping[str, str], locale: Locale) -> Iterator[str]:
    for row in voice.slides:
        slide, time = names[row.name], clock(round(abs(row.behind_s)))
        if row.behind_s >= BEHIND_S:
            yield locale.say(
                "{slide}: the voice fell {time} behind the clicks", slide=slide, time=time
            )
        elif row.behind_s <= -BEHIND_S:
            yield locale.say(
                "{slide}: the voice ran {time} ahead of the clicks", slide=slide, time=time
            )


def _pace(voice: VoiceReport, locale: Locale) -> Iterator[str]:
    pace, plan = voice.last.pace_wpm, voice.plan_wpm
    if pace is not None:
        yield locale.say(
            "pace of the voice, without pauses: {pace} words a minute, planned are {plan}",
            pace=round(pace),
            plan=plan,
        )
    if voice.own_pace_wpm is not None and len(voice.runs) > 1:
        yield locale.say("over the last rehearsals: {pace} words a minute", pace=voice.own_pace_wpm)


def _pauses(voice: VoiceReport, names: Mapping[str, str], locale: Locale) -> Iterator[str]:
    last = voice.last
    speech, silence = clock(round(last.speech_s)), clock(round(last.silence_s))
    pauses = locale.say("{n} pause", "{n} pauses", n=last.pauses)
    yield locale.say(
        "speech {speech}, silence {silence} in {pauses}",
        speech=speech,
        silence=silence,
        pauses=pauses,
    )
    if voice.longest:
        slide, at_s, seconds = voice.longest
        yield locale.say(
            "longest stretch without a pause: {time}, from {at} on ({slide})",
            time=clock(round(seconds)),
            at=clock(round(at_s)),
            slide=names.get(slide, ""),
        )


def _names(voice: VoiceReport, locale: Locale) -> dict[str, str]:
    """Slide -> how it is called; extras and pauses may stand on slides that say nothing."""
    closing = locale.say("closing remarks")
    return {
        row.name: locale.say("slide {slide}", slide=row.shown) if row.shown else closing
        for row in voice.slides
    }


def _beside_title(locale: Locale) -> str:
    return locale.say("Said beside the script, as it was heard: write it in, or let it go")


def heard_as(locale: Locale) -> str:
    """What the words of it are worth."""
    return locale.say(
        "of the few words that the recogniser knows these came nearest: a reminder, no transcript"
    )


def _place(one: Beside, names: Mapping[str, str], locale: Locale) -> str:
    slide = names.get(one.slide, one.slide)
    at, time = clock(round(one.at_s)), clock(round(one.seconds))
    told = locale.say("{slide}, at {at}, {time} long", slide=slide, at=at, time=time)
    if one.after:
        text = _quoted(one.after)
        told += locale.say(", after “{text}” ({where})", text=text, where=one.where)
    elif one.where:
        told += locale.say(", before {where}", where=one.where)
    if one.is_instead:
        told += locale.say("; perhaps the script there, in other words")
    return told


def _pasted(text: str) -> Iterator[str]:
    """A paragraph as it would stand in the script."""
    yield f"    {text[:1].upper()}{text[1:]}."


def _slide_head(locale: Locale = ENGLISH) -> tuple[str, ...]:
    paces = locale.say("pace"), locale.say("median"), locale.say("middle half")
    more = (
        locale.say("pauses"),
        locale.say("skipped"),
        locale.say("beside"),
        locale.say("fillers"),
        locale.say("behind"),
    )
    return (locale.say("slide"), "", *paces, *more)


def _slide_cells(row: SlideVoice, locale: Locale = ENGLISH) -> tuple[str, ...]:
    title = shortened(row.title, _WIDTH) if row.shown else locale.say("closing remarks")
    half = "-"
    if row.low_wpm is not None and row.high_wpm is not None:
        half = f"{round(row.low_wpm)}-{round(row.high_wpm)}"
    return (
        row.shown,
        title,
        _number(row.pace_wpm),
        _number(row.median_wpm),
        half,
        _many(row.pauses, row.pause_s),
        str(row.skipped or "-"),
        clock(round(row.extra_s)) if row.extra_s else "-",
        str(row.fillers or "-"),
        _signed(row.behind_s) if abs(row.behind_s) >= BEHIND_S else "-",
    )


def _run_head(locale: Locale = ENGLISH) -> tuple[str, ...]:
    return (
        locale.say("run"),
        locale.say("recognised"),
        locale.say("pace"),
        locale.say("speech"),
        locale.say("pauses"),
        locale.say("longest"),
        locale.say("skipped"),
        locale.say("repeated"),
        locale.say("beside"),
        locale.say("fillers"),
    )


def _run_cells(run: RunVoice, locale: Locale = ENGLISH) -> tuple[str, ...]:
    return (
        run.started[:16].replace("T", " "),
        "-" if run.recognised is None else locale.percent(100 * run.recognised, 0),
        _number(run.pace_wpm),
        clock(round(run.speech_s)),
        _many(run.pauses, run.silence_s),
        clock(round(run.longest_s)),
        str(run.skipped or "-"),
        str(run.repeated or "-"),
        _many(run.extras, run.extra_s),
        str(run.fillers or "-"),
    )


def _said(slide: SlideVoice, voice: VoiceReport, locale: Locale) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            row.text,
            str(row.words),
            _number(row.wpm),
            _status(row, voice, locale),
            f"{row.skipped}/{row.of}" if row.of and not voice.is_faint else "-",
        )
        for row in slide.sentences
    )


def _status(row: SentenceRow, voice: VoiceReport, locale: Locale) -> str:
    if row.status is None:
        return locale.say("new")
    if row.status == "said" and row.times > 1:
        return locale.say("said {times} times", times=row.times)
    if voice.is_faint and row.status in ("skipped", "partly"):
        return locale.say("not recognised")
    skipped = locale.say("probably skipped") if voice.is_clear else locale.say("perhaps skipped")
    return {
        "said": locale.say("said"),
        "partly": locale.say("said in part"),
        "unclear": locale.say("not recognised"),
        "skipped": skipped,
        "left_out": locale.say("left out by key"),
        "unreached": locale.say("not reached"),
    }[row.status]


def _quoted(text: str) -> str:
    return shortened(text.strip(' "“”'), _QUOTED)


def _number(value: float | None) -> str:
    return "-" if value is None else str(round(value))


def _many(count: int, seconds: float) -> str:
    return f"{count} ({clock(round(seconds))})" if count else "-"


def _signed(seconds: float) -> str:
    return f"+{clock(round(seconds))}" if seconds > 0 else clock(round(seconds))
