"""The pipeline file as objects: parameters, nodes, edges, schedules, notifications, layout.

Structure only. Whether types, ports and values fit each other is nodegraph.validation's question.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from nodegraph.contract import Resources

FORMAT_VERSION = 1
MAX_NODES = 10_000
MAX_NOTIFY = 50
NAME_PATTERN = r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"
ID_PATTERN = r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"
Id = Annotated[str, Field(pattern=ID_PATTERN)]
_DURATION = re.compile(r"^(\d+(?:\.\d+)?)(ms|s|m|h|d)$")
_UNIT_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def seconds(duration: str) -> float:
    """The seconds of a duration such as 30s, 5m, 6h or 2d; ValueError where it is none."""
    match = _DURATION.match(duration)
    if match is None:
        raise ValueError(
            f"{duration!r} is no duration; write a number and ms, s, m, h or d, such as 30s or 6h"
        )
    return float(match[1]) * _UNIT_SECONDS[match[2]]


def _duration(text: str) -> str:
    seconds(text)
    return text


Duration = Annotated[str, AfterValidator(_duration)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Parameter(_Part):
    """A value asked for when a template is used, or given with --param."""

    kind: Literal[
        "string", "text", "number", "integer", "boolean", "choice", "model", "dataset", "secret"
    ] = "string"
    default: Any = None
    title: str = ""
    help: str = ""
    min: float | None = None
    max: float | None = None
    choices: list[str | int | float | bool] | None = None


class Retry(_Part):
    """How often a failed node is tried in all, and how long to wait in between."""

    attempts: int = Field(1, ge=1, le=20)
    delay: Duration = "0s"


class Node(_Part):
    """One step: a node type, parameters, and where each input comes from (`node.port`)."""

    type: str
    title: str = ""
    params: dict[str, Any] = {}
    inputs: dict[str, str | list[str]] = {}
    resources: Resources | None = None
    retry: Retry | None = None
    timeout: Duration | None = None
    when: str | None = None
    enabled: bool = True

    def edges(self) -> list[tuple[str, str, str]]:
        """Its incoming edges as (input port, source node, source port), in the order of the file."""
        found = []
        for port, sources in self.inputs.items():
            for source in [sources] if isinstance(sources, str) else sources:
                node, _, source_port = source.partition(".")
                found.append((port, node, source_port))
        return found


class Schedule(_Part):
    """A cron expression with a time zone that starts runs."""

    cron: str
    timezone: str = "UTC"
    catch_up: Literal["none", "latest", "all"] = "latest"
    overlap: Literal["skip", "queue"] = "skip"
    enabled: bool = True


class Notify(_Part):
    """Whom to tell of which run states."""

    on: list[Literal["succeeded", "failed", "cancelled"]]
    email: str | None = None
    webhook: str | None = None


class Pipeline(_Part):
    """A named graph with parameters: one file. `concurrency` bounds how many of its runs go on at once."""

    nodegraph: Literal[1] = 1
    name: str = Field(pattern=NAME_PATTERN)
    title: str = ""
    description: str = ""
    tags: list[str] = []
    concurrency: int | None = Field(None, ge=1, le=1000)
    parameters: dict[Id, Parameter] = {}
    nodes: dict[Id, Node] = Field({}, max_length=MAX_NODES)
    schedules: list[Schedule] = []
    notify: list[Notify] = Field([], max_length=MAX_NOTIFY)
    layout: dict[str, Any] = {}
