"""Text to pipeline: decode, read, and hold against the model; everything wrong comes back as problems."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from nodegraph.format.faults import Faults
from nodegraph.format.reader import MAX_DEPTH, Path, read
from nodegraph.format.scalars import UNFIT
from nodegraph.pipeline import FORMAT_VERSION, Pipeline
from nodegraph.problems import Problem, errors_of

MAX_BYTES = 5_000_000


@dataclass
class Loaded:
    """A pipeline, or why there is none; `lines` maps the path of each key to its line, from 1.

    `draft` is what could be understood in spite of errors, so that the rest can be checked too.
    """

    pipeline: Pipeline | None = None
    problems: list[Problem] = field(default_factory=list)
    lines: dict[Path, int] = field(default_factory=dict)
    draft: Pipeline | None = None


def load(text: str | bytes) -> Loaded:
    """The pipeline that a text says. Never raises for what the text says."""
    decoded = _decode(text)
    if isinstance(decoded, Problem):
        return Loaded(problems=[decoded])
    document = read(decoded)
    if not document.complete:
        return Loaded(problems=document.problems, lines=document.lines)
    return _load(document.value, document.problems, document.lines)


def load_object(value: Any) -> Loaded:
    """The same for a value that came as JSON; its numbers and texts are held to the same limits."""
    problem = unfit(value)
    return Loaded(problems=[problem]) if problem else _load(value, [], {})


def _load(value: Any, problems: list[Problem], lines: Mapping[Path, int]) -> Loaded:
    loaded = Loaded(problems=list(problems), lines=dict(lines))
    top = _top_fault(value, lines)
    if top is not None:
        loaded.problems.append(top)
        return loaded
    try:
        loaded.draft = Pipeline.model_validate(value)
    except ValidationError as error:
        faults = Faults(error, value, lines)
        loaded.problems += faults.problems
        loaded.draft = faults.draft()
    if not errors_of(loaded.problems):
        loaded.pipeline = loaded.draft
    return loaded


def _top_fault(value: Any, lines: Mapping[Path, int]) -> Problem | None:
    if value is None:
        return Problem(
            code="yaml-syntax", message="The file is empty.", hint="A pipeline has a name and nodes."
        )
    if not isinstance(value, dict):
        message = "The file must be a mapping of keys to values."
        return Problem(code="wrong-type", message=message, hint="Start with name: and nodes:.")
    version = value.get("nodegraph", FORMAT_VERSION)
    if isinstance(version, int) and not isinstance(version, bool) and version > FORMAT_VERSION:
        return Problem(
            code="future-version",
            message=f"The file is of format version {version}; this program reads version {FORMAT_VERSION}.",
            hint="Update NodeGraph.",
            line=lines.get(("nodegraph",)),
        )
    return None


def _decode(text: str | bytes) -> str | Problem:
    if len(text) > MAX_BYTES:
        hint = "Keep data in files beside the pipeline, and name them."
        return Problem(code="too-large", message=f"The file is larger than {MAX_BYTES:,} bytes.", hint=hint)
    if isinstance(text, bytes):
        if text[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return _unreadable("The file is UTF-16.")
        try:
            decoded = text.decode("utf-8")
        except UnicodeDecodeError as error:
            line = text.count(b"\n", 0, error.start) + 1
            return _unreadable(f"The file is not UTF-8: byte {error.start} cannot be read.", line)
        return _decode(decoded)
    text = text.removeprefix("\ufeff")
    if "\x00" in text:
        return _unreadable("The file has a NUL character.", text.count("\n", 0, text.index("\x00")) + 1)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        return _unreadable("The text has half of a surrogate pair.", text.count("\n", 0, error.start) + 1)
    return text


def _unreadable(message: str, line: int | None = None) -> Problem:
    return Problem(code="bad-text", message=message, hint="Save it as UTF-8.", line=line)


def unfit(root: Any) -> Problem | None:
    """What a JSON value has that a pipeline file could not hold."""
    waiting = [(root, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            message = f"The pipeline nests deeper than {MAX_DEPTH} levels."
            return Problem(code="yaml-depth", message=message, hint="Flatten the parameters of its nodes.")
        if isinstance(value, dict):
            waiting += [(item, depth + 1) for pair in value.items() for item in pair]
        elif isinstance(value, list):
            waiting += [(item, depth + 1) for item in value]
        elif isinstance(value, float) and not math.isfinite(value):
            message = f"{value} is no number that can be used here."
            return Problem(code="bad-number", message=message, hint="Give a finite number.")
        elif isinstance(value, int) and not -(2**63) <= value < 2**63:
            hint = "Give a smaller one, or put it in quotes if it is text."
            return Problem(code="bad-number", message="A number does not fit in 64 bits.", hint=hint)
        elif isinstance(value, str) and UNFIT.search(value):
            return _unreadable("A text has a NUL character or half of a surrogate pair.")
    return None
