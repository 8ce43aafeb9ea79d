"""A live training beside the preview: a process of its own, whose steps go to the open browsers."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import IO, Any

from pipeline.serve.processes import environment, wait_or_kill
from pipeline.serve.web import Answer, refusal

TELL_EVERY_S = 0.15  # steps may come faster than anybody sees
END_S = 5.0


@dataclass(slots=True)
class _Now:
    """One training as it stands. `name`: idle, preparing, training, done, stopped or failed."""

    name: str = "idle"
    note: str = ""
    plan: dict[str, Any] = field(default_factory=dict)
    share: float = 0.0  # of the reading before the first step
    log: list[list[float]] = field(default_factory=list)  # [step, loss]
    scores: list[float | None] = field(default_factory=list)  # F1 by epoch; None: undefined
    began: float = 0.0  # when the first step began, monotonic
    seconds: float = 0.0

    @property
    def busy(self) -> bool:
        return self.name in ("preparing", "training")


class Trainer:
    """Starts, follows and stops a training; `tell` gets each message for the browsers.

    `command` is the training's process: it says one JSON object a line, and ends when its stdin
    is closed. Without one nothing can be started, and browsers are told so.
    """

    def __init__(
        self,
        command: Sequence[str] | None,
        tell: Callable[[dict[str, Any]], None] = lambda _: None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.command = command
        self._tell, self._say = tell, say
        self._lock = threading.Lock()
        self._now = _Now(name="idle" if command else "none")
        self._process: subprocess.Popen[str] | None = None
        self._told = 0  # points of the log that the browsers have

    def ask(self, what: str) -> Answer:
        """`start` or `stop`, from a browser."""
        if not self.command:
            return refusal(HTTPStatus.NOT_FOUND, "start the server with --train-live for that")
        if what == "start":
            return self._start()
        if what == "stop":
            return self._stop()
        return refusal(HTTPStatus.BAD_REQUEST, "a training can be told start or stop")

    def _start(self) -> Answer:
        with self._lock:
            if self._now.busy:
                return refusal(HTTPStatus.CONFLICT, "one training goes on already")
            self._now, self._told = _Now(name="preparing"), 0
            errors = process = None
            try:
                errors = tempfile.TemporaryFile()  # noqa: SIM115 - who follows the process closes it
                process = self._process = subprocess.Popen(
                    self.command or (),
                    env=environment(),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    encoding="utf-8",
                )
            except OSError as error:
                self._now.name, self._now.note = "failed", str(error)
            now = self._now
        self._send()
        if process and errors:
            self._say("live training: it starts")
            threading.Thread(
                target=self._follow, args=(process, errors, now), daemon=True, name="live-training"
            ).start()
        return Answer(HTTPStatus.OK, {"state": now.name})

    def _stop(self) -> Answer:
        with self._lock:
            if not self._now.busy:
                return refusal(HTTPStatus.CONFLICT, "no training goes on")
            self._now.name = "stopped"
            process = self._process
        _end(process)
        self._send()
        self._say("live training: stopped")
        return Answer(HTTPStatus.OK, {"state": "stopped"})

    def close(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            process, self._process = self._process, None
            if self._now.busy:
                self._now.name = "stopped"
        _end(process)

    def whole(self) -> dict[str, Any]:
        """All of the training so far, for a browser that comes."""
        with self._lock:
            return self._message(0)

    # --- For the thread that follows the process --------------------------------------------

    def _follow(self, process: subprocess.Popen[str], errors: IO[bytes], now: _Now) -> None:
        assert process.stdout
        changed = threading.Event()
        passing = threading.Thread(target=self._pass_on, args=(now, changed), daemon=True)
        passing.start()
        for line in process.stdout:
            try:
                said = json.loads(line)
            except ValueError:
                continue
            with self._lock:
                if now.busy:
                    _take(now, said)
            changed.set()
        status = process.wait()
        with self._lock:
            if now.busy:
                now.name, now.note = "failed", _last_line(errors) or f"it ended with {status}"
        errors.close()
        changed.set()
        passing.join()
        if now.name != "stopped":
            self._send(now)
            self._say(_ending(now))

    def _pass_on(self, now: _Now, changed: threading.Event) -> None:
        """Tell what changed, but no more often than anybody sees."""
        while now.busy:
            changed.wait()
            changed.clear()
            self._send(now)
            time.sleep(TELL_EVERY_S)

    def _send(self, of: _Now | None = None) -> None:
        with self._lock:
            if of is not None and of is not self._now:
                return  # another one began meanwhile
            message = self._message(self._told)
            self._told = len(self._now.log)
        self._tell(message)

    def _message(self, start: int) -> dict[str, Any]:
        now = self._now
        return {
            "type": "training",
            "state": now.name,
            "note": now.note,
            **now.plan,
            "share": now.share,
            "seconds": round(now.seconds, 1),
            "from": start,
            "log": now.log[start:],
            "scores": now.scores,
        }


def _take(now: _Now, said: dict[str, Any]) -> None:
    """What one line of the process says."""
    if "plan" in said:
        now.plan = said["plan"]
    elif "share" in said:
        now.share = said["share"]
        if now.share >= 1:
            now.began = time.monotonic()
    elif "loss" in said:
        now.name = "training"
        now.log.append([said["step"], round(said["loss"], 5)])
        now.seconds = time.monotonic() - (now.began or time.monotonic())
    elif "f1" in said:
        now.scores.append(None if said["f1"] is None else round(said["f1"], 4))
    elif "done" in said:
        now.name, now.seconds = "done", said["seconds"]
    elif "error" in said:
        hint = f" ({said['hint']})" if said.get("hint") else ""
        now.name, now.note = "failed", f"{said['error']}{hint}"


def _last_line(errors: IO[bytes]) -> str:
    """The end of what a process that failed has said, such as its exception."""
    errors.seek(max(0, errors.seek(0, os.SEEK_END) - 2000))
    lines = errors.read().decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _ending(now: _Now) -> str:
    if now.name != "done":
        return f"live training: {now.note}"
    score = now.scores[-1] if now.scores else None
    found = "no F1" if score is None else f"F1 {score:.3f} on the validation set"
    return f"live training: {now.plan.get('steps')} steps in {now.seconds:.0f} s, {found}"


def _end(process: subprocess.Popen[str] | None) -> None:
    """Close its stdin, which ends it; kill what stays."""
    if process is None:
        return
    if process.stdin:
        with contextlib.suppress(OSError):
            process.stdin.close()
    wait_or_kill(process, END_S)
