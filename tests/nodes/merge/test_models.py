"""Merging tiny real models: the arithmetic is right, and what does not fit is refused before loading."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from nodegraph import NodeFailure
from nodegraph.contract import Outputs
from nodes.merge.models import Params, check
from tests.support import run_node, tiny_model

Tensors = dict[str, torch.Tensor]


@pytest.fixture(scope="module")
def family(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A base and two models that have moved a little away from it."""
    folder = tmp_path_factory.mktemp("family")
    base = tiny_model(folder / "base", seed=0)
    return [base, *(_moved(base, folder / f"tuned-{seed}", seed) for seed in (1, 2))]


def _moved(base: Path, directory: Path, seed: int) -> Path:
    shutil.copytree(base, directory)
    torch.manual_seed(seed)
    moved = {name: tensor + 0.01 * torch.randn_like(tensor) for name, tensor in weights(base).items()}
    save_file(moved, directory / "model.safetensors", {"format": "pt"})
    return directory


def weights(directory: Path) -> Tensors:
    return load_file(directory / "model.safetensors")


def merged(tmp_path: Path, models: list[Path], base: Path | None = None, **params: Any) -> Path:
    inputs: dict[str, Path | list[Path]] = {"models": models}
    if base:
        inputs["base"] = base
    return run_node("merge.models", tmp_path, inputs, **params).outputs["model"]


def assert_equal(found: Tensors, expected: Tensors) -> None:
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        torch.testing.assert_close(found[name], tensor, atol=1e-6, rtol=1e-5)


def test_linear_is_the_weighted_mean(tmp_path: Path, family: list[Path]) -> None:
    _, a, b = map(weights, family)
    result = merged(tmp_path, family[1:], method="linear", weights=[3.0, 1.0])
    assert_equal(weights(result), {name: 0.75 * a[name] + 0.25 * b[name] for name in a})


def test_without_weights_every_model_counts_the_same(tmp_path: Path, family: list[Path]) -> None:
    three = [weights(path) for path in family]
    result = merged(tmp_path, family)
    assert_equal(weights(result), {name: sum(each[name] for each in three) / 3 for name in three[0]})


def test_slerp_begins_at_the_first_model_and_ends_at_the_second(tmp_path: Path, family: list[Path]) -> None:
    _, a, b = family
    assert_equal(weights(merged(tmp_path, [a, b], method="slerp", t=0.0)), weights(a))
    assert_equal(weights(merged(tmp_path, [a, b], method="slerp", t=1.0)), weights(b))


def test_slerp_keeps_the_length_that_a_mean_would_lose(tmp_path: Path, family: list[Path]) -> None:
    other = tiny_model(tmp_path / "other", seed=9)
    name = "model.layers.0.mlp.up_proj.weight"
    ends = [weights(path)[name].norm().item() for path in (family[0], other)]
    along = weights(merged(tmp_path, [other], base=family[0], method="slerp"))[name].norm().item()
    straight = weights(merged(tmp_path, [family[0], other]))[name].norm().item()
    assert along == pytest.approx(sum(ends) / 2, rel=0.02)
    assert straight < 0.8 * along


def test_task_arithmetic_adds_the_differences_to_the_base(tmp_path: Path, family: list[Path]) -> None:
    base, a, b = map(weights, family)
    result = merged(tmp_path, family[1:], family[0], method="task_arithmetic", weights=[1.0, 0.5], scale=0.8)
    expected = {n: base[n] + 0.8 * (1.0 * (a[n] - base[n]) + 0.5 * (b[n] - base[n])) for n in base}
    assert_equal(weights(result), expected)


def test_ties_at_full_density_keeps_the_differences_of_the_elected_sign(
    tmp_path: Path, family: list[Path]
) -> None:
    base, a, b = map(weights, family)
    result = merged(tmp_path, family[1:], family[0], method="ties", density=1.0)
    assert_equal(weights(result), {name: _ties(base[name], [a[name], b[name]]) for name in base})


def _ties(base: torch.Tensor, models: list[torch.Tensor]) -> torch.Tensor:
    """The paper's rule (https://arxiv.org/abs/2306.01708): elect a sign, average what agrees with it."""
    differences = torch.stack([model - base for model in models])
    elected = torch.where(differences.sum(0) >= 0, 1.0, -1.0)
    agreeing = differences.sign() == elected
    return base + (differences * agreeing).sum(0) / agreeing.sum(0).clamp(min=1)


def test_ties_of_one_model_keeps_its_largest_differences(tmp_path: Path, family: list[Path]) -> None:
    base, tuned = weights(family[0]), weights(family[1])
    found = weights(merged(tmp_path, [family[1]], family[0], method="ties", density=0.25))
    for name in base:
        changed = found[name] != base[name]
        assert changed.float().mean().item() == pytest.approx(0.25, abs=0.02)
        difference = (tuned[name] - base[name]).abs()
        assert difference[changed].min() >= difference[~changed].max() - 1e-6


@pytest.mark.parametrize("method", ["dare_ties", "dare_linear"])
def test_dare_drops_at_random_and_the_seed_decides(tmp_path: Path, family: list[Path], method: str) -> None:
    base, tuned = family[0], [family[1], family[2]]
    first, again, other = (
        weights(merged(tmp_path, tuned, base, method=method, density=0.3, seed=seed)) for seed in (5, 5, 6)
    )
    name = "model.layers.1.mlp.down_proj.weight"
    assert_equal(first, again)
    assert not torch.equal(first[name], other[name])
    kept = (first[name] != weights(base)[name]).float().mean().item()
    assert kept == pytest.approx(1 - 0.7**2, abs=0.05)


def test_without_a_base_differences_are_taken_from_the_first_model(
    tmp_path: Path, family: list[Path]
) -> None:
    wired = merged(tmp_path, family[1:], family[0], method="ties")
    unwired = merged(tmp_path, family, method="ties")
    assert_equal(weights(unwired), weights(wired))


def test_one_model_wired_twice_is_itself(tmp_path: Path, family: list[Path]) -> None:
    assert_equal(weights(merged(tmp_path, [family[1], family[1]])), weights(family[1]))


def test_the_result_speaks_and_says_where_it_comes_from(tmp_path: Path, family: list[Path]) -> None:
    _, a, b = family
    result = merged(tmp_path, [a, b], weights=[0.5, 0.5], save_dtype="bf16")
    model = AutoModelForCausalLM.from_pretrained(result)
    tokenizer = AutoTokenizer.from_pretrained(result)
    ids = tokenizer.apply_chat_template([{"role": "user", "content": "你好"}], return_tensors="pt")[
        "input_ids"
    ]
    assert model.generate(ids, max_new_tokens=3).shape[1] > ids.shape[1]
    assert model.dtype == torch.bfloat16
    card = json.loads((result / "card.json").read_text())
    assert (card["kind"], card["architecture"], card["requires"]) == ("model", "qwen2", [])
    assert card["parameters"] == model.num_parameters()
    step = card["lineage"][-1]
    assert (step["method"], step["weights"]) == ("linear", [0.5, 0.5])
    assert [source["digest"] for source in step["inputs"]] == [a.name, b.name]


def test_progress_arrives(tmp_path: Path, family: list[Path]) -> None:
    events = run_node("merge.models", tmp_path, {"models": family}).events
    steps = [(e.done, e.total) for e in events if e.event == "progress"]
    assert len(steps) > len(weights(family[0]))
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1]


def refusal(tmp_path: Path, models: list[Path], base: Path | None = None, **params: Any) -> str:
    with pytest.raises(NodeFailure) as caught:
        merged(tmp_path, models, base, **params)
    assert caught.value.category == "input"
    assert caught.value.hint
    return caught.value.message


def _emptied(model: Path, directory: Path) -> Path:
    """A copy whose weights have their header only: whoever would load them fails."""
    shutil.copytree(model, directory)
    path = directory / "model.safetensors"
    content = path.read_bytes()
    path.write_bytes(content[: 8 + int.from_bytes(content[:8], "little") + 1])
    return directory


def test_other_sizes_are_refused_before_weights_are_read(tmp_path: Path, family: list[Path]) -> None:
    wide = _emptied(tiny_model(tmp_path / "wide", hidden_size=64), tmp_path / "emptied")
    message = refusal(tmp_path, [family[0], wide])
    assert "model 2" in message
    assert "hidden_size 64 (not 32)" in message


def test_another_vocabulary_is_refused_before_weights_are_read(tmp_path: Path, family: list[Path]) -> None:
    other = _emptied(family[1], tmp_path / "other")
    tokenizer = json.loads((other / "tokenizer.json").read_text())
    vocabulary = tokenizer["model"]["vocab"]
    vocabulary["!"], vocabulary["#"] = vocabulary["#"], vocabulary["!"]
    (other / "tokenizer.json").write_text(json.dumps(tokenizer))
    message = refusal(tmp_path, [family[1]], other, method="ties")
    assert "model 1" in message and "the base" in message
    assert "2 tokens differ, such as '!'" in message


def test_other_parameters_are_refused_before_weights_are_read(tmp_path: Path, family: list[Path]) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(family[1], bare)
    left = {name: tensor for name, tensor in weights(bare).items() if "bias" not in name}
    save_file(left, bare / "model.safetensors", {"format": "pt"})
    assert "model 2 lacks the parameter model.layers.0.self_attn.k_proj.bias" in refusal(
        tmp_path, [family[0], _emptied(bare, tmp_path / "other")]
    )


def test_adapters_quantised_models_pickles_and_foreign_code_are_refused(
    tmp_path: Path, family: list[Path]
) -> None:
    adapter, quantised, foreign, pickled = (
        Path(shutil.copytree(family[0], tmp_path / name)) for name in ("a", "q", "f", "p")
    )
    (adapter / "adapter_config.json").write_text("{}")
    _configure(quantised, quantization_config={"load_in_4bit": True})
    _configure(foreign, auto_map={"AutoModelForCausalLM": "modeling.Model"})
    (pickled / "model.safetensors").rename(pickled / "model.bin")
    assert "model 2 is an adapter" in refusal(tmp_path, [family[0], adapter])
    assert "model 2 is quantised" in refusal(tmp_path, [family[0], quantised])
    assert "brings its own code" in refusal(tmp_path, [family[0], foreign])
    assert "pickled" in refusal(tmp_path, [family[0], pickled])


def _configure(model: Path, **fields: Any) -> None:
    config = json.loads((model / "config.json").read_text()) | fields
    (model / "config.json").write_text(json.dumps(config))


def test_each_method_takes_so_many_models_and_weights(tmp_path: Path, family: list[Path]) -> None:
    assert "exactly two models, but 3 are wired" in refusal(tmp_path, family, method="slerp")
    assert "Only one model" in refusal(tmp_path, family[:1])
    assert "takes no base" in refusal(tmp_path, family[:2], family[2])
    assert "weights has 3 numbers, but 2 models" in refusal(tmp_path, family[:2], weights=[1.0, 1.0, 1.0])


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"method": "slerp", "weights": [1.0, 1.0]}, "slerp has no weights"),
        ({"weights": [1.0, -1.0]}, "add up to 0"),
        ({"weights": []}, "at least 1"),
        ({"method": "ties", "density": 0.0}, "greater than 0"),
        ({"method": "slerp", "t": 1.5}, "less than or equal to 1"),
        ({"method": "average"}, "linear"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(params: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Params.model_validate(params)


def test_a_result_that_is_not_finite_fails_its_check(tmp_path: Path, family: list[Path]) -> None:
    broken = Path(shutil.copytree(family[0], tmp_path / "broken"))
    tensors = weights(broken)
    tensors["model.norm.weight"][0] = float("nan")
    save_file(tensors, broken / "model.safetensors", {"format": "pt"})
    with pytest.raises(NodeFailure, match=r"model\.norm\.weight is not finite"):
        check(Outputs({"model": broken}))
