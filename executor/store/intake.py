"""Makes a node's output fit to be kept: plain files, nothing shared with files outside, then read-only."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from nodegraph.errors import NodeFailure


def settle(directory: Path) -> list[str]:
    """Turn what a node wrote into plain files of its own, and name them; NodeFailure where it cannot be.

    Symlinks that stay inside are replaced by what they point to; others are refused, for the artifact
    would change or vanish with their target. Hard links are broken for the same reason.
    """
    for path in _links(str(directory)):
        _replace_link(Path(path), directory.resolve(), directory)
    found = []
    for parent, folders, names in os.walk(directory, topdown=False):
        for name in names:
            found.append(f"{parent}/{name}")
            _settle_file(found[-1], directory)
        for name in folders:
            with contextlib.suppress(OSError):
                os.rmdir(f"{parent}/{name}")  # noqa: PTH106 - only where it is empty
    return sorted(found)


def _links(directory: str) -> Iterator[str]:
    """The symlinks below a directory; what takes the place of one is looked through as well."""
    for entry in list(os.scandir(directory)):
        is_link = entry.is_symlink()
        if is_link:
            yield entry.path
        if entry.is_dir(follow_symlinks=False) or (is_link and os.path.isdir(entry.path)):  # noqa: PTH112
            yield from _links(entry.path)


def seal(directory: Path) -> None:
    """Make the files read-only, and have them on the disk before anything says that they are there."""
    for parent, _folders, names in os.walk(directory):
        for path, is_file in [*((f"{parent}/{name}", True) for name in names), (parent, False)]:
            descriptor = os.open(path, os.O_RDONLY)
            try:
                if is_file:
                    os.fchmod(descriptor, 0o444)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def place(source: Path, target: Path) -> bool:
    """Have a file in another place too: True where it is a hard link, False where it had to be copied."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:  # another file system, or one without links
        shutil.copyfile(source, target)
        target.chmod(0o444)
        return False
    return True


def _replace_link(path: Path, root: Path, directory: Path) -> None:
    target = path.resolve()
    place = path.relative_to(directory)
    if not target.is_relative_to(root):
        raise NodeFailure(
            "node",
            f"The output holds a link that leads outside it: {place} → {path.readlink()}.",
            "Copy the file into the output instead of linking to it.",
        )
    if not target.exists() or path.is_relative_to(target):
        raise NodeFailure("node", f"The output holds a link that leads nowhere: {place}.")
    temporary = path.with_name(f"{path.name}.nodegraph-link")
    if target.is_dir():
        shutil.copytree(target, temporary, symlinks=True)
    else:
        shutil.copyfile(target, temporary)
    path.unlink()
    temporary.rename(path)


def _settle_file(path: str, directory: Path) -> None:
    found = os.lstat(path)
    if not stat.S_ISREG(found.st_mode):
        raise NodeFailure(
            "node",
            f"The output holds something that is no file: {Path(path).relative_to(directory)}.",
            "Sockets, pipes and devices cannot be kept; write files.",
        )
    if found.st_nlink > 1:
        temporary = Path(f"{path}.nodegraph-copy")
        shutil.copyfile(path, temporary)
        temporary.replace(path)
