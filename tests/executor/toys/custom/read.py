"""Copies a file that a parameter names."""

from __future__ import annotations

from pathlib import Path

from nodegraph import Field, NodeFailure, NodeParams, NodeType, Port


class Params(NodeParams):
    source: str = Field(..., title="Source", widget="path")


NODE = NodeType(title="Read", category="custom", params=Params, outputs={"text": Port("text")})


def run(params, inputs, outputs, ctx):
    path = Path(params.source)
    if not path.is_file():
        raise NodeFailure("input", f"There is no file {path}.", "Check the path.")
    (outputs["text"] / "text.txt").write_bytes(path.read_bytes())
