"""The demo as a person runs it: a model is trained from nothing, gains on unseen rows, and answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openai import OpenAI

# Naming any one of six teams is right in a sixth of the rows.
LEARNED, GUESSED = 0.9, 0.3


class Shell:
    """Runs `nodegraph` in a folder, with a data directory of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "executor.cli.main", *words, "--data-dir", str(self.folder / "data")],
            cwd=self.folder, capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def nodegraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    shell = Shell(tmp_path_factory.mktemp("demo"))
    shell("new", "demo", "-o", "demo.yaml")
    yield shell
    shell("services", "stop", "demo-router")


@pytest.fixture(scope="module")
def first(nodegraph: Shell) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(nodegraph("run", "demo.yaml", "--json"))
    return result


def test_the_model_learns_what_it_did_not_know(first: dict[str, Any]):
    assert first["status"] == "succeeded"
    before, after = (first["nodes"][node]["metrics"] for node in ("before", "after"))
    assert before["accuracy"] <= GUESSED
    assert after["accuracy"] >= LEARNED


def test_the_accuracy_is_that_of_the_written_answers(first: dict[str, Any]):
    outputs = first["nodes"]["after"]["outputs"]
    with (Path(outputs["samples"]["path"]) / "data.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    right = sum(row["prediction"].strip() == row["reference"] for row in rows)
    scores = json.loads((Path(outputs["metrics"]["path"]) / "accuracy_f1.json").read_text(encoding="utf-8"))
    assert scores["samples"] == len(rows) > 80
    assert right / len(rows) == pytest.approx(first["nodes"]["after"]["metrics"]["accuracy"])


def test_held_out_rows_were_not_trained_on(first: dict[str, Any]):
    split = first["nodes"]["split"]["outputs"]
    train, test = (
        {
            json.loads(line)["prompt"]
            for line in (Path(split[port]["path"]) / "data.jsonl").open(encoding="utf-8")
        }
        for port in ("train", "test")
    )
    assert train and test and not train & test


def test_the_service_answers_an_openai_client_as_well_as_it_was_measured(
    nodegraph: Shell, first: dict[str, Any]
):
    (service,) = json.loads(nodegraph("services", "--json"))["services"]
    client = OpenAI(base_url=service["base_url"], api_key="none")
    held_out = Path(first["nodes"]["split"]["outputs"]["test"]["path"]) / "data.jsonl"
    rows = [json.loads(line) for line in held_out.open(encoding="utf-8")][:40]
    right = 0
    for row in rows:
        message = {"role": "user", "content": row["prompt"]}
        answer = client.chat.completions.create(model="demo-router", messages=[message], max_tokens=8)
        right += answer.choices[0].message.content == row["completion"]
    assert right / len(rows) >= LEARNED - 0.1


def test_a_second_run_comes_from_cache(nodegraph: Shell, first: dict[str, Any]):
    second = json.loads(nodegraph("run", "demo.yaml", "--json"))
    assert {node["status"] for node in second["nodes"].values()} == {"cached"}
    assert {
        name: {port: output["digest"] for port, output in node["outputs"].items()}
        for name, node in second["nodes"].items()
    } == {
        name: {port: output["digest"] for port, output in node["outputs"].items()}
        for name, node in first["nodes"].items()
    }
