"""Who was told that a run has ended, or why not yet: a line each."""

from __future__ import annotations

import time
from collections.abc import Iterable

from executor.cli.output import duration, printable
from executor.services.notifications import NotificationView

_KINDS = {"email": "e-mail to", "webhook": "webhook"}


def print_told(notifications: Iterable[NotificationView]) -> None:
    """Print the lines; nothing where nobody was to be told."""
    for one in notifications:
        print(printable(_line(one)))


def _line(one: NotificationView) -> str:
    whom = f"{_KINDS.get(one.kind, one.kind)} {one.target}"
    if one.state == "sent":
        return f"told: {whom}"
    if one.state == "failed":
        return f"not told: {whom} · {_why(one)}"
    if not one.reason:
        return f"to tell: {whom}"
    again = duration(max(0.0, one.due - time.time()))
    return f"not told yet: {whom} · {_why(one)} Tried again in {again}."


def _why(one: NotificationView) -> str:
    return f"{one.reason} {one.hint}".strip()
