"""The states of runs, node runs and attempts, and which of them are final: a final state never changes.

run       queued → running → succeeded | failed | cancelled
node run  queued → running → succeeded | failed | cancelled, with queued again between two attempts;
          queued → cached | skipped | failed | cancelled
attempt   intent → running → succeeded | failed | cancelled | lost
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

RunState = Literal["queued", "running", "succeeded", "failed", "cancelled"]
NodeState = Literal["queued", "running", "succeeded", "cached", "failed", "cancelled", "skipped"]

RUN_FINAL = frozenset({"succeeded", "failed", "cancelled"})
NODE_FINAL = frozenset({"succeeded", "cached", "failed", "cancelled", "skipped"})
NODE_GOOD = frozenset({"succeeded", "cached"})
ATTEMPT_OPEN = frozenset({"intent", "running"})


def run_state(nodes: Iterable[str], cancel_requested: bool) -> RunState:
    """The final state of a run whose nodes are all in these final states."""
    found = set(nodes)
    if "cancelled" in found or (cancel_requested and "failed" in found):
        return "cancelled"
    return "failed" if "failed" in found else "succeeded"
