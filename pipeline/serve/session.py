"""The live preview: what is shown, who looks at it, and what they are told."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import traceback
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import jinja2
from msgspec.structs import asdict, replace
from starlette.applications import Starlette
from starlette.websockets import WebSocket, WebSocketDisconnect

from pipeline.checks.cues import script_findings
from pipeline.command import called
from pipeline.problems import Problem, Source, TalkError
from pipeline.resources import CODE, TEMPLATES
from pipeline.results import Results
from pipeline.serve.demo import Desk, LiveModel, State
from pipeline.serve.fit import Overflow
from pipeline.serve.incremental import Preview, ShownDeck, patch
from pipeline.serve.pairing import Gate
from pipeline.serve.training import Trainer
from pipeline.serve.watch import Watcher

Say = Callable[[str], None]
FAULT_AFTER_S = 0.15  # a file that is saved in two writes is broken in between
MOST_UNSENT = 200  # messages to a browser that takes none; then it is let go
MOST_BROWSERS = 200


class Service:
    """One preview. A thread of its own watches and builds; the server's loop has all the rest."""

    def __init__(
        self,
        preview: Preview,
        watcher: Watcher,
        load_model: Callable[[], LiveModel] | None,
        say: Say,
        training: Sequence[str] | None = None,
        gate: Gate | None = None,
    ) -> None:
        self.preview, self.watcher, self.say, self.gate = preview, watcher, say, gate
        self.desk = Desk(load_model, self._tell_state)
        self.trainer = Trainer(training, self.tell, say)
        self.shown: ShownDeck | None = None
        self.problem: Problem | None = None
        self._browsers: dict[asyncio.Queue[str], asyncio.Task[object]] = {}
        self._late: asyncio.TimerHandle | None = None  # a problem that isn't shown yet
        self._known: set[tuple[str, str]] | None = None  # findings that were there at the start
        self._overflow = Overflow()

    @contextlib.asynccontextmanager
    async def running(self, _: Starlette) -> AsyncIterator[None]:
        """Watch and build as long as the server answers."""
        self._loop = asyncio.get_running_loop()
        stop = threading.Event()
        self._watching = threading.Thread(target=self._watch, args=(stop,), daemon=True)
        self._watching.start()
        self.desk.start()
        yield
        stop.set()
        await self.trainer.close()
        self.desk.stop()
        self._watching.join(0.5)

    @property
    def is_cut_off(self) -> bool:
        """Whether, after the end, something goes on that can't be stopped: a load, a build."""
        return self.desk.is_loading or self._watching.is_alive()

    async def browser(self, socket: WebSocket) -> None:
        """Talk to a browser, which says what it `have`s, until it is gone."""
        if len(self._browsers) >= MOST_BROWSERS:
            return await socket.close()
        await socket.accept()
        line = asyncio.Queue[str](MOST_UNSENT)
        task = asyncio.current_task()
        assert task
        self._browsers[line] = task
        demo, training = asdict(self.desk.state), self.trainer.whole()
        line.put_nowait(json.dumps({"type": "hello", "demo": demo, "training": training}))
        if self.shown and self.shown.version != socket.query_params.get("have"):
            line.put_nowait(json.dumps(patch(None, self.shown)))
        line.put_nowait(json.dumps(self._problem_message()))
        try:
            async with asyncio.TaskGroup() as both:
                sending = both.create_task(_send(socket, line))
                while (message := await socket.receive())["type"] != "websocket.disconnect":
                    self._heard(message.get("text") or "")
                sending.cancel()
        finally:
            del self._browsers[line]

    def state(self) -> dict[str, object]:
        """What the live demo shows before anything is asked: labels, and recorded answers."""
        results = self.preview.talk.measured.experiment if self.preview.talk else None
        return {
            "demo": asdict(self.desk.state),
            "run": recorded(results) if results else None,
        }

    def tell(self, message: dict[str, object]) -> None:
        """Send a message to each open browser. For any thread."""
        self._in_loop(self._tell, message)

    # --- In the thread that watches -----------------------------------------------------------

    def _watch(self, stop: threading.Event) -> None:
        self._build(set())
        for changed in self.watcher.changes(stop):
            self._build(changed)

    def _build(self, changed: set[Path]) -> None:
        before = self.preview.shown
        try:
            shown = self.preview.update(changed)
            self.watcher.watch_too(self.preview.watched)
            problem = self._broken_script()
            self._in_loop(self._took, shown, problem, problem.shown() if problem else "")
            if (before is None or before.version != shown.version) and self.preview.new_signs():
                self._in_loop(self._took_font, self.preview.shown)
        except Exception as error:  # whatever a half-written file does, the preview stays
            self.watcher.watch_too(self.preview.watched)  # what is missing may come
            problem = problem_of(error, self.preview.root)
            said = problem.shown()
            if not isinstance(error, TalkError) and not problem.where:
                said += "\n" + "".join(traceback.format_exception(error))
            self._in_loop(self._took, None, problem, said)

    def _broken_script(self) -> Problem | None:
        """What is broken in the script since the start; the slides themselves are shown.

        What was there at the start is said once in the terminal: a deck that is presented from
        here must not be covered by it.
        """
        assert self.preview.talk
        found = [f for f in script_findings(self.preview.talk) if f.is_error]
        if self._known is None:
            self._known = {(f.message, f.hint) for f in found}
            for finding in found:
                self.say(_placed(finding, self.preview.root).shown())
        self._known &= {(f.message, f.hint) for f in found}  # what was mended may break anew
        new = [f for f in found if (f.message, f.hint) not in self._known]
        if not new:
            return None
        more = f" (and {len(new) - 1} more: {called()} check)" if new[1:] else ""
        return _placed(replace(new[0], message=new[0].message + more), self.preview.root)

    # --- In the server's loop -----------------------------------------------------------------

    def _in_loop(self, do: Callable[..., None], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # it has ended
            self._loop.call_soon_threadsafe(do, *arguments)

    def _heard(self, text: str) -> None:
        """What a browser measured on its slides; said once."""
        slides = self.preview.talk.slides if self.preview.talk else ()
        for problem in self._overflow.heard(text, slides):
            self.say(_placed(problem, self.preview.root).shown("warning"))

    def _took(self, new: ShownDeck | None, problem: Problem | None, said: str) -> None:
        """What a build made of the files: a deck, a problem, or both."""
        if self._late:
            self._late.cancel()
        old, self.shown = self.shown, new or self.shown
        if new and (old is None or new.version != old.version):
            self._tell(patch(old, new))
        if problem is None and self.problem:
            self.problem = None
            self._tell(self._problem_message())
            self.say("mended")
        elif problem and problem != self.problem:
            wait_s = FAULT_AFTER_S if self.shown else 0
            self._late = self._loop.call_later(wait_s, self._show, problem, said)

    def _took_font(self, new: ShownDeck) -> None:
        self.shown = new
        own = any(name.startswith("face-") for name in new.deck.files)
        self._tell({"type": "font", "reload": own})

    def _show(self, problem: Problem, said: str) -> None:
        self.problem = problem
        self.say(said)
        self._tell(self._problem_message())

    def _problem_message(self) -> dict[str, object]:
        if self.problem is None:
            return {"type": "mended"}
        where = str(self.problem.where or "")
        said = {"message": self.problem.message, "where": where, "hint": self.problem.hint}
        return {"type": "fault", **said}

    def _tell_state(self, state: State) -> None:
        if state.name == "failed":
            self.say(f"live demo: {state.note}; the recorded examples are shown")
        elif state.name == "ready":
            self.say("live demo: the model is ready")
        self.tell({"type": "demo", **asdict(state)})

    def _tell(self, message: dict[str, object]) -> None:
        text = json.dumps(message)
        for line, browser in self._browsers.items():
            try:
                line.put_nowait(text)
            except asyncio.QueueFull:
                browser.cancel()


async def _send(socket: WebSocket, line: asyncio.Queue[str]) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await socket.send_text(await line.get())


def problem_of(error: Exception, root: Path) -> Problem:
    """The problem behind whatever a rebuild raises; its place as seen from the talk's folder."""
    if isinstance(error, TalkError):
        return _placed(error.problem, root)
    message, where, hint = str(error) or "no more is known", _last_place(error), ""
    if isinstance(error, jinja2.TemplateSyntaxError):
        path = Path(error.filename) if error.filename else TEMPLATES / (error.name or "")
        where, hint = Source(path, error.lineno), "mend the template"
    elif isinstance(error, jinja2.TemplateNotFound):
        message, hint = f"there is no template `{error.name}`", "put it back"
        where = Source(TEMPLATES / str(error.name))
    elif isinstance(error, OSError):
        where = Source(Path(error.filename)) if error.filename else None
        message, hint = error.strerror or message, "put it back, or let it be read"
    elif isinstance(error, KeyError):
        message = f"KeyError: {message} is missing"
    else:
        message = f"{type(error).__name__}: {message}"
    return _placed(Problem(message, where, hint), root)


def _placed(problem: Problem, root: Path) -> Problem:
    """With a path that is short on the wall, and says nothing of this machine."""
    if problem.where is None:
        return problem
    for folder in (root, CODE):
        if problem.where.path.is_relative_to(folder):
            path = problem.where.path.relative_to(folder)
            return replace(problem, where=Source(path, problem.where.line))
    return problem


def _last_place(error: Exception) -> Source | None:
    """The line of the innermost template, or else of the innermost module of ours."""
    frames = traceback.extract_tb(error.__traceback__)
    for folder in (TEMPLATES, CODE / "pipeline"):
        for frame in reversed(frames):
            if Path(frame.filename).is_relative_to(folder):
                return Source(Path(frame.filename), frame.lineno)
    return None


def recorded(results: Results) -> dict[str, object]:
    """What a run's results hold of the live demo: labels, names, examples, prompts."""
    return {
        "positive": results.data.positive,
        "negative": results.data.negative,
        "model": results.model.name,
        "names": {
            name: results.evaluations[name].name
            for name in ("finetuned", "linear", "frozen", "untrained")
            if name in results.evaluations
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
                        ("frozen", example.frozen),
                        ("untrained", example.untrained),
                    )
                    if verdict
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
