"""The preview's server: the deck from memory, the demo's answers, a socket to each browser."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute

from pipeline.config import Config
from pipeline.locale import locale_of
from pipeline.measured import Measured
from pipeline.pages import assets
from pipeline.pages.csp import HOSTED, Inline, policy
from pipeline.pages.deck import PAGE
from pipeline.pages.phone import phone_page
from pipeline.pages.rehearsal import PAGE as REHEARSAL
from pipeline.pages.rehearsal import rehearsal_page
from pipeline.pages.templates import render
from pipeline.palette import both_themes
from pipeline.problems import TalkError
from pipeline.resources import TEMPLATES
from pipeline.serve import web
from pipeline.serve.demo import LiveModel
from pipeline.serve.incremental import Preview, ShownDeck
from pipeline.serve.pairing import Door, Gate
from pipeline.serve.remote import MOST_HEARD, Remote
from pipeline.serve.session import Say, Service
from pipeline.serve.watch import Watcher
from pipeline.serve.web import LocalServer, file_in, json_body, local_app, media_type, part_of
from pipeline.talk import Talk

PORT = 8320
MOST_BYTES = 1024 * 1024  # of a question


def preview_app(service: Service, folder: Path) -> Starlette:
    """Shows what `service` shows, and beside it what lies in `folder`."""

    made: tuple[ShownDeck | None, bytes] = None, b""  # many may ask for the same page at once

    async def page(_: Request) -> Response:
        nonlocal made
        if service.shown is None:
            return HTMLResponse(_waiting(service))
        if made[0] is not service.shown:
            made = service.shown, service.shown.page.encode()
        return HTMLResponse(made[1])

    async def state(_: Request) -> Response:
        return JSONResponse(service.state())

    async def file(request: Request) -> Response:
        name = request.path_params["path"]
        if name == REHEARSAL and service.gate and service.preview.talk:
            return HTMLResponse(rehearsal_page(service.preview.talk, ["phone"]))
        if service.shown and name in service.shown.deck.files:
            return part_of(service.shown.deck.files[name], media_type(name), request)
        if name == "live/live.js":
            language = service.shown.deck.talk.language if service.shown else "en"
            code = assets.script("live", locale_of(language))
            return Response(code, media_type=media_type(name))
        return await file_in(TEMPLATES if name == "live/live.css" else folder, request)

    async def ask(request: Request) -> Response:
        text, who = _question(await json_body(request, "question", MOST_BYTES))
        kind = request.path_params["kind"]
        if kind == "train":
            return (await service.trainer.ask(text)).response()
        return (await service.desk.ask(kind, text, who)).response()

    return local_app(
        [
            Route("/", page),
            Route(f"/{PAGE}", page),
            WebSocketRoute("/live/socket", service.browser),
            Route("/live/state", state),
            Route("/live/{kind}", ask, methods=["POST"]),
            *(Remote(service.gate, lambda: _for_phones(service)).routes() if service.gate else []),
            Route("/{path:path}", file),
        ],
        *([Middleware(Door, gate=service.gate)] if service.gate else []),
        names=service.gate.names if service.gate else (),
        lifespan=service.running,
    )


def _question(body: bytes) -> tuple[str, str]:
    """What is asked, and by which browser. Raises HTTPException where it is no question."""
    try:
        asked = json.loads(body)
        text, who = asked["text"], asked.get("who", "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        text = who = None
    if not isinstance(text, str) or not isinstance(who, str):
        raise HTTPException(400, 'a question is {"text": "…"}')
    return text, who[:64]


def _for_phones(service: Service) -> str:
    talk = service.preview.talk
    return phone_page(talk.config) if talk else _waiting(service)


def _waiting(service: Service) -> str:
    """The page where there is no deck yet, or never one: why."""
    said = service.problem.shown() if service.problem else "The deck is being built."
    styles = [Inline(both_themes())]
    allowed = policy(styles=styles, files=HOSTED, connects=HOSTED)
    return render("live/waiting.html.j2", said=said, policy=allowed, styles=styles)


@contextlib.contextmanager
def serving(
    root: Path,
    out: Path,
    cache: Path,
    measured_of: Callable[[Config], Measured],
    say: Say,
    *,
    cut: str | None = None,
    port: int | None = None,
    to_network: bool = False,
    load_model: Callable[[], LiveModel] | None = None,
    training: Sequence[str] | None = None,
    draw: Callable[[Talk], None] | None = None,
) -> Iterator[tuple[LocalServer, Service]]:
    """A preview on 127.0.0.1 while the block lasts; `to_network`: other machines, too, by token.

    `out` is the folder of pages: results.json is in it, and what else lies in its folder `speaker`
    is served beside the deck. `measured_of` gives what pages show; `load_model` is called in the
    background; `training` is the command of a live training (`Trainer`); `draw` draws the talk's
    own charts anew. Raises TalkError for a port that is taken, or where there is no network.
    """
    own = web.own_address() if to_network else None
    if to_network and own is None:
        raise TalkError("this machine is in no network", hint="leave --host out, or connect it")
    listener = web.listen(port, PORT, web.ANYWHERE if own else web.LOCAL)
    gate = Gate(own, listener.getsockname()[1], say) if own else None
    own_folders = [root / name for name in ("deck", "script", "templates")]
    folders = dict.fromkeys([*own_folders, TEMPLATES, out / "measured"])
    watcher = Watcher(list(folders), [root / "talk.toml", out / "results.json"])
    preview = Preview(root, measured_of, cache, cut, draw)
    service = Service(preview, watcher, load_model, say, training, gate)
    most = MOST_HEARD if gate else web.MOST_HEARD
    with LocalServer(preview_app(service, out / "speaker"), listener, most) as server:
        yield server, service


def serve(
    session: AbstractContextManager[tuple[LocalServer, Service]],
    say: Say,
    beside: AbstractContextManager[None],
) -> None:
    """A preview (`serving`), until Ctrl-C; what runs `beside` it starts before and ends after."""
    with beside, session as (server, service), web.until_interrupted():
        say(f"preview: {server.url}  (Ctrl-C ends it)")
        if service.trainer.command:
            say("live training: R shows the chart, Enter starts it there")
        if service.gate:
            service.gate.invite()
    if service.is_cut_off:
        # Python would end the thread in the middle of a library's code, and crash with it.
        sys.stdout.flush()
        os._exit(0)
