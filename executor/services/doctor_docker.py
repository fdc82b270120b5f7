"""What the doctor says of Docker: which engine answers, what it can do, its images, and the other hosts."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from typing import Any, Literal

from executor.data_dir import DataDir
from executor.environments import Environments
from executor.images.images import Images
from executor.launchers.base import LaunchError
from executor.launchers.docker.engine import DockerEngine, EngineDown

_SECONDS = 1.0
_NEED = "Needed only to run nodes in containers; they run as processes without it."
_GPU = "Install the NVIDIA container toolkit, so that containers get GPUs."
_RESTORE = "Set live-restore in /etc/docker/daemon.json: containers then outlive restarts of the engine."
_CHECK = "To look at them now: nodegraph hosts check."
_FOUND = "SELECT name, state, reason FROM host WHERE name != 'local' ORDER BY name"

Finding = tuple[str, Literal["ok", "warning", "missing"], str, str]


def look_at_docker(directory: DataDir, environments: Environments) -> list[Finding]:
    """Name, state, value and advice of each thing that was looked at."""
    return [*_engine(directory, environments), *_hosts(directory)]


def _engine(directory: DataDir, environments: Environments) -> list[Finding]:
    engine = DockerEngine()
    try:
        info = engine.info(_SECONDS)
    except EngineDown as error:
        return [("Docker", "missing", error.reason, f"{_remedy(error.reason)} {_NEED}")]
    except LaunchError as error:
        return [("Docker", "warning", error.message, error.hint)]
    images = Images(directory.root / "docker" / "images", environments, engine)
    return [("Docker", "ok", _value(info), _advice(info)), _images(images, environments)]


def _value(info: Mapping[str, Any]) -> str:
    memory = f"{info['MemTotal'] / 2**30:.1f} GB"
    return f"engine {info['ServerVersion']}, {info['NCPU']} cores, {memory}"


def _advice(info: Mapping[str, Any]) -> str:
    if shutil.which("nvidia-smi") and "nvidia" not in (info.get("Runtimes") or {}):
        return _GPU
    return "" if info.get("LiveRestoreEnabled") else _RESTORE


def _images(images: Images, environments: Environments) -> Finding:
    made = {entry.environment for entry in images.list() if entry.current}
    missing = [name for name in environments.names() if name not in made]
    value = f"{len(made)} of {len(made) + len(missing)} environments have one"
    if not missing:
        return ("Docker images", "ok", value, "")
    advice = f"Made when a node first needs them; to have one now: nodegraph images build {missing[0]}."
    return ("Docker images", "ok", value, advice)


def _hosts(directory: DataDir) -> list[Finding]:
    """How the other hosts were found when they were last looked at; a look now could take ten seconds."""
    try:
        # Not through the database's own door: the doctor also looks at one that is damaged or of another
        # version, and changes nothing.
        with closing(sqlite3.connect(f"{directory.database.as_uri()}?mode=ro", uri=True)) as database:
            rows = database.execute(_FOUND).fetchall()
    except sqlite3.Error:
        return []
    if not rows:
        return []
    words = {"unreachable": "does not answer", "refused": "is not used"}
    gone = [f"{name} {words[state]}: {reason}" for name, state, reason in rows if state in words]
    ready = sum(state == "ready" for _, state, _ in rows)
    value = "; ".join([f"{ready} of {len(rows)} ready", *gone])
    return [("Hosts", "warning" if gone else "ok", value, _CHECK if ready < len(rows) else "")]


def _remedy(reason: str) -> str:
    if "may not use it" in reason:
        return "Let this user use it: sudo usermod -aG docker USER, then log in again."
    if "no such socket" in reason:
        return "Install Docker, or start its service, or say in DOCKER_HOST where it listens."
    return "Start or restart the Docker service."
