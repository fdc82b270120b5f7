"""The files that people really have load without being edited, with default parameters."""

from __future__ import annotations

import pytest

from tests.nodes.preprocess.conftest import Load
from tests.support import SHARED_DATA

FILES = {
    "sft_zh.json": (1000, "prompt-completion", {"prompt", "completion"}),
    "preference_en.json": (300, "preference", {"prompt", "chosen", "rejected"}),
    "pretrain_en.txt": (30, "text", {"text"}),
    "gsm8k_test.jsonl": (1319, "prompt-completion", {"prompt", "completion"}),
    "HumanEval.jsonl.gz": (
        164, "prompt", {"prompt", "task_id", "entry_point", "canonical_solution", "test"}
    ),
    "crows_pairs.csv": (
        1508, "prompt",
        {"prompt", "index", "sent_more", "sent_less", "stereo_antistereo", "bias_type", "annotations",
         "anon_writer", "anon_annotators"},
    ),
}  # fmt: skip


@pytest.mark.shared_data
@pytest.mark.parametrize("name", FILES)
def test_real_files_load_as_they_are(load: Load, name: str) -> None:
    if not (SHARED_DATA / name).exists():
        pytest.skip(f"NO REAL DATA: {SHARED_DATA / name} is not beside the checkout")
    rows, purpose, fields = FILES[name]
    found = load(str(SHARED_DATA / name))
    assert len(found.rows) == found.report["rows_read"] == rows and not found.bad
    assert found.card["purpose"] == purpose and set(found.card["fields"]) == fields
    assert found.card["counts"] == {"rows": rows}


@pytest.mark.shared_data
def test_real_preferences_are_conversations(load: Load) -> None:
    if not (SHARED_DATA / "preference_en.json").exists():
        pytest.skip(f"NO REAL DATA: {SHARED_DATA} is not beside the checkout")
    row = load(str(SHARED_DATA / "preference_en.json")).rows[0]
    assert row["prompt"][0]["role"] == "user" and row["prompt"][0]["content"].startswith("Hi!")
    assert [turn["role"] for turn in row["chosen"] + row["rejected"]] == ["assistant", "assistant"]
