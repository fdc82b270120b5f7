"""HTTP ranges of a file that may still grow: one range, or all of it."""

from __future__ import annotations

import re

# Nineteen digits and more are no size; a header that has them, or several ranges, is passed over.
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class Unsatisfiable(Exception):
    """The range begins behind the end."""


def wanted_range(header: str | None, size: int) -> tuple[int, int] | None:
    """The bytes from and to (exclusive) that a Range header asks for, None for all; Unsatisfiable."""
    match = _RANGE.fullmatch(header.strip()) if header and len(header) < 64 else None
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        length = int(match[2])
        if length == 0 or size == 0:
            raise Unsatisfiable
        return max(0, size - length), size
    start = int(match[1])
    if match[2] and int(match[2]) < start:
        return None  # no range at all, and passed over
    if start >= size:
        raise Unsatisfiable
    return start, min(int(match[2]) + 1, size) if match[2] else size
