"""Ends containers, and waits for their end."""

from __future__ import annotations

import contextlib

from executor.launchers.docker.engine import DockerEngine

_ENDING_SECONDS = 10.0


def stop(engine: DockerEngine, name: str, grace_seconds: float) -> None:
    """Ask it to end, wait, kill it; nothing where there is none. Raises EngineDown."""
    from docker.errors import NotFound

    with engine.asked() as client, contextlib.suppress(NotFound):
        if client.inspect_container(name)["State"]["Paused"]:
            client.unpause(name)
        client.stop(name, timeout=round(grace_seconds))


def wait(engine: DockerEngine, name: str) -> None:
    """Wait for the end of a container whose attempt has ended, which takes it a moment; else kill it."""
    from docker.errors import APIError, NotFound

    with engine.asked() as client, contextlib.suppress(NotFound):
        try:
            client.wait(name, timeout=_ENDING_SECONDS)
        except Exception:
            with contextlib.suppress(APIError):
                client.kill(name)
