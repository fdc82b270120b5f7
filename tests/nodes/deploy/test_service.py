"""deploy.service says what is to be served, and refuses what cannot be."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from nodegraph import NodeFailure
from tests.support import run_node, tiny_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model") / "model")


@pytest.fixture
def copy(model: Path, tmp_path: Path) -> Path:
    return shutil.copytree(model, tmp_path / "copy")


def test_it_describes_the_service(model, tmp_path):
    result = run_node("deploy.service", tmp_path, {"model": model}, name="tiny", port=8123, idle_minutes=5)
    service = json.loads((result.outputs["service"] / "service.json").read_text())
    assert service["name"] == "tiny"
    assert service["base_url"] == "http://127.0.0.1:8123/v1"
    assert service["model"]["path"] == str(model)
    assert service["chat"] is True
    assert service["limits"]["idle_minutes"] == 5


def test_port_0_picks_a_free_one(model, tmp_path):
    result = run_node("deploy.service", tmp_path, {"model": model})
    service = json.loads((result.outputs["service"] / "service.json").read_text())
    assert service["port"] > 0 and not service["port_fixed"]


def test_a41_the_key_is_named_and_never_written(model, tmp_path):
    result = run_node("deploy.service", tmp_path, {"model": model}, api_key="KEY", secrets={"KEY": "canary"})
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in files if b"canary" in path.read_bytes()]
    assert '"KEY"' in (result.outputs["service"] / "service.json").read_text()
    with pytest.raises(NodeFailure, match="secret KEY is not set"):
        run_node("deploy.service", tmp_path, {"model": model}, api_key="KEY")


def test_cut_off_weights_are_found_before_anything_starts(copy, tmp_path):
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    refused(copy, tmp_path, "cut off")


def test_a50_pickled_weights_are_refused(copy, tmp_path):
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    refused(copy, tmp_path, "pickled")


def test_a_model_without_tokenizer_is_refused(copy, tmp_path):
    (copy / "tokenizer.json").unlink()
    refused(copy, tmp_path, "no tokenizer")


def test_a_model_that_does_not_generate_is_refused(copy, tmp_path):
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(
        json.dumps({**config, "architectures": ["Qwen2ForSequenceClassification"]})
    )
    refused(copy, tmp_path, "does not generate text")


@pytest.mark.parametrize("content", ["{broken", "[]", "{}"])
def test_a_broken_configuration_is_a_clear_error(copy, tmp_path, content):
    (copy / "config.json").write_text(content)
    refused(copy, tmp_path, "config.json")


def test_an_adapter_whose_base_is_gone_is_refused(tmp_path, model):
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": "/not/there"}))
    shutil.copy(model / "model.safetensors", adapter / "adapter_model.safetensors")
    refused(adapter, tmp_path, "base /not/there is not there")


def refused(model: Path, tmp_path: Path, words: str) -> None:
    with pytest.raises(NodeFailure, match=words) as error:
        run_node("deploy.service", tmp_path, {"model": model})
    assert error.value.category == "input"
    assert error.value.hint
