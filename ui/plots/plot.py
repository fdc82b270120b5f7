"""The element that draws a figure."""

from __future__ import annotations

from collections.abc import Mapping

from nicegui.element import Element

from ui import kit
from ui.plots.figures import COLOURS, DASHES, Figure

_STYLES = {"solid": "solid", "dash": "dashed", "dot": "dotted", "dashdot": "dashed", "longdash": "dashed"}


class Plot(Element, component="plot.js"):
    """A chart; Plotly's code is fetched from this server when the first one is shown."""

    def __init__(self, figure: Figure, *, height: int = 150, label: str = "") -> None:
        super().__init__()
        self.classes("plotly-chart").style(f"height: {height}px")
        self.props["figure"] = figure
        self.props["role"] = "img"
        self.props["aria-label"] = label

    def show(self, figure: Figure) -> None:
        """Draw another figure in place of the present one."""
        dict.__setitem__(self._props, "figure", figure)  # for whoever loads the page again; not sent now
        self.run_method("show", figure)


def legend(last: Mapping[str, str]) -> Element:
    """The names of a chart's lines with their last values, in the lines' colours and dashes."""
    made = kit.div("row lgds")
    with made:
        for i, (name, value) in enumerate(last.items()):
            line = kit.text(f"{name} {value}".strip(), "lgd")
            line.style(f"--c: {COLOURS[i % 5]}; --d: {_STYLES[DASHES[i % 5]]}")
    return made
