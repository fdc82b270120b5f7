"""Conditions: `when: "gate.metrics.f1 >= 0.75"` compares upstream metrics. A comparison, not code.

    condition   all { "or" all }             all   comparison { "and" comparison }
    comparison  place operator literal       place node.port.field or node.port.indicator.field

A node whose condition reads another waits for it, as if it were wired to it.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

Literal = float | str
Indicators = Mapping[str, Mapping[str, Mapping[str, Mapping[str, Any]]]]

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
    "<": operator.lt, ">": operator.gt,
}  # fmt: skip
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<op><=|>=|==|!=|<|>)
      | (?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?![\w.])
      | (?P<string>"[^"]*"|'[^']*')
      | (?P<place>[A-Za-z_][\w-]*(?:\.[\w-]+)+)
      | (?P<word>[A-Za-z]+)
    )""",
    re.VERBOSE | re.ASCII,
)
_MAX_LENGTH = 2000
_EXAMPLE = 'Write a comparison such as "gate.metrics.f1 >= 0.75"; join several with and, or.'


class ConditionError(ValueError):
    """The text is no condition; says what is wrong with it."""


@dataclass(frozen=True)
class Comparison:
    """One comparison of a metric with a number or a string; `indicator` None searches all of the port's."""

    node: str
    port: str
    indicator: str | None
    field: str
    operator: str
    value: Literal

    @property
    def place(self) -> str:
        """The metric as it was written."""
        return ".".join(part for part in (self.node, self.port, self.indicator, self.field) if part)

    def __str__(self) -> str:
        value = f'"{self.value}"' if isinstance(self.value, str) else f"{self.value:g}"
        return f"{self.place} {self.operator} {value}"


@dataclass(frozen=True)
class Condition:
    """Comparisons joined by `and`, and such groups by `or`."""

    any_of: tuple[tuple[Comparison, ...], ...]

    @property
    def comparisons(self) -> list[Comparison]:
        """Every comparison, in the order of the text."""
        return [comparison for group in self.any_of for comparison in group]


@dataclass(frozen=True)
class Verdict:
    """Whether a condition holds, and a sentence that says why; true and false like a bool."""

    holds: bool
    explanation: str

    def __bool__(self) -> bool:
        return self.holds


@lru_cache(maxsize=4096)
def parse(text: str) -> Condition:
    """The condition that `text` says; ConditionError says what is wrong with it."""
    tokens = _tokens(text)
    groups: list[list[Comparison]] = [[]]
    while True:
        groups[-1].append(_comparison(tokens))
        if not tokens:
            return Condition(tuple(tuple(group) for group in groups))
        kind, word = tokens.pop(0)
        if kind != "word" or word not in ("and", "or"):
            raise ConditionError(f"and, or, or the end is expected before {word!r}.")
        if word == "or":
            groups.append([])


def nodes_read(text: str) -> list[str]:
    """The nodes whose metrics a condition reads; none where it cannot be parsed."""
    try:
        return list(dict.fromkeys(comparison.node for comparison in parse(text).comparisons))
    except ConditionError:
        return []


def evaluate(condition: Condition | str, indicators: Indicators) -> Verdict:
    """Hold the condition against metrics by node, port, indicator and field.

    A metric that is not there, or is null, makes its comparison false.
    """
    parsed = parse(condition) if isinstance(condition, str) else condition
    reasons = []
    for group in parsed.any_of:
        verdicts = [_compare(comparison, indicators) for comparison in group]
        if all(verdicts):
            return Verdict(True, " and ".join(verdict.explanation for verdict in verdicts))
        reasons.append(next(verdict.explanation for verdict in verdicts if not verdict))
    return Verdict(False, "; ".join(reasons))


def _compare(comparison: Comparison, indicators: Indicators) -> Verdict:
    port = indicators.get(comparison.node, {}).get(comparison.port, {})
    names = port if comparison.indicator is None else [comparison.indicator]
    found = {name: port[name][comparison.field] for name in names if comparison.field in port.get(name, {})}
    values = list(found.values())
    if not values or values[0] is None:
        return Verdict(False, f"{comparison.place} has no value")
    if any(value != values[0] for value in values):
        choices = ", ".join(
            f"{comparison.node}.{comparison.port}.{name}.{comparison.field}" for name in found
        )
        return Verdict(False, f"{comparison.place} is ambiguous; name one of {choices}")
    value = values[0]
    if isinstance(value, str) != isinstance(comparison.value, str):
        return Verdict(False, f"{comparison.place} is {value!r}, which cannot be compared: {comparison}")
    holds = _OPERATORS[comparison.operator](value, comparison.value)
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    return Verdict(holds, f"{comparison.place} is {shown}, {'so' if holds else 'not'} {comparison}")


def _comparison(tokens: list[tuple[str, str]]) -> Comparison:
    place, sign, value = (tokens.pop(0) if tokens else ("end", "") for _ in range(3))
    if place[0] != "place":
        raise ConditionError(f"a metric is expected, not {place[1] or 'the end'!r}. {_EXAMPLE}")
    if sign[0] != "op":
        raise ConditionError(f"one of < <= > >= == != is expected after {place[1]}. {_EXAMPLE}")
    if value[0] not in ("number", "string"):
        raise ConditionError(
            f"a number or a quoted string is expected after {sign[1]}, not {value[1] or 'the end'!r}."
        )
    parts = place[1].split(".")
    if len(parts) not in (3, 4):
        raise ConditionError(f"{place[1]} is no metric: write node.port.field or node.port.indicator.field.")
    literal: Literal = float(value[1]) if value[0] == "number" else value[1][1:-1]
    return Comparison(parts[0], parts[1], parts[2] if len(parts) == 4 else None, parts[-1], sign[1], literal)


def _tokens(text: str) -> list[tuple[str, str]]:
    if len(text) > _MAX_LENGTH:
        raise ConditionError(f"it is longer than {_MAX_LENGTH} characters.")
    tokens = []
    position = 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise ConditionError(f"{text[position:].strip()[:20]!r} cannot be read. {_EXAMPLE}")
        tokens.append((match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return tokens
