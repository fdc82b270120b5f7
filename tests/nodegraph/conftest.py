"""A small world of node types, written as real modules and found by the real registry."""

from __future__ import annotations

from pathlib import Path

import pytest

from nodegraph.registry import Registry

HEAD = '''"""{summary}"""

from __future__ import annotations

from typing import Literal

from nodegraph import Field, NodeParams, NodeType, Port, Resources

def run(params, inputs, outputs, ctx):
    """Nothing is run here."""

'''

MODULES = {
    "preprocess/load": """
class Params(NodeParams):
    source: str = Field(title="Source", widget="path")
    limit: int | None = Field(None, title="Row limit", ge=1)

NODE = NodeType(title="Load", category="preprocess", params=Params,
                outputs={"dataset": Port("dataset"), "report": Port("report")})
""",
    "preprocess/clean": """
class Params(NodeParams):
    min_chars: int = Field(1, title="Shortest text", ge=0, le=10_000)
    dedup: Literal["none", "exact", "near"] = Field("exact", title="Duplicates")
    keep_case: bool = Field(True, title="Keep case")
    rate: float | Literal["auto"] = Field("auto", title="Rate")

NODE = NodeType(title="Clean", category="preprocess", params=Params, inputs={"dataset": Port("dataset")},
                outputs={"dataset": Port("dataset"), "report": Port("report")})
""",
    "augment/mix": """
class Params(NodeParams):
    ratios: list[float] | None = Field(None, title="Ratios")

NODE = NodeType(title="Mix", category="augment", params=Params,
                inputs={"datasets": Port("dataset", many=True)}, outputs={"dataset": Port("dataset")})
""",
    "train/sft": """
class Params(NodeParams):
    base_model: str = Field("", title="Base model", widget="model")
    epochs: int = Field(3, title="Epochs", ge=1, le=100)
    learning_rate: float = Field(1e-4, title="Learning rate", gt=0, le=1)
    method: Literal["full", "lora"] = Field("full", title="Method")

def outputs_of(params):
    return {"model": Port("adapter" if params.method == "lora" else "model"), "metrics": Port("metrics")}

NODE = NodeType(title="SFT", category="train", params=Params, outputs=outputs_of, environment="train",
                inputs={"model": Port("model", optional=True), "dataset": Port("dataset"),
                        "validation": Port("dataset", optional=True)},
                resources=Resources(cpu=4, memory_gb=16, gpu=1))
""",
    "evaluate/text": """
class Params(NodeParams):
    temperature: float = Field(0.0, title="Temperature", ge=0, le=2)

NODE = NodeType(title="Evaluate", category="evaluate", params=Params,
                inputs={"model": Port("model"), "dataset": Port("dataset")},
                outputs={"metrics": Port("metrics"), "samples": Port("dataset")})
""",
    "quantize/model": """
NODE = NodeType(title="Quantize", category="quantize", params=NodeParams,
                inputs={"model": Port("model", full_weights=True)}, outputs={"model": Port("model")})
""",
    "judge/rubric": """
class Params(NodeParams):
    base_url: str = Field("http://localhost", title="Address")
    api_key: str | None = Field(None, title="API key", widget="secret")

NODE = NodeType(title="Judge", category="judge", params=Params, inputs={"samples": Port("dataset")},
                outputs={"metrics": Port("metrics")})
""",
}


def write_types(root: Path, modules: dict[str, str]) -> Path:
    """The modules as files under `root`."""
    for name, body in modules.items():
        path = root / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEAD.format(summary=f"The {name} of the tests.") + body, encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """The node types above."""
    found = Registry.scan(write_types(tmp_path_factory.mktemp("nodes"), MODULES))
    assert not found.broken
    return found


@pytest.fixture
def write_modules():
    return write_types


TRAINING = """\
nodegraph: 1
name: training
nodes:
  raw:
    type: preprocess.load
    params: {source: rows.jsonl}
  clean:
    type: preprocess.clean
    params: {min_chars: 2}
    inputs: {dataset: raw.dataset}
  train:
    type: train.sft
    inputs: {dataset: clean.dataset}
  score:
    type: evaluate.text
    inputs: {model: train.model, dataset: clean.dataset}
"""


@pytest.fixture
def training() -> str:
    """A pipeline that is right: raw → clean → train → score."""
    return TRAINING
