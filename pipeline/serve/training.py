"""A live training beside the preview: a process of its own, whose steps go to the open browsers."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import IO, Any

import msgspec

from pipeline.serve.processes import environment
from pipeline.serve.web import Answer, refusal

TELL_EVERY_S = 0.15  # steps may come faster than anybody sees
END_S = 5.0


class _Now(msgspec.Struct):
    """One training as it stands. `name`: idle, preparing, training, done, stopped or failed."""

    name: str = "idle"
    note: str = ""
    plan: dict[str, Any] = {}
    share: float = 0.0  # of the reading before the first step
    log: list[list[float]] = []  # [step, loss]
    scores: list[float | None] = []  # F1 by epoch; None: undefined
    began: float = 0.0  # when the first step began, monotonic
    seconds: float = 0.0

    @property
    def busy(self) -> bool:
        return self.name in ("preparing", "training")


class Trainer:
    """Starts, follows and stops a training, in one loop; `tell` gets each message for the browsers.

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
        self._one_at_a_time = asyncio.Lock()
        self._now = _Now(name="idle" if command else "none")
        self._process: Process | None = None
        self._following: asyncio.Task[None] | None = None
        self._due: asyncio.TimerHandle | None = None  # when browsers are told next
        self._told = 0  # points of the log that they have

    async def ask(self, what: str) -> Answer:
        """`start` or `stop`, from a browser."""
        if not self.command:
            return refusal(HTTPStatus.NOT_FOUND, "start the server with --train-live for that")
        async with self._one_at_a_time:
            if what == "start":
                return await self._start(self.command)
            if what == "stop":
                return await self._stop()
        return refusal(HTTPStatus.BAD_REQUEST, "a training can be told start or stop")

    async def _start(self, command: Sequence[str]) -> Answer:
        if self._now.busy:
            return refusal(HTTPStatus.CONFLICT, "one training goes on already")
        now = self._now = _Now(name="preparing")
        self._told = 0
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - who follows the process closes it
        try:
            process = await asyncio.create_subprocess_exec(
                *command, env=environment(), stdin=PIPE, stdout=PIPE, stderr=errors
            )
        except OSError as error:
            errors.close()
            now.name, now.note = "failed", str(error)
        else:
            self._say("live training: it starts")
            self._process = process
            self._following = asyncio.create_task(self._follow(process, errors, now))
        self._send()
        return Answer(HTTPStatus.OK, {"state": now.name})

    async def _stop(self) -> Answer:
        if not self._now.busy:
            return refusal(HTTPStatus.CONFLICT, "no training goes on")
        await self.close()
        self._send()
        self._say("live training: stopped")
        return Answer(HTTPStatus.OK, {"state": "stopped"})

    async def close(self) -> None:
        """End the process, if there is one: by closing its stdin, or hard."""
        if self._now.busy:
            self._now.name = "stopped"
        process = self._process
        if process is None or process.returncode is not None:
            return
        assert process.stdin
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), END_S)
        except TimeoutError:
            process.kill()
            await process.wait()

    def whole(self) -> dict[str, Any]:
        """All of the training so far, for a browser that comes."""
        return self._message(0)

    async def _follow(self, process: Process, errors: IO[bytes], now: _Now) -> None:
        assert process.stdout
        with errors:
            async for line in process.stdout:
                try:
                    said = json.loads(line)
                except ValueError:  # a library's own words
                    continue
                if now.busy and isinstance(said, dict):
                    _take(now, said)
                    self._tell_soon()
            status = await process.wait()
            if now.busy:
                now.name, now.note = "failed", _last_line(errors) or f"it ended with {status}"
        if now.name != "stopped":
            self._send()
            self._say(_ending(now))

    def _tell_soon(self) -> None:
        """Tell what changed, but no more often than anybody sees."""
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(TELL_EVERY_S, self._send)

    def _send(self) -> None:
        if self._due:
            self._due.cancel()
        self._due = None
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
