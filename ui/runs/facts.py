"""What a run is, in a line of facts; what went wrong in it, with what to do next."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from executor.services.views import NodeView, RunView
from ui import kit
from ui.i18n import t, t_message
from ui.results.units import duration, moment
from ui.results.usage import usage_facts

_MOST_FAILURES = 3


def run_facts(run: RunView, progress: Mapping[str, dict[str, Any]]) -> dict[str, str]:
    """Facts by their labels."""
    begun = t("Submitted") if _waits(run) else t("Started")
    facts = {begun: f"{moment(run.started or run.created)}{t(', ')}{t(run.trigger)}"}
    if run.user:
        facts[t("User")] = run.user
    if run.rerun_of is not None:
        facts[t("Again after")] = t("run {run}", run=run.rerun_of)
    if run.final:
        facts[t("Duration")] = duration(run.seconds) or "—"
    else:
        taken = max(0.0, time.time() - (run.started or run.created))
        facts[t("Waiting") if _waits(run) else t("Elapsed")] = duration(taken)
        left = [one["seconds_left"] for one in progress.values() if one.get("seconds_left") is not None]
        if left:
            facts[t("Left")] = t("about {time} for this node", time=duration(max(left)))
    facts |= usage_facts(run.usage)
    facts[t("Launcher")] = t(run.launcher)
    if run.priority:
        facts[t("Priority")] = str(run.priority)
    if run.time_limit:
        facts[t("Time limit")] = duration(run.time_limit)
    if run.until or run.from_node:
        facts[t("Only")] = _part(run)
    facts[t("Version")] = f"v{run.version}" if run.version is not None else t("not a saved version")
    for name, value in run.params.items():
        facts[name] = str(value)
    return facts


def _waits(run: RunView) -> bool:
    return run.started is None and not run.final


def draw_facts(facts: Mapping[str, str]) -> dict[str, Any]:
    """Draw facts; answers the elements that hold the values."""
    made = {}
    for label, value in facts.items():
        with kit.div():
            kit.text(label, "over", "div")
            made[label] = kit.text(value, "long", "b", title=value if len(value) > 40 else None)
    return made


def draw_waiting(run: RunView) -> None:
    """Why a run that is queued does not go on."""
    if run.state == "queued" and run.reason:
        with kit.message(t("It waits: {reason}.", reason=t_message(run.reason))) as made:
            made.props["data-waits"] = ""


def draw_failures(
    run: RunView,
    titles: Mapping[str, str],
    *,
    on_retry: Callable[[str], Any],
    on_log: Callable[[str], Any],
) -> None:
    """A line for each node that failed: what happened, what to change, and two things to do."""
    failed = [node for node in run.nodes.values() if node.state == "failed"]
    for node in failed[:_MOST_FAILURES]:
        _failure(node, titles[node.node], run.final, on_retry, on_log)
    if len(failed) > _MOST_FAILURES:
        kit.text(t("and {n} more", n=len(failed) - _MOST_FAILURES), "dim sm", "p")


def _failure(
    node: NodeView,
    title: str,
    final: bool,
    on_retry: Callable[[str], Any],
    on_log: Callable[[str], Any],
) -> None:
    error = node.error or {}
    category = str(error.get("category", "node"))
    with kit.div("msg big", data_state="failed", data_error=category, data_failed=node.node, role="alert"):
        kit.icon("octagon-x")
        with kit.div("grow"):
            head = t("{node} failed: {category}.", node=title, category=t(category))
            kit.text(head, "", "b")
            kit.text(f" {t_message(str(error.get('message', '')), str(error.get('hint', '')))}")
        if final:
            kit.button(
                t("Retry"), lambda: on_retry(node.node), glyph="rotate-ccw", action="retry",
                tip=t("Runs this node and what follows it again; the others come from the cache"),
            )  # fmt: skip
        kit.button(t("Log"), lambda: on_log(node.node), kind="ghost", action="show-log")


def _part(run: RunView) -> str:
    if run.from_node:
        return t("from {node} on", node=run.from_node)
    return t("up to {node}", node=run.until)
