"""How well the place in the script is known from a voice: by espeak-ng, in noise, with mistakes.

    python -m benchmarks.voice [--slide NAME] [--sentences 12] [--only WORD …] [--json FILE]

Slides of this talk's short cut are read sentence by sentence, so that it is known when each was
said. `right`: in how much of the time that the script is read the place is within one sentence.
`back`: seconds from the first word after a jump, a leap or other talk until it is right. `wrong
words` is the word error rate of what stays, `cpu` the processor's seconds a second of sound, and
`lag` the longest by which the ear was behind the sound: from when 100 ms of it are there until they
are heard, with what still waited before them, on a core of its own that is fed in real time.
Nothing is asserted. All of it takes about two minutes on an idle core.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import msgspec  # noqa: E402
from support.read_aloud import OTHER, Reader, Reading, with_noise  # noqa: E402
from support.rehearsed import whole_talk  # noqa: E402

from pipeline.voice.ear import RATE, Ear  # noqa: E402
from pipeline.voice.sentences import Sentence, sentences_of, written_words  # noqa: E402

CUT = "short"
STEP = 3200  # bytes of 100 ms
OTHER_TALK = (
    "By the way, this morning my bicycle had a flat tyre, and the pump was in the cellar.",
    "So I went down there with a torch, past the old piano, and the cat came along.",
    "My neighbour says that rain always begins on the day after one has washed the windows.",
    "He has kept a list of it since nineteen ninety, in a blue notebook on the fridge.",
)
_Piece = Sentence | str


class Case(msgspec.Struct, frozen=True):
    """One reading: who reads, in which noise, and what becomes of the sentences."""

    name: str
    voice: str = "en-us"
    pace_wpm: int = 150
    noise_db: float | None = None
    kind: str = "white"
    change: Callable[[list[Sentence]], list[_Piece]] = lambda found: [*found]


class Figures(msgspec.Struct, frozen=True):
    """What came of it."""

    name: str
    right: float
    back_s: float | None
    wrong_words: float
    cpu: float
    lag_s: float


def _other_talk(found: list[Sentence]) -> list[_Piece]:
    middle = len(found) // 2
    return [*found[:middle], *OTHER_TALK, *found[middle:]]


def _leap(found: list[Sentence]) -> list[_Piece]:
    third = len(found) // 3
    return [*found[:third], *found[2 * third :]]


def _again(found: list[Sentence]) -> list[_Piece]:
    middle = len(found) // 2
    return [*found[:middle], found[middle - 1], *found[middle:]]


CASES = (
    Case("en-us"),
    Case("en-us, 180 a minute", pace_wpm=180),
    Case("en-gb", "en-gb"),
    Case("en-us+f3", "en-us+f3"),
    Case("noise at 20 dB", noise_db=20),
    Case("noise at 10 dB", noise_db=10),
    Case("babble at 10 dB", noise_db=10, kind="babble"),
    Case("en-gb, noise at 10 dB", "en-gb", noise_db=10),
    Case("a third left out", change=_leap),
    Case("a sentence repeated", change=_again),
    Case("20 s of other talk", change=_other_talk),
)


def figures(
    case: Case, sentences: Sequence[Sentence], slide: str, most: int, cache: Path
) -> Figures:
    """Read, listen, compare."""
    found = [s for s in sentences if s.slide == slide and CUT in s.cuts][:most]
    reading = Reader(cache, case.voice, case.pace_wpm).read(case.change(found))
    if case.noise_db is not None:
        reading = with_noise(reading, case.noise_db, case.kind)
    ear = Ear(sentences, cache=cache)
    ear.at_slide(slide, CUT)
    right, back_s, lag_s, spent_s = _listened(ear, reading)
    words = [w.lower() for said in reading.said for w in written_words(said.text)]
    wrong = _distance(words, [heard.word for heard in ear.heard()]) / len(words)
    return Figures(case.name, right, back_s, wrong, spent_s / reading.length_s, lag_s)


def _listened(ear: Ear, reading: Reading) -> tuple[float, float | None, float, float]:
    right, leapt_s, back_s, spent_s = list[bool](), -1.0, list[float](), 0.0
    said, at, lag_s, done_s = reading.said, 0, 0.0, 0.0
    for byte in range(0, len(reading.pcm), STEP):
        begun_s = time.process_time()
        ear.feed(reading.pcm[byte : byte + STEP])
        took_s = time.process_time() - begun_s
        now_s = (byte + STEP) / 2 / RATE
        spent_s, done_s = spent_s + took_s, max(done_s, now_s) + took_s
        lag_s = max(lag_s, done_s - now_s)
        while at + 1 < len(said) and said[at + 1].start_s <= now_s:
            at += 1
            is_next = said[at].number == said[at - 1].number + 1
            if said[at].number != OTHER and not is_next:
                leapt_s = said[at].start_s
        if said[at].number == OTHER or not said[at].start_s <= now_s < said[at].end_s:
            continue
        near = {one.number for one in said[max(0, at - 1) : at + 2]} - {OTHER}
        right.append(ear.place.sentence in near)
        if leapt_s >= 0 and ear.place.sentence == said[at].number:
            back_s.append(now_s - leapt_s)
            leapt_s = -1.0
    ear.finish()
    longest_back_s = max(back_s) if back_s else None
    return sum(right) / len(right), longest_back_s, lag_s, spent_s


def _distance(said: Sequence[str], heard: Sequence[str]) -> int:
    """How many words must be changed, put in or taken out."""
    row = list(range(len(heard) + 1))
    for at, word in enumerate(said, 1):
        last, row[0] = row[:], at
        for to, other in enumerate(heard, 1):
            row[to] = min(last[to] + 1, row[to - 1] + 1, last[to - 1] + (word != other))
    return row[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slide", default="myth-knowledge")
    parser.add_argument("--sentences", type=int, default=12)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    cases = [case for case in CASES if not asked.only or any(w in case.name for w in asked.only)]
    if not cases:
        parser.error("no such case: " + ", ".join(case.name for case in CASES))
    made = []
    with tempfile.TemporaryDirectory() as folder:
        sentences = sentences_of(whole_talk(Path(folder, "talk"), CUT))
        print(f"{'':24} right   back  wrong words   cpu     lag")
        for case in cases:
            one = figures(case, sentences, asked.slide, asked.sentences, Path(folder, "cache"))
            back = f"{one.back_s:4.1f} s" if one.back_s is not None else "      "
            row = f"{one.name:24} {one.right:5.1%} {back} {one.wrong_words:11.1%}"
            print(f"{row} {one.cpu:5.2f} {one.lag_s:5.2f} s", flush=True)
            made.append(msgspec.to_builtins(one))
    if asked.json:
        asked.json.write_text(json.dumps(made, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
