"""Commands that fill in fields: of nodes, and of the pipeline itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from nodegraph.contract import Resources
from nodegraph.format import load
from nodegraph.pipeline import Node, Notify, Parameter, Retry
from ui.editor import naming
from ui.editor.refused import Refused, checked, checked_node
from ui.editor.steps import Steps


class Fields(Steps):
    """What is filled in. A value that no file could hold is Refused; one that is only wrong is a problem."""

    def set_param(self, node: str, name: str, value: Any) -> None:
        """Give a parameter of a node a value."""
        self._update(node, f"{node}.{name}", params={**self._node(node).params, name: value})

    def reset_param(self, node: str, name: str) -> None:
        """Give a parameter its default again."""
        params = {key: value for key, value in self._node(node).params.items() if key != name}
        self._update(node, f"{node}.{name}", params=params)

    def set_title(self, node: str, title: str) -> None:
        """Call a node something; "" takes its type's title."""
        self._update(node, f"{node} title", title=title)

    def set_enabled(self, nodes: Collection[str], enabled: bool) -> None:
        """Let nodes run, or bypass them."""
        made = dict(self.pipeline.nodes)
        for name in nodes:
            if name in made and made[name].enabled != enabled:
                made[name] = made[name].model_copy(update={"enabled": enabled})
        self._set(self.pipeline.model_copy(update={"nodes": made}))

    def set_retry(self, node: str, attempts: int, delay: str) -> None:
        """How often a failed node is tried in all, and how long to wait in between, such as 30s."""
        retry = Retry.model_construct(attempts=attempts, delay=delay)
        self._update(node, f"{node} retry", retry=None if retry == Retry() else retry)

    def set_timeout(self, node: str, timeout: str | None) -> None:
        """How long a node may take, such as 6h; None: as long as it likes."""
        self._update(node, f"{node} timeout", timeout=timeout or None)

    def set_when(self, node: str, when: str | None) -> None:
        """The condition under which a node runs; None: always."""
        self._update(node, f"{node} when", when=when or None)

    def set_resources(self, node: str, values: Mapping[str, Any] | None) -> None:
        """What a node asks of its host, apart from what its type asks for."""
        resources = Resources.model_construct(_fields_set=set(values), **values) if values else None
        self._update(node, f"{node} resources", resources=resources)

    def rename(self, node: str, new: str) -> None:
        """Give a node another id, everywhere that one stands."""
        if node == new:
            return
        made = naming.renamed(self.pipeline, node, new)
        original = self._now.original
        self._set(made, naming.renamed_text(original, node, new, load(original).lines))

    def set_meta(
        self, *, title: str | None = None, description: str | None = None, tags: list[str] | None = None
    ) -> None:
        """What the pipeline is called, and what it is for; None leaves a field as it is."""
        given = {"title": title, "description": description, "tags": tags}
        values = {key: value for key, value in given.items() if value is not None}
        checked(values)
        self._set(self.pipeline.model_copy(update=values), field=" ".join(values))

    def set_parameters(self, parameters: Mapping[str, Parameter]) -> None:
        """What is asked for when the pipeline is run."""
        plain = {name: one.model_dump(exclude_unset=True) for name, one in parameters.items()}
        made = checked({"parameters": plain}).parameters
        self._set(self.pipeline.model_copy(update={"parameters": made}))

    def set_notify(self, entries: Sequence[Notify]) -> None:
        """Who is told of the end of a run."""
        plain = [one.model_dump(exclude_unset=True) for one in entries]
        made = checked({"notify": plain}).notify
        self._set(self.pipeline.model_copy(update={"notify": made}))

    def _node(self, name: str) -> Node:
        if name not in self.pipeline.nodes:
            raise Refused(f"There is no node {name}.")
        return self.pipeline.nodes[name]

    def _update(self, name: str, field: str, **changes: Any) -> None:
        node = checked_node(name, self._node(name).model_copy(update=changes))
        if node != self.pipeline.nodes[name]:
            nodes = {**self.pipeline.nodes, name: node}
            self._set(self.pipeline.model_copy(update={"nodes": nodes}), field=field)
