"""Comments of a person, carried from an old text to a new one by the path of the key they belong to.

A comment on lines of its own (blank lines count as such) belongs to the key below it, or, where it is
indented deeper than that key, to the block above it. A comment at a line's end belongs to that line's key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import yaml

from nodegraph.format.reader import Path, parser_of, read

_REST = re.compile(r"[\s,:\[\]{}]*(?:^|(?<=\s))(#.*)$")
_HEADER = re.compile(r"[|>][-+0-9]*")


@dataclass
class Comments:
    """The comments of a text by where they belong."""

    head: list[str] = field(default_factory=list)
    before: dict[Path, list[str]] = field(default_factory=dict)
    after: dict[Path, list[str]] = field(default_factory=dict)
    beside: dict[Path, list[str]] = field(default_factory=dict)
    tail: list[str] = field(default_factory=list)


def carry_over(original: str, text: str) -> str:
    """`text`, which is canonical, with the comments of `original`."""
    return _insert(_find(original), text)


def blocks_of(original: str) -> set[Path]:
    """The lists and mappings that the person wrote over several lines."""
    lines = read(original).lines
    return {path[:-1] for path, line in lines.items() if len(path) > 1 and lines.get(path[:-1]) != line}


def _find(text: str) -> Comments:
    lines = text.split("\n")
    owners = _owners(text)
    ends, inside = _extents(text, lines)
    comments = Comments()
    waiting: list[str] = []
    last: list[Path] = []
    for number, line in enumerate(lines):
        if number not in inside and number not in owners and re.fullmatch(r"\s*(#.*)?", line):
            waiting.append(line)
            continue
        if number in owners:
            owner = owners[number]
            _file(comments, waiting, last, owner, _indent(line))
            waiting = []
            last = [*last, owner] if _indent(line) else [owner]
        rest = _REST.match(line[ends.get(number, len(line)) :])
        if rest and last:
            comments.beside.setdefault(last[-1], []).append(rest[1])
    if waiting and waiting[-1] == "":
        waiting.pop()
    _file(comments, waiting, last, None, 0)
    return comments


def _file(comments: Comments, waiting: list[str], last: list[Path], below: Path | None, indent: int) -> None:
    """Put the lines in `waiting` where they belong: to the key below, or to the block above."""
    deep = [index for index, line in enumerate(waiting) if _indent(line) > indent and line.strip()]
    first = next(
        (index for index, line in enumerate(waiting) if _indent(line) <= indent and line), len(waiting)
    )
    deep = [index for index in deep if index < first]
    if last and deep:
        comments.after.setdefault(_block_above(last), []).extend(waiting[: deep[-1] + 1])
        waiting = waiting[deep[-1] + 1 :]
    lines = [line.strip() for line in waiting]
    if not lines:
        return
    if not last:
        comments.head.extend(lines)
    elif below is None:
        comments.tail.extend(lines)
    else:
        comments.before.setdefault(below, []).extend(lines)


def _block_above(last: list[Path]) -> Path:
    """What a deeper comment follows: the entry above it in the same block."""
    return last[-1][: min(len(last[-1]), 2)]


def _insert(comments: Comments, text: str) -> str:
    lines = text.rstrip("\n").split("\n")
    places = {path: line - 1 for path, line in read(text).lines.items()}
    before: dict[int, list[str]] = {}
    after: dict[int, list[str]] = {}
    for path, found in comments.before.items():
        number = _line_of(path, places)
        if number is not None:
            before.setdefault(number, []).extend(found)
    for path, found in comments.after.items():
        numbers = [line for place, line in places.items() if place[: len(path)] == path]
        if numbers:
            after.setdefault(_end(max(numbers), lines), []).extend(found)
    for path, found in comments.beside.items():
        number = _line_of(path, places)
        if number is not None:
            lines[number] = f"{lines[number]}  {' '.join(found)}"
    result = list(comments.head)
    for number, line in enumerate(lines):
        indent = line[: _indent(line)]
        result.extend(f"{indent}{comment}" if comment else "" for comment in before.get(number, []))
        result.append(line)
        result.extend(after.get(number, []))
    return "\n".join(result + comments.tail) + "\n"


def _line_of(path: Path, places: dict[Path, int]) -> int | None:
    """The line of a key; what became a default is left out of the file, so what it was in stands for it."""
    while path not in places and len(path) > 2:
        path = path[:-1]
    return places.get(path)


def _end(number: int, lines: list[str]) -> int:
    """The last line of what begins on line `number`: a text of several lines goes on below."""
    indent = _indent(lines[number])
    while number + 1 < len(lines) and (not lines[number + 1] or _indent(lines[number + 1]) > indent):
        number += 1
    return number


def _owners(text: str) -> dict[int, Path]:
    """The outermost key on each line."""
    owners: dict[int, Path] = {}
    for path, line in read(text).lines.items():
        owners.setdefault(line - 1, path)
    return owners


def _extents(text: str, lines: list[str]) -> tuple[dict[int, int], set[int]]:
    """The column where each line's last token ends, and the lines that are inside a text of several lines."""
    ends: dict[int, int] = {}
    inside: set[int] = set()
    parser = parser_of(text)
    while (event := parser.get_event()) is not None:
        start, end = event.start_mark, event.end_mark
        if isinstance(event, yaml.ScalarEvent) and event.style in ("|", ">"):
            header = _HEADER.match(lines[start.line][start.column :])
            ends[start.line] = start.column + (header.end() if header else 0)
            inside.update(range(start.line + 1, end.line))
        elif isinstance(event, yaml.ScalarEvent):
            ends[end.line] = end.column
            inside.update(range(start.line + 1, end.line + 1))
        elif end.line == start.line and end.column > start.column:
            ends[end.line] = end.column
    parser.dispose()
    return ends, inside


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
