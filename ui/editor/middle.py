"""Where the middle of what one sees of the canvas is."""

from __future__ import annotations

from nicegui import ui

from ui.editor.placing import CARD_WIDTH

_GRID = 16
_HEIGHT = 120
_LOOK = """
const canvas = document.querySelector("[data-canvas]");
const pane = canvas?.querySelector(".vue-flow__transformationpane");
if (!pane) return [0, 0];
const { width, height } = canvas.getBoundingClientRect();
const seen = new DOMMatrix(getComputedStyle(pane).transform);
return [(width / 2 - seen.e) / seen.a, (height / 2 - seen.f) / seen.d];
"""


async def middle() -> tuple[float, float]:
    """The top left corner of a card in the middle, on the grid."""
    x, y = await ui.run_javascript(_LOOK)
    return _GRID * round((x - CARD_WIDTH / 2) / _GRID), _GRID * round((y - _HEIGHT / 2) / _GRID)
