"""The normalised dataset: a directory with data.jsonl in TRL's standard fields, and card.json.

Purposes: `text` {text}; `prompt-completion` {prompt, completion}; `messages` {messages};
`preference` {prompt, chosen, rejected}; `prompt` {prompt, and further columns}.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

from nodegraph import NodeFailure

Row = dict[str, Any]
Purpose = Literal["text", "prompt-completion", "messages", "preference", "prompt"]
DATA = "data.jsonl"
CARD = "card.json"


def read_rows(directory: Path) -> Iterator[Row]:
    """The rows of a normalised dataset, one at a time."""
    with (directory / DATA).open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def read_card(directory: Path) -> dict[str, Any]:
    """What a dataset says of itself: purpose, fields, counts, source, lineage."""
    card: dict[str, Any] = json.loads((directory / CARD).read_text(encoding="utf-8"))
    return card


def write_dataset(
    directory: Path,
    rows: Iterable[Row],
    *,
    purpose: Purpose | None = None,
    source: dict[str, Any] | None = None,
    lineage: list[dict[str, Any]] | None = None,
    extra: dict[str, Any] | None = None,
) -> int:
    """Write rows and card; answers how many rows. `purpose` is read off the first row where not given.

    `source` says where the data came from; `lineage` lists what was done to it, oldest first.
    """
    directory.mkdir(parents=True, exist_ok=True)
    fields: dict[str, None] = {}
    count = 0
    with (directory / DATA).open("w", encoding="utf-8") as file:
        for row in rows:
            fields.update(dict.fromkeys(row))
            purpose = purpose or purpose_of(row)
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    card = {
        "purpose": purpose or "text",
        "fields": list(fields),
        "counts": {"rows": count},
        "source": source or {},
        "lineage": lineage or [],
        **(extra or {}),
    }
    (directory / CARD).write_text(json.dumps(card, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return count


def derive_dataset(directory: Path, rows: Iterable[Row], parent: dict[str, Any], step: dict[str, Any]) -> int:
    """Write rows made from a dataset with card `parent`: same source, its lineage plus `step`."""
    lineage = [*parent.get("lineage", []), step]
    return write_dataset(
        directory, rows, purpose=parent.get("purpose"), source=parent.get("source"), lineage=lineage
    )


def purpose_of(row: Row) -> Purpose:
    """What a normalised row is for, by its fields."""
    if "chosen" in row and "rejected" in row:
        return "preference"
    if "messages" in row:
        return "messages"
    if "prompt" in row and "completion" in row:
        return "prompt-completion"
    return "prompt" if "prompt" in row else "text"


def text_of(row: Row) -> str:
    """All the text of a row as one string, for length limits, duplicates and filters."""
    parts = []
    for field in ("text", "prompt", "messages", "completion", "chosen", "rejected"):
        value = row.get(field)
        if isinstance(value, str):
            parts.append(value)
        elif isinstance(value, list):
            parts.extend(str(turn.get("content", "")) for turn in value if isinstance(turn, dict))
    return "\n".join(parts)


def require_rows(directory: Path, port: str = "dataset") -> None:
    """Fail with category input where a dataset is empty."""
    if next(read_rows(directory), None) is None:
        raise NodeFailure(
            "input", f"The dataset on the input {port} has no rows.", "See the report of the node before."
        )
