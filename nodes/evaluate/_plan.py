"""What is measured on a dataset: the metrics asked for, or those that suit it, and the labels in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nodegraph import NodeFailure
from nodes.common.examples import Example
from nodes.evaluate._data import is_text, references_of
from nodes.evaluate._texts import Extraction, labels_among

Metric = Literal[
    "auto", "exact_match", "accuracy", "precision", "recall", "f1", "bleu", "chrf", "rouge1", "rouge2",
    "rougeL", "perplexity", "latency", "throughput", "memory",
]  # fmt: skip
ROUGE = ("rouge1", "rouge2", "rougeL")
ON_LABELS = frozenset({"precision", "recall", "f1"})
SPEED = frozenset({"latency", "throughput", "memory"})


@dataclass(frozen=True)
class Plan:
    """The metrics, the labels where the answers are labels, and how an answer is taken out of a text."""

    metrics: frozenset[str]
    references: list[str]
    labels: list[str]
    extraction: Extraction
    scripts: bool = False

    @property
    def generates(self) -> bool:
        """Whether the model has to answer; perplexity alone needs no answers."""
        return self.scripts or bool(self.metrics - {"perplexity"})

    @property
    def compares(self) -> bool:
        """Whether answers are held against references."""
        return self.scripts or bool(self.metrics - SPEED - {"perplexity"})


def plan_of(
    examples: Sequence[Example],
    metrics: Sequence[Metric],
    labels: Sequence[str],
    extraction: Extraction,
    custom: bool,
) -> Plan:
    """Settle what is measured; fails where the dataset cannot give what is asked for."""
    if any(is_text(example.row) and example.prompt == "" for example in examples):
        return _text_plan(metrics, custom)
    answered = all(example.reference is not None for example in examples)
    known = [example.reference or "" for example in examples] if answered else []
    found = list(dict.fromkeys(labels)) or labels_among(known)
    wanted: frozenset[str] = frozenset(metrics) - {"auto"}
    if "auto" in metrics:
        wanted |= _suitable(answered, bool(found))
    needing = sorted(wanted - SPEED) + (["a metric script"] if custom else [])
    references = references_of(list(examples), needing[0]) if needing else known
    if wanted & ON_LABELS and not found:
        found = sorted(set(references))
    if extraction == "auto":
        extraction = "label" if found and wanted & (ON_LABELS | {"accuracy"}) else "none"
    if extraction == "label" and not found:
        raise NodeFailure(
            "input",
            "Answers are to be matched against labels, but none are known.",
            "List them in labels: the references are too many or too long to be labels.",
        )
    return Plan(wanted, references, found, extraction, custom)


def _suitable(answered: bool, labelled: bool) -> frozenset[str]:
    if not answered:
        return frozenset({"latency"})
    if labelled:
        return frozenset({"accuracy", "f1", "exact_match", "latency"})
    return frozenset({"exact_match", "bleu", "chrf", *ROUGE, "latency"})


def _text_plan(metrics: Sequence[Metric], custom: bool) -> Plan:
    others = sorted(set(metrics) - {"auto", "perplexity"}) + (["metric scripts"] if custom else [])
    if others:
        raise NodeFailure(
            "input",
            f"The dataset is running text: nothing is asked in it. It cannot give {', '.join(others)}.",
            "Ask for perplexity alone, or use a dataset with prompts.",
        )
    return Plan(frozenset({"perplexity"}), [], [], "none")
