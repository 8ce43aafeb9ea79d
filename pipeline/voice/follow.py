"""Words as they are heard -> the place in the script: a hidden Markov model over its words.

Each word of the script is a state, "said last"; beside each stands another, "here, and talking of
something else". A forward pass over all of them with every word costs a tenth of a millisecond for
a talk of 8,000 words, so nothing is cut off and each place of the talk stays within reach: the next
word, a word swallowed, a sentence repeated or left out, the slide that is shown, anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from pipeline.voice.sentences import Sentence

_Mass = npt.NDArray[np.float64]
_Index = npt.NDArray[np.intp]

# What a speaker does after a word, of 1.
NEXT, SECOND, THIRD = 0.88, 0.05, 0.015  # the next word; one, two that weren't heard
STAY = 0.03  # a word was heard that isn't in the script
AGAIN, BEFORE, LEAP = 0.004, 0.002, 0.004  # this sentence, the one before, one of the next
ON_SLIDE, ANYWHERE = 0.004, 0.0004  # a sentence of the slide that is shown, of the talk
ASIDE = 0.004  # leaves the script
# In an aside: goes on with it, or returns to the next word; the rest leaps as above.
TALKS, RETURNS = 0.93, 0.03
ENTERS_WITHIN = 0.15  # of leaps: into the middle of a sentence
HEARD_RIGHT = 0.7  # a word of the script is heard as it stands
MISHEARD = 0.3
NEAR = 6  # sentences within a leap
DEAD = 0.01  # what a part that the cut leaves out, or the speaker, is worth of one that is said
TRUST = 0.6  # of a word's evidence: the recogniser knows the script, so words agree by chance
SHOWN = 0.5  # with a new slide: how sure it is that the next words are its first
LOST_AT = 0.5  # the share of asides, or of other places, at which it says that it doesn't know


class Place(msgspec.Struct, frozen=True):
    """Where in the script the voice is."""

    sentence: int  # its number
    share: float  # of the sentence's words that are said: 0 to 1
    sure: float  # how likely it is this sentence or one beside it: 0 to 1
    lost: bool  # what is heard isn't in the script, or may be anywhere in it: the place waits


class _State(msgspec.Struct, frozen=True):
    said: _Mass  # by word of the script: how likely it is the last one said
    aside: _Mass  # the same, and talking of something else


class Follower:
    """Takes words as they are heard; knows the place. No sound, no clock: the same words, the same.

    `sentences` are all of the talk, in order.
    """

    def __init__(self, sentences: Sequence[Sentence]) -> None:
        self.sentences = tuple(sentences)
        words = [word for sentence in self.sentences for word in sentence.words]
        self._count = len(words)
        sizes = [len(sentence.words) for sentence in self.sentences]
        self._starts: _Index = np.cumsum([0, *sizes[:-1]]).astype(np.intp)
        self._sentence_of: _Index = np.repeat(np.arange(len(sizes)), sizes)
        self._where: dict[str, _Index] = {}
        for word in set(words):
            self._where[word] = np.array([i for i, w in enumerate(words) if w == word], np.intp)
        counts = Counter(words)
        whole = len(words) + len(counts) + 1
        self._usual = {word: (count + 1) / whole for word, count in counts.items()}
        self._rare = 1 / whole
        self._slide: str | None = None
        self._live = np.ones(len(sizes), np.bool_)
        self._worth: _Mass = np.ones(len(sizes))
        self._on_slide: _Index = np.arange(0)
        self._set_path()
        self._state = self._begin(self._starts[:1])
        self._guessed: list[tuple[str, _State]] = []
        self._place = Place(0, 0.0, 0.0, True)

    # --- What the page knows -----------------------------------------------------------------

    def at_slide(self, name: str, cut: str, skipped: Collection[str] = ()) -> None:
        """The slide that is shown, the cut that is said, and the optional parts left out."""
        live = np.array(
            [(cut in s.cuts or not cut) and s.part not in skipped for s in self.sentences], np.bool_
        )
        if not live.any():
            live[:] = True
        if not np.array_equal(live, self._live):
            self._live = live
            self._worth = np.where(live, 1.0, DEAD)
            self._set_path()
        if name != self._slide:
            self._show(name)
        self._guessed.clear()

    def _show(self, name: str) -> None:
        was, self._slide = self._slide, name
        here = np.array([s.slide == name for s in self.sentences])
        self._on_slide = np.flatnonzero(here)
        live = np.flatnonzero(here & self._live)
        if not len(live):
            return
        first = self._starts[live[:1]]
        is_there = here[self._sentence_of]
        there = float((self._state.said + self._state.aside)[is_there].sum())
        share = 1.0 if was is None else SHOWN * (1 - there)  # who is there already stays there
        begun = self._begin(first)
        self._state = _State(
            (1 - share) * self._state.said + share * begun.said,
            (1 - share) * self._state.aside + share * begun.aside,
        )
        if was is None:
            self._place = Place(int(live[0]), 0.0, 0.0, True)

    def _begin(self, first: _Index) -> _State:
        """About to say this word: in an aside just before it."""
        said, aside = np.zeros(self._count), np.zeros(self._count)
        aside[self._before[first]] = 1.0
        return _State(said, aside)

    def _set_path(self) -> None:
        """For each word the one before it in what is said, two and three before it."""
        count, alive = self._count, self._live[self._sentence_of]
        spoken = np.flatnonzero(alive)
        steps = np.arange(count) - 1
        last = np.concatenate(([count - 1], spoken))  # the last word: before the first one
        steps[spoken] = last[:-1]
        steps[0] = count - 1 if not alive[0] else steps[0]
        self._before: _Index = steps
        self._second: _Index = steps[steps]
        self._third: _Index = steps[self._second]
        raw = np.arange(count) - 1
        raw[0] = count - 1
        # A part that is left out, said all the same: from its end, on with what follows.
        self._from_dead = np.where(~alive[raw] & alive, 1.0, 0.0)
        self._raw: _Index = raw
        self._leaps_to = self._worth / max(1e-9, float(self._worth.sum()))

    # --- What is heard -----------------------------------------------------------------------

    @property
    def place(self) -> Place:
        """Where the voice is after all that was heard, or guessed to be."""
        return self._place

    def hear(self, words: Sequence[str]) -> Place:
        """Words that stay as they are."""
        self._state = self._after(words)
        self._guessed.clear()
        return self._at(self._state)

    def guess(self, words: Sequence[str]) -> Place:
        """Words that may still change, after those that stay; each guess replaces the last one."""
        return self._at(self._after(words))

    def _after(self, words: Sequence[str]) -> _State:
        same = 0
        for (known, _), word in zip(self._guessed, words, strict=False):
            if known != word:
                break
            same += 1
        del self._guessed[same:]
        state = self._guessed[-1][1] if self._guessed else self._state
        for word in words[same:]:
            state = self._step(state, word)
            self._guessed.append((word, state))
        return state

    def _step(self, state: _State, word: str) -> _State:
        """One word on: where it may have led, then how well each place explains it."""
        said, aside = state.said, state.aside
        moved = NEXT * said + RETURNS * aside
        new = moved[self._before] + self._from_dead * moved[self._raw]
        new += SECOND * said[self._second] + THIRD * said[self._third] + STAY * said
        new += self._leaps(said + aside)
        off = TALKS * aside + ASIDE * said
        usual = self._usual.get(word, self._rare)
        misheard, right = MISHEARD, (MISHEARD + HEARD_RIGHT / usual) ** TRUST
        matched = self._where.get(word)
        kept = new * misheard
        if matched is not None:
            kept[matched] = new[matched] * right
        whole = float(kept.sum() + off.sum())
        return _State(kept / whole, off / whole)

    def _leaps(self, mass: _Mass) -> _Mass:
        """Where leaps lead, by word: the starts of sentences, and a little within them."""
        by_sentence = np.add.reduceat(mass, self._starts)
        to = AGAIN * by_sentence
        to[:-1] += BEFORE * by_sentence[1:]
        for ahead in range(1, NEAR + 1):
            to[ahead:] += LEAP / NEAR * by_sentence[:-ahead]
        if len(self._on_slide):
            worth = self._worth[self._on_slide]
            to[self._on_slide] += ON_SLIDE * worth / worth.sum()
        to *= self._worth
        to += ANYWHERE * self._leaps_to
        sizes = np.diff(np.append(self._starts, self._count))
        spread = np.repeat(ENTERS_WITHIN * to / sizes, sizes)
        spread[self._starts] += (1 - ENTERS_WITHIN) * to
        return spread

    def _at(self, state: _State) -> Place:
        by_sentence = np.add.reduceat(state.said, self._starts)
        aside = float(state.aside.sum())
        best = int(by_sentence.argmax())
        sure = float(by_sentence[max(0, best - 1) : best + 2].sum())
        if aside > LOST_AT or sure < LOST_AT:
            self._place = msgspec.structs.replace(self._place, sure=min(sure, 1.0), lost=True)
            return self._place
        start, size = self._starts[best], len(self.sentences[best].words)
        word = int(state.said[start : start + size].argmax())
        self._place = Place(best, (word + 1) / size, min(sure, 1.0), False)
        return self._place
