"""Measures what it is told."""

from __future__ import annotations

import json

from nodegraph import Field, NodeParams, NodeType, Port


class Params(NodeParams):
    f1: float = Field(0.5, title="F1")


NODE = NodeType(title="Gauge", category="custom", params=Params, outputs={"metrics": Port("metrics")})


def run(params, inputs, outputs, ctx):
    ctx.metric("f1", params.f1)
    record = {"indicator": "accuracy_f1", "f1": params.f1}
    (outputs["metrics"] / "accuracy_f1.json").write_text(json.dumps(record))
