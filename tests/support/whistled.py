"""A model of vosk made here, which hears whistled letters: each letter is a tone of its own."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

RATE, BINS, FIRST = 16_000, 40, 10
LETTERS = "abcdefghijklmnopqrstuvwxyz'"
LETTER_S, GAP_S = 0.09, 0.09
PLACES = ("begin", "internal", "end", "singleton")  # of a letter in its word
_PHONES = 1 + 4 * len(LETTERS)  # silence first
_Arc = tuple[int, int, float, int]  # what is heard, what is written, cost, next state


def write_model(folder: Path, words: Iterable[str], is_dynamic: bool = False) -> Path:
    """Kaldi's files as text, its graph in OpenFst's binary format: a loop over all words."""
    for name in ("am", "conf", "graph/phones"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    known = sorted(set(words))
    (folder / "am/final.mdl").write_text(_transitions() + _network(), "utf-8")
    (folder / "conf/fbank.conf").write_text(
        f"--num-mel-bins={BINS}\n--high-freq=0\n--low-freq=20\n--dither=0\n", "utf-8"
    )
    (folder / "conf/model.conf").write_text(
        "--frame-subsampling-factor=3\n--acoustic-scale=1.0\n--endpoint.silence-phones=1\n", "utf-8"
    )
    table = "".join(f"{word} {at}\n" for at, word in enumerate(["<eps>", *known]))
    (folder / "graph/words.txt").write_text(table, "utf-8")
    places = "".join(f"{p} {PLACES[(p - 2) % 4]}\n" for p in range(2, _PHONES + 1))
    (folder / "graph/phones/word_boundary.int").write_text("1 nonword\n" + places, "utf-8")
    states = _words(known)
    if is_dynamic:
        _write_fst(folder / "graph/HCLr.fst", states)
        _write_fst(
            folder / "graph/Gr.fst", [(0.0, [(i + 1, i + 1, 1.0, 0) for i in range(len(known))])]
        )
        (folder / "graph/disambig_tid.int").write_text("\n", "utf-8")
    else:
        _write_fst(folder / "graph/HCLG.fst", states)
    return folder


def whistle(words: Iterable[str]) -> bytes:
    """Sound of 16 kHz, 16 bits; a second of silence after it."""
    step = np.log1p(8000 / 700) - np.log1p(20 / 700)
    pieces, rng = [np.zeros(int(0.3 * RATE))], np.random.default_rng(0)
    times = np.arange(int(LETTER_S * RATE)) / RATE
    for word in words:
        for letter in word:
            at = FIRST + LETTERS.index(letter) + 1
            hz = 700 * np.expm1(np.log1p(20 / 700) + step * at / (BINS + 1))
            pieces.append(6000 * np.sin(2 * np.pi * hz * times) * np.hanning(len(times)) ** 0.25)
        pieces.append(np.zeros(int(GAP_S * RATE)))
    sound = np.concatenate([*pieces, np.zeros(RATE)])
    return (sound + 10 * rng.standard_normal(len(sound))).astype("<i2").tobytes()


def _transitions() -> str:
    phones = range(1, _PHONES + 1)
    pdfs = "\n".join(f"{p} 0 {(p + 2) // 4}" for p in phones)
    return (
        "<TransitionModel>\n<Topology>\n<TopologyEntry>\n<ForPhones>\n"
        f"{' '.join(map(str, phones))}\n</ForPhones>\n"
        "<State> 0 <PdfClass> 0 <Transition> 0 0.5 <Transition> 1 0.5 </State>\n"
        "<State> 1 </State>\n</TopologyEntry>\n</Topology>\n"
        f"<Triples> {_PHONES}\n{pdfs}\n</Triples>\n"
        f"<LogProbs>\n [ 0 {'-0.693 ' * 2 * _PHONES}]\n</LogProbs>\n</TransitionModel>\n"
    )


def _network() -> str:
    """One layer: how far a letter's band stands out from the mean of all."""
    weights = np.full((1 + len(LETTERS), BINS), -0.5 / BINS)
    weights[0] = 0
    for at in range(len(LETTERS)):
        weights[1 + at, FIRST + at] += 0.5
    rows = "\n".join(" ".join(f"{x:.4f}" for x in row) for row in weights)
    return (
        f"<Nnet3> \ninput-node name=input dim={BINS}\n"
        "component-node name=a component=a input=input\noutput-node name=output input=a\n\n"
        "<NumComponents> 1 <ComponentName> a <FixedAffineComponent> <LinearParams>  [\n"
        f"{rows} ]\n<BiasParams>  [ 3 {'0 ' * len(LETTERS)}]\n</FixedAffineComponent> </Nnet3> "
        "<LeftContext> 0 <RightContext> 0 <Priors>  [ ]\n"
    )


def _words(words: Sequence[str]) -> list[tuple[float, list[_Arc]]]:
    """From the first state through the letters of each word, or silence, and back."""
    states: list[tuple[float, list[_Arc]]] = [(0.0, [(2, 0, 1.0, 1)]), (0.0, [(1, 0, 0.0, 1)])]
    states[1][1].append((0, 0, 0.0, 0))
    for number, word in enumerate(words, 1):
        at = 0
        for index, letter in enumerate(word):
            last = index == len(word) - 1
            place = (3 if last else 0) if index == 0 else 2 if last else 1
            phone = 2 + 4 * LETTERS.index(letter) + place
            new = len(states)
            states[at][1].append((2 * phone, 0 if index else number, 0.0 if index else 1.0, new))
            states.append((0.0 if last else float("inf"), [(2 * phone - 1, 0, 0.0, new)]))
            at = new
        states[at][1].append((0, 0, 0.0, 0))
    return states


def _write_fst(path: Path, states: Sequence[tuple[float, list[_Arc]]]) -> None:
    pieces = [struct.pack("<i", 2125659606)]
    pieces += [struct.pack("<i", len(name)) + name for name in (b"vector", b"standard")]
    count = sum(len(arcs) for _, arcs in states)
    pieces.append(struct.pack("<iiQqqq", 2, 0, 3, 0, len(states), count))
    for final, arcs in states:
        pieces.append(struct.pack("<fq", final, len(arcs)))
        pieces += [struct.pack("<iifi", *arc) for arc in sorted(arcs)]
    path.write_bytes(b"".join(pieces))
