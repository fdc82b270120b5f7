from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from nodes.train._checkpoints import fault_of, is_whole
from tests.nodes.train.attempts import PowerCut, attempt, job_of, logs
from tests.nodes.train.conftest import QUICK
from tests.nodes.train.weights import same
from tests.support import NodeResult

# Noise on the embeddings and dropout: only a run that also restores its random numbers ends the same.
SETTINGS: dict[str, Any] = QUICK | {
    "max_steps": 14, "save_every": "steps", "save_steps": 4, "logging_steps": 1, "neftune_alpha": 5.0,
    "scheduler": "cosine", "weight_decay": 0.1,
}  # fmt: skip
LORA: dict[str, Any] = SETTINGS | {"method": "lora", "lora_rank": 4, "lora_dropout": 0.2}


@pytest.fixture(scope="module")
def inputs(base: Path, rows: Path) -> dict[str, Path]:
    return {"model": base, "dataset": rows}


@pytest.fixture(scope="module")
def unbroken(inputs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> NodeResult:
    return attempt("train.sft", tmp_path_factory.mktemp("unbroken"), inputs, **SETTINGS)


def test_a_retry_ends_with_the_very_weights_of_an_unbroken_run(
    inputs: dict[str, Path], unbroken: NodeResult, tmp_path: Path
) -> None:
    with pytest.raises(PowerCut):
        attempt("train.sft", tmp_path, inputs, stop_after=10, **SETTINGS)
    retried = attempt("train.sft", tmp_path, inputs, **SETTINGS)
    assert "Going on from checkpoint-8." in logs(tmp_path)
    assert same(unbroken.outputs["model"], retried.outputs["model"])
    assert retried.metric("tokens") == unbroken.metric("tokens")
    history = (retried.outputs["metrics"] / "history.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in history] == list(range(1, 15))
    assert not list((tmp_path / "resume").rglob("checkpoint-*"))


def test_an_adapter_resumes_exactly_too(inputs: dict[str, Path], tmp_path: Path) -> None:
    whole = attempt("train.sft", tmp_path / "whole", inputs, **LORA)
    with pytest.raises(PowerCut):
        attempt("train.sft", tmp_path / "broken", inputs, stop_after=7, **LORA)
    retried = attempt("train.sft", tmp_path / "broken", inputs, **LORA)
    assert "Going on from checkpoint-4." in logs(tmp_path / "broken")
    assert same(whole.outputs["model"], retried.outputs["model"])


@pytest.mark.parametrize("damage", ["optimizer.pt", "model.safetensors", "trainer_state.json"])
def test_a_half_written_checkpoint_is_passed_over(
    inputs: dict[str, Path], unbroken: NodeResult, tmp_path: Path, damage: str
) -> None:
    with pytest.raises(PowerCut):
        attempt("train.sft", tmp_path, inputs, stop_after=10, **SETTINGS)
    newest = tmp_path / "resume" / "checkpoints" / "checkpoint-8"
    assert fault_of(newest) is None
    content = (newest / damage).read_bytes()
    (newest / damage).write_bytes(content[: len(content) // 2])
    assert fault_of(newest)
    retried = attempt("train.sft", tmp_path, inputs, **SETTINGS)
    assert "checkpoint-8 is not used" in logs(tmp_path)
    assert "Going on from checkpoint-4." in logs(tmp_path)
    assert same(unbroken.outputs["model"], retried.outputs["model"])


def test_a_flipped_byte_is_noticed(inputs: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(PowerCut):
        attempt("train.sft", tmp_path, inputs, stop_after=5, **SETTINGS)
    saved = tmp_path / "resume" / "checkpoints" / "checkpoint-4" / "optimizer.pt"
    content = bytearray(saved.read_bytes())
    content[len(content) // 2] ^= 0xFF
    saved.write_bytes(content)
    assert "optimizer.pt" in str(fault_of(saved.parent))
    (tmp_path / "empty.safetensors").write_bytes(b"")
    assert not is_whole(tmp_path / "empty.safetensors")


def test_checkpoints_of_other_settings_are_not_used(inputs: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(PowerCut):
        attempt("train.sft", tmp_path, inputs, stop_after=5, **SETTINGS)
    attempt("train.sft", tmp_path, inputs, **SETTINGS | {"learning_rate": 1e-3})
    assert "Going on" not in logs(tmp_path)


def test_shortly_before_the_timeout_a_checkpoint_is_written(inputs: dict[str, Path], tmp_path: Path) -> None:
    settings = SETTINGS | {"save_every": "auto"}
    with pytest.raises(PowerCut):
        attempt("train.sft", tmp_path, inputs, stop_after=3, seconds=9, **settings)
    assert [path.name for path in tmp_path.rglob("checkpoint-*")] == ["checkpoint-1"]


def test_a_killed_process_is_resumed_exactly(inputs: dict[str, Path], tmp_path: Path) -> None:
    settings = SETTINGS | {"max_steps": 80, "save_steps": 5, "logging_steps": 10}
    job = job_of("train.sft", tmp_path / "killed", inputs, settings)
    (tmp_path / "job.json").write_text(job.model_dump_json())
    command = [sys.executable, "-m", "nodegraph.harness", str(tmp_path / "job.json")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        # The second checkpoint is begun once the first is whole.
        second = Path(job.resume_dir) / "checkpoints" / "checkpoint-10"
        deadline = time.monotonic() + 120
        while not second.is_dir():
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    retried = attempt("train.sft", tmp_path / "killed", inputs, **settings)
    assert "Going on from" in logs(tmp_path / "killed")
    whole = attempt("train.sft", tmp_path / "whole", inputs, **settings)
    assert same(whole.outputs["model"], retried.outputs["model"])
