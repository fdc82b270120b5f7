"""Ends in the way it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Literal

from nodegraph import Field, NodeFailure, NodeParams, NodeType, Port


class Params(NodeParams):
    how: Literal[
        "input",
        "bug",
        "exit",
        "exit0",
        "kill",
        "crash",
        "oom",
        "nothing",
        "import",
        "stubborn",
        "family",
        "link",
    ] = Field("bug", title="How")
    times: int = Field(100, title="How many attempts misbehave")
    status: int = Field(7, title="Exit status")
    ledger: str = Field("", title="Ledger")
    pids: str = Field("", title="File for the pids")


NODE = NodeType(title="Misbehave", category="custom", params=Params, outputs={"text": Port("text")})


def run(params, inputs, outputs, ctx):
    checkpoint = ctx.resume / "attempts"
    before = int(checkpoint.read_text()) if checkpoint.exists() else 0
    checkpoint.write_text(str(before + 1))
    if params.ledger:
        with Path(params.ledger).open("a") as ledger:
            ledger.write(f"{before + 1}\n")
    if before < params.times:
        misbehave(params, outputs)
        if params.how == "nothing":
            return
    (outputs["text"] / "text.txt").write_text(f"resumed after {before}")


def misbehave(params, outputs):
    if params.how == "input":
        raise NodeFailure("input", "Line 3 is no number.", "Mend line 3.")
    if params.how == "bug":
        raise ValueError("a bug")
    if params.how in ("exit", "exit0"):
        os._exit(params.status if params.how == "exit" else 0)
    if params.how in ("kill", "crash"):
        os.kill(os.getpid(), signal.SIGKILL if params.how == "kill" else signal.SIGSEGV)
    if params.how == "oom":
        raise MemoryError
    if params.how == "import":
        import a_library_that_is_not_there  # noqa: F401
    if params.how == "link":
        (outputs["text"] / "link").symlink_to("/etc/hostname")
        (outputs["text"] / "text.txt").write_text("")
    if params.how in ("stubborn", "family"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sleep = [sys.executable, "-c", "import time; time.sleep(300)"]
        child = subprocess.Popen(sleep, start_new_session=params.how == "family")
        Path(params.pids).write_text(f"{os.getpid()} {child.pid}")
        time.sleep(300)
