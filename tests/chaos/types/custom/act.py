"""Writes in a ledger that it was executed, and ends as it is told to."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Literal

from nodegraph import Field, NodeFailure, NodeParams, NodeType, Port, Resources


class Params(NodeParams):
    ledger: str = Field("", title="Ledger")
    how: Literal["succeed", "fail", "retry", "hang"] = Field("succeed", title="How it ends")
    seconds: float = Field(0.0, title="Seconds")


NODE = NodeType(
    title="Act",
    category="custom",
    params=Params,
    inputs={"after": Port("text", optional=True, many=True)},
    outputs={"text": Port("text")},
    resources=Resources(cpu=1, memory_gb=0.25),
    cached=False,
)


def run(params, inputs, outputs, ctx):
    # A node does not know which attempt it is; its job does.
    job = json.loads(Path(sys.argv[1]).read_bytes())
    place = f"{job['run']}/{job['node']}/{job['attempt']}"
    # One write, appended as a whole, whoever else writes.
    ledger = os.open(params.ledger, os.O_WRONLY | os.O_APPEND)
    os.write(ledger, f"{place}\n".encode())
    os.close(ledger)
    time.sleep(600 if params.how == "hang" else params.seconds)
    if params.how == "fail" or (params.how == "retry" and job["attempt"] == 1):
        raise NodeFailure("node", "It was told to fail.", "Nothing is to be done.")
    (outputs["text"] / "text.txt").write_text(place)
