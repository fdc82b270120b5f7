"""Which artifacts a host is known to hold: kept in a file, so that a server that starts knows it at once.

Only a hint for the choice of a host: before anything starts, the host itself is asked.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path


def held_file(root: Path, host: str) -> Path:
    """Where a data directory keeps what a host holds; it is there once anything was streamed to the host."""
    return root / "docker" / "held" / f"{host}.json"


class Held:
    """Artifacts with their sizes in bytes. Cheap to ask; from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._sizes: dict[str, int] = self._read()

    def of(self, digests: Collection[str]) -> int:
        """How many bytes of these are there; one byte for what is empty."""
        return sum(max(1, size) for digest in set(digests) if (size := self._sizes.get(digest)) is not None)

    def are(self, sizes: Mapping[str, int]) -> None:
        """These are there, and no others."""
        with self._lock:
            self._sizes = dict(sizes)
            self._write()

    def change(self, come: Mapping[str, int], gone: Iterable[str]) -> None:
        """Some have come, some have gone."""
        gone = set(gone)
        if come or gone:
            with self._lock:
                kept = {digest: size for digest, size in self._sizes.items() if digest not in gone}
                self._sizes = {**kept, **come}
                self._write()

    def _read(self) -> dict[str, int]:
        try:
            found: dict[str, int] = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}
        return found

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_suffix(".new")
        temporary.write_text(json.dumps(self._sizes))
        temporary.replace(self._path)
