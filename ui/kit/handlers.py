"""Handlers of events that go on although what was clicked is drawn anew meanwhile."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import context
from nicegui.element import Element
from nicegui.helpers import should_await


def lasting(handler: Callable[..., Any]) -> Callable[..., Any]:
    """The handler, at work on the page as a whole rather than in the part that holds what was clicked.

    Such a part may be gone before the handler has ended, and with it the page that it speaks to. New elements
    go into a container that the handler names.
    """

    @functools.wraps(handler)
    def heard(*arguments: Any) -> Any:
        layout = context.client.layout
        with layout:
            result = handler(*arguments)
        return _rest(layout, result) if should_await(result) else result

    return heard


async def _rest(layout: Element, result: Awaitable[Any]) -> Any:
    with layout:
        return await result
