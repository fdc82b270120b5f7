"""What this machine has, and what to do about gaps: quick, without a heavy import, and never an exception."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from executor.data_dir import DataDir, Lock
from executor.environments import Environments
from executor.services.doctor_docker import look_at_docker
from nodegraph.errors import NodeGraphError
from nodegraph.registry import DEFAULT_ROOT, Registry

State = Literal["ok", "warning", "missing"]
_COMMAND_SECONDS = 1.0
_SIZE_SECONDS = 0.2
_LITTLE_DISK_GB = 10
_LITTLE_MEMORY_GB = 4


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: its name, how it stands, what was seen, what to do."""

    name: str
    state: State
    value: str
    advice: str = ""


def examine(data_dir: Path | str | None = None, nodes_root: Path = DEFAULT_ROOT) -> list[Check]:
    """Look at everything; what cannot be looked at is a check that says so."""
    directory = DataDir(data_dir)
    environments = Environments(directory.envs, nodes_root)
    looks: list[tuple[str, Callable[[], list[Check]]]] = [
        ("Python", _python),
        ("CPU", _cpu),
        ("Memory", _memory),
        ("GPU", _gpus),
        ("Docker", lambda: _docker(directory, environments)),
        ("Data directory", lambda: _data_dir(directory)),
        ("Disk", lambda: _disk(directory)),
        ("Environments", lambda: _environments(environments)),
        ("Node types", lambda: _node_types(nodes_root)),
        ("Model hub", _hub),
    ]
    # Side by side: what waits for a command to answer must not hold up the rest.
    with ThreadPoolExecutor(len(looks)) as pool:
        return [check for found in pool.map(lambda look: _safely(*look), looks) for check in found]


def _safely(name: str, look: Callable[[], list[Check]]) -> list[Check]:
    try:
        return look()
    except Exception as error:
        return [Check(name, "warning", f"could not be looked at: {type(error).__name__}: {error}")]


def _python() -> list[Check]:
    return [Check("Python", "ok", f"{platform.python_version()} at {sys.executable}")]


def _cpu() -> list[Check]:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else psutil.cpu_count() or 1
    return [Check("CPU", "ok", f"{usable} cores")]


def _memory() -> list[Check]:
    memory = psutil.virtual_memory()
    value = f"{_gb(memory.available)} free of {_gb(memory.total)}"
    if memory.available < _LITTLE_MEMORY_GB * 2**30:
        return [Check("Memory", "warning", value, "Small models only: close other programs before training.")]
    return [Check("Memory", "ok", value)]


def _gpus() -> list[Check]:
    if shutil.which("nvidia-smi") is None:
        advice = "Training runs on the CPU: fine for models of a few million parameters."
        return [Check("GPU", "missing", "none found", advice)]
    fields = "--query-gpu=index,name,memory.total,memory.used,driver_version"
    status, output = _run(["nvidia-smi", fields, "--format=csv,noheader"])
    gpus = [line.strip() for line in output.splitlines() if line.strip()]
    if status != 0 or not gpus:
        seen = output.strip()[:200] or "nvidia-smi does not answer"
        return [Check("GPU", "warning", seen, "Check the driver: run nvidia-smi.")]
    return [Check(f"GPU {line.partition(',')[0]}", "ok", line.partition(", ")[2]) for line in gpus]


def _docker(directory: DataDir, environments: Environments) -> list[Check]:
    found = look_at_docker(directory, environments)
    return [Check(name, state, value, advice) for name, state, value, advice in found]


def _data_dir(directory: DataDir) -> list[Check]:
    try:
        directory.create()
    except NodeGraphError as error:
        return [Check("Data directory", "missing", error.message, error.hint)]
    lock = Lock(directory)
    holder = f", used by {lock.holder()}" if lock.taken() else ""
    return [Check("Data directory", "ok", f"{directory.root}{holder}")]


def _disk(directory: DataDir) -> list[Check]:
    there = next(path for path in (directory.root, *directory.root.parents) if path.exists())
    usage = shutil.disk_usage(there)
    value = f"{_gb(usage.free)} free of {_gb(usage.total)}"
    if usage.free < _LITTLE_DISK_GB * 2**30:
        return [
            Check(
                "Disk", "warning", value, "Checkpoints are large: free space, or choose another --data-dir."
            )
        ]
    return [Check("Disk", "ok", value)]


def _environments(environments: Environments) -> list[Check]:
    return [_environment(environments, name) for name in environments.names()]


def _environment(environments: Environments, name: str) -> Check:
    title = f"Environment {name}"
    missing = environments.missing(name)
    if not missing:
        return Check(title, "ok", "this interpreter has it")
    venv = environments.venv(name)
    if environments.interpreter(name):
        return Check(title, "ok", f"its own venv, {_size(venv)}, {venv}")
    advice = f"It is made when a node first needs it; to have it now: pip install 'nodegraph[{name}]'."
    return Check(title, "missing", f"lacks {', '.join(missing)}", advice)


def _node_types(nodes_root: Path) -> list[Check]:
    registry = Registry.scan(nodes_root)
    broken = [
        Check(f"Node type {item.id}", "warning", item.error, f"Mend {item.path}.")
        for item in registry.broken.values()
    ]
    return [
        Check("Node types", "ok" if registry.types else "missing", f"{len(registry.types)} found"),
        *broken,
    ]


def _hub() -> list[Check]:
    if os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on"):
        advice = "Unset HF_HUB_OFFLINE to download models and datasets."
        return [Check("Model hub", "warning", "offline", advice)]
    endpoint = os.environ.get("HF_ENDPOINT")
    token = "with a token" if os.environ.get("HF_TOKEN") else "without a token"
    advice = "" if endpoint else "Set HF_ENDPOINT to use a mirror."
    return [Check("Model hub", "ok", f"{endpoint or 'the standard one'}, {token} (not asked now)", advice)]


def _run(command: list[str]) -> tuple[int | None, str]:
    """Exit status and output of a command; status None where it takes too long."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_COMMAND_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return None, ""
    return done.returncode, done.stdout or done.stderr


def _size(directory: Path) -> str:
    """The size of a directory, or at least how much of it was seen in a moment."""
    until, total = time.monotonic() + _SIZE_SECONDS, 0
    for folder, _, names in os.walk(directory):
        for name in names:
            total += Path(folder, name).lstat().st_size
        if time.monotonic() > until:
            return f"more than {_gb(total)}"
    return _gb(total)


def _gb(size: float) -> str:
    return f"{size / 2**30:.1f} GB"
