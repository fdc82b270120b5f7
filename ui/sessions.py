"""Who is logged in: signed cookies that outlive a restart of the server, until they are logged out.

The secret that signs them lies in the data directory, for its owner only; with it goes the password, so that
another one ends them all. Who is logged out stays so: what was ended is kept until it would have run out.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import secrets
import time
from pathlib import Path

SECONDS = 30 * 86400
_KEY, _ENDED = "key", "ended.json"
_log = logging.getLogger(__name__)


class Sessions:
    """Gives tokens and knows them again; without a folder to keep them in they end with the server."""

    def __init__(self, password: bytes, folder: Path | None = None) -> None:
        self._folder = folder
        self._key = hashlib.sha256(self._secret() + password).digest()
        self._ended = self._read_ended()

    def begin(self) -> str:
        """A new token."""
        content = f"{int(time.time()) + SECONDS}-{secrets.token_urlsafe(12)}"
        return f"{content}.{self._sign(content)}"

    def knows(self, token: str) -> bool:
        """Whether it was given here, has not run out and was not ended."""
        content, _, signature = token.rpartition(".")
        if not content.isascii() or not hmac.compare_digest(signature.encode(), self._sign(content).encode()):
            return False
        return _until(content) > time.time() and content not in self._ended

    def end(self, token: str) -> None:
        """Know it no more."""
        if not self.knows(token):
            return
        now = time.time()
        self._ended = {one: until for one, until in self._ended.items() if until > now}
        content = token.rpartition(".")[0]
        self._ended[content] = _until(content)
        self._write(_ENDED, json.dumps(self._ended).encode())

    def _sign(self, content: str) -> str:
        return hmac.new(self._key, content.encode(), hashlib.sha256).hexdigest()

    def _secret(self) -> bytes:
        known = self._read(_KEY)
        if known is not None and len(known) == 32:
            return known
        made = secrets.token_bytes(32)
        self._write(_KEY, made)
        return made

    def _read_ended(self) -> dict[str, float]:
        try:
            return {str(one): float(until) for one, until in json.loads(self._read(_ENDED) or b"{}").items()}
        except (ValueError, TypeError, AttributeError):
            return {}

    def _read(self, name: str) -> bytes | None:
        try:
            return (self._folder / name).read_bytes() if self._folder else None
        except OSError:
            return None

    def _write(self, name: str, content: bytes) -> None:
        """Whole or not at all, for the owner only."""
        if self._folder is None:
            return
        begun = self._folder / f".{name}-{secrets.token_hex(4)}"
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            begun.replace(self._folder / name)
        except OSError as error:
            begun.unlink(missing_ok=True)
            _log.warning("Logins cannot be kept over a restart: %s.", error.strerror)


def _until(content: str) -> int:
    digits = content.partition("-")[0]
    return int(digits) if digits.isdigit() else 0
