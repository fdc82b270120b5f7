"""What the engine works with: database, store, node types, launchers, secrets, and hooks for services."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from executor.data_dir import DataDir
from executor.database.session import Database
from executor.database.tables import NodeRun
from executor.hosts.inventory import Inventory
from executor.launchers.base import Launcher, Say
from executor.sources import Sources
from executor.store.store import ArtifactStore
from nodegraph.registry import Registry


def _no_service(_artifact: Path, _node_run: NodeRun, _say: Say) -> None:
    return None


def _never() -> None:
    return None


def _always_alive(_digest: str) -> bool:
    return True


@dataclass(frozen=True)
class World:
    """Handed to every part of the engine.

    `on_service` starts what an artifact of kind service describes and returns once it is healthy, or
    raises NodeFailure, and lets pass what `say` raises; `service_alive` says whether a cached one still
    serves; `resubmit` submits again what infrastructure has failed and what asked for it. They run in a
    worker thread. `wake_sender` says that there are notifications to send, and returns at once.
    """

    data_dir: DataDir
    database: Database
    store: ArtifactStore
    registry: Registry
    launchers: Mapping[str, Launcher]
    inventory: Inventory
    sources: Sources
    secret_values: Callable[[Iterable[str]], dict[str, str]]
    environment_digest: Callable[[str], str]
    on_service: Callable[[Path, NodeRun, Say], None] = _no_service
    service_alive: Callable[[str], bool] = _always_alive
    resubmit: Callable[[], None] = _never
    wake_sender: Callable[[], None] = _never
