"""Loading in one line: a file with this content, and what became of it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nodegraph import NodeFailure
from tests.support import NodeResult, run_node


@dataclass
class Loaded:
    """The rows, the card and the report of a load."""

    rows: list[dict[str, Any]]
    card: dict[str, Any]
    report: dict[str, Any]
    result: NodeResult

    @property
    def bad(self) -> list[tuple[str, str]]:
        """Place and reason of each bad row."""
        return [(row["place"], row["reason"]) for row in self.report["bad_rows"]]

    @property
    def file(self) -> dict[str, Any]:
        """The first file of the report."""
        first: dict[str, Any] = self.report["files"][0]
        return first


def loaded(result: NodeResult) -> Loaded:
    card = json.loads((result.outputs["dataset"] / "card.json").read_text(encoding="utf-8"))
    report = json.loads((result.outputs["report"] / "report.json").read_text(encoding="utf-8"))
    assert (result.outputs["report"] / "report.md").read_text(encoding="utf-8").startswith("# ")
    return Loaded(result.rows(), card, report, result)


Load = Callable[..., Loaded]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load a file of this name and content (text, bytes or rows as JSON Lines), or any source."""

    def load(name: str, content: Any = None, *, packed: bool = False, **params: Any) -> Loaded:
        source = name
        if content is not None:
            path = tmp_path / "data" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(gzip.compress(as_bytes(content)) if packed else as_bytes(content))
            source = str(path)
        return loaded(run_node("preprocess.load", tmp_path, source=source, **params))

    return load


def as_bytes(content: Any) -> bytes:
    if isinstance(content, bytes):
        return content
    if isinstance(content, str):
        return content.encode()
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in content).encode()


@pytest.fixture
def refused(load: Load) -> Callable[..., NodeFailure]:
    """The failure of a load that must fail; it always says what to do next."""

    def refused(*args: Any, **params: Any) -> NodeFailure:
        with pytest.raises(NodeFailure) as caught:
            load(*args, **params)
        assert caught.value.hint
        return caught.value

    return refused
