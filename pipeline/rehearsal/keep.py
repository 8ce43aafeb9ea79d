"""A record that the page sent -> the log, and the answer to the page."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from pipeline.problems import TalkError
from pipeline.rehearsal.log import append
from pipeline.rehearsal.record import Record, read_record
from pipeline.rehearsal.server import Receipt


def keeper(folder: Path, talk: str, said: Callable[[Record], None]) -> Callable[[bytes], Receipt]:
    """A function that keeps records in `folder`; `said` is told of each new one.

    A record that was sent before is fine, and kept once. Where it can't be written the page is told
    why, and keeps it.
    """

    def take(body: bytes) -> Receipt:
        try:
            record = read_record(body, talk)
            is_new = append(record, folder)
        except TalkError as error:
            return Receipt(HTTPStatus.UNPROCESSABLE_ENTITY, error.message)
        except OSError as error:
            reason = error.strerror or "it can't be written"
            return Receipt(HTTPStatus.INSUFFICIENT_STORAGE, f"{reason} ({folder.name}/)")
        if is_new:
            said(record)
        return Receipt(HTTPStatus.CREATED if is_new else HTTPStatus.OK)

    return take
