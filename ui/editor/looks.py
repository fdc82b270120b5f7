"""How a node stands, as its card shows it: from a run, or from what is known without one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from ui.canvas.views import Action, Activity, State


@dataclass(frozen=True)
class NodeLook:
    """A node's state and what goes with it; texts are in the reader's language.

    `foot` is the state in words, `strong` stands in bold before it, `time` at its end; `cause` is why
    it failed or waits, and `told` that with what to do about it.
    """

    state: State = "draft"
    foot: str = ""
    strong: str = ""
    time: str = ""
    cause: str = ""
    told: str = ""
    activity: Activity | None = None
    actions: tuple[Action, ...] = ()
    labels: tuple[tuple[str, str], ...] = field(default=())


class NodeStates(Protocol):
    """Where looks come from: an outlook, or a run. The same look is the same object for as long as it stands.

    `labels` of a look say what its outputs carried, by port.
    """

    def look(self, node: str) -> NodeLook:
        """How a node stands."""


class NoStates:
    """Nothing is known yet: every node is a draft."""

    _DRAFT = NodeLook()

    def look(self, node: str) -> NodeLook:
        """A draft."""
        return self._DRAFT
