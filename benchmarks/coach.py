"""What the report of a rehearsal says, beside what was said: `python -m benchmarks.coach`.

espeak-ng reads the first slides of this talk's short cut, with a paragraph left out, a sentence
said twice and twenty seconds of something else; the recogniser hears it; the report must name all
three, nothing else, and the pace within 5% of the true one.

    python -m benchmarks.coach                       # three voices, two paces, three rooms
    python -m benchmarks.coach --slides 8 --voices en-us --json
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.read_aloud import OTHER, Reader, Reading, with_noise  # noqa: E402
from support.rehearsed import made_up_record, whole_talk  # noqa: E402

from pipeline.numbers.spoken import count_words  # noqa: E402
from pipeline.rehearsal.voice.record import VoiceRecord  # noqa: E402
from pipeline.rehearsal.voice.told import told  # noqa: E402
from pipeline.talk import Talk  # noqa: E402
from pipeline.voice.ear import Ear  # noqa: E402
from pipeline.voice.sentences import Sentence, sentences_of  # noqa: E402

CUT = "short"
VOICES, PACES = ("en-us", "en-gb", "en-us+f3"), (130, 170)
ROOMS = (("quiet", 0.0), ("white", 20.0), ("white", 10.0))
ASIDE = (
    "By the way, on the train this morning I sat beside a man who repairs church organs.",
    "He told me that every pipe has its own temper, and that rain in October ruins most of them.",
    "His grandfather did the same work, with a bicycle and a borrowed ladder.",
    "I asked him what he does about birds, and he laughed until we reached the harbour.",
)


class Planted(msgspec.Struct, frozen=True):
    """What is done otherwise than the script says."""

    said: tuple[Sentence | str, ...]
    gone: frozenset[int]  # numbers of the sentences of a paragraph
    twice: int


class Outcome(msgspec.Struct, frozen=True):
    """One case: what was found of what was planted, and what else."""

    voice: str
    pace: int
    room: str
    recognised: float
    true_wpm: float
    told_wpm: float
    is_skip_named: bool
    skipped_of: str  # sentences of the paragraph that are called skipped
    invented: int  # sentences called skipped that were said
    is_extra_found: bool
    other_extras: int
    is_repeat_found: bool
    other_repeats: int
    ear_s: float
    told_s: float

    @property
    def is_right(self) -> bool:
        right = self.is_skip_named and not self.invented and self.is_extra_found
        return right and abs(self.told_wpm / self.true_wpm - 1) <= 0.05


def planted(script: Sequence[Sentence], seed: int) -> Planted:
    """A paragraph left out, a sentence twice, and other talk, none of them near the others."""
    chance = random.Random(seed)
    paragraphs = [tuple(some) for _, some in groupby(script, lambda s: (s.slide, s.item))]
    third = len(paragraphs) // 3
    long = [p for p in paragraphs[1:third] if sum(len(s.words) for s in p) >= 20]
    gone = frozenset(one.number for one in chance.choice(long))
    aside = chance.choice(paragraphs[third + 1 : 2 * third])[-1].number
    late = [s for p in paragraphs[2 * third + 1 :] for s in p if len(s.words) >= 8]
    twice = chance.choice(late).number
    said: list[Sentence | str] = []
    for one in script:
        if one.number not in gone:
            said.append(one)
            said += [one] if one.number == twice else ASIDE if one.number == aside else ()
    return Planted(tuple(said), gone, twice)


def heard(reading: Reading, plan: Planted, talk: Talk, cache: Path) -> tuple[VoiceRecord, float]:
    """The record of a rehearsal in which this was said; the processor's seconds to hear it."""
    sentences = sentences_of(talk)
    slides = {one.number: one.slide for one in sentences}
    stays: list[tuple[str, float]] = []
    for one in reading.said:
        if one.number != OTHER and (not stays or stays[-1][0] != slides[one.number]):
            stays.append((slides[one.number], one.start_s if stays else 0.0))
    ends = [start_s for _, start_s in stays[1:]] + [reading.length_s]
    visits = [
        {"slide": slide, "at_s": start_s, "seconds": end_s - start_s}
        for (slide, start_s), end_s in zip(stays, ends, strict=True)
    ]
    run = made_up_record(talk, cut=CUT, visits=visits, total_s=reading.length_s)
    started = time.process_time()
    ear, at = Ear(sentences, cache=cache), 0
    for (slide, _), end_s in zip(stays, ends, strict=True):
        ear.at_slide(slide, CUT)
        end = min(len(reading.pcm), round(end_s * 16_000) * 2)
        for start in range(at, end, 3200):
            ear.feed(reading.pcm[start : min(end, start + 3200)])
        at = end
    ear.finish()
    took_s = time.process_time() - started
    return told(run, ear.heard(), sentences, speech=ear.speech()), took_s


def true_wpm(reading: Reading) -> float:
    """Words a minute of what is in the script, with the breath between its sentences."""
    words = spent_s = 0.0
    for at, one in enumerate(reading.said):
        if one.number == OTHER:
            continue
        after = reading.said[at + 1] if at + 1 < len(reading.said) else None
        end_s = after.start_s if after and after.number != OTHER else one.end_s
        words += count_words(one.text)
        spent_s += end_s - one.start_s
    return 60 * words / spent_s


def compared(
    reading: Reading, plan: Planted, record: VoiceRecord, script: Sequence[Sentence]
) -> dict[str, object]:
    """What was planted, and what was found."""
    numbers = [one.number for one in script]
    by_number = dict(zip(numbers, record.sentences, strict=False))
    skipped = {number for number, one in by_number.items() if one.status == "skipped"}
    twice = {number for number, one in by_number.items() if one.times > 1}
    aside = [one for one in reading.said if one.number == OTHER]
    low_s, high_s = aside[0].start_s, aside[-1].end_s
    inside = [  # most of it; a misheard sentence beside it may be taken for a part of it
        2 * (min(one.at_s + one.seconds, high_s) - max(one.at_s, low_s)) >= one.seconds
        for one in record.extras
    ]
    return {
        "recognised": record.recognised or 0.0,
        "true_wpm": round(true_wpm(reading), 1),
        "told_wpm": record.pace_wpm or 0.0,
        "is_skip_named": bool(skipped & plan.gone),
        "skipped_of": f"{len(skipped & plan.gone)}/{len(plan.gone)}",
        "invented": len(skipped - plan.gone),
        "is_extra_found": any(inside),
        "other_extras": inside.count(False),
        "is_repeat_found": plan.twice in twice,
        "other_repeats": len(twice - {plan.twice}),
    }


def cases(asked: argparse.Namespace, folder: Path) -> Iterator[Outcome]:
    talk = whole_talk(folder / "talk", CUT)
    names = [slide.name for slide in talk.main[: asked.slides]]
    script = [s for s in sentences_of(talk) if s.slide in names and CUT in s.cuts]
    seed = 0
    for voice in asked.voices:
        for pace in PACES:
            plan = planted(script, seed)
            seed += 1
            quiet = Reader(asked.cache, voice, pace).read(plan.said)
            for kind, db in ROOMS:
                room = f"{kind} {db:.0f} dB" if db else kind
                reading = with_noise(quiet, db, kind) if db else quiet
                started = time.process_time()
                record, ear_s = heard(reading, plan, talk, asked.cache)
                told_s = time.process_time() - started - ear_s
                found = compared(reading, plan, record, script)
                data = {"voice": voice, "pace": pace, "room": room, **found}
                spent = {"ear_s": ear_s / reading.length_s, "told_s": told_s}
                yield msgspec.convert({**data, **spent}, Outcome)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--slides", type=int, default=6, help="so many of the short cut")
    options.add_argument("--voices", nargs="+", default=VOICES)
    options.add_argument("--cache", type=Path, default=ROOT / ".cache" / "voice")
    options.add_argument("--json", action="store_true")
    asked = options.parse_args()
    made = []
    with tempfile.TemporaryDirectory() as folder:
        for one in cases(asked, Path(folder)):
            made.append(one)
            if not asked.json:
                print(_line(one), flush=True)
    if asked.json:
        print(json.dumps([msgspec.to_builtins(one) for one in made], indent=1))
    right = sum(one.is_right for one in made)
    print(f"{right} of {len(made)} are right", file=sys.stderr)
    return 0 if right == len(made) else 1


def _line(one: Outcome) -> str:
    off = one.told_wpm / one.true_wpm - 1
    extra = "found" if one.is_extra_found else "missed"
    twice = "found" if one.is_repeat_found else "missed"
    return (
        f"{one.voice:9} {one.pace} {one.room:11} recognised {one.recognised:4.0%}  "
        f"pace {one.told_wpm:5.1f} of {one.true_wpm:5.1f} ({off:+.1%})  "
        f"skipped {one.skipped_of} and {one.invented} invented  "
        f"other talk {extra} and {one.other_extras} more  "
        f"repeat {twice} and {one.other_repeats} more  "
        f"{one.ear_s:.2f} s a second, told in {one.told_s:.1f} s"
    )


if __name__ == "__main__":
    sys.exit(main())
