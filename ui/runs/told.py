"""Who was told that a run has ended, or why not yet."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from nicegui import ui

from executor.services.notifications import NotificationView
from ui import kit
from ui.forms.fixes import sentences
from ui.i18n import t
from ui.live import Feed
from ui.results.units import moment
from ui.site import Site

_LOOK_EVERY = 2.0
_STANDING = {
    "sent": ("succeeded", "told"),
    "failed": ("failed", "not told"),
    "pending": ("queued", "not told yet"),
}


class Told:
    """A card below the facts of a run that has ended; it is not there where nobody is to be told."""

    def __init__(self, site: Site, feed: Feed) -> None:
        self._site, self._feed = site, feed
        self._shown: Sequence[NotificationView] | None = None
        self._root = kit.div("card told", data_told="")
        self._root.set_visibility(False)
        self._timer = ui.timer(_LOOK_EVERY, self._look)

    async def _look(self) -> None:
        run = self._feed.view
        if not run.final:
            return
        found = await asyncio.to_thread(self._site.workspace.notifications.of_run, run.id)
        if all(one.state != "pending" for one in found):
            self._timer.deactivate()
        if found == self._shown or self._root.is_deleted:
            return
        self._shown = found
        self._root.set_visibility(bool(found))
        self._root.clear()
        with self._root:
            for one in found:
                _line(one)


def _line(one: NotificationView) -> None:
    look, word = _STANDING[one.state]
    with kit.div("row", data_told_state=one.state):
        kit.chip(look, t(word))
        kit.text(_whom(one), "nw")
        if one.state != "sent" and one.reason:
            kit.text(_why(one), "sub grow")


def _whom(one: NotificationView) -> str:
    if one.kind == "email":
        return t("Mail to {target}", target=one.target)
    return t("Webhook {target}", target=one.target)


def _why(one: NotificationView) -> str:
    again = t("Next try: {moment}.", moment=moment(one.due)) if one.state == "pending" else ""
    return sentences(one.reason, one.hint, again)
