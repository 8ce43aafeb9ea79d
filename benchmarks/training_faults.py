"""A tiny training that is killed, or whose disk is full, at its steps; then once more.

What is compared is all that a run keeps, but for what holds times: of results the values that are
no time, of a sealed folder that its seal fits, of the rest the bytes.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.faults import (
    Fault,
    Files,
    Kind,
    Room,
    Tally,
    expect_done,
    injected,
    say_into,
)

LIBRARIES = ["pipeline.experiment.run", "pipeline.experiment.steps", "sklearn.linear_model"]
LIBRARIES += ["accelerate", "transformers.models.llama.modeling_llama"]
SAVED_EVERY = 4  # steps: a few checkpoints, of 30 steps in all


class TrainingRoom(Room):
    """A folder with a tiny talk and what its experiment keeps."""

    def process(self, words: tuple[str, ...], kind: Kind, at: int) -> partial[None]:
        return partial(_train, Fault(kind, self.folder, at), *self.files)

    def kept(self) -> Files:
        """What is kept, by name, times aside."""
        cache = self.talk / "cache"
        found = sorted(path for path in cache.rglob("*") if path.is_file())
        return {_name(path, cache): _told(path) for path in found}


def _name(path: Path, cache: Path) -> str:
    """By which it is kept; what was measured on the model is named after its seal, with times."""
    name = path.relative_to(cache).as_posix()
    return re.sub(r"/(finetuned|elsewhere)-[0-9a-f]{32}", r"/\1", name)


def _told(path: Path) -> bytes:
    from support.tiny_model import without_times

    from pipeline.experiment.store import Trained
    from pipeline.files import KEPT_NAME, kept_bytes
    from pipeline.results import read_results
    from pipeline.seals import SEAL, sealed

    if path.name == "results.json":
        return json.dumps(without_times(read_results(path)), sort_keys=True).encode()
    if path.name == SEAL:
        kinds = {"model": Trained, "heads": dict}
        is_whole = sealed(path.parent, kinds.get(path.parent.name, int)) is not None
        return b"whole" if is_whole else b"broken"
    if KEPT_NAME.fullmatch(path.name) or path.name in ("sources.json", "hashes.json"):
        return b"whole" if kept_bytes(path) is not None else b"broken"
    return b"" if path.name == "seconds.npy" else path.read_bytes()


def _train(fault: Fault, said: Path, counted: Path) -> None:
    say_into(said, fault.below)
    from support.tiny_model import tiny_experiment, tiny_options

    from pipeline.config import Config, TalkInfo
    from pipeline.experiment.model import training
    from pipeline.experiment.run import run_experiment
    from pipeline.problems import TalkError

    training.SAVE_EVERY_STEPS = SAVED_EVERY
    root = fault.below / "talk"
    config = Config(root, TalkInfo("A tiny talk", "Nobody"), experiment=tiny_experiment())
    note = injected(fault, counted)
    try:
        run_experiment(config, tiny_options(config), partial(print, flush=True))
    except (TalkError, OSError) as error:
        print(f"error: {error}", flush=True)
        os._exit(1)
    note()


def tiny_room(folder: Path) -> TrainingRoom:
    """A tiny talk with nothing trained yet."""
    from support.tiny_model import tiny_talk

    room = TrainingRoom(folder)
    tiny_talk(room.talk, "llama")
    return room


def try_training(folder: Path, every: int, times: int, seed: int, tally: Tally) -> None:
    """At each so many steps a kill and a full disk; and so many kills at random times."""
    before = tiny_room(folder / "tiny")
    done = before.copy(folder / "done")
    ended = done.run("experiment")
    expect_done(ended)
    again, started = before.copy(folder / "again"), time.monotonic()  # with libraries loaded now
    expect_done(again.run("experiment"))
    whole_s = time.monotonic() - started
    new = done.kept()
    tally.add("experiment, undisturbed", list(_differing(again.kept(), new)))
    print(f"experiment: {ended[1]} steps, {len(new)} files, {whole_s:.1f} s")
    for kind in ("kill", "full"):
        for at in range(0, ended[1], every):
            tried = before.copy(folder / "try")
            status, _, said = tried.run("experiment", kind=kind, at=at)
            wrong = [f"at {at}: {one}" for one in _wrong(tried, new, kind, status, said)]
            tally.add(f"experiment, {kind}", wrong)
    chance = random.Random(seed)
    for _ in range(times):
        tried, after_s = before.copy(folder / "try"), chance.uniform(0, whole_s)
        process = tried.start("experiment")
        process.join(after_s)
        if process.pid and process.is_alive():
            os.kill(process.pid, signal.SIGKILL)
        process.join()
        wrong = [f"after {after_s:.2f} s: {one}" for one in _wrong(tried, new, "kill", None, "")]
        tally.add("experiment, killed in time", wrong)
    shutil.rmtree(folder)


def _wrong(tried: Room, new: Files, kind: Kind, status: int | None, said: str) -> Iterator[str]:
    assert isinstance(tried, TrainingRoom)
    if kind == "full":
        if "Traceback" in said or said.count("error:") > 1:
            yield f"not one message: {said[-600:]}"
        if status != 1 and not (status == 0 and tried.kept() == new):
            yield f"exit status {status}: {said[-300:]}"
    again, _, said = tried.run("experiment")
    if again != 0:
        yield f"the second run ended with {again}: {said[-600:]}"
    else:
        yield from _differing(tried.kept(), new)
    yield from tried.left()


def _differing(found: Files, new: Files) -> Iterator[str]:
    if names := [name for name in {**found, **new} if found.get(name) != new.get(name)]:
        yield f"kept otherwise: {', '.join(sorted(names)[:5])}"
        for name in names:
            if name.endswith("/results.json"):
                yield from _otherwise(json.loads(found[name]), json.loads(new[name]), name)


def _otherwise(one: Any, other: Any, place: str) -> Iterator[str]:
    """The values in which two results differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {**one, **other}:
            yield from _otherwise(one.get(key), other.get(key), f"{place}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for at, (first, second) in enumerate(zip(one, other, strict=True)):
            yield from _otherwise(first, second, f"{place}.{at}")
    elif one != other:
        yield f"{place}: {str(one)[:60]} and {str(other)[:60]}"
