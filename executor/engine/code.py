"""The code digest of a node type as its files are now: a server that runs for weeks notices an edit."""

from __future__ import annotations

from pathlib import Path

from nodegraph.code_digest import code_files, digest_of
from nodegraph.registry import Registered

Stamp = list[tuple[Path, int, int]]


class CodeDigests:
    """Remembers digests while no file of a node type changes."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Stamp, str]] = {}

    def of(self, registered: Registered) -> str:
        """The digest over the module and all that it uses of nodes/."""
        known = self._known.get(registered.id)
        if known is not None and known[0] == _stamp([path for path, _, _ in known[0]]):
            return known[1]
        files = code_files(registered.path, registered.root)
        stamp = _stamp(files)
        digest = digest_of(files, registered.root)
        self._known[registered.id] = (stamp, digest)
        return digest


def _stamp(files: list[Path]) -> Stamp:
    found = []
    for path in files:
        try:
            stat = path.stat()
        except OSError:
            return []
        found.append((path, stat.st_mtime_ns, stat.st_size))
    return found
