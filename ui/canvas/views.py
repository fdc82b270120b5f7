"""What the canvas shows, and what it says back: plain data that travels as JSON.

All texts in it are in the reader's language already; the page shows them as text, never as markup.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

State = Literal[
    "draft", "queued", "running", "succeeded", "cached", "failed", "cancelled", "skipped", "stale"
]
EdgeStyle = Literal["rest", "flow", "wait"]


class PortView(TypedDict):
    """A port of a node: an input says which kinds it accepts, an output which kind it gives."""

    name: str
    kind: str
    accepts: list[str]
    optional: bool
    many: bool
    help: str


class Activity(TypedDict):
    """What a running node shows: its metric with the course so far, and how far it is (0 to 1)."""

    spark: list[float]
    metric: str
    value: str
    count: str
    fraction: float | None


class Action(TypedDict):
    """A button on a card; pressing it emits `action` with the node and this name; `icon` stands before."""

    name: str
    title: str
    icon: NotRequired[str]
    primary: NotRequired[bool]


class NodeCard(TypedDict):
    """A node as it is drawn. `foot` is the state in words, `time` stands at its end.

    `problem` is the worst severity of the node's problems, `problem_text` its tip; `cause` says in one or
    two lines why it failed.
    """

    id: str
    type: str
    title: str
    icon: str
    x: float
    y: float
    inputs: list[PortView]
    outputs: list[PortView]
    summary: list[str]
    state: State
    state_word: str
    foot: str
    foot_strong: str
    time: str
    enabled: bool
    problem: Literal["", "error", "warning"]
    problem_text: str
    activity: Activity | None
    cause: str
    actions: list[Action]


class EdgeView(TypedDict):
    """An edge; `id` is `source.port>target.port`. `label` says what flowed, "" for nothing."""

    id: str
    source: str
    source_port: str
    target: str
    target_port: str
    kind: str
    style: EdgeStyle
    label: str


class NoteView(TypedDict):
    """A note that a person left on the canvas, or a frame round a group of nodes."""

    id: str
    kind: Literal["note", "group"]
    x: float
    y: float
    width: float
    height: float
    text: str


class Viewport(TypedDict):
    """Where one looks: the canvas's origin on the screen, and the zoom."""

    x: float
    y: float
    zoom: float


class GraphView(TypedDict):
    """All that the canvas shows. A viewport of None asks to fit the graph into the window."""

    nodes: list[NodeCard]
    edges: list[EdgeView]
    notes: list[NoteView]
    selected: list[str]
    viewport: Viewport | None


class Op(TypedDict):
    """One change of what is shown. Which other keys there are depends on `op`:

    node     id, patch: the keys of a NodeCard that changed; a node that is not there yet comes whole
    edge     id, patch: likewise
    note     id, patch: likewise
    remove   ids: nodes, edges, notes
    select   ids: what is selected now
    """  # noqa: D400

    op: Literal["node", "edge", "note", "remove", "select"]
    id: NotRequired[str]
    ids: NotRequired[list[str]]
    patch: NotRequired[dict[str, object]]
