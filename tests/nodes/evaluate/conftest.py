"""A tiny model that has learned by heart which team answers which message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support import tiny_model

ROUTES = {
    "refund my order": "billing", "我要退款": "billing", "charged twice": "billing", "发票错了": "billing",
    "app crashes": "support", "打不开": "support", "cannot log in": "support", "密码忘了": "support",
}  # fmt: skip


def route_rows() -> list[dict[str, Any]]:
    """One conversation for each message."""
    return [
        {"messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": team}]}
        for asked, team in ROUTES.items()
    ]


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    directory = tiny_model(tmp_path_factory.mktemp("trained"))
    model = AutoModelForCausalLM.from_pretrained(directory)
    tokenizer = AutoTokenizer.from_pretrained(directory)
    rendered = [tokenizer.apply_chat_template(row["messages"], tokenize=False) for row in route_rows()]
    batch = tokenizer(rendered, return_tensors="pt", padding=True)
    labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, -100)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(120):
        model(**batch, labels=labels).loss.backward()
        optimiser.step()
        optimiser.zero_grad()
    model.save_pretrained(directory)
    return directory


@pytest.fixture(scope="session")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("untrained"))
