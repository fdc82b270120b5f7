"""What people hear when a model cannot be loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from nodegraph import NodeFailure
from nodes.common.loading import readable
from nodes.common.torch_terms import torch_device


def said(source: str | Path, error: Exception, part: str = "model") -> NodeFailure:
    with pytest.raises(NodeFailure) as caught, readable(str(source), part):
        raise error
    assert caught.value.hint
    return caught.value


def test_a_folder_is_named_and_an_artifact_is_not(tmp_path: Path) -> None:
    cut = ValueError("incomplete header\nand a long story")
    (tmp_path / "mine").mkdir()
    assert said(tmp_path / "mine", cut).message == "The model mine cannot be loaded: incomplete header"
    artifact = tmp_path / ("ab" * 32)
    artifact.mkdir()
    assert said(artifact, cut, "adapter").message == "The adapter cannot be loaded: incomplete header"


def test_a_hub_out_of_reach_is_nobodys_mistake() -> None:
    failure = said("someone/model", OSError("We couldn't connect to the hub"))
    assert failure.category == "infrastructure"
    assert "HF_ENDPOINT" in failure.hint


@pytest.mark.parametrize(
    "error", [RuntimeError("CUDA out of memory"), MemoryError(), OSError(28, "No space"), ImportError("peft")]
)
def test_what_the_machine_lacks_is_not_the_models_fault(error: Exception, tmp_path: Path) -> None:
    with pytest.raises(type(error)), readable(str(tmp_path), "model"):
        raise error


def test_a_gpu_that_is_not_there_is_refused() -> None:
    import torch

    assert torch_device("cpu") == "cpu"
    if torch.accelerator.is_available():
        assert torch_device("gpu") == torch_device()
    else:
        assert torch_device() == "cpu"
        with pytest.raises(NodeFailure, match="no GPU"):
            torch_device("gpu")
