"""Behaves as it is told, well or badly, for the tests of launchers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Literal

from nodegraph import Context, Field, Inputs, NodeParams, NodeType, Outputs, Port

Act = Literal["write", "sleep", "deaf", "noise", "setsid", "fork", "exit7", "look", "die", "shout"]


class Params(NodeParams):
    act: Act = Field(title="Act")
    ledger: str = Field("", title="Ledger")
    key: str | None = Field(None, title="Key", widget="secret")


NODE = NodeType(title="Act", category="custom", params=Params, outputs={"text": Port("text")})
STRAY = "import time; time.sleep(600)"


def run(params: Params, inputs: Inputs, outputs: Outputs, ctx: Context) -> None:
    if params.ledger:
        with Path(params.ledger).open("a") as ledger:
            ledger.write(f"{os.getpid()}\n")
    ctx.log("acting")
    globals()[params.act](outputs, ctx)
    (outputs["text"] / "said.txt").write_text("done")


def write(outputs: Outputs, ctx: Context) -> None:
    """Nothing special."""


def sleep(outputs: Outputs, ctx: Context) -> None:
    time.sleep(600)


def deaf(outputs: Outputs, ctx: Context) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    ctx.log("deaf")
    time.sleep(600)


def noise(outputs: Outputs, ctx: Context) -> None:
    os.write(1, b"\x00\x1b[31mred\xff\xfe\r\n")
    os.write(2, "错误 🙂\n".encode())


def setsid(outputs: Outputs, ctx: Context) -> None:
    """A child with a session of its own, which outlives its parent."""
    child = subprocess.Popen([sys.executable, "-c", STRAY], start_new_session=True)
    ctx.log(f"stray {child.pid}")


def fork(outputs: Outputs, ctx: Context) -> None:
    """The same, and then stays."""
    setsid(outputs, ctx)
    time.sleep(600)


def exit7(outputs: Outputs, ctx: Context) -> None:
    os._exit(7)


def shout(outputs: Outputs, ctx: Context) -> None:
    """Log a secret, as a careless library might."""
    import logging

    logging.getLogger("library").warning("shouting %s", ctx.secret("JUDGE"))


def die(outputs: Outputs, ctx: Context) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def look(outputs: Outputs, ctx: Context) -> None:
    """Write down what a node sees of the world it runs in."""
    import json
    import random
    import threading

    seen = {
        "cwd": str(Path.cwd()),
        "environment": dict(os.environ),
        "argv": Path("/proc/self/cmdline").read_bytes().decode(),
        "stdin": sys.stdin.read(),
        "random": random.random(),
        "numpy": sys.modules["numpy"].random.rand() if "numpy" in sys.modules else None,
        "torch_threads": sys.modules["torch"].get_num_threads() if "torch" in sys.modules else None,
        "threads": threading.active_count(),
        "sid": os.getsid(0),
        "pid": os.getpid(),
        "main": threading.current_thread() is threading.main_thread(),
        "ignored": [s.name for s in signal.Signals if signal.getsignal(s) == signal.SIG_IGN],
        "descriptors": sorted(path.name for path in Path("/proc/self/fd").iterdir()),
    }
    (outputs["text"] / "seen.json").write_text(json.dumps(seen))
