"""The courses of a run's numbers, a chart each: loss before all else."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from nicegui.element import Element

from executor.services.runs import Runs
from executor.services.views import RunView
from ui import kit, plots
from ui.live import Change
from ui.results import metric_charts
from ui.results.metric_charts import Series, collect, families

_MOST_NODES = 12
_MOST_CHARTS = 6
_DRAW_EVERY = 1.0
# What says most about a training comes first.
_TELLING = ("loss", "accuracy", "f1", "perplexity", "learning_rate")

Courses = dict[str, dict[str, Series]]


def read_courses(runs: Runs, run: RunView) -> Courses:
    """The numbers of those nodes that have reported any, by node. For a thread."""
    told = [node for node in run.nodes.values() if node.metrics or node.state == "running"]
    return {node.node: collect(runs.metrics(run.id, node.node)) for node in told[:_MOST_NODES]}


@dataclass
class Curves:
    """Draws into the element one is in; `update` takes in new points and draws at most once a second."""

    titles: dict[str, str]
    courses: Courses
    _drawn: dict[tuple[str, str], tuple[plots.Plot, Element]] = field(default_factory=dict)
    _at: float = 0.0

    def __post_init__(self) -> None:
        self._root = kit.div("three")
        self._build()

    def update(self, change: Change) -> None:
        """Take in what nodes have said since; a course that restarts after a failure replaces the old one."""
        for node, points in change.points.items():
            known = self.courses.setdefault(node, {})
            for name, value, step in points:
                known.setdefault(name, Series()).add(value, step)
        if change.points and time.monotonic() - self._at > _DRAW_EVERY:
            self._at = time.monotonic()
            self._draw()

    def finish(self) -> None:
        """Draw what the last second brought."""
        self._draw()

    def _draw(self) -> None:
        charts = self._charts()
        if set(charts) != set(self._drawn):
            self._build()
            return
        for place, group in charts.items():
            plot, heading = self._drawn[place]
            plot.show(metric_charts.figure(group))
            heading.clear()
            with heading:
                plots.legend(metric_charts.last(group))

    def _build(self) -> None:
        self._root.clear()
        self._drawn.clear()
        with self._root:
            for (node, name), group in self._charts().items():
                title = self.titles.get(node, node)
                label = f"{title} · {name}"
                with kit.div("card", data_chart=f"{node}.{name}"):
                    with kit.el("header"):
                        with kit.el("h3", "of", title=label):
                            kit.text(title, "cut")
                            # What is drawn is told in full, whatever its node is called.
                            kit.text(f"· {name}", "nw")
                        heading = kit.div("end")
                        with heading:
                            plots.legend(metric_charts.last(group))
                    with kit.div("in"):
                        plot = plots.Plot(metric_charts.figure(group), label=label)
                self._drawn[node, name] = (plot, heading)

    def _charts(self) -> dict[tuple[str, str], dict[str, Series]]:
        found = {
            (node, name): group
            for node, series in self.courses.items()
            for name, group in families(series).items()
            if any(len(one.xs) > 1 for one in group.values())
        }
        places = sorted(found, key=lambda place: _rank(place[1]))[:_MOST_CHARTS]
        return {place: found[place] for place in places}


def _rank(name: str) -> int:
    return next((i for i, telling in enumerate(_TELLING) if telling in name), len(_TELLING))
