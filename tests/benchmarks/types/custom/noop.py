"""Does nothing, and says so in a file, always the same unless it is told to make something new."""

from __future__ import annotations

from nodegraph import Field, NodeParams, NodeType, Port, Resources


class Params(NodeParams):
    number: int = Field(0, title="Number")
    new: bool = Field(False, title="Make something new")


NODE = NodeType(
    title="No-op",
    category="custom",
    params=Params,
    inputs={"after": Port("text", optional=True, many=True)},
    outputs={"text": Port("text")},
    resources=Resources(cpu=0.1, memory_gb=0.1),
)


def run(params, inputs, outputs, ctx):
    (outputs["text"] / "text.txt").write_text(str(params.number) if params.new else "nothing")
