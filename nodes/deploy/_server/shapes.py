"""The answers in the shapes that OpenAI's clients read: whole, and as the chunks of a stream."""

from __future__ import annotations

import time
import uuid
from typing import Any, Literal

Reason = Literal["stop", "length"]


class Usage:
    """Counts the tokens of one request."""

    def __init__(self, prompt: int) -> None:
        self.prompt = prompt
        self.completion = 0

    def body(self) -> dict[str, int]:
        """The JSON of the count."""
        return {
            "prompt_tokens": self.prompt,
            "completion_tokens": self.completion,
            "total_tokens": self.prompt + self.completion,
        }


class Shape:
    """One request's answer; the subclasses say what chat and plain completions do differently."""

    prefix: str
    whole_object: str
    chunk_object: str

    def __init__(self, model: str) -> None:
        self.head = {"id": f"{self.prefix}-{uuid.uuid4().hex}", "created": int(time.time()), "model": model}

    def whole(self, texts: list[str], reasons: list[Reason], usage: Usage) -> dict[str, Any]:
        """The answer at once."""
        choices = [
            self._choice(index, self._message(text), reason)
            for index, (text, reason) in enumerate(zip(texts, reasons, strict=True))
        ]
        return {**self.head, "object": self.whole_object, "choices": choices, "usage": usage.body()}

    def opening(self, index: int) -> dict[str, Any] | None:
        """The chunk that opens a choice, None where there is none."""
        return None

    def piece(self, index: int, text: str) -> dict[str, Any]:
        """A chunk with text."""
        return self._chunk([self._choice(index, self._delta(text), None)])

    def closing(self, index: int, reason: Reason) -> dict[str, Any]:
        """The chunk that closes a choice and says why it ended."""
        return self._chunk([self._choice(index, self._delta(""), reason)])

    def counted(self, usage: Usage) -> dict[str, Any]:
        """The last chunk of a stream that was asked to count."""
        return {**self._chunk([]), "usage": usage.body()}

    def _chunk(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {**self.head, "object": self.chunk_object, "choices": choices}

    def _choice(self, index: int, content: dict[str, Any], reason: Reason | None) -> dict[str, Any]:
        return {"index": index, **content, "logprobs": None, "finish_reason": reason}

    def _message(self, text: str) -> dict[str, Any]:
        raise NotImplementedError

    def _delta(self, text: str) -> dict[str, Any]:
        raise NotImplementedError


class Chat(Shape):
    """The answer to /v1/chat/completions."""

    prefix = "chatcmpl"
    whole_object = "chat.completion"
    chunk_object = "chat.completion.chunk"

    def opening(self, index: int) -> dict[str, Any]:
        """The chunk that names the speaker."""
        return self._chunk([self._choice(index, {"delta": {"role": "assistant", "content": ""}}, None)])

    def _message(self, text: str) -> dict[str, Any]:
        return {"message": {"role": "assistant", "content": text, "refusal": None}}

    def _delta(self, text: str) -> dict[str, Any]:
        return {"delta": {"content": text} if text else {}}


class Completion(Shape):
    """The answer to /v1/completions."""

    prefix = "cmpl"
    whole_object = "text_completion"
    chunk_object = "text_completion"

    def _message(self, text: str) -> dict[str, Any]:
        return {"text": text}

    def _delta(self, text: str) -> dict[str, Any]:
        return {"text": text}
