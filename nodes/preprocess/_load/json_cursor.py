"""Walks through a JSON text of any size with a bounded window: decode a value, or skip a broken one."""

from __future__ import annotations

import json
import re
from typing import Any, TextIO

from nodes.preprocess._load.lines import DECODER, too_long
from nodes.preprocess._load.record import BadRow

_CHUNK = 64 * 1024
# An error this close to the end of the window may only mean that the window ends there.
_MARGIN = 64
_SPACE = re.compile(r"[ \t\n\r\ufeff]*")
_STRUCTURE = re.compile(r'["{}\[\],]')
_IN_STRING = re.compile(r'["\\]')


class Truncated(Exception):
    """The text ends inside a value."""


class BrokenValue(Exception):
    """A value cannot be decoded; `line` is where it goes wrong."""

    def __init__(self, fault: BadRow, line: int) -> None:
        super().__init__(str(fault))
        self.fault = fault
        self.line = line


class JsonCursor:
    """A place in a JSON text, which is read as far as is needed."""

    def __init__(self, text: TextIO, limit: int) -> None:
        self._text = text
        self._limit = limit
        self._window = ""
        self._at = 0
        self._line = 1
        self._ended = False

    @property
    def line(self) -> int:
        """The line of the present place, from 1."""
        return self._line + self._window.count("\n", 0, self._at)

    def peek(self) -> str:
        """The next character that is no white space; empty at the end of the text."""
        while True:
            self._at = _SPACE.match(self._window, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._window):
                return self._window[self._at]
            if self._ended:
                return ""
            self._fill()

    def step(self) -> None:
        """Go past the character that `peek` showed."""
        self._at += 1

    def value(self) -> Any:
        """Decode the value here and go past it; the place stays where it cannot be decoded."""
        self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self._window, self._at)
            except json.JSONDecodeError as error:
                if self._ended and error.pos >= len(self._window.rstrip()):
                    raise Truncated from error
                if self._is_real(error):
                    raise self._broken("invalid JSON", error.msg, error.pos) from error
            except RecursionError as error:
                raise self._broken("nested too deeply", "", self._at) from error
            except ValueError as error:
                raise self._broken("invalid JSON", str(error).partition(";")[0], self._at) from error
            else:
                if end < len(self._window) or self._ended or self._window[end - 1] in '}]"':
                    self._at = end
                    return value
            if len(self._window) - self._at > self._limit:
                raise BrokenValue(too_long(self._limit), self.line)
            self._fill()

    def skip(self) -> None:
        """Go past the value here by its brackets and quotes alone, in bounded memory."""
        depth = 0
        while True:
            found = _STRUCTURE.search(self._window, self._at)
            if found is None:
                self._at = len(self._window)
                self._more()
                continue
            char = found[0]
            if depth == 0 and char in ",]}":
                self._at = found.start()
                return
            self._at = found.end()
            if char == '"':
                self._skip_string()
            depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(char, 0)
            if depth == 0 and char in "}]":
                return

    def _skip_string(self) -> None:
        while True:
            found = _IN_STRING.search(self._window, self._at)
            if found is not None and found[0] == '"':
                self._at = found.end()
                return
            if found is None:
                self._at = len(self._window)
                self._more()
                continue
            # A backslash takes the next character with it, which may lie behind the window.
            self._at = found.end()
            if self._at == len(self._window):
                self._more()
            self._at += 1

    def _is_real(self, error: json.JSONDecodeError) -> bool:
        if self._ended:
            return True
        cut = error.msg.startswith("Unterminated string")
        return not cut and error.pos < len(self._window) - _MARGIN

    def _broken(self, reason: str, detail: str, position: int) -> BrokenValue:
        line = self._line + self._window.count("\n", 0, position)
        return BrokenValue(BadRow(reason, detail), line)

    def _more(self) -> None:
        if self._ended:
            raise Truncated
        self._fill()

    def _fill(self) -> None:
        self._line += self._window.count("\n", 0, self._at)
        rest = self._window[self._at :]
        more = self._text.read(max(_CHUNK, len(rest)))
        self._ended = not more
        self._window, self._at = rest + more, 0
