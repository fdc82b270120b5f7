"""The two charts above the table: how runs ended, and how long they took."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10
from statistics import median
from typing import Any

from executor.services.usage import currency
from ui import kit, plots
from ui.i18n import t
from ui.runs.buckets import Bucket, outcome

_OUTCOMES = {
    "succeeded": ("succeeded", "var(--st-succeeded)"),
    "cached": ("all cached", "var(--st-cached)"),
    "failed": ("failed", "var(--st-failed)"),
    "cancelled": ("cancelled", "var(--st-cancelled)"),
}
_LITE = 0.45


def ends(found: Sequence[Bucket]) -> plots.Figure:
    """How many runs ended how, and the share that succeeded."""
    labels = [bucket.label for bucket in found]
    counts = {state: [bucket.count(state) for bucket in found] for state in _OUTCOMES}
    shown = [state for state in _OUTCOMES if any(counts[state])]
    figure = plots.bars(
        {t(_OUTCOMES[state][0]): counts[state] for state in shown}, labels,
        colours=[_OUTCOMES[state][1] for state in shown],
    )  # fmt: skip
    for trace, state in zip(figure["data"], shown, strict=True):
        trace["marker"]["opacity"] = _LITE if state == "cached" else 1
    shares = [_share(bucket) for bucket in found]
    tallest = max((len(bucket.runs) for bucket in found), default=0)
    figure["data"].append(
        {
            "type": "scatter", "mode": "lines+markers", "name": plots.inert(t("success rate, %")),
            "x": labels, "y": shares, "yaxis": "y2", "connectgaps": True, "marker": {"size": 4},
            "line": {"color": "var(--text)", "dash": "dash", "width": 1.4},
        }
    )  # fmt: skip
    figure["layout"] |= {
        "xaxis": {"type": "category"},
        # Runs are counted in whole numbers; a few of them would be told as 0, 0, 1, 1.
        "yaxis": {"rangemode": "tozero", "tickformat": ",d"} | ({"dtick": 1} if tallest < 5 else {}),
        "yaxis2": {
            "overlaying": "y", "side": "right", "range": [0, 104], "showgrid": False, "zeroline": False,
            "tickvals": [0, 50, 100], "tickfont": {"size": 10.5, "color": "var(--text-3)"},
        },
        "margin": {"r": 28},
    }  # fmt: skip
    return figure


def durations(found: Sequence[Bucket]) -> plots.Figure:
    """How long each run took, and the median of each span."""
    traces: list[dict[str, Any]] = []
    unit, divisor = _unit(found)
    for state, (name, colour) in _OUTCOMES.items():
        runs = [(bucket.label, run) for bucket in found for run in bucket.runs if outcome(run) == state]
        taken = [(label, run) for label, run in runs if run.seconds is not None]
        if taken:
            traces.append(
                {
                    "type": "scatter", "mode": "markers", "name": plots.inert(t(name)),
                    "x": [label for label, _ in taken],
                    "y": [round((run.seconds or 0) / divisor, 3) for _, run in taken],
                    "marker": {"color": colour, "size": 5, "opacity": _LITE if state == "cached" else 0.8},
                    "text": [plots.inert(t("run {run}", run=run.id)) for _, run in taken],
                }
            )  # fmt: skip
    middles = [_median(bucket) for bucket in found]
    traces.append(
        {
            "type": "scatter", "mode": "lines", "name": plots.inert(t("median")),
            "x": [bucket.label for bucket in found],
            "y": [None if one is None else round(one / divisor, 3) for one in middles], "connectgaps": True,
            "line": {"color": "var(--text)", "dash": "dash", "width": 1.4},
        }
    )  # fmt: skip
    places = [bucket.label for bucket in found]
    layout = {
        "xaxis": {"type": "category", "categoryorder": "array", "categoryarray": places},
        "yaxis": {"rangemode": "tozero", "ticksuffix": f" {unit}"},
        "hovermode": "closest",
    }
    return {"data": traces, "layout": layout}


def spent(found: Sequence[Bucket]) -> tuple[str, plots.Figure] | None:
    """What runs have cost, or without prices the GPU hours they took; None where there is neither."""
    costs = [sum(run.cost for run in bucket.runs) for bucket in found]
    gpus = [sum(run.gpu_hours for run in bucket.runs) for bucket in found]
    if not any(costs) and not any(gpus):
        return None
    title = t("Cost of runs, {currency}", currency=currency()) if any(costs) else t("GPU hours of runs")
    amounts = costs if any(costs) else gpus
    form = _decimals(max(amounts))
    labels = [bucket.label for bucket in found]
    figure = plots.bars({title: amounts}, labels, colours=["var(--accent)"])
    figure["layout"] |= {
        "xaxis": {"type": "category"},
        "yaxis": {"rangemode": "tozero", "tickformat": form, "hoverformat": form},
    }
    return title, figure


def legend(found: Sequence[Bucket], line: str) -> None:
    """What the colours mean; `line` is what the dashed line says."""
    with kit.div("row lgds end"):
        for state, (name, colour) in _OUTCOMES.items():
            if any(bucket.count(state) for bucket in found):
                faded = f"color-mix(in srgb, {colour} 45%, transparent)" if state == "cached" else colour
                kit.text(t(name), "lgd sq").style(f"--c: {faded}")
        kit.text(line, "lgd").style("--c: var(--text); --d: dashed")


def _share(bucket: Bucket) -> float | None:
    good = bucket.count("succeeded") + bucket.count("cached")
    ended = good + bucket.count("failed")
    return round(100 * good / ended, 1) if ended else None


def _decimals(largest: float) -> str:
    """A format in plain digits, with enough of them to tell the marks of an axis from one another."""
    return f",.{max(2, 1 - floor(log10(largest)))}f"


def _median(bucket: Bucket) -> float | None:
    took = [run.seconds for run in bucket.runs if outcome(run) == "succeeded" and run.seconds is not None]
    return median(took) if took else None


def _unit(found: Sequence[Bucket]) -> tuple[str, float]:
    longest = max((run.seconds or 0 for bucket in found for run in bucket.runs), default=0)
    if longest < 120:
        return t("s"), 1
    return (t("min"), 60) if longest < 7200 else (t("h"), 3600)
