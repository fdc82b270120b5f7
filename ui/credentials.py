"""Programs that say the password with every request: as a bearer token, or by HTTP Basic with any user."""

from __future__ import annotations

import asyncio
import base64
import hmac
import logging
from typing import Literal

from starlette.types import Scope

from ui.security import header_of

WAIT_SECONDS = 1.0
_MOST_WAITING = 20
_MOST_KNOWN = 1_000
_log = logging.getLogger(__name__)
Verdict = Literal["right", "wrong", "busy"]


class Doorkeeper:
    """Compares passwords: one guess a second, from all guessers together (A34).

    Whoever has said the right one from an address is not held up there by the guesses of others.
    """

    def __init__(self, password: bytes) -> None:
        self._password = password
        self._line = asyncio.Lock()
        self._waiting = 0
        self._known: set[str] = set()

    async def check(self, given: bytes, address: str) -> Verdict:
        """Whether that is the password; `busy` where too many wait for an answer already."""
        if address in self._known and self._right(given, address):
            return "right"
        if self._waiting >= _MOST_WAITING:
            return "busy"
        self._waiting += 1
        try:
            async with self._line:
                if self._right(given, address):
                    return "right"
                await asyncio.sleep(WAIT_SECONDS)
                return "wrong"
        finally:
            self._waiting -= 1

    def _right(self, given: bytes, address: str) -> bool:
        if hmac.compare_digest(given, self._password):
            if len(self._known) < _MOST_KNOWN:
                self._known.add(address)
            return True
        self._known.discard(address)
        _log.warning("A wrong password was given from %s.", address)
        return False


def password_of(scope: Scope) -> bytes | None:
    """The password in a request's Authorization header, None where there is none that can be read."""
    kind, _, value = header_of(scope, b"authorization").partition(" ")
    value = value.strip()
    if kind.lower() == "bearer" and value:
        return value.encode("latin-1")
    if kind.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).partition(b":")[2]
        except ValueError:
            return b""
    return None
