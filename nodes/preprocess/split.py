"""Splits a dataset into train, validation and test, seeded, by strata, and with groups kept together."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Hashable
from pathlib import Path
from typing import Any, Literal

from pydantic import model_validator

from nodegraph import Context, Field, Inputs, NodeFailure, NodeParams, NodeType, Outputs, Port, Resources
from nodegraph.suggest import did_you_mean
from nodes.common.dataset import derive_dataset, read_card, read_rows, require_rows
from nodes.common.dataset_preview import rows_table
from nodes.common.preview import Block, table
from nodes.common.row_index import RowIndex
from nodes.preprocess._split.assign import Assignment, by_groups, by_strata
from nodes.preprocess._split.sizes import SPLITS, check_sizes, sizes

_MISSING = "(missing)"
_EVERY = 5000


class Params(NodeParams):
    """Shares that add up to 1, or, as soon as one is above 1, counts of rows."""

    train: float = Field(
        0.8,
        ge=0,
        title="Training share",
        help="Shares add up to 1; if one is above 1, all three are counts of rows.",
    )
    validation: float = Field(0.1, ge=0, title="Validation share", help="0 gives an empty dataset.")
    test: float = Field(0.1, ge=0, title="Test share", help="0 gives an empty dataset.")
    stratify: str = Field(
        "",
        title="Stratify by",
        help="A field, such as a label, whose values keep their proportions.",
    )
    seed: int = Field(42, ge=0, le=2**63 - 1, title="Seed", shown={"shuffle": [True]})
    groups: str = Field(
        "", title="Group by", group="Advanced",
        help="A field; rows with the same value stay together, so that sizes are approximate.",
    )  # fmt: skip
    shuffle: bool = Field(
        True, title="Shuffle", group="Advanced", help="Off: train gets the first rows, test the last."
    )
    rest: Literal["leave", "train"] = Field(
        "leave",
        title="Rows beyond the counts",
        group="Advanced",
        help="Leave out, or add to train.",
    )

    @model_validator(mode="after")
    def _add_up(self) -> Params:
        check_sizes((self.train, self.validation, self.test))
        return self


NODE = NodeType(
    title="Split data",
    category="preprocess",
    params=Params,
    inputs={"dataset": Port("dataset")},
    outputs={name: Port("dataset") for name in SPLITS},
    resources=Resources(cpu=1, memory_gb=2),
)


def run(params: Params, inputs: Inputs, outputs: Outputs, ctx: Context) -> None:
    """Deal out the rows; only their places and two fields are held in memory."""
    source = inputs["dataset"]
    require_rows(source)
    card = read_card(source)
    index = RowIndex.of(source)
    wanted = (params.train, params.validation, params.test)
    totals = sizes(len(index), wanted, rest_to_train=params.rest == "train")
    strata, groups = _keys(source, params, card["fields"])
    _warn_of_rare(strata, ctx)
    assignment = _assigned(params, strata, groups, totals)
    done = 0
    for name, rows in zip(SPLITS, assignment, strict=False):
        step = {"step": "preprocess.split", "split": name, "seed": params.seed}
        done += derive_dataset(outputs[name], index.rows(rows), card, step)
        ctx.progress(done, len(index), "rows")
        ctx.metric(f"{name}_rows", len(rows))
    shown = ", ".join(f"{name} {len(rows):,}" for name, rows in zip(SPLITS, assignment, strict=False))
    left = len(assignment[-1])
    ctx.log(f"{shown}{f'; {left:,} rows left out' if left else ''}.")


def _assigned(
    params: Params, strata: list[Hashable], groups: list[Hashable] | None, totals: list[int]
) -> Assignment:
    rng = random.Random(params.seed)
    if groups is not None:
        assignment = by_groups(groups, strata, totals, rng)
        if params.shuffle:
            for rows in assignment:
                rng.shuffle(rows)
        return assignment
    order = list(range(len(strata)))
    if params.shuffle:
        rng.shuffle(order)
    return by_strata(strata, totals, order)


def _keys(source: Path, params: Params, fields: list[str]) -> tuple[list[Hashable], list[Hashable] | None]:
    for param, name in (("stratify", params.stratify), ("groups", params.groups)):
        if name and name not in fields:
            raise NodeFailure(
                "input",
                f"{param} names the field {name}, which no row has.",
                did_you_mean(name, fields) + " Further columns are kept by keep_columns of preprocess.load.",
            )
    strata: list[Hashable] = []
    groups: list[Hashable] = []
    for number, row in enumerate(read_rows(source)):
        strata.append(_key(row.get(params.stratify)) if params.stratify else "")
        if params.groups:
            value = row.get(params.groups)
            # Rows without a group belong to none, and so each to its own.
            groups.append((_MISSING, number) if value is None else _key(value))
    return strata, groups if params.groups else None


def _key(value: Any) -> Hashable:
    if value is None:
        return _MISSING
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _warn_of_rare(strata: list[Hashable], ctx: Context) -> None:
    counts = Counter(strata)
    rare = sum(count < len(SPLITS) for count in counts.values())
    if len(counts) > 1 and rare:
        ctx.log(f"{rare:,} of {len(counts):,} values have too few rows to be in every split.", "warning")


def preview(outputs: Outputs) -> list[Block]:
    """The sizes of the splits and the first rows of each."""
    counts = {name: read_card(outputs[name])["counts"]["rows"] for name in SPLITS}
    total = sum(counts.values()) or 1
    shares = [(name, count, f"{count / total:.1%}") for name, count in counts.items()]
    tables = [rows_table(outputs[name], name) for name, count in counts.items() if count]
    return [table("Splits", ("split", "rows", "share"), shares), *tables]
