"""What is sent and through which mail server, and what happens where it does not arrive."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from nodegraph.errors import NodeGraphError

Security = Literal["starttls", "tls", "none"]


class Undelivered(NodeGraphError):
    """Nobody took a notification; `final` where trying again cannot change that."""

    def __init__(self, message: str, hint: str = "", *, final: bool = False) -> None:
        super().__init__(message, hint)
        self.final = final


@dataclass(frozen=True)
class MailServer:
    """The server that takes our mail, and the address that it comes from."""

    host: str
    port: int
    security: Security
    user: str
    password: str = field(repr=False)
    sender: str


@dataclass(frozen=True)
class Letter:
    """One notification: as a mail, and as what a webhook is sent. Repeats carry the same `id`."""

    id: str
    subject: str
    text: str
    html: str
    payload: dict[str, Any]
