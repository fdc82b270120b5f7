"""References in a pipeline: `${parameters.x}` is filled in, `${secrets.X}` stays and is collected.

A value that is one whole reference keeps the parameter's type; inside other text it is written out.
Any other `${name}` is a mistake; `$${name}` stands for the text itself, a shell variable for instance.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from nodegraph.contract import NodeParams
from nodegraph.overrides import with_sets
from nodegraph.parameters import parameter_values
from nodegraph.pipeline import Node, Notify, Pipeline
from nodegraph.problems import Problem
from nodegraph.registry import Registry
from nodegraph.suggest import did_you_mean, nearest

_REFERENCE = re.compile(r"(?<!\$)\$\{([^${}]*)\}")
_ESCAPED = re.compile(r"\$(\$\{[^${}]*\})")
_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_OPEN = re.compile(r"(?<!\$)\$\{\s*parameters\.")
_SECRET_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FAMILIES = ("parameters", "secrets")
_LOOKALIKES = {"parameter", "params", "param", "secret"}


@dataclass(frozen=True)
class Resolved:
    """A pipeline without `${parameters.…}`, what was wrong, and the names of the secrets it mentions."""

    pipeline: Pipeline
    problems: list[Problem] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)


def resolve(
    pipeline: Pipeline,
    given: Mapping[str, Any] | None = None,
    sets: Mapping[str, Any] | None = None,
    *,
    partial: bool = False,
) -> Resolved:
    """Fill in parameters: their defaults, overridden by `given`; then `sets`, which is NODE.PARAM to value.

    Text in `given` is read by the parameter's declared kind, text in `sets` as YAML.
    `partial` leaves references to parameters without a value in place, as a warning instead of an error.
    """
    values, problems = parameter_values(pipeline, given or {}, partial=partial)
    filler = _Filler(pipeline, values, problems)
    nodes = {name: filler.node(name, node) for name, node in pipeline.nodes.items()}
    notify = [filler.notify(entry) for entry in pipeline.notify]
    filled = pipeline.model_copy(update={"nodes": nodes, "notify": notify})
    if sets:
        filled = with_sets(filled, sets, problems)
    mentioned = [node.params for node in filled.nodes.values()]
    mentioned += [{"webhook": entry.webhook} for entry in filled.notify]
    return Resolved(filled, problems, set().union(*map(mentioned_secrets, mentioned)))


def secrets_of(pipeline: Pipeline, registry: Registry) -> dict[str, set[str]]:
    """The names of the secrets each node needs: `${secrets.X}`, and parameters that hold a secret's name."""
    found = {}
    for name, node in pipeline.nodes.items():
        secrets = mentioned_secrets(node.params)
        registered = registry.get(node.type)
        if registered is not None:
            secrets |= _named(node, registered.node.params)
        if secrets:
            found[name] = secrets
    return found


@lru_cache(maxsize=512)
def secret_fields(params: type[NodeParams]) -> tuple[str, ...]:
    """The parameters whose value is a secret's name."""
    fields = params.model_fields.items()
    return tuple(name for name, info in fields if widget(info.json_schema_extra) == "secret")


def secret_name(value: str) -> str:
    """The secret's name in `OPENAI_API_KEY` or `${secrets.OPENAI_API_KEY}`."""
    match = _REFERENCE.fullmatch(value.strip())
    return match[1].removeprefix("secrets.") if match else value


def with_secrets(text: str, value: Callable[[str], str | None]) -> tuple[str, list[str]]:
    """A text with its `${secrets.X}` filled in, and the names of those that have no value."""
    missing = [name for name in _secrets_in(text) if value(name) is None]

    def filled(match: re.Match[str]) -> str:
        family, _, name = match[1].strip().partition(".")
        return (value(name) or "") if family == "secrets" else match[0]

    return _REFERENCE.sub(filled, text), missing


def is_secret_name(value: str) -> bool:
    """Whether `value` could name a secret; a key that was pasted in place of a name mostly could not."""
    return _SECRET_NAME.fullmatch(secret_name(value)) is not None


def widget(extra: Any) -> str | None:
    """The widget that a field's hints ask for."""
    return extra.get("widget") if isinstance(extra, dict) else None


def mentions_parameter(value: Any) -> bool:
    """Whether a `${parameters.…}` is left anywhere in `value`."""
    if isinstance(value, str):
        return "${" in value and _OPEN.search(value) is not None
    if isinstance(value, list):
        return any(mentions_parameter(item) for item in value)
    if isinstance(value, dict):
        return any(mentions_parameter(item) for item in value.values())
    return False


class _Filler:
    def __init__(self, pipeline: Pipeline, values: Mapping[str, Any], problems: list[Problem]) -> None:
        self._declared = pipeline.parameters
        self._values = values
        self._problems = problems

    def node(self, name: str, node: Node) -> Node:
        params = {key: self.fill(value, name, key) for key, value in node.params.items()}
        when = self.fill(node.when, name, None)
        if params == node.params and when == node.when:
            return node
        return node.model_copy(update={"params": params, "when": when})

    def notify(self, entry: Notify) -> Notify:
        filled = {key: self.fill(getattr(entry, key), None, None) for key in ("email", "webhook")}
        return entry.model_copy(update=filled)

    def fill(self, value: Any, node: str | None, param: str | None) -> Any:
        if isinstance(value, str):
            return self._text(value, node, param) if "${" in value else value
        if isinstance(value, list):
            return [self.fill(item, node, param) for item in value]
        if isinstance(value, dict):
            return {key: self.fill(item, node, param) for key, item in value.items()}
        return value

    def _text(self, text: str, node: str | None, param: str | None) -> Any:
        whole = _REFERENCE.fullmatch(text)
        if whole:
            return self._value(whole, node, param)
        filled = _REFERENCE.sub(lambda match: _written(self._value(match, node, param)), text)
        return _ESCAPED.sub(r"\1", filled)

    def _value(self, match: re.Match[str], node: str | None, param: str | None) -> Any:
        family, _, name = match[1].strip().partition(".")
        if family == "parameters" and name in self._values:
            return self._values[name]
        if family == "parameters" and name not in self._declared:
            self._unresolved(match[0], did_you_mean(name, self._declared), node, param)
        elif family not in _FAMILIES and _PATH.fullmatch(match[1].strip()):
            self._unresolved(match[0], _hint_for(family, name, match[0]), node, param)
        elif family == "secrets" and not _SECRET_NAME.fullmatch(name):
            self._unresolved(match[0], "A secret's name has letters, digits and underscores.", node, param)
        return match[0]

    def _unresolved(self, text: str, hint: str, node: str | None, param: str | None) -> None:
        message = f"{text} names nothing that this pipeline declares."
        if not hint:
            hint = "Declare it under parameters."
        self._problems.append(
            Problem(code="unresolved-reference", message=message, hint=hint, node=node, param=param)
        )


def _hint_for(family: str, name: str, text: str) -> str:
    if family in _LOOKALIKES and name:
        return f"Did you mean ${{{nearest(family, _FAMILIES) or 'parameters'}.{name}}}?"
    return f"Write ${{parameters.NAME}} or ${{secrets.NAME}}, or ${text} for the text itself."


def mentioned_secrets(value: Any) -> set[str]:
    """The names in every `${secrets.X}` in `value`."""
    found: set[str] = set()
    _walk(value, lambda text: found.update(_secrets_in(text)))
    return found


def _secrets_in(text: str) -> list[str]:
    inner = (match[1].strip() for match in _REFERENCE.finditer(text))
    return [name.removeprefix("secrets.") for name in inner if name.startswith("secrets.")]


def _named(node: Node, params: type[NodeParams]) -> set[str]:
    found = set()
    for name in secret_fields(params):
        value = node.params.get(name, params.model_fields[name].default)
        if isinstance(value, str) and value and "${parameters." not in value:
            found.add(secret_name(value))
    return found


def _walk(value: Any, visit: Callable[[str], None]) -> None:
    if isinstance(value, str):
        visit(value)
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            _walk(item, visit)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else "" if value is None else str(value)
