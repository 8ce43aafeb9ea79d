"""The local server of the rehearsal page: one folder to read, one place to send records to.

It listens on 127.0.0.1 alone, and answers, shows and takes only what `serve.web` lets through. With
a `Remote` it listens on the network, too: a phone that was let in gets its own page, its socket and
the deck, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path, PurePosixPath

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Lifespan

from pipeline.problems import TalkError
from pipeline.rehearsal.log import append
from pipeline.rehearsal.record import MAX_BYTES, Rehearsal, read_record
from pipeline.rehearsal.voice.hearing import Hearing
from pipeline.serve import web
from pipeline.serve.pairing import REMOTE_PAGE, Door
from pipeline.serve.remote import MOST_HEARD, PATH, Remote
from pipeline.serve.web import Answer, LocalServer, file_in, json_body, listen, local_app, refusal

PORT = 8340
# What a deck is made of, beside its page; captions and notes hold the script.
_OF_DECK = [
    ".css",
    ".js",
    ".woff2",
    ".svg",
    ".png",
    ".jpg",
    ".jpeg",
    ".gif",
    ".webp",
    ".avif",
    ".mp4",
    ".webm",
]


def open_server(
    pages: Path,
    log: Path,
    talk: str,
    said: Callable[[Rehearsal], None],
    port: int | None = None,
    *,
    made: Mapping[str, str] | None = None,
    remote: Remote | None = None,
    hearing: Hearing | None = None,
) -> LocalServer:
    """Serves the folder `pages`; a record that is sent is kept in the folder `log`, and is `said`.

    `made` are pages by name that take the place of the folder's, `hearing` is who listens to a
    voice. Listens on `port`, or on the first free one from PORT on; with a `remote` for phones,
    too. Raises TalkError, with the next free port as a hint, if the port that was asked for is
    taken.
    """
    made = made or {}

    async def root(_: Request) -> Response:
        return RedirectResponse("/rehearse.html", HTTPStatus.FOUND)

    async def file(request: Request) -> Response:
        if request.path_params["path"] in made:
            return HTMLResponse(made[request.path_params["path"]])
        return await file_in(pages, request)

    async def take(request: Request) -> Response:
        body = await json_body(request, "rehearsal", MAX_BYTES)

        def kept(run: Rehearsal) -> None:
            said(run)
            new.append(run)

        new: list[Rehearsal] = []
        answer = await run_in_threadpool(keep, body, log, talk, kept)
        response = answer.response()
        if hearing and new:  # after the answer: the page says both, one after the other
            response.background = BackgroundTask(hearing.recorded, new[0])
        return response

    routes: list[BaseRoute] = [
        Route("/", root),
        Route("/rehearsals", take, methods=["POST"]),
        *(remote.routes() if remote else []),
        *(hearing.routes() if hearing else []),
        Route("/{path:path}", file),
    ]
    return _server(routes, port, remote, hearing.running if hearing else None)


def _server(
    routes: list[BaseRoute],
    port: int | None,
    remote: Remote | None,
    lifespan: Lifespan[Starlette] | None,
) -> LocalServer:
    """For this machine, or with a `remote` for phones, too."""
    if remote is None:
        return LocalServer(local_app(routes, lifespan=lifespan), listen(port, PORT), MOST_HEARD)
    listener = listen(port, PORT, web.ANYWHERE)
    remote.gate.port = listener.getsockname()[1]
    door = Middleware(Door, gate=remote.gate, allowed=is_for_phones)
    app = local_app(routes, door, names=remote.gate.names, lifespan=lifespan)
    return LocalServer(app, listener, MOST_HEARD)


def is_for_phones(path: str) -> bool:
    """Whether a phone that was let in may ask for it: its page, its socket, what the deck shows.

    A path in another spelling, which leads to the same file, is none of them.
    """
    if path in (REMOTE_PAGE, PATH, "/index.html"):
        return True
    if not {"", ".", ".."}.isdisjoint(path[1:].split("/")):
        return False
    name = PurePosixPath(path)  # disks of Mac and Windows don't tell `Notes.js` from `notes.js`
    return name.suffix in _OF_DECK and name.name.casefold() != "notes.js"


def keep(body: bytes, log: Path, talk: str, said: Callable[[Rehearsal], None]) -> Answer:
    """Add a record that the page sent to the log.

    One that was sent before is fine, and kept once. Where it can't be written the page is told why,
    and keeps it.
    """
    try:
        record = read_record(body, talk)
        is_new = append(record, log)
    except TalkError as error:
        return refusal(HTTPStatus.UNPROCESSABLE_ENTITY, error.message)
    except OSError as error:
        reason = error.strerror or "it can't be written"
        return refusal(HTTPStatus.INSUFFICIENT_STORAGE, f"{reason} ({log.name}/)")
    if is_new:
        said(record)
    return Answer(HTTPStatus.CREATED if is_new else HTTPStatus.OK, {})
