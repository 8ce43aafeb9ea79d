"""Words heard and a script -> what was said of it, when, and what wasn't.

Of a recogniser that takes every third word for another one, a missing word says nothing. What says
something is time: a sentence between two others that were said counts as skipped only where there
was no time for it, and as said beside the script only what took time that the script doesn't need.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from pipeline.rehearsal.voice.spans import PAUSE_S, Span, length_s, merged, within

RATE = 2.6  # words a second, where too few were heard to tell
CLOSE = 4  # words that follow each other, a few of them misheard
UNCLEAR_S = 8.0  # so much in a row that wasn't recognised is no accident
SKIPPED_S = 2.0  # less time than this is missing in any speech
BRIEF_S = 1.0  # a word or two beside what was skipped may have been swallowed
EXTRA_S = 4.0  # more speech than this, and twice what the script needs there
BREATH_S = 0.6  # between words of one sentence, or between two
CHANCE_S = 3.0  # of a skip, so much less when it is seen from a few words farther away
BESIDE, BESIDE_WORDS = 3, 12  # pairs on each side of a gap that may be chance, and script words
UNREACHED, SKIPPED, UNCLEAR, FITS, HEARD = range(5)  # what became of a script word


class Token(msgspec.Struct, frozen=True):
    """One word heard."""

    word: str
    start_s: float
    end_s: float


class Gap(msgspec.Struct, frozen=True):
    """What lies between two words that were recognised, one after the other."""

    heard: range  # tokens
    missing: range  # script words
    start_s: float
    end_s: float


class Course(msgspec.Struct, frozen=True):
    """How the voice went through the script. `pairs`: positions of a token and a script word."""

    tokens: Sequence[Token]
    sentence_of: Sequence[int]  # of each script word
    pairs: Sequence[tuple[int, int]]
    speech: Sequence[Span] | None  # None: unknown but for the words
    deaf: Sequence[Span]  # nobody listened
    start_s: float
    end_s: float

    @property
    def size(self) -> int:
        return len(self.sentence_of)

    def gaps(self) -> Iterator[Gap]:
        """In the order of time; the first and last reach the ends of script and time."""
        if not self.pairs:
            return
        (first, word), (last, end) = self.pairs[0], self.pairs[-1]
        yield Gap(range(first), range(word), self.start_s, self.tokens[first].start_s)
        yield from (self.between(*both) for both in pairwise(self.pairs))
        after = range(last + 1, len(self.tokens))
        yield Gap(after, range(end + 1, self.size), self.tokens[last].end_s, self.end_s)

    def between(self, before: tuple[int, int], after: tuple[int, int]) -> Gap:
        """What lies between two pairs."""
        (one, here), (other, there) = before, after
        times = self.tokens[one].end_s, self.tokens[other].start_s
        return Gap(range(one + 1, other), range(here + 1, there), *times)

    def spoken(self, gap: Gap) -> float:
        """Seconds of speech in a gap, of which there is a sign in words and in sound."""
        tokens = self.tokens[gap.heard.start : gap.heard.stop]
        words = merged(((token.start_s, token.end_s) for token in tokens), BREATH_S)
        inside = within(words, [(gap.start_s, gap.end_s)])
        return length_s(inside if self.speech is None else within(self.speech, list(inside)))

    def room(self, gap: Gap) -> float:
        """Seconds in a gap in which something may have been said."""
        span = [(gap.start_s, gap.end_s)]
        if self.speech is None:
            return max(0.0, gap.end_s - gap.start_s)
        return max(length_s(within(self.speech, span)) + self.deaf_s(gap), self.spoken(gap))

    def deaf_s(self, gap: Gap) -> float:
        """Seconds of a gap in which nobody listened."""
        return length_s(within(self.deaf, [(gap.start_s, gap.end_s)]))


def rate_of(tokens: Sequence[Token], pairs: Sequence[tuple[int, int]]) -> float:
    """Words a second, from where neighbours were recognised."""
    words = spent_s = 0.0
    for (one, here), (other, there) in pairwise(pairs):
        took_s = tokens[other].start_s - tokens[one].start_s
        if 0 < there - here <= 3 and other - one <= 3 and 0 < took_s < there - here + BREATH_S:
            words += there - here
            spent_s += took_s
    return min(8.0, max(1.0, words / spent_s)) if words >= 20 else RATE


def trusted(
    tokens: Sequence[Token], pairs: Sequence[tuple[int, int]], rate: float
) -> list[tuple[int, int]]:
    """The pairs without those that stand alone and at the wrong time: another word, as heard."""
    groups: list[list[tuple[int, int]]] = []
    for pair in pairs:
        last = groups[-1][-1] if groups else (pair[0], pair[1])
        if 0 < pair[1] - last[1] <= CLOSE and pair[0] - last[0] <= CLOSE:
            groups[-1].append(pair)
        else:
            groups.append([pair])

    def agree(before: tuple[int, int], after: tuple[int, int]) -> bool:
        needed_s = (after[1] - before[1]) / rate
        took_s = tokens[after[0]].start_s - tokens[before[0]].start_s
        return needed_s >= 0 and abs(took_s - needed_s) <= 1.0 + 0.5 * needed_s

    kept = []
    for at, group in enumerate(groups):
        before = at > 0 and agree(groups[at - 1][-1], group[0])
        after = at + 1 < len(groups) and agree(group[-1], groups[at + 1][0])
        if len(group) > 2 or before or after:
            kept += group
    return kept


def fates_of(course: Course, rate: float, reached: Sequence[bool]) -> list[int]:
    """What became of each script word: the best that any passage through the script says."""
    fates = [UNCLEAR if there and not course.pairs else UNREACHED for there in reached]
    if not course.pairs:
        return fates

    def said(words: range, fate: int) -> None:
        for word in words:
            fates[word] = max(fates[word], fate)

    for _, word in course.pairs:
        fates[word] = HEARD
    *inner, last = course.gaps()
    for at, gap in enumerate(inner):
        found = list(_in_gap(course, gap, rate))
        if at and any(fate == SKIPPED for _, fate in found):
            found = list(_in_gap(course, _seen_wider(course, at, rate), rate))
        for words, fate in found:
            said(words, fate)
    for words, fate in _in_gap(course, last, rate):
        said(words, UNREACHED if fate == SKIPPED else fate)
    return fates


def _in_gap(course: Course, gap: Gap, rate: float) -> Iterator[tuple[range, int]]:
    """The missing words of a gap in pieces, each with what became of it."""
    missing, room_s = gap.missing, course.room(gap)
    if not missing:
        return
    needed_s = len(missing) / rate
    if needed_s - room_s < SKIPPED_S or room_s > needed_s / 2:
        is_odd = needed_s > UNCLEAR_S or (room_s > 2 * needed_s + EXTRA_S and needed_s > 3)
        is_deaf = course.deaf_s(gap) > needed_s / 2
        yield missing, UNCLEAR if is_odd or is_deaf else FITS
        return
    pieces = list(_by_sentence(course, missing))
    rests = [piece for piece in (pieces[0], pieces[-1]) if _is_rest(course, piece)]
    whole = [piece for piece in pieces if piece not in rests]
    # Of sentences that were begun or ended, what is missing was misheard if there was time for it.
    fits_s = 1.25 * max(0.0, room_s - sum(len(rest) for rest in rests) / rate) - 0.3
    first, last = _fitting(whole, rate, fits_s), _fitting(whole[::-1], rate, fits_s)
    for at, piece in enumerate(whole):
        is_brief = at in (0, len(whole) - 1) and len(piece) / rate < BRIEF_S
        may_be = at < first or at >= len(whole) - last or is_brief
        yield piece, UNCLEAR if may_be else SKIPPED
    for rest in rests:
        yield rest, UNCLEAR if len(rest) / rate <= 1.25 * room_s + BRIEF_S else SKIPPED


def _seen_wider(course: Course, at: int, rate: float) -> Gap:
    """The gap before the pair `at`, or what lies around it where words beside it are chance.

    A misheard word that is also the script's next but some leaves no time for those between. Of
    what was skipped as much is missing when it is seen from farther away; of what wasn't, it isn't.
    """

    def lack_s(gap: Gap) -> float:
        return len(gap.missing) / rate - course.room(gap)

    before = list(_beside(course.pairs[max(0, at - 1 - BESIDE) : at][::-1]))
    after = list(_beside(course.pairs[at : at + 1 + BESIDE]))
    narrow, *wider = (course.between(one, other) for one in before for other in after)
    widest = min(wider, key=lack_s, default=narrow)
    limit_s = max(lack_s(narrow) / 3, lack_s(narrow) - CHANCE_S)
    return widest if lack_s(widest) < limit_s else narrow


def _beside(pairs: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The first pair and those behind it, as long as they go on in the script."""
    yield pairs[0]
    for before, pair in pairwise(pairs[: BESIDE + 1]):
        is_ahead = (pair[1] > before[1]) == (pair[0] > before[0])
        if not is_ahead or abs(pair[1] - pairs[0][1]) > BESIDE_WORDS:
            return
        yield pair


def _is_rest(course: Course, piece: range) -> bool:
    """Whether a part of that sentence was heard just before these words, or just after."""
    of = course.sentence_of
    before = piece.start > 0 and of[piece.start - 1] == of[piece.start]
    return before or (piece.stop < len(of) and of[piece.stop] == of[piece.start])


def _by_sentence(course: Course, words: range) -> Iterator[range]:
    start = words.start
    for at in range(words.start + 1, words.stop + 1):
        if at == words.stop or course.sentence_of[at] != course.sentence_of[start]:
            yield range(start, at)
            start = at


def _fitting(pieces: Sequence[range], rate: float, room_s: float) -> int:
    """How many pieces, the first first, could have been said in this time."""
    spent_s = 0.0
    for count, piece in enumerate(pieces):
        spent_s += len(piece) / rate
        if spent_s > room_s:
            return count
    return len(pieces)


class Passage(msgspec.Struct, frozen=True):
    """One time that a sentence was said: its pairs, and from when to when."""

    pairs: tuple[tuple[int, int], ...]
    start_s: float
    end_s: float


def passages_of(course: Course, rate: float, sizes: Sequence[range]) -> dict[int, list[Passage]]:
    """Sentence -> the times that it was said, of which at least a word was recognised."""
    runs: list[list[tuple[int, int]]] = []
    for pair in course.pairs:
        sentence = course.sentence_of[pair[1]]
        last = runs[-1][-1][1] if runs else -1
        if runs and last < pair[1] and course.sentence_of[last] == sentence:
            runs[-1].append(pair)
        else:
            runs.append([pair])
    found: dict[int, list[Passage]] = {}
    for at, run in enumerate(runs):
        sentence = course.sentence_of[run[0][1]]
        words = sizes[sentence]
        before_s = course.tokens[runs[at - 1][-1][0]].end_s if at else course.start_s
        after_s = course.tokens[runs[at + 1][0][0]].start_s if at + 1 < len(runs) else course.end_s
        start_s, end_s = course.tokens[run[0][0]].start_s, course.tokens[run[-1][0]].end_s
        ahead_s = (run[0][1] - words.start) / rate  # words that weren't recognised
        behind_s = (words.stop - 1 - run[-1][1]) / rate
        start_s -= min(ahead_s, max(0.0, start_s - before_s) * _share(ahead_s))
        end_s += min(behind_s, max(0.0, after_s - end_s) * _share(behind_s))
        found.setdefault(sentence, []).append(Passage(tuple(run), start_s, end_s))
    return found


def _share(needed_s: float) -> float:
    """Of a gap, with the neighbour's missing words in it."""
    return 0.6 if needed_s else 0.0


def pace_of(spoken: Sequence[tuple[int, float, float]]) -> float | None:
    """Words a minute of sentences that follow each other: words, start and end of each."""
    words, spent_s = 0, 0.0
    for at, (count, start_s, end_s) in enumerate(spoken):
        gap_s = spoken[at + 1][1] - end_s if at + 1 < len(spoken) else BREATH_S
        words += count
        spent_s += end_s - start_s + (gap_s if 0 < gap_s < PAUSE_S else 0.0)
    return 60 * words / spent_s if words >= 20 and spent_s > 0 else None
