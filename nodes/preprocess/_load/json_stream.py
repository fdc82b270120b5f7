"""Reads a JSON document row by row: an array, an object that wraps one, or single objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TextIO

from nodegraph import NodeFailure
from nodes.preprocess._load.json_cursor import BrokenValue, JsonCursor, Truncated
from nodes.preprocess._load.record import BadRow, Record

# In an object these lists of objects are one row's own; under any other key they are the rows.
_OWN_LISTS = frozenset({
    "messages", "conversations", "conversation", "dialogue", "dialog", "turns", "chat", "chosen", "rejected",
    "history", "prompt", "completion", "tools", "answers"
})  # fmt: skip


def json_rows(text: TextIO, name: str, limit: int, wanted: str = "") -> Iterator[Record]:
    """A record for each row of the document; `wanted` names the list to take of an object."""
    cursor = JsonCursor(text, limit)
    first = cursor.peek()
    try:
        if first == "[":
            yield from _array(cursor, name)
        elif first == "{":
            row = 0
            while cursor.peek() == "{":  # several objects one after another are rows too
                row += 1
                yield from _object(cursor, name, wanted, row)
        elif first:
            raise NodeFailure(
                "input",
                f"{name}, line {cursor.line}: this is no JSON; it begins with {first!r}.",
                "Set format to what the file holds: jsonl, csv, tsv or txt.",
            )
    except BrokenValue as error:
        raise NodeFailure("input", f"{name}, line {error.line}: {error.fault}.", _HINT) from error
    except Truncated as error:
        raise _cut_off(cursor, name, "the end of the file comes too early") from error
    _refuse_rest(cursor, name)


_HINT = "Mend the file; or save it as JSON Lines, where one broken row leaves the others whole."


def _array(cursor: JsonCursor, name: str) -> Iterator[Record]:
    cursor.step()
    row = 0
    while (char := cursor.peek()) != "]":
        if char == ",":
            cursor.step()
            continue
        row += 1
        line = cursor.line
        if not char:
            raise _cut_off(cursor, name, f"the array is not closed after row {row - 1}")
        yield _element(cursor, name, row, line)
    cursor.step()


def _element(cursor: JsonCursor, name: str, row: int, line: int) -> Record:
    try:
        return Record(cursor.value(), line=line, row=row)
    except Truncated:
        fault = None
    except BrokenValue as error:
        fault = error.fault
        line_of_fault = error.line
    try:
        if fault is None:
            raise Truncated
        before = cursor.line
        cursor.skip()
        if cursor.peek() in "}:" and cursor.line == before:
            cursor.step()
        return Record(line=line_of_fault, row=row, fault=fault)
    except Truncated as error:
        what = f"row {row}, which begins on line {line}, has no end"
        raise _cut_off(cursor, name, f"{what} ({fault})" if fault else what) from error


def _cut_off(cursor: JsonCursor, name: str, what: str) -> NodeFailure:
    return NodeFailure(
        "input",
        f"{name}, line {cursor.line}: {what}: the file is cut off or a quote or bracket is missing.",
        f"Copy or download it again. {_HINT}",
    )


def _object(cursor: JsonCursor, name: str, wanted: str, row: int) -> Iterator[Record]:
    line = cursor.line
    cursor.step()
    whole: dict[str, Any] = {}
    found = False
    while (char := cursor.peek()) != "}":
        if char == ",":
            cursor.step()
            continue
        key = str(cursor.value())
        if cursor.peek() != ":":
            raise BrokenValue(BadRow("invalid JSON", "a colon is missing"), cursor.line)
        cursor.step()
        if cursor.peek() == "[" and key.lower() not in _OWN_LISTS and wanted in ("", key) and not found:
            rows = _array(cursor, name)
            head = next(rows, None)
            found = head is not None and (head.fault is not None or isinstance(head.value, dict))
            if found and head:
                yield head
                yield from rows
            else:
                whole[key] = [record.value for record in ([head] if head else []) + list(rows)]
        else:
            whole[key] = cursor.value()
    cursor.step()
    if not found:
        _refuse_columns(whole, name, wanted)
        yield Record(whole, line=line, row=row)


def _refuse_columns(whole: dict[str, Any], name: str, wanted: str) -> None:
    lists = [key for key, value in whole.items() if isinstance(value, list) and key.lower() not in _OWN_LISTS]
    if wanted and lists:
        raise NodeFailure(
            "input", f"{name} holds no list named {wanted}.", f"Set split to one of {', '.join(lists)}."
        )
    tables = [value for value in whole.values() if isinstance(value, dict)]
    by_number = len(tables) > 1 and all(key.isdigit() for value in tables for key in value)
    if (len(lists) > 1 and len(lists) == len(whole)) or (by_number and len(tables) == len(whole)):
        raise NodeFailure(
            "input",
            f"{name} holds columns ({', '.join(list(whole)[:8])}), not rows.",
            "Save it row by row; in pandas: frame.to_json(path, orient='records', lines=True).",
        )


def _refuse_rest(cursor: JsonCursor, name: str) -> None:
    if cursor.peek():
        raise NodeFailure(
            "input",
            f"{name}, line {cursor.line}: there is more after the end of the JSON document.",
            "Where each line is a JSON object of its own, set format to jsonl.",
        )
