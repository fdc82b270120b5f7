"""Imports what training imports, and says so: what the second node of an environment waits for."""

from __future__ import annotations

from nodegraph import Field, NodeParams, NodeType, Port, Resources


class Params(NodeParams):
    number: int = Field(0, title="Number")


NODE = NodeType(
    title="Import torch",
    category="custom",
    params=Params,
    environment="train",
    outputs={"text": Port("text")},
    resources=Resources(cpu=1, memory_gb=0.1),
)


def run(params, inputs, outputs, ctx):
    import torch
    import transformers
    import trl

    versions = f"torch {torch.__version__}, transformers {transformers.__version__}, trl {trl.__version__}"
    ctx.log(versions)
    (outputs["text"] / "text.txt").write_text(versions)
