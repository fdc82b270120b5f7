"""Reads JSON Lines and plain text line by line; however long a line is, memory stays bounded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal, TextIO

from nodes.preprocess._load.record import BadRow, Record

TextUnit = Literal["line", "paragraph", "file"]


def bounded_lines(text: TextIO, limit: int) -> Iterator[tuple[int, str | None]]:
    """Each line with its number; None stands for one longer than `limit` characters, which is skipped."""
    number = 0
    while line := text.readline(limit + 1):
        number += 1
        if len(line) > limit and not line.endswith("\n"):
            while rest := text.readline(limit):
                if rest.endswith("\n"):
                    break
            yield number, None
        else:
            yield number, line


def too_long(limit: int) -> BadRow:
    """What is wrong with a row over the limit."""
    return BadRow("longer than max_row_mb", f"over {limit:,} characters")


def jsonl(text: TextIO, limit: int) -> Iterator[Record]:
    """A record for each line that is not blank."""
    for number, line in bounded_lines(text, limit):
        if line is None:
            yield Record(line=number, fault=too_long(limit))
        elif line.strip():
            yield parsed(line, number)


def parsed(line: str, number: int) -> Record:
    """One line of JSON as a record; NaN and infinities, which are no JSON, are read as nothing."""
    try:
        return Record(DECODER.decode(line.strip()), line=number)
    except json.JSONDecodeError as error:
        return Record(line=number, fault=BadRow("invalid JSON", f"{error.msg} (column {error.colno})"))
    except RecursionError:
        return Record(line=number, fault=BadRow("nested too deeply"))
    except ValueError as error:
        return Record(line=number, fault=BadRow("invalid JSON", str(error).partition(";")[0]))


def plain(text: TextIO, limit: int, unit: TextUnit) -> Iterator[Record]:
    """A record for each line, each block of lines between blank ones, or the whole file."""
    if unit == "line":
        for number, line in bounded_lines(text, limit):
            if line is None:
                yield Record(line=number, fault=too_long(limit))
            elif line.strip():
                yield Record({"text": line.rstrip("\n")}, line=number)
        return
    yield from _blocks(text, limit, unit)


def _blocks(text: TextIO, limit: int, unit: TextUnit) -> Iterator[Record]:
    block: list[str] = []
    start, size, over = 1, 0, False
    for number, line in bounded_lines(text, limit):
        if unit == "paragraph" and line is not None and not line.strip():
            yield from _block(block, start, over, limit)
            block, size, over = [], 0, False
            continue
        if not block and not over:
            start = number
        size += limit + 1 if line is None else len(line)
        over = over or size > limit
        if over:
            block.clear()
        else:
            block.append(line or "")
    yield from _block(block, start, over, limit)


def _block(block: list[str], start: int, over: bool, limit: int) -> Iterator[Record]:
    if over:
        yield Record(line=start, fault=too_long(limit))
    elif joined := "".join(block).strip("\n"):
        yield Record({"text": joined}, line=start)


def _nothing(_constant: str) -> Any:
    return None


DECODER = json.JSONDecoder(parse_constant=_nothing)
