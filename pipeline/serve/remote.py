"""Phones as remotes: what they say goes to the speaker's page, what that says to the phones.

The page is the one that knows the place and the clock and decides; here messages only pass. Each is
JSON and a `type`: `Press`, `Point`, `Ping` and `Leave` of a phone; of the page whatever it likes,
to one phone (`to`) or to all. Several phones follow one page; a page that comes later takes the
place of the one before.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import Callable
from typing import Annotated, Literal

import msgspec
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from pipeline.serve.connections import is_local
from pipeline.serve.pairing import COOKIE, REMOTE_PAGE, Gate, qr_picture

PATH = "/phone"
MOST_HEARD = 64 * 1024  # bytes of a message: the page's, with the script of a slide
MOST_OF_A_PHONE = 512  # letters of a message
MOST_A_SECOND = 150  # messages of a phone: a finger moves 60 times a second
MOST_PHONES = 8
MOST_UNSENT = 100  # messages to a phone that takes none; then it is let go
MOST_AT_PAGE = 2 * MOST_PHONES * MOST_A_SECOND  # no phone can have the page let go
FEW_UNSENT = 10  # with more, a finger's place and a ping are left out: the next one follows
# Why a socket closes; templates/phone/link.js knows them.
UNPAIRED, REPLACED, RUBBISH, TOO_MANY, FULL, SLOW = 4001, 4002, 4003, 4004, 4005, 4006

_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
_Short = Annotated[str, msgspec.Meta(max_length=200)]


class _Said(msgspec.Struct, frozen=True, tag_field="type", forbid_unknown_fields=True):
    pass


class Press(_Said, frozen=True, tag="press"):
    """One press, numbered within a `run` of the phone's page; `at` is what it was pressed at."""

    run: Annotated[str, msgspec.Meta(max_length=40)]
    n: int
    does: Literal["next", "back", "black", "skip"]
    at: _Short
    when: float  # by the page's clock, ms


class Point(_Said, frozen=True, tag="pointer"):
    """A finger on the slide; not `on`: it left."""

    x: _Share
    y: _Share
    on: bool


class Ping(_Said, frozen=True, tag="ping"):
    """Whether anybody is there; the page answers with its state."""

    n: int


class Leave(_Said, frozen=True, tag="unpair"):
    """The phone wants to be unknown."""


class ToPhones(msgspec.Struct, frozen=True):
    """What the relay reads of a message of the page."""

    type: str
    to: int = 0  # a phone; 0: all


_PHONE_SAYS = msgspec.json.Decoder(Press | Point | Ping | Leave)
_PAGE_SAYS = msgspec.json.Decoder(ToPhones)


class Line:
    """A socket and what is still to be said over it."""

    def __init__(self, socket: WebSocket, most: int, session: str = "") -> None:
        self.socket, self.most, self.session = socket, most, session
        self._unsent = asyncio.Queue[str | tuple[int, str]]()
        self._is_ending = False
        self.points = False  # a finger is on the slide

    def tell(self, message: str | dict[str, object], *, may_drop: bool = False) -> None:
        """Say it when the other side takes it; one that takes nothing is let go."""
        if self._is_ending or (may_drop and self._unsent.qsize() > FEW_UNSENT):
            return
        if self._unsent.qsize() < self.most:
            self._unsent.put_nowait(message if isinstance(message, str) else json.dumps(message))
        else:
            self.end(SLOW, "it takes nothing")

    def end(self, code: int, why: str) -> None:
        """Close, with a word; what wasn't said yet isn't said any more."""
        if not self._is_ending:
            self._is_ending = True
            while not self._unsent.empty():
                self._unsent.get_nowait()
            self._unsent.put_nowait((code, why))

    async def talk(self, hear: Callable[[str], None]) -> None:
        """Until either side closes; `hear` takes each text, rubbish as an empty one."""
        async with asyncio.TaskGroup() as both:
            sending = both.create_task(self._send())
            while (message := await self.socket.receive())["type"] != "websocket.disconnect":
                if not self._is_ending:
                    hear(message.get("text") or "")
            sending.cancel()

    async def _send(self) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while isinstance(said := await self._unsent.get(), str):
                await self.socket.send_text(said)
            await self.socket.close(*said)


class Remote:
    """The speaker's page and its phones, to which `shown` gives their own page.

    All of it is in the server's loop.
    """

    def __init__(self, gate: Gate, shown: Callable[[], str]) -> None:
        self.gate, self.shown = gate, shown
        self.page: Line | None = None
        self.phones: dict[int, Line] = {}
        self._numbers = itertools.count(1)
        self._of_session: dict[str, int] = {}  # a phone that comes back has its number
        gate.changed = self._show_code

    def routes(self) -> list[BaseRoute]:
        """The socket, and the page that a phone shows."""

        async def page(_: object) -> Response:
            return HTMLResponse(self.shown())

        return [WebSocketRoute(PATH, self.socket), Route(REMOTE_PAGE, page)]

    async def socket(self, socket: WebSocket) -> None:
        """A page of this machine that says so, or a phone: until it is gone."""
        await socket.accept()
        assert socket.client
        if socket.query_params.get("as") == "page" and is_local(socket.client.host):
            if self.page and socket.query_params.get("if") == "free":
                await socket.close(REPLACED, "another window has the phones")
            else:
                await self._page(Line(socket, MOST_AT_PAGE))
        else:
            await self._phone(socket)

    # --- The page -----------------------------------------------------------------------------

    async def _page(self, line: Line) -> None:
        if self.page:
            self.page.end(REPLACED, "another window has the phones now")
        self.page = line
        self._tell_who()
        self._tell_phones({"type": "page", "here": True})
        try:
            await line.talk(self._heard_page)
        finally:
            if self.page is line:
                self.page = None
                self._tell_phones({"type": "page", "here": False})

    def _heard_page(self, text: str) -> None:
        try:
            said = _PAGE_SAYS.decode(text)
        except (msgspec.MsgspecError, ValueError):
            return
        if said.type == "code":
            self.gate.look()
            self._show_code()
        elif said.type == "unpair":
            if phone := self.phones.get(said.to):
                self._unpair(phone)
        elif said.to:
            if phone := self.phones.get(said.to):
                phone.tell(text)
        else:
            for phone in self.phones.values():
                phone.tell(text)

    def _show_code(self) -> None:
        """The code that is good now, where this machine is in a network."""
        if not self.page:
            return
        link = self.gate.link_to(REMOTE_PAGE) if self.gate.host else ""
        picture = qr_picture(link) if link else ""
        refused = self.gate.refused
        self.page.tell({"type": "code", "link": link, "picture": picture, "refused": refused})

    def _tell_who(self) -> None:
        if self.page:
            self.page.tell({"type": "phones", "phones": list(self.phones)})

    def _tell_phones(self, message: dict[str, object]) -> None:
        for phone in self.phones.values():
            phone.tell(message)

    # --- A phone ------------------------------------------------------------------------------

    async def _phone(self, socket: WebSocket) -> None:
        session = socket.cookies.get(COOKIE, "")
        number = self._of_session.get(session) if self.gate.knows(session) else None
        if number is None:
            number = next(self._numbers)
            if self.gate.knows(session):
                self._of_session[session] = number
        line = Line(socket, MOST_UNSENT, session)
        if before := self.phones.pop(number, None):
            before.end(REPLACED, "opened once more")
        if len(self.phones) >= MOST_PHONES:
            return await socket.close(FULL, "too many phones")
        self.phones[number] = line
        line.tell({"type": "page", "here": self.page is not None})
        self._tell_who()
        self._tell_page({"type": "came", "phone": number})
        try:
            await line.talk(self._hearing(number, line))
        finally:
            if self.phones.get(number) is line:
                del self.phones[number]
                if line.points:
                    gone = msgspec.to_builtins(Point(0, 0, False))
                    self._tell_page({**gone, "phone": number})
                self._tell_who()

    def _hearing(self, number: int, line: Line) -> Callable[[str], None]:
        """Takes what one phone says: so many a second, and nothing that isn't one of four."""
        loop = asyncio.get_running_loop()
        second, count = 0.0, 0

        def hear(text: str) -> None:
            nonlocal second, count
            if loop.time() - second >= 1:
                second, count = loop.time(), 0
            count += 1
            try:
                said = _PHONE_SAYS.decode(text) if len(text) <= MOST_OF_A_PHONE else None
            except (msgspec.MsgspecError, ValueError, RecursionError):
                said = None
            if count > MOST_A_SECOND:
                line.end(TOO_MANY, "too many messages")
            elif said is None:
                line.end(RUBBISH, "not understood")
            elif isinstance(said, Leave):
                self._unpair(line)
            else:
                line.points = said.on if isinstance(said, Point) else line.points
                may_drop = isinstance(said, Ping) or (isinstance(said, Point) and said.on)
                found = {**msgspec.to_builtins(said), "phone": number}
                self._tell_page(found, may_drop=may_drop)

        return hear

    def _unpair(self, line: Line) -> None:
        self.gate.forget(line.session)
        self._of_session.pop(line.session, None)
        line.end(UNPAIRED, "unpaired")

    def _tell_page(self, message: dict[str, object], *, may_drop: bool = False) -> None:
        if self.page:
            self.page.tell(message, may_drop=may_drop)
