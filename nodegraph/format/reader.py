"""YAML text to plain Python values, with the line of every key, and nothing that could be abused.

Reads the events of PyYAML's parser one by one, so that a hostile file is refused before it grows:
no tags, no anchors or aliases, no duplicate keys, one document, bounded depth, nodes and values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from nodegraph.format.scalars import UNFIT, BadNumber, resolve
from nodegraph.pipeline import MAX_NODES
from nodegraph.problems import Problem

MAX_DEPTH = 64
MAX_VALUES = 500_000
_MOST_PROBLEMS = 100
_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Path = tuple[str | int, ...]


@dataclass
class Document:
    """What a text says: its value, the line (from 1) of each key by path, and what is wrong with it.

    `complete` is False where reading had to stop.
    """

    value: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    complete: bool = True


def parser_of(text: str) -> Any:
    """A PyYAML parser for `text`: the C one where it is installed."""
    return _PARSER(text)


def read(text: str, *, max_nodes: int = MAX_NODES) -> Document:
    """Read one document. Never raises for what the text says."""
    reader = _Reader(max_nodes)
    document = reader.document
    try:
        reader.read(parser_of(text))
    except _Stop as stop:
        document.problems.append(stop.problem)
        document.complete = False
    except yaml.YAMLError as error:
        document.problems.append(_syntax(error))
        document.complete = False
    return document


def read_value(text: str) -> tuple[Any, Problem | None]:
    """One value as it may stand in a pipeline file, and what is wrong with it."""
    document = read(text)
    if document.problems:
        return None, document.problems[0]
    return document.value, None


class _Stop(Exception):
    def __init__(self, code: str, message: str, hint: str, line: int) -> None:
        self.problem = Problem(code=code, message=message, hint=hint, line=line)


class _Reader:
    """Builds values from events. `_path` is the place of the container being filled."""

    def __init__(self, max_nodes: int) -> None:
        self.document = Document()
        self._max_nodes = max_nodes
        self._values = 0
        self._documents = 0
        self._container: dict[str, Any] | list[Any] | None = None
        self._key: str | None = None
        self._path: Path = ()
        self._stack: list[tuple[dict[str, Any] | list[Any] | None, str | None, Path]] = []

    def read(self, parser: Any) -> None:
        take = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._open,
            yaml.SequenceStartEvent: self._open,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._start,
        }
        try:
            while (event := parser.get_event()) is not None:
                handler = take.get(event.__class__)
                if handler is not None:
                    handler(event)
        finally:
            parser.dispose()

    def _scalar(self, event: Any) -> None:
        self._values += 1
        if self._values > MAX_VALUES:
            self._stop("too-large", event, f"The file has more than {MAX_VALUES:,} values.", "Split it.")
        if event.anchor is not None or event.tag is not None:
            self._refuse_marks(event)
        text, style = event.value, event.style
        if style == '"' and UNFIT.search(text):
            message = "The text has a NUL character or half of a surrogate pair."
            self._wrong("bad-text", event, message, "Remove the escape sequence.")
            text = UNFIT.sub("\ufffd", text)
        if self._container.__class__ is dict and self._key is None:
            self._take_key(text, event)
            return
        value: Any = text
        if not style:
            try:
                value = resolve(text)
            except BadNumber as error:
                self._wrong("bad-number", event, str(error), "Use a finite number of at most 64 bits.")
                value = None
        self._put(value, event)

    def _take_key(self, key: str, event: Any) -> None:
        container, path = self._container, self._path
        line = event.start_mark.line + 1
        if key in container:  # type: ignore[operator]
            first = self.document.lines.get((*path, key))
            self._wrong(
                "yaml-duplicate-key", event, f"The key {key} is given twice.",
                f"The first is on line {first}; remove one of the two.", path,
            )  # fmt: skip
        elif path == ("nodes",) and len(container) >= self._max_nodes:  # type: ignore[arg-type]
            message = f"The pipeline has more than {self._max_nodes:,} nodes."
            self._stop("too-many-nodes", event, message, "Split it into several pipelines.")
        else:
            self.document.lines[(*path, key)] = line
        self._key = key

    def _put(self, value: Any, event: Any) -> None:
        container = self._container
        if isinstance(container, dict):
            container.setdefault(self._key or "", value)
            self._key = None
        elif container is None:
            self.document.value = value
        else:
            self.document.lines[(*self._path, len(container))] = event.start_mark.line + 1
            container.append(value)

    def _open(self, event: Any) -> None:
        if event.anchor is not None or event.tag is not None:
            self._refuse_marks(event)
        if len(self._stack) >= MAX_DEPTH:
            message = f"The file nests deeper than {MAX_DEPTH} levels."
            self._stop("yaml-depth", event, message, "A pipeline needs about five.")
        container, key, path = self._container, self._key, self._path
        if container.__class__ is dict and key is None:
            self._stop(
                "yaml-syntax", event, "A list or mapping stands where a key should.", "Keys are names."
            )
        self._stack.append((container, key, path))
        fresh: dict[str, Any] | list[Any] = {} if event.__class__ is yaml.MappingStartEvent else []
        if container.__class__ is dict:
            self._path = (*path, key)  # type: ignore[arg-type]
        elif container is not None:
            self._path = (*path, len(container))
        self._put(fresh, event)
        self._container, self._key = fresh, None

    def _close(self, _event: Any) -> None:
        self._container, _, self._path = self._stack.pop()
        self._key = None

    def _start(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            self._stop("yaml-syntax", event, "The file holds several documents.", "Keep one pipeline a file.")

    def _alias(self, event: Any) -> None:
        self._stop(
            "yaml-alias", event, f"The alias *{event.anchor} stands here.",
            "Pipeline files have no anchors and aliases; write the value out, or use parameters.",
        )  # fmt: skip

    def _refuse_marks(self, event: Any) -> None:
        if event.anchor is not None:
            hint = "Pipeline files have no anchors and aliases; write the value out, or use parameters."
            self._wrong("yaml-alias", event, f"The anchor &{event.anchor} stands here.", hint)
        if event.tag is not None:
            hint = "Pipeline files have no tags; remove it."
            self._wrong("yaml-tag", event, f"The tag {event.tag} stands here.", hint)

    def _wrong(self, code: str, event: Any, message: str, hint: str, path: Path | None = None) -> None:
        problems = self.document.problems
        if len(problems) >= _MOST_PROBLEMS:
            self._stop(code, event, message, hint)
        place = self._path if self._key is None else (*self._path, self._key)
        node = place[1] if len(place) > 1 and place[0] == "nodes" else None
        param = place[3] if node is not None and len(place) > 3 and place[2] == "params" else None
        line = event.start_mark.line + 1
        problems.append(
            Problem(
                code=code, message=message, hint=hint, line=line,
                node=str(node) if node is not None else None, param=str(param) if param is not None else None,
            )
        )  # fmt: skip

    @staticmethod
    def _stop(code: str, event: Any, message: str, hint: str) -> None:
        raise _Stop(code, message, hint, event.start_mark.line + 1)


def _syntax(error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    message = f"The file is not valid YAML: {what}."
    hint = "Check the indentation, and that quotes and brackets are closed."
    if "\t" in what or "'\\t'" in what:
        hint = "Indent with spaces, not tabs."
    return Problem(code="yaml-syntax", message=message, hint=hint, line=mark.line + 1 if mark else None)
