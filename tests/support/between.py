"""A network between a browser and a local server: slow, cut for a while, or gone."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from types import TracebackType
from typing import Self

from pipeline.serve.web import LOCAL


class Network:
    """Passes bytes on to a server's port, from a port of its own, while the block lasts.

    `delay_s` holds up each piece either way. `is_cut`: nothing passes, and nothing is told so; what
    was on its way arrives when it is whole again, as over Wi-Fi.
    """

    def __init__(self, port: int) -> None:
        self.to, self.port = port, 0
        self.delay_s, self.is_cut = 0.0, False
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[self._run()])

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(
        self,
        _: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(10)
        self._loop.close()

    async def _run(self) -> None:
        self._end = asyncio.Event()
        server = await asyncio.start_server(self._pass_on, LOCAL, 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._end.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _pass_on(self, browser: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.CancelledError):
            server, there = await asyncio.open_connection(LOCAL, self.to)
            # The server answers to its own name alone.
            names = f"{LOCAL}:{self.port}".encode(), f"{LOCAL}:{self.to}".encode()
            both = self._stream(browser, there, names), self._stream(server, back, (b"\0", b"\0"))
            await asyncio.gather(*both)

    async def _stream(
        self, source: asyncio.StreamReader, to: asyncio.StreamWriter, names: tuple[bytes, bytes]
    ) -> None:
        waiting = asyncio.Queue[tuple[float, bytes]]()

        async def send() -> None:
            while True:
                due, data = await waiting.get()
                await asyncio.sleep(max(0, due - self._loop.time()))
                while self.is_cut:
                    await asyncio.sleep(0.01)
                if not data:
                    return to.close()
                to.write(data.replace(*names))

        sending = asyncio.create_task(send())
        with contextlib.suppress(OSError):
            while data := await source.read(1 << 16):
                waiting.put_nowait((self._loop.time() + self.delay_s, data))
        waiting.put_nowait((self._loop.time() + self.delay_s, b""))
        await sending
