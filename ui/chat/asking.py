"""Asks a service and reads its answer as it comes: OpenAI's interface, streamed, on this machine only."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx

from ui.chat.conversation import Problem

# A queue and a long prompt may keep the first token waiting for minutes.
_TIMEOUT = httpx.Timeout(300, connect=5)
_LONGEST_EVENT = 4 * 2**20


@dataclass(frozen=True)
class Piece:
    """More text; `cut`: it ends because it was long enough; `tokens`: how many there were, at the end."""

    text: str = ""
    cut: bool = False
    tokens: int | None = None


class NoAnswer(Exception):
    """The service gave no answer, or not all of it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence)
        self.problem = problem


BROKEN_OFF = Problem("The service ended in the middle of its answer.", "Its log says why.", "start")


async def ask(port: int, path: str, body: dict[str, Any], key: str | None) -> AsyncIterator[Piece]:
    """The answer of the service at a port, piece by piece; NoAnswer says why there is none.

    Only a port is taken, never an address: the key must not leave this machine.
    """
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    asked = {**body, "stream": True, "stream_options": {"include_usage": True}}
    url = f"http://127.0.0.1:{port}/v1/{path}"
    try:
        async with (
            httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False, verify=False) as client,
            client.stream("POST", url, json=asked, headers=headers) as answer,
        ):
            if answer.status_code != 200:
                raise NoAnswer(_refusal(answer.status_code, await answer.aread()))
            async for piece in _pieces(answer):
                yield piece
    except httpx.ConnectError:
        raise NoAnswer(
            Problem("The service does not answer.", "It may have been stopped.", "start")
        ) from None
    except httpx.TimeoutException:
        raise NoAnswer(Problem("The service said nothing for five minutes.", "", "again")) from None
    except (httpx.HTTPError, ValueError):
        raise NoAnswer(BROKEN_OFF) from None


async def _pieces(answer: httpx.Response) -> AsyncIterator[Piece]:
    """Server-sent events; lines end with a line feed only, as a text may hold every other separator."""
    buffer = b""
    async for chunk in answer.aiter_bytes():
        *lines, buffer = (buffer + chunk).split(b"\n")
        if len(buffer) > _LONGEST_EVENT:
            raise ValueError("an event without end")
        for line in lines:
            if line == b"data: [DONE]":
                return
            if line.startswith(b"data: "):
                yield _piece(json.loads(line[6:]))
    raise NoAnswer(BROKEN_OFF)


def _piece(event: dict[str, Any]) -> Piece:
    if "error" in event:
        raise NoAnswer(Problem(str(event["error"].get("message")), "Its log says more.", "again"))
    choice: dict[str, Any] = next(iter(event.get("choices") or []), {})
    said = choice.get("text") or (choice.get("delta") or {}).get("content") or ""
    tokens = (event.get("usage") or {}).get("completion_tokens")
    return Piece(str(said), choice.get("finish_reason") == "length", tokens)


def _refusal(status: int, body: bytes) -> Problem:
    try:
        error = json.loads(body)["error"]
        sentence, code = str(error["message"]), error.get("code")
    except (ValueError, KeyError, TypeError, AttributeError):
        sentence, code = f"The service answered with status {status}.", None
    if code == "context_length_exceeded":
        return Problem(sentence, "Ask without what was said before, or ask something shorter.", "afresh")
    if status == 401:
        hint = "The service was started with another value of its key. Stop it and start it again."
        return Problem("The service does not take the key.", hint)
    if status == 429:
        return Problem(sentence, "", "again")
    return Problem(sentence)
