"""The main job as a newcomer does it: open the example, press Run, watch, chat with the model it made.

The model is trained once, in the browser. What it learned is measured on that run, and the command line is
given the same work: what it makes itself and what it finds made are the same bytes.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openai import OpenAI
from playwright.sync_api import Page, expect

from executor.services.workspace import Workspace
from tests.e2e.editors import ROOT, Editor, open_editor
from tests.support import read_jsonl

NODES = ["messages", "clean", "split", "init", "pretrain", "before", "sft", "after", "serve"]
# Training takes about a minute on two free cores, and others may be at work on them.
LONG = 900_000
PATIENCE = pytest.mark.timeout(1800)
# Naming any one of six teams is right in a sixth of the rows.
LEARNED, GUESSED = 0.9, 0.3


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """`nodegraph demo` on a fresh data directory."""
    with open_editor(tmp_path_factory.mktemp("demo") / "data", command="demo") as opened:
        yield opened


@pytest.fixture(scope="module")
def first(demo: Editor) -> dict[str, Any]:
    """The result of the run that the browser started; one is started here where only other tests run."""
    with Workspace(demo.data_dir) as space:
        found = space.runs.list(pipeline="demo")
        run = min(run.id for run in found) if found else space.runs.start("demo")
        space.runs.wait(run, LONG / 1000)
        return space.runs.result(run)


def nodegraph(data_dir: Path, *words: str) -> str:
    """What `nodegraph` prints, on a data directory, in the folder that this is in."""
    done = subprocess.run(
        [sys.executable, "-m", "executor.cli.main", *words, "--data-dir", str(data_dir)],
        cwd=data_dir.parent, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def state(page: Page, node: str, wanted: str | re.Pattern[str], timeout: float = LONG) -> None:
    expect(page.locator(f'[data-node="{node}"]')).to_have_attribute("data-state", wanted, timeout=timeout)


def rows_of(result: dict[str, Any], node: str, port: str) -> list[dict[str, Any]]:
    return read_jsonl(Path(result["nodes"][node]["outputs"][port]["path"]) / "data.jsonl")


def digests(result: dict[str, Any], *nodes: str) -> dict[str, dict[str, str]]:
    return {
        node: {port: output["digest"] for port, output in result["nodes"][node]["outputs"].items()}
        for node in nodes
    }


@PATIENCE
def test_from_the_example_to_a_chat_with_its_model(demo: Editor, page: Page) -> None:
    page.goto(f"{demo.url}/pipelines/demo")
    canvas = page.locator("[data-canvas][data-ready]")
    expect(canvas).to_have_attribute("data-nodes", str(len(NODES)))
    for node in NODES:
        state(page, node, "draft")

    page.locator('[data-action="run"]').first.click()
    state(page, "messages", re.compile("running|succeeded"))
    expect(page.locator('[data-action="cancel"]').first).to_be_visible()

    # Whoever leaves in the middle and comes back finds the run as it is.
    state(page, "init", re.compile("running|succeeded"))
    page.reload()
    state(page, "messages", "succeeded")
    state(page, "pretrain", "running")
    expect(page.locator('[data-node="pretrain"]')).to_contain_text(re.compile(r"loss\s*\d"), timeout=LONG)

    for node in NODES:
        state(page, node, "succeeded")
    expect(page.locator('[data-action="cancel"]')).to_have_count(0)

    page.goto(f"{demo.url}/services/demo-router")
    page.locator("textarea").first.fill("My parcel has not arrived. Where is it?")
    page.locator('[data-action="send"]').click()
    answer = page.locator('[data-message="assistant"]').last
    expect(answer).to_contain_text(re.compile(r"\w{3,}"), timeout=120_000)


@PATIENCE
def test_the_model_learns_what_it_did_not_know(first: dict[str, Any]) -> None:
    assert first["status"] == "succeeded"
    before, after = (first["nodes"][node]["metrics"] for node in ("before", "after"))
    assert before["accuracy"] <= GUESSED
    assert after["accuracy"] >= LEARNED


def test_the_accuracy_is_that_of_the_written_answers(first: dict[str, Any]) -> None:
    rows = rows_of(first, "after", "samples")
    right = sum(row["prediction"].strip() == row["reference"] for row in rows)
    written = Path(first["nodes"]["after"]["outputs"]["metrics"]["path"]) / "accuracy_f1.json"
    assert json.loads(written.read_text(encoding="utf-8"))["samples"] == len(rows) > 80
    assert right / len(rows) == pytest.approx(first["nodes"]["after"]["metrics"]["accuracy"])


def test_held_out_rows_were_not_trained_on(first: dict[str, Any]) -> None:
    train, test = ({row["prompt"] for row in rows_of(first, "split", port)} for port in ("train", "test"))
    assert train and test and not train & test


def test_the_service_answers_an_openai_client_as_well_as_it_was_measured(
    demo: Editor, first: dict[str, Any]
) -> None:
    (service,) = json.loads(nodegraph(demo.data_dir, "services", "--json"))["services"]
    client = OpenAI(base_url=service["base_url"], api_key="none")
    rows = rows_of(first, "split", "test")[:40]
    right = 0
    for row in rows:
        message: Any = {"role": "user", "content": row["prompt"]}
        answer = client.chat.completions.create(model="demo-router", messages=[message], max_tokens=8)
        right += answer.choices[0].message.content == row["completion"]
    assert right / len(rows) >= LEARNED - 0.1


def test_the_second_run_is_cached_and_says_from_where(
    demo: Editor, first: dict[str, Any], page: Page
) -> None:
    page.goto(f"{demo.url}/pipelines/demo")
    expect(page.locator("[data-canvas][data-ready]")).to_be_visible()
    page.locator('[data-action="run"]').first.click()
    for node in NODES[:-1]:
        state(page, node, "cached", 120_000)
    expect(page.locator('[data-node="sft"]')).to_contain_text("run 1")


def test_the_command_line_finds_everything_made(demo: Editor, first: dict[str, Any]) -> None:
    nodegraph(demo.data_dir, "new", "demo", "-o", "demo.yaml")
    again = json.loads(nodegraph(demo.data_dir, "run", "demo.yaml", "--json"))
    assert {node["status"] for node in again["nodes"].values()} == {"cached"}
    assert digests(again, *NODES) == digests(first, *NODES)


def test_the_command_line_makes_the_same_by_itself(tmp_path: Path, first: dict[str, Any]) -> None:
    nodegraph(tmp_path / "data", "new", "demo", "-o", "demo.yaml")
    own = json.loads(nodegraph(tmp_path / "data", "run", "demo.yaml", "--until", "init", "--json"))
    made = NODES[: NODES.index("init") + 1]
    assert {own["nodes"][node]["status"] for node in made} == {"succeeded"}
    assert digests(own, *made) == digests(first, *made)
