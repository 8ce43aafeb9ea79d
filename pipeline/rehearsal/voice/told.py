"""Words heard in a rehearsal -> what was said of the script, and what beside it: a `VoiceRecord`.

After the fact, from all words at once: another way than the one that finds the place meanwhile.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from pipeline.locale import ENGLISH, Locale
from pipeline.numbers.spoken import CJK, count_words
from pipeline.rehearsal.record import Rehearsal, Visit
from pipeline.rehearsal.voice.aligned import Near, same_words
from pipeline.rehearsal.voice.course import (
    EXTRA_S,
    FITS,
    HEARD,
    SKIPPED,
    UNCLEAR,
    Course,
    Passage,
    Token,
    fates_of,
    pace_of,
    passages_of,
    rate_of,
    trusted,
)
from pipeline.rehearsal.voice.record import (
    FORMAT,
    MOST_TEXT,
    MOST_UNHEARD,
    MOST_WORD,
    Extra,
    Filler,
    SentenceSaid,
    Status,
    Stretch,
    VoiceRecord,
    sentence_key,
)
from pipeline.rehearsal.voice.spans import PAUSE_S, Span, length_s, merged, silences, within
from pipeline.voice.heard import Heard
from pipeline.voice.lexicon import FILLERS
from pipeline.voice.sentences import Sentence

MOST_HEARD = 100_000  # words: a day of speech
MOST_PLACES = 500
DEAF_S = 3.0  # less is the time in which the microphone opens
AROUND_S = 25.0  # voice and clicks may lie so far apart
_SECOND = re.compile(r"\(\d+\)$")  # another way to say a word
_PART = re.compile(rf"{CJK}|(?:(?!{CJK})[\w'])+")


class _Shown(msgspec.Struct, frozen=True):
    """Which slide was on the screen when."""

    stays: tuple[tuple[float, float, str], ...]

    def at(self, at_s: float) -> str:
        index = bisect_right([start_s for start_s, _, _ in self.stays], at_s) - 1
        return self.stays[max(0, index)][2]

    def around(self, at_s: float) -> list[str]:
        low_s, high_s = at_s - AROUND_S, at_s + AROUND_S
        return [slide for start_s, end_s, slide in self.stays if start_s < high_s and end_s > low_s]

    def behind_s(self, slide: str, span: Span) -> float:
        """Seconds by which the voice was still on a slide that was left, or (< 0) not yet there."""
        stays = [(start_s, end_s) for start_s, end_s, name in self.stays if name == slide]
        if not stays or 2 * length_s(within([span], stays)) >= span[1] - span[0]:
            return 0.0
        late = [span[1] - end_s for start_s, end_s in stays if start_s <= span[0]]
        early = [span[0] - start_s for start_s, _ in stays if start_s > span[0]]
        return min((*late[-1:], *early[:1]), key=abs)


def told(
    run: Rehearsal,
    heard: Sequence[Heard],
    sentences: Sequence[Sentence],
    locale: Locale = ENGLISH,
    *,
    speech: Sequence[Span] | None = None,
    listened: Sequence[Span] | None = None,
    unheard: Sequence[str] = (),
) -> VoiceRecord:
    """What was said in the rehearsal `run`, of whose talk `sentences` are all.

    `speech` are the stretches with a voice in them (None: as the words tell), `listened` those in
    which the microphone was open and the clock ran (None: all of it), `unheard` words of the script
    that the recogniser doesn't know. All seconds count from the rehearsal's start.
    """
    mine = [one for one in sentences if run.cut in one.cuts]
    end_s = max([run.visits[-1].at_s + run.visits[-1].seconds, *(w.end_s for w in heard)])
    open_s = merged([(0.0, end_s)] if listened is None else listened)
    words = sorted((w for w in heard if _is_in(w, open_s)), key=lambda w: w.start_s)[:MOST_HEARD]
    tokens = list(_tokens(words))
    ends = [visit.at_s for visit in run.visits[1:]] + [float("inf")]
    shown = _Shown(tuple((v.at_s, e, v.slide) for v, e in zip(run.visits, ends, strict=True)))
    script = [word for one in mine for word in one.words]
    pairs = same_words(script, _near(tokens, mine, shown))
    rate = rate_of(tokens, pairs)
    voiced = None if speech is None else merged(within(speech, open_s))
    course = Course(
        tokens=tokens,
        sentence_of=[at for at, one in enumerate(mine) for _ in one.words],
        pairs=trusted(tokens, pairs, rate),
        speech=voiced,
        deaf=list(_between(open_s, end_s)),
        start_s=0.0,
        end_s=end_s,
    )
    said = _said(course, rate, mine, run, shown, locale)
    record = _record(run, words, course, said, mine, shown, open_s, locale)
    its = {word for one in mine for word in _parts(one.text)}
    unknown = [word[:MOST_WORD] for word in unheard if not its.isdisjoint(_parts(word))]
    return replace(record, unheard=len(unknown), unheard_first=tuple(unknown[:MOST_UNHEARD]))


def _is_in(word: Heard, spans: Sequence[Span]) -> bool:
    middle_s = (word.start_s + word.end_s) / 2
    return any(start_s <= middle_s <= end_s for start_s, end_s in spans)


def _between(spans: Sequence[Span], end_s: float) -> Iterator[Span]:
    at_s = 0.0
    for start_s, stop_s in spans:
        if start_s > at_s:
            yield at_s, start_s
        at_s = stop_s
    if at_s < end_s:
        yield at_s, end_s


def _tokens(words: Sequence[Heard]) -> Iterator[Token]:
    """Words as the script's are cut: "fine-tuning" is two, and each takes half the time."""
    for word in words:
        parts = _parts(word.word)
        step_s = (word.end_s - word.start_s) / max(1, len(parts))
        for at, part in enumerate(parts):
            start_s = max(0.0, word.start_s + at * step_s)
            yield Token(part, start_s, max(start_s, word.start_s + (at + 1) * step_s))


def _parts(word: str) -> list[str]:
    return _PART.findall(_SECOND.sub("", word).lower().replace("’", "'"))


def _near(tokens: Sequence[Token], mine: Sequence[Sentence], shown: _Shown) -> list[Near]:
    """Each word with the script's words of the slides that were shown about then."""
    ends: dict[str, tuple[int, int]] = {}
    at = 0
    for one in mine:
        low = ends.get(one.slide, (at, at))[0]
        at += len(one.words)
        ends[one.slide] = low, at
    found = []
    for token in tokens:
        around = [ends[slide] for slide in shown.around(token.start_s) if slide in ends]
        low, high = min((a for a, _ in around), default=0), max((b for _, b in around), default=at)
        found.append(Near(token.word, low, at if "" in ends and high == ends[""][0] else high))
    return found


def _said(
    course: Course,
    rate: float,
    mine: Sequence[Sentence],
    run: Rehearsal,
    shown: _Shown,
    locale: Locale,
) -> list[SentenceSaid]:
    """What became of each sentence of the cut, in the script's order."""
    visited = {visit.slide for visit in run.visits} | {""}
    skipped = {skip.part for skip in run.skips}
    sizes, at = [], 0
    for one in mine:
        sizes.append(range(at, at + len(one.words)))
        at += len(one.words)
    reached = [mine[sentence].slide in visited for sentence in course.sentence_of]
    fates = fates_of(course, rate, reached)
    passages = passages_of(course, rate, sizes)
    found = []
    for at, (one, words) in enumerate(zip(mine, sizes, strict=True)):
        times = passages.get(at, [])
        status = _status([fates[word] for word in words])
        if status in ("skipped", "unclear", "unreached") and one.part in skipped:
            status = "left_out"
        heard = max((_share(passage, words) for passage in times), default=0.0)
        whole = [p for p in times if len(p.pairs) >= 3 and _share(p, words) >= 0.5]
        last = whole[-1] if whole else max(times, key=lambda p: len(p.pairs), default=None)
        span = (last.start_s, last.end_s) if last and status in ("said", "partly") else None
        on = shown.at((span[0] + span[1]) / 2) if span else one.slide
        behind_s = shown.behind_s(one.slide, span) if span and one.slide else 0.0
        found.append(
            SentenceSaid(
                slide=one.slide,
                key=sentence_key(one.text),
                status=status,
                words=count_words(one.text, locale),
                heard=round(heard, 2),
                start_s=round(span[0], 2) if span else None,
                end_s=round(span[1], 2) if span else None,
                times=max(1, len(whole)),
                shown=on if on != one.slide and one.slide else None,
                behind_s=round(behind_s, 1),
            )
        )
    return found


def _share(passage: Passage, words: range) -> float:
    return min(1.0, len(passage.pairs) / len(words))


def _status(fates: Sequence[int]) -> Status:
    """Of a sentence, from what became of its words."""
    size = len(fates)
    heard, fits, unclear, skipped = (fates.count(n) for n in (HEARD, FITS, UNCLEAR, SKIPPED))
    if 2 * skipped >= size and heard < 0.3 * size:
        return "skipped"
    if skipped >= max(4, 0.3 * size):
        return "partly"
    if heard >= 0.3 * size or fits > max(unclear, size / 2):
        return "said"
    return "unclear" if heard or unclear or fits else "unreached"


def _record(
    run: Rehearsal,
    words: Sequence[Heard],
    course: Course,
    said: Sequence[SentenceSaid],
    mine: Sequence[Sentence],
    shown: _Shown,
    open_s: Sequence[Span],
    locale: Locale,
) -> VoiceRecord:
    sounds = course.speech or merged((token.start_s, token.end_s) for token in course.tokens)
    stretches = [s for low in open_s for s in merged(within(sounds, [low]), PAUSE_S)]
    pauses = list(silences(sounds, open_s))
    longest = max(stretches, key=lambda span: span[1] - span[0], default=None)
    spoken = sorted(
        (one.start_s, one.end_s, one.words)
        for one in said
        if one.status == "said" and one.start_s is not None and one.end_s is not None
    )
    counted = [
        (one.heard, len(of.words)) for one, of in zip(said, mine, strict=True) if one.start_s
    ]
    recognised = sum(heard * size for heard, size in counted)
    size = sum(size for _, size in counted)
    pace = pace_of([(count, start_s, end_s) for start_s, end_s, count in spoken])
    return VoiceRecord(
        format=FORMAT,
        id=run.id,
        talk=run.talk,
        script=run.script,
        cut=run.cut,
        listened_s=round(length_s(open_s), 1),
        speech_s=round(length_s(stretches), 1),
        silence_s=round(length_s(pauses), 1),
        pace_wpm=round(min(2000.0, max(1.0, pace)), 1) if pace else None,
        recognised=round(recognised / size, 3) if size else None,
        sure=round(sum(min(1.0, max(0.0, w.sure)) for w in words) / len(words), 3)
        if words
        else None,
        longest=Stretch(*_placed(longest, shown)) if longest else None,
        sentences=tuple(said),
        extras=tuple(_extras(course, mine, shown, locale))[:MOST_PLACES],
        fillers=tuple(_fillers(course, shown, locale))[: 10 * MOST_PLACES],
        pauses=tuple(Stretch(*_placed(span, shown)) for span in pauses[: 10 * MOST_PLACES]),
        deaf=tuple(Stretch(*_placed(span, shown)) for span in _deaf(run, course)),
    )


def _deaf(run: Rehearsal, course: Course) -> Iterator[Span]:
    """When the talk went on and nobody listened."""
    stays = [
        (visit.at_s, visit.at_s + visit.seconds + _paused_s(run, visit)) for visit in run.visits
    ]
    pauses = [(pause.at_s, pause.at_s + pause.seconds) for pause in run.pauses]
    running = list(within(_between(merged(pauses), course.end_s), merged(stays, DEAF_S)))
    found = merged(within(course.deaf, running))
    yield from [span for span in found if span[1] - span[0] >= DEAF_S][: 10 * MOST_PLACES]


def _paused_s(run: Rehearsal, visit: Visit) -> float:
    """How long the clock stood on a visit."""
    end_s = next((one.at_s for one in run.visits if one.at_s > visit.at_s), float("inf"))
    return sum(pause.seconds for pause in run.pauses if visit.at_s <= pause.at_s < end_s)


def _placed(span: Span, shown: _Shown) -> tuple[str, float, float]:
    return shown.at(span[0]), round(span[0], 2), round(span[1] - span[0], 2)


def _extras(
    course: Course, mine: Sequence[Sentence], shown: _Shown, locale: Locale
) -> Iterator[Extra]:
    """What was said beside the script: speech that the script needs no time for."""
    rate = rate_of(course.tokens, course.pairs)
    for gap in course.gaps():
        needed_s, spoken_s = len(gap.missing) / rate, course.spoken(gap)
        tokens = course.tokens[gap.heard.start : gap.heard.stop]
        is_skipped = spoken_s < needed_s / 2
        surplus_s = spoken_s if is_skipped else spoken_s - needed_s
        if surplus_s < EXTRA_S or (spoken_s < 2 * needed_s and not is_skipped) or len(tokens) < 3:
            continue
        before = mine[course.sentence_of[gap.missing.start - 1]] if gap.missing.start else None
        yield Extra(
            slide=before.slide if before else shown.at(gap.start_s),
            after=sentence_key(before.text) if before else None,
            at_s=round(tokens[0].start_s, 2),
            seconds=round(min(tokens[-1].end_s - tokens[0].start_s, surplus_s), 2),
            text=("" if locale.by_characters else " ").join(t.word for t in tokens)[:MOST_TEXT],
            is_instead=needed_s >= 3,
        )


def _fillers(course: Course, shown: _Shown, locale: Locale) -> Iterator[Filler]:
    """Words of the language's list that aren't the script's there."""
    known = {tuple(_parts(one)) for one in FILLERS.get(locale.primary, ())}
    longest = max((len(one) for one in known), default=0)
    own = {at for at, _ in course.pairs}
    at = 0
    while at < len(course.tokens):
        for size in range(longest, 0, -1):
            some = course.tokens[at : at + size]
            if tuple(token.word for token in some) in known and own.isdisjoint(
                range(at, at + size)
            ):
                start_s = some[0].start_s
                word = " ".join(token.word for token in some)
                yield Filler(shown.at(start_s), round(start_s, 2), word)
                at += size - 1
                break
        at += 1
