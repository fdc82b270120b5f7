"""Charts with Plotly in the interface's own colours."""

from ui.plots.figures import COLOURS, DASHES, Figure, bars, inert, lines
from ui.plots.plot import Plot, legend

__all__ = ["COLOURS", "DASHES", "Figure", "Plot", "bars", "inert", "legend", "lines"]
