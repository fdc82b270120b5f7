"""A problem: one thing that is wrong with what a person gave, where it is, and how to mend it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

CODES = {
    "bad-condition": "a `when` condition cannot be read, or compares what is no metric",
    "bad-name": "a name has characters that names cannot have",
    "bad-number": "a number is not finite, or does not fit in 64 bits",
    "bad-param": "a parameter's value is of the wrong type or out of range",
    "bad-notify": "who is to be told of a run cannot be: no address, or none that works",
    "bad-schedule": "a schedule's cron expression or time zone is wrong, or it never fires",
    "bad-text": "a text is no valid UTF-8, or has characters that no file can hold",
    "bad-value": "a value in the pipeline file is out of range",
    "broken-type": "the node type's module is broken",
    "cycle": "nodes wait for each other",
    "dangling-edge": "an input comes from a node that does not exist",
    "future-version": "the file is of a format that this program does not read yet",
    "impossible-resources": "a node asks for more than any host has",
    "missing-input": "a required input has no source",
    "missing-key": "a key that the file needs is not there",
    "missing-param": "a parameter that has no default has no value",
    "missing-secret": "a secret that a node needs is not set",
    "name-taken": "a pipeline of that name exists already",
    "needs-full-weights": "an adapter feeds an input that needs a whole model",
    "no-nodes": "the pipeline has no nodes",
    "skipped-node": "a node will be skipped, because one that it needs is disabled",
    "too-large": "the file is too large",
    "too-many-inputs": "an input that takes one source has several",
    "too-many-nodes": "the pipeline has too many nodes",
    "unknown-input": "the node type has no input of that name",
    "unknown-key": "the file has a key that the format does not know",
    "unknown-output": "an input comes from an output that does not exist",
    "unknown-param": "the node type, or the pipeline, has no parameter of that name",
    "unknown-source": "a parameter names a file or folder that is not there",
    "unknown-type": "there is no node type of that name",
    "unresolved-reference": "a `${…}` names nothing that there is",
    "wrong-kind": "an output feeds an input of another kind",
    "wrong-type": "a value in the pipeline file is of the wrong type",
    "yaml-alias": "the file has anchors or aliases, which are refused",
    "yaml-depth": "the file nests too deep",
    "yaml-duplicate-key": "a key is given twice",
    "yaml-syntax": "the file is not valid YAML",
    "yaml-tag": "the file has tags, which are refused",
}


class Problem(BaseModel):
    """One mistake in a pipeline: a stable code (see CODES), a place, a sentence, and what to do.

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
