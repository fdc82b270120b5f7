"""The numbers of a node over time, as small charts that grow while it runs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from nicegui.element import Element

from ui import kit, plots
from ui.i18n import t
from ui.live.feed import Point
from ui.results.units import number

_MOST_CHARTS = 6
_VALIDATION = "eval_"


@dataclass
class Series:
    """One number's course; where it has no steps, its place in the order of telling."""

    xs: list[float] = field(default_factory=list)
    ys: list[float] = field(default_factory=list)
    last: float = math.nan
    stepped: bool = False

    def add(self, value: float, step: int | None) -> None:
        """Add a point; a step that comes again, as after a resume, replaces what was there from it on.

        A number without a step that has had steps sums them up: it is no point of the course.
        """
        self.last = value
        if step is None and self.stepped:
            return
        self.stepped |= step is not None
        x = float(len(self.xs) if step is None else step)
        while self.xs and self.xs[-1] >= x:
            self.xs.pop()
            self.ys.pop()
        self.xs.append(x)
        self.ys.append(value)


def collect(metrics: Iterable[dict[str, Any]]) -> dict[str, Series]:
    """Series by name from what a node has reported."""
    found: dict[str, Series] = {}
    for metric in metrics:
        found.setdefault(metric["name"], Series()).add(metric["value"], metric["step"])
    return found


def families(series: dict[str, Series]) -> dict[str, dict[str, Series]]:
    """What belongs in one chart: a number and the same one on validation data."""
    grouped: dict[str, dict[str, Series]] = {}
    for name, one in series.items():
        grouped.setdefault(name.removeprefix(_VALIDATION), {})[name] = one
    return grouped


class MetricCharts:
    """Draws series into the element one is in: courses as charts, single numbers as a list.

    Once the node has `ended` there come no more.
    """

    def __init__(self, series: dict[str, Series], *, ended: bool = False) -> None:
        self._series = series
        self._ended = ended
        self._root = kit.div("charts")
        self._drawn: dict[str, tuple[plots.Plot, Element]] = {}
        self._shape: set[tuple[str, bool]] = set()
        self.draw()

    def add(self, points: Iterable[Point]) -> None:
        """Take in new numbers; call `draw` when it is time to show them."""
        for name, value, step in points:
            self._series.setdefault(name, Series()).add(value, step)

    def draw(self) -> None:
        """Show what there is now; builds anew only where a course has come up."""
        shape = {(name, len(one.xs) > 1) for name, one in self._series.items()}
        if shape != self._shape or not self._drawn:
            self._shape = shape
            self._build()
            return
        for name, group in families(self._series).items():
            if name in self._drawn:
                plot, heading = self._drawn[name]
                plot.show(figure(group))
                heading.clear()
                with heading:
                    plots.legend(last(group))

    def _build(self) -> None:
        self._root.clear()
        self._drawn.clear()
        grouped = families(self._series)
        courses = {
            name: group for name, group in grouped.items() if any(len(one.xs) > 1 for one in group.values())
        }
        with self._root:
            for name, group in list(courses.items())[:_MOST_CHARTS]:
                with kit.div("chartbox", data_chart=name):
                    with kit.div("row"):
                        kit.text(name, "grow cut", "h3", title=name)
                        heading = kit.div()
                        with heading:
                            plots.legend(last(group))
                    self._drawn[name] = (plots.Plot(figure(group), label=name), heading)
            single = {n: s for n, s in self._series.items() if n.removeprefix(_VALIDATION) not in self._drawn}
            if single:
                with kit.el("dl", "values"):
                    for name, one in single.items():
                        kit.text(name, "dim mono", "dt")
                        kit.text(number(one.last), "", "dd")
            if not self._series:
                kit.text(
                    t("This node reports no numbers.") if self._ended else t("No numbers yet"), "dim sm", "p"
                )


def figure(group: dict[str, Series]) -> plots.Figure:
    """The chart of one family."""
    return plots.lines({_label(name, group): (one.xs, one.ys) for name, one in group.items()})


def last(group: dict[str, Series]) -> dict[str, str]:
    """The last values of a family by their labels, for its legend."""
    return {_label(name, group): number(one.last) for name, one in group.items()}


def _label(name: str, group: dict[str, Series]) -> str:
    if len(group) == 1:
        return ""
    return t("validation") if name.startswith(_VALIDATION) else t("train")
