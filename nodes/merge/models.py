"""Merge models of one family: their mean, a point between two, or a base plus what each has learnt."""

from __future__ import annotations

import json
import shutil
from math import prod
from pathlib import Path
from typing import Any

from nodegraph import Context, Inputs, NodeFailure, NodeType, Outputs, Port, Resources
from nodes.common.models import read_card, write_card
from nodes.common.preview import Block, table, values
from nodes.common.torch_terms import DTYPES
from nodes.merge._compatible import config_of, require_mergeable
from nodes.merge._mergekit import configuration, merge, shared_parameters
from nodes.merge._params import DARE, SPARSE, TASK_VECTORS, Params
from nodes.merge._plan import Plan, plan_of
from nodes.merge._weights import tensors_of, weight_files

_STORED = {"F32": "float32", "BF16": "bfloat16", "F16": "float16"}
_TOKENIZER = (
    "tokenizer.json", "tokenizer_config.json", "tokenizer.model", "special_tokens_map.json",
    "added_tokens.json", "vocab.json", "vocab.txt", "merges.txt", "chat_template.jinja", "chat_template.json",
    "generation_config.json",
)  # fmt: skip
_TOKEN_IDS = ("bos_token_id", "eos_token_id", "pad_token_id")

NODE = NodeType(
    title="Merge models",
    category="merge",
    params=Params,
    environment="merge",
    inputs={
        "models": Port(
            "model", many=True, full_weights=True, help="Models of one architecture and tokenizer"
        ),
        "base": Port(
            "model",
            optional=True,
            full_weights=True,
            help="What the models were trained from; where nothing is wired, the first model",
        ),
    },
    outputs={"model": Port("model")},
    resources=Resources(cpu=2, memory_gb=16),
)


def run(params: Params, inputs: Inputs, outputs: Outputs, ctx: Context) -> None:
    """Compare the inputs, merge them, give the result a tokenizer and a card."""
    plan = plan_of(params, inputs)
    ctx.log(f"Comparing {len(plan.all)} models.")
    require_mergeable(plan.all)
    if params.method in TASK_VECTORS and plan.base is None:
        ctx.log("No base is wired: differences are taken from model 1, whose weight has no effect.")
    dtype = _dtype(params, plan)
    merge(configuration(params, plan, dtype, ctx.scratch), outputs["model"], params.seed, ctx)
    donor = plan.base if plan.base and params.tokenizer == "base" else plan.models[0]
    _copy_tokenizer(donor.path, outputs["model"])
    _write_card(params, plan, dtype, outputs["model"])
    ctx.log(f"Merged with {params.method}; tokenizer and chat template are those of {donor.name}.")


def _dtype(params: Params, plan: Plan) -> str:
    if params.save_dtype != "auto":
        return DTYPES[params.save_dtype]
    stored = {tensor.dtype for tensor in tensors_of(plan.models[0].path).values()}
    return next((_STORED[name] for name in ("F32", "BF16", "F16") if name in stored), "float32")


def _copy_tokenizer(donor: Path, directory: Path) -> None:
    for name in _TOKENIZER:
        if (donor / name).is_file():
            shutil.copy(donor / name, directory / name)
    config = config_of(directory) | {key: config_of(donor).get(key) for key in _TOKEN_IDS}
    (directory / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def _write_card(params: Params, plan: Plan, dtype: str, directory: Path) -> None:
    step = {"node": "merge.models", "method": params.method, **shared_parameters(params), "dtype": dtype}
    if params.method != "slerp":
        step["weights"] = list(plan.weights)
    if params.method in SPARSE:
        step["density"] = params.density
    if params.method in DARE:
        step["seed"] = params.seed
    step["inputs"] = [{"name": each.name, "digest": each.digest} for each in plan.all]
    write_card(
        directory,
        kind="model",
        architecture=config_of(directory).get("model_type"),
        parameters=sum(prod(tensor.shape) for tensor in tensors_of(directory).values()),
        base=None,
        requires=[],
        training=read_card(plan.models[0].path).get("training"),
        lineage=[step],
    )


def check(outputs: Outputs) -> None:
    """The merged model loads, nothing in it is missing or left over, and every weight is a number."""
    import torch
    import transformers
    from safetensors import safe_open

    directory = outputs["model"]
    for path in weight_files(directory):
        with safe_open(path, "pt") as tensors:
            for name in tensors.keys():  # noqa: SIM118 - not a dict
                if not torch.isfinite(tensors.get_tensor(name)).all():
                    raise NodeFailure(
                        "input",
                        f"The merged parameter {name} is not finite.",
                        "Use smaller weights or scale, or store it as fp32 or bf16.",
                    )
    model_class = getattr(transformers, config_of(directory)["architectures"][0])
    _, loading = model_class.from_pretrained(
        directory, dtype="auto", output_loading_info=True, local_files_only=True
    )
    for fault in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        if loading.get(fault):
            raise NodeFailure(
                "node",
                f"The merged model does not load: {fault.replace('_', ' ')} {sorted(loading[fault])[:3]}.",
            )


def preview(outputs: Outputs) -> list[Block]:
    """How it was merged, and from what."""
    card = read_card(outputs["model"])
    step: dict[str, Any] = dict(card["lineage"][-1])
    sources, weights = step.pop("inputs"), step.pop("weights", [])
    shown = {"parameters": card["parameters"], **{name: step[name] for name in step if name != "node"}}
    of_base = len(sources) - len(weights)
    rows = [
        [source["name"], source["digest"][:12], weights[i - of_base] if weights and i >= of_base else None]
        for i, source in enumerate(sources)
    ]
    return [values("Merge", shown), table("Inputs", ["input", "digest", "weight"], rows)]
