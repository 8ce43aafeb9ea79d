"""The little of WebSocket (RFC 6455) that a preview needs: text to the browser, and its closing."""

from __future__ import annotations

import base64
import hashlib
import socket
import struct
import sys
import threading
from io import BufferedIOBase

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # section 1.3
_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA
MOST = 4096  # bytes that a browser has to say
SEND_S = 2  # a browser that takes nothing for so long is let go


def accept_key(key: str) -> str:
    """The answer to a browser's Sec-WebSocket-Key."""
    return base64.b64encode(hashlib.sha1((key + _GUID).encode()).digest()).decode()


def frame(kind: int, content: bytes) -> bytes:
    """One whole, unmasked frame, as servers send it."""
    size = len(content)
    if size < 126:
        head = struct.pack("!BB", 0x80 | kind, size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", 0x80 | kind, 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | kind, 127, size)
    return head + content


class WebSocket:
    """One open connection. `send` is for any thread, `wait` for the one that owns it."""

    def __init__(self, connection: socket.socket, reader: BufferedIOBase) -> None:
        self._connection, self._reader = connection, reader
        self._lock = threading.Lock()
        self._open = True
        connection.settimeout(None)
        windows = sys.platform == "win32"  # milliseconds there, seconds and microseconds elsewhere
        limit = struct.pack("L", SEND_S * 1000) if windows else struct.pack("ll", SEND_S, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, text: str) -> bool:
        """Send a text; False where the browser is gone."""
        return self._send(_TEXT, text.encode("utf-8", "replace"))

    def ping(self) -> bool:
        return self._send(_PING, b"")

    def _send(self, kind: int, content: bytes) -> bool:
        with self._lock:
            if not self._open:
                return False
            try:
                self._connection.sendall(frame(kind, content))
            except OSError:
                self._shut()
        return self._open

    def wait(self) -> None:
        """Read, and answer what must be answered, until the other side is gone."""
        try:
            while self._open:
                kind, content = self._read()
                if kind == _CLOSE:
                    self._send(_CLOSE, content[:2])
                    return
                if kind == _PING:
                    self._send(_PONG, content)
        except (OSError, EOFError, ValueError):
            return
        finally:
            self.close()

    def _read(self) -> tuple[int, bytes]:
        first, second = self._exactly(2)
        size = second & 0x7F
        if size == 126:
            size = int.from_bytes(self._exactly(2), "big")
        if size > MOST or not second & 0x80:  # 127: far more than it has to say
            raise ValueError
        mask = self._exactly(4)
        content = self._exactly(size)
        return first & 0x0F, bytes(byte ^ mask[i % 4] for i, byte in enumerate(content))

    def _exactly(self, size: int) -> bytes:
        found = self._reader.read(size)
        if len(found) < size:
            raise EOFError
        return found

    def close(self) -> None:
        with self._lock:
            self._shut()

    def _shut(self) -> None:
        self._open = False
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
