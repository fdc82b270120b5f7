"""What a person looks for among runs: kept in the page's address, turned into filters of the service."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from executor.services.finding import Wanted
from ui.runs.words import DAYS, STATES, TRIGGERS

PAGE_SIZE = 25
_DAY_SECONDS = 86400
_LONGEST = 200


@dataclass
class Filters:
    """One choice each; "" for any. `page` counts from 0."""

    days: str = "30"
    pipeline: str = ""
    state: str = ""
    trigger: str = ""
    search: str = ""
    page: int = 0

    @classmethod
    def of(cls, **given: Any) -> Filters:
        """From the words of an address; what is no choice is left out."""
        filters = cls(pipeline=str(given.get("pipeline", ""))[:_LONGEST])
        filters.search = str(given.get("search", ""))[:_LONGEST]
        for name, known in (("days", DAYS), ("state", STATES), ("trigger", TRIGGERS)):
            if given.get(name) in known:
                setattr(filters, name, given[name])
        return filters

    @property
    def address(self) -> str:
        """The page's address with these filters."""
        default = Filters()
        asked = {name: value for name, value in vars(self).items() if value != getattr(default, name)}
        asked.pop("page", None)
        return f"/runs?{urlencode(asked)}" if asked else "/runs"

    @property
    def narrow(self) -> bool:
        """Whether the table shows less than all runs of these days."""
        return bool(self.pipeline or self.state or self.trigger or self.search)

    def wanted(self, now: float | None = None) -> Wanted:
        """For the table."""
        return {**self.wider(now), "state": self.state or None}

    def wider(self, now: float | None = None, *, back: int = 0) -> Wanted:
        """For figures and charts, whatever the state; `back` stretches of days earlier."""
        found: Wanted = {
            "pipeline": self.pipeline or None, "trigger": self.trigger or None, "search": self.search
        }  # fmt: skip
        if self.days != "all":
            length = int(self.days) * _DAY_SECONDS
            end = (time.time() if now is None else now) - back * length
            found["since"] = end - length
            if back:
                found["until"] = end
        return found
