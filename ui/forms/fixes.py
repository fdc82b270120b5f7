"""What the field of a problem offers to do about it: set the bound, the choice or number that was meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from nodegraph.problems import Problem
from ui.forms.plan import FieldPlan
from ui.i18n import language, t, t_message
from ui.kit.fields import UNSET, FieldProblem
from ui.kit.written import number_of, number_text, plain

_MEANT = re.compile(r"[Dd]id you mean [“\"']?([^”\"'?]+)[”\"']?\?")


def field_problem(
    problem: Problem, plan: FieldPlan, value: Any, enter: Callable[[Any], Any], pick: Callable[[], Any]
) -> FieldProblem:
    """A problem as a field shows it, in the reader's language."""
    # What to write into the file is no help to someone who has the field before them.
    sentence = sentences(problem.message, "" if problem.code == "missing-param" else problem.hint)
    if problem.code == "missing-secret" or (plan.widget == "secret" and problem.code == "missing-param"):
        return FieldProblem(sentence, problem.severity, t("Add secret"), pick)
    better = better_value(problem, plan, value)
    if better is UNSET:
        return FieldProblem(sentence, problem.severity)
    label = t("Set to {value}", value=number_text(better) if not isinstance(better, str) else better)
    return FieldProblem(sentence, problem.severity, label, lambda: enter(better))


def sentences(*said: str) -> str:
    """Finished sentences of the core, in the reader's language, after each other."""
    between = "" if language() == "zh" else " "
    return between.join(t_message(sentence) for sentence in said if sentence)


def better_value(problem: Problem, plan: FieldPlan, value: Any) -> Any:
    """A value that would mend the problem; UNSET where none is known."""
    if problem.code not in ("bad-param", "bad-value", "wrong-type"):
        return UNSET
    meant = _MEANT.search(f"{problem.message} {problem.hint}")
    if meant:
        return meant[1].strip()
    numeric = plan.control.options.get("numeric")
    if numeric and isinstance(value, str) and not isinstance(number_of(value), str):
        return number_of(value)
    if numeric and isinstance(value, (int, float)):
        return _within(plan, value)
    choices = plan.control.options.get("options")
    if plan.control.kind in ("segments", "select", "search") and choices and isinstance(value, str):
        near = [
            option["value"] for option in choices if option["value"].lower() == plain(value).strip().lower()
        ]
        return plan.control.read(near[0]) if near else UNSET
    return UNSET


def _within(plan: FieldPlan, value: float) -> Any:
    schema = next((part for part in plan.schema.get("anyOf", ()) if part.get("type") != "null"), plan.schema)
    low, high = schema.get("minimum"), schema.get("maximum")
    if high is not None and value > high:
        return high
    if low is not None and value < low:
        return low
    if schema.get("type") == "integer" and isinstance(value, float):
        return round(value)
    return UNSET
