"""The blocks that show a dataset: what it is, and its first rows as a table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from nodes.common.dataset import read_card, read_rows
from nodes.common.preview import Block, table, values
from nodes.common.row_text import short_texts

FIRST_ROWS = 20


def dataset_blocks(dataset: Path, title: str = "First rows") -> list[Block]:
    """Purpose and counts of a dataset, and its first rows."""
    card = read_card(dataset)
    facts = {"purpose": card["purpose"], "rows": card["counts"]["rows"], "fields": ", ".join(card["fields"])}
    return [values("Dataset", facts), rows_table(dataset, title)]


def rows_table(dataset: Path, title: str, columns: Sequence[str] | None = None) -> Block:
    """The first rows of a dataset as a table; the columns are its fields."""
    columns = columns or read_card(dataset)["fields"]
    rows = [dict(short_texts(row)) for row in islice(read_rows(dataset), FIRST_ROWS)]
    return table(title, columns, [[row.get(column, "") for column in columns] for row in rows])
