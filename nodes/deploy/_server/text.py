"""From tokens to text while they come: whole characters only, and nothing from a stop sequence on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

Emit = Callable[[str], None]


class StopText:
    """Passes text on until a stop sequence; what could be the start of one is held back."""

    def __init__(self, stops: Sequence[str], emit: Emit) -> None:
        self.found = False
        self._stops = stops
        self._emit = emit
        self._held = ""

    def feed(self, text: str) -> None:
        """Take more text."""
        if self.found:
            return
        self._held += text
        places = [place for stop in self._stops if (place := self._held.find(stop)) >= 0]
        if places:
            self.found = True
            self._pass(min(places))
            return
        self._pass(len(self._held) - self._possible_start())

    def close(self) -> None:
        """No more text comes: what was held back was no stop sequence."""
        if not self.found:
            self._pass(len(self._held))

    def _pass(self, length: int) -> None:
        ready, self._held = self._held[:length], self._held[length:]
        if ready:
            self._emit(ready)

    def _possible_start(self) -> int:
        """The length of the longest ending that a stop sequence begins with."""
        longest = max((len(stop) for stop in self._stops), default=0)
        for length in range(min(longest - 1, len(self._held)), 0, -1):
            if any(stop.startswith(self._held[-length:]) for stop in self._stops):
                return length
        return 0


class TokenText:
    """A streamer for transformers' generate(): counts the new tokens and decodes them as they come.

    A character may span tokens, and a token's text may depend on the one before, so each step decodes
    the last two pieces together and passes on the difference.
    """

    def __init__(self, tokenizer: Any, stop_ids: Collection[int], text: StopText) -> None:
        self.tokens = 0
        self.ended = False
        self._tokenizer = tokenizer
        self._stop_ids = stop_ids
        self._text = text
        self._ids: list[int] = []
        self._shown = 0
        self._read = 0
        self._prompt = True

    def put(self, value: Any) -> None:
        """Take the prompt, which comes first, or a new token."""
        if self._prompt:
            self._prompt = False
            return
        for token in value.flatten().tolist():
            self.tokens += 1
            if token in self._stop_ids:
                self.ended = True
            elif not self.ended:
                self._ids.append(token)
                self._show(final=False)

    def end(self) -> None:
        """No more tokens come."""
        self._show(final=True)
        self._text.close()

    def _show(self, *, final: bool) -> None:
        text = self._decode(self._ids[self._shown :])
        if text.endswith("\ufffd") and not final:
            return
        known = self._decode(self._ids[self._shown : self._read])
        self._text.feed(text[len(known) :])
        self._shown, self._read = self._read, len(self._ids)

    def _decode(self, ids: list[int]) -> str:
        text: str = self._tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text
