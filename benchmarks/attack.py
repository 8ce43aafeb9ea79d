"""Attacks on both local servers, as they are started by their commands: what held, and what didn't.

    python -m benchmarks.attack [--tries 5000] [--connections 1000] [--json FILE]

`serve --host` and `rehearse --phone` run for a copy of this talk with a made-up run, each in a
process of its own. After each attack the server must still be up; printed are the tries, the
faults, the slowest of the pages that the speaker asked for meanwhile, and how much more memory the
server has.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support import attacks  # noqa: E402
from support.attacks import ATTACKS, Target, crowd, crowds, statuses  # noqa: E402
from support.second_talk import write_pinned_copy  # noqa: E402

from pipeline.serve.web import own_address  # noqa: E402

SECRETS = b"words of a file outside", b"root:x:0:0"


@dataclass(frozen=True, slots=True)
class Row:
    """One attack: tries and faults, the slowest page meanwhile (s), and memory (MB) it took."""

    server: str
    attack: str
    tries: int
    faults: tuple[str, ...]
    slowest_s: float
    more_mb: float


class Watched:
    """A server in a process of its own, and what it says."""

    def __init__(self, name: str, talk: Path, *options: str) -> None:
        self.name, self.said = name, ""
        command = [sys.executable, str(ROOT / "build.py"), name, "--talk", str(talk), *options]
        environment = {**os.environ, "BROWSER": "true", "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            command,
            cwd=talk,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()
        self.port = int(self.wait_for(r"http://127\.0\.0\.1:(\d+)/"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.said += line

    def wait_for(self, pattern: str, within_s: float = 120) -> str:
        end = time.monotonic() + within_s
        while not (found := re.search(pattern, self.said)):
            if time.monotonic() > end or self.process.poll() is not None:
                sys.exit(f"{self.name} doesn't start:\n{self.said}")
            time.sleep(0.05)
        return found[1]

    @property
    def mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


@contextlib.contextmanager
def pages_meanwhile(target: Target) -> Iterator[list[float]]:
    """Seconds that each page took that the speaker asked for while the block lasts; inf: none."""
    took: list[float] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.05):
            started = time.perf_counter()
            answer = target.told(target.head("GET /index.html HTTP/1.1"), 30)
            fine = statuses(answer) == [200]
            took.append(time.perf_counter() - started if fine else float("inf"))

    looking = threading.Thread(target=look)
    looking.start()
    yield took
    over.set()
    looking.join()


def measured(
    server: Watched, speaker: Target, name: str, attack: Callable[[], Iterator[str]]
) -> Row:
    before = server.mb
    with pages_meanwhile(speaker) as took:
        found = list(attack())
        time.sleep(0.2)
    faults = list(dict.fromkeys(filter(None, found)))
    if server.process.poll() is not None:
        sys.exit(f"{name}: the server has ended:\n{server.said}")
    slowest = max(took, default=0.0)
    row = Row(server.name, name, len(found), tuple(faults), slowest, server.mb - before)
    print(
        f"{row.server:<18}{row.attack:<26}{row.tries:>7}{len(row.faults):>8}"
        f"{row.slowest_s:>9.2f} s{row.more_mb:>8.0f} MB",
        *(f"    {fault}" for fault in row.faults[:5]),
        sep="\n",
        flush=True,
    )
    return row


def crowded(target: Target, count: int, words: bytes, then: bytes, wait_s: float) -> Iterator[str]:
    """That many at once, for a while; each is a try, and none a fault by itself."""
    with crowd(target, count, words, then) as lines:
        time.sleep(wait_s)
        yield from ("" for _ in lines)


def all_attacks(
    server: Watched, target: Target, speaker: Target, asked: argparse.Namespace
) -> Iterator[Row]:
    for name, attack in ATTACKS.items():
        yield measured(server, speaker, name, lambda a=attack: a(target, asked.tries))  # type: ignore[misc]
    for name, (words, then) in crowds(target).items():
        many = lambda w=words, t=then: crowded(target, asked.connections, w, t, asked.hold)  # noqa: E731
        yield measured(server, speaker, name, many)


def phone(server: Watched, host: str) -> str:
    """The cookie of a phone that scans the code."""
    token = re.findall(r"\?token=(\S+)", server.said)[-1]
    target = Target(server.port, (), host)
    answer = target.told(target.head(f"GET /?token={token} HTTP/1.1"))
    replayed = target.told(target.head(f"GET /?token={token} HTTP/1.1"))
    if statuses(replayed) != [403]:
        print("a token was good twice")
    return str(re.findall(r"preview=([\w-]+)", answer.decode())[0])


def serve_rows(
    server: Watched, talk: Path, host: str | None, asked: argparse.Namespace
) -> Iterator[Row]:
    own = Target(server.port, SECRETS)
    while b"<section" not in own.told(own.head("GET / HTTP/1.1")):
        time.sleep(0.1)
    attacks.hostile_folder(talk / "out" / "speaker", talk)
    yield from attacked(server, own, host, asked)


def attacked(
    server: Watched, own: Target, host: str | None, asked: argparse.Namespace
) -> Iterator[Row]:
    """From this machine, from one that wasn't let in, and from a phone that was."""
    yield from all_attacks(server, own, own, asked)
    if host:
        out = replace(own, host=host)
        guess = lambda: attacks.guesses(out, asked.tries)  # noqa: E731
        yield measured(server, own, "pairing, guessed", guess)
        server.name = f"{server.name}, a phone"
        yield from all_attacks(server, replace(out, cookie=phone(server, host)), own, asked)


def rows(asked: argparse.Namespace, folder: Path) -> Iterator[Row]:
    talk = write_pinned_copy(folder / "talk")
    (talk / "secret.txt").write_text(SECRETS[0].decode(), "utf-8")
    host = own_address()
    with Watched("serve", talk, *(["--host"] if host else [])) as server:
        yield from serve_rows(server, talk, host, asked)
    yield printed(server)
    with Watched("rehearse", talk, "--phone") as server:
        own = Target(server.port, SECRETS, socket_path="/phone", post_path="/rehearsals")
        yield from attacked(server, own, host, asked)
    yield printed(server)


def printed(server: Watched) -> Row:
    """What the terminal shows after all; a traceback is a fault."""
    lines = server.said.count("\n")
    faults = ("a traceback on the terminal",) if "Traceback" in server.said else ()
    print(f"{server.name}: {lines} lines on the terminal", *faults)
    return Row(server.name, f"lines on the terminal: {lines}", 1, faults, 0, 0)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attack", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--tries", type=int, default=5000, help="of each attack, at most")
    parser.add_argument("--connections", type=int, default=1000, help="at once")
    parser.add_argument("--hold", type=float, default=5, metavar="S", help="how long they stay")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table there, too")
    asked = parser.parse_args()
    print(f"{'server':<18}{'attack':<26}{'tries':>7}{'faults':>8}{'slowest':>11}{'memory':>11}")
    with tempfile.TemporaryDirectory() as folder:
        found = list(rows(asked, Path(folder)))
    if asked.json:
        text = json.dumps([asdict(row) for row in found], indent=1)
        asked.json.write_text(text + "\n", encoding="utf-8")
    print(f"{sum(row.tries for row in found):,} tries, {sum(len(r.faults) for r in found)} faults")


if __name__ == "__main__":
    main()
