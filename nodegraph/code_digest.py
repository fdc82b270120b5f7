"""Which files a node module consists of, and a digest over them, read from the source without running it."""

from __future__ import annotations

import ast
import hashlib
import threading
from pathlib import Path

# Two threads that parse at once make CPython lose count of how deep it is: SystemError (its issue 106905).
_parsing = threading.Lock()


def code_files(module: Path, root: Path) -> list[Path]:
    """`module` and, transitively, the modules under `root` (the package `nodes`) that it imports, sorted."""
    found: set[Path] = set()
    waiting = [module]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        waiting.extend(_imported(path, root))
    return sorted(found)


def digest_of(files: list[Path], root: Path) -> str:
    """A SHA-256 over the files' places below `root` and contents, as hex."""
    digest = hashlib.sha256()
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _imported(path: Path, root: Path) -> list[Path]:
    found = []
    with _parsing:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            first, _, rest = name.partition(".")
            file = root.joinpath(*rest.split(".")).with_suffix(".py") if rest else None
            if first == root.name and file and file.is_file():
                found.append(file)
    return found
