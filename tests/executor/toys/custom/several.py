"""Runs in a process for each of its GPUs; the second does as it is told."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Literal

from nodegraph import Field, NodeFailure, NodeParams, NodeType, Port, Resources


class Params(NodeParams):
    second: Literal["works", "refuses", "overflows", "is killed once"] = Field("works", title="Second")
    first_waits: bool = Field(False, title="The first waits for ever")
    ledger: str = Field("", title="Ledger")
    key: str | None = Field(None, title="Key", widget="secret")


NODE = NodeType(
    title="Several", category="custom", params=Params, outputs={"text": Port("text")}, cached=False,
    resources=Resources(cpu=0.5, memory_gb=0.1), processes="per_gpu",
)  # fmt: skip


def run(params, inputs, outputs, ctx):
    rank = int(os.environ["RANK"])
    with Path(params.ledger).open("a") as ledger:
        ledger.write(f"{rank} {os.getpid()}\n")
    ctx.log(f"process {rank} has {ctx.secret(params.key) if params.key else 'no key'}")
    ctx.metric("rank", rank, step=1)
    first_attempt = outputs["text"].parent.parent.name == "1"
    if rank == 1:
        _second(params, first_attempt)
    elif params.first_waits:
        time.sleep(600)
    elif params.second == "is killed once" and first_attempt:
        # As a library does whose other end has gone.
        time.sleep(0.5)
        raise RuntimeError("Connection closed by peer [127.0.0.1]:4711")
    if rank == 0:
        (outputs["text"] / "text.txt").write_text("all worked")


def _second(params, first_attempt):
    if params.second == "refuses":
        raise NodeFailure("input", "Line 3 is empty.", "Fill it.")
    if params.second == "overflows":
        raise MemoryError("CUDA out of memory")
    if params.second == "is killed once" and first_attempt:
        os.kill(os.getpid(), signal.SIGKILL)
