"""Lists the data files of a folder; links that lead out of it are never followed."""

from __future__ import annotations

import os
import re
from pathlib import Path

from nodegraph import NodeFailure
from nodes.preprocess._load.reading import FORMATS, suffix_format

# Files that describe data rather than hold it.
_ABOUT = frozenset({
    "card.json", "dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json", "config.json",
    "package.json", "requirements.txt", "license.txt", "readme.txt"
})  # fmt: skip
_ARCHIVES = (".zip", ".tar", ".tgz", ".7z", ".rar", ".bz2", ".xz", ".zst", ".xlsx", ".xls")
MAX_FILES = 10_000


def data_files(folder: Path, split: str = "") -> tuple[list[Path], list[str]]:
    """The data files below `folder` in order of name, and what was left out and why."""
    root = Path(os.path.realpath(folder))
    found: list[Path] = []
    left_out: list[str] = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or any(part.startswith((".", "__MACOSX")) for part in Path(name).parts):
            continue
        if not Path(os.path.realpath(path)).is_relative_to(root):  # resolve() raises on a loop of links
            left_out.append(f"{name}: a link that leads out of the folder is not followed")
        elif not path.is_file():
            left_out.append(f"{name}: no regular file")
        elif suffix_format(name) is None:
            left_out.append(f"{name}: no known data format")
        elif path.name.lower() not in _ABOUT and _of_split(name, split):
            found.append(path)
    if not found:
        raise _none(folder, left_out, split)
    if len(found) > MAX_FILES:
        raise NodeFailure(
            "input", f"{folder.name} holds {len(found):,} files.", f"Join them to at most {MAX_FILES:,}."
        )
    return found, left_out


def refuse_archive(path: Path) -> None:
    """Fail with what to do for archives and workbooks, which are not unpacked."""
    if path.name.lower().endswith(_ARCHIVES):
        raise NodeFailure(
            "input",
            f"{path.name} is an archive or a workbook; those are not read.",
            "Unpack it and load the folder, or save the sheet as CSV.",
        )


def _of_split(name: str, split: str) -> bool:
    return (
        not split
        or re.search(rf"(^|[^a-z0-9]){re.escape(split.lower())}([^a-z0-9]|$)", name.lower()) is not None
    )


def _none(folder: Path, left_out: list[str], split: str) -> NodeFailure:
    wanted = f" for the split {split}" if split else ""
    seen = f" Left out: {'; '.join(left_out[:5])}." if left_out else " It is empty."
    return NodeFailure(
        "input",
        f"The folder {folder.name} holds no data file{wanted}.{seen if not split or left_out else ''}",
        f"Known formats: {', '.join(FORMATS)}, each also with .gz.",
    )
