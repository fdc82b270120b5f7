"""A pipeline's own parameters: what was given, read by the declared kind and held against its range."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from nodegraph.mistakes import shown
from nodegraph.pipeline import Parameter, Pipeline
from nodegraph.problems import Problem
from nodegraph.suggest import did_you_mean

_INTEGER = re.compile(r"[-+]?\d{1,20}")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_LARGEST = 2**63


def parameter_values(
    pipeline: Pipeline, given: Mapping[str, Any], *, partial: bool = False
) -> tuple[dict[str, Any], list[Problem]]:
    """The value of each parameter that has one, and what is wrong with what was given or declared.

    `partial` makes a parameter without a value a warning.
    """
    values: dict[str, Any] = {}
    problems = [
        Problem(
            code="unknown-param",
            message=f"The pipeline has no parameter {name}.",
            hint=did_you_mean(name, pipeline.parameters) or "It declares no parameters.",
            param=name,
        )
        for name in given
        if name not in pipeline.parameters
    ]
    for name, parameter in pipeline.parameters.items():
        value = given.get(name, parameter.default)
        if name in given and isinstance(value, str):
            value = read_text(value, parameter)
        if isinstance(value, str) and "${parameters." in value:
            message = f"{parameter.title or name} refers to another parameter, which a parameter cannot."
            hint = "Write its value out."
            problems.append(Problem(code="unresolved-reference", message=message, hint=hint, param=name))
            continue
        if value is None:
            problems.append(_missing(name, parameter, partial))
            continue
        fault = fault_of(value, parameter)
        if fault:
            message = f"{parameter.title or name} {fault}"
            problems.append(Problem(code="bad-param", message=message, hint=_allowed(parameter), param=name))
            continue
        values[name] = value
    return values, problems


def read_text(text: str, parameter: Parameter) -> Any:
    """Text from a command line as the value it means for this parameter; as it stands where it means none."""
    if parameter.kind in ("integer", "number"):
        return _as_number(text)
    if parameter.kind == "boolean":
        return {"true": True, "false": False}.get(text.strip().lower(), text)
    if parameter.kind == "choice" and parameter.choices and text not in parameter.choices:
        return next((choice for choice in parameter.choices if _spelt(choice) == text.strip()), text)
    return text


def fault_of(value: Any, parameter: Parameter) -> str:
    """What is wrong with a value, as the rest of a sentence; empty where nothing is."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if parameter.kind == "integer" and not (number and isinstance(value, int)):
        return f"must be a whole number, not {shown(value)}."
    if parameter.kind == "number" and not number:
        return f"must be a number, not {shown(value)}."
    if parameter.kind == "boolean" and not isinstance(value, bool):
        return f"must be true or false, not {shown(value)}."
    textual = parameter.kind in ("string", "text", "model", "dataset", "secret")
    if textual and not isinstance(value, str):
        return f"must be text, not {shown(value)}."
    if number and not math.isfinite(value):
        return "must be a finite number."
    if number and isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        return "must fit in 64 bits."
    if number and parameter.min is not None and value < parameter.min:
        return f"must be at least {parameter.min:g}, not {value}."
    if number and parameter.max is not None and value > parameter.max:
        return f"must be at most {parameter.max:g}, not {value}."
    if parameter.choices is not None and not _chosen(value, parameter.choices):
        return f"must be one of {', '.join(map(_spelt, parameter.choices))}, not {shown(value)}."
    return ""


def _chosen(value: Any, choices: list[Any]) -> bool:
    return any(value == choice and isinstance(value, bool) == isinstance(choice, bool) for choice in choices)


def _missing(name: str, parameter: Parameter, partial: bool) -> Problem:
    return Problem(
        code="missing-param",
        message=f"{parameter.title or name} has no value.",
        hint=f"Give one with --param {name}=…, or a default in the file.",
        param=name,
        severity="warning" if partial else "error",
    )


def _allowed(parameter: Parameter) -> str:
    if parameter.min is not None and parameter.max is not None:
        return f"Allowed: {parameter.min:g} to {parameter.max:g}."
    return ""


def _as_number(text: str) -> Any:
    text = text.strip()
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def _spelt(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
