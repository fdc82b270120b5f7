"""train.load hands on a model as it lies in a folder or on the hub, and refuses what is none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nodegraph import NodeFailure
from nodes.common.models import read_card
from tests.nodes.train.conftest import QUICK
from tests.nodes.train.weights import load, same
from tests.support import run_node


def test_a_folder_is_handed_on_as_it_is(base: Path, tmp_path: Path) -> None:
    folder = tmp_path / "my-model"
    shutil.copytree(base, folder)
    (folder / "notes.py").write_text("print('not a part of the model')", encoding="utf-8")
    loaded = run_node("train.load", tmp_path, base_model=str(folder)).outputs["model"]
    assert same(base, loaded)
    assert load(loaded)[1]("my parcel")["input_ids"] == load(base)[1]("my parcel")["input_ids"]
    assert not (loaded / "notes.py").exists()
    card = read_card(loaded)
    assert card["lineage"][-1] == {"node": "train.load", "folder": "my-model"}
    assert card["parameters"] == read_card(base)["parameters"]


def test_a_hub_model_comes_from_the_cache_where_it_is_there(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    repository = tmp_path / "hub" / "models--shop--tiny"
    commit = "0123456789" * 4
    shutil.copytree(base, repository / "snapshots" / commit)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(commit, encoding="utf-8")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    loaded = run_node("train.load", tmp_path, base_model="shop/tiny").outputs["model"]
    assert same(base, loaded)
    assert read_card(loaded)["lineage"][-1] == {"node": "train.load", "hub": "shop/tiny", "revision": commit}


def test_a_loaded_model_can_be_trained(base: Path, rows: Path, tmp_path: Path) -> None:
    loaded = run_node("train.load", tmp_path, base_model=str(base)).outputs["model"]
    trained = run_node("train.sft", tmp_path, {"model": loaded, "dataset": rows}, max_steps=1, **QUICK)
    assert not same(loaded, trained.outputs["model"])


def test_what_is_no_model_is_refused_with_what_to_do(base: Path, tmp_path: Path) -> None:
    adapter, pickled, empty = (tmp_path / name for name in ("adapter", "pickled", "empty"))
    for folder in (adapter, pickled, empty):
        folder.mkdir()
    (adapter / "adapter_config.json").write_text("{}", encoding="utf-8")
    shutil.copy(base / "config.json", pickled)
    (pickled / "pytorch_model.bin").write_bytes(b"pickle")
    for source, words in [
        (adapter, "adapter"), (pickled, "pickled"), (empty, "holds no model"), (tmp_path / "no", "exist"),
    ]:  # fmt: skip
        with pytest.raises(NodeFailure, match=words) as caught:
            run_node("train.load", tmp_path, base_model=str(source))
        assert caught.value.category == "input" and caught.value.hint
