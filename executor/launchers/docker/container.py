"""What a container is created with: bounded, without privileges, and nothing of this machine but its job.

None of this can be asked for in a pipeline, but for resources: cores, memory, GPUs, network.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from executor import processes
from executor.launchers.base import JOB, LOG, AttemptSpec
from executor.launchers.docker.boxes import (
    RETURNED,
    SENT,
    Mount,
    own_variables,
    secret_variables,
    user,
)  # fmt: skip
from executor.launchers.docker.wrapper import HUB_TOKEN_FILE, entrypoint

RUN, NODE, ATTEMPT, OWNER = "nodegraph.run", "nodegraph.node", "nodegraph.attempt", "nodegraph.data"
# Threads count as processes here.
PIDS = 4096
_GB = 1024**3
_LEAST_MEMORY = 64 * 1024**2
_TMP = {"/tmp": "rw,nosuid,nodev,size=268435456,mode=1777"}
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_GPUS = ("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES")
_HUB = ("HF_ENDPOINT", "HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "TRANSFORMERS_OFFLINE")


@dataclass(frozen=True)
class Ground:
    """What the container stands on: its image with its command, code, mounts, and the machine's cores.

    `user` is its user and group; `devices` names the GPUs for an engine that hands them out, and `visible`
    are their numbers on a host whose engine does not.
    """

    image: str
    command: list[str]
    mounts: list[Mount]
    owner: str
    cores: float
    code: Path | None = None
    user: tuple[int, int] = field(default_factory=user)
    devices: tuple[str, ...] = ()
    visible: tuple[int, ...] = ()


def name_of(directory: Path, owner: str) -> str:
    """The name of an attempt's container: the same after a restart, another for every attempt anywhere."""
    run, node, attempt = directory.parts[-3:]
    mark = hashlib.sha256(f"{owner} {run} {node} {attempt}".encode()).hexdigest()[:10]
    return f"nodegraph-{run}-{node}-{attempt}-{mark}"


def labels_of(spec: AttemptSpec, owner: str) -> dict[str, str]:
    """By which people and we find the containers of a run."""
    return {RUN: spec.run, NODE: spec.node, ATTEMPT: str(spec.attempt), OWNER: owner}


def settings(spec: AttemptSpec, ground: Ground) -> dict[str, Any]:
    """The body of the request that creates the container, as the engine's API takes it."""
    returned, log = str(spec.directory / RETURNED), str(spec.directory / LOG)
    uid, gid = ground.user
    body: dict[str, Any] = {
        "Image": ground.image,
        "Entrypoint": entrypoint(returned, log, ground.command),
        "Cmd": [],
        "Env": [f"{name}={value}" for name, value in _variables(spec, ground).items()],
        "User": f"{uid}:{gid}",
        "Labels": labels_of(spec, ground.owner),
        "NetworkDisabled": not spec.resources.network,
        "HostConfig": _host(spec, ground),
    }
    if spec.own_image is None:
        body["WorkingDir"] = spec.job.scratch_dir
    return body


def harness_command(spec: AttemptSpec) -> list[str]:
    """What runs a node type's own code."""
    return ["python", "-P", "-m", spec.job.module, str(spec.directory / SENT / JOB)]


def _host(spec: AttemptSpec, ground: Ground) -> dict[str, Any]:
    resources = spec.resources
    memory = max(_LEAST_MEMORY, round(resources.memory_gb * _GB))
    host: dict[str, Any] = {
        "Mounts": [_bind(mount) for mount in ground.mounts],
        "Init": True,
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges"],
        "NetworkMode": "bridge" if resources.network else "none",
        "NanoCpus": round(min(resources.cpu, ground.cores) * 1e9),
        "Memory": memory,
        # No swap beyond it: a node that needs more is to fail, not to crawl.
        "MemorySwap": memory,
        "ShmSize": memory // 2,
        "PidsLimit": PIDS,
        # What is said goes into a file that survives the engine.
        "LogConfig": {"Type": "none"},
        "RestartPolicy": {"Name": "no"},
        "AutoRemove": False,
    }  # fmt: skip
    if spec.own_image is None:
        host |= {"ReadonlyRootfs": True, "Tmpfs": _TMP}
    if ground.devices:
        ids = list(ground.devices)
        host["DeviceRequests"] = [{"Driver": "nvidia", "DeviceIDs": ids, "Capabilities": [["gpu"]]}]
    return host


def _bind(mount: Mount) -> dict[str, Any]:
    return {
        "Type": "bind",
        "Source": mount.source or str(mount.path),
        "Target": str(mount.path),
        "ReadOnly": not mount.writable,
        # What lies below the engine's own folder, as volumes do, it binds as a slave only.
        "BindOptions": {"Propagation": "rslave" if mount.source else "rprivate"},
    }


def _variables(spec: AttemptSpec, ground: Ground) -> dict[str, str]:
    threads = str(max(1, round(min(spec.resources.cpu, ground.cores))))
    found = dict.fromkeys(processes.THREADS, threads) | {"OMP_WAIT_POLICY": "PASSIVE"}
    if ground.visible:
        found |= dict.fromkeys(_GPUS, ",".join(map(str, ground.visible)))
    if spec.resources.network:
        found |= _settings_of_ours(_PROXIES)
    if spec.own_image is not None:
        hidden = secret_variables(spec)
        own = {name: value for name, value in spec.own_image.environment.items() if name not in hidden}
        return found | own | own_variables(spec)
    scratch = spec.job.scratch_dir
    if spec.resources.network and os.environ.get("HF_TOKEN"):
        found["HF_TOKEN_PATH"] = str(spec.directory / RETURNED / HUB_TOKEN_FILE)
    return found | _settings_of_ours(_HUB) | {
        "HOME": scratch, "TMPDIR": scratch, "USER": "nodegraph", "LOGNAME": "nodegraph",
        "PYTHONPATH": str(ground.code), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }  # fmt: skip


def _settings_of_ours(names: tuple[str, ...]) -> dict[str, str]:
    """Our own variables, but for addresses with a password: settings can be looked at."""
    both = [variant for name in names for variant in (name, name.lower())]
    return {name: os.environ[name] for name in both if os.environ.get(name) and "@" not in os.environ[name]}
