"""Has a model behind an OpenAI-compatible service score answers by a rubric with weighted dimensions."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Any

from nodegraph import Context, Inputs, NodeFailure, NodeType, Outputs, Port, Resources
from nodes.common.dataset import read_card, read_rows, write_dataset
from nodes.common.metrics import read_indicators, write_indicator
from nodes.common.preview import Block, table, values
from nodes.judge import _canaries, _summary
from nodes.judge._asking import Cache, Judge, Outcome, Retries
from nodes.judge._items import Item, read_items
from nodes.judge._prompt import Rubric
from nodes.judge._protocol import Settings, Usage
from nodes.judge._rubric_params import Params
from nodes.judge._service import Service
from nodes.judge._tally import Tally, too_many_errors

_SHOWN_ROWS = 50

NODE = NodeType(
    title="Judge by rubric",
    category="judge",
    params=Params,
    inputs={"samples": Port("dataset")},
    outputs={"metrics": Port("metrics"), "samples": Port("dataset")},
    environment="judge",
    resources=Resources(cpu=1, memory_gb=1, network=True),
)


def run(params: Params, inputs: Inputs, outputs: Outputs, ctx: Context) -> None:
    """Read, ask for a verdict on each answer and canary, sum up, write."""
    fields = {
        "prompt": params.prompt_field,
        "answer": params.answer_field,
        "reference": params.reference_field,
    }
    items = read_items(inputs["samples"], params.limit, fields)
    low, high = params.scale
    rubric = Rubric(params.dimensions, low, high, params.instructions, params.template)
    traps = _canaries.canaries(items, params.canaries, rubric)
    tally = Tally(params, rubric, len(items), len(traps), ctx)
    started = time.monotonic()
    usage = asyncio.run(_judge(params, rubric, [*items, *traps], tally, _key(params, ctx), ctx))
    done = [tally.outcomes[place] for place in range(len(items) + len(traps))]
    outcomes, trapped = done[: len(items)], done[len(items) :]
    if not any(outcome.scores for outcome in outcomes):
        raise too_many_errors(outcomes)
    metrics = outputs["metrics"]
    found = _summary.rubric_indicator(outcomes, rubric)
    write_indicator(metrics, "rubric", **found, total=len(items), model=params.model)
    write_indicator(metrics, "rubric_distribution", **_summary.distribution(outcomes, rubric))
    seconds = time.monotonic() - started
    tokens = {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens}
    write_indicator(metrics, "judge_usage", requests=usage.requests, **tokens, duration_s=seconds)
    if trapped:
        _report_canaries(_canaries.measure(trapped, rubric), outputs, ctx)
    card = read_card(inputs["samples"])
    lineage = [*card.get("lineage", []), {"type": "judge.rubric", "model": params.model}]
    rows = [_sample(item, outcome, rubric) for item, outcome in zip(items, outcomes, strict=True)]
    purpose, source = card.get("purpose"), card.get("source")
    write_dataset(outputs["samples"], rows, purpose=purpose, source=source, lineage=lineage)
    ctx.metric("score", found["score"])
    ctx.metric("errors", found["errors"])
    for name, entry in found["dimensions"].items():
        ctx.metric(name, entry["mean"])


def check(outputs: Outputs) -> None:
    """The rubric's indicator must be there and rest on at least one verdict."""
    if not read_indicators(outputs["metrics"]).get("rubric", {}).get("samples"):
        raise NodeFailure("node", "No verdict was written.", "This is a bug in judge.rubric.")


def preview(outputs: Outputs) -> list[Block]:
    """The score, its dimensions, canaries, and samples with errors and low scores first."""
    found = read_indicators(outputs["metrics"])
    rubric = found["rubric"]
    shown = {name: rubric[name] for name in ("score", "mean", "normalised", "samples", "errors", "invalid")}
    if trap := found.get("judge_canaries"):
        shown["canaries obeyed"] = f"{trap['fooled']} of {trap['samples']}"
    columns = ["mean", "std", "median", "weight"]
    scores = [[name, *(entry[column] for column in columns)] for name, entry in rubric["dimensions"].items()]
    rows = sorted(
        read_rows(outputs["samples"]), key=lambda row: -1.0 if row["score"] is None else row["score"]
    )
    names = ("score", "error", "rationale", "prediction", "prompt")
    cells = [[_cell(row.get(name)) for name in names] for row in rows[:_SHOWN_ROWS]]
    return [
        values("Rubric", shown),
        table("Dimensions", ["dimension", *columns], scores),
        table("Samples", names, cells),
    ]


async def _judge(
    params: Params, rubric: Rubric, items: Sequence[Item], tally: Tally, key: str, ctx: Context
) -> Usage:
    settings = Settings(
        params.base_url, params.model, params.temperature, params.seed, params.max_tokens, params.timeout,
        params.response_format, params.concurrency,
    )  # fmt: skip
    cache = Cache(ctx.resume / "verdicts.jsonl", rubric)
    cache.load()
    if cache.known:
        ctx.log(f"{len(cache.known)} verdicts of an earlier attempt are at hand.")
    identity = json.dumps([params.base_url, params.model, params.temperature, params.seed, params.max_tokens])
    retries = Retries(params.max_retries, params.retry_delay, params.max_delay)
    async with Service(settings, key) as service:
        judge = Judge(service, rubric, retries, cache, params.votes, params.use_reference, identity)
        await judge.all(items, params.concurrency, tally.add)
    return service.usage


def _key(params: Params, ctx: Context) -> str:
    if not params.api_key:
        return ""
    key = ctx.secret(params.api_key).strip()
    if not key or not key.isascii() or not key.isprintable():
        raise NodeFailure(
            "input",
            f"The secret {params.api_key} cannot be a key: it is empty or holds characters that no key has.",
            "Set it again, without quotes or line breaks.",
        )
    return key


def _sample(item: Item, outcome: Outcome, rubric: Rubric) -> dict[str, Any]:
    score = None if outcome.scores is None else rubric.weighted(outcome.scores)
    found = {"score": score, "scores": outcome.scores, "rationale": outcome.rationale}
    return {**item.row, **found, "error": outcome.error or None, "votes": outcome.votes}


def _report_canaries(found: dict[str, Any], outputs: Outputs, ctx: Context) -> None:
    write_indicator(outputs["metrics"], "judge_canaries", **found)
    ctx.metric("canaries_fooled", found["fooled"])
    if found["flagged"]:
        ctx.log(
            f"The judge obeyed {found['fooled']} of {found['samples']} canaries: answers can talk it into "
            "high scores. Do not rely on its scores; use another judge model.",
            "warning",
        )


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value
