"""Writes so many megabytes, with a pause after each."""

from __future__ import annotations

import time

from nodegraph import Field, NodeParams, NodeType, Port


class Params(NodeParams):
    megabytes: int = Field(1, title="Megabytes")
    pause: float = Field(0.0, title="Seconds after each")


NODE = NodeType(title="Fill", category="custom", params=Params, outputs={"text": Port("text")})


def run(params, inputs, outputs, ctx):
    with (outputs["text"] / "text.txt").open("wb", buffering=0) as file:
        for _ in range(params.megabytes):
            file.write(b"x" * 1_000_000)
            time.sleep(params.pause)
