"""Load a model: takes one from the hub or from a folder of this machine, so that other nodes can use it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from nodegraph import Context, Field, Inputs, NodeFailure, NodeParams, NodeType, Outputs, Port, Resources
from nodes.common.hub import require_reachable
from nodes.common.loading import readable
from nodes.common.models import CARD, is_adapter, read_card, refuse_pickles, write_card
from nodes.common.preview import Block, values
from nodes.train._base import is_hub_id
from nodes.train._estimate import stored_parameters
from nodes.train._results import check_model

# Weights in safetensors and the small files beside them; never code, never pickles.
_FILES = ("*.safetensors", "*.json", "*.txt", "*.model", "*.jinja")


class Params(NodeParams):
    """Which model."""

    base_model: str = Field(
        title="Model", widget="model", min_length=1,
        help="A local folder or a hub id such as Qwen/Qwen2.5-0.5B-Instruct.",
    )  # fmt: skip
    revision: str = Field("", title="Hub revision", help="A branch, tag or commit.", group="Advanced")


NODE = NodeType(
    title="Load model",
    category="train",
    params=Params,
    environment="train",
    outputs={"model": Port("model")},
    resources=Resources(cpu=1, memory_gb=2, network=True),
)


def run(params: Params, inputs: Inputs, outputs: Outputs, ctx: Context) -> None:
    """Copy the model's files and say in its card where they came from."""
    wanted = params.base_model.strip()
    folder = Path(wanted).expanduser()
    source: dict[str, str]
    if folder.is_dir():
        source = {"folder": folder.resolve().name}
    elif is_hub_id(wanted):
        folder = _download(wanted, params.revision.strip(), ctx)
        source = {"hub": wanted, "revision": folder.name}
    else:
        raise NodeFailure(
            "input", f"The folder {wanted}, given as base_model, does not exist.",
            "Check the path, as the machine that runs the node sees it.",
        )  # fmt: skip
    _require_model(folder)
    _copy(folder, outputs["model"], ctx)
    _write_card(folder, source, outputs["model"])


def _download(model: str, revision: str, ctx: Context) -> Path:
    from huggingface_hub import snapshot_download

    require_reachable(model)
    ctx.log(f"Fetching {model} from the hub, as far as it is not on this machine.")
    with readable(model):
        return Path(
            snapshot_download(
                model, revision=revision or None, allow_patterns=list(_FILES), ignore_patterns=["*/*"]
            )
        )


def _require_model(folder: Path) -> None:
    if is_adapter(folder):
        raise NodeFailure(
            "input", f"{folder.name} holds an adapter, which is no model by itself.",
            "Name its base model here, or the adapter as base_model of train.sft.",
        )  # fmt: skip
    refuse_pickles(folder)
    if not (folder / "config.json").is_file() or not any(folder.glob("*.safetensors")):
        raise NodeFailure(
            "input", f"{folder.name} holds no model: config.json or weights in safetensors are missing.",
            "Name a folder in Hugging Face's layout.",
        )  # fmt: skip


def _copy(folder: Path, directory: Path, ctx: Context) -> None:
    names = sorted({path.name for pattern in _FILES for path in folder.glob(pattern)} - {CARD})
    sizes = {name: (folder / name).stat().st_size for name in names}
    done, total = 0, sum(sizes.values())
    for name, size in sizes.items():
        ctx.progress(done / 1e6, total / 1e6, "MB", "copying")
        shutil.copyfile(folder / name, directory / name)
        done += size
    ctx.log(f"{len(names)} files, {total / 1e6:,.1f} MB.")


def _write_card(folder: Path, source: dict[str, str], directory: Path) -> None:
    known, config = read_card(folder), json.loads((folder / "config.json").read_text(encoding="utf-8"))
    step: dict[str, Any] = {"node": "train.load", **source}
    write_card(
        directory,
        kind="model",
        architecture=config.get("model_type"),
        parameters=stored_parameters(directory),
        base=None,
        requires=[],
        training=known.get("training"),
        lineage=[*known.get("lineage", []), step],
    )


def check(outputs: Outputs) -> None:
    """Weights, tokenizer and card are there."""
    check_model(outputs["model"])


def preview(outputs: Outputs) -> list[Block]:
    """What was loaded, and from where."""
    card = read_card(outputs["model"])
    step = {name: value for name, value in card["lineage"][-1].items() if name != "node"}
    shown = {"architecture": card["architecture"], "parameters": card["parameters"], **step}
    return [values("Model", shown)]
