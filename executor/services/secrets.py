"""Secrets: a name in the pipeline, the value from the environment or a file that only its owner reads."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nodegraph.errors import InvalidInput, NotFound
from nodegraph.suggest import did_you_mean

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_OWN = "NODEGRAPH_"


@dataclass(frozen=True)
class SecretView:
    """What people may know of a secret: where its value is, when it was set there, which pipelines need it.

    Where both have a value, the environment's counts.
    """

    name: str
    in_environment: bool
    in_directory: bool
    changed: float | None
    used_by: Sequence[str] = ()

    @property
    def is_set(self) -> bool:
        """Whether it has a value."""
        return self.in_environment or self.in_directory


class Secrets:
    """Values leave this class in one direction only: to the attempt that names them.

    `own` holds what the server itself needs; such names begin with NODEGRAPH_, and no pipeline gets them.
    """

    def __init__(self, directory: Path, *, own: bool = False) -> None:
        self._directory = directory
        self._own = own

    def names(self) -> list[str]:
        """The secrets kept in the data directory; values are never listed."""
        return sorted(path.name for path in self._directory.glob("*") if self._is_name(path.name))

    def overview(self, uses: Mapping[str, Sequence[str]]) -> list[SecretView]:
        """The secrets that are kept and those that are needed; `uses` are the pipelines by secret."""
        kept = self.names()
        return [
            SecretView(
                name, bool(os.environ.get(name)), name in kept, self._changed(name), list(uses.get(name, ()))
            )
            for name in sorted({*kept, *uses})
        ]

    def is_set(self, name: str) -> bool:
        """Whether the secret has a value, in the environment or in the data directory."""
        return self.value(name) is not None

    def value(self, name: str) -> str | None:
        """The value: from the environment variable of that name first, then from the data directory."""
        if not self._is_name(name):
            return None
        if found := os.environ.get(name):
            return found
        try:
            return (self._directory / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def values(self, names: Iterable[str]) -> dict[str, str]:
        """The values of those that are set."""
        found = {name: self.value(name) for name in names}
        return {name: value for name, value in found.items() if value is not None}

    def set(self, name: str, value: str) -> None:
        """Keep a value, readable by its owner only."""
        if not _NAME.fullmatch(name):
            raise InvalidInput(f"{name!r} is no name for a secret.", "Use letters, digits and underscores.")
        if not self._is_name(name):
            raise InvalidInput(f"{name} is a name of the server's own.", f"Names begin with {_OWN} there.")
        if not value:
            raise InvalidInput(f"The value of {name} is empty.", "Give a value, or remove the secret.")
        if "\0" in value:
            raise InvalidInput(f"The value of {name} has a NUL character.", "Copy it again.")
        self._directory.mkdir(mode=0o700, exist_ok=True)
        temporary = self._directory / f".{name}.new"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(value)
        temporary.replace(self._directory / name)

    def remove(self, name: str) -> None:
        """Forget a value; NotFound where there is none."""
        if name not in self.names():
            raise NotFound(
                f"There is no secret {name} in the data directory.", did_you_mean(name, self.names())
            )
        (self._directory / name).unlink()

    def _is_name(self, name: str) -> bool:
        return _NAME.fullmatch(name) is not None and name.startswith(_OWN) == self._own

    def _changed(self, name: str) -> float | None:
        try:
            return (self._directory / name).stat().st_mtime
        except OSError:
            return None
