"""What every node has besides its parameters: title, condition, resources, retries, timeout."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from executor.services.hosts import HostView
from nodegraph.contract import Resources
from nodegraph.errors import NodeGraphError
from nodegraph.pipeline import Node, Retry
from ui.editor.session import Session
from ui.i18n import t, t_message
from ui.kit import controls
from ui.kit.controls import Control
from ui.kit.fields import UNSET, Field, FieldProblem
from ui.kit.sections import Section

_RESOURCES = {
    "gpu": "GPUs", "gpu_kind": "Kind of GPU", "cpu": "Cores", "memory_gb": "Memory", "disk_gb": "Disk",
    "host": "Host",
}  # fmt: skip
_HELP = {
    "gpu_kind": "Such as A100; any will do where empty.",
    "disk_gb": "What an attempt may write; 90 % of what is free where empty.",
    "host": "The name of a host, or a label; any host will do where empty.",
}


class RunFields:
    """Draws the fields into the element one is in."""

    def __init__(self, session: Session, name: str) -> None:
        self._session, self._name = session, name
        self._document = session.document
        self._fields: dict[str, Field] = {}
        registered = session.site.workspace.registry.get(self._node.type)
        usual = registered.node.resources if registered else Resources()
        title = t(registered.node.title) if registered else ""
        with Section(t("Node"), name="node.node"):
            self._add("title", "Title", controls.text(), self._set_title, placeholder=title)
            self._add("enabled", "Enabled", controls.toggle(), self._set_enabled, default=True)
            self._add(
                "when", "Condition", controls.text(mono=True), self._set_when,
                placeholder="score.metrics.accuracy_f1.f1 >= 0.75",
                help=t("Runs only where this holds; compares metrics of nodes before it."),
            )  # fmt: skip
        with Section(t("Compute"), name="node.resources"):
            suggestions = _suggestions(session.site.workspace.hosts.list())
            for key, label in _RESOURCES.items():
                if key in suggestions:
                    control = controls.text(suggestions=suggestions[key])
                else:
                    control = controls.number(unit="GB" if key.endswith("_gb") else "")
                self._add(
                    key, label, control, partial(self._set_resource, key), default=getattr(usual, key),
                    help=t(_HELP[key]) if key in _HELP else "",
                )  # fmt: skip
        with Section(t("Retry and timeout"), name="node.retry"):
            self._add("attempts", "Attempts", controls.number(), self._set_attempts, default=1)
            self._add("delay", "Delay", controls.text(), self._set_delay, default="0s",
                      help=t("Between two attempts, such as 30s or 5m."))  # fmt: skip
            self._add("timeout", "Timeout", controls.text(), self._set_timeout,
                      placeholder=t("none"), help=t("Such as 30m or 6h."))  # fmt: skip
        self.refresh()

    @property
    def _node(self) -> Node:
        return self._document.pipeline.nodes[self._name]

    def refresh(self) -> None:
        """Show what the pipeline says, and what is wrong with it."""
        for name, value in _values(self._node).items():
            self._fields[name].set_value(value)
        condition = [
            FieldProblem(t_message(one.message, one.hint), one.severity)
            for one in self._session.opened.problems
            if one.node == self._name and one.code == "bad-condition"
        ]
        self._fields["when"].show_problems(condition)

    def _add(
        self, name: str, label: str, control: Control, command: Callable[[Any], None], **options: Any
    ) -> None:
        def changed(value: Any) -> None:
            field = self._fields[name]
            try:
                command(value)
            except NodeGraphError as error:
                sentence = t_message(error.message, error.hint)
                field.show_problems([FieldProblem(sentence)])
            else:
                field.show_problems([])

        key = "" if name in _RESOURCES else name
        self._fields[name] = Field(t(label), control, name=name, key=key, on_change=changed, **options)

    def _set_title(self, value: Any) -> None:
        self._document.set_title(self._name, "" if value is UNSET else value)

    def _set_enabled(self, value: Any) -> None:
        self._document.set_enabled([self._name], value is UNSET or bool(value))

    def _set_when(self, value: Any) -> None:
        self._document.set_when(self._name, None if value is UNSET else value)

    def _set_resource(self, key: str, value: Any) -> None:
        given = self._node.resources
        values = {name: getattr(given, name) for name in given.model_fields_set} if given else {}
        values[key] = value
        kept = {name: one for name, one in values.items() if one is not UNSET}
        self._document.set_resources(self._name, kept or None)

    def _set_attempts(self, value: Any) -> None:
        retry = self._node.retry or Retry()
        self._document.set_retry(self._name, 1 if value is UNSET else value, retry.delay)

    def _set_delay(self, value: Any) -> None:
        retry = self._node.retry or Retry()
        self._document.set_retry(self._name, retry.attempts, "0s" if value is UNSET else value)

    def _set_timeout(self, value: Any) -> None:
        self._document.set_timeout(self._name, None if value is UNSET else value)


def _suggestions(hosts: Sequence[HostView]) -> dict[str, list[str]]:
    """The kinds of GPU that there are, and the names and labels of hosts."""
    names = {host.name: None for host in hosts} | {label: None for host in hosts for label in host.labels}
    return {"gpu_kind": sorted({gpu.kind for host in hosts for gpu in host.gpus}), "host": list(names)}


def _values(node: Node) -> dict[str, Any]:
    given, retry = node.resources, node.retry
    found: dict[str, Any] = {
        "title": node.title or UNSET,
        "enabled": node.enabled,
        "when": node.when or UNSET,
        "attempts": retry.attempts if retry else UNSET,
        "delay": retry.delay if retry else UNSET,
        "timeout": node.timeout or UNSET,
    }
    for key in _RESOURCES:
        found[key] = getattr(given, key) if given and key in given.model_fields_set else UNSET
    return found
