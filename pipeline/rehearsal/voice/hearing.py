"""The socket of the voice: sound from the page to the recogniser, the place in the script back.

Sound isn't kept but where that was asked for, and never sent further: the socket answers this
machine alone, one page at a time. What was heard of a rehearsal stays in memory until its record
comes; then what was said is kept beside the log. All of it runs in the server's loop.
"""

from __future__ import annotations

import asyncio
import bisect
import contextlib
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, MutableMapping, Sequence
from pathlib import Path
from typing import IO, Annotated, Any

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from pipeline.pages import assets
from pipeline.pages.rehearsal import CAPTURE
from pipeline.rehearsal.record import Id, Name, Rehearsal, Seconds
from pipeline.rehearsal.voice.listener import (
    ASK,
    AT,
    BYTES_PER_S,
    SETUP,
    SOUND,
    At,
    Failed,
    Fed,
    Message,
    Place,
    Ready,
    Setup,
    Trouble,
    Words,
    frame,
)
from pipeline.rehearsal.voice.record import FOLDER, MOST_UNHEARD
from pipeline.rehearsal.voice.recording import Recording
from pipeline.serve.connections import is_local
from pipeline.serve.processes import environment
from pipeline.voice.heard import Heard

LISTENER = (sys.executable, "-m", "pipeline.rehearsal.voice.listener")
BEHIND_S = 3.0  # sound that waits
DRIFT_S = 0.3  # by which sound and clock may differ
STALLED_S = 20.0  # in which a recogniser that is late comes no further: no longer waited for
END_S = 20.0  # for what is still to be heard, after Ctrl-C
MOST_STARTS = 5  # of the recogniser
MOST_TAKES = 8  # rehearsals that no record came for
NO_REASON = "it doesn't say why"
MOST_WAITING = 6000  # frames for a recogniser that is late: ten minutes
MOST_SOUND = 4 * BYTES_PER_S // 10  # in one message; the page sends a tenth of a second
REFUSED, FOREIGN = 1008, 1003  # why a socket is closed


class Skipped(msgspec.Struct, frozen=True):
    slide: Name
    part: Name


class Now(msgspec.Struct, frozen=True):
    """Where the page is: `RehearsalNow` of templates/rehearse/types.d.ts, and `live`."""

    id: Id
    slide: Annotated[str, msgspec.Meta(max_length=100)]
    cut: Name
    skipped: Annotated[tuple[Skipped, ...], msgspec.Meta(max_length=200)]
    at_s: Seconds
    mode: str
    live: bool = False


class _Anchor(msgspec.Struct, frozen=True):
    """From this second of the sound on, it is that second of that rehearsal."""

    sound_s: float
    now: Now

    @property
    def is_kept(self) -> bool:
        return self.now.mode == "running" and not self.now.live


class Take(msgspec.Struct):
    """What was heard of one rehearsal; in its seconds."""

    words: list[Heard] = msgspec.field(default_factory=list)
    speech: list[tuple[float, float]] = msgspec.field(default_factory=list)
    listened: list[tuple[float, float]] = msgspec.field(default_factory=list)
    ended: asyncio.Event = msgspec.field(default_factory=asyncio.Event)
    recording: Recording | None = None
    unheard: tuple[str, ...] = ()  # words of the script that the recogniser doesn't know


class Sayings(msgspec.Struct, frozen=True):
    """What is said on the terminal, and how a record is made of what was heard."""

    say: Callable[[str], None]
    keep: Callable[[Rehearsal, Take], Path]  # raises OSError


_NOW = msgspec.json.Decoder(Now)
_TOLD = msgspec.json.Decoder(Message)


class Hearing:
    """One recogniser for as long as the server lives, one page that speaks to it."""

    def __init__(
        self,
        setup: Setup,
        log: Path,
        sayings: Sayings,
        *,
        keeps_sound: bool = False,
        command: Sequence[str] = LISTENER,
    ) -> None:
        self._setup, self._log, self._sayings = setup, log, sayings
        self._keeps_sound, self._command = keeps_sound, command
        self._takes: dict[str, Take] = {}
        self._page: WebSocket | None = None
        self._listener: _Listener | None = None
        self._following: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._unheard: tuple[str, ...] = ()  # words of the script
        self._is_behind = self._is_full = self._is_broken = False

    @contextlib.asynccontextmanager
    async def running(self, _: Starlette) -> AsyncIterator[None]:
        """The recogniser starts with the server, and ends with it."""
        self._following = asyncio.create_task(self._keep_listening())
        try:
            yield
        finally:
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=END_S)
            self._following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._following
            self._close_recordings()

    def routes(self) -> list[BaseRoute]:
        async def capture(_: Request) -> Response:
            return Response(assets.script("capture"), media_type="text/javascript")

        return [WebSocketRoute("/voice", self.socket), Route(f"/{CAPTURE}", capture)]

    async def socket(self, socket: WebSocket) -> None:
        """A page that speaks."""
        if not is_local(socket.client.host if socket.client else ""):
            await socket.close(REFUSED)
            return
        await socket.accept()
        if self._page:
            await socket.send_text(msgspec.json.encode(Trouble("taken")).decode())
            await socket.close(REFUSED)
            return
        self._page = socket
        try:
            if self._is_broken:
                await self._tell(Trouble("broken"))
            elif self._listener and self._listener.is_ready:
                await self._tell(Ready())
            while await self._take(await socket.receive()):
                pass
            await socket.close(FOREIGN)
        except (WebSocketDisconnect, RuntimeError):  # it is gone
            pass
        finally:
            self._page = None

    async def _take(self, message: MutableMapping[str, Any]) -> bool:
        """One message of the page; False for what no page of ours says."""
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect
        sound, text = message.get("bytes"), message.get("text")
        if isinstance(sound, bytes):
            if len(sound) % 2 or len(sound) > MOST_SOUND:
                return False
            await self._hear(sound)
            return True
        try:
            now = _NOW.decode(text if isinstance(text, str) else b"")
        except msgspec.MsgspecError:
            return False
        if self._listener:
            await self._listener.at(now)
        if now.mode == "ended" and now.id in self._takes:
            self._takes[now.id].ended.set()
        return True

    async def _hear(self, sound: bytes) -> None:
        listener = self._listener
        if listener is None or (anchor := listener.anchor) is None:
            return
        at_s = listener.at_s
        await listener.send(SOUND, sound)
        if not anchor.is_kept:
            return
        take = self._take_of(anchor.now.id)
        end_s = at_s + len(sound) / BYTES_PER_S
        if take.listened and at_s - take.listened[-1][1] < DRIFT_S:
            take.listened[-1] = take.listened[-1][0], end_s
        else:
            take.listened.append((at_s, end_s))
        if self._keeps_sound and not self._is_full:
            await self._record(take, anchor.now.id, sound, at_s)

    def _take_of(self, run: str) -> Take:
        while run not in self._takes and len(self._takes) >= MOST_TAKES:
            self._close(self._takes.pop(next(iter(self._takes))))
        return self._takes.setdefault(run, Take())

    # --- The sound, where it is kept ------------------------------------------------------------

    async def _record(self, take: Take, run: str, sound: bytes, at_s: float) -> None:
        try:
            take.recording = take.recording or Recording(self._log / FOLDER / f"{run}.wav")
            take.recording.write(sound, at_s)
        except OSError as error:
            self._is_full = True
            self._sayings.say(f"the sound isn't kept any more: {error.strerror}")
            await self._tell(Trouble("disk"))

    def _close(self, take: Take, *, is_whole: bool = False) -> None:
        recording, take.recording = take.recording, None
        if recording is None:
            return
        try:
            path = recording.close(is_whole=is_whole and not self._is_full)
            cut = "" if path == recording.path else ", cut off"
            self._sayings.say(f"sound: {path}{cut}")
        except OSError as error:
            self._sayings.say(f"the sound isn't whole: {error.strerror}")

    def _close_recordings(self) -> None:
        for take in self._takes.values():
            self._close(take)

    # --- What was said --------------------------------------------------------------------------

    async def recorded(self, run: Rehearsal) -> None:
        """The log has this rehearsal: what was heard of it is kept, too, as soon as it is known."""
        if run.id in self._takes:
            task = asyncio.create_task(self._keep(run, self._takes[run.id]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _keep(self, run: Rehearsal, take: Take) -> None:
        if self._page:  # its last words come by another connection than its record
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(take.ended.wait(), DRIFT_S * 3)
        listener = self._listener
        if listener and not await listener.ask() and (until := listener.heard_until):
            spans = [(start_s, min(end_s, until)) for start_s, end_s in take.listened]
            take.listened[:] = [span for span in spans if span[0] < span[1]]
        take.unheard = self._unheard
        self._takes.pop(run.id, None)
        self._close(take, is_whole=True)
        try:
            path = await run_in_threadpool(self._sayings.keep, run, take)
        except OSError as error:
            self._sayings.say(f"what was said isn't kept: {error.strerror}")
            await self._tell(Trouble("lost"))
        else:
            self._sayings.say(f"what was said: {path}")
            await self._tell_text(b'{"type":"kept"}')

    # --- The recogniser -------------------------------------------------------------------------

    async def _keep_listening(self) -> None:
        """Starts the recogniser, and again where it ends by itself."""
        for start in range(MOST_STARTS):
            if start:
                await self._tell(Trouble("failed"))
            with tempfile.TemporaryFile() as errors:
                listener = await _start(self._command, self._setup, errors)
                self._listener = listener
                try:
                    if not await self._follow(listener):
                        if cause := _last_line(errors, "ERROR"):  # as Kaldi's libraries write it
                            self._sayings.say(cause)
                        break
                finally:
                    self._listener = None
                    await listener.close()
                self._sayings.say(f"the recogniser has ended: {_last_line(errors) or NO_REASON}")
        self._is_broken = True
        self._sayings.say("the rehearsal goes on without a voice")
        await self._tell(Trouble("broken"))

    async def _follow(self, listener: _Listener) -> bool:
        """Hear what the process says until it ends; whether it is worth another start."""
        async for line in listener.lines():
            message = _TOLD.decode(line)
            match message:
                case Ready():
                    listener.is_ready = True
                    self._say_unheard(message.unheard)
                    await self._tell(Ready())
                case Failed():
                    hint = f" ({message.hint})" if message.hint else ""
                    self._sayings.say(f"{message.message}{hint}")
                    return False
                case Place() | Trouble():
                    await self._tell_text(line)
                case Words():
                    self._put(listener, message)
                case Fed():
                    listener.fed(message)
                    await self._watch(listener.sound_s - message.seconds)
        return True

    def _say_unheard(self, words: tuple[str, ...]) -> None:
        """Once: a recogniser that is started again knows no more."""
        if not words or self._unheard == words:
            return
        self._unheard = words
        some = ", ".join(words[:MOST_UNHEARD]) + (" …" if len(words) > MOST_UNHEARD else "")
        count = "1 word" if len(words) == 1 else f"{len(words)} words"
        self._sayings.say(f"{count} of the script the recogniser doesn't know: {some}")

    def _put(self, listener: _Listener, new: Words) -> None:
        """Words and stretches of speech to the rehearsals that they belong to."""
        for word in new.words:
            if at := listener.anchor_at(word.start_s):
                by = at.now.at_s - at.sound_s
                start_s, end_s = max(0.0, word.start_s + by), max(0.0, word.end_s + by)
                shifted = msgspec.structs.replace(word, start_s=start_s, end_s=end_s)
                self._take_of(at.now.id).words.append(shifted)
        for start_s, end_s in new.speech:
            if at := listener.anchor_at(start_s):
                by = at.now.at_s - at.sound_s
                self._take_of(at.now.id).speech.append((max(0.0, start_s + by), end_s + by))

    async def _watch(self, waits_s: float) -> None:
        is_behind = waits_s > (BEHIND_S / 2 if self._is_behind else BEHIND_S)
        if is_behind != self._is_behind:
            self._is_behind = is_behind
            await self._tell(Trouble("behind" if is_behind else ""))

    async def _tell(self, message: Message) -> None:
        await self._tell_text(msgspec.json.encode(message))

    async def _tell_text(self, line: bytes) -> None:
        if self._page:
            with contextlib.suppress(WebSocketDisconnect, RuntimeError):
                await self._page.send_text(line.decode().strip())


class _Listener:
    """One process, how much sound it was sent, and which second of it is which of a rehearsal."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.is_ready = False
        self._sent = self._asked = 0
        self._fed_s = 0.0
        self._anchors: list[_Anchor] = []
        self._hint: At | None = None
        self._answers: dict[int, asyncio.Event] = {}
        # Not the socket waits where the process is late: who doesn't read, hears no pong either,
        # and would take the page for gone.
        self._line: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
        self._writing = asyncio.create_task(self._write())

    @property
    def sound_s(self) -> float:
        return self._sent / BYTES_PER_S

    @property
    def anchor(self) -> _Anchor | None:
        return self._anchors[-1] if self._anchors else None

    @property
    def at_s(self) -> float:
        """The second of the rehearsal at which sound comes now."""
        last = self._anchors[-1]
        return last.now.at_s + self.sound_s - last.sound_s

    def anchor_at(self, sound_s: float) -> _Anchor | None:
        """Which rehearsal that second belongs to, if it is kept."""
        index = bisect.bisect_right(self._anchors, sound_s + 0.001, key=lambda one: one.sound_s)
        found = self._anchors[index - 1] if index else None
        return found if found and found.is_kept else None

    async def at(self, now: Now) -> None:
        last = self.anchor
        is_same = last and (last.now.id, last.now.mode) == (now.id, now.mode)
        if not is_same or abs(self.at_s - now.at_s) > DRIFT_S:
            self._anchors.append(_Anchor(self.sound_s, now))
        hint = At(now.slide, now.cut, tuple(one.part for one in now.skipped))
        if hint != self._hint:
            self._hint = hint
            await self.send(AT, msgspec.json.encode(hint))

    async def send(self, kind: bytes, payload: bytes = b"") -> None:
        if kind == SOUND:
            self._sent += len(payload)
        await self._line.put(frame(kind, payload))

    async def _write(self) -> None:
        assert self.process.stdin
        with contextlib.suppress(OSError, RuntimeError):  # it has ended; who follows it says so
            while True:
                self.process.stdin.write(await self._line.get())
                await self.process.stdin.drain()

    async def ask(self) -> bool:
        """Wait until all that was sent is heard; False where it comes no further."""
        self._asked += 1
        answer = self._answers.setdefault(self._asked, asyncio.Event())
        await self.send(ASK)
        before = -1.0
        while before < self._fed_s:
            before = self._fed_s
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(answer.wait(), STALLED_S)
                return True
        return False

    @property
    def heard_until(self) -> float | None:
        """The second of the rehearsal up to which all was heard."""
        at = self.anchor_at(self._fed_s)
        return at.now.at_s + self._fed_s - at.sound_s if at else None

    def fed(self, message: Fed) -> None:
        self._fed_s = message.seconds
        if answer := self._answers.pop(message.asked, None):
            answer.set()

    async def lines(self) -> AsyncIterator[bytes]:
        assert self.process.stdout
        async for line in self.process.stdout:
            yield line
        for answer in self._answers.values():
            answer.set()

    async def close(self) -> None:
        """At once: what it makes can be made again."""
        self._writing.cancel()
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()


async def _start(command: Sequence[str], setup: Setup, errors: IO[bytes]) -> _Listener:
    process = await asyncio.create_subprocess_exec(
        *command, env=environment(), stdin=PIPE, stdout=PIPE, stderr=errors, limit=2**22
    )
    listener = _Listener(process)
    await listener.send(SETUP, msgspec.msgpack.encode(setup))
    return listener


def _last_line(errors: IO[bytes], begins: str = "") -> str:
    errors.seek(max(0, errors.seek(0, 2) - 2000))
    lines = [line.strip() for line in errors.read().decode("utf-8", "replace").split("\n")]
    return next((line for line in reversed(lines) if line and line.startswith(begins)), "")
