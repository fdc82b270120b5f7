"""The events a running node sends, one JSON object a line: log, metric, progress, artifact, done, failed.

They are appended to a file beside the job, so that a server that was away can catch up.
"""

from __future__ import annotations

import json
import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from nodegraph.errors import Category


class _Event(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)
    time: float = 0.0


class Log(_Event):
    """A sentence for the person who reads the log."""

    event: Literal["log"] = "log"
    message: str
    level: Literal["info", "warning", "error"] = "info"


class Metric(_Event):
    """A number; None stands for NaN and infinities, which JSON does not have."""

    event: Literal["metric"] = "metric"
    name: str
    value: float | None
    step: int | None = None


class Progress(_Event):
    """How far the node is, in `unit`s; `total` None means unknown."""

    event: Literal["progress"] = "progress"
    done: float
    total: float | None = None
    unit: str = ""
    message: str = ""


class Artifact(_Event):
    """An output is complete and passed its check."""

    event: Literal["artifact"] = "artifact"
    port: str
    kind: str
    path: str


class Done(_Event):
    """The node succeeded."""

    event: Literal["done"] = "done"
    seconds: float = 0.0


class Failed(_Event):
    """The node failed: whose fault, what happened, what to change."""

    event: Literal["failed"] = "failed"
    category: Category
    message: str
    hint: str = ""


NodeEvent = Annotated[Log | Metric | Progress | Artifact | Done | Failed, Field(discriminator="event")]
_ADAPTER: TypeAdapter[NodeEvent] = TypeAdapter(NodeEvent)


def finite(value: float) -> float | None:
    """`value` as JSON can carry it: None for NaN and infinities."""
    return float(value) if math.isfinite(value) else None


def encode(event: BaseModel) -> bytes:
    """One event as a line."""
    fields: dict[str, Any] = event.model_dump()
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


def decode(line: bytes) -> NodeEvent | None:
    """The event on a line, None where the line is none: a broken line never stops a run."""
    try:
        return _ADAPTER.validate_json(line)
    except ValidationError:
        return None
