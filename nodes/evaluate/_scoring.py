"""Scores a model's answers by a plan: the indicators for the metrics files and a column for each sample."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nodegraph import NodeFailure
from nodes.evaluate import _scores
from nodes.evaluate._engine import Answers, Likelihood
from nodes.evaluate._plan import ON_LABELS, ROUGE, Plan
from nodes.evaluate._speed import latency, throughput


@dataclass
class Results:
    """Indicators by name, headline numbers by name, and columns for the samples."""

    indicators: dict[str, dict[str, Any]] = field(default_factory=dict)
    headlines: dict[str, float] = field(default_factory=dict)
    columns: dict[str, Sequence[Any]] = field(default_factory=dict)

    def add(self, indicator: str, values: dict[str, Any], headlines: Sequence[str]) -> None:
        """Keep an indicator; the named values are also shown live."""
        self.indicators[indicator] = values
        self.headlines.update({name: values[name] for name in headlines})


def score_answers(results: Results, plan: Plan, said: list[str], truth: list[str], average: str) -> None:
    """Metrics on answers: taken out of the text and normalised on both sides alike."""
    count = {"samples": len(said)}
    wanted = plan.metrics
    if wanted & {"exact_match", "accuracy", *ON_LABELS}:
        exact = _scores.exact_match(said, truth)
        results.columns["correct"] = [hit == 1.0 for hit in exact.each["exact_match"]]
        if "exact_match" in wanted:
            results.add("exact_match", {**exact.values, **count}, ["exact_match"])
    if not wanted & {"accuracy", *ON_LABELS}:
        return
    correct = _scores.accuracy(said, truth).values
    if not plan.labels:
        results.add("accuracy", {**correct, **count}, ["accuracy"])
        return
    values = _scores.precision_recall_f1(said, truth, plan.labels, average).values
    flat = {name: values[name] for name in ("precision", "recall", "f1")}
    results.add("accuracy_f1", {**flat, **count, **correct, "average": average}, [*flat, "accuracy"])
    outside = sum(answer not in set(plan.labels) for answer in said)
    tables = {"labels": values["labels"], "confusion": values["confusion"], "unknown": outside}
    results.add("per_label", {**tables, **count}, [])


def score_texts(results: Results, plan: Plan, said: list[str], truth: list[str], tokenize: str) -> None:
    """Metrics on whole texts, as they were said."""
    count = {"samples": len(said)}
    if "bleu" in plan.metrics:
        score = _scores.bleu(said, truth, tokenize)
        results.add("bleu", {**score.values, **count}, ["bleu"])
        results.columns.update(score.each)
    if "chrf" in plan.metrics:
        score = _scores.chrf(said, truth)
        results.add("chrf", {**score.values, **count}, ["chrf"])
        results.columns.update(score.each)
    if kinds := [kind for kind in ROUGE if kind in plan.metrics]:
        score = _scores.rouge(said, truth, kinds)
        results.add("rouge", {**score.values, **count}, kinds)
        results.columns.update(score.each)


def score_likelihoods(results: Results, found: Sequence[Likelihood]) -> None:
    """Perplexity over all tokens: the exponential of their mean negative log-likelihood."""
    tokens = sum(item.tokens for item in found)
    if not tokens:
        raise NodeFailure(
            "input",
            "Perplexity needs text with at least two tokens; there is none.",
            "Check the dataset, or leave perplexity out.",
        )
    mean = math.fsum(item.nll for item in found) / tokens
    values = {"perplexity": _exp(mean), "mean_nll": mean, "tokens": tokens, "samples": len(found)}
    results.add("perplexity", values, ["perplexity"])
    results.columns["perplexity"] = [_exp(item.nll / item.tokens) if item.tokens else None for item in found]


def measure_speed(results: Results, answers: Answers, batch_size: int, memory: dict[str, Any]) -> None:
    """Latency, throughput and peak memory of what was generated."""
    timed = latency([answer.seconds for answer in answers.answers])
    results.add("latency_p99", timed, [name for name in timed if name.endswith("_ms")])
    tokens = sum(answer.new_tokens for answer in answers.answers)
    speed = throughput(len(answers.answers), tokens, answers.seconds, batch_size)
    results.add("throughput_rps", speed, ["rps", "tokens_per_second"])
    results.add("memory", {**memory, "samples": len(answers.answers)}, ["peak_mb"])


def run_script(results: Results, script: str, said: list[str], truth: list[str]) -> None:
    """A metric of the user's own: a local script for Hugging Face's evaluate, called with all texts."""
    import evaluate

    if not Path(script).exists():
        raise NodeFailure("input", f"There is no metric script {script}.", "Give the path of a local script.")
    name = f"custom_{Path(script).stem}"
    try:
        found = evaluate.load(script).compute(predictions=said, references=truth) or {}
    except Exception as error:
        raise NodeFailure(
            "input",
            f"The metric script {script} failed: {type(error).__name__}: {error}",
            "Correct the script.",
        ) from error
    numbers = {key: float(value) for key, value in found.items() if isinstance(value, (int, float))}
    results.add(name, {**numbers, "samples": len(said)}, list(numbers))


def _exp(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf
