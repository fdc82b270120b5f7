"""The pipeline itself, to fill in: what it is called, what it asks for, who is told of its runs."""

from __future__ import annotations

from typing import Any

from nodegraph.pipeline import Notify, Parameter
from nodegraph.validation.notify import faults
from ui import kit
from ui.editor.notify_dialog import notify_dialog
from ui.editor.parameter_dialog import parameter_dialog
from ui.editor.session import Session
from ui.i18n import t, t_message
from ui.kit import controls
from ui.kit.fields import UNSET, Field
from ui.kit.sections import Section


class PipelineForm:
    """Draws the pipeline's facts into the element one is in."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._shown: Any = None
        with kit.div("ihead"), kit.div("row"):
            kit.icon("workflow", "s")
            kit.text(t("Pipeline"), "grow", "b")
            self._size = kit.text("", "dim xs")
        with kit.div("scroll grow"):
            with Section(t("Facts"), name="pipeline.facts", starts_open=True):
                self._fields = {
                    "title": self._field("title", "Title", controls.text()),
                    "description": self._field("description", "Description", controls.area(rows=4)),
                    "tags": self._field("tags", "Tags", controls.chips()),
                }
            with Section(t("Parameters"), name="pipeline.parameters", starts_open=True):
                kit.text(
                    t("What is asked for when the pipeline is run; nodes take it as ${parameters.NAME}."),
                    "help", "p",
                )  # fmt: skip
                self._list = kit.div("col plist2")
                kit.button(
                    t("Add a parameter"), lambda: parameter_dialog(session, None), glyph="plus",
                    size="mini", action="add-parameter",
                )  # fmt: skip
            with Section(t("Notifications"), name="pipeline.notify", starts_open=True):
                kit.text(t("Who is told when a run has ended."), "help", "p")
                self._told = kit.div("col plist2")
                kit.button(
                    t("Add somebody to tell"), lambda: notify_dialog(session, None), glyph="plus",
                    size="mini", action="add-notify",
                )  # fmt: skip
        self.refresh()

    def refresh(self) -> None:
        """Follow the pipeline."""
        pipeline = self._session.document.pipeline
        for name, field in self._fields.items():
            field.set_value(getattr(pipeline, name))
        problems = [one for one in self._session.opened.problems if one.node is None]
        edges = sum(len(node.edges()) for node in pipeline.nodes.values())
        kit.set_text(self._size, _size_of(len(pipeline.nodes), edges))
        shown = (pipeline.parameters, pipeline.notify, problems)
        if shown == self._shown:
            return
        self._shown = shown
        self._told.clear()
        with self._told:
            for place, entry in enumerate(pipeline.notify):
                self._entry(place, entry)
        self._list.clear()
        with self._list:
            for name, parameter in pipeline.parameters.items():
                self._parameter(name, parameter, [one.message for one in problems if one.param == name])

    def focus(self, field: str) -> None:
        """Open a parameter, or put the cursor into a field."""
        if field in self._session.document.pipeline.parameters:
            parameter_dialog(self._session, field)
        elif field in self._fields:
            self._fields[field].focus()

    def _field(self, name: str, label: str, control: controls.Control) -> Field:
        def changed(value: Any) -> None:
            given: Any = ([] if name == "tags" else "") if value is UNSET else value
            self._session.do(lambda: self._session.document.set_meta(**dict[str, Any]({name: given})))

        return Field(t(label), control, name=name, key=name, on_change=changed)

    def _entry(self, place: int, entry: Notify) -> None:
        line = kit.el("button", "pline", type="button", data_notify=place)
        line.on("click", lambda: notify_dialog(self._session, place), [])
        with line:
            whom = ", ".join(filter(None, (entry.email, entry.webhook)))
            kit.text(whom, "cut", "b", title=whom)
            kit.text(t(", ").join(t(end) for end in entry.on), "dim xs cut", "p")
            for fault in faults(entry).values():
                kit.message(t_message(fault[0]), "warning")

    def _parameter(self, name: str, parameter: Parameter, problems: list[str]) -> None:
        line = kit.el("button", "pline", type="button", data_parameter=name)
        line.on("click", lambda: parameter_dialog(self._session, name), [])
        with line:
            with kit.div("row"):
                kit.text(parameter.title or name, "cut grow", "b")
                kit.text(name, "mono dim cut")
            default = t("no value") if parameter.default is None else str(parameter.default)
            kit.text(f"{parameter.kind} · {default}", "dim xs cut", "p")
            for problem in problems:
                kit.message(t_message(problem), "warning")


def _size_of(nodes: int, edges: int) -> str:
    """How large a graph is: 9 nodes, 14 edges."""
    first = t("1 node") if nodes == 1 else t("{n} nodes", n=nodes)
    second = t("1 edge") if edges == 1 else t("{n} edges", n=edges)
    return t("{first}, {second}", first=first, second=second)
