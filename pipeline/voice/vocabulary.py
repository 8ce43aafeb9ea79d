"""The script's words in a model's own: parted and spelt as it has them, and put together again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

import msgspec

from pipeline.numbers.spoken import CJK
from pipeline.problems import Source, TalkError
from pipeline.voice.heard import Heard
from pipeline.voice.sentences import Sentence

MOST_UNKNOWN = 2 / 3  # of the script's words; with more it is a model of another language
LEAST_PART = 3  # letters of a compound's part: with fewer, any word is made of others
MOST_SIGNS = 4  # of a word of Chinese, which the script has sign by sign
_SIGN = re.compile(CJK)


class Vocabulary(msgspec.Struct, frozen=True):
    """Which of the model's words stand for each word of the script."""

    whole: dict[tuple[str, ...], str]  # of `l'` and `homme`, `l'homme`
    longest: int  # of the parts
    lines: tuple[str, ...]  # the sentences, as the model writes them
    unheard: tuple[str, ...]  # words of the script that the model hasn't

    def written(self, heard: Sequence[Heard]) -> list[Heard]:
        """What was heard in the script's words, in small letters where it hasn't them."""
        found: list[Heard] = []
        at = 0
        while at < len(heard):
            for size in range(min(self.longest, len(heard) - at), 0, -1):
                run = heard[at : at + size]
                if word := self.whole.get(tuple(one.word for one in run)):
                    sure = min(one.sure for one in run)
                    found.append(Heard(word, run[0].start_s, run[-1].end_s, sure))
                    at += size
                    break
            else:
                found += _signs(heard[at])
                at += 1
        return found


def vocabulary(sentences: Sequence[Sentence], has: Callable[[str], bool]) -> Vocabulary:
    """How a model that `has` some words writes the script."""
    words = dict.fromkeys(word for sentence in sentences for word in sentence.words)
    parts = {word: found for word in words if (found := _parts(word, has))}
    heard = set(parts)
    lines = [" ".join(_line(sentence.words, parts, heard, has)) for sentence in sentences]
    return Vocabulary(
        {found: word for word, found in reversed(parts.items())},
        max(map(len, parts.values()), default=1),
        tuple(line for line in lines if line),
        tuple(sorted(words.keys() - heard)),
    )


def check_known(
    sentences: Sequence[Sentence], unheard: Iterable[str], language: str, folder: Source
) -> None:
    """Raises TalkError for a model that knows too few of the script's words to follow it."""
    words = {word for sentence in sentences for word in sentence.words}
    unknown = len(words.intersection(unheard))
    if unknown > MOST_UNKNOWN * len(words):
        known = f"{len(words) - unknown} of the script's {len(words)} words"
        hint = f"name a model of the talk's language ({language})"
        raise TalkError(f"the model knows {known}", folder, hint)


def _parts(word: str, has: Callable[[str], bool]) -> tuple[str, ...]:
    """The model's words that a word is made of, the longest first; () for none."""
    if whole := _spelt(word, has):
        return (whole,)
    size = len(word)
    ends = [at for at in range(size + 1) if _may_part(word, at)]
    rest: dict[int, tuple[str, ...]] = {size: ()}
    for start in reversed(ends[:-1]):
        for end in reversed(ends):
            is_enough = end - start >= LEAST_PART or "'" in word[max(0, start - 1) : end + 1]
            if end > start and end in rest and is_enough and (one := _spelt(word[start:end], has)):
                rest[start] = (one, *rest[end])
                break
    return rest.get(0, ())


def _may_part(word: str, at: int) -> bool:
    """At the ends, at an apostrophe, and where both sides are long enough."""
    is_end = at in (0, len(word))
    return is_end or "'" in word[at - 1 : at + 1] or LEAST_PART <= at <= len(word) - LEAST_PART


def _spelt(word: str, has: Callable[[str], bool]) -> str:
    return next((one for one in (word, word.capitalize(), word.upper()) if has(one)), "")


def _line(
    words: Sequence[str],
    parts: dict[str, tuple[str, ...]],
    heard: set[str],
    has: Callable[[str], bool],
) -> list[str]:
    """A sentence in the model's words; signs in words of several, which are said as one."""
    line: list[str] = []
    at = 0
    while at < len(words):
        signs = 0
        while signs < MOST_SIGNS and _SIGN.fullmatch("".join(words[at + signs : at + signs + 1])):
            signs += 1
        for size in range(signs, 1, -1):
            if has("".join(words[at : at + size])):
                line.append("".join(words[at : at + size]))
                heard.update(words[at : at + size])
                at += size
                break
        else:
            line += parts.get(words[at], ())
            at += 1
    return line


def _signs(heard: Heard) -> list[Heard]:
    """A word of several signs, sign by sign: each for as long as the others."""
    word = heard.word.lower()
    if len(word) < 2 or not all(map(_SIGN.fullmatch, word)):
        return [Heard(word, heard.start_s, heard.end_s, heard.sure)]
    step = (heard.end_s - heard.start_s) / len(word)
    starts = [round(heard.start_s + at * step, 2) for at in range(len(word))]
    ends = [*starts[1:], heard.end_s]
    return [Heard(*one, heard.sure) for one in zip(word, starts, ends, strict=True)]
