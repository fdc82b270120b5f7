"""References, labels and answers take the same form before they are compared."""

from __future__ import annotations

import pytest

from nodes.common.examples import Example
from nodes.evaluate._compare import Comparison
from nodes.evaluate._plan import Metric, plan_of
from nodes.evaluate._texts import Extraction, Step


def comparison(
    references: list[str], extraction: Extraction = "auto", steps: list[Step] | None = None, *names: Metric
) -> Comparison:
    examples = [Example("q", reference, None, {"prompt": "q"}) for reference in references]
    plan = plan_of(examples, list(names) or ["auto"], [], extraction, custom=False)
    return Comparison(plan, ["strip"] if steps is None else steps, r"Answer: (\w)")


def test_labels_are_found_in_the_references_and_matched_in_answers() -> None:
    found = comparison(["yes", "no", "yes ", "no"])
    assert found.plan.labels == ["no", "yes"]
    assert found.right(0, "Yes, I think so") and not found.right(1, "Yes")


def test_references_and_labels_are_extracted_as_answers_are() -> None:
    found = comparison(["Answer: A", "Answer: B"] * 2, "regex")
    assert found.plan.labels == ["A", "B"] == sorted(set(found.truth))
    assert found.right(0, "Well… Answer: A") and not found.right(0, "A")
    assert found.bodies(["Well… Answer: A"]) == ["A"]


def test_numbers_are_compared_as_numbers_are_written() -> None:
    found = comparison(["so it is\n#### 1,018", "#### 7"], "last_number", None, "accuracy")
    assert found.truth == ["1018", "7"] and found.plan.labels == []
    assert found.right(0, "that makes 1018.0")


def test_longer_answers_get_text_metrics() -> None:
    found = comparison(["a long answer", "another one", "a third"])
    assert {"bleu", "chrf", "rougeL", "exact_match"} <= found.plan.metrics
    assert found.bodies([" as said "]) == [" as said "]


@pytest.mark.parametrize("steps", [[], ["case", "strip"]])
def test_normalising_may_be_switched(steps: list[Step]) -> None:
    found = comparison(["Yes", "No ", "Yes", "No "], "none", steps)
    assert found.right(0, "yes") is bool(steps)
    assert found.right(1, "No ")
