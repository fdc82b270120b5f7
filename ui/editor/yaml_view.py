"""The pipeline as its file: read, change, apply; a text that is wrong stays until it is right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from nicegui import ui

from nodegraph.problems import Problem
from ui import kit, preferences
from ui.editor.typed_away import TypedAway
from ui.i18n import t, t_message


class YamlView:
    """Draws the editor into the element one is in.

    `apply(text)` gives back what keeps the text from being taken; then nothing has changed. `begun` is a text
    that was begun before, on another graph than the present one if `behind`; `wrong` is what kept it from
    being taken. `on_write` hears of what is written, None once that is what the graph says.
    """

    def __init__(
        self,
        text: str,
        apply: Callable[[str], Sequence[Problem]],
        on_close: Callable[[], None],
        *,
        dark: bool,
        begun: str | None = None,
        behind: bool = False,
        typed_away: TypedAway,
        wrong: Sequence[Problem] = (),
        on_write: Callable[[str | None], None] = lambda _: None,
    ) -> None:
        self._apply = apply
        self._on_write = on_write
        self._given = text
        with kit.div("yaml", data_yaml=""):
            with kit.div("phead"):
                kit.icon("code", "s")
                kit.text("YAML", "grow", "b")
                self._hint = kit.text("", "dim xs")
                self._discard = kit.button(
                    t("Discard"), self._give_up, kind="ghost", size="mini", action="discard-yaml",
                    tip=t("Back to what the graph says"),
                )  # fmt: skip
                kit.button(t("Apply"), self._take, kind="primary", size="mini", action="apply-yaml")
                kit.button(
                    "", on_close, kind="ghost", size="mini", glyph="x", tip=t("Close"), action="close-yaml"
                )
            self._editor = ui.codemirror(
                text if begun is None else begun,
                language="YAML",
                theme=_theme(dark),
                line_wrapping=False,
                on_change=self._typed,
            )
            typed_away.follow(self._editor)
            self._problems = kit.div("ylist")
        preferences.on_theme(self._follow_theme)
        self._discard.set_visibility(begun is not None)
        if begun is not None:
            kit.set_text(self._hint, _behind() if behind else t("not applied yet"))
            self._show_problems(wrong)

    def show(self, text: str) -> None:
        """The file has changed elsewhere: show it, unless the person has begun to write."""
        if text == self._given:
            return
        if self._editor.value == self._given:
            self._given = text
            self._editor.set_value(text)
        else:
            self._given = text
            kit.set_text(self._hint, _behind())

    def _typed(self) -> None:
        changed = self._editor.value != self._given
        self._on_write(self._editor.value if changed else None)
        kit.set_text(self._hint, t("not applied yet") if changed else "")
        self._discard.set_visibility(changed)

    def _follow_theme(self) -> None:
        if not self._editor.is_deleted:
            self._editor.set_theme(_theme(preferences.theme() == "dark"))

    def _give_up(self) -> None:
        self._problems.clear()
        self._editor.set_value(self._given)

    def _take(self) -> None:
        written = self._editor.value or ""
        problems = self._apply(written)
        self._show_problems(problems)
        if not problems:
            self._given = written
            kit.set_text(self._hint, "")
            self._discard.set_visibility(False)
            kit.toast(t("The text is applied"))

    def _show_problems(self, problems: Sequence[Problem]) -> None:
        self._problems.clear()
        with self._problems:
            for problem in problems:
                with kit.div("msg", data_state="failed", role="alert"):
                    kit.icon("circle-alert", "s")
                    if problem.line:
                        kit.text(t("Line {n}", n=problem.line), "mono nw")
                    kit.text(t_message(problem.message, problem.hint), "grow")


def _theme(dark: bool) -> Literal["vscodeDark", "vscodeLight"]:
    return "vscodeDark" if dark else "vscodeLight"


def _behind() -> str:
    return t("The graph has changed meanwhile; Apply replaces it with this text.")
