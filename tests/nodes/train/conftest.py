"""A tiny model and a tiny task that training can really learn: which team a message belongs to."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.support import NodeResult, dataset, run_node

TEAMS = {
    "invoice": "billing",
    "refund": "billing",
    "parcel": "shipping",
    "delivery": "shipping",
    "login": "tech",
}
TINY: dict[str, Any] = {
    "preset": "custom", "hidden_size": 32, "layers": 2, "heads": 4, "kv_heads": 2, "vocab_size": 340,
    "max_length": 96,
}  # fmt: skip
QUICK: dict[str, Any] = {"batch_size": 8, "max_length": 48, "learning_rate": 5e-3, "scheduler": "constant"}


def messages() -> list[dict[str, str]]:
    starts, ends = ("my", "the", "一个"), ("is late", "does not work", "有问题")
    return [
        {"prompt": f"{start} {word} {end}\nteam:", "completion": f" {TEAMS[word]}"}
        for word, start, end in product(TEAMS, starts, ends)
    ]


@pytest.fixture(scope="session")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return dataset(tmp_path_factory.mktemp("rows") / "rows", messages())


@pytest.fixture(scope="session")
def chats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    turns = [
        {
            "messages": [
                {"role": "user", "content": row["prompt"]},
                {"role": "assistant", "content": row["completion"].strip()},
                {"role": "user", "content": "sure?"},
                {"role": "assistant", "content": "yes"},
            ]
        }
        for row in messages()
    ]
    return dataset(tmp_path_factory.mktemp("chats") / "chats", turns)


@pytest.fixture(scope="session")
def new(rows: Path, tmp_path_factory: pytest.TempPathFactory) -> NodeResult:
    return run_node("train.init", tmp_path_factory.mktemp("init"), {"dataset": rows}, **TINY)


@pytest.fixture(scope="session")
def base(new: NodeResult) -> Path:
    return new.outputs["model"]


@pytest.fixture(scope="session")
def adapter(base: Path, rows: Path, tmp_path_factory: pytest.TempPathFactory) -> NodeResult:
    tmp_path = tmp_path_factory.mktemp("lora")
    return run_node(
        "train.sft",
        tmp_path,
        {"model": base, "dataset": rows},
        method="lora",
        lora_rank=4,
        max_steps=5,
        **QUICK,
    )
