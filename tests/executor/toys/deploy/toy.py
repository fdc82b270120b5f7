"""Describes a service."""

from __future__ import annotations

from nodegraph import NodeParams, NodeType, Port


class Params(NodeParams):
    pass


NODE = NodeType(title="Toy", category="deploy", params=Params, outputs={"service": Port("service")})


def run(params, inputs, outputs, ctx):
    (outputs["service"] / "service.json").write_text("{}")
