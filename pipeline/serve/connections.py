"""Connections of both local servers: how long each may take, how many there are, what each keeps.

uvicorn's own wait for ever for a request that drips in, answer requests that were sent ahead of
their turn, and keep pongs for a browser that takes none. Here who is slow, one too many or doesn't
listen is let go, so that the speaker's page comes through.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

SLOW_S = 15.0  # a request that isn't whole by then, or an answer that nobody takes, is let go
MOST_OPEN = 1500  # connections of all; where a system allows fewer, fewer
MOST_OF_ONE = 32  # of one other machine: browsers open six at most
MOST_PIECES = 100  # of a message that comes in frames
MOST_PINGS = 100  # within SLOW_S: no browser sends one by itself
_AT_ONCE = 4096  # bytes that a socket reads before it looks whether it goes on
_OTHER_FILES = 256  # that this process has open beside


class Crowd:
    """Who is connected, and when each last asked something whole."""

    def __init__(self, most: int = 0) -> None:
        self.most = most or _most_open()
        self._open: dict[Http, str] = {}  # and its address; who asked last stands last

    def came(self, who: Http) -> None:
        """One more: for it the one is let go that has asked nothing for the longest."""
        address = who.client[0] if who.client else ""
        if not is_local(address):
            others = [one for one, its in self._open.items() if its == address]
            if len(others) >= MOST_OF_ONE:
                others[0].let_go()
        if len(self._open) >= self.most:
            next(iter(self._open)).let_go()
        self._open[who] = address

    def asked(self, who: Http) -> None:
        if who in self._open:
            self._open[who] = self._open.pop(who)

    def went(self, who: Http) -> None:
        self._open.pop(who, None)


def is_local(address: str) -> bool:
    """Whether a request came over this machine's own loopback."""
    return address.startswith("127.") or address in ("::1", "::ffff:127.0.0.1")


def _most_open() -> int:
    """As many as the system lets this process have; a Mac's usual 256 are raised first."""
    if sys.platform == "win32":
        return MOST_OPEN
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_OPEN + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
            soft = most
    return MOST_OPEN if soft == resource.RLIM_INFINITY else min(MOST_OPEN, max(64, soft - 256))


class Config(uvicorn.Config):
    """uvicorn's settings, and the crowd that its connections are counted in."""

    crowd: Crowd


class _Sized(h11.Connection):
    """Takes no body in chunks: no browser sends one, and a million small ones take long."""

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        event = super().next_event()
        if isinstance(event, h11.Request) and any(
            name == b"transfer-encoding" for name, _ in event.headers
        ):
            raise h11.RemoteProtocolError("a body has a length", error_status_hint=411)
        return event


class Http(H11Protocol):
    """HTTP/1.1 with an end to each wait, and one request at a time."""

    config: Config
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.conn = _Sized(h11.SERVER)
        self.config.crowd.came(self)
        self._expect(SLOW_S)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.config.crowd.went(self)
        self._expect(None)

    def let_go(self) -> None:
        self.config.crowd.went(self)
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        cycle = self.cycle
        if cycle and not cycle.response_complete and not cycle.more_body:
            self.config.crowd.asked(self)
            if self.conn.trailing_data[0]:  # sent ahead: no browser does, smugglers do
                cycle.keep_alive = False

    def on_response_complete(self) -> None:
        self._expect(SLOW_S)
        super().on_response_complete()

    def resume_writing(self) -> None:
        self._expect(SLOW_S)
        super().resume_writing()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._expect(None)
        self.config.crowd.went(self)
        super().handle_websocket_upgrade(event)

    def _expect(self, within_s: float | None) -> None:
        if self._late:
            self._late.cancel()
        self._late = self.loop.call_later(within_s, self._look) if within_s else None

    def _look(self) -> None:
        asked = self.cycle and not self.cycle.response_complete and not self.cycle.more_body
        if asked and not self.flow.write_paused:
            self._expect(SLOW_S)  # the answer takes its time
        else:
            self.transport.abort()


class Socket(WebSocketsSansIOProtocol):
    """A socket that hears nothing more from who doesn't listen or only makes noise."""

    _late: asyncio.TimerHandle | None = None
    _pings, _since = 0, 0.0

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), _AT_ONCE):
            super().data_received(data[start : start + _AT_ONCE])
            if self.transport.is_closing():
                return
        if not self.writable.is_set():
            self.transport.pause_reading()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._expect(SLOW_S)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._expect(None)
        if not self.read_paused and not self.transport.is_closing():
            self.transport.resume_reading()

    def handle_cont(self, event: Frame) -> None:
        super().handle_cont(event)
        if len(self.frames) > MOST_PIECES:
            self.transport.abort()

    def handle_ping(self) -> None:
        now = self.loop.time()
        if now - self._since > SLOW_S:
            self._pings, self._since = 0, now
        self._pings += 1
        if self._pings > MOST_PINGS:
            self.transport.abort()
        else:
            super().handle_ping()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.transport.abort()  # what it was told last, it doesn't take either

    def _expect(self, within_s: float | None) -> None:
        if self._late:
            self._late.cancel()
        self._late = self.loop.call_later(within_s, self.transport.abort) if within_s else None
