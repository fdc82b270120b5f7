"""What an environment requires, and whether this interpreter has it."""

from __future__ import annotations

import hashlib
import re
import sys
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from executor.launchers.base import LaunchError
from nodegraph.suggest import did_you_mean

BASE = "base"
_COMMENT = re.compile(r"(^|\s)#.*$")


def names(folder: Path) -> list[str]:
    """The environments there are, by name."""
    return sorted(path.stem for path in folder.glob("*.txt"))


def lines(folder: Path, name: str) -> list[str]:
    """The requirements of an environment, with those of the harness, which runs in each."""
    path = folder / f"{name}.txt"
    if not path.is_file():
        hint = did_you_mean(name, names(folder)) or f"Make {path}."
        raise LaunchError("dependency", f"There is no environment {name}.", hint)
    texts = dict.fromkeys([folder / f"{BASE}.txt", path])
    return list(dict.fromkeys(line for text in texts for line in file_lines(text)))


def file_lines(path: Path) -> list[str]:
    """The lines of a file that are no comments; none where there is no such file."""
    if not path.is_file():
        return []
    raw = path.read_text(encoding="utf-8").splitlines()
    return [line for text in raw if (line := _COMMENT.sub("", text).strip())]


def digest(requirements: list[str]) -> str:
    """A digest over the requirements and the version of Python."""
    python = f"python {sys.version_info[0]}.{sys.version_info[1]}"
    return hashlib.sha256("\n".join([python, *requirements]).encode()).hexdigest()


def missing(requirements: list[str]) -> list[str]:
    """The requirements that this interpreter does not satisfy, with what it has instead."""
    found = []
    for line in requirements:
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate():
            continue
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            found.append(line)
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            found.append(f"{line} (here: {version})")
    return found
