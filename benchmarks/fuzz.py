"""Give each reader inputs that nobody would write: `python -m benchmarks.fuzz [READER …]`.

An input is read, or refused with a message whose line is one of the file; anything else is a
fault: another exception, a second of processor time, 500 MB, a line that isn't there. Each kind of
fault is printed once, with its input as small as it gets.

    python -m benchmarks.fuzz                          # all readers, 1,000 inputs each
    python -m benchmarks.fuzz slide dot --inputs 100000 --seconds 600 --seed 7
    python -m benchmarks.fuzz slide --most 1000        # of 1,000 bytes: much faster
    python -m benchmarks.fuzz slide --pump             # 100 kB of `$1`, `1/`, `a-`, … in each place
    python -m benchmarks.fuzz slide --engine atheris   # led by what of the code an input reaches

Inputs are files of this project, changed; `--engine atheris` needs `pip install atheris` and takes
libFuzzer's changes instead. What was found lies below `out/fuzz/READER/`.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
if "atheris" in sys.argv:  # what is imported from here on tells what of it an input reaches
    import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]

    atheris.instrument_imports(include=["pipeline"]).__enter__()

from support.fuzz.bounded import Fault, bound_memory, fault_of  # noqa: E402
from support.fuzz.mutate import MOST, PUMPED, Seed, made, small  # noqa: E402
from support.fuzz.readers import READERS, Read, Reader  # noqa: E402

from pipeline.problems import TalkError  # noqa: E402

OUT = ROOT / "out" / "fuzz"
HUNG_S = 300  # by the clock: C code that no signal ends
SHRINKING_S = 20
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # a disk would be waited for


@dataclass(slots=True)
class Tried:
    """What came of one reader."""

    reader: str
    inputs: int = 0
    faults: dict[Fault, str] = field(default_factory=dict)  # the file of its input


def input_of(number: int, options: argparse.Namespace, reader: Reader) -> Seed:
    """The input of a number: the seeds themselves come first. No name: there are no more."""
    most = min(options.most, reader.most)
    if options.pump:
        return pumped(reader, number, options.most)
    seeds = _seeds(reader, most)
    if number < len(seeds):
        return seeds[number]
    source = random.Random(f"{options.seed} {number}")
    return made(source, seeds, reader.all_words, most, reader.form)


@lru_cache(maxsize=1)
def _seeds(reader: Reader, most: int) -> list[Seed]:
    return small(reader.seeds(), most)


def pumped(reader: Reader, number: int, most: int) -> Seed:
    """As many bytes of one short text in one place of a file."""
    texts = [one for one in PUMPED if one not in reader.unlike]
    if number >= len(texts) * len(reader.places):
        return "", b""
    place, text = reader.places[number // len(texts)], texts[number % len(texts)]
    content = place.replace("@@", text * (most // len(text.encode())))
    return reader.seeds()[0][0], content.encode()


class Bench:
    """A reader in a folder, and its inputs."""

    def __init__(self, reader: Reader, folder: Path, most: int = MOST) -> None:
        logging.disable()  # of a broken typeface there are thousands of lines
        self.reader, self.folder, self.most = reader, folder, min(most, reader.most)
        self.seeds = _seeds(reader, self.most)
        self.read: Read = reader.open(folder)

    def path(self, name: str) -> Path:
        place = self.reader.place
        path = self.folder / (place if place else f"in/{name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def fault(self, name: str, raw: bytes) -> Fault | None:
        path = self.path(name)
        path.write_bytes(raw)
        return fault_of(self.read, path)

    def read_once(self, name: str, raw: bytes) -> None:
        """Without bounds."""
        path = self.path(name)
        path.write_bytes(raw)
        with suppress(TalkError):  # one may be refused
            self.read(path)

    def shrunk(self, name: str, raw: bytes, fault: Fault) -> bytes:
        """The input without what the fault doesn't need."""
        size, ends = len(raw) // 2, time.monotonic() + SHRINKING_S
        while size and time.monotonic() < ends:
            at = 0
            while at < len(raw) and time.monotonic() < ends:
                less = raw[:at] + raw[at + size :]
                found = self.fault(name, less)
                if found and (found.kind, found.place) == (fault.kind, fault.place):
                    raw = less
                else:
                    at += size
            size //= 2
        return raw


def read_all(options: argparse.Namespace) -> None:
    """Read the inputs of one reader from a number on; each number and fault is a line of JSON."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        bench = Bench(READERS[options.readers[0]], Path(folder), options.most)
        for name, raw in bench.seeds:  # once without bounds: imports, and what is kept
            bench.read_once(name, raw)
        bound_memory()
        known: set[tuple[str, str]] = set()
        ends = time.monotonic() + options.seconds
        for number in range(options.first, options.inputs):
            if time.monotonic() > ends:
                break
            name, raw = input_of(number, options, bench.reader)
            if not name:
                break
            print(number, flush=True)
            fault = bench.fault(name, raw)
            if fault and (fault.kind, fault.place) not in known:
                known.add((fault.kind, fault.place))
                small = bench.shrunk(name, raw, fault)
                found = [fault.kind, fault.place, fault.said, name, small.decode("latin-1")]
                print(json.dumps(found), flush=True)


def tried(options: argparse.Namespace, name: str) -> Tried:
    """All inputs of one reader, in processes of their own: one that hangs or dies is a fault."""
    found, first, ends = Tried(name), 0, time.monotonic() + options.seconds
    while first < options.inputs and time.monotonic() < ends:
        first = _in_child(options, found, first, ends - time.monotonic()) + 1
    return found


def _in_child(options: argparse.Namespace, found: Tried, first: int, seconds: float) -> int:
    """The number of the last input that a process read."""
    more = [f"--{key}={getattr(options, key)}" for key in ("inputs", "seed", "most")]
    more += ["--pump"] if options.pump else []
    command = [sys.executable, "-m", "benchmarks.fuzz", found.reader, *more]
    command += [f"--first={first}", f"--seconds={seconds:.0f}"]
    last = first
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        heard, is_over = [time.monotonic()], threading.Event()

        def watch() -> None:
            while not is_over.wait(5):
                if time.monotonic() - heard[0] > HUNG_S:
                    child.kill()

        threading.Thread(target=watch, daemon=True).start()
        for line in child.stdout:
            heard[0] = time.monotonic()
            if line[0] != "[":
                last, found.inputs = int(line), found.inputs + 1
                continue
            kind, place, said, name, raw = json.loads(line)
            _keep(found, Fault(kind, place, said), name, raw.encode("latin-1"))
        is_over.set()
        if child.wait():
            name, raw = input_of(last, options, READERS[found.reader])
            _keep(found, Fault("died", "", f"exit {child.returncode}"), name, raw)
            return last
    return int(options.inputs)


def _keep(found: Tried, fault: Fault, name: str, raw: bytes) -> None:
    if any((one.kind, one.place) == (fault.kind, fault.place) for one in found.faults):
        return
    path = OUT / found.reader / f"{len(found.faults) + 1}-{name}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
    found.faults[fault] = str(path.relative_to(ROOT))
    shown = raw if len(raw) < 200 else raw[:150] + b" ... " + raw[-40:]
    print(f"{found.reader}: {fault.kind} at {fault.place}: {fault.said}\n    {shown!r}", flush=True)


def led(options: argparse.Namespace) -> None:
    """Atheris on one reader: libFuzzer changes its inputs, led by what of the code they reach."""
    name = options.readers[0]
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        words = Path(folder) / "words"
        bench = Bench(READERS[name], Path(folder), options.most)
        for number, (file, raw) in enumerate(bench.seeds):
            bench.read_once(file, raw)
            (corpus / f"{number}-{file}").write_bytes(raw)
        quoted = ("".join(f"\\x{byte:02x}" for byte in word) for word in bench.reader.all_words)
        words.write_text("".join(f'"{word}"\n' for word in quoted if len(word) < 400), "ascii")
        found = Tried(name)

        def one(raw: bytes) -> None:
            found.inputs += 1
            fault = bench.fault(bench.seeds[0][0], raw)
            if fault:
                _keep(found, fault, bench.seeds[0][0], raw)

        bounds = [f"-runs={options.inputs}", f"-max_total_time={options.seconds:.0f}"]
        bounds += [
            f"-seed={options.seed + 1}",
            f"-dict={words}",
            "-timeout=60",
            f"-max_len={max(bench.most, *(len(raw) for _, raw in bench.seeds))}",
        ]
        bounds += ["-len_control=0"]  # a seed isn't cut to a few bytes
        atheris.Setup([sys.argv[0], *bounds, "-rss_limit_mb=2000", str(corpus)], one)
        atheris.Fuzz()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("readers", nargs="*", metavar="READER", help=" ".join(READERS))
    parser.add_argument("--inputs", type=int, default=1000, help="of each reader")
    parser.add_argument("--seconds", type=float, default=600, help="for each reader at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most", type=int, default=MOST, help="bytes of an input")
    parser.add_argument(
        "--pump",
        action="store_true",
        help="a short text, over and over, in each place: 100 kB or `--most`",
    )
    parser.add_argument("--engine", choices=("own", "atheris"), default="own")
    parser.add_argument("--first", type=int, help=argparse.SUPPRESS)  # in a process of its own
    options = parser.parse_args()
    if unknown := [name for name in options.readers if name not in READERS]:
        parser.error(f"no reader is called {', '.join(unknown)}: {' '.join(READERS)}")
    if options.first is not None:
        read_all(options)
    elif options.engine == "atheris":
        led(options)
    else:
        rows = [tried(options, name) for name in options.readers or READERS]
        print(f"{'reader':<14}{'inputs':>9}{'faults':>8}")
        for row in rows:
            print(f"{row.reader:<14}{row.inputs:>9,}{len(row.faults):>8}")
        sys.exit(any(row.faults for row in rows))


if __name__ == "__main__":
    main()
