"""How far a transfer to a host is, for whoever waits for it."""

from __future__ import annotations

from executor.launchers.base import Cancelled


class Sending:
    """How far a transfer is; told by one thread, shown by another, which may also call it off."""

    def __init__(self, host: str) -> None:
        self._host = host
        self.total = self._sent = 0
        self.checks = self.cancelled = False

    def check(self) -> None:
        """Raises Cancelled where nobody waits any more."""
        if self.cancelled:
            raise Cancelled

    def count(self, sent: int) -> None:
        """So many more bytes go now."""
        self.check()
        self._sent += sent

    def sentence(self) -> str:
        """What to show; empty where nothing has to be sent."""
        if self.checks:
            return f"The host {self._host} checks what it was sent."
        if self.total == 0:
            return ""
        return f"Sending to {self._host}: {amount(min(self._sent, self.total))} of {amount(self.total)}."


def amount(count: int) -> str:
    """Bytes as people read them."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
