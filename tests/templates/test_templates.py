"""Every template runs for real on this machine's processor, with tiny settings, and does what it says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from executor.services.workspace import Workspace
from nodegraph.format import dump, load
from tests.support import read_jsonl, tiny_model

CATEGORIES = {"training", "evaluation", "data", "release"}
FOLDER = Path(__file__).resolve().parents[2] / "templates"
DATA = FOLDER / "data"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with Workspace(tmp_path_factory.mktemp("templates"), engine=True, cores=4) as opened:
        yield opened
        for service in opened.services.list():
            opened.services.stop(service.name)


@pytest.fixture(scope="module")
def runs(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """A run of each template, all started at once; local folders stand in for hub models."""
    folder = tmp_path_factory.mktemp("sources")
    first, second = (str(tiny_model(folder / f"model-{seed}", seed)) for seed in (1, 2))
    stories, answers, messages = (
        _few(folder, name, rows)
        for name, rows in (
            ("short_stories.txt", 120),
            ("shop_answers.jsonl", 20),
            ("customer_messages.jsonl", 60),
        )
    )
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        "pretrain": ("pretrain", {"source": stories, "epochs": 1}),
        "sft-lora": ("sft-lora", {"base_model": first, "source": answers, "epochs": 1, "lora_rank": 2}),
        "compare": ("compare", {"model_a": first, "model_b": second, "rows": 24, "max_new_tokens": 2}),
        "merge": ("merge", {"source": messages, "epochs": 1}),
        "robust": ("robust", {"source": messages, "epochs": 1, "copies": 2}),
        "good": ("quantize", {"model": first, "method": "bf16", "max_perplexity": 1_000_000}),
        "bad": ("quantize", {"model": first, "method": "bf16", "max_perplexity": 1}),
    }
    return {
        key: workspace.runs.submit(
            workspace.templates.instantiate(name, values).text or "",
            # One service is enough: another template's is started below.
            until="after" if name == "sft-lora" else None,
        )
        for key, (name, values) in asked.items()
    }


def _few(folder: Path, example: str, rows: int) -> str:
    """A file of the first rows of an example, so that a run is short."""
    lines = (DATA / example).read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / example).write_text("".join(lines[:rows]), encoding="utf-8")
    return str(folder / example)


def nodes_of(workspace: Workspace, run: int) -> dict[str, Any]:
    """What became of the nodes of a run that worked."""
    result = workspace.runs.result(workspace.runs.wait(run).id)
    assert result["status"] == "succeeded", {k: n["error"] for k, n in result["nodes"].items() if n["error"]}
    nodes: dict[str, Any] = result["nodes"]
    return nodes


@pytest.mark.parametrize("name", NAMES)
def test_a_template_is_canonical_and_says_what_it_asks_for(workspace: Workspace, name: str) -> None:
    template = workspace.templates.get(name)
    assert template.pipeline is not None and not template.problems
    assert dump(template.pipeline) == template.text
    assert template.tags[0] in CATEGORIES or name == "demo"
    assert set(template.pipeline.layout) >= set(template.pipeline.nodes)
    for parameter in template.parameters.values():
        assert parameter.title and parameter.default is not None
    sources = [p.default for p in template.parameters.values() if p.kind == "dataset"]
    assert {str(source).removeprefix("example:") for source in sources} <= set(workspace.sources.examples())
    # A hub model has to be fetched; whatever else there is comes along.
    hub = any(parameter.kind == "model" for parameter in template.parameters.values())
    assert hub != ("offline" in template.tags)


def test_pretraining_makes_unseen_text_less_surprising(workspace: Workspace, runs: dict[str, int]) -> None:
    nodes = nodes_of(workspace, runs["pretrain"])
    before, after = (nodes[node]["metrics"]["perplexity"] for node in ("before", "after"))
    assert after < 0.7 * before


def test_a_hub_model_is_fine_tuned_with_lora_and_measured(workspace: Workspace, runs: dict[str, int]) -> None:
    nodes = nodes_of(workspace, runs["sft-lora"])
    assert nodes["sft"]["outputs"]["model"]["kind"] == "adapter"
    assert nodes["after"]["metrics"].keys() >= {"chrf", "rougeL"}


def test_two_models_answer_the_same_rows(workspace: Workspace, runs: dict[str, int]) -> None:
    nodes = nodes_of(workspace, runs["compare"])
    first, second = (
        read_jsonl(Path(nodes[node]["outputs"]["samples"]["path"]) / "data.jsonl")
        for node in ("score_a", "score_b")
    )
    assert [row["reference"] for row in first] == [row["reference"] for row in second]
    assert len(first) == 24
    assert all("accuracy" in nodes[node]["metrics"] for node in ("score_a", "score_b"))
    assert {nodes[node]["status"] for node in ("judge_a", "judge_b")} == {"skipped"}


def test_two_fine_tunes_are_merged_and_all_three_measured(workspace: Workspace, runs: dict[str, int]) -> None:
    nodes = nodes_of(workspace, runs["merge"])
    scored = [nodes[node] for node in ("score_first", "score_merged", "score_second")]
    assert [node["status"] for node in scored] == ["succeeded"] * 3
    digests = {nodes[node]["outputs"]["model"]["digest"] for node in ("first", "second", "merge")}
    assert len(digests) == 3


def test_noise_is_trained_on_and_measured(workspace: Workspace, runs: dict[str, int]) -> None:
    nodes = nodes_of(workspace, runs["robust"])
    assert nodes["noise"]["metrics"]["rows"] == 3 * nodes["split"]["metrics"]["train_rows"]
    clean, noisy = (
        read_jsonl(Path(nodes[node]["outputs"]["samples"]["path"]) / "data.jsonl")
        for node in ("on_clean", "on_noisy")
    )
    assert len(clean) == len(noisy) and clean[0]["prompt"] != noisy[0]["prompt"]


@pytest.mark.parametrize(("key", "state"), [("good", "succeeded"), ("bad", "skipped")])
def test_a_quantised_model_is_served_only_if_it_is_good_enough(
    workspace: Workspace, runs: dict[str, int], key: str, state: str
) -> None:
    nodes = nodes_of(workspace, runs[key])
    assert nodes["quantize"]["metrics"]["ratio"] > 1.5
    assert nodes["serve"]["status"] == state
    assert [service.name for service in workspace.services.list()] == ["quantised"]


def test_a_template_makes_what_it_was_told(workspace: Workspace) -> None:
    made = workspace.templates.instantiate("pretrain", {"epochs": "2", "size": "3m"})
    loaded = load(made.text or "").pipeline
    assert loaded is not None
    assert (loaded.parameters["epochs"].default, loaded.parameters["size"].default) == (2, "3m")
