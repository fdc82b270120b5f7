"""The top bar of the editor: what is edited and whether it is saved, and what can be done with it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from nicegui.element import Element

from ui import kit
from ui.editor.problems_panel import counts
from ui.editor.session import Session
from ui.i18n import t, t_message
from ui.kit.buttons import disable

_TITLE = """(event) => {
  if (event.type === "keydown") {
    if (event.key === "Enter" || event.key === "Escape") event.target.blur();
    return;
  }
  emit(event.target.value);
}"""


@dataclass(frozen=True)
class Commands:
    """What the buttons do."""

    run: Callable[..., Awaitable[None]]
    run_options: Callable[[], object]
    save: Callable[[], Awaitable[None]]
    arrange: Callable[[], None]
    note: Callable[[], Awaitable[None]]
    frame: Callable[[], None]
    problems: Callable[[], None]
    versions: Callable[[], None]
    yaml: Callable[[], Awaitable[None]]
    export: Callable[[], Awaitable[None]]
    replace: Callable[[], None]
    keys: Callable[[], None]


class Heading:
    """The left of the bar: where one is, the title to type over, the version, what is kept."""

    def __init__(self, session: Session) -> None:
        self._session = session
        document = session.document
        kit.link(t("Pipelines"), "/pipelines", "crumb")
        kit.text("/", "crumb")
        self._title = kit.el(
            "input", "ptitle", value=document.pipeline.title, placeholder=document.pipeline.name,
            aria_label=t("Title"), maxlength="200", data_title="", spellcheck="false",
        )  # fmt: skip
        self._title.on("change", self._retitle, js_handler=_TITLE)
        self._title.on("keydown", js_handler=_TITLE)
        kit.text(document.pipeline.name, "mono dim cut pname", title=document.pipeline.name)
        self._version = kit.text("", "tag", data_version="")
        self._kept_at = kit.div("kept", data_kept="")
        with self._kept_at:
            self._glyph = kit.icon("circle-dashed", "t")
            self._kept = kit.text("", "cut")
        self.refresh()

    def refresh(self) -> None:
        """Show how it stands."""
        opened, document = self._session.opened, self._session.document
        title = document.pipeline.title
        if self._title.props.get("value") != title:
            self._title.props["value"] = title
        self._title.props["size"] = str(max(8, min(36, len(title or document.pipeline.name))))
        kit.set_text(self._version, f"v{document.base_version}" if document.base_version else t("new"))
        words = self._words()
        kit.set_text(self._kept, words)
        if self._kept_at.props.get("title") != words:
            self._kept_at.props["title"] = words
        self._glyph.props["data-changed"] = "yes" if opened.changed else None

    def _words(self) -> str:
        opened = self._session.opened
        if opened.fault:
            return t("Draft not kept: {why}", why=t_message(opened.fault))
        if not opened.changed:
            return t("Saved")
        if opened.kept_at is None:
            return t("Draft")
        return t("Draft, kept {clock}", clock=time.strftime("%H:%M", time.localtime(opened.kept_at)))

    def _retitle(self, event: Any) -> None:
        title = str(event.args or "").strip()
        # What the page shows already need not be sent.
        with self._title.props.suspend_updates():
            self._title.props["value"] = title
        self._session.do(lambda: self._session.document.set_meta(title=title))


class EditActions:
    """The right of the bar while the pipeline is edited."""

    def __init__(self, session: Session, commands: Commands) -> None:
        self._session = session
        self._commands = commands
        self._shown: tuple[Any, ...] = ()
        document = session.document
        self._undo = kit.button(
            "", lambda: document.undo(), kind="ghost", glyph="undo-2", tip=t("Undo"), action="undo"
        )
        self._redo = kit.button(
            "", lambda: document.redo(), kind="ghost", glyph="redo-2", tip=t("Redo"), action="redo"
        )
        self._counts = kit.el(
            "button", "row pcounts", type="button", data_action="show-problems", title=t("Problems")
        )
        self._counts.on("click", commands.problems, [])
        kit.div("vr")
        kit.button("YAML", commands.yaml, glyph="code", action="yaml", tip=t("The pipeline as its file"))
        kit.button(t("Versions"), commands.versions, glyph="history", action="versions")
        with kit.button("", kind="ghost", glyph="ellipsis", tip=t("More"), action="more"):
            kit.menu(
                [
                    kit.Entry(t("Arrange"), commands.arrange, "workflow", "arrange", "Shift A"),
                    kit.Entry(t("Add a note"), commands.note, "sticky-note", "note", "N"),
                    kit.Entry(t("Frame the selection"), commands.frame, "group", "frame"),
                    None,
                    kit.Entry(t("Export YAML"), commands.export, "download", "export"),
                    kit.Entry(t("Replace with a file"), commands.replace, "upload", "import"),
                    None,
                    kit.Entry(t("Keys"), commands.keys, "keyboard", "keys", "?"),
                ]
            )
        keyed = kit.el("button", "keyed", type="button", data_key="?", aria_hidden="true")
        keyed.on("click", commands.keys, [])
        self._save = kit.button(t("Save"), commands.save, glyph="save", action="save")
        self._run_split(commands)
        self.refresh()

    def refresh(self) -> None:
        """Switch buttons on and off, and count problems."""
        document = self._session.document
        wrong, warned = counts(self._session.opened.problems)
        empty = not document.pipeline.nodes
        shown = (document.can_undo, document.can_redo, self._session.opened.changed, empty, wrong, warned)
        if shown == self._shown:
            return
        self._shown = shown
        for button, on in zip((self._undo, self._redo, self._save), shown, strict=False):
            disable(button, not on)
        for button, tip in self._runs.items():
            disable(button, empty)
            button.props["title"] = (
                t("There is nothing to run yet: drag a node onto the canvas") if empty else tip
            )
        self._counts.clear()
        with self._counts:
            for number, glyph, state in (
                (wrong, "circle-alert", "failed"),
                (warned, "triangle-alert", "stale"),
            ):
                if number:
                    with kit.el("span", "row stx", data_state=state, data_count=str(number)):
                        kit.icon(glyph, "s")
                        kit.text(number)

    def _run_split(self, commands: Commands) -> None:
        main = kit.button(t("Run"), commands.run, kind="primary", glyph="play", action="run")
        with kit.button(
            "", kind="primary", glyph="chevron-down", tip=t("More ways to run"), action="run-menu"
        ) as arrow:
            entries = {
                "run-all": (t("Run"), "play", commands.run),
                "run-to": (t("Run to the selected node"), "target", lambda: self._run_one("until")),
                "run-from": (
                    t("Run from the selected node"), "arrow-right", lambda: self._run_one("from_node"),
                ),
                "run-fresh": (t("Run without cache"), "rotate-ccw", lambda: commands.run(use_cache=False)),
                "run-options": (t("Options…"), "settings-2", commands.run_options),
            }  # fmt: skip
            menu = kit.menu(
                [kit.Entry(label, do, glyph, name) for name, (label, glyph, do) in entries.items()]
            )
            # From its right edge to the left, where there is room: Quasar would cut it short otherwise.
            menu.props('anchor="bottom end" self="top end"')
        kit.split_button(main, arrow)
        self._runs: dict[Element, str | None] = {main: None, arrow: t("More ways to run")}

    def _run_one(self, option: str) -> Any:
        nodes = self._session.nodes
        if len(nodes) == 1:
            return self._commands.run(**{option: nodes[0]})
        kit.toast(t("Select one node first"), kind="note")
        return None
