"""Copies the files that parameters name, one after another."""

from __future__ import annotations

from pathlib import Path

from nodegraph import Field, NodeFailure, NodeParams, NodeType, Port


class Params(NodeParams):
    source: str = Field(..., title="Source", widget="path")
    further: list[str] = Field([], title="Further", widget="path")


NODE = NodeType(title="Read", category="custom", params=Params, outputs={"text": Port("text")})


def run(params, inputs, outputs, ctx):
    with (outputs["text"] / "text.txt").open("wb") as copy:
        for path in map(Path, [params.source, *params.further]):
            if not path.is_file():
                raise NodeFailure("input", f"There is no file {path}.", "Check the path.")
            copy.write(path.read_bytes())
