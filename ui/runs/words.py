"""What the pages on runs call things."""

from __future__ import annotations

from collections.abc import Mapping

from executor.services.views import RunView
from ui.i18n import t

DAYS = {"7": "7 days", "30": "30 days", "90": "90 days", "all": "All"}
STATES = ("running", "queued", "succeeded", "failed", "cancelled")
TRIGGERS = {
    "manual": "mouse-pointer-2", "schedule": "calendar-clock", "api": "webhook", "cli": "terminal",
    "rerun": "rotate-ccw",
}  # fmt: skip


def nodes_in_words(run: RunView) -> str:
    """How many nodes a run has, and what is worth knowing of them: “4 of 9”, “9 · 2 cached”."""
    counts = run.counts
    total = sum(counts.values())
    if not run.final:
        done = total - counts.get("queued", 0) - counts.get("running", 0)
        return t("{done} of {total}", done=done, total=total)
    parts = [str(total)]
    for state, text in (("cached", "{n} cached"), ("failed", "{n} failed"), ("skipped", "{n} skipped")):
        if counts.get(state):
            parts.append(t(text, n=counts[state]))
    return " · ".join(parts)


def states_in_words(counts: Mapping[str, int]) -> str:
    """4 done (2 cached), 1 running, 1 failed, 3 queued."""
    done = counts.get("succeeded", 0) + counts.get("cached", 0)
    parts = []
    if done:
        cached = counts.get("cached", 0)
        parts.append(
            t("{n} done ({cached} cached)", n=done, cached=cached) if cached else t("{n} done", n=done)
        )
    others = (
        ("running", "{n} running"), ("failed", "{n} failed"), ("queued", "{n} queued"),
        ("skipped", "{n} skipped"), ("cancelled", "{n} cancelled"),
    )  # fmt: skip
    parts += [t(text, n=counts[state]) for state, text in others if counts.get(state)]
    return t(", ").join(parts)
