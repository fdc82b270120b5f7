"""What this machine has, and what to do about gaps: looked at when the page opens, and again when asked."""

from __future__ import annotations

import asyncio

from nicegui import background_tasks

from executor.services.doctor import Check, examine
from ui import kit
from ui.i18n import t, t_message
from ui.kit.buttons import disable
from ui.site import Site

# How a check stands, as a state's look, its icon and its word.
_STANDING = {
    "ok": ("succeeded", "circle-check", "in order"),
    "warning": ("stale", "triangle-alert", "attention"),
    "missing": ("draft", "circle-dashed", "missing"),
}


class Machine:
    """The part of the page; it looks in a thread and never holds up others."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._checks: list[Check] = []
        self._looking: asyncio.Task[None] | None = None

    def build(self) -> None:
        """Fill the part with what is known, and look where nothing is."""
        with kit.div("card"):
            self._root = kit.div()
            with kit.div("foot"):
                self._again = kit.button(
                    t("Check again"), self._look_again, glyph="refresh-cw", action="check-machine"
                )
        self._fill()
        if not self._checks:
            self._look_again()

    def _look_again(self) -> None:
        if self._looking is None or self._looking.done():
            self._looking = background_tasks.create(self._look())
        disable(self._again, True)

    async def _look(self) -> None:
        workspace = self._site.workspace
        self._checks = await asyncio.to_thread(examine, workspace.data_dir.root, workspace.nodes_root)
        if not self._root.is_deleted:
            disable(self._again, False)
            self._fill()

    def _fill(self) -> None:
        self._root.clear()
        with self._root:
            if not self._checks:
                with kit.div("in"):
                    kit.skeleton(8)
                return
            with kit.table([t("What"), t("State"), t("Found"), t("What to do")], classes="checks"):
                for check in self._checks:
                    _row(check)


def _row(check: Check) -> None:
    state, glyph, word = _STANDING[check.state]
    with kit.el("tr", "", data_check=check.name, data_standing=check.state):
        kit.text(t_message(check.name), "nw", "td")
        with kit.el("td"), kit.el("span", "chip", data_state=state):
            kit.icon(glyph, "t")
            kit.text(t(word))
        kit.text(t_message(check.value), "wrap", "td")
        kit.text(t_message(check.advice), "wrap sub", "td")
