"""Which runs are asked for: filters of a list, as conditions on its rows."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, or_
from sqlmodel import col, select

from executor.database.tables import Pipeline, Run


class Wanted(TypedDict, total=False):
    """Filters of a list of runs; `since` and `until` are seconds since the epoch, of its creation.

    `state` and `trigger` take one or several; `search` finds the name or title of a pipeline, or an id.
    """

    pipeline: str | None
    state: str | Collection[str] | None
    trigger: str | Collection[str] | None
    search: str
    since: float | None
    until: float | None


def conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What a row must be like."""
    found: list[ColumnElement[bool]] = []
    if (pipeline := wanted.get("pipeline")) is not None:
        found.append(col(Run.pipeline) == pipeline)
    for column, value in ((Run.state, wanted.get("state")), (Run.trigger, wanted.get("trigger"))):
        if value is not None:
            found.append(col(column).in_([value] if isinstance(value, str) else list(value)))
    if text := wanted.get("search", "").strip():
        found.append(_holds(text))
    if (since := wanted.get("since")) is not None:
        found.append(col(Run.created) >= since)
    if (until := wanted.get("until")) is not None:
        found.append(col(Run.created) < until)
    return found


def _holds(text: str) -> ColumnElement[bool]:
    titled = select(Pipeline.name).where(col(Pipeline.title).icontains(text, autoescape=True))
    places: list[Any] = [
        col(Run.pipeline).icontains(text, autoescape=True),
        col(Run.pipeline).in_(titled),
    ]
    number = text.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) < 19:
        places.append(col(Run.id) == int(number))
    return or_(*places)
