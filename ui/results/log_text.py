"""The bytes of a log as text that is safe to show (F50)."""

from __future__ import annotations

import re

# Colours and cursor movements, window titles, and single escapes.
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
# All control characters but tab and newline; and those that turn the direction of what follows.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LONGEST = 4_000


def readable(raw: bytes) -> str:
    """Bytes as lines of text: escapes left out, other control characters made visible, long lines cut.

    Of a line that a progress bar has written over and over, the last state stays.
    """
    text = _ANSI.sub("", raw.decode("utf-8", "replace")).replace("\r\n", "\n")
    lines = [_line(line) for line in text.split("\n")]
    return "\n".join(lines)


def _line(line: str) -> str:
    last = next((part for part in reversed(line.split("\r")) if part.strip()), "")
    shown = _CONTROL.sub("�", last)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]} … ({len(shown):,})"
