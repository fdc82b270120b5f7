"""The panel at the right: the facts of a service, or its log."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from nicegui import background_tasks

from executor.services.workspace import Workspace
from nodegraph.errors import NodeGraphError
from ui import kit
from ui.chat.conversation import Conversation
from ui.i18n import t
from ui.results.log_view import LogView
from ui.serving import facts
from ui.serving.desk import Seen
from ui.serving.part import Part

LOG_LINES = 400


class Side:
    """Draws itself where it is made; `told` brings it up to date, `read_log` its log while that is shown."""

    def __init__(
        self,
        workspace: Workspace,
        conversation: Conversation,
        seen: Seen,
        tab: str,
        on_tab: Callable[[str], None],
    ) -> None:
        self._workspace = workspace
        self._conversation = conversation
        self._on_tab = on_tab
        self._log: LogView | None = None
        self._log_text = ""
        self._busy: Part | None = None
        self._facts: Part | None = None
        self._seen = seen
        self._bar = kit.div()
        self._box = kit.div("inside")
        self.show_tab(tab)

    def show_tab(self, tab: str) -> None:
        """Show the facts or the log."""
        self._on_tab(tab)
        self._bar.clear()
        with self._bar:
            kit.tabs({"facts": t("Facts"), "log": t("Log")}, tab, self._fill)
        self._fill(tab)

    def told(self, seen: Seen) -> None:
        """The service as it stands now."""
        self._seen = seen
        if self._busy is not None and self._facts is not None:
            answer = self._conversation.last_answer
            self._busy.show(seen.live.health, answer, key=facts.numbers(seen.live.health, answer))
            self._facts.show(seen, key=(seen.state, seen.live.pid, facts.times(seen.live, time.time())))

    async def read_log(self) -> None:
        """Show what the service wrote since."""
        log = self._log
        if log is None:
            return
        try:
            text = await asyncio.to_thread(self._workspace.services.logs, self._seen.name, LOG_LINES)
        except NodeGraphError as error:
            text = error.message
        if text != self._log_text and log is self._log and not log.is_deleted:
            self._log_text = text
            log.show(text.encode())

    def _fill(self, tab: str) -> None:
        self._on_tab(tab)
        self._box.clear()
        self._log = self._busy = self._facts = None
        self._log_text = ""
        with self._box:
            if tab == "log":
                self._log = LogView(empty=t("It has written nothing."))
                background_tasks.create(self.read_log())
            else:
                with kit.div("pbody st"):
                    self._busy = Part(kit.div(), facts.draw_busy)
                    kit.el("hr")
                    self._facts = Part(
                        kit.div(), lambda seen: facts.draw_facts(seen, lambda: self.show_tab("log"))
                    )
                self.told(self._seen)
