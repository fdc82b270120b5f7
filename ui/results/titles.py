"""What a node of a run is called: its title, else its type's, as on the canvas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from executor.services.views import NodeView
from nodegraph.registry import Registry
from ui.i18n import t


def title_of(registry: Registry, node: str, type_id: str, title: str) -> str:
    """What a node's card is called."""
    registered = registry.get(type_id)
    return title or (t(registered.node.title) if registered else type_id or node)


def titles_of(registry: Registry, nodes: Iterable[NodeView]) -> dict[str, str]:
    """What each of these nodes is called."""
    return {node.node: title_of(registry, node.node, node.type, node.title) for node in nodes}


def told_apart(titles: Mapping[str, str]) -> dict[str, str]:
    """The same with the ids of those that are called alike, for where no id stands beside them."""
    alike = Counter(titles.values())
    return {node: title if alike[title] == 1 else f"{title} ({node})" for node, title in titles.items()}
