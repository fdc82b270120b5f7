"""What pip is told on this machine (indexes, wheels, certificates), for use while an image is made.

It reaches the making as a file that is gone again before the image is kept: addresses of indexes often
hold a password.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

_WANTED = (
    "index-url", "extra-index-url", "find-links", "no-index", "trusted-host", "cert", "timeout",
    "default-timeout", "retries", "proxy",
)  # fmt: skip
_PLACES = ("global", "install", ":env:")


@dataclass(frozen=True)
class PipSettings:
    """The text of a pip.conf, and the files and folders of this machine that it names."""

    text: str
    paths: tuple[Path, ...]


def pip_settings() -> PipSettings:
    """What pip on this machine goes by, from its files and its environment variables."""
    command = [sys.executable, "-m", "pip", "config", "list", "--disable-pip-version-check"]
    shown = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
    found: dict[str, str] = {}
    # Later places win, as with pip itself.
    for place in _PLACES:
        for line in shown.stdout.splitlines():
            key, _, value = line.partition("=")
            section, _, name = key.rpartition(".")
            if section == place and name in _WANTED:
                found[name] = value.strip().strip("'\"")
    found = {name: value.replace("\\n", " ").replace("%", "%%") for name, value in found.items()}
    paths = {path for value in found.values() for path in _local(value)}
    lines = [f"{name} = {' '.join(value.split())}" for name, value in sorted(found.items())]
    return PipSettings("\n".join(["[global]", *lines, ""]), tuple(sorted(paths)))


def _local(value: str) -> Iterator[Path]:
    for word in value.split():
        is_address = word.startswith("file://")
        path = Path(unquote(urlsplit(word).path)) if is_address else Path(word)
        if path.is_absolute() and path.exists():
            # The pages of an index name files beside it.
            yield path.parent if is_address and len(path.parts) > 2 else path
