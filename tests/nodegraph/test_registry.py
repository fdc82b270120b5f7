"""The registry finds node types by themselves and lives with broken ones."""

from __future__ import annotations

import json

from nodegraph.describe import describe_type
from nodegraph.registry import Registry

GOOD = 'NODE = NodeType(title="X", category="train", params=NodeParams)\n'


def test_a_broken_module_does_not_stop_the_others(tmp_path, write_modules):
    bodies = {
        "train/good": GOOD,
        "train/fails": "raise RuntimeError('at import')\n",
        "train/syntax": "def (\n",
        "train/nothing": "",
        "train/elsewhere": GOOD.replace('"train"', '"merge"'),
        "train/_helper": "raise RuntimeError('helpers are not imported')\n",
        "nowhere/other": GOOD,
    }
    root = write_modules(tmp_path / "nodes", bodies)
    (root / "train" / "silent.py").write_text(
        "from nodegraph import NodeParams, NodeType\nrun = print\n" + GOOD
    )
    registry = Registry.scan(root)
    assert list(registry.types) == ["train.good"]
    assert registry.broken.keys() == {
        f"train.{n}" for n in ("fails", "syntax", "nothing", "elsewhere", "silent")
    }
    assert registry.broken["train.fails"].error == "RuntimeError: at import"
    assert "Traceback" in registry.broken["train.fails"].details
    assert "docstring" in registry.broken["train.silent"].error


def test_no_node_type_of_ours_is_broken():
    registry = Registry.scan()
    assert registry.types
    assert {broken.id: broken.error for broken in registry.broken.values()} == {}


def test_every_node_type_of_ours_can_be_described():
    for registered in Registry.scan():
        described = describe_type(registered)
        json.dumps(described, allow_nan=False)
        assert described["summary"] and described["title"]
        untitled = [name for name, info in registered.node.params.model_fields.items() if not info.title]
        assert untitled == [], registered.id


def test_a_type_as_json(registry):
    described = describe_type(registry.types["train.sft"])
    assert described["id"] == "train.sft" and described["environment"] == "train"
    assert described["inputs"]["dataset"]["kind"] == "dataset"
    assert described["outputs"]["model"]["kind"] == "model"
    epochs = described["parameters"]["properties"]["epochs"]
    assert (epochs["title"], epochs["minimum"], epochs["maximum"], epochs["default"]) == ("Epochs", 1, 100, 3)
    assert described["resources"]["gpu"] == 1
