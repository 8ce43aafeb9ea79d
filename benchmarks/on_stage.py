"""The short cut rehearsed twice by a synthetic voice and a phone: the report names its mistakes.

    python -m benchmarks.on_stage [--slides 4] [--only first] [--out DIR]

espeak-ng speaks the script of the first slides (--slides 22: all, 40 minutes a rehearsal), Chromium
takes that as its microphone, and a phone of a Pixel's size presses Next. Talk, log, sound and
`on_stage.json` are in DIR then; with --only and a DIR each, both rehearsals go on at once.

The first time a paragraph is left out and filler words are put in; the second time there are 20 s
of other talk, a sentence is said twice, and the last slide is spoken slowly. Both times the place
of the teleprompter is compared with the sentence that sounds. In real time, on this machine.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import msgspec  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from support.browsing import wait_until  # noqa: E402
from support.rehearsed import build_pages, whole_talk  # noqa: E402

from benchmarks.phone import phone_of  # noqa: E402
from pipeline.export.chromium import FLAGS, find_browser  # noqa: E402
from pipeline.pages.phone import phone_page  # noqa: E402
from pipeline.pages.rehearsal import rehearsal_page  # noqa: E402
from pipeline.rehearsal.app import open_server  # noqa: E402
from pipeline.rehearsal.log import FOLDER  # noqa: E402
from pipeline.rehearsal.record import Rehearsal  # noqa: E402
from pipeline.rehearsal.voice.hearing import Hearing, Sayings, Take  # noqa: E402
from pipeline.rehearsal.voice.listener import Setup  # noqa: E402
from pipeline.rehearsal.voice.record import keep_voice  # noqa: E402
from pipeline.rehearsal.voice.told import told  # noqa: E402
from pipeline.serve.pairing import REMOTE_PAGE, Gate  # noqa: E402
from pipeline.serve.remote import Remote  # noqa: E402
from pipeline.serve.web import LOCAL, LocalServer  # noqa: E402
from pipeline.talk import Talk, talk_id  # noqa: E402
from pipeline.voice.sentences import Sentence, sentences_of  # noqa: E402

CUT = "short"
RATE = 22_050  # espeak-ng's
LEAD_S, GAP_S, TURN_S = 3.0, 0.35, 1.0  # before the first word, between sentences, slides
PACE, SLOW = 155, 95  # espeak-ng's words a minute
FILLERS = ("you know,", "um")  # espeak-ng's `um` is mostly heard as another word
LOUD = "parseFloat(document.querySelector('#voice .meter i').style.width) > 25"
FOLLOWED = "document.querySelector('#prompter .sentence')?.textContent ?? ''"


class Piece(msgspec.Struct, frozen=True):
    """Something that is said; `number`: of the script's sentence, -1 for none."""

    slide: str
    text: str
    number: int = -1
    pace: int = PACE


class Plan(msgspec.Struct, frozen=True):
    """What is said in a rehearsal, and which mistakes are in it."""

    name: str
    pieces: tuple[Piece, ...]
    skipped: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    other_s: float = 0.0
    fillers: int = 0
    slow: str = ""  # a slide


class Sound(msgspec.Struct, frozen=True):
    """A file, and when each piece sounds in it."""

    path: Path
    spans: tuple[tuple[float, float], ...]


def pieces_of(talk: Talk, slides: int) -> list[Piece]:
    """The cut's sentences on the first slides."""
    names = [slide.name for slide in talk.main[:slides]]
    mine = [one for one in sentences_of(talk) if CUT in one.cuts and one.slide in names]
    return [Piece(one.slide, one.text, one.number) for one in mine]


def first_plan(talk: Talk, pieces: Sequence[Piece]) -> Plan:
    """A paragraph of the last slide but one is left out; filler words come before sentences."""
    of = {one.number: one for one in sentences_of(talk)}
    slide = list(dict.fromkeys(piece.slide for piece in pieces))[-2]
    on_it = [of[piece.number] for piece in pieces if piece.slide == slide]
    paragraphs = [list(group) for _, group in groupby(on_it, key=lambda one: one.item)]
    out = max(paragraphs[1:-1] or paragraphs, key=_words)
    left = {one.number for one in out}
    said = [piece for piece in pieces if piece.number not in left]
    made: list[Piece] = []
    for n, piece in enumerate(said):
        if n % 5 == 2:
            made.append(Piece(piece.slide, FILLERS[n // 5 % 2]))
        made.append(piece)
    fillers = len(made) - len(said)
    return Plan("first", tuple(made), skipped=tuple(one.text for one in out), fillers=fillers)


def _words(sentences: Sequence[Sentence]) -> int:
    return sum(len(one.words) for one in sentences)


def second_plan(pieces: Sequence[Piece]) -> Plan:
    """Other talk on the second slide, a sentence twice on the third, the last slide slowly."""
    slides = list(dict.fromkeys(piece.slide for piece in pieces))
    licence = (ROOT / "LICENSE").read_text("utf-8").split("\n\n")
    other = " ".join(" ".join(licence[2:]).split()[:52])
    made: list[Piece] = []
    second = [piece for piece in pieces if piece.slide == slides[1]]
    twice = max((p for p in pieces if p.slide == slides[-2]), key=lambda p: len(p.text.split()))
    for piece in pieces:
        slow = piece.slide == slides[-1]
        made.append(msgspec.structs.replace(piece, pace=SLOW if slow else PACE))
        if piece == second[len(second) // 2]:
            made.append(Piece(piece.slide, other))
        if piece == twice:
            made.append(piece)
    return Plan("second", tuple(made), repeated=(twice.text,), other_s=20.0, slow=slides[-1])


def spoken(plan: Plan, folder: Path) -> Sound:
    """The plan as a file for Chromium: one piece after the other."""
    path, spans = folder / f"{plan.name}.wav", []
    with wave.open(str(path), "wb") as whole:
        whole.setparams((1, 2, RATE, 0, "NONE", ""))
        silence(whole, LEAD_S)
        for n, piece in enumerate(plan.pieces):
            turns = n and plan.pieces[n - 1].slide != piece.slide
            silence(whole, TURN_S if turns else GAP_S)
            start = whole.tell() / RATE
            whole.writeframes(voice_of(piece, folder))
            spans.append((start, whole.tell() / RATE))
        silence(whole, 3.0)
    return Sound(path, tuple(spans))


def silence(whole: wave.Wave_write, seconds: float) -> None:
    whole.writeframes(bytes(2 * round(RATE * seconds)))


def voice_of(piece: Piece, folder: Path) -> bytes:
    path = folder / "piece.wav"
    words = ["espeak-ng", "-v", "en-us", "-s", str(piece.pace), "-w", str(path), piece.text]
    subprocess.run(words, check=True)
    with wave.open(str(path)) as one:
        return bytes(one.readframes(one.getnframes()))


@contextmanager
def served(talk: Talk, pages: Path) -> Iterator[LocalServer]:
    """What `rehearse --voice --phone` serves."""
    root, sentences = talk.config.root, sentences_of(talk)

    def keep(run: Rehearsal, take: Take) -> Path:
        listened = told(
            run, take.words, sentences, talk.config.locale, speech=take.speech,
            listened=take.listened,
        )  # fmt: skip
        return keep_voice(listened, root / FOLDER)

    gate = Gate(LOCAL, 0, lambda _: None, REMOTE_PAGE, root / "phones.json")
    setup = Setup(sentences, talk.config.locale.tag, str(root / ".cache"))
    with open_server(
        pages,
        root / FOLDER,
        talk_id(talk.config),
        lambda _: None,
        0,
        made={"rehearse.html": rehearsal_page(talk, ["phone", "voice"])},
        remote=Remote(gate, lambda: phone_page(talk.config)),
        hearing=Hearing(setup, root / FOLDER, Sayings(print, keep)),
    ) as server:
        yield server


def presses_of(talk: Talk, plan: Plan, sound: Sound) -> list[float]:
    """When the phone presses Next: each slide's steps over its speech, then the next slide."""
    spans = list(zip(plan.pieces, sound.spans, strict=True))
    steps = {slide.name: slide.steps for slide in talk.main}
    slides = [(name, list(of)) for name, of in groupby(spans, key=lambda one: one[0].slide)]
    found: list[float] = []
    for n, (name, of) in enumerate(slides):
        start, end = of[0][1][0], of[-1][1][1]
        parts = steps[name] + 1
        found += [start + (end - start) * k / parts for k in range(1, parts)]
        if n + 1 < len(slides):
            found.append(end + TURN_S / 2)
    return found


class Truth:
    """Whether the teleprompter marks the sentence that sounds, or one beside it."""

    def __init__(self, plan: Plan, sound: Sound, talk: Talk) -> None:
        self._spans = [
            (piece, span)
            for piece, span in zip(plan.pieces, sound.spans, strict=True)
            if piece.number >= 0
        ]
        self._said = [one.number for one in sentences_of(talk) if CUT in one.cuts]
        self._number = {one.text: one.number for one in sentences_of(talk)}
        self.right = self.all = 0

    def look(self, page: Any, now: float) -> None:
        sounds = [p for p, (start, end) in self._spans if start + 0.5 <= now <= end]
        if not sounds:
            return
        followed = self._number.get(page.evaluate(FOLLOWED), -9)
        at = self._said.index(sounds[0].number)
        near = self._said[max(0, at - 1) : at + 2]
        self.right += followed in near
        self.all += 1


def rehearse(playwright: Any, server: LocalServer, talk: Talk, plan: Plan, sound: Sound) -> float:
    """One rehearsal, from V to the record; how much of the time the place was right."""
    fake = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    file = f"--use-file-for-fake-audio-capture={sound.path}%noloop"
    browser = playwright.chromium.launch(executable_path=find_browser(), args=[*FLAGS, *fake, file])
    page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    page.goto(server.url)
    page.wait_for_selector("html[data-ready]")
    phone = phone_of(browser, server.port)
    page.bring_to_front()
    page.keyboard.press("v")
    page.keyboard.press("p")
    wait_until(page, LOUD)
    began = time.perf_counter() - sound.spans[0][0]
    truth, presses = Truth(plan, sound, talk), presses_of(talk, plan, sound)
    while (now := time.perf_counter() - began) < sound.spans[-1][1] + 1.5:
        if presses and now >= presses[0]:
            phone.tap("#forward")
            presses.pop(0)
        truth.look(page, now)
        page.wait_for_timeout(100)
    page.keyboard.press("e")
    page.keyboard.press("e")
    ended = time.perf_counter()
    kept = "document.querySelector('#message').innerText.includes('beside it')"
    wait_until(page, kept, limit_s=180)
    print(f"  kept {time.perf_counter() - ended:.1f} s after the end")
    browser.close()
    return truth.right / max(1, truth.all)


def report_of(talk: Talk) -> dict[str, Any]:
    """What `rehearse --report --json` says of the voice."""
    command = [sys.executable, "-m", "pipeline", "rehearse", "--report", "--json", "--cut", CUT]
    done = subprocess.run(
        [*command, "--talk", str(talk.config.root)],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)["voice"]
    return found


def named(plan: Plan, voice: dict[str, Any]) -> dict[str, bool]:
    """Each mistake, and whether the report names it; and that it names none that wasn't made."""
    skipped = [one["text"] for one in voice["skipped"]]
    paces = {one["name"]: one["pace_wpm"] for one in voice["slides"] if one["pace_wpm"]}
    others = [pace for name, pace in paces.items() if name != plan.slow]
    last = voice["runs"][-1]
    checks: dict[str, Callable[[], bool]] = {
        "skipped paragraph": lambda: (
            skipped == [plan.skipped[0]] and voice["skipped"][0]["sentences"] == len(plan.skipped)
        ),
        "filler words": lambda: last["fillers"] >= plan.fillers / 3,
        "other talk": lambda: any(one["seconds"] > plan.other_s / 2 for one in voice["beside"]),
        "repeated sentence": lambda: plan.repeated[0] in [o["text"] for o in voice["repeated"]],
        "slow slide": lambda: paces.get(plan.slow, 1e9) < 0.85 * min(others),
        "nothing else skipped": lambda: len(skipped) == bool(plan.skipped),
    }
    made = {
        "skipped paragraph": plan.skipped,
        "filler words": plan.fillers,
        "other talk": plan.other_s,
        "repeated sentence": plan.repeated,
        "slow slide": plan.slow,
        "nothing else skipped": True,
    }
    return {name: check() for name, check in checks.items() if made[name]}


def stage(playwright: Any, folder: Path, slides: int, only: str) -> dict[str, Any]:
    """Both rehearsals, or one of them; what came out, by their names."""
    talk = whole_talk(folder / "talk", CUT)
    pages = build_pages(talk, talk.config.root / "out" / "speaker").parent
    pieces = pieces_of(talk, slides)
    found: dict[str, Any] = {}
    with served(talk, pages) as server:
        for plan in (first_plan(talk, pieces), second_plan(pieces)):
            if only not in ("", plan.name):
                continue
            sound = spoken(plan, folder)
            print(f"{plan.name}: {sound.spans[-1][1] / 60:.1f} min of speech", flush=True)
            right = rehearse(playwright, server, talk, plan, sound)
            voice = report_of(talk)
            found[plan.name] = {
                "place_right": round(right, 3),
                "named": named(plan, voice),
                "run": voice["runs"][-1],
                **{key: voice[key] for key in ("skipped", "beside", "repeated", "fillers")},
            }
            show(found[plan.name])
    return found


def show(found: dict[str, Any]) -> None:
    print(f"  the place was right to a sentence in {found['place_right']:.0%} of the time")
    print(f"  recognised: {found['run']['recognised']:.0%} of the words")
    for what, is_named in found["named"].items():
        print(f"  {'named' if is_named else 'NOT NAMED'}: {what}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--slides", type=int, default=4)
    parser.add_argument("--only", choices=["first", "second"], default="")
    parser.add_argument("--out", type=Path)
    told_to = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = told_to.out or Path(name)
        found = stage(playwright, folder.absolute(), told_to.slides, told_to.only)
        text = json.dumps(found, indent=1) + "\n"
        (folder / "on_stage.json").write_text(text, "utf-8")
    return 0 if all(all(one["named"].values()) for one in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
