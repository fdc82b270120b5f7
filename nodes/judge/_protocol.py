"""What is said to an OpenAI-compatible service and how its answers are read; no connection here."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from nodes.judge._reply import InvalidReply

FORMS = ("json_schema", "json_object", "none")


class Passing(Exception):
    """The service could not answer now and may later; `wait` is what it asked for, in seconds."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait


class Declined(Exception):
    """The service does not take this question; asking again would not help."""


@dataclass(frozen=True)
class Settings:
    """Where the service is and how it is asked."""

    base_url: str
    model: str
    temperature: float | None
    seed: int | None
    max_tokens: int
    timeout: float
    response_format: str
    connections: int


@dataclass
class Usage:
    """What was asked and used, over all requests."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    formats: set[str] = field(default_factory=set)


def body_of(
    settings: Settings, messages: Sequence[dict[str, str]], schema: dict[str, Any], salt: int, form: str
) -> dict[str, Any]:
    """The body of a request for a chat completion; `salt` is added to the seed."""
    body: dict[str, Any] = {"model": settings.model, "messages": list(messages)}
    if settings.temperature is not None:
        body["temperature"] = settings.temperature
    if settings.seed is not None:
        body["seed"] = settings.seed + salt
    if settings.max_tokens:
        body["max_tokens"] = settings.max_tokens
    if form == "json_schema":
        named = {"name": "verdict", "strict": True, "schema": schema}
        body["response_format"] = {"type": form, "json_schema": named}
    elif form == "json_object":
        body["response_format"] = {"type": form}
    return body


def content_of(body: bytes, usage: Usage) -> str:
    """The text of a chat completion; the tokens it took are added to `usage`."""
    try:
        reply = json.loads(body)
        used = reply.get("usage") or {}
        choice = reply["choices"][0]
        text = choice["message"]["content"]
        cut = choice.get("finish_reason") == "length"
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidReply("the service's answer is no chat completion") from error
    if isinstance(used, dict):
        usage.prompt_tokens += _count(used.get("prompt_tokens"))
        usage.completion_tokens += _count(used.get("completion_tokens"))
    if not isinstance(text, str):
        raise InvalidReply("the reply is empty")
    if cut:
        raise InvalidReply("the reply was cut off; raise max_tokens")
    return text


def error_text(body: bytes) -> str:
    """What an error's body says: its message where it has one in the usual place."""
    text = body.decode("utf-8", "replace")
    try:
        found = json.loads(text)
        inner = found.get("error", found)
        return str(inner.get("message", inner)) if isinstance(inner, dict) else str(inner)
    except (ValueError, AttributeError, RecursionError):
        return text


def wait_of(header: str) -> float:
    """The seconds a Retry-After header asks for: a number, or a date."""
    try:
        seconds = float(header)
        return max(0.0, seconds) if math.isfinite(seconds) else 0.0
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0
