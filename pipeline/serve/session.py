"""The live preview: the deck on 127.0.0.1, and each change in the open browsers as it is saved."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.checks.cues import script_findings
from pipeline.config import Config
from pipeline.problems import TalkError
from pipeline.resources import TEMPLATES
from pipeline.results import Results
from pipeline.serve.app import PreviewServer, open_preview
from pipeline.serve.demo import Desk, LiveModel, State
from pipeline.serve.faults import Fault, fault_of, fault_of_finding
from pipeline.serve.incremental import Preview, Shown, patch
from pipeline.serve.training import Trainer
from pipeline.serve.watch import Watcher
from pipeline.serve.websocket import WebSocket

Say = Callable[[str], None]
FAULT_AFTER_S = 0.15  # a file that is saved in two writes is broken in between
PING_EVERY_S = 20.0


class Service:
    """One preview: what is shown, who looks at it, and what they are told."""

    def __init__(
        self,
        preview: Preview,
        watched: tuple[list[Path], list[Path]],
        load_model: Callable[[], LiveModel] | None,
        say: Say,
        training: Sequence[str] | None = None,
    ) -> None:
        self.preview, self.say = preview, say
        self.watcher = Watcher(*watched)
        self.desk = Desk(load_model, self._tell_state)
        self.trainer = Trainer(training, self._tell, say)
        self.shown: Shown | None = None
        self.fault: Fault | None = None
        self.rebuilds = 0
        self._sockets: set[WebSocket] = set()
        self._lock = threading.Lock()

    # --- For the server's threads -----------------------------------------------------------

    def look(self) -> tuple[Shown | None, Fault | None]:
        return self.shown, self.fault

    def attach(self, socket: WebSocket, version: str) -> None:
        """Talk to a browser that shows `version`, until it is gone."""
        with self._lock:
            self._sockets.add(socket)
            hello = {"demo": asdict(self.desk.state), "training": self.trainer.whole()}
            self._send(socket, {"type": "hello", **hello})
            if self.shown and self.shown.version != version:
                self._send(socket, patch(None, self.shown))
            self._send(socket, self._fault_message())
        try:
            socket.wait()
        finally:
            with self._lock:
                self._sockets.discard(socket)

    def state(self) -> dict[str, Any]:
        """What the live demo shows before anything is asked: labels, and recorded answers."""
        results = self.preview.talk.results if self.preview.talk else None
        return {"demo": asdict(self.desk.state), "run": recorded(results) if results else None}

    # --- For the thread that watches ----------------------------------------------------------

    def run(self, stop: threading.Event) -> None:
        """Build, then watch and build again, until `stop` is set."""
        self.desk.start()
        failed_at = self._build(set())
        pinged = time.monotonic()
        for changed in self.watcher.changes(stop):
            now = time.monotonic()
            if changed:
                failed_at = self._build(changed)
            elif failed_at and now - failed_at > FAULT_AFTER_S:
                failed_at = 0.0
                self._show_fault()
            elif now - pinged > PING_EVERY_S:
                pinged = now
                self._drop([s for s in self._everyone() if not s.ping()])
        self.trainer.close()
        self.desk.stop()
        self._drop(self._everyone())

    def _build(self, changed: set[Path]) -> float:
        """Rebuild and tell the browsers; when it failed, or 0."""
        old, had = self.preview.shown, self.fault
        try:
            new = self.preview.update(changed)
        except Exception as error:  # whatever a half-written file does, the preview stays
            self._failing = error
            if old is None:
                self._show_fault()
            return time.monotonic()
        self.rebuilds += 1
        self._failing = None
        self._broken = self._broken_script()
        with self._lock:
            self.shown = new
            self.fault = had if self._broken else None
        if old is None or new.version != old.version:
            self._tell(patch(old, new))
        if had and not self._broken:
            self._tell(self._fault_message())
            self.say("mended")
        if (old is None or new.version != old.version) and self.preview.new_signs():
            self.shown = self.preview.shown
            self._tell({"type": "font"})
        return time.monotonic() if self._broken and self._broken != had else 0.0

    def _broken_script(self) -> Fault | None:
        """What is broken in the script since the start; the slides themselves are shown.

        What was there at the start is said once in the terminal: a deck that is presented from
        here must not be covered by it.
        """
        assert self.preview.talk
        found = [f for f in script_findings(self.preview.talk) if f.is_error]
        if self._known is None:
            self._known = {(f.message, f.hint) for f in found}
            for finding in found:
                self.say(fault_of_finding(finding, self.preview.root).lines)
        self._known &= {(f.message, f.hint) for f in found}  # what was mended may break anew
        new = [f for f in found if (f.message, f.hint) not in self._known]
        return fault_of_finding(new[0], self.preview.root, len(new) - 1) if new else None

    def _show_fault(self) -> None:
        if self._failing:
            fault = fault_of(self._failing, self.preview.root)
        elif self._broken:
            fault = self._broken
        else:
            return
        if fault == self.fault:
            return
        self.fault = fault
        self.say(fault.lines)
        if self._failing and not isinstance(self._failing, TalkError) and not fault.where:
            self.say("".join(traceback.format_exception(self._failing)))
        self._tell(self._fault_message())

    _failing: Exception | None = None
    _broken: Fault | None = None
    _known: set[tuple[str, str]] | None = None  # findings that were there at the start

    def _fault_message(self) -> dict[str, Any]:
        return {"type": "fault", **asdict(self.fault)} if self.fault else {"type": "mended"}

    def _tell_state(self, state: State) -> None:
        if state.name == "failed":
            self.say(f"live demo: {state.note}; the recorded examples are shown")
        elif state.name == "ready":
            self.say("live demo: the model is ready")
        self._tell({"type": "demo", **asdict(state)})

    def _tell(self, message: dict[str, Any]) -> None:
        text = json.dumps(message, ensure_ascii=False)
        self._drop([socket for socket in self._everyone() if not socket.send(text)])

    @staticmethod
    def _send(socket: WebSocket, message: dict[str, Any]) -> None:
        socket.send(json.dumps(message, ensure_ascii=False))

    def _everyone(self) -> list[WebSocket]:
        with self._lock:
            return list(self._sockets)

    def _drop(self, sockets: list[WebSocket]) -> None:
        for socket in sockets:
            socket.close()
            with self._lock:
                self._sockets.discard(socket)


def recorded(results: Results) -> dict[str, Any]:
    """What a run's results hold of the live demo: labels, names, examples, prompts."""
    return {
        "positive": results.data.positive,
        "negative": results.data.negative,
        "model": results.model.name,
        "names": {
            "finetuned": results.finetuned.name,
            "linear": results.linear.name,
            "untrained": results.untrained.name,
        },
        "examples": [
            {
                "text": example.text,
                "expected": example.expected,
                "said": {
                    name: {"label": verdict.label, "confidence": verdict.confidence}
                    for name, verdict in (
                        ("finetuned", example.finetuned),
                        ("linear", example.linear),
                        ("untrained", example.untrained),
                    )
                },
            }
            for example in results.examples
        ],
        "prompts": [
            {
                "prompt": found.prompt,
                "candidates": [[c.token, c.probability] for c in found.candidates],
            }
            for found in results.next_tokens
        ],
    }


def watched_of(root: Path, out: Path) -> tuple[list[Path], list[Path]]:
    """Folders and files whose changes change the deck."""
    return [root / "deck", root / "script", TEMPLATES], [root / "talk.toml", out / "results.json"]


@contextlib.contextmanager
def serving(
    root: Path,
    out: Path,
    cache: Path,
    results_of: Callable[[Config], Results | None],
    say: Say,
    *,
    cut: str | None = None,
    port: int | None = None,
    to_network: bool = False,
    load_model: Callable[[], LiveModel] | None = None,
    training: Sequence[str] | None = None,
) -> Iterator[tuple[PreviewServer, Service]]:
    """A preview that runs in threads of its own while the block lasts.

    `out` is the folder of pages: results.json is in it, and what else lies in its folder `speaker`
    is served beside the deck. `results_of` gives the run to show; `load_model` is called in the
    background; `training` is the command of a live training (`Trainer`). Raises TalkError where
    the port can't be had.
    """
    preview = Preview(root, results_of, cache, cut)
    service = Service(preview, watched_of(root, out), load_model, say, training)
    server = open_preview(service, out / "speaker", port, to_network, say)
    stop = threading.Event()
    watch = threading.Thread(target=service.run, args=(stop,), name="watch", daemon=True)
    server.start()
    watch.start()
    try:
        yield server, service
    finally:
        stop.set()
        watch.join(5)
        server.stop()


def serve(
    session: AbstractContextManager[tuple[PreviewServer, Service]],
    say: Say,
    beside: AbstractContextManager[None],
) -> None:
    """A preview (`serving`), until Ctrl-C; what runs `beside` it starts before and ends after."""
    with beside, session as (server, service):
        say(f"preview: {server.url}  (Ctrl-C ends it)")
        if service.trainer.command:
            say("live training: R shows the chart, Enter starts it there")
        if server.gate:
            server.gate.invite()
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
    if service.desk.is_loading:
        # Python would end the thread in the middle of a library's code, and crash with it.
        sys.stdout.flush()
        os._exit(0)
