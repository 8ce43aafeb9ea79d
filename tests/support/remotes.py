"""The socket of phones, as tests speak over it: as the page, or as a phone."""

from __future__ import annotations

import json
from typing import Any

from websockets.sync.client import ClientConnection, connect

from pipeline.serve.web import LOCAL, LocalServer

PATIENCE_S = 30.0


def joined(server: LocalServer, query: str = "", cookie: str = "") -> ClientConnection:
    headers = {"Cookie": cookie} if cookie else None
    address = f"ws://{LOCAL}:{server.port}/phone{query}"
    return connect(address, additional_headers=headers, open_timeout=PATIENCE_S)


def hear(line: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of that type."""
    while True:
        message: dict[str, Any] = json.loads(line.recv(PATIENCE_S))
        if message["type"] == kind:
            return message


def tell(line: ClientConnection, **message: object) -> None:
    line.send(json.dumps(message))
