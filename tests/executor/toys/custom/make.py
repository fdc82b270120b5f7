"""Writes a text, slowly or when it may if asked, and a line in a ledger that says when."""

from __future__ import annotations

import time
from pathlib import Path

from nodegraph import Field, NodeParams, NodeType, Port, Resources


class Params(NodeParams):
    text: str = Field("hello", title="Text")
    seconds: float = Field(0.0, title="Seconds")
    ledger: str = Field("", title="Ledger")
    go: str = Field("", title="Go", help="It goes on once there is this file.")


NODE = NodeType(
    title="Make",
    category="custom",
    params=Params,
    inputs={"after": Port("text", optional=True, many=True)},
    outputs={"text": Port("text")},
    resources=Resources(cpu=1),
)


def run(params, inputs, outputs, ctx):
    if params.ledger:
        with Path(params.ledger).open("a") as ledger:
            ledger.write(f"{params.text}\n")
    began = time.time()
    while time.time() - began < params.seconds:
        ctx.progress(time.time() - began, params.seconds, unit="s")
        time.sleep(0.02)
    while params.go and not Path(params.go).exists():
        time.sleep(0.02)
    ctx.metric("length", len(params.text), step=1)
    ctx.log(f"made {params.text}")
    before = "".join((path / "text.txt").read_text() for path in inputs.many("after"))
    (outputs["text"] / "text.txt").write_text(before + params.text)
    (outputs["text"] / "when.txt").write_text("")


def preview(outputs):
    return [{"type": "text", "title": "Text", "text": (outputs["text"] / "text.txt").read_text()}]
