"""Mixes datasets by given proportions into one, with or without repeating rows."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import field_validator

from nodegraph import Context, Field, Inputs, NodeFailure, NodeParams, NodeType, Outputs, Port, Resources
from nodes.augment._mix_plan import Until, chosen_rows, counts_for
from nodes.augment._tag import Tag
from nodes.common.dataset import Purpose, Row, read_card, read_rows, write_dataset
from nodes.common.dataset_preview import dataset_blocks
from nodes.common.forms import is_chat, to_chat, to_messages
from nodes.common.preview import Block, table
from nodes.common.row_index import RowIndex

_EVERY = 2000


class Params(NodeParams):
    """In which proportions, how many rows, in which order."""

    ratios: list[float] = Field(
        [], title="Ratios", help="One for each dataset in their order, such as 7, 3. None: all rows of all."
    )
    total: int | None = Field(
        None, ge=1, title="Rows in all", help="Without it, as many as there are until a dataset is used up."
    )
    until: Until = Field("smallest", title="Stop when used up", help="The first dataset to end, or the last.")
    oversample: bool = Field(
        False, title="Repeat rows", help="A dataset that is too small gives its rows more than once."
    )
    shuffle: bool = Field(True, title="Shuffle", help="Off: one dataset after the other.")
    seed: int = Field(42, ge=0, le=2**63 - 1, title="Seed")
    convert: bool = Field(
        False, title="Convert to conversations", group="Advanced",
        help="Lets questions with answers be mixed with conversations.",
    )  # fmt: skip
    tag: Tag = Field(
        "",
        title="Tag column",
        group="Advanced",
        help="Where named, this column says where a row is from.",
    )

    @field_validator("ratios")
    @classmethod
    def _are_ratios(cls, ratios: list[float]) -> list[float]:
        if any(ratio < 0 for ratio in ratios):
            raise ValueError("a ratio cannot be negative")
        if ratios and not any(ratios):
            raise ValueError("at least one ratio must be above 0")
        return ratios


NODE = NodeType(
    title="Mix datasets",
    category="augment",
    params=Params,
    inputs={"datasets": Port("dataset", many=True)},
    outputs={"dataset": Port("dataset")},
    resources=Resources(cpu=1, memory_gb=2),
)


def run(params: Params, inputs: Inputs, outputs: Outputs, ctx: Context) -> None:
    """Plan the counts, choose rows of each, write them in mixed order."""
    paths = inputs.many("datasets")
    cards = [read_card(path) for path in paths]
    sizes = [card["counts"]["rows"] for card in cards]
    counts = counts_for(sizes, params.ratios, params.total, params.until, oversample=params.oversample)
    if sum(counts) == 0:
        raise NodeFailure("input", "The mix has no rows.", "See the datasets before, the ratios and total.")
    used = [number for number, count in enumerate(counts) if count]
    purpose = _purpose([cards[number]["purpose"] for number in used], [n + 1 for n in used], params)
    as_chat = len({is_chat(next(read_rows(paths[number]))) for number in used}) > 1
    order = _order(sizes, counts, params)

    def rows() -> Iterator[Row]:
        for done, (number, row) in enumerate(_picked(paths, order), start=1):
            formed = to_messages(row) if purpose == "messages" else to_chat(row) if as_chat else row
            yield {**formed, params.tag: _name(cards[number], number)} if params.tag else formed
            if done % _EVERY == 0 or done == len(order):
                ctx.progress(done, len(order), "rows")

    parts = [
        {"name": _name(card, number), "rows": size, "taken": count, "source": card.get("source", {}),
         "lineage": card.get("lineage", [])}
        for number, (card, size, count) in enumerate(zip(cards, sizes, counts, strict=True))
    ]  # fmt: skip
    step = {"step": "augment.mix", "seed": params.seed, "parts": parts}
    write_dataset(outputs["dataset"], rows(), purpose=purpose, source={"kind": "mix"}, lineage=[step])
    ctx.metric("rows", sum(counts))
    ctx.log(
        f"{sum(counts):,} rows: " + ", ".join(f"{p['name']} {p['taken']:,} of {p['rows']:,}" for p in parts)
    )


def _picked(paths: Sequence[Path], order: Sequence[tuple[int, int]]) -> Iterator[tuple[int, Row]]:
    """The rows in mixed order: each dataset is read through its index by an iterator of its own."""
    readers = [
        RowIndex.of(path).rows([place for owner, place in order if owner == number])
        for number, path in enumerate(paths)
    ]
    for number, _ in order:
        yield number, next(readers[number])


def _purpose(purposes: Sequence[Purpose], numbers: Sequence[int], params: Params) -> Purpose:
    found = set(purposes)
    if len(found) == 1:
        return purposes[0]
    listed = ", ".join(
        f"dataset {number}: {purpose}" for number, purpose in zip(numbers, purposes, strict=True)
    )
    if found == {"prompt-completion", "messages"}:
        if params.convert:
            return "messages"
        hint = "Turn on convert to make conversations of all of them."
    else:
        hint = "Mix datasets of one purpose; load the others with another mapping, or train on them apart."
    raise NodeFailure("input", f"The datasets have different purposes ({listed}).", hint)


def _order(sizes: Sequence[int], counts: Sequence[int], params: Params) -> list[tuple[int, int]]:
    order = []
    for number, (size, count) in enumerate(zip(sizes, counts, strict=True)):
        if count:
            rng = random.Random(f"{params.seed}/{number}")
            order += [(number, place) for place in chosen_rows(size, count, rng)]
    if params.shuffle:
        random.Random(params.seed).shuffle(order)
    return order


def _name(card: dict[str, Any], number: int) -> str:
    return str(card.get("source", {}).get("name") or f"dataset {number + 1}")


def preview(outputs: Outputs) -> list[Block]:
    """How many rows came from where, and the first rows."""
    parts = read_card(outputs["dataset"])["lineage"][-1]["parts"]
    rows = [(part["name"], part["rows"], part["taken"]) for part in parts]
    return [table("Parts", ("dataset", "rows", "taken"), rows), *dataset_blocks(outputs["dataset"])]
