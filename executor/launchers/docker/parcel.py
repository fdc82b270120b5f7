"""What travels into a container with its job: the harness and the node type's modules, as they are now."""

from __future__ import annotations

import compileall
import hashlib
import shutil
import tempfile
from pathlib import Path
from py_compile import PycInvalidationMode

import nodegraph
from executor.launchers.base import AttemptSpec

_HARNESS = Path(nodegraph.__file__).resolve().parent


class Parcels:
    """Folders under `root`, one for each state of the code, made when first needed and never changed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def of(self, spec: AttemptSpec) -> Path:
        """The folder with an attempt's code: the package nodegraph, and the node types' folder."""
        nodes_root = Path(spec.job.nodes_root)
        files = {path: Path("nodegraph", path.relative_to(_HARNESS)) for path in _HARNESS.rglob("*.py")}
        files |= {path: Path(nodes_root.name, path.relative_to(nodes_root)) for path in spec.code_files}
        contents = {place: path.read_bytes() for path, place in sorted(files.items())}
        target = self._root / _digest(contents)[:24]
        if not target.exists():
            self._make(target, contents)
        return target

    def _make(self, target: Path, contents: dict[Path, bytes]) -> None:
        self._root.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".making-", dir=self._root))
        for place, content in contents.items():
            path = temporary / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        # Containers may not write here, so they would compile it anew each time.
        compileall.compile_dir(
            temporary,
            quiet=2,
            stripdir=str(temporary),
            invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
            force=True,
        )
        for path in (temporary, *temporary.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        try:
            temporary.rename(target)
        except OSError:  # another was quicker
            shutil.rmtree(temporary)


def _digest(contents: dict[Path, bytes]) -> str:
    digest = hashlib.sha256()
    for place, content in contents.items():
        digest.update(f"{place} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
