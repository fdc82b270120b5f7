"""Metrics files: one JSON object per indicator, each in a file named after it, with the key `indicator`."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any


def write_indicator(directory: Path, indicator: str, **values: Any) -> None:
    """Write one indicator; NaN and infinities become null, which JSON can carry."""
    directory.mkdir(parents=True, exist_ok=True)
    record = {"indicator": indicator, **{key: _plain(value) for key, value in values.items()}}
    text = json.dumps(record, ensure_ascii=False, indent=2)
    (directory / f"{indicator}.json").write_text(text + "\n", encoding="utf-8")


def read_indicators(directory: Path) -> dict[str, dict[str, Any]]:
    """The indicators of a metrics artifact by name."""
    found = (json.loads(path.read_text(encoding="utf-8")) for path in sorted(directory.glob("*.json")))
    return {record["indicator"]: record for record in found if "indicator" in record}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
