"""Collects problems, and finds the line of each from its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nodegraph.format.reader import Path
from nodegraph.problems import Problem


class Report:
    """The problems found so far. What is wrong with a node in `muted` is a warning: it will not run."""

    def __init__(self, lines: Mapping[Path, int] | None, muted: frozenset[str] = frozenset()) -> None:
        self._lines = lines or {}
        self._muted = muted
        self.problems: list[Problem] = []

    def add(self, code: str, message: str, hint: str = "", *, path: Path | None = None, **place: Any) -> None:
        """Add a problem at a node, port or param; `path` where the line is another than the place's."""
        node = place.get("node")
        if node in self._muted:
            place["severity"] = "warning"
        line = self._line(path if path is not None else self._path(**place))
        self.problems.append(Problem(code=code, message=message, hint=hint, line=line, **place))

    def _path(
        self, node: str | None = None, port: str | None = None, param: str | None = None, **_: Any
    ) -> Path:
        if node is None:
            return ("parameters", param) if param else ()
        path: Path = ("nodes", node)
        if port:
            return (*path, "inputs", port)
        return (*path, "params", *param.split(".")) if param else path

    def _line(self, path: Path) -> int | None:
        return next(
            (self._lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self._lines), None
        )

    def place(self, problem: Problem) -> None:
        """Add a problem found elsewhere, with its line."""
        self.add(
            problem.code, problem.message, problem.hint,
            node=problem.node, port=problem.port, param=problem.param, severity=problem.severity,
        )  # fmt: skip
