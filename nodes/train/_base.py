"""The model that training starts from: a wired artifact, a local folder, or a hub id."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nodegraph import Context, Inputs, NodeFailure
from nodes.common.hub import require_reachable
from nodes.common.loading import readable
from nodes.common.models import adapter_base, is_adapter, read_card, refuse_pickles
from nodes.common.torch_terms import torch_dtype
from nodes.train._machine import Machine
from nodes.train._params import TrainingParams
from nodes.train._ranks import local_index

_HUB_ID = re.compile(r"^[A-Za-z0-9][\w.-]*(/[\w.-]+)?$")


@dataclass(frozen=True)
class Base:
    """Where the weights lie, the adapter that came with them, and how a card names them."""

    source: str
    name: dict[str, Any]
    adapter: Path | None = None
    requires: list[str] = field(default_factory=list)

    @property
    def tokenizer_source(self) -> str:
        """An adapter brings its own tokenizer where it was saved with one."""
        own = self.adapter is not None and (self.adapter / "tokenizer_config.json").is_file()
        return str(self.adapter) if own else self.source


def is_hub_id(text: str) -> bool:
    """Whether a text can name a model on the hub."""
    return _HUB_ID.match(text) is not None


def find_base(params: TrainingParams, inputs: Inputs, ctx: Context) -> Base:
    """The base model; a wired one wins over `base_model`."""
    artifact = inputs.artifact("model")
    if artifact is not None:
        if params.base_model:
            ctx.log(f"The wired model is used, not base_model ({params.base_model}).")
        return _local(artifact.path, {"digest": artifact.digest}, [artifact.digest], ctx)
    wanted = params.base_model.strip()
    if not wanted:
        raise NodeFailure(
            "input",
            "There is no model to train: nothing is wired to the input model, and base_model is empty.",
            "Wire a model, for instance from train.init, or set base_model to a folder or a hub id.",
        )
    path = Path(wanted).expanduser()
    if path.is_dir():
        return _local(path, {"path": str(path.resolve())}, [], ctx)
    if not is_hub_id(wanted):
        raise NodeFailure(
            "input", f"The folder {wanted}, given as base_model, does not exist.",
            "Check the path, as the machine that runs the node sees it.",
        )  # fmt: skip
    require_reachable(wanted)
    return Base(wanted, {"hub": wanted})


def _local(path: Path, name: dict[str, Any], requires: list[str], ctx: Context) -> Base:
    refuse_pickles(path)
    if not is_adapter(path):
        return Base(str(path), name, None, requires)
    card = read_card(path)
    source = adapter_base(path, ctx)
    refuse_pickles(Path(source))
    known = card.get("base") or ({"path": source} if Path(source).is_dir() else {"hub": source})
    return Base(source, known, path, list(card.get("requires") or []))


def load_tokenizer(base: Base) -> Any:
    """The tokenizer, with a token for padding."""
    from transformers import AutoTokenizer

    with readable(base.tokenizer_source, "tokenizer"):
        tokenizer = AutoTokenizer.from_pretrained(base.tokenizer_source, trust_remote_code=False)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    tokenizer.padding_side = "right"
    return tokenizer


def load_config(base: Base) -> Any:
    """The configuration of the base model."""
    from transformers import AutoConfig

    with readable(base.source, "model"):
        return AutoConfig.from_pretrained(base.source, trust_remote_code=False)


def load_weights(base: Base, machine: Machine, dtype: str, quantization: Any = None) -> Any:
    """The base model in memory, its adapter not yet on it."""
    from transformers import AutoModelForCausalLM

    options: dict[str, Any] = {}
    if quantization is not None:
        place = local_index() if machine.device == "cuda" else machine.device
        options = {"quantization_config": quantization, "device_map": {"": place}}
    with readable(base.source, "model"):
        model = AutoModelForCausalLM.from_pretrained(
            base.source,
            dtype=torch_dtype(dtype),
            attn_implementation=machine.attention,
            use_safetensors=True,
            trust_remote_code=False,
            **options,
        )
    if (Path(base.source) / "card.json").is_file() and model.generation_config is None:
        model.generation_config = model.generation_config_class()
    return model


def with_adapter(model: Any, adapter: Path, trainable: bool) -> Any:
    """The model with its adapter on it."""
    from peft import PeftModel

    with readable(str(adapter), "adapter"):
        return PeftModel.from_pretrained(model, str(adapter), is_trainable=trainable, use_safetensors=True)


def merged(model: Any, adapter: Path, ctx: Context) -> Any:
    """The model with its adapter merged into its weights."""
    ctx.log("The adapter is merged into its base first; the result is a full model.")
    whole = with_adapter(model, adapter, trainable=False).merge_and_unload(safe_merge=True)
    return whole.requires_grad_(True)


def stored_dtype(config: Any) -> str:
    """How the base model is stored: fp32, bf16 or fp16."""
    name = str(config.dtype).removeprefix("torch.")
    return {"bfloat16": "bf16", "float16": "fp16"}.get(name, "fp32")
