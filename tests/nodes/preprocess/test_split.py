"""Splits have the sizes that were asked for, keep strata in proportion and groups together."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodegraph import NodeFailure
from nodes.preprocess._split.sizes import largest_remainder, sizes
from nodes.preprocess._split.strata import allotted
from nodes.preprocess.split import Params
from tests.support import NodeResult, dataset, run_node

SPLITS = ("train", "validation", "test")


@pytest.fixture
def hundred(tmp_path: Path) -> Path:
    """100 rows: labels a, b, c in 60, 30, 10; groups of five rows."""
    rows = [{"text": f"row {i}", "label": "a" if i < 60 else "b" if i < 90 else "c", "group": i // 5}
            for i in range(100)]  # fmt: skip
    return dataset(tmp_path / "hundred", rows)


def split(tmp_path: Path, source: Path, **params: Any) -> NodeResult:
    return run_node("preprocess.split", tmp_path, {"dataset": source}, **params)


def counts(result: NodeResult) -> list[int]:
    return [len(result.rows(name)) for name in SPLITS]


def test_every_row_is_in_exactly_one_split(tmp_path: Path, hundred: Path) -> None:
    result = split(tmp_path, hundred)
    assert counts(result) == [80, 10, 10]
    together = [row["text"] for name in SPLITS for row in result.rows(name)]
    assert sorted(together) == sorted(f"row {i}" for i in range(100))
    assert result.metric("train_rows") == 80
    card = json.loads((result.outputs["test"] / "card.json").read_text())
    assert card["purpose"] == "text" and card["lineage"][-1]["split"] == "test"


def test_the_seed_decides(tmp_path: Path, hundred: Path) -> None:
    one, same, other = (split(tmp_path, hundred, seed=seed).rows("test") for seed in (1, 1, 2))
    assert one == same != other


def test_without_shuffle_the_order_is_kept(tmp_path: Path, hundred: Path) -> None:
    result = split(tmp_path, hundred, shuffle=False)
    assert [row["text"] for row in result.rows("validation")] == [f"row {i}" for i in range(80, 90)]
    assert [row["text"] for row in result.rows("test")] == [f"row {i}" for i in range(90, 100)]


def test_counts_instead_of_shares(tmp_path: Path, hundred: Path) -> None:
    assert counts(split(tmp_path, hundred, train=50, validation=20, test=1)) == [50, 20, 1]
    assert counts(split(tmp_path, hundred, train=0, validation=20, test=5, rest="train")) == [75, 20, 5]
    with pytest.raises(NodeFailure, match=r"120 rows are asked for .* has 100"):
        split(tmp_path, hundred, train=100, validation=10, test=10)


def test_a_split_of_nothing_is_an_empty_dataset(tmp_path: Path, hundred: Path) -> None:
    result = split(tmp_path, hundred, train=1, validation=0, test=0)
    assert counts(result) == [100, 0, 0]
    card = json.loads((result.outputs["test"] / "card.json").read_text())
    assert card["purpose"] == "text" and card["counts"] == {"rows": 0}


def test_a_split_that_is_asked_for_is_never_empty(tmp_path: Path) -> None:
    assert counts(split(tmp_path, dataset(tmp_path / "four", [{"text": str(i)} for i in range(4)]))) == [
        2,
        1,
        1,
    ]
    with pytest.raises(NodeFailure, match="2 rows cannot fill 3 splits"):
        split(tmp_path, dataset(tmp_path / "two", [{"text": "a"}, {"text": "b"}]))


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"train": 0.5}, "add up to 0.7, not 1"),
        ({"train": 0.9, "test": 0.2}, "not 1"),
        ({"train": 0, "validation": 0, "test": 0}, "add up to 0"),
        ({"train": 0.8, "validation": 100, "test": 100}, "0.8 among counts"),
        ({"train": 10.5, "validation": 1, "test": 1}, "10.5 among counts"),
        ({"train": -1}, "greater than or equal to 0"),
    ],
)
def test_impossible_shares_are_problems_of_the_graph(wanted: dict[str, float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Params.model_validate(wanted)


def test_strata_keep_their_proportions(tmp_path: Path, hundred: Path) -> None:
    result = split(tmp_path, hundred, stratify="label")
    found = [Counter(row["label"] for row in result.rows(name)) for name in SPLITS]
    assert found == [{"a": 48, "b": 24, "c": 8}, {"a": 6, "b": 3, "c": 1}, {"a": 6, "b": 3, "c": 1}]


def test_strata_by_counts(tmp_path: Path, hundred: Path) -> None:
    result = split(tmp_path, hundred, stratify="label", train=30, validation=10, test=10)
    assert [Counter(row["label"] for row in result.rows(name)) for name in SPLITS] == [
        {"a": 18, "b": 9, "c": 3}, {"a": 6, "b": 3, "c": 1}, {"a": 6, "b": 3, "c": 1}
    ]  # fmt: skip


def test_groups_stay_together(tmp_path: Path, hundred: Path) -> None:
    result = split(tmp_path, hundred, groups="group", stratify="label")
    groups = [{row["group"] for row in result.rows(name)} for name in SPLITS]
    assert not (groups[0] & groups[1] or groups[0] & groups[2] or groups[1] & groups[2])
    assert counts(result) == [80, 10, 10]


def test_groups_of_uneven_size_come_near(tmp_path: Path) -> None:
    rows = [{"text": f"{group}/{i}", "group": group} for group in range(60) for i in range(1 + group % 7)]
    rows += [{"text": f"alone {i}", "group": None} for i in range(20)]
    result = split(tmp_path, dataset(tmp_path / "uneven", rows), groups="group")
    assert all(
        abs(count - share * len(rows)) < 7
        for count, share in zip(counts(result), (0.8, 0.1, 0.1), strict=True)
    )
    with pytest.raises(NodeFailure, match="2 groups cannot fill 3 splits"):
        split(
            tmp_path,
            dataset(tmp_path / "few", [{"text": "a", "group": i % 2} for i in range(9)]),
            groups="group",
        )


def test_a_field_that_no_row_has_is_named(tmp_path: Path, hundred: Path) -> None:
    with pytest.raises(NodeFailure, match="stratify names the field labl") as caught:
        split(tmp_path, hundred, stratify="labl")
    assert "label" in caught.value.hint


def test_an_empty_dataset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NodeFailure, match="no rows"):
        split(tmp_path, dataset(tmp_path / "empty", []))


@given(
    rows=st.integers(3, 5000),
    cut=st.tuples(st.integers(1, 98), st.integers(1, 98)).filter(lambda c: sum(c) < 100),
)
def test_sizes_are_shares_to_less_than_a_row(rows: int, cut: tuple[int, int]) -> None:
    wanted = (cut[0] / 100, cut[1] / 100, (100 - sum(cut)) / 100)
    found = sizes(rows, wanted)
    assert sum(found) == rows and min(found[:3]) >= 1
    exact = largest_remainder(rows, wanted)
    assert all(abs(part - share * rows) < 1 for part, share in zip(exact, wanted, strict=True))


@settings(max_examples=200, deadline=None)
@given(
    strata=st.lists(st.integers(1, 60), min_size=1, max_size=40),
    shares=st.tuples(*[st.integers(1, 20)] * 3),
)
def test_every_stratum_and_every_split_is_exact_to_rounding(
    strata: list[int], shares: tuple[int, ...]
) -> None:
    total = sum(strata)
    totals = largest_remainder(total, shares)
    table = allotted(strata, totals)
    assert [sum(cells) for cells in table] == strata
    assert [sum(cells[part] for cells in table) for part in range(3)] == totals
    for size, cells in zip(strata, table, strict=True):
        assert all(abs(cell - size * part / total) < 1 for cell, part in zip(cells, totals, strict=True))
