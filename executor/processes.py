"""Processes that outlive us: known by pid and start time, marked in their environment, ended as whole trees.

A pid alone is no name: it is used again. So a process is the pid and the kernel's start time of it, and
what we start carries a mark in its environment, which its children inherit whatever they do (a double
fork, a session of their own). Signals go only to what passes one of these tests.
"""

from __future__ import annotations

import hashlib
import os
import re
import signal
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import psutil

import nodegraph

MARK = "NODEGRAPH_ATTEMPT"
_PROC = Path("/proc")
_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL", re.IGNORECASE)
# The hub's own, which its library reads by itself.
_KEPT = {"HF_TOKEN", "HF_TOKEN_PATH"}
THREADS = (
    "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS", "RAYON_NUM_THREADS"
)  # fmt: skip


def mark_of(directory: Path) -> str:
    """The mark of what belongs to a directory: the same after a restart, another for every directory."""
    return hashlib.sha256(os.fsencode(directory.absolute())).hexdigest()[:32]


def start_time(pid: int) -> str | None:
    """What tells a process from others that had or get its pid; None where it has ended."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        return None if fields[0] in "ZX" else fields[19]
    except FileNotFoundError:
        if _PROC.is_dir() and (_PROC / "self").exists():
            return None
    except OSError:
        return None
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.2f}"
    except psutil.Error:
        return None


def is_alive(pid: int, started: str) -> bool:
    """Whether the process that had this pid at this time still runs."""
    return start_time(pid) == started


def is_marked(pid: int, mark: str) -> bool:
    """Whether a process carries the mark in its environment."""
    return pid in marked(mark, [pid])


def marked(mark: str, among: Iterable[int] | None = None) -> list[int]:
    """The processes that carry the mark."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for pid in psutil.pids() if among is None else among:
        try:
            environment = (_PROC / str(pid) / "environ").read_bytes()
        except OSError:
            continue
        if wanted in environment.split(b"\0"):
            found.append(pid)
    return found


def tree(pid: int, started: str) -> list[psutil.Process]:
    """A process and all that it started, parents first; empty where it is gone."""
    try:
        root = psutil.Process(pid)
        found = [root, *root.children(recursive=True)]
    except psutil.Error:
        return []
    # Asked after the list was made: had the pid changed hands, this would show it.
    return found if is_alive(pid, started) else []


def send(process: psutil.Process, number: signal.Signals) -> None:
    """Send a signal; psutil refuses where the pid has been used again."""
    try:
        process.send_signal(number)
    except psutil.Error:
        return


def kill_everything(pid: int | None, started: str, mark: str, seconds: float = 5.0) -> None:
    """SIGKILL a process, what it started, its session, and whatever carries the mark, until all are gone."""
    until = time.monotonic() + seconds
    while True:
        found = [] if pid is None else tree(pid, started)
        if found:
            found += _session(found[0].pid)
        found += _processes(marked(mark))
        found = [process for process in found if process.pid != os.getpid() and _running(process)]
        if not found or time.monotonic() > until:
            return
        for process in found:
            send(process, signal.SIGKILL)
        psutil.wait_procs(found, timeout=0.05)


def wait_gone(pid: int, started: str, seconds: float) -> bool:
    """Wait until a process has ended; False where it has not in that time."""
    until = time.monotonic() + seconds
    while is_alive(pid, started):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def import_roots(nodes_root: Path) -> list[Path]:
    """Where a process of ours finds nodegraph and the node types."""
    return [Path(nodegraph.__file__).resolve().parent.parent, nodes_root.parent]


def environment_for(
    *,
    mark: str,
    roots: Iterable[Path],
    cores: float | None = None,
    gpus: tuple[int, ...] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The environment of a process we start: ours without what looks like a secret, and what it needs.

    `cores` bounds the threads of numerical libraries, to what this machine has; `gpus` hides the others.
    """
    values = set((secrets or {}).values())
    kept = {
        name: value
        for name, value in os.environ.items()
        if value not in values and (name in _KEPT or not _SECRET_NAME.search(name))
    }
    for name in ("PYTHONHOME", "PYTHONSTARTUP", "VIRTUAL_ENV", "RANK", "LOCAL_RANK", "WORLD_SIZE"):
        kept.pop(name, None)
    # Threads that wait spin by default: where another process wants the core, training then crawls, ten times
    # slower on two busy cores; asleep, they cost nothing that could be measured on idle ones.
    kept.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    kept |= {
        MARK: mark,
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(str(root) for root in roots)),
        "PYTHONUTF8": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }
    if cores is not None:
        kept |= {name: _threads(cores, kept.get(name)) for name in THREADS}
    if gpus is not None:
        kept["CUDA_VISIBLE_DEVICES"] = ",".join(str(index) for index in gpus)
    return kept


def _threads(cores: float, set_before: str | None) -> str:
    """As many as the node asks for, the machine has, and whoever started us allowed."""
    limit = min(round(cores), len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1024)
    if set_before and set_before.isdigit():
        limit = min(limit, int(set_before))
    return str(max(1, limit))


def _session(leader: int) -> list[psutil.Process]:
    """The processes of the session that a process of ours leads."""
    return _processes(pid for pid in psutil.pids() if _session_of(pid) == leader)


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


def _processes(pids: Iterable[int]) -> list[psutil.Process]:
    found = []
    for pid in pids:
        try:
            found.append(psutil.Process(pid))
        except psutil.Error:
            continue
    return found


def _running(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
