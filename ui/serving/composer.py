"""Where one writes to the services: the text, how they answer, Clear and Send."""

from __future__ import annotations

from collections.abc import Sequence

from ui import kit
from ui.chat.conversation import LONGEST_QUESTION
from ui.chat.entry import Entry
from ui.chat.wishes import in_force
from ui.i18n import t
from ui.results.units import number
from ui.serving.column import Column
from ui.serving.part import Part


class Composer:
    """Draws itself where it is made and asks every column at once; the first one keeps what is typed."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._first = columns[0]
        conversation, chat = self._first.pane.conversation, self._first.seen.live.chat
        with kit.div("say"):
            self._entry = Entry(
                conversation.draft, lines=2, longest=LONGEST_QUESTION, data_field="question",
                draft=f"question {conversation.service}",
                hint=t("Ask the service something") if chat else t("A text to go on from"),
                on_typed=lambda text: setattr(conversation, "draft", text), on_send=self._send,
            )  # fmt: skip
            self._row = Part(kit.div("row"), self._draw_row)
        self.follow()

    def focus(self) -> None:
        """Put the cursor into the text."""
        self._entry.focus()

    def follow(self) -> None:
        """Bring the buttons up to date."""
        pane = self._first.pane
        running = any(column.pane.conversation.running for column in self._columns)
        ready = any(column.seen.state == "healthy" for column in self._columns)
        said = any(column.pane.conversation.messages for column in self._columns)
        wishes = in_force(pane.live, pane.conversation.wishes)
        self._row.show(running, ready, said, wishes.temperature, wishes.max_tokens, pane.live.api_key)

    def _draw_row(
        self,
        running: bool,
        ready: bool,
        said: bool,
        temperature: float | None,
        tokens: int | None,
        key: str | None,
    ) -> None:
        if temperature is not None:
            self._wish(t("temperature {n}", n=number(temperature)))
        if tokens is not None:
            self._wish(t("at most {n} tokens", n=number(tokens)))
        if key:
            kit.tag(key, glyph="key-round")
        kit.div("grow")
        kit.button(
            t("Clear"), self._clear, kind="ghost", glyph="eraser", size="mini", off=not said, action="clear"
        )
        why = None if ready else t("The service is not live.")
        kit.button(
            t("Send"), self._entry.submit, kind="primary", glyph="send", off=running or not ready, tip=why,
            action="send",
        )  # fmt: skip

    def _wish(self, words: str) -> None:
        tag = kit.el("button", "tag", type="button", title=t("Change how it answers"), data_action="wishes")
        tag.on("click", lambda: self._first.pane.edit(self.follow), [])
        with tag:
            kit.text(words)

    def _send(self, question: str) -> None:
        asked = [column for column in self._columns if column.seen.state == "healthy"]
        if not asked or any(column.pane.conversation.running for column in self._columns):
            return  # what is typed stays
        for column in asked:
            column.pane.ask(question)
        self._first.pane.conversation.draft = ""
        self._entry.show("")
        self.follow()

    def _clear(self) -> None:
        for column in self._columns:
            column.pane.conversation.clear()
            column.pane.follow()
        self.follow()
        self._entry.focus()
