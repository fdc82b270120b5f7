"""Noise falls where it should, as much as was asked for, and the same with the same seed."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.augment._noise_kinds import KINDS
from nodes.augment._noise_text import noisy
from nodes.augment.noise import Params
from tests.support import SHARED_DATA, NodeResult, dataset, run_node

ENGLISH = "Where is my parcel? It was due on Monday, 12 May."
CHINESE = "请问我的退款什么时候到账？已经等了三天。"
PAIRS = [
    {"prompt": ENGLISH, "completion": "logistics", "label": 1},
    {"prompt": CHINESE, "completion": "refund"},
]


def noise(tmp_path: Path, rows: list[dict[str, Any]], **params: Any) -> NodeResult:
    source = dataset(tmp_path / f"in-{random.getrandbits(64)}", rows)
    return run_node("augment.noise", tmp_path, {"dataset": source}, **params)


def test_questions_get_noise_answers_and_labels_do_not(tmp_path: Path) -> None:
    result = noise(tmp_path, PAIRS, copies=3, rate=0.1)
    rows = result.rows()
    assert len(rows) == 8 and rows[0] == PAIRS[0] and rows[4] == PAIRS[1]
    assert all(row["completion"] == "logistics" and row["label"] == 1 for row in rows[:4])
    assert len({row["prompt"] for row in rows}) == 8
    card = json.loads((result.outputs["dataset"] / "card.json").read_text())
    changes = card["lineage"][-1]["changes"]
    assert sum(changes.values()) == result.metric("changes") == 3 * (5 + 2)
    assert card["counts"] == {"rows": 8} and card["purpose"] == "prompt-completion"


def test_the_seed_and_the_place_decide(tmp_path: Path) -> None:
    one, same, other = (noise(tmp_path, PAIRS, seed=seed).rows() for seed in (1, 1, 2))
    assert one == same != other
    assert noise(tmp_path, PAIRS[:1], seed=1).rows() == one[:2]


def test_without_originals_and_with_a_tag(tmp_path: Path) -> None:
    assert len(noise(tmp_path, PAIRS, keep_original=False).rows()) == 2
    assert [row["noisy"] for row in noise(tmp_path, PAIRS, tag="noisy").rows()] == [False, True, False, True]


TALK = {
    "messages": [
        {"role": "system", "content": ENGLISH},
        {"role": "user", "content": ENGLISH},
        {"role": "assistant", "content": ENGLISH},
    ]
}


@pytest.mark.parametrize(
    ("side", "changed"), [("user", ["user"]), ("assistant", ["assistant"]), ("both", ["user", "assistant"])]
)
def test_sides_of_a_conversation(tmp_path: Path, side: str, changed: list[str]) -> None:
    row = noise(tmp_path, [TALK], side=side, keep_original=False).rows()[0]
    assert [turn["role"] for turn in row["messages"] if turn["content"] != ENGLISH] == changed


def test_preferences_and_plain_text(tmp_path: Path) -> None:
    rows = [{"prompt": ENGLISH, "chosen": ENGLISH, "rejected": ENGLISH}]
    row = noise(tmp_path, rows, keep_original=False).rows()[0]
    assert row["prompt"] != ENGLISH and row["chosen"] == row["rejected"] == ENGLISH
    assert noise(tmp_path, [{"text": CHINESE}], keep_original=False).rows()[0]["text"] != CHINESE


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_changes_text_in_its_own_way(kind: str) -> None:
    counts: Counter[str] = Counter()
    text = CHINESE if kind == "homophone" else ENGLISH
    found = noisy(text, [kind], 0.1, random.Random(0), counts)  # type: ignore[list-item]
    assert counts == {kind: round(0.1 * len(text))}
    letters = Counter(text.replace(" ", "").lower()), Counter(found.replace(" ", "").lower())
    if kind in ("swap", "case", "whitespace"):
        assert letters[0] == letters[1] and found != text
    if kind == "drop":
        assert len(found) == len(text) - counts["drop"]
    if kind == "repeat":
        assert len(found) == len(text) + counts["repeat"]
    if kind in ("typo", "keyboard", "homophone"):
        assert len(found) == len(text)
        assert sum(a != b for a, b in zip(text, found, strict=True)) == counts[kind]


def test_a_wrong_kind_or_tag_is_a_problem_of_the_graph() -> None:
    for wrong in ({"kinds": ["typoo"]}, {"kinds": []}, {"rate": 1.5}, {"copies": 0}, {"tag": "prompt"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Params.model_validate(wrong)


@given(
    text=st.text(max_size=80), kinds=st.lists(st.sampled_from(KINDS), min_size=1, unique=True),
    rate=st.floats(0, 1), seed=st.integers(),
)  # fmt: skip
def test_any_text_takes_any_noise(text: str, kinds: list[Any], rate: float, seed: int) -> None:
    counts: Counter[str] = Counter()
    found = noisy(text, kinds, rate, random.Random(seed), counts)
    assert found == noisy(text, kinds, rate, random.Random(seed), Counter())
    assert counts.total() <= max(1, round(rate * len(text))) and set(counts) <= set(kinds)
    assert counts.total() > 0 or found == text
    assert rate > 0 or found == text
    found.encode("utf-8", "surrogatepass")


@pytest.mark.shared_data
def test_real_chinese_instructions(tmp_path: Path) -> None:
    if not (SHARED_DATA / "sft_zh.json").exists():
        pytest.skip(f"NO REAL DATA: {SHARED_DATA} is not beside the checkout")
    source = run_node("preprocess.load", tmp_path, source=str(SHARED_DATA / "sft_zh.json"))
    result = run_node("augment.noise", tmp_path, {"dataset": source.outputs["dataset"]}, kinds=["homophone"])
    rows = result.rows()
    changed = sum(rows[at]["prompt"] != rows[at + 1]["prompt"] for at in range(0, 2000, 2))
    assert len(rows) == 2000 and changed > 800
