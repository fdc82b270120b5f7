"""A node to fill in: its parameters, and what every node has: title, condition, resources, retries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nodegraph.pipeline import Node
from nodegraph.problems import Problem
from ui import kit
from ui.editor.categories import icon_of
from ui.editor.looks import NodeStates
from ui.editor.renaming import rename_dialog
from ui.editor.run_fields import RunFields
from ui.editor.session import Session
from ui.forms import ParamsForm
from ui.i18n import t, t_message


class NodeForm:
    """Draws one node into the element one is in."""

    def __init__(self, session: Session, states: NodeStates, name: str, on_run: Callable[..., Any]) -> None:
        self._session, self._states, self._name = session, states, name
        self._registered = session.site.workspace.registry.get(self._node.type)
        self._told: tuple[Any, ...] = ()
        with kit.div("ihead"):
            with kit.div("row"):
                kit.icon(icon_of(self._node.type), "s")
                self._title = kit.text("", "cut grow", "b")
                self._chip = kit.el("span")
                kit.button(
                    "", lambda: on_run(until=name), kind="ghost", size="mini", glyph="play",
                    tip=t("Run to here"), action="run-to-here",
                )  # fmt: skip
            with kit.div("row xs dim"):
                kit.text(self._node.type, "mono cut")
                kit.text("·")
                kit.text(name, "mono cut", data_node_id="")
                kit.button(
                    "", lambda: rename_dialog(session, name), kind="ghost", size="mini", glyph="pencil",
                    tip=t("Rename"), action="rename",
                )  # fmt: skip
            if self._registered:
                kit.text(t(self._registered.summary), "sub xs", "p")
            self._notes = kit.div("col inotes")
        with kit.div("scroll grow"):
            self._form = self._params()
            self._run_fields = RunFields(session, name)
        self.refresh()

    @property
    def _node(self) -> Node:
        return self._session.document.pipeline.nodes[self._name]

    def refresh(self) -> None:
        """Follow the pipeline, its problems, and how the node stands."""
        node = self._node
        kit.set_text(self._title, node.title or self._type_title())
        if self._form is not None:
            self._form.set_values(node.params)
            self._form.set_references(self._references())
            self._form.show_problems(self._by_param())
        self._run_fields.refresh()
        self._tell()

    def focus(self, field: str) -> None:
        """Put the cursor into a parameter."""
        if self._form is not None:
            self._form.focus(field)

    def _params(self) -> ParamsForm | None:
        if self._registered is None:
            return None
        document, name = self._session.document, self._name
        return ParamsForm(
            self._registered.node.params.model_json_schema(),
            self._node.params,
            on_change=lambda param, value: self._session.do(lambda: document.set_param(name, param, value)),
            on_reset=lambda param: self._session.do(lambda: document.reset_param(name, param)),
            problems=self._by_param(), references=self._references(), site=self._session.site,
            key=f"{document.pipeline.name}/{name}",
        )  # fmt: skip

    def _type_title(self) -> str:
        return t(self._registered.node.title) if self._registered else self._node.type

    def _references(self) -> list[str]:
        workspace = self._session.site.workspace
        parameters = [f"${{parameters.{name}}}" for name in self._session.document.pipeline.parameters]
        return parameters + [f"${{secrets.{name}}}" for name in workspace.secrets.names()]

    def _problems(self) -> list[Problem]:
        return [one for one in self._session.opened.problems if one.node == self._name]

    def _by_param(self) -> dict[str, list[Problem]]:
        found: dict[str, list[Problem]] = {}
        for problem in self._problems():
            if problem.param:
                found.setdefault(problem.param.partition(".")[0], []).append(problem)
        return found

    def _tell(self) -> None:
        """The node's state, and the problems that no field shows."""
        look = self._states.look(self._name)
        others = [one for one in self._problems() if not one.param]
        told = (look, others)
        if told == self._told:
            return
        self._told = told
        self._chip.clear()
        self._notes.clear()
        with self._chip:
            kit.chip(look.state)
        with self._notes:
            if look.cause:
                kit.message(look.told or look.cause, "error")
            elif look.state == "stale" and look.foot:
                kit.message(look.foot, "warning")
            for one in others:
                sentence = t_message(one.message, one.hint)
                kit.message(sentence, "error" if one.severity == "error" else "warning")
