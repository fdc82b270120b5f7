"""What a person chose for the images of this data directory: base, CPU builds, where wheels lie."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from executor.images.recipe import BASE


@dataclass(frozen=True)
class Choice:
    """How one environment's image is made: kept, so that a first use makes the same as `images build` did."""

    base: str = BASE
    cpu: bool = False
    wheelhouse: str | None = None


class Choices:
    """The choices by environment, in one small file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, environment: str) -> Choice:
        """What was chosen for an environment; the usual where nothing was."""
        return Choice(**self._read().get(environment, {}))

    def keep(self, environment: str, choice: Choice) -> None:
        """Remember a choice."""
        known = self._read()
        if choice == Choice():
            known.pop(environment, None)
        else:
            known[environment] = asdict(choice)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_suffix(".new")
        temporary.write_text(json.dumps(known, indent=2))
        temporary.replace(self._path)

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            found: dict[str, dict[str, Any]] = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}
        return found
