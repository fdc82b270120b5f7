"""Writes what an evaluation found, and shows it: values, the confusion of labels, wrong answers first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nodes.common.dataset import read_card, read_rows, write_dataset
from nodes.common.examples import Example, content_of
from nodes.common.metrics import read_indicators, write_indicator
from nodes.common.preview import Block, table, values
from nodes.evaluate._data import shown

_SHOWN_ROWS = 50
_NOT_COPIED = frozenset({"prompt", "completion", "messages", "text", "tools", "chosen", "rejected"})


def write_metrics(directory: Path, indicators: Mapping[str, Mapping[str, Any]]) -> None:
    """One file for each indicator."""
    for name, found in indicators.items():
        write_indicator(directory, name, **found)


def write_samples(
    directory: Path, source: Path, examples: Sequence[Example], columns: Mapping[str, Sequence[Any]]
) -> None:
    """A row for each example: its prompt, what was said, the scores, and what else the dataset says of it."""
    card = read_card(source)
    rows = (_sample(index, example, columns) for index, example in enumerate(examples))
    lineage = [*card.get("lineage", []), {"type": "evaluate.text"}]
    write_dataset(directory, rows, purpose="prompt", source=card.get("source"), lineage=lineage)


def _sample(index: int, example: Example, columns: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    running = example.prompt == "" and example.reference is None
    sample: dict[str, Any] = {
        "index": index,
        "prompt": example.row.get("text", "") if running else shown(example.prompt),
    }
    sample.update({name: column[index] for name, column in columns.items()})
    if example.reference is not None:
        sample["reference"] = example.reference
    for name, value in example.row.items():
        said_already = value in (sample["prompt"], example.reference)
        if name not in sample and name not in _NOT_COPIED and not said_already:
            sample[name] = value
    return sample


def show(metrics: Path, samples: Path) -> list[Block]:
    """The blocks that stand on the node."""
    indicators = read_indicators(metrics)
    numbers = {
        name: round(value, 4)
        for indicator in indicators.values()
        for name, value in indicator.items()
        if isinstance(value, float)
    }
    blocks = [values("Metrics", numbers)]
    if "per_label" in indicators:
        blocks.extend(_label_tables(indicators["per_label"]))
    blocks.append(_sample_table(list(read_rows(samples))))
    return blocks


def _label_tables(found: Mapping[str, Any]) -> list[Block]:
    names = [entry["label"] for entry in found["labels"]]
    columns = ["label", "precision", "recall", "f1", "support"]
    scores = [[_rounded(entry[column]) for column in columns] for entry in found["labels"]]
    counts = [[name, *row] for name, row in zip(names, found["confusion"], strict=True)]
    return [
        table("Labels", columns, scores),
        table("Confusion matrix", ["reference", *names, "other"], counts),
    ]


def _sample_table(rows: list[dict[str, Any]]) -> Block:
    if any("correct" in row for row in rows):
        rows.sort(key=lambda row: bool(row.get("correct")))
    wanted = ("index", "correct", "prompt", "prediction", "reference", "perplexity")
    columns = [name for name in wanted if any(name in row for row in rows)]
    cells = [[_cell(row.get(name)) for name in columns] for row in rows[:_SHOWN_ROWS]]
    return table("Samples", columns, cells)


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return "\n".join(f"{turn['role']}: {content_of(turn)}" for turn in value)
    return _rounded(value)


def _rounded(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value
