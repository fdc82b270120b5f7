"""A problem: one thing that is wrong with what a person gave, where it is, and how to mend it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Problem(BaseModel):
    """One mistake in a pipeline: a stable code, a place, a sentence, and what to do.

    `node`, `port` and `param` name the place in the graph; `line` is the line of the file, from 1.
    An error keeps a run from starting, a warning does not.
    """

    model_config = ConfigDict(frozen=True)

    code: str
    message: str
    hint: str = ""
    node: str | None = None
    port: str | None = None
    param: str | None = None
    line: int | None = None
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        place = ".".join(part for part in (self.node, self.port or self.param) if part)
        where = f"line {self.line}: " if self.line else ""
        text = f"{where}{place}: {self.message}" if place else f"{where}{self.message}"
        return f"{text} {self.hint}".rstrip()


def errors_of(problems: list[Problem]) -> list[Problem]:
    """The problems that keep a run from starting."""
    return [problem for problem in problems if problem.severity == "error"]
