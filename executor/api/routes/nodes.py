"""The nodes of a run."""

from __future__ import annotations

from typing import Any

from executor.api.models.runs import NodeDetail, NodeList
from executor.api.reading import NodeId, RunId, Space, router_at

router = router_at("/runs/{run}/nodes", "nodes")


@router.get("", response_model=NodeList)
def list_nodes(space: Space, run: RunId) -> dict[str, Any]:
    """The nodes of a run, in the order of the pipeline."""
    return {"nodes": [view.as_dict() for view in space.runs.get(run).nodes.values()]}


@router.get("/{node}", response_model=NodeDetail)
def get_node(space: Space, run: RunId, node: NodeId) -> dict[str, Any]:
    """A node of a run: its attempts, its metrics over time, what it shows, what it made."""
    return {
        **space.runs.node(run, node).as_dict(),
        "history": [vars(attempt) for attempt in space.runs.attempts(run, node)],
        "series": space.runs.metrics(run, node),
        "preview": space.runs.preview(run, node),
    }
