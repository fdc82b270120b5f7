"""Writes raw bytes to its standard output."""

from __future__ import annotations

import os

from nodegraph import Field, NodeParams, NodeType, Port


class Params(NodeParams):
    hexadecimal: str = Field("", title="Bytes")


NODE = NodeType(title="Speak", category="custom", params=Params, outputs={"text": Port("text")}, cached=False)


def run(params, inputs, outputs, ctx):
    os.write(1, bytes.fromhex(params.hexadecimal))
    (outputs["text"] / "text.txt").write_text("said")
