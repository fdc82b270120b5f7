"""The middle of the page for one service: its name and what can be done with it, and the conversation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from executor.services.workspace import Workspace
from ui import kit
from ui.chat.conversation import Conversation
from ui.chat.pane import Pane
from ui.i18n import t, t_message
from ui.serving import words
from ui.serving.acting import Acting
from ui.serving.code import show_code
from ui.serving.desk import Seen
from ui.serving.part import Part

_KINDS: dict[str, Literal["warning", "error"]] = {"unhealthy": "warning", "failed": "error"}


@dataclass(frozen=True)
class Doings:
    """What can be done: start and stop, talk to one of `others` beside it, `leave` where it is beside one."""

    acting: Acting
    compare: Callable[[str], object]
    others: Callable[[], Sequence[str]]
    leave: Callable[[], object] | None = None


class Column:
    """Draws itself where it is made; `told` brings it up to date with the service."""

    def __init__(self, workspace: Workspace, conversation: Conversation, seen: Seen, doings: Doings) -> None:
        self._doings = doings
        with kit.el("section", "one", data_column=seen.name, aria_label=seen.name):
            self._head = Part(kit.div("phead"), self._draw_head)
            self._strip = Part(kit.div(), self._draw_strip)
            self.pane = Pane(workspace, conversation, seen.live, lambda: doings.acting.start(seen.name))
        self.told(seen)

    def told(self, seen: Seen) -> None:
        """The service as it stands now."""
        self.seen = seen
        self.pane.live = seen.live
        self._head.show(seen.name, seen.state, words.word(seen), tuple(self._doings.others()))
        hint = t_message(seen.failure.hint) if seen.failure else ""
        self._strip.show(seen.state, words.reason(seen), hint)

    def _draw_head(self, name: str, state: str, word: str, others: Sequence[str]) -> None:
        acting, leave = self._doings.acting, self._doings.leave
        kit.text(name, "cut", "b", title=name)
        words.chip(self.seen)
        kit.div("grow")
        kit.button(
            t("Use from code"), lambda: show_code(self.seen.live), glyph="code", size="mini", action="code"
        )
        if others:
            with kit.button(t("Side by side"), glyph="columns-2", size="mini", action="compare"):
                kit.menu([self._entry(other) for other in others])
        if state in ("stopped", "failed", "unhealthy"):
            kit.button(
                t("Start again"), lambda: acting.start(name), glyph="play", size="mini", action="start"
            )
        if state in ("healthy", "unhealthy") or self.seen.can_be_taken_back:
            kit.button(
                t("Stop"),
                lambda: acting.ask_to_stop(name),
                kind="danger",
                glyph="square",
                size="mini",
                action="stop",
            )
        if leave is not None:
            kit.button(
                "", leave, kind="ghost", glyph="x", size="mini", tip=t("Close"), action="leave-compare"
            )

    def _entry(self, other: str) -> kit.Entry:
        return kit.Entry(other, lambda: self._doings.compare(other), glyph="radio", action="compare-with")

    def _draw_strip(self, state: str, reason: str, hint: str) -> None:
        if state == "healthy":
            return
        sentence = {
            "starting": t("It is starting. You can talk to it once it is live."),
            "stopping": t("It is being stopped."),
            "stopped": t("Start it again to talk to it."),
            "unhealthy": t(
                "It does not answer. It is watched, and started again where its process has ended."
            ),
            "failed": t("It could not be kept running."),
        }[state]
        said = (reason or t("It is stopped."), sentence) if state == "stopped" else (sentence, reason)
        with (
            kit.div("strip"),
            kit.message(words.joined(*said), _KINDS.get(state, "info")),
        ):
            if hint:
                kit.text(hint, "sub hint")
