"""Holds what it was given for a while, and writes in a ledger what that was, from when to when."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from nodegraph import Field, NodeParams, NodeType, Port, Resources


class Params(NodeParams):
    ledger: str = Field(title="Ledger")
    name: str = Field("", title="Name")
    seconds: float = Field(0.2, title="Seconds")
    go: str = Field("", title="Go", help="It goes on once there is this file.")


NODE = NodeType(
    title="Hold",
    category="custom",
    params=Params,
    inputs={"after": Port("text", optional=True)},
    outputs={"text": Port("text")},
    resources=Resources(cpu=1, memory_gb=0.1),
)


def run(params, inputs, outputs, ctx):
    began = time.time()
    time.sleep(params.seconds)
    while params.go and not Path(params.go).exists():
        time.sleep(0.02)
    held = {"name": params.name, "gpus": os.environ.get("CUDA_VISIBLE_DEVICES"), "from": began}
    with Path(params.ledger).open("a") as ledger:
        ledger.write(json.dumps({**held, "to": time.time()}) + "\n")
    (outputs["text"] / "text.txt").write_text(params.name)
