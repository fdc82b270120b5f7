"""Keeps the volume of a host in order, for the porter there: standard library only.

artifacts/ab/abcd…/   artifacts and the node types' code by digest, with abcd….used beside it: its size,
                      and as its time the last use
files/…/              files and folders that parameters name
resume/…, runs/…      as in the data directory
incoming/…            what is on its way; nothing here counts
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from executor.store.digests import digest_of, entry_of, scan

Answer = tuple[dict[str, Any], list[bytes]]


def census(root: Path, ask: dict[str, Any]) -> Answer:
    """What is here: artifacts with their sizes, attempts, checkpoints; what was on its way is gone."""
    shutil.rmtree(root / "incoming", ignore_errors=True)
    (root / "incoming").mkdir()
    of_runs = [path.relative_to(root) for path in root.glob("runs/*/*/*")]
    by_key = [str(path.relative_to(root)) for path in root.glob("resume/*")]
    return {"artifacts": {path.stem: _size(path) for path in root.glob("artifacts/*/*.used")},
            "attempts": [str(path) for path in of_runs if path.name != "resume"],
            "checkpoints": [str(path) for path in of_runs if path.name == "resume"] + by_key}, []  # fmt: skip


def look(root: Path, ask: dict[str, Any]) -> Answer:
    """Which artifacts are here, which from now on count as just used; what lies in some folders; the room."""
    have = []
    for digest in ask["artifacts"]:
        used = _used(root, digest)
        if used.exists():
            os.utime(used)
            have.append(digest)
    listings = {folder: listing(root / folder) for folder in ask["folders"]}
    return {"have": have, "listings": listings, "free": shutil.disk_usage(root).free}, []


def take(root: Path, ask: dict[str, Any]) -> Answer:
    """Put what has arrived into its place, if it is what it should be: then only does it count."""
    damaged = []
    for item in ask["items"]:
        came, digest = root / "incoming" / item["name"], item["digest"]
        entries = [entry_of(path, came) for path in scan(came)] if came.is_dir() else []
        if digest_of(entries) == digest:
            _place(root, came, digest, sum(entry.size for entry in entries))
        else:
            damaged.append(digest)
            shutil.rmtree(came, ignore_errors=True)
    return {"damaged": damaged, **_evict(root, ask)}, []


def keep(root: Path, ask: dict[str, Any]) -> Answer:
    """Make outputs artifacts, then remove folders that nobody needs any more."""
    kept = {}
    for item in ask["items"]:
        output, digest = root / item["folder"], item["digest"]
        sizes = _settled(output) if output.is_dir() else None
        if sizes is not None:
            _place(root, output, digest, sum(sizes))
            kept[digest] = sum(sizes)
    for folder in ask["folders"]:
        shutil.rmtree(root / folder, ignore_errors=True)
        for parent in (root / folder).parents:
            if parent in (root, root / "runs", root / "resume"):
                break
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()
    return {"kept": kept, **_evict(root, ask)}, []


def clear(root: Path, ask: dict[str, Any]) -> Answer:
    """Remove from folders what is not wanted there, and every link."""
    for folder, wanted in ask["folders"].items():
        kept = set(wanted)
        for parent, folders, names in os.walk(root / folder, topdown=False):
            for name in (*names, *folders):
                path = Path(parent, name)
                if path.is_dir() and not path.is_symlink():
                    if not any(path.iterdir()):
                        path.rmdir()
                elif path.is_symlink() or str(path.relative_to(root / folder)) not in kept:
                    path.unlink()
    return {}, []


def listing(folder: Path) -> dict[str, list[float]]:
    """The sizes and times of a folder's files by relative path; what is no plain file has size -1."""
    found = {}
    for parent, folders, names in os.walk(folder):
        links = [name for name in folders if Path(parent, name).is_symlink()]
        for name in (*names, *links):
            path = Path(parent, name)
            entry = os.lstat(path)
            size = entry.st_size if stat.S_ISREG(entry.st_mode) else -1
            found[str(path.relative_to(folder))] = [size, entry.st_mtime]
    return found


def _used(root: Path, digest: str) -> Path:
    return root / "artifacts" / digest[:2] / f"{digest}.used"


def _size(used: Path) -> int:
    try:
        return int(used.read_text())
    except (OSError, ValueError):
        return 0


def _place(root: Path, folder: Path, digest: str, size: int) -> None:
    used = _used(root, digest)
    target = used.with_suffix("")
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        shutil.rmtree(folder)
    else:
        folder.rename(target)
    used.write_text(str(size))


def _settled(folder: Path) -> list[int] | None:
    """The sizes of an output's files, now nobody's to change; None where it holds more than plain files."""
    sizes = []
    for parent, folders, names in os.walk(folder):
        for name in names:
            found = os.lstat(Path(parent, name))
            if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
                return None
            sizes.append(found.st_size)
        if any(Path(parent, name).is_symlink() for name in folders):
            return None
    for parent, _, names in os.walk(folder):
        for path, mode in ((Path(parent), 0o755), *((Path(parent, name), 0o444) for name in names)):
            os.chown(path, 0, 0)
            path.chmod(mode)
    return sizes


def _evict(root: Path, ask: dict[str, Any]) -> dict[str, Any]:
    """Remove what was used longest ago, until the rest fits; never what is in use."""
    gone, kept = [], set(ask.get("in_use", ()))
    entries = sorted(_cached(root), key=lambda entry: entry[0])
    over = sum(size for _, size, _ in entries) - ask.get("limit", 1 << 62)
    for _, size, path in entries:
        if over <= 0:
            break
        if str(path.relative_to(root)) in kept:
            continue
        path.with_name(f"{path.name}.used").unlink(missing_ok=True)
        # Renamed first: half an artifact is none.
        grave = root / "incoming" / f"gone-{path.name}"
        path.rename(grave)
        shutil.rmtree(grave, ignore_errors=True)
        gone.append(path.name)
        over -= size
    return {"gone": gone}


def _cached(root: Path) -> Iterator[tuple[float, int, Path]]:
    for used in root.glob("artifacts/*/*.used"):
        yield used.stat().st_mtime, _size(used), used.with_suffix("")
    for folder in (*root.glob("files/*"), *root.glob("resume/*")):
        yield folder.stat().st_mtime, round(sum(size for size, _ in listing(folder).values())), folder
