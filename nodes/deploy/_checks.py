"""Whether a model can be served, seen from its files alone: cheap, and before anything is started."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

from nodegraph import Context, NodeFailure
from nodes.common.models import ADAPTER_CONFIG, adapter_base, refuse_pickles

_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json", "spiece.model")
_MAX_HEADER = 100 * 2**20


def check_weights(directory: Path) -> None:
    """Fail where a local model lacks its configuration, tokenizer or whole weights; a hub id passes."""
    if not directory.is_absolute():
        return
    refuse_pickles(directory)
    config = _json(directory / "config.json")
    model_type = config.get("model_type")
    if not model_type:
        raise NodeFailure(
            "input",
            f"{directory.name}/config.json names no model_type.",
            "Wire the output of a training, merge or quantize node.",
        )
    classes = config.get("architectures") or []
    if classes and not any(name.endswith(("ForCausalLM", "LMHeadModel")) for name in classes):
        raise NodeFailure(
            "input",
            f"A {classes[0]} does not generate text.",
            "Only causal language models (…ForCausalLM) can be served.",
        )
    if not any((directory / name).is_file() for name in _TOKENIZERS):
        raise NodeFailure(
            "input", "The model has no tokenizer beside it.", "Save the tokenizer into the same directory."
        )
    _check_safetensors(directory)


def check_adapter(directory: Path, ctx: Context) -> str:
    """Where the base of an adapter lies; fails where it, or the adapter's own weights, cannot be found."""
    refuse_pickles(directory)
    _json(directory / ADAPTER_CONFIG)
    _check_safetensors(directory)
    base = adapter_base(directory, ctx)
    if Path(base).is_absolute() and not Path(base).is_dir():
        raise NodeFailure(
            "input",
            f"The adapter's base {base} is not there.",
            "Put the base model back, or merge the adapter into it where it is.",
        )
    return base


def has_chat_template(directory: Path) -> bool:
    """Whether the tokenizer in a directory knows how a conversation is written."""
    if (directory / "chat_template.jinja").is_file():
        return True
    config = directory / "tokenizer_config.json"
    return config.is_file() and bool(_json(config).get("chat_template"))


def _check_safetensors(directory: Path) -> None:
    files = sorted(directory.glob("*.safetensors"))
    if not files:
        raise NodeFailure(
            "input",
            "The model has no weights (*.safetensors).",
            "Wire the output of a training, merge or quantize node.",
        )
    index = directory / "model.safetensors.index.json"
    if index.is_file():
        missing = sorted(set(_json(index).get("weight_map", {}).values()) - {path.name for path in files})
        if missing:
            raise NodeFailure("input", f"The weights {missing[0]} are missing.", "Copy the model again.")
    for path in files:
        _check_whole(path)


def _check_whole(path: Path) -> None:
    """Fail where a safetensors file is cut off. The format is in safetensors' README."""
    size = path.stat().st_size
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(length if length <= min(size, _MAX_HEADER) else 0))
        tensors = [value for name, value in header.items() if name != "__metadata__"]
        whole = size >= 8 + length + max((tensor["data_offsets"][1] for tensor in tensors), default=0)
    except (struct.error, ValueError, LookupError, TypeError, AttributeError):
        whole = False
    if not whole:
        raise NodeFailure(
            "input", f"The weights {path.name} are cut off or damaged.", "Copy or make the model again."
        )


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NodeFailure(
            "input", f"The model has no {path.name}.", "Wire a model in Hugging Face's layout."
        ) from None
    except ValueError as error:
        raise NodeFailure("input", f"{path.name} is no JSON: {error}.", "Copy the model again.") from error
    if not isinstance(found, dict):
        raise NodeFailure("input", f"{path.name} is no JSON object.", "Copy the model again.")
    return found
