"""The porter's container: what it is created with, and the code that it is given."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from executor.launchers.docker.container import OWNER
from executor.launchers.docker.streaming import porter, shelf
from executor.launchers.docker.streaming.packing import Item
from executor.store import digests

ROLE, EDITION = "nodegraph.role", "nodegraph.edition"
DATA = "/data"
_PROGRAM = f"{DATA}/porter"
VARIABLES = {"PYTHONPATH": _PROGRAM}


def command(*words: str) -> list[str]:
    """What runs the porter in its container."""
    return ["python", "-S", f"{_PROGRAM}/executor/launchers/docker/streaming/porter.py", *words]


def settings(image: str, volume: str, owner: str) -> dict[str, Any]:
    """The body of the request that creates the porter's container: it owns files, and can do nothing else."""
    return {
        "Image": image,
        "Entrypoint": command("serve"),
        "Cmd": [],
        "Env": [f"{name}={value}" for name, value in VARIABLES.items()],
        "User": "0:0",
        "Labels": {OWNER: owner, ROLE: "porter", EDITION: edition()},
        "NetworkDisabled": True,
        "HostConfig": {
            "Mounts": [{"Type": "volume", "Source": volume, "Target": DATA}],
            "Init": True,
            "CapDrop": ["ALL"],
            "CapAdd": ["CHOWN", "DAC_OVERRIDE", "FOWNER"],
            "SecurityOpt": ["no-new-privileges"],
            "NetworkMode": "none",
            "ReadonlyRootfs": True,
            "Tmpfs": {"/tmp": "rw,nosuid,nodev,noexec,size=1048576"},
            "PidsLimit": 256,
            "LogConfig": {"Type": "none"},
            "RestartPolicy": {"Name": "no"},
            "AutoRemove": True,
        },
    }


@cache
def program() -> tuple[Item, ...]:
    """The porter's code, as it is here."""
    places = {
        "executor/launchers/docker/streaming/porter.py": porter.__file__,
        "executor/launchers/docker/streaming/shelf.py": shelf.__file__,
        "executor/store/digests.py": digests.__file__,
    }
    texts = {place: Path(str(path)).read_bytes() for place, path in places.items()}
    return tuple(Item(f"porter/{place}", content=content) for place, content in texts.items())


@cache
def edition() -> str:
    """By which a porter of other code is known."""
    parts = [item.content or b"" for item in program()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]
