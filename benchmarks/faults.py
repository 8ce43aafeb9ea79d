"""Faults on purpose: a command killed, or its disk full, at each step that writes; then once more.

    python -m benchmarks.faults                 # each third step of build and publish
    python -m benchmarks.faults --every 1       # each step
    python -m benchmarks.faults --browser 50    # and both with a browser, killed at random times
    python -m benchmarks.faults --every 1000 --random 50       # both without one, at random times
    python -m benchmarks.faults --experiment 1 --random 50   # a tiny training instead

Each try begins with a talk that was built and published, then edited. A step is a file opened to be
written, a name changed or removed, a folder made: Python says each before it is done (PEP 578), and
there the process kills itself, or is told that the disk is full from there on. After it the same
command runs undisturbed. What is looked at: the pages that stay behind, each whole; the pages of
the second run, byte for byte those of a run that nothing happened to; and that no file, folder or
process is left over.
"""

from __future__ import annotations

import argparse
import errno
import hashlib
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Literal, Self

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

Kind = Literal["count", "kill", "full", "short"]
Files = dict[str, bytes]
LIBRARIES = ["pipeline.cli.run", "pipeline.checks.evidence", "pipeline.export.overflow"]
LIBRARIES += ["pipeline.pages.speaker", "pipeline.publish.site", "fontTools.subset"]
LIBRARIES += ["fontTools.ttLib.woff2", "fontTools.ttLib.tables._h_h_e_a", "brotli"]
LIBRARIES += ["pipeline.checks.figures", "pipeline.checks.media", "pipeline.experiment.store"]
LIBRARIES += ["pipeline.measure.run", "pipeline.checks.numbers", "pipeline.checks.habits"]
_NAMED = {"os.mkdir": 0, "os.rename": 1, "os.remove": 0, "os.rmdir": 0}  # where the name stands
_TAKES_ROOM = {"open", "os.mkdir"}
_LEAST_BYTES = 500  # that a file may have: enough for what is said
TALK = "TALK"  # stands for the talk's folder in a command
_LIMIT_S = 600  # of any command here
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_MEASURE = "\n[measure.lookup]\ncommand = 'python3 measure.py'\ninputs = ['measure.py']\n"
_PRINTS = "import sys\nprint('time = 12.5 ms')\nprint('working', file=sys.stderr)\n"


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to a command, at which of its steps that write below a folder.

    "short": no file may be longer than `at` bytes (RLIMIT_FSIZE), as if the disk were full in it.
    """

    kind: Kind
    below: Path
    at: int = 0


@dataclass(slots=True)
class Tally:
    """What came of the tries."""

    tries: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, name: str, found: list[str]) -> None:
        self.tries[name] += 1
        print(f"{name}: {self.tries[name]}", end="\r", file=sys.stderr, flush=True)
        for one in found:
            print(f"{name}: {one}", file=sys.stderr, flush=True)
        self.faults += [f"{name}: {one}" for one in found]


# --- In the process that it happens to ---------------------------------------------------------


def injected(fault: Fault, counted: Path) -> Callable[[], None]:
    """Begin to watch this process; what it returns notes how many steps there were."""
    import resource  # Windows has none

    steps, below = 0, str(fault.below)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    if fault.kind == "short":
        resource.setrlimit(resource.RLIMIT_FSIZE, (fault.at, before[1]))

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal steps
        if not _is_step(event, arguments, below):
            return
        if fault.kind == "kill" and steps == fault.at:
            os.kill(os.getpid(), signal.SIGKILL)
        if fault.kind == "full" and steps >= fault.at and event in _TAKES_ROOM:
            steps += 1
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(arguments[0]))
        steps += 1

    sys.addaudithook(watch)

    def note() -> None:
        nonlocal below
        below = "\0"  # nothing more is watched
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        counted.write_text(str(steps))

    return note


def _is_step(event: str, arguments: tuple[Any, ...], below: str) -> bool:
    if event == "open":
        path, mode, flags = arguments
        writes = bool(flags & _WRITES) or any(sign in (mode or "") for sign in "wax+")
        return writes and isinstance(path, str | os.PathLike) and str(path).startswith(below)
    if event not in _NAMED:
        return False
    return str(arguments[_NAMED[event]]).startswith(below)


def say_into(said: Path, room: Path) -> None:
    """What this process says goes into a file, and what it keeps anywhere into the room."""
    for number in (1, 2):
        os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    os.environ |= _environment(room)
    tempfile.tempdir = None


def _run(arguments: list[str], chrome: str, fault: Fault, said: Path, counted: Path) -> None:
    """A command as a program: with its stamp."""
    say_into(said, fault.below)
    if chrome:
        os.environ["CHROME_PATH"] = chrome
    sys.argv = ["build.py", *arguments]
    from pipeline.cli import main

    note = injected(fault, counted)
    status = main()
    note()
    sys.exit(status)


def _environment(room: Path) -> dict[str, str]:
    """All that a command keeps outside of its talk goes into the room, too."""
    names = {"XDG_STATE_HOME": "state", "TALKWRIGHT_CACHE": "shared", "TMPDIR": "tmp"}
    return {variable: str(room / name) for variable, name in names.items()}


# --- Around it ------------------------------------------------------------------------------


class Room:
    """A folder with a talk, and all that commands on it keep; copied for each try."""

    def __init__(self, folder: Path, browser: bool = False) -> None:
        self.folder, self.browser, self.talk = folder, browser, folder / "talk"
        self.files = folder / "said.txt", folder / "counted"
        for name in ("state", "shared", "tmp"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def run(self, *words: str, kind: Kind = "count", at: int = 0) -> tuple[int | None, int, str]:
        """The exit status of a command, how many steps it took, and what it said."""
        said, counted = self.files
        for file in self.files:
            file.unlink(missing_ok=True)
        process = self.start(*words, kind=kind, at=at)
        process.join(_LIMIT_S)
        if process.is_alive():
            process.kill()
            process.join()
        steps = int(counted.read_text()) if counted.exists() else 0
        return process.exitcode, steps, said.read_text("utf-8", "replace")

    def start(self, *words: str, kind: Kind = "count", at: int = 0) -> BaseProcess:
        """Begin a command in a process of its own."""
        process: BaseProcess = _context().Process(target=self.process(words, kind, at))
        process.start()
        return process

    def process(self, words: tuple[str, ...], kind: Kind, at: int) -> partial[None]:
        """What a process of its own does."""
        asked = [str(self.talk) if word == TALK else word for word in words]
        if TALK not in words:
            asked[1:1] = ["--talk", str(self.talk)]
        chrome = "" if self.browser else "nowhere"
        return partial(_run, asked, chrome, Fault(kind, self.folder, at), *self.files)

    def pages(self, name: str) -> Files:
        """The pages of a folder below out/, by name; none where it is missing."""
        return self.below(f"out/{name}")

    def below(self, name: str) -> Files:
        """The files of a folder of the talk."""
        folder = self.talk / name
        found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".part")
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}

    def copy(self, folder: Path) -> Self:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder, symlinks=True)
        return type(self)(folder, self.browser)

    def left(self) -> list[str]:
        """What is there that should not be: parts, folders that were replaced, temporary ones."""
        names = (path for path in self.folder.rglob(".*") if path.suffix in (".part", ".old"))
        found = [f"{path.relative_to(self.folder)} is left" for path in names]
        found += [f"tmp/{path.name} is left" for path in (self.folder / "tmp").iterdir()]
        lock = self.talk / "out" / ".lock"
        return found + (["the lock is left"] if lock.exists() else [])


def _context() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LIBRARIES)
    return context


def small_talk(folder: Path, browser: bool = False) -> Room:
    """A talk with a measurement, built and published."""
    from pipeline.starter import write_new_talk

    room = Room(folder, browser)
    write_new_talk(room.talk, "script", "en")
    (room.talk / "measure.py").write_text(_PRINTS)
    settings = room.talk / "talk.toml"
    settings.write_text(settings.read_text("utf-8") + _MEASURE, "utf-8")
    for words in (("build", "--yes"), ("publish",)):
        expect_done(room.run(*words))
    return room


def edit(room: Room) -> None:
    """Another title, another measurement: nearly all files of the pages change."""
    for file in (room.talk / "talk.toml", *room.talk.rglob("*.md")):
        text = file.read_text("utf-8")
        file.write_text(text.replace("A small talk", "Another talk"), "utf-8")
    (room.talk / "measure.py").write_text(_PRINTS.replace("12.5", "7.5"))


def expect_done(ended: tuple[int | None, int, str]) -> None:
    if ended[0] != 0:
        raise SystemExit(f"a command that nothing happens to ended with {ended[0]}: {ended[2]}")


@dataclass(frozen=True, slots=True)
class Case:
    """A command on an edited talk: before it, and the pages before and after it."""

    words: tuple[str, ...]
    before: Room
    folder: str  # of the pages, below out/
    old: Files
    new: Files
    steps: int

    def faults(self, room: Path, kind: Kind, at: int) -> list[str]:
        """What is wrong where this happened at that step."""
        tried = self.before.copy(room)
        status, _, said = tried.run(*self.words, kind=kind, at=at)
        return [f"{kind} at {at}: {one}" for one in self.wrong(tried, kind, status, said)]

    def wrong(self, tried: Room, kind: Kind, status: int | None, said: str) -> Iterator[str]:
        """What is wrong of a try that has ended like this, and after the same command again."""
        now = tried.pages(self.folder)
        if kind == "kill" and self.folder == "speaker":
            if any(text not in (self.old.get(n), self.new.get(n)) for n, text in now.items()):
                yield "a page is torn"
        elif now not in (self.old, self.new):
            yield "the pages are neither the old nor the new ones"
        if kind in ("full", "short"):
            if "Traceback" in said or said.count("error:") > 1:
                yield f"not one message: {said[-300:]}"
            if status != 1 and not (status == 0 and now == self.new):
                yield f"exit status {status}"
        again, _, said = tried.run(*self.words)
        if again != 0:
            yield f"the second run ended with {again}: {said[-300:]}"
        elif tried.pages(self.folder) != self.new:
            yield "the second run made other pages"
        yield from tried.left()


def cases(folder: Path, browser: bool = False) -> list[Case]:
    """`build` of an edited talk, and `publish` after it."""
    built = small_talk(folder / "first", browser)
    found = []
    for words, pages in ((("build", "--yes"), "speaker"), (("publish",), "public")):
        if pages == "speaker":
            edit(built)
        done = built.copy(folder / pages)
        ended = done.run(*words)
        expect_done(ended)
        before = built.copy(folder / f"{pages}-before")
        old, new = built.pages(pages), done.pages(pages)
        found.append(Case(words, before, pages, old, new, ended[1]))
        built = done
    return found


def try_steps(case: Case, folder: Path, steps: list[int], tally: Tally) -> None:
    for kind in ("kill", "full"):
        for at in steps:
            tally.add(f"{case.words[0]}, {kind}", case.faults(folder, kind, at))


def try_limits(case: Case, folder: Path, tries: int, seed: int, tally: Tally) -> None:
    """Let no file be longer than so many bytes: the first writes go well, one breaks off."""
    for at in limits(case, tries, seed):
        tally.add(f"{case.words[0]}, short", case.faults(folder, "short", at))


def limits(case: Case, tries: int, seed: int) -> list[int]:
    """Lengths in bytes, of which a file of the pages is longer."""
    chance, longest = random.Random(seed), max(map(len, case.new.values()))
    return [int(_LEAST_BYTES * (longest / _LEAST_BYTES) ** chance.random()) for _ in range(tries)]


def try_times(case: Case, folder: Path, tries: int, seed: int, tally: Tally) -> None:
    """Kill it after random times instead: while a browser works, say."""
    chance = random.Random(seed)
    started = time.monotonic()
    case.before.copy(folder).run(*case.words)
    whole_s = time.monotonic() - started
    for _ in range(tries):
        tried, after_s = case.before.copy(folder), chance.uniform(0, whole_s)
        process = tried.start(*case.words)
        process.join(after_s)
        if process.pid and process.is_alive():
            os.kill(process.pid, signal.SIGKILL)
        process.join()
        found = list(case.wrong(tried, "kill", None, ""))
        found += [f"a process is left: {one}" for one in running_below(folder)]
        tally.add(f"{case.words[0]}, killed in time", [f"at {after_s:.2f} s: {f}" for f in found])


def running_below(folder: Path, wait_s: float = 5.0) -> list[str]:
    """The processes that name a folder, such as browsers with a profile there, and stay."""
    limit = time.monotonic() + wait_s
    while (found := _running(str(folder))) and time.monotonic() < limit:
        time.sleep(0.1)
    return found


def _running(name: str) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (
                (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            )
            tied = name in line or f"TMPDIR={name}" in (process / "environ").read_text(
                "utf-8", "replace"
            )
        except OSError:
            continue
        if tied and process.name != str(os.getpid()):
            found.append(line[:100])
    return found


def digest(files: Files) -> str:
    """One hash for a set of files."""
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(f"{name}\0{len(files[name])}\0".encode() + files[name])
    return total.hexdigest()[:16]


def show(tally: Tally) -> None:
    for name, tries in tally.tries.items():
        wrong = sum(one.startswith(f"{name}:") for one in tally.faults)
        print(f"{name:<28}{tries:>6} tries{wrong:>6} faults")
    for one in tally.faults[:20]:
        print(f"  {one}")


def try_new(folder: Path, every: int, tally: Tally) -> None:
    """Kills while a talk is begun: the same command goes on, and makes the same files.

    A talk that has its last file is whole, and the command leaves it alone.
    """
    room, deck = Room(folder / "empty"), folder / "deck.md"
    deck.write_text("---\nmarp: true\n---\n\n# One\n\n- a\n\n---\n\n# Two\n\n- b\n", "utf-8")
    for words in (("new", TALK), ("import", str(deck), "--into", TALK)):
        done = room.copy(folder / "done")
        ended = done.run(*words)
        expect_done(ended)
        for at in range(0, ended[1], every):
            tried = room.copy(folder / "try")
            tried.run(*words, kind="kill", at=at)
            is_whole = (tried.talk / "talk.toml").exists()
            again, _, said = tried.run(*words)
            found = [f"at {at}: it ended with {again}: {said[-300:]}"] * (again != is_whole)
            files = tried.below("")
            files.pop(".lock", None)  # which goes with the next one who takes it
            found += tried.left() + [f"at {at}: others"] * (files != done.below(""))
            tally.add(f"{words[0]}, kill", found)


def try_pages(folder: Path, every: int, tally: Tally) -> None:
    for case in cases(folder):
        print(f"{case.words[0]}: {case.steps} steps, pages {digest(case.new)}")
        try_steps(case, folder / "try", [*range(0, case.steps, every)], tally)
        try_limits(case, folder / "try", 30 // every, 1, tally)


def main() -> None:
    from benchmarks.training_faults import LIBRARIES as TRAINING_LIBRARIES
    from benchmarks.training_faults import try_training

    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--every", type=int, default=3, metavar="N", help="each Nth step")
    parser.add_argument("--browser", type=int, default=0, metavar="N", help="N kills in time")
    what = "each Nth step of a tiny training instead"
    parser.add_argument("--experiment", type=int, default=0, metavar="N", help=what)
    what = "and N kills in time of the training, or of build and publish without a browser"
    parser.add_argument("--random", type=int, default=0, metavar="N", help=what)
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the random times")
    options = parser.parse_args()
    if options.every < 1:
        parser.error("--every is 1 or more")
    tally = Tally()
    if options.experiment:
        os.environ["OMP_NUM_THREADS"] = "1"  # read when torch is loaded, before processes are begun
        LIBRARIES.extend(TRAINING_LIBRARIES)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(os.path.realpath(name))
        if options.experiment:
            try_training(folder, options.experiment, options.random, options.seed, tally)
        else:
            try_pages(folder, options.every, tally)
            try_new(folder / "new", options.every, tally)
        if options.random and not options.experiment:
            for case in cases(folder / "random"):
                try_times(case, folder / "try", options.random, options.seed, tally)
        if options.browser:
            for case in cases(folder / "browser", browser=True):
                try_times(case, folder / "try", options.browser, options.seed, tally)
    show(tally)
    sys.exit(1 if tally.faults else 0)


if __name__ == "__main__":
    from benchmarks import faults  # under its own name: what it begins is found there

    faults.main()
