"""Who may see the preview: this machine, and a phone or tablet that was let in."""

from __future__ import annotations

import hmac
import io
import secrets
import threading
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie

COOKIE = "preview"


class Gate:
    """Lets other machines in, one by one: a token is good for one, then there is a new one."""

    def __init__(self, address: str, say: Callable[[str], None]) -> None:
        self.address, self.say = address, say  # http://HOST:PORT/
        self._lock = threading.Lock()
        self._sessions: set[str] = set()
        self._token = secrets.token_urlsafe(16)

    @property
    def link(self) -> str:
        """The address with the token that is good now."""
        return f"{self.address}?token={self._token}"

    def invite(self) -> None:
        """Show the link as a QR code."""
        self.say(f"for one more device in this network, once: {self.link}\n{qr_text(self.link)}")

    def enter(self, token: str) -> str | None:
        """The session that a token opens; None if it isn't the one that is good now."""
        with self._lock:
            if not hmac.compare_digest(token.encode(), self._token.encode()):
                return None
            self._token = secrets.token_urlsafe(16)
            session = secrets.token_urlsafe(24)
            self._sessions.add(session)
        self.invite()
        return session

    def knows(self, cookies: str) -> bool:
        """Whether a Cookie header holds the session of a device that was let in."""
        try:
            found = SimpleCookie(cookies).get(COOKIE)
        except CookieError:
            return False
        return found is not None and found.value in self._sessions


def is_local(client: str) -> bool:
    """Whether a request came over this machine's own loopback."""
    return client.startswith("127.") or client in ("::1", "::ffff:127.0.0.1")


def qr_text(address: str) -> str:
    """A QR code for a terminal."""
    import segno

    drawn = io.StringIO()
    segno.make(address, error="l", micro=False).terminal(out=drawn, compact=True)
    return drawn.getvalue().rstrip("\n")
