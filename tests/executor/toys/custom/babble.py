"""Says very much: so many megabytes of lines, or of one line without an end, then `the last word`."""

from __future__ import annotations

import os
import time

from nodegraph import Field, NodeParams, NodeType, Port


class Params(NodeParams):
    megabytes: int = Field(1, title="Megabytes")
    lines: bool = Field(True, title="In lines")
    pause: float = Field(0.0, title="Seconds after each megabyte")
    fails: bool = Field(False, title="Fails at the end")


NODE = NodeType(
    title="Babble", category="custom", params=Params, outputs={"text": Port("text")}, cached=False
)


def run(params, inputs, outputs, ctx):
    ctx.log("the first word")
    piece = (b"0123456789" * 10)[:99] + b"\n" if params.lines else b"x" * 100
    for _ in range(params.megabytes):
        os.write(1, piece * 10_000)
        time.sleep(params.pause)
    time.sleep(0.3)
    ctx.log("the last word")
    if params.fails:
        raise ValueError("and then it failed")
    (outputs["text"] / "text.txt").write_text("said")
