"""Where a file does not fit the pipeline model: pydantic's errors as problems with place, line and hint."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from pydantic import BaseModel, ValidationError

from nodegraph.contract import Resources
from nodegraph.format.reader import Path
from nodegraph.mistakes import WRONG_TYPE, by_place, sentence
from nodegraph.pipeline import Node, Notify, Parameter, Pipeline, Retry, Schedule
from nodegraph.problems import Problem
from nodegraph.suggest import did_you_mean

_MODELS: dict[tuple[str, ...], tuple[type[BaseModel], str]] = {
    (): (Pipeline, "a pipeline"),
    ("nodes", "*"): (Node, "a node"),
    ("nodes", "*", "resources"): (Resources, "resources"),
    ("nodes", "*", "retry"): (Retry, "retry"),
    ("parameters", "*"): (Parameter, "a parameter"),
    ("schedules", "*"): (Schedule, "a schedule"),
    ("notify", "*"): (Notify, "notify"),
}
_NAMES = {
    ("name",): "small letters, digits and dashes, at most 64, such as qwen-sft",
    ("nodes", "*", "[key]"): "letters, digits, _ and -, not starting with a digit, at most 64",
    ("parameters", "*", "[key]"): "letters, digits and _, not starting with a digit, at most 64",
}


class Faults:
    """The problems in a ValidationError of Pipeline, and what is left of the value without them."""

    def __init__(self, error: ValidationError, value: dict[str, Any], lines: Mapping[Path, int]) -> None:
        self._lines = lines
        self._value = value
        errors = [dict(found) for found in error.errors(include_url=False)]
        self._found = {place: self._problem(place, found) for place, found in by_place(errors, value).items()}

    @property
    def problems(self) -> list[Problem]:
        """One problem a place."""
        return list(self._found.values())

    def draft(self) -> Pipeline | None:
        """The pipeline without what is wrong, None where nothing is left."""
        rest = deepcopy(self._value)
        for place in self._found:
            _remove(rest, place)
        rest.setdefault("name", "draft")
        if not isinstance(rest.get("name"), str):
            rest["name"] = "draft"
        try:
            return Pipeline.model_validate(rest)
        except ValidationError:
            return None

    def _problem(self, place: Path, errors: list[Mapping[str, Any]]) -> Problem:
        pattern = _pattern(place)
        node = str(place[1]) if len(place) > 1 and place[0] == "nodes" else None
        port = str(place[3]) if len(place) > 3 and pattern[2] == "inputs" else None
        param = _param(place, pattern)
        code, message, hint = self._words(place, pattern, errors)
        return Problem(
            code=code, message=message, hint=hint, node=node, port=port, param=param, line=self._line(place)
        )

    def _words(
        self, place: Path, pattern: tuple[str, ...], errors: list[Mapping[str, Any]]
    ) -> tuple[str, str, str]:
        kind = errors[0]["type"]
        if kind == "extra_forbidden":
            model, thing = _MODELS[pattern[:-1]]
            return (
                "unknown-key",
                f"{place[-1]} is no key of {thing}.",
                did_you_mean(str(place[-1]), model.model_fields),
            )
        if pattern in _NAMES and kind == "string_pattern_mismatch":
            name = place[-2] if place[-1] == "[key]" else errors[0]["input"]
            what = {
                "name": "The pipeline's name",
                "nodes": "A node's name",
                "parameters": "A parameter's name",
            }
            return "bad-name", f"{what[str(place[0])]} cannot be {name!r}.", f"Use {_NAMES[pattern]}."
        if kind == "too_long" and place == ("nodes",):
            limit = errors[0]["ctx"]["max_length"]
            return "too-many-nodes", f"The pipeline has more than {limit:,} nodes.", "Split it into several."
        if pattern[:3] == ("nodes", "*", "inputs") and len(pattern) == 4:
            message = f"The input {place[3]} must be NODE.PORT, or a list of them."
            return "wrong-type", message, "Write it as in dataset: prepare.dataset."
        message, hint = sentence(str(place[-1]) if place else "The file", errors)
        if kind == "missing":
            return "missing-key", message, f"{_MODELS[pattern[:-1]][1].capitalize()} needs it."
        code = "wrong-type" if kind in WRONG_TYPE else "bad-value"
        return code, message, hint

    def _line(self, place: Path) -> int | None:
        for end in range(len(place), 0, -1):
            if place[:end] in self._lines:
                return self._lines[place[:end]]
        return None


def _pattern(place: Path) -> tuple[str, ...]:
    """The place with the names that people chose replaced by a star."""
    return tuple(
        "*" if index == 1 or isinstance(part, int) else str(part) for index, part in enumerate(place)
    )


def _param(place: Path, pattern: tuple[str, ...]) -> str | None:
    if pattern[:1] == ("parameters",) and len(place) > 1:
        return str(place[1])
    if pattern[:1] == ("nodes",):
        return str(place[3]) if len(place) > 3 and place[2] == "params" else None
    return str(place[0]) if place else None


def _remove(value: Any, place: Path) -> None:
    """Take out what stands at `place`, so that what needs it falls back to a default."""
    place = place[:-1] if place[-1] == "[key]" else place
    in_list = next((index for index, part in enumerate(place) if isinstance(part, int)), None)
    *above, key = place[:in_list]
    for part in above:
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, dict):
        value.pop(key, None)
        if len(place) == 3 and place[0] == "nodes" and key == "type":
            value["type"] = ""
