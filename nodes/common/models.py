"""Models on disk: what their card says, and where the base of an adapter lies.

A model artifact is a directory in Hugging Face's layout with a card.json of ours beside it:
{kind, architecture, parameters, base, requires, training}. `base` of an adapter is {"digest": …}, {"hub": …}
or {"path": …}; `requires` lists the digests of the artifacts it cannot be used without.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nodegraph import Context, NodeFailure

CARD = "card.json"
ADAPTER_CONFIG = "adapter_config.json"
_PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")


def write_card(directory: Path, **fields: Any) -> None:
    """Write what a model says of itself."""
    text = json.dumps(fields, ensure_ascii=False, indent=2)
    (directory / CARD).write_text(text + "\n", encoding="utf-8")


def read_card(directory: Path) -> dict[str, Any]:
    """What a model says of itself; empty for a model that NodeGraph did not make."""
    path = directory / CARD
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def is_adapter(directory: Path) -> bool:
    """Whether a directory holds an adapter rather than full weights."""
    return (directory / ADAPTER_CONFIG).is_file()


def adapter_base(directory: Path, ctx: Context) -> str:
    """Where the base of an adapter lies: a directory in the store, a local path or a hub id."""
    base = read_card(directory).get("base") or {}
    if "digest" in base:
        return str(ctx.related(base["digest"]))
    if found := base.get("path") or base.get("hub"):
        return str(found)
    config = json.loads((directory / ADAPTER_CONFIG).read_text(encoding="utf-8"))
    return str(config["base_model_name_or_path"])


def refuse_pickles(directory: Path) -> None:
    """Fail where a local model has only pickled weights: loading a pickle runs whatever code it holds."""
    if not directory.is_dir() or any(directory.glob("*.safetensors")):
        return
    pickled = [path.name for path in sorted(directory.iterdir()) if path.suffix in _PICKLED]
    if pickled:
        raise NodeFailure(
            "input",
            f"The weights {', '.join(pickled[:3])} are pickled; loading them could run foreign code.",
            "Convert them to safetensors where you trust them, then use that directory.",
        )
