"""What a model's weights are called and shaped, read from the headers of its files without loading them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nodegraph import NodeFailure

INDEX = "model.safetensors.index.json"
_LONGEST_HEADER = 100_000_000


@dataclass(frozen=True)
class Tensor:
    """One parameter: its shape, and its type as safetensors calls it, such as BF16."""

    shape: tuple[int, ...]
    dtype: str


def weight_files(directory: Path) -> list[Path]:
    """The files that hold a model's weights: those its index names, else every safetensors file."""
    index = directory / INDEX
    if not index.is_file():
        return sorted(directory.glob("*.safetensors"))
    named = json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()
    return [directory / name for name in sorted(set(named))]


def tensors_of(directory: Path) -> dict[str, Tensor]:
    """All parameters of a model by name; NodeFailure where a file is missing or damaged."""
    found = {}
    for path in weight_files(directory):
        for name, entry in _header(path).items():
            if name != "__metadata__":
                found[name] = Tensor(tuple(entry["shape"]), entry["dtype"])
    return found


def _header(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 0 < length < min(path.stat().st_size, _LONGEST_HEADER):
                raise ValueError("its header is cut off")
            header: dict[str, Any] = json.loads(file.read(length))
    except (OSError, ValueError) as error:
        raise NodeFailure(
            "input",
            f"The weights {path.name} cannot be read: {error}.",
            "Run the node that made this model again.",
        ) from error
    return header
