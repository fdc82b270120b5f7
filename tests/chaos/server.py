"""A server that dies: the engine on a data directory, killed from outside or at a point of its own.

python -m tests.chaos.server '{"data": …, "ledger": …, "trail": …, "point": …, "number": …}'
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from executor.engine.recovery import Recovery
from executor.services.workspace import Workspace
from tests.chaos import far, points

TYPES = Path(__file__).resolve().parent / "types"


class Trail:
    """What servers say of themselves for the figures: one line of JSON each, there even after a kill."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def say(self, what: str, **more: Any) -> None:
        line = {"what": what, "pid": os.getpid(), "time": time.time(), "cpu": time.process_time(), **more}
        os.write(self._file, json.dumps(line).encode() + b"\n")


def tell_of_attempts_found_again(trail: Trail) -> None:
    usual = Recovery._found

    def _found(self: Recovery, node: Any, attempt: Any, handle: Any) -> None:
        usual(self, node, attempt, handle)
        if handle is not None:
            trail.say("found", attempt=f"{attempt.run_id}/{attempt.node}/{attempt.number}")

    Recovery._found = _found  # type: ignore[method-assign]


def main() -> None:
    told = json.loads(sys.argv[1])
    trail = Trail(told["trail"])
    far.mount(Path(told["ledger"]))
    tell_of_attempts_found_again(trail)

    def arm() -> None:
        return None

    if told["point"]:
        point = points.named(told["point"])
        arm = points.mine(point, told["number"], note=lambda: trail.say("died", point=point.name))
    space = Workspace(told["data"], engine=True, exclusive=True, cores=told["cores"], nodes_root=TYPES)

    def leave(*_: object) -> None:
        arm()
        space.close()
        sys.exit(0)

    signal.signal(signal.SIGTERM, leave)
    trail.say("ready")
    print("ready", flush=True)
    while True:
        time.sleep(0.1)


if __name__ == "__main__":
    main()
