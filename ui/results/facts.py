"""How a node of a run stands, in a few named facts."""

from __future__ import annotations

import time
from typing import Any

from executor.services.amounts import hours, money
from executor.services.views import NodeView
from ui.i18n import t
from ui.results.units import duration, number
from ui.results.usage import host_name


def facts_of(node: NodeView, progress: dict[str, Any] | None) -> dict[str, str]:
    """Facts by their labels: how far, how long, how long still, which attempt, which run it came from."""
    facts: dict[str, str] = {}
    if progress and node.state == "running":
        facts[t(_unit(progress))] = how_far(progress)
        if progress.get("seconds_left") is not None:
            facts[t("Left")] = duration(progress["seconds_left"])
    if node.cached:
        facts[t("From run")] = str(node.source_run or "")
    elif (seconds := seconds_of(node)) is not None:
        facts[t("Duration")] = duration(seconds)
    if node.usage.gpu_hours:
        facts[t("GPU hours")] = hours(node.usage.gpu_hours)
    if node.usage.cost:
        facts[t("Cost")] = money(node.usage.cost)
    if node.host and not node.cached:
        facts[t("Host")] = host_name(node.host)
    if node.attempts > 1:
        facts[t("Attempt")] = str(node.attempts)
    return facts


def seconds_of(node: NodeView) -> float | None:
    """How long a node took, or has taken until now."""
    if node.state == "running" and node.started is not None:
        return max(0.0, time.time() - node.started)
    return node.seconds


def how_far(progress: dict[str, Any]) -> str:
    """612 / 1,001, or 612 where the whole is not known."""
    done, total = progress.get("done"), progress.get("total")
    if done is None:
        return ""
    shown = number(round(done, 1))
    return f"{shown} / {number(round(total, 1))}" if total else shown


def fraction(progress: dict[str, Any] | None) -> float | None:
    """How far, from 0 to 1; None where that is not known."""
    if not progress or not progress.get("total"):
        return None
    return min(1.0, max(0.0, float(progress["done"]) / float(progress["total"])))


def _unit(progress: dict[str, Any]) -> str:
    unit = str(progress.get("unit") or "")
    return unit[:1].upper() + unit[1:] if unit else "Done"
