"""The problems of a pipeline in a panel below the canvas; a click goes to the place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nodegraph.problems import Problem, errors_of
from ui import kit
from ui.i18n import t, t_message

_MOST = 100


class ProblemsPanel:
    """Draws the panel into the element one is in. `on_open(problem)` is to go to its place."""

    def __init__(
        self, on_open: Callable[[Problem], Any], on_secret: Callable[[Problem], Any] | None = None
    ) -> None:
        self._on_open = on_open
        self._on_secret = on_secret
        self._problems: list[Problem] = []
        self._open = True
        self._root = kit.el("section", "problems", data_problems="0", aria_label=t("Problems"))

    @property
    def is_open(self) -> bool:
        """Whether the list can be seen."""
        return self._open

    def toggle(self, shown: bool | None = None) -> None:
        """Open or close the list."""
        self._open = not self._open if shown is None else shown
        self._draw()

    def show(self, problems: Sequence[Problem]) -> None:
        """Show these problems, errors first; without any the panel is not there."""
        ordered = sorted(problems, key=lambda one: one.severity != "error")
        if ordered != self._problems:
            self._problems = ordered
            self._draw()

    def _draw(self) -> None:
        self._root.clear()
        self._root.props["data-problems"] = str(len(self._problems))
        if not self._problems:
            return
        with self._root:
            head = kit.el(
                "button", "ph", type="button", data_action="problems", aria_expanded=str(self._open).lower()
            )
            head.on("click", lambda: self.toggle(), [])
            with head:
                kit.icon("chevron-down" if self._open else "chevron-up", "s")
                kit.text(t("Problems"), "", "b")
                kit.count(len(self._problems))
            if self._open:
                with kit.div("plines"):
                    for problem in self._problems[:_MOST]:
                        self._line(problem)
                    if len(self._problems) > _MOST:
                        kit.text(t("and {n} more", n=len(self._problems) - _MOST), "dim sm none", "p")

    def _line(self, problem: Problem) -> None:
        wrong = problem.severity == "error"
        place = ".".join(part for part in (problem.node, problem.port or problem.param) if part)
        line = kit.el(
            "div", "problem", tabindex="0", role="button", data_problem=problem.code, data_place=place
        )
        line.on("click", lambda: self._on_open(problem), [])
        line.on("keydown.enter", lambda: self._on_open(problem), [])
        with line:
            with kit.el("span", "stx", data_state="failed" if wrong else "stale"):
                kit.icon("circle-alert" if wrong else "triangle-alert", "s")
            kit.text(place, "mono sub cut")
            with kit.div("cut", title=t_message(problem.message, problem.hint)):
                kit.text(t_message(problem.message))
                kit.text(f" {t_message(problem.hint)}", "sub")
            if problem.code == "missing-secret" and self._on_secret is not None:
                kit.button(
                    t("Add secret"),
                    lambda: self._on_secret and self._on_secret(problem),
                    size="mini",
                    action="add-secret",
                )


def counts(problems: Sequence[Problem]) -> tuple[int, int]:
    """How many errors and how many warnings."""
    wrong = len(errors_of(list(problems)))
    return wrong, len(problems) - wrong
