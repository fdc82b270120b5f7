"""Opens the inference engine that the parameters name, with the model or the adapter loaded."""

from __future__ import annotations

from pathlib import Path

from nodegraph import Context, NodeFailure
from nodes.common.models import adapter_base, is_adapter, refuse_pickles
from nodes.evaluate._engine import Engine, Loading
from nodes.evaluate._huggingface import HuggingFaceEngine


def open_engine(name: str, model: Path, loading: Loading, ctx: Context) -> Engine:
    """The engine of that name with the model, or the adapter on its base, loaded."""
    if name != "hf":
        raise NodeFailure("input", f"There is no engine {name}.", "Use hf.")
    adapter = model if is_adapter(model) else None
    base = adapter_base(model, ctx) if adapter else str(model)
    for directory in {model, Path(base)}:
        refuse_pickles(directory)
    ctx.log(f"Loading the model{' and its adapter' if adapter else ''}.")
    return HuggingFaceEngine(base, adapter, loading)
