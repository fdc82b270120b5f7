"""evaluate.text with real tiny models: one that has learned its answers, one that knows nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nodegraph import NodeFailure
from nodes.common.metrics import read_indicators
from tests.nodes.evaluate.conftest import ROUTES, route_rows
from tests.support import NodeResult, dataset, run_node


def evaluate(tmp_path: Path, model: Path, rows: list[dict[str, Any]], **params: Any) -> NodeResult:
    data = dataset(tmp_path / f"data-{len(list(tmp_path.glob('data-*')))}", rows)
    given = {"max_new_tokens": 8, **params}
    return run_node("evaluate.text", tmp_path, {"model": model, "dataset": data}, **given)


def test_a_model_that_learned_its_answers_scores_one(tmp_path: Path, trained: Path) -> None:
    result = evaluate(tmp_path, trained, route_rows(), batch_size=3)
    found = read_indicators(result.outputs["metrics"])
    assert found["accuracy_f1"] == {
        "indicator": "accuracy_f1", "precision": 1.0, "recall": 1.0, "f1": 1.0, "samples": 8,
        "accuracy": 1.0, "average": "macro",
    }  # fmt: skip
    assert found["exact_match"]["exact_match"] == 1.0
    assert found["per_label"]["confusion"] == [[4, 0, 0], [0, 4, 0]]
    assert result.metric("accuracy") == result.metric("f1") == 1.0
    # The rows keep their order although long prompts are answered first.
    samples = result.rows("samples")
    assert [row["prompt"][0]["content"] for row in samples] == list(ROUTES)
    assert [row["prediction"] for row in samples] == list(ROUTES.values())
    assert [row["index"] for row in samples] == list(range(8))
    assert all(row["correct"] and row["finished"] and row["latency_ms"] > 0 for row in samples)
    card = json.loads((result.outputs["samples"] / "card.json").read_text())
    assert card["purpose"] == "prompt"
    progress = [event for event in result.events if event.event == "progress"]
    assert progress[-1].done == progress[-1].total == 8


def test_an_untrained_model_scores_next_to_nothing(tmp_path: Path, untrained: Path) -> None:
    result = evaluate(tmp_path, untrained, route_rows())
    assert result.metric("accuracy") == 0.0
    assert read_indicators(result.outputs["metrics"])["per_label"]["unknown"] == 8


def test_wrong_answers_lower_the_scores_as_computed_by_hand(tmp_path: Path, trained: Path) -> None:
    rows = route_rows()
    rows[0]["messages"][-1]["content"] = "support"  # the model says billing
    found = read_indicators(evaluate(tmp_path, trained, rows).outputs["metrics"])["accuracy_f1"]
    billing, support = 2 * (3 / 4 * 1) / (3 / 4 + 1), 2 * (1 * 4 / 5) / (1 + 4 / 5)
    assert found["accuracy"] == 7 / 8
    assert found["f1"] == pytest.approx((billing + support) / 2)
    assert found["precision"] == pytest.approx((3 / 4 + 1) / 2)
    assert found["recall"] == pytest.approx((1 + 4 / 5) / 2)


def test_speed_and_memory_are_measured(tmp_path: Path, trained: Path) -> None:
    found = read_indicators(evaluate(tmp_path, trained, route_rows(), batch_size=4).outputs["metrics"])
    latency, speed = found["latency_p99"], found["throughput_rps"]
    assert 0 < latency["p50_ms"] <= latency["p90_ms"] <= latency["p95_ms"] <= latency["p99_ms"]
    assert latency["requests"] == 8 and speed["concurrency"] == 4
    # Two batches: each answer waited for the whole of its batch.
    assert latency["mean_ms"] * 2 == pytest.approx(1000 * speed["duration_s"])
    assert speed["rps"] == pytest.approx(8 / speed["duration_s"])
    assert found["memory"]["peak_mb"] > 50


def test_batches_and_seeds_do_not_change_what_is_said(tmp_path: Path, untrained: Path) -> None:
    def said(**params: Any) -> list[str]:
        result = evaluate(tmp_path, untrained, route_rows(), metrics=["latency"], **params)
        return [row["prediction"] for row in result.rows("samples")]

    assert said(batch_size=1) == said(batch_size=8)
    drawn = said(temperature=1.5, seed=7)
    assert drawn == said(temperature=1.5, seed=7)
    assert drawn != said(temperature=1.5, seed=8)


def test_prompts_with_completions_or_reference_columns(tmp_path: Path, trained: Path) -> None:
    rows = [{"prompt": asked, "completion": team} for asked, team in ROUTES.items()]
    chat = evaluate(tmp_path, trained, rows, prompt_format="chat")
    assert chat.metric("accuracy") == 1.0
    rows = [{"question": asked, "team": team, "id": str(n)} for n, (asked, team) in enumerate(ROUTES.items())]
    named = evaluate(tmp_path, trained, rows, prompt_format="chat", reference_field="team", limit=4)
    assert named.metric("exact_match") == 1.0
    assert [row["id"] for row in named.rows("samples")] == list("0123")


def test_stop_strings_end_an_answer(tmp_path: Path, trained: Path) -> None:
    result = evaluate(tmp_path, trained, route_rows(), stop=["ing", "ort"], metrics=["latency"])
    assert {row["prediction"] for row in result.rows("samples")} == {"bill", "supp"}


def test_an_adapter_is_evaluated_on_its_base(tmp_path: Path, trained: Path) -> None:
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    base = AutoModelForCausalLM.from_pretrained(trained)
    adapter = tmp_path / "adapter"
    get_peft_model(base, LoraConfig(r=2, target_modules=["q_proj"])).save_pretrained(adapter)
    (adapter / "card.json").write_text(json.dumps({"kind": "adapter", "base": {"digest": "abc"}}))
    data = dataset(tmp_path / "data", route_rows())
    inputs: dict[str, Any] = {"model": adapter, "dataset": data}
    result = run_node("evaluate.text", tmp_path, inputs, related={"abc": trained}, max_new_tokens=8)
    assert result.metric("accuracy") == 1.0


def test_a_metric_script_of_ones_own(tmp_path: Path, trained: Path) -> None:
    script = tmp_path / "mean_length.py"
    script.write_text(
        "import datasets\nimport evaluate\n"
        "class MeanLength(evaluate.Metric):\n"
        "    def _info(self):\n"
        "        features = {k: datasets.Value('string') for k in ('predictions', 'references')}\n"
        "        return evaluate.MetricInfo(description='', citation='', inputs_description='',\n"
        "                                   features=datasets.Features(features))\n"
        "    def _compute(self, predictions, references):\n"
        "        return {'mean_length': sum(map(len, predictions)) / len(predictions)}\n"
    )
    result = evaluate(tmp_path, trained, route_rows(), metrics=["exact_match"], metric_scripts=[str(script)])
    assert result.metric("mean_length") == 7.0
    assert read_indicators(result.outputs["metrics"])["custom_mean_length"]["samples"] == 8


@pytest.mark.parametrize(
    ("rows", "params", "message"),
    [
        ([], {}, "no rows"),
        ([{"prompt": "hello"}], {"metrics": ["accuracy"]}, "accuracy needs a reference for every row"),
        ([{"prompt": "hello"}], {"prompt_field": "ask"}, "Row 1 has no field ask; its fields are prompt"),
        ([{"text": "hello there"}], {"metrics": ["bleu"]}, "running text"),
        ([{"word": "hello"}], {}, "Row 1 has no prompt"),
        ([{"messages": "hello"}], {}, "The conversation in row 1"),
        (
            [{"prompt": "a", "completion": "b"}],
            {"extract": "regex", "extract_pattern": "("},
            "no regular expr",
        ),
        ([{"prompt": "a", "completion": "b"}], {"labels": ["x"], "metrics": ["f1"]}, "row 1, 'b', is none"),
        ([{"prompt": "a"}], {"max_new_tokens": 512}, "leaves no room for a prompt"),
        ([{"prompt": "a"}], {"device": "gpu"}, "no GPU"),
    ],
)
def test_what_cannot_be_evaluated_says_so(
    tmp_path: Path, untrained: Path, rows: list[dict[str, Any]], params: dict[str, Any], message: str
) -> None:
    import torch

    if params.get("device") and torch.accelerator.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(NodeFailure, match=message) as caught:
        evaluate(tmp_path, untrained, rows, **params)
    assert caught.value.category == "input"


def test_conversations_need_a_chat_template(tmp_path: Path, untrained: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(untrained)
    tokenizer.chat_template = None
    plain = tmp_path / "plain"
    tokenizer.save_pretrained(plain)
    AutoModelForCausalLM.from_pretrained(untrained).save_pretrained(plain)
    with pytest.raises(NodeFailure, match="no chat template"):
        evaluate(tmp_path, plain, route_rows())
    assert evaluate(tmp_path, plain, route_rows(), prompt_format="plain").metric("accuracy") == 0.0


def test_unusable_models_are_refused(tmp_path: Path) -> None:
    empty, pickled, foreign = (tmp_path / name for name in ("empty", "pickled", "foreign"))
    for directory in (empty, pickled, foreign):
        directory.mkdir()
        (directory / "config.json").write_text("{}")
    (pickled / "pytorch_model.bin").write_bytes(b"never read")
    config = {
        "model_type": "my_own",
        "auto_map": {"AutoConfig": "code.Own", "AutoModelForCausalLM": "code.Own"},
    }
    (foreign / "config.json").write_text(json.dumps(config))
    (foreign / "code.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    for directory, message in (
        (empty, "cannot be loaded"), (pickled, "are pickled"), (foreign, "brings its own code"),
    ):  # fmt: skip
        with pytest.raises(NodeFailure, match=message):
            evaluate(tmp_path, directory, route_rows())
    assert not (tmp_path / "ran").exists()


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    import subprocess
    import sys

    code = (
        "import sys, nodes.evaluate.text; "
        "print([m for m in ('torch', 'transformers', 'sklearn', 'sacrebleu') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
