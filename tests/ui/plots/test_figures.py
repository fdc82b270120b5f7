"""Figures are plain data whose texts are inert."""

from __future__ import annotations

import json

from ui.plots import COLOURS, bars, inert, lines


def test_A28_labels_are_no_markup():
    figure = lines({"<b>loss</b> & <a href='javascript:x'>y</a>": ([1, 2], [0.5, 0.4])}, x="<i>step</i>")
    assert "<" not in json.dumps(figure)
    assert inert("a < b") == "a &lt; b"
    assert "<" not in json.dumps(bars({"<u>": [1]}, ["<s>"]))


def test_lines_differ_in_colour_and_dash_and_gaps_stay_gaps():
    figure = lines({"train": ([1, 2], [1.0, float("nan")]), "validation": ([1, 2], [1.1, float("inf")])})
    first, second = figure["data"]
    assert first["line"]["color"] == COLOURS[0] != second["line"]["color"]
    assert first["line"]["dash"] != second["line"]["dash"]
    assert first["y"] == [1.0, None]
    json.dumps(figure, allow_nan=False)
