"""A worker that has imported the heavy libraries and forks an attempt of a node whenever it is asked to.

`python -m nodegraph.harness.warm` reads one JSON object a line on standard input and answers each with one
on standard output: {"import": [modules]} and {"run": {...}}, see `launchers/warm.py` of whoever asks. It
ends with its input, or when it was idle for long. An attempt does not notice that it was forked: directory,
environment, signals, streams, random numbers and threads are as in a process of its own. It is watched by
a small parent of its own, which claims the attempt, and writes down how it ended.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any

from nodegraph.harness.warm_attempt import FOR_ATTEMPT, become_attempt, set_mark
from nodegraph.uncollected import uncollected

IDLE_SECONDS = 300.0


class CurrentStream:
    """Stands for sys.stdout or sys.stderr in libraries that keep the stream they met when imported.

    It passes everything to the stream of the process it is used in: an attempt's, which blanks secrets.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._own = getattr(sys, name)

    def __getattr__(self, attribute: str) -> Any:
        current = getattr(sys, self._name)
        return getattr(self._own if current is self else current, attribute)


def main() -> int:
    """Serve until there is nobody to serve; in a forked attempt, its exit status."""
    requests, answers = _own_channel()
    sys.stdout, sys.stderr = CurrentStream("stdout"), CurrentStream("stderr")
    importlib.import_module("nodegraph.harness.context")
    waiting = b""
    while True:
        while b"\n" not in waiting:
            ready, _, _ = select.select([requests], [], [], IDLE_SECONDS)
            more = os.read(requests, 65536) if ready else b""
            if not more:
                return 0
            waiting += more
        line, _, waiting = waiting.partition(b"\n")
        request = json.loads(line)
        if "run" in request:
            if (status := _run(request["run"], (requests, answers))) is not None:
                return status
            answer: dict[str, Any] = {"started": True}
        else:
            answer = _import(request["import"])
        os.write(answers, json.dumps(answer).encode() + b"\n")


def _own_channel() -> tuple[int, int]:
    """Move requests and answers out of the way of what libraries print, which goes to the worker's log."""
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return requests, answers


def _import(modules: list[str]) -> dict[str, Any]:
    began = time.monotonic()
    # What is here stays: otherwise each collection in a child would copy all pages it looks at.
    with uncollected():
        for name in modules:
            try:
                importlib.import_module(name)
            except Exception as error:  # the node that needs it will say so itself
                print(f"{name} was not imported: {error}", file=sys.stderr)
        gc.collect()
    return {"unfit": _unfit(), "seconds": round(time.monotonic() - began, 2)}


def _unfit() -> str:
    """Why no attempt can be forked from here; empty where all is well."""
    tasks = Path("/proc/self/task")
    names = [(task / "comm").read_text().strip() for task in tasks.iterdir()] if tasks.is_dir() else []
    if len(names) > 1:
        return f"importing started threads: {', '.join(names[1:])}"
    links = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    if any("nvidia-uvm" in link for link in links):
        return "importing started CUDA"
    return ""


def _run(run: dict[str, Any], channel: tuple[int, int]) -> int | None:
    """None in the worker, which goes on; in the attempt, its exit status once it has ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    if os.fork():
        return None
    os.setsid()
    for descriptor in channel:
        os.close(descriptor)
    # Held back, not ignored: a signal between the forks is for the attempt, and must reach it.
    signal.pthread_sigmask(signal.SIG_BLOCK, FOR_ATTEMPT)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    set_mark(run["mark_name"], run["mark"])
    try:
        with open(run["pid_file"], "x") as claim:  # noqa: PTH123 - before anything else can go wrong
            claim.write(f"{os.getpid()}\n")
    except FileExistsError:
        os._exit(0)
    attempt = os.fork()
    if attempt == 0:
        return become_attempt(run)
    for number in FOR_ATTEMPT:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, FOR_ATTEMPT)
    _, status = os.waitpid(attempt, 0)
    _write_exit(run["exit_file"], os.waitstatus_to_exitcode(status))
    os._exit(0)


def _write_exit(path: str, status: int) -> None:
    part = f"{path}.part"
    Path(part).write_text(f"{status}\n")
    Path(part).replace(path)


if __name__ == "__main__":
    sys.exit(main())
