"""When a page is brought up to date: at once where something was done, a little later on other pages.

One that is closed, or without network, is brought up to date when it is back.
"""

from __future__ import annotations

from collections.abc import Callable

from nicegui import context
from nicegui.client import Client

from ui.editor.opened import What
from ui.editor.pace import Paced

# What was done is seen on the canvas first; form, bar and problems follow, and all of it on other pages.
_AFTER_THE_CANVAS = 0.03


class Redrawing:
    """`draw` brings the canvas up to date, `follow` what is round it."""

    def __init__(self, draw: Callable[[], None], follow: Callable[[], None]) -> None:
        self._client: Client = context.client
        self._draw, self._follow = draw, follow
        self._missed = False
        self.draw_soon = Paced(lambda: self._if_seen(draw))
        self._follow_soon = Paced(lambda: self._if_seen(follow), after=_AFTER_THE_CANVAS)
        self._client.on_connect(self._catch_up)

    def told(self, what: What) -> None:
        """The pipeline has changed, here or in another tab."""
        if what == "graph" and self._is_acting():
            self.draw_soon.now()
        elif what != "draft":
            self.draw_soon(after=_AFTER_THE_CANVAS if what == "graph" else 0.0)
        self._follow_soon()

    def _is_acting(self) -> bool:
        try:
            return context.client is self._client
        except RuntimeError:  # not done on a page
            return False

    def _if_seen(self, work: Callable[[], None]) -> None:
        if self._client.has_socket_connection:
            work()
        else:
            self._missed = True

    def _catch_up(self) -> None:
        if self._missed:
            self._missed = False
            self._draw()
            self._follow()
