"""Mixes have the proportions that were asked for, and say where their rows are from."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import NodeFailure
from nodes.augment._mix_plan import chosen_rows, counts_for
from nodes.augment.mix import Params
from tests.support import NodeResult, dataset, run_node


@pytest.fixture
def three(tmp_path: Path) -> list[Path]:
    """Datasets of 100, 50 and 10 rows."""
    return [
        dataset(tmp_path / name, [{"text": f"{name}{number}"} for number in range(size)])
        for name, size in (("a", 100), ("b", 50), ("c", 10))
    ]


def mix(tmp_path: Path, sources: list[Path], **params: Any) -> NodeResult:
    return run_node("augment.mix", tmp_path, {"datasets": list(sources)}, **params)


def taken(result: NodeResult) -> dict[str, int]:
    return dict(sorted(Counter(row["text"][0] for row in result.rows()).items()))


def test_without_ratios_all_rows_are_taken(tmp_path: Path, three: list[Path]) -> None:
    result = mix(tmp_path, three)
    assert (
        taken(result) == {"a": 100, "b": 50, "c": 10} and len({row["text"] for row in result.rows()}) == 160
    )
    assert [row["text"][0] for row in result.rows()[:20]] != ["a"] * 20
    in_order = mix(tmp_path, three, shuffle=False).rows()
    assert [row["text"][0] for row in in_order] == ["a"] * 100 + ["b"] * 50 + ["c"] * 10


def test_ratios_until_the_smallest_or_largest_is_used_up(tmp_path: Path, three: list[Path]) -> None:
    assert taken(mix(tmp_path, three, ratios=[1, 1, 1])) == {"a": 10, "b": 10, "c": 10}
    assert taken(mix(tmp_path, three, ratios=[7, 2, 1])) == {"a": 70, "b": 20, "c": 10}
    assert taken(mix(tmp_path, three, ratios=[3, 1, 0])) == {"a": 100, "b": 33}
    largest = mix(tmp_path, three, ratios=[1, 1, 1], until="largest", oversample=True)
    assert taken(largest) == {"a": 100, "b": 100, "c": 100}
    assert set(Counter(row["text"] for row in largest.rows() if row["text"][0] == "b").values()) == {2}


def test_a_total(tmp_path: Path, three: list[Path]) -> None:
    assert taken(mix(tmp_path, three, total=16)) == {"a": 10, "b": 5, "c": 1}
    assert taken(mix(tmp_path, three, total=20, ratios=[0.5, 0.25, 0.25])) == {"a": 10, "b": 5, "c": 5}
    with pytest.raises(NodeFailure, match="needs 50 rows of dataset 3, which has 10") as caught:
        mix(tmp_path, three, total=100, ratios=[1, 0, 1])
    assert "oversampling" in caught.value.hint
    assert taken(mix(tmp_path, three, total=100, ratios=[1, 0, 1], oversample=True)) == {"a": 50, "c": 50}


def test_the_seed_decides(tmp_path: Path, three: list[Path]) -> None:
    one, same, other = (mix(tmp_path, three, seed=seed, total=30).rows() for seed in (1, 1, 2))
    assert one == same != other


def test_rows_can_say_where_they_are_from(tmp_path: Path, three: list[Path]) -> None:
    result = mix(tmp_path, three, tag="origin")
    assert Counter(row["origin"] for row in result.rows()) == {
        "dataset 1": 100,
        "dataset 2": 50,
        "dataset 3": 10,
    }
    step = json.loads((result.outputs["dataset"] / "card.json").read_text())["lineage"][-1]
    assert [(part["rows"], part["taken"]) for part in step["parts"]] == [(100, 100), (50, 50), (10, 10)]


def test_the_number_of_ratios_must_fit(tmp_path: Path, three: list[Path]) -> None:
    with pytest.raises(NodeFailure, match="2 ratios for 3 datasets"):
        mix(tmp_path, three, ratios=[1, 2])
    for wrong in ([-1, 2], [0, 0]):
        with pytest.raises(ValueError, match="ratio"):
            Params.model_validate({"ratios": wrong})


PAIR = {"prompt": "Q", "completion": "A"}
TURNS = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]


def test_purposes_must_match(tmp_path: Path, three: list[Path]) -> None:
    pairs = dataset(tmp_path / "pairs", [PAIR])
    with pytest.raises(NodeFailure, match="dataset 1: text, dataset 2: prompt-completion"):
        mix(tmp_path, [three[0], pairs])


def test_pairs_become_conversations_on_request(tmp_path: Path) -> None:
    sources = [dataset(tmp_path / "pairs", [PAIR]), dataset(tmp_path / "talks", [{"messages": TURNS}])]
    with pytest.raises(NodeFailure) as caught:
        mix(tmp_path, sources)
    assert "convert" in caught.value.hint
    assert [row["messages"] for row in mix(tmp_path, sources, convert=True).rows()] == [TURNS, TURNS]


def test_plain_and_conversational_pairs_get_one_form(tmp_path: Path) -> None:
    chat = {"prompt": TURNS[:1], "completion": TURNS[1:]}
    sources = [dataset(tmp_path / "plain", [PAIR]), dataset(tmp_path / "chat", [chat])]
    assert mix(tmp_path, sources).rows() == [chat, chat]


def test_nothing_to_mix_is_refused(tmp_path: Path, three: list[Path]) -> None:
    empty = dataset(tmp_path / "empty", [])
    with pytest.raises(NodeFailure, match="no rows"):
        mix(tmp_path, [empty])
    with pytest.raises(NodeFailure, match="Dataset 2 has no rows"):
        mix(tmp_path, [three[0], empty], ratios=[1, 1], total=10, oversample=True)
    assert len(mix(tmp_path, [three[0], empty]).rows()) == 100


SIZES = st.lists(st.integers(1, 500), min_size=1, max_size=6)


@given(data=st.data(), sizes=SIZES, oversample=st.booleans())
def test_proportions_hold_to_less_than_a_row(data: st.DataObject, sizes: list[int], oversample: bool) -> None:
    ratios = data.draw(st.lists(st.integers(1, 20), min_size=len(sizes), max_size=len(sizes)))
    until = "largest" if oversample else "smallest"
    counts = counts_for(sizes, ratios, None, until, oversample=oversample)  # type: ignore[arg-type]
    scale = (max if oversample else min)(size / ratio for size, ratio in zip(sizes, ratios, strict=True))
    assert all(-1e-6 < scale * ratio - count < 1.0001 for ratio, count in zip(ratios, counts, strict=True))
    total = data.draw(st.integers(1, sum(counts) or 1))
    exact = counts_for(sizes, ratios, total, "smallest", oversample=True)
    assert sum(exact) == total
    assert all(abs(count - total * r / sum(ratios)) < 1 for count, r in zip(exact, ratios, strict=True))


@given(size=st.integers(1, 50), count=st.integers(0, 200), seed=st.integers())
def test_rows_repeat_evenly(size: int, count: int, seed: int) -> None:
    import random

    rows = chosen_rows(size, count, random.Random(seed))
    times = Counter(rows)
    assert len(rows) == count and set(rows) <= set(range(size))
    assert count == 0 or max(times.values()) - min(times.get(row, 0) for row in range(size)) <= 1
