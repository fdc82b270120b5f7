"""One conversation on a page: the system prompt above, what was said below."""

from __future__ import annotations

from collections.abc import Callable

from executor.services.deployments import Live
from executor.services.workspace import Workspace
from ui import kit
from ui.chat import answering
from ui.chat.conversation import Conversation, Wishes
from ui.chat.talk import Remedies, Talk
from ui.chat.wishes import ask_for_wishes, in_force
from ui.frame import go
from ui.i18n import t


class Pane:
    """Draws itself where it is made; `follow` shows what is new, `told` that the service has changed."""

    def __init__(
        self, workspace: Workspace, conversation: Conversation, live: Live, on_start: Callable[[], object]
    ) -> None:
        self.conversation = conversation
        self.live = live
        self._workspace = workspace
        self._system = kit.div("sys row") if live.chat else None
        self._tell_system()
        self._talk = Talk(
            conversation,
            Remedies(self._again, self._afresh, on_start, lambda: go("/settings")),
            chat=live.chat,
        )

    def follow(self) -> None:
        """Show what was said meanwhile."""
        self._talk.follow()

    def ask(self, question: str) -> None:
        """Ask the service, unless it is answering already."""
        if question.strip() and not self.conversation.running:
            answering.begin(self._workspace, self.conversation, question)
            self.follow()

    def edit(self, on_saved: Callable[[], object]) -> None:
        """Let the reader say how it should answer."""

        def save(chosen: Wishes) -> None:
            self.conversation.wishes = chosen
            self._tell_system()
            on_saved()

        ask_for_wishes(self.live, self.conversation.wishes, save)

    def _tell_system(self) -> None:
        if self._system is None:
            return
        system = in_force(self.live, self.conversation.wishes).system
        self._system.clear()
        with self._system:
            kit.text(t("System prompt"), "over")
            kit.text(
                system or t("none"),
                "cut sm grow" if system else "cut sm grow dim",
                title=system or None,
            )
            edit = kit.text(t("Edit"), "link xs", "button", type="button", data_action="edit-system")
            edit.on("click", lambda: self.edit(lambda: None), [])

    def _again(self) -> None:
        self.ask(self.conversation.take_back())

    def _afresh(self) -> None:
        question = self.conversation.take_back()
        self.conversation.clear()
        self.ask(question)
