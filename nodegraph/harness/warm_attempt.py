"""Turns a fork of a warm worker into the process that an attempt would have had without it."""

from __future__ import annotations

import ctypes
import importlib
import os
import random
import runpy
import signal
import sys
from typing import Any

FOR_ATTEMPT = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def set_mark(name: str, value: str) -> None:
    """Write a variable where /proc/PID/environ shows it: over the placeholder the worker was started with.

    Setting it the usual way changes this process's variables, but not what others see of them.
    """
    libc = ctypes.CDLL(None)
    libc.getenv.restype = ctypes.c_void_p
    place = libc.getenv(name.encode())
    if place and len(os.environ.get(name, "")) == len(value):
        ctypes.memmove(place, value.encode(), len(value))


def become_attempt(run: dict[str, Any]) -> int:
    """Take on the attempt's signals, streams, directory, environment and threads, then run the harness."""
    _signals()
    _streams(run["log"])
    os.environ.clear()
    os.environ.update(run["environment"])
    os.chdir(run["directory"])
    _imports(run["roots"])
    _randomness()
    _threads(int(run["environment"].get("OMP_NUM_THREADS", 0)))
    sys.argv = ["nodegraph.harness", *run["arguments"]]
    try:
        runpy.run_module("nodegraph.harness", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _signals() -> None:
    for number in FOR_ATTEMPT:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, FOR_ATTEMPT)


def _streams(log: str) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", closefd=False)  # type: ignore[misc] # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", encoding="utf-8", closefd=False)  # type: ignore[misc] # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(  # type: ignore[misc] # noqa: SIM115
        2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False
    )


def _imports(roots: list[str]) -> None:
    """Find node types where this attempt's lie; the worker has imported none."""
    sys.path[:] = [*roots, *(entry for entry in sys.path if entry not in roots)]
    importlib.invalidate_caches()


def _randomness() -> None:
    random.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
    if torch := sys.modules.get("torch"):
        torch.seed()


def _threads(count: int) -> None:
    """The libraries read their limits when they were imported, at one thread; now they get this attempt's."""
    if count < 1:
        return
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(count)
    if "numpy" in sys.modules:
        try:
            limits = importlib.import_module("threadpoolctl").threadpool_limits
        except ImportError:
            return
        limits(count)
