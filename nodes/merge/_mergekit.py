"""Runs mergekit in this process: its configuration from our plan, its progress as our events."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from nodegraph import Context
from nodes.merge._compatible import Candidate
from nodes.merge._params import DARE, SPARSE, TASK_VECTORS, Params
from nodes.merge._plan import Plan


def merge(config: dict[str, Any], directory: Path, seed: int, ctx: Context) -> None:
    """Merge as `config` says, tensor by tensor, into `directory`; on a GPU where one is at hand."""
    with _offline():
        _run(config, directory, seed, ctx)


def _run(config: dict[str, Any], directory: Path, seed: int, ctx: Context) -> None:
    from mergekit.config import MergeConfiguration
    from mergekit.merge import run_merge
    from mergekit.options import MergeOptions

    options = MergeOptions(
        copy_tokenizer=False, write_model_card=False, trust_remote_code=False, random_seed=seed, device="auto"
    )
    with _progress(ctx):
        run_merge(MergeConfiguration.model_validate(config), str(directory), options=options)


def configuration(params: Params, plan: Plan, dtype: str, scratch: Path) -> dict[str, Any]:
    """Configure mergekit for a plan; the result is stored as `dtype`, such as bfloat16.

    Each input gets a link below `scratch`, so that it has a path of its own even where one artifact is
    wired twice; a path is given as an object, because + and @ have a meaning in a string.
    """
    places = [_link(model, scratch / f"model-{index}") for index, model in enumerate(plan.models, start=1)]
    base = _link(plan.base, scratch / "base") if plan.base else places[0]
    if params.method == "slerp" and plan.base:
        places = [base, *places]
    own = _own_parameters(params, plan) or [{}] * len(places)
    return {
        "merge_method": params.method,
        "base_model": base,
        "models": [{"model": place, "parameters": each} for place, each in zip(places, own, strict=True)],
        "parameters": shared_parameters(params),
        # The arithmetic is done in full precision, whatever the weights are stored in.
        "dtype": "float32",
        "out_dtype": dtype,
    }


def _own_parameters(params: Params, plan: Plan) -> list[dict[str, float]]:
    if params.method == "slerp":
        return []
    density = {"density": params.density} if params.method in SPARSE else {}
    return [{"weight": weight, **density} for weight in plan.weights]


def shared_parameters(params: Params) -> dict[str, Any]:
    """What the method reads of the parameters, by mergekit's names, apart from what differs by model."""
    if params.method == "slerp":
        return {"t": params.t}
    found: dict[str, Any] = {} if params.normalize is None else {"normalize": params.normalize}
    if params.method in TASK_VECTORS:
        found |= {"lambda": params.scale, "int8_mask": params.int8_mask}
    if params.method in DARE:
        found["rescale"] = params.rescale
    return found


def _link(candidate: Candidate, place: Path) -> dict[str, Any]:
    place.symlink_to(candidate.path.resolve(), target_is_directory=True)
    return {"model": {"path": str(place)}}


@contextmanager
def _offline() -> Iterator[None]:
    """All inputs lie on this machine; a look at a hub could only fail or hang."""
    name = "HF_HUB_OFFLINE"
    kept = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        os.environ.pop(name)
        if kept is not None:
            os.environ[name] = kept


@contextmanager
def _progress(ctx: Context) -> Iterator[None]:
    """Stand in for the bars of mergekit's executor, as its own `evo.monkeypatch` does."""
    from mergekit import graph, merge

    def executing(tasks: Iterable[Any], **_: Any) -> Iterator[Any]:
        todo = list(tasks)
        for done, task in enumerate(todo):
            ctx.progress(done, len(todo), "steps", "merging")
            yield task
        ctx.progress(len(todo), len(todo), "steps", "merging")

    def silent(items: Iterable[Any], **_: Any) -> Iterable[Any]:
        return items

    kept = graph.tqdm, merge.tqdm
    graph.tqdm, merge.tqdm = SimpleNamespace(tqdm=executing), SimpleNamespace(tqdm=silent)
    try:
        yield
    finally:
        graph.tqdm, merge.tqdm = kept
