"""Lets a model answer a dataset and scores the answers: exact match, F1, BLEU, ROUGE, perplexity, speed."""

from __future__ import annotations

import time
from typing import Any

from nodegraph import Context, Inputs, NodeFailure, NodeType, Outputs, Port, Resources
from nodes.common.examples import Example
from nodes.common.metrics import read_indicators
from nodes.common.preview import Block
from nodes.evaluate import _report, _scoring
from nodes.evaluate._compare import Comparison
from nodes.evaluate._data import read_examples
from nodes.evaluate._engine import Answer, Answers, Engine, Loading, Sampling
from nodes.evaluate._engines import open_engine
from nodes.evaluate._plan import plan_of
from nodes.evaluate._text_params import Params

NODE = NodeType(
    title="Evaluate text",
    category="evaluate",
    params=Params,
    inputs={"model": Port("model"), "dataset": Port("dataset")},
    outputs={"metrics": Port("metrics"), "samples": Port("dataset")},
    environment="evaluate",
    resources=Resources(cpu=2, memory_gb=8),
)


def run(params: Params, inputs: Inputs, outputs: Outputs, ctx: Context) -> None:
    """Read, plan, answer, score, write."""
    examples = read_examples(
        inputs["dataset"], limit=params.limit, prompt_field=params.prompt_field,
        reference_field=params.reference_field, system=params.system_prompt, form=params.prompt_format,
    )  # fmt: skip
    plan = plan_of(examples, params.metrics, params.labels, params.extract, bool(params.metric_scripts))
    compare = Comparison(plan, params.normalize, params.extract_pattern)
    ctx.log(f"{len(examples)} samples; measuring {', '.join(sorted(plan.metrics))}.")
    engine = open_engine(params.engine, inputs["model"], _loading(params), ctx)
    results = _scoring.Results()
    if plan.generates:
        answers = _generate(params, compare, examples, engine, ctx)
        _score(params, compare, answers, results)
        _scoring.measure_speed(results, answers, params.batch_size, engine.peak_memory())
    if "perplexity" in plan.metrics:
        _measure_perplexity(params, examples, engine, results, ctx)
    _report.write_metrics(outputs["metrics"], results.indicators)
    _report.write_samples(outputs["samples"], inputs["dataset"], examples, results.columns)
    for name, value in results.headlines.items():
        ctx.metric(name, value)


def check(outputs: Outputs) -> None:
    """An evaluation without a single indicator is none."""
    if not read_indicators(outputs["metrics"]):
        raise NodeFailure("node", "No metric was written.", "This is a bug in evaluate.text.")


def preview(outputs: Outputs) -> list[Block]:
    """Metrics, labels, and samples with the wrong ones first."""
    return _report.show(outputs["metrics"], outputs["samples"])


def _generate(
    params: Params, compare: Comparison, examples: list[Example], engine: Engine, ctx: Context
) -> Answers:
    done: dict[int, Answer] = {}
    started = time.monotonic()
    right = 0
    live = next((name for name in ("accuracy", "exact_match") if name in compare.plan.metrics), None)

    def on_batch(batch: dict[int, Answer]) -> None:
        nonlocal right
        done.update(batch)
        tokens = sum(answer.new_tokens for answer in done.values())
        ctx.metric("tokens_per_second", tokens / (time.monotonic() - started), step=len(done))
        if live:
            right += sum(compare.right(index, answer.text) for index, answer in batch.items())
            ctx.metric(live, right / len(done), step=len(done))
        ctx.progress(len(done), len(examples), "samples", "Answering")

    ctx.progress(0, len(examples), "samples", "Answering")
    answers = engine.generate(examples, _sampling(params), on_batch)
    if cut := sum(answer.cut_tokens > 0 for answer in answers.answers):
        ctx.log(f"{cut} prompts were longer than the model takes and lost their beginning.", "warning")
    return answers


def _score(params: Params, compare: Comparison, answers: Answers, results: _scoring.Results) -> None:
    plan, texts = compare.plan, [answer.text for answer in answers.answers]
    results.columns["prediction"] = texts
    if plan.compares:
        said = [compare.answer(text) for text in texts]
        results.columns["answer"] = said
        _scoring.score_answers(results, plan, said, compare.truth, params.average)
        bodies = compare.bodies(texts), compare.reference_bodies()
        _scoring.score_texts(results, plan, *bodies, params.bleu_tokenize)
        for script in params.metric_scripts:
            _scoring.run_script(results, script, *bodies)
    results.columns["latency_ms"] = [round(1000 * answer.seconds, 3) for answer in answers.answers]
    results.columns["new_tokens"] = [answer.new_tokens for answer in answers.answers]
    results.columns["finished"] = [answer.finished for answer in answers.answers]


def _measure_perplexity(
    params: Params, examples: list[Example], engine: Engine, results: _scoring.Results, ctx: Context
) -> None:
    whole = [
        Example("", example.row["text"]) if example.reference is None else example for example in examples
    ]

    def on_batch(done: int) -> None:
        ctx.progress(done, len(whole), "samples", "Measuring perplexity")

    found = engine.likelihood(whole, params.batch_size, params.stride, on_batch)
    _scoring.score_likelihoods(results, found)


def _loading(params: Params) -> Loading:
    options: dict[str, Any] = dict(params.template_options)
    return Loading(params.device, params.precision, params.attention, params.max_length, options)


def _sampling(params: Params) -> Sampling:
    return Sampling(
        params.max_new_tokens, params.batch_size, params.temperature, params.top_p, params.repetition_penalty,
        tuple(params.stop), params.seed,
    )  # fmt: skip
