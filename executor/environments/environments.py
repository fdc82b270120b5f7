"""Finds the interpreter of an environment: this one where it has the requirements, else a venv of its own."""

from __future__ import annotations

import sys
from pathlib import Path

from executor.environments import requirements
from executor.environments.making import make
from executor.launchers.base import LaunchError, Say
from nodegraph.registry import DEFAULT_ROOT

# At the top of a checkout; beside this module where NodeGraph was installed from a wheel.
_CONSTRAINTS = (DEFAULT_ROOT.parent / "constraints.txt", Path(__file__).with_name("constraints.txt"))


class Environments:
    """The environments named by files <nodes>/environments/<name>.txt; venvs lie under `root`."""

    def __init__(self, root: Path, nodes_root: Path = DEFAULT_ROOT) -> None:
        self.root = root
        own = nodes_root / "environments"
        self._folder = own if own.is_dir() else DEFAULT_ROOT / "environments"
        self._constraints = next((path for path in _CONSTRAINTS if path.is_file()), _CONSTRAINTS[0])
        self._satisfied: set[str] = set()

    def names(self) -> list[str]:
        """The environments there are."""
        return requirements.names(self._folder)

    def digest(self, name: str) -> str:
        """A digest over the requirements and the version of Python: part of a node's cache key."""
        return requirements.digest(requirements.lines(self._folder, name))

    def requirements(self, name: str) -> list[str]:
        """What the environment needs, the harness's own requirements among them. Raises LaunchError."""
        return requirements.lines(self._folder, name)

    def constraints(self) -> str:
        """The versions that requirements are held to; empty where there is no such list."""
        return self._constraints.read_text(encoding="utf-8") if self._constraints.is_file() else ""

    def preload(self, name: str) -> list[str]:
        """The modules that a warm worker imports beforehand; none where nothing says so."""
        return requirements.file_lines(self._folder / f"{name}.preload")

    def missing(self, name: str) -> list[str]:
        """What this interpreter lacks to serve as the environment."""
        return requirements.missing(requirements.lines(self._folder, name))

    def satisfied(self, name: str) -> bool:
        """Whether this interpreter can serve as the environment, as it is."""
        key = self.digest(name)
        if key not in self._satisfied and not self.missing(name):
            self._satisfied.add(key)
        return key in self._satisfied

    def venv(self, name: str) -> Path:
        """Where the environment's own venv lies, or would lie."""
        return self.root / f"{name}-{self.digest(name)[:12]}"

    def interpreter(self, name: str) -> Path | None:
        """The Python that runs the environment's nodes; None where `prepare` has yet to make it."""
        if self.satisfied(name):
            return Path(sys.executable)
        python = self.venv(name) / "bin" / "python"
        return python if python.exists() else None

    def prepare(self, name: str, say: Say) -> Path:
        """The interpreter, made on first use, which is said line by line. Raises LaunchError."""
        found = self.interpreter(name)
        if found is None:
            make(name, requirements.lines(self._folder, name), self.venv(name), self._constraints, say)
            found = self.interpreter(name)
        if found is None:
            message = f"The environment {name} was made, but has no Python."
            raise LaunchError("dependency", message, f"Remove {self.venv(name)} and retry.")
        return found
