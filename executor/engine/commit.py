"""Moves the outputs of an attempt into the store, once, however often it is interrupted."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from executor.launchers.base import OUT
from executor.store.digests import digest_of
from executor.store.store import ArtifactStore, Stored
from nodegraph.errors import StoreError
from nodegraph.kinds import Kind

_RECORD = "stored.json"


def keep_outputs(store: ArtifactStore, directory: Path, ports: dict[str, Kind]) -> dict[str, Stored]:
    """The stored outputs of a finished attempt by port; runs in a worker thread.

    An output is hashed where it lies, its digest is noted beside it, and then it is moved. After a kill the
    note is asked first: of an output that is in the store, only a part may still be here.
    """
    record = directory / _RECORD
    noted = _read(record)
    kept, measured = {}, {}
    outputs = {port: Path(f"{directory}/{OUT}/{port}") for port in ports}
    for port, output in outputs.items():
        if port in noted and (stored := store.whole(noted[port])) is not None:
            kept[port] = stored
            shutil.rmtree(output, ignore_errors=True)
        elif output.is_dir():
            measured[port] = store.measure(output)
            noted[port] = digest_of(measured[port])
        else:
            raise StoreError(f"The output {port} is gone from {output}.", "Run the node again.")
    there = {port for port in measured if store.health(noted[port]) == "good"}
    if measured:
        _write(record, noted, moves=len(there) < len(measured))
    for port, entries in measured.items():
        keep = store.drop_copy if port in there else store.put
        kept[port] = keep(outputs[port], entries)
    return kept


def required(store: ArtifactStore, digests: list[str]) -> dict[str, str]:
    """The artifacts that the cards of these artifacts require, transitively: directories by digest."""
    found: dict[str, str] = {}
    waiting = [digest for start in digests for digest in _requires(store.folder(start))]
    while waiting:
        digest = waiting.pop()
        if digest not in found and store.health(digest) != "missing":
            found[digest] = store.folder(digest)
            waiting.extend(_requires(found[digest]))
    return found


def _requires(artifact: str) -> list[str]:
    card_file = f"{artifact}/card.json"
    if not os.path.exists(card_file):  # noqa: PTH110 - of most artifacts, for every node
        return []
    try:
        card: Any = json.loads(Path(card_file).read_bytes())
    except (OSError, ValueError):
        return []
    requires = card.get("requires") if isinstance(card, dict) else None
    return [digest for digest in requires if isinstance(digest, str)] if isinstance(requires, list) else []


def _read(record: Path) -> dict[str, str]:
    """What was noted; nothing where a kill came before it was written, and so before anything was moved."""
    if not os.path.exists(record):  # noqa: PTH110 - the first time, for every node
        return {}
    try:
        noted: dict[str, str] = json.loads(record.read_bytes())
    except (OSError, ValueError):
        return {}
    return noted


def _write(record: Path, noted: dict[str, str], *, moves: bool) -> None:
    """The note outlives a kill as it is; where files leave their place after it, also a power cut."""
    with open(record, "wb", buffering=0) as file:  # noqa: PTH123 - for every node
        file.write(json.dumps(noted).encode())
        if moves:
            os.fsync(file.fileno())
