"""What was heard of the rehearsals of one cut, against the script and against each other.

How sure it may be depends on how well the recogniser heard: below `CLEAR` no pace is told, below
`FAINT` nothing of what was skipped or added, and nothing is ever called more than probable.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from statistics import median

import msgspec
from msgspec.structs import replace

from pipeline.problems import Source
from pipeline.rehearsal.record import Rehearsal
from pipeline.rehearsal.report import PACE_RUNS, Report, middle_half
from pipeline.rehearsal.voice.course import pace_of
from pipeline.rehearsal.voice.record import (
    Extra,
    SentenceSaid,
    Status,
    Stretch,
    VoiceRecord,
    sentence_key,
)
from pipeline.talk import Talk
from pipeline.voice.sentences import CLOSING, Sentence, sentences_of, speeches

FAINT, CLEAR = 0.35, 0.55  # shares of the words that were recognised
BEHIND_S = 3.0  # between voice and click; less is nobody's fault


class SentenceRow(msgspec.Struct, frozen=True):
    """One sentence of the script: the last time, and over the rehearsals that tell."""

    slide: str
    text: str
    where: str  # file and line of its paragraph
    words: int
    status: Status | None = None  # None: it was written since
    wpm: float | None = None
    times: int = 1
    behind_s: float = 0.0
    skipped: int = 0  # in so many
    of: int = 0  # rehearsals in which it was said or skipped


class SlideVoice(msgspec.Struct, frozen=True):
    """What was heard on one slide."""

    name: str
    shown: str  # as pages print it; "" for the closing remarks
    title: str
    pace_wpm: float | None  # the last time
    median_wpm: float | None  # over all
    low_wpm: float | None  # the middle half of them
    high_wpm: float | None
    pauses: int
    pause_s: float
    skipped: int  # sentences
    extra_s: float
    fillers: int
    behind_s: float  # the furthest that the voice was behind the clicks, or (< 0) ahead of them
    sentences: tuple[SentenceRow, ...]


class RunVoice(msgspec.Struct, frozen=True):
    """What was heard in one rehearsal."""

    id: str
    started: str
    recognised: float | None
    sure: float | None
    pace_wpm: float | None
    listened_s: float
    speech_s: float
    silence_s: float
    pauses: int
    longest_s: float
    skipped: int  # sentences
    repeated: int
    extras: int
    extra_s: float
    fillers: int


class Skipped(msgspec.Struct, frozen=True):
    """Sentences in a row that weren't said the last time."""

    slide: str
    where: str
    text: str  # the first of them
    sentences: int
    words: int
    times: int  # in so many of all rehearsals the first of them was skipped
    of: int


class Beside(msgspec.Struct, frozen=True):
    """What was said beside the script the last time, and where it would stand."""

    slide: str
    where: str  # file and line of the paragraph before
    after: str  # the sentence before
    at_s: float
    seconds: float
    text: str
    is_instead: bool


class VoiceReport(msgspec.Struct, frozen=True):
    """What the voice of the rehearsals says. `last` is one of `runs`, the newest."""

    plan_wpm: int
    own_pace_wpm: int | None  # median of the last runs
    runs: tuple[RunVoice, ...]
    slides: tuple[SlideVoice, ...]
    skipped: tuple[Skipped, ...]
    beside: tuple[Beside, ...]
    fillers: tuple[tuple[str, int], ...]
    longest: tuple[str, float, float] | None  # slide, from when, seconds
    repeated: tuple[SentenceRow, ...]
    changed: int  # sentences that the script has now and the last rehearsal had not
    deaf: tuple[Stretch, ...]  # nobody listened while the talk went on
    unheard: int  # words of the script that the recogniser doesn't know
    unheard_first: tuple[str, ...]

    @property
    def last(self) -> RunVoice:
        return self.runs[-1]

    @property
    def is_faint(self) -> bool:
        """Whether too little was recognised to say what was left out or added."""
        return self.last.recognised is None or self.last.recognised < FAINT

    @property
    def is_clear(self) -> bool:
        return self.last.recognised is not None and self.last.recognised >= CLEAR


def voice_report(
    report: Report, voices: Mapping[str, VoiceRecord], talk: Talk
) -> VoiceReport | None:
    """What was heard of the runs of a report; None where nobody listened."""
    heard = [(run, voices[run.id]) for run in report.runs if run.id in voices]
    if not heard:
        return None
    runs = tuple(_run(run.started, voice) for run, voice in heard)
    script = [one for one in sentences_of(talk) if report.cut in one.cuts]
    places = _places(talk)
    rows = _sentences(script, [voice for _, voice in heard], places)
    last = heard[-1][1]
    is_faint = last.recognised is None or last.recognised < FAINT
    known = {slide.name for slide in talk.main} | {CLOSING}
    titles = [(slide.name, slide.shown, slide.title_text) for slide in talk.main]
    paces = [run.pace_wpm for run in runs if _tells(run)][-PACE_RUNS:]
    return VoiceReport(
        plan_wpm=report.pace_wpm,
        own_pace_wpm=round(median(p for p in paces if p)) if paces else None,
        runs=runs,
        slides=tuple(
            _slide(name, shown, title, [voice for _, voice in heard], rows)
            for name, shown, title in [*titles, (CLOSING, "", "")]
            if any(row.slide == name and (row.of or row.status == "unclear") for row in rows)
        ),
        skipped=() if is_faint else tuple(_skipped(rows)),
        beside=() if is_faint else tuple(_beside(last, script, places, known)),
        fillers=tuple(Counter(filler.word for filler in last.fillers).most_common()),
        longest=(last.longest.slide, last.longest.at_s, last.longest.seconds)
        if last.longest and last.longest.slide in known
        else None,
        repeated=tuple(row for row in rows if row.times > 1 and row.status == "said"),
        changed=sum(row.status is None for row in rows),
        deaf=last.deaf,
        unheard=last.unheard,
        unheard_first=last.unheard_first,
    )


def _tells(run: RunVoice | VoiceRecord) -> bool:
    """Whether enough was heard to time it: of 54% of the words the pace was a tenth too low."""
    return run.pace_wpm is not None and (run.recognised or 0) >= CLEAR


def _run(started: str, voice: VoiceRecord) -> RunVoice:
    return RunVoice(
        id=voice.id,
        started=started,
        recognised=voice.recognised,
        sure=voice.sure,
        pace_wpm=voice.pace_wpm if _tells(voice) else None,
        listened_s=voice.listened_s,
        speech_s=voice.speech_s,
        silence_s=voice.silence_s,
        pauses=len(voice.pauses),
        longest_s=voice.longest.seconds if voice.longest else 0.0,
        skipped=sum(one.status == "skipped" for one in voice.sentences),
        repeated=sum(one.times > 1 for one in voice.sentences),
        extras=len(voice.extras),
        extra_s=round(sum(extra.seconds for extra in voice.extras), 1),
        fillers=len(voice.fillers),
    )


def _places(talk: Talk) -> dict[tuple[str, int], str]:
    """Slide and number of a paragraph -> its file and line, from the talk's folder."""
    names = {slide.number: slide.name for slide in talk.main} | {0: CLOSING}
    return {
        (names[text.number], at): _below(speech.source, talk)
        for text in talk.script.texts()
        if text.number in names
        for at, (speech, _) in enumerate(speeches(text.items, ()))
    }


def _below(source: Source, talk: Talk) -> str:
    return source.below(talk.config.root)


def _keyed(sentences: Sequence[SentenceSaid]) -> dict[tuple[str, str, int], SentenceSaid]:
    """Each by slide, words, and which of those it is where one is there twice."""
    seen = Counter[tuple[str, str]]()
    found = {}
    for one in sentences:
        found[one.slide, one.key, seen[one.slide, one.key]] = one
        seen[one.slide, one.key] += 1
    return found


def _sentences(
    script: Sequence[Sentence], voices: Sequence[VoiceRecord], places: Mapping[tuple[str, int], str]
) -> list[SentenceRow]:
    by_run = [_keyed(voice.sentences) for voice in voices]
    seen = Counter[tuple[str, str]]()
    rows = []
    for one in script:
        key = sentence_key(one.text)
        name = one.slide, key, seen[one.slide, key]
        seen[one.slide, key] += 1
        told = [said for said in (run.get(name) for run in by_run) if said]
        last = by_run[-1].get(name)
        row = SentenceRow(one.slide, one.text, places[one.slide, one.item], len(one.words))
        rows.append(
            replace(
                row,
                words=last.words if last else row.words,
                status=last.status if last else None,
                wpm=_wpm(last) if last else None,
                times=last.times if last else 1,
                behind_s=last.behind_s if last else 0.0,
                skipped=sum(said.status == "skipped" for said in told),
                of=sum(said.status in ("said", "partly", "skipped") for said in told),
            )
        )
    return rows


def _wpm(said: SentenceSaid) -> float | None:
    """Of one sentence; short ones tell nothing."""
    if said.status != "said" or said.start_s is None or said.end_s is None or said.words < 6:
        return None
    return round(60 * said.words / max(0.5, said.end_s - said.start_s))


def _slide(
    name: str,
    shown: str,
    title: str,
    voices: Sequence[VoiceRecord],
    rows: Sequence[SentenceRow],
) -> SlideVoice:
    last = voices[-1]
    mine = tuple(row for row in rows if row.slide == name)
    paces = [pace for voice in voices if _tells(voice) and (pace := _pace_on(name, voice))]
    low, high = middle_half(paces) if paces else (None, None)
    pauses = [pause.seconds for pause in last.pauses if pause.slide == name]
    return SlideVoice(
        name=name,
        shown=shown,
        title=title,
        pace_wpm=_pace_on(name, last) if _tells(last) else None,
        median_wpm=median(paces) if paces else None,
        low_wpm=low,
        high_wpm=high,
        pauses=len(pauses),
        pause_s=round(sum(pauses), 1),
        skipped=sum(row.status == "skipped" for row in mine),
        extra_s=round(sum(extra.seconds for extra in last.extras if extra.slide == name), 1),
        fillers=sum(filler.slide == name for filler in last.fillers),
        behind_s=max((row.behind_s for row in mine), key=abs, default=0.0),
        sentences=mine,
    )


def _pace_on(slide: str, voice: VoiceRecord) -> float | None:
    """Words a minute on one slide, rounded; None where too few sentences tell."""
    spoken = sorted(
        (one.start_s, one.end_s, one.words)
        for one in voice.sentences
        if one.slide == slide and one.status == "said" and one.start_s is not None
        and one.end_s is not None
    )  # fmt: skip
    pace = pace_of([(words, start_s, end_s) for start_s, end_s, words in spoken])
    return round(pace) if pace else None


def _skipped(rows: Sequence[SentenceRow]) -> Iterator[Skipped]:
    """Runs of sentences of one slide that were skipped."""
    for (slide, is_skipped), some in groupby(
        rows, lambda row: (row.slide, row.status == "skipped")
    ):
        if not is_skipped:
            continue
        first, *rest = some
        words = sum(row.words for row in (first, *rest))
        count = 1 + len(rest)
        yield Skipped(slide, first.where, first.text, count, words, first.skipped, first.of)


def _beside(
    voice: VoiceRecord,
    script: Sequence[Sentence],
    places: Mapping[tuple[str, int], str],
    known: set[str],
) -> Iterator[Beside]:
    """Each extra with the sentence of the script that it came after; nowhere, if that has gone."""
    by_key: dict[tuple[str, str | None], Sentence] = {}
    firsts: dict[str, Sentence] = {}
    for one in script:
        by_key.setdefault((one.slide, sentence_key(one.text)), one)
        firsts.setdefault(one.slide, one)
    for extra in voice.extras:
        before = by_key.get((extra.slide, extra.after))
        near = before or firsts.get(extra.slide)
        if extra.slide in known:
            where = places[near.slide, near.item] if near else ""
            yield _beside_of(extra, where, before.text if before else "")


def _beside_of(extra: Extra, where: str, after: str) -> Beside:
    slide, at_s, seconds = extra.slide, extra.at_s, extra.seconds
    return Beside(slide, where, after, at_s, seconds, extra.text, extra.is_instead)


# --- Times by the voice ---------------------------------------------------------------------------


def timed_by_voices(
    records: Sequence[Rehearsal], voices: Mapping[str, VoiceRecord], cut: str
) -> tuple[tuple[Rehearsal, ...], str]:
    """The rehearsals of a cut with the voice's times and pace, where there is one; in words, too.

    Where one voice tells the pace, the time between clicks tells it no more.
    """
    mine = [run for run in records if run.cut == cut]
    heard = {run.id for run in mine if run.id in voices and _tells(voices[run.id])}
    if not heard:
        return tuple(records), ""
    timed = tuple(
        timed_by_voice(run, voices[run.id]) if run.id in heard else replace(run, spoken_wpm=None)
        for run in mine
    )
    share = median(voices[name].recognised or 0 for name in heard)
    told = f"from the voice in {len(heard)} of {len(mine)} rehearsals"
    others = ", from the clicks in the others" if len(heard) < len(mine) else ""
    return timed, f"times are {told}{others}; the pace is the voice's ({share:.0%} recognised)"


def timed_by_voice(run: Rehearsal, voice: VoiceRecord) -> Rehearsal:
    """The rehearsal with each slide's time from its first spoken sentence to the next slide's.

    Slides of which nothing was heard, or that were said out of order, keep the time between
    clicks. The pace is the voice's.
    """
    if not _tells(voice):
        return run
    starts: dict[str, float] = {}
    ends: dict[str, float] = {}
    for one in voice.sentences:
        if one.status in ("said", "partly") and one.start_s is not None and one.end_s is not None:
            starts[one.slide] = min(one.start_s, starts.get(one.slide, one.start_s))
            ends[one.slide] = max(one.end_s, ends.get(one.slide, one.end_s))
    spent: defaultdict[str, float] = defaultdict(float)
    for visit in run.visits:
        spent[visit.slide] += visit.seconds
    order = list(dict.fromkeys(visit.slide for visit in run.visits))
    starts[order[0]] = run.visits[0].at_s
    for slide, after in pairwise(order):  # said in another order: the clicks tell
        if slide in ends and after in starts and ends[slide] <= starts[after]:
            spent[slide] = starts[after] - starts[slide] - _stopped_s(run, slide, starts, after)
    visits = tuple(
        replace(visit, seconds=round(spent.pop(visit.slide, 0.0), 1)) for visit in run.visits
    )
    return replace(run, visits=visits, spoken_wpm=voice.pace_wpm)


def _stopped_s(run: Rehearsal, slide: str, starts: Mapping[str, float], after: str) -> float:
    """Seconds that the clock stood between two slides' first sentences."""
    low_s, high_s = starts[slide], starts[after]
    return sum(
        max(0.0, min(pause.at_s + pause.seconds, high_s) - max(pause.at_s, low_s))
        for pause in run.pauses
    )
