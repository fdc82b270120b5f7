"""Adds copies of rows with noise in them: typing errors, characters of the same sound, lost punctuation."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import field_validator

from nodegraph import Context, Field, Inputs, NodeParams, NodeType, Outputs, Port, Resources
from nodes.augment._noise_kinds import KINDS, Kind
from nodes.augment._noise_text import noisy
from nodes.augment._tag import Tag
from nodes.common.dataset import Row, derive_dataset, read_card, read_rows, require_rows
from nodes.common.dataset_preview import dataset_blocks
from nodes.common.preview import Block, values
from nodes.common.row_text import map_texts

_EVERY = 500
Side = Literal["user", "assistant", "both"]


class Params(NodeParams):
    """How much noise of which kinds, and where."""

    kinds: list[Kind] = Field(
        ["typo", "drop", "swap", "repeat", "keyboard"], title="Kinds", min_length=1, help=", ".join(KINDS)
    )
    rate: float = Field(
        0.05, ge=0, le=1, title="Rate", help="The share of characters that change; at least one in each text."
    )
    copies: int = Field(1, ge=1, le=100, title="Copies", help="Noisy copies of each row.")
    keep_original: bool = Field(True, title="Keep the originals")
    side: Side = Field(
        "user", title="Side", group="Advanced",
        help="user: what is asked, and plain text; assistant: answers too; labels are answers, so beware.",
    )  # fmt: skip
    tag: Tag = Field(
        "", title="Tag column", group="Advanced", help="Where named, this column says whether a row is noisy."
    )
    seed: int = Field(42, ge=0, le=2**63 - 1, title="Seed")

    @field_validator("kinds")
    @classmethod
    def _once(cls, kinds: list[Kind]) -> list[Kind]:
        return list(dict.fromkeys(kinds))


NODE = NodeType(
    title="Add noise",
    category="augment",
    params=Params,
    inputs={"dataset": Port("dataset")},
    outputs={"dataset": Port("dataset")},
    resources=Resources(cpu=1, memory_gb=1),
)


def run(params: Params, inputs: Inputs, outputs: Outputs, ctx: Context) -> None:
    """Each copy has its own generator, so that a row's noise depends on the seed and its place alone."""
    require_rows(inputs["dataset"])
    card = read_card(inputs["dataset"])
    counts: Counter[str] = Counter()
    changes: dict[str, int] = {}
    step = {"step": "augment.noise", **params.model_dump(), "changes": changes}
    rows = _augmented(inputs["dataset"], params, card["counts"]["rows"], counts, changes, ctx)
    written = derive_dataset(outputs["dataset"], rows, card, step)
    ctx.metric("rows", written)
    ctx.metric("changes", sum(counts.values()))
    ctx.log(f"{written:,} rows; " + ", ".join(f"{kind} {count:,}" for kind, count in changes.items()) + ".")


def _augmented(
    source: Path, params: Params, total: int, counts: Counter[str], changes: dict[str, int], ctx: Context
) -> Iterator[Row]:
    for number, row in enumerate(read_rows(source)):
        if params.keep_original:
            yield {**row, params.tag: False} if params.tag else row
        for copy in range(params.copies):
            rng = random.Random(f"{params.seed}/{number}/{copy}")
            changed = _noisy_row(row, params, rng, counts)
            yield {**changed, params.tag: True} if params.tag else changed
        if number % _EVERY == 0 or number + 1 == total:
            ctx.progress(number + 1, total, "rows")
    # The card is written after the last row, so it shows the final counts.
    changes.update(counts.most_common())


def _noisy_row(row: Row, params: Params, rng: random.Random, counts: Counter[str]) -> Row:
    def change(text: str, _field: str, role: str) -> str:
        side = "user" if role in ("user", "") else role
        if side not in ("user", "assistant") or params.side not in (side, "both"):
            return text
        return noisy(text, params.kinds, params.rate, rng, counts)

    return map_texts(row, change)


def preview(outputs: Outputs) -> list[Block]:
    """How often each kind was used, and the first rows."""
    step: dict[str, Any] = read_card(outputs["dataset"])["lineage"][-1]
    return [values("Changes", step["changes"]), *dataset_blocks(outputs["dataset"])]
