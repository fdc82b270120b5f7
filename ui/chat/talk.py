"""Shows a conversation: bubbles that grow while an answer comes, and what helps where none came."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nicegui.element import Element

from ui import kit
from ui.chat.conversation import Conversation, Message
from ui.chat.growing import Growing
from ui.chat.scroller import Scroller
from ui.i18n import t, t_message
from ui.results.units import duration, number


@dataclass(frozen=True)
class Remedies:
    """What the buttons below a failed answer do."""

    again: Callable[[], object]
    afresh: Callable[[], object]
    start: Callable[[], object]
    settings: Callable[[], object]


_LABELS = {
    "again": ("Ask again", "rotate-cw"),
    "afresh": ("Ask without what was said before", "eraser"),
    "start": ("Start again", "play"),
    "settings": ("Open settings", "settings"),
}


class Talk:
    """The bubbles of one conversation. `follow` brings them up to date; it is cheap where nothing changed."""

    def __init__(self, conversation: Conversation, remedies: Remedies, *, chat: bool) -> None:
        self._conversation = conversation
        self._remedies = remedies
        self._chat = chat
        self._revision = -1
        self._shown: list[_Bubble] = []
        self._box = Scroller().classes("talk")
        self._box.props["role"], self._box.props["aria-live"] = "log", "polite"
        self._box.props["tabindex"] = "0"
        self.follow()

    def follow(self) -> None:
        """Show what is new."""
        if self._revision == self._conversation.revision:
            return
        self._revision = self._conversation.revision
        messages = self._conversation.messages
        known = [bubble.message.number for bubble in self._shown]
        if not known or known != [message.number for message in messages[: len(known)]]:
            self._box.clear()
            self._shown = []
        for bubble in self._shown:
            bubble.follow()
        if len(messages) > len(self._shown):
            with self._box:
                self._shown += [_Bubble(one, self) for one in messages[len(self._shown) :]]
            self._box.to_end()
        if not messages:
            with self._box:
                self._invite()

    def _invite(self) -> None:
        if self._chat:
            sentence = t("Ask it what its users would ask. Nothing you say here is trained on.")
            kit.empty("messages-square", t("Nothing said yet"), sentence)
        else:
            sentence = t("This model has no chat template: it goes on writing where your text ends.")
            kit.empty("text", t("Nothing written yet"), sentence)

    def stop(self) -> None:
        """End the answer that is under way."""
        self._conversation.stop()

    def remedy(self, name: str) -> None:
        """Draw the button that helps."""
        label, glyph = _LABELS[name]
        act = getattr(self._remedies, name)
        kit.button(t(label), lambda: act(), glyph=glyph, size="mini", action=f"answer-{name}")


class _Bubble:
    """One message; its text and its foot change while it grows."""

    def __init__(self, message: Message, talk: Talk) -> None:
        self.message = message
        self._talk = talk
        self._drawn: object = None
        mine = message.role == "user"
        self._frame = kit.div("bub me" if mine else "bub it", data_message=message.role)
        with self._frame:
            self._text = Growing(_shown(message)).classes("said")
            self._foot: Element | None = None if mine else kit.div("took")
        self.follow()

    def follow(self) -> None:
        self._text.grow(_shown(self.message))
        if self._foot is None:
            return
        message = self.message
        drawn = (message.state, message.first, bool(message.text))
        if drawn != self._drawn:
            self._drawn = drawn
            self._frame.props["data-answer"] = message.state
            self._foot.clear()
            with self._foot:
                self._draw_foot(message)

    def _draw_foot(self, message: Message) -> None:
        if message.state == "running":
            with kit.div("row xs"):
                with kit.el("span", "stx", data_state="running"):
                    kit.icon("loader-circle", "t")
                kit.text(_first(message) or t("waiting for the first token"), "dim")
                stop = kit.text(t("Stop"), "end link", "button", type="button", data_action="stop-answer")
                stop.on("click", lambda: self._talk.stop(), [])
            return
        if message.state == "done" and not message.text:
            kit.text(t("The answer is empty: the model ended it at once."), "dim", "p")
        elif message.state == "done" and message.text.isspace():
            kit.text(t("The answer is blank: nothing but spaces and line breaks."), "dim", "p")
        with kit.div("row xs dim wrap"):
            kit.text(" · ".join(_facts(message)), data_facts="")
        if message.problem is not None:
            problem = message.problem
            with kit.message(t_message(problem.sentence), "error"):
                if problem.hint:
                    kit.text(t_message(problem.hint), "sub hint")
            if problem.remedy:
                with kit.div("row"):
                    self._talk.remedy(problem.remedy)


def _shown(message: Message) -> str:
    """Its text once there is more to see than empty lines: models that know little can write many of them."""
    return "" if message.text.isspace() else message.text


def _facts(message: Message) -> list[str]:
    facts = [_first(message)] if message.first is not None else []
    if message.tokens and message.seconds:
        facts.append(t("{n} tokens in {time}", n=number(message.tokens), time=_short(message.seconds)))
        facts.append(t("{n} tokens/s", n=number(round(message.tokens / message.seconds, 1))))
    if message.state == "stopped":
        facts.append(t("stopped"))
    elif message.cut:
        facts.append(t("cut off: no room for more"))
    return facts


def _first(message: Message) -> str:
    return "" if message.first is None else t("first token {time}", time=_short(message.first))


def _short(seconds: float) -> str:
    return t("{n} ms", n=round(seconds * 1000)) if seconds < 1 else duration(seconds)
