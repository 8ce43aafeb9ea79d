"""The local server of the rehearsal page: one folder to read, one place to send records to.

It listens on 127.0.0.1 alone, and answers, shows and takes only what `serve.web` lets through.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pipeline.problems import TalkError
from pipeline.rehearsal.log import append
from pipeline.rehearsal.record import MAX_BYTES, Rehearsal, read_record
from pipeline.serve.web import Answer, LocalServer, file_in, json_body, listen, local_app, refusal

PORT = 8340


def open_server(
    pages: Path, log: Path, talk: str, said: Callable[[Rehearsal], None], port: int | None = None
) -> LocalServer:
    """Serves the folder `pages`; a record that is sent is kept in the folder `log`, and is `said`.

    Listens on `port`, or on the first free one from PORT on. Raises TalkError, with the next free
    port as a hint, if the port that was asked for is taken.
    """

    async def root(_: Request) -> Response:
        return RedirectResponse("/rehearse.html", HTTPStatus.FOUND)

    async def file(request: Request) -> Response:
        return await file_in(pages, request)

    async def take(request: Request) -> Response:
        body = await json_body(request, "rehearsal", MAX_BYTES)
        return (await run_in_threadpool(keep, body, log, talk, said)).response()

    routes = [
        Route("/", root),
        Route("/rehearsals", take, methods=["POST"]),
        Route("/{path:path}", file),
    ]
    return LocalServer(local_app(routes), listen(port, PORT))


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
