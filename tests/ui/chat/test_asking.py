"""Reading a service's answer as it comes: whole texts whatever is in them, and why there is none."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from ui.chat.asking import NoAnswer, Piece, ask

DONE = b"data: [DONE]\n\n"


def event(**body: Any) -> bytes:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n".encode()


def said(text: str, finish: str | None = None) -> bytes:
    return event(choices=[{"index": 0, "delta": {"content": text}, "finish_reason": finish}])


@asynccontextmanager
async def service(chunks: Sequence[bytes], status: int = 200) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A service that answers with these bytes; its port, and what it was sent."""
    sent: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sent.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(f"HTTP/1.1 {status} X\r\nConnection: close\r\n\r\n".encode())
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], sent


async def pieces(chunks: Sequence[bytes], status: int = 200, key: str | None = None) -> list[Piece]:
    async with service(chunks, status) as (port, _):
        return [piece async for piece in ask(port, "chat/completions", {"model": "m"}, key)]


def text_of(chunks: Sequence[bytes]) -> str:
    return "".join(piece.text for piece in asyncio.run(pieces(chunks)))


def test_pieces_make_the_whole_text():
    assert text_of([said("one "), said("two"), DONE]) == "one two"


def test_a_text_may_hold_every_line_separator():
    odd = "a\u2028b\u0085c\x0bd\x1ce"
    assert text_of([said(odd), DONE]) == odd


def test_events_may_come_in_any_portions():
    whole = said("你好") + said("世界") + DONE
    assert text_of([whole[i : i + 1] for i in range(len(whole))]) == "你好世界"


def test_tokens_and_the_reason_of_the_end_are_told():
    found = asyncio.run(
        pieces([said("x", "length"), event(choices=[], usage={"completion_tokens": 7}), DONE])
    )
    assert found[0].cut and found[-1].tokens == 7


def test_the_key_goes_to_the_service_as_a_header():
    async def sent() -> bytes:
        async with service([DONE]) as (port, requests):
            _ = [piece async for piece in ask(port, "completions", {}, "canary")]
        return requests[0]

    head = asyncio.run(sent())
    assert b"authorization: bearer canary" in head.lower()
    assert head.startswith(b"POST /v1/completions HTTP/1.1")


def refusal(status: int, message: str, code: str | None = None) -> list[bytes]:
    return [json.dumps({"error": {"message": message, "code": code}}).encode()]


@pytest.mark.parametrize(
    ("chunks", "status", "sentence", "remedy"),
    [
        ([said("half")], 200, "in the middle", "start"),
        ([event(error={"message": "The generation failed: out of memory"})], 200, "out of memory", "again"),
        ([b"data: {broken\n\n"], 200, "in the middle", "start"),
        (refusal(400, "The prompt takes 9 tokens", "context_length_exceeded"), 400, "9 tokens", "afresh"),
        (refusal(401, "wrong key", "invalid_api_key"), 401, "does not take the key", ""),
        (refusal(429, "2 requests run", "rate_limit_exceeded"), 429, "2 requests run", "again"),
        ([b"<html>"], 502, "status 502", ""),
    ],
)
def test_why_there_is_no_answer(chunks, status, sentence, remedy):
    with pytest.raises(NoAnswer) as error:
        asyncio.run(pieces(chunks, status))
    assert sentence in error.value.problem.sentence
    assert error.value.problem.remedy == remedy


def test_nobody_at_the_port():
    async def closed() -> int:
        async with service([]) as (port, _):
            return port

    async def asked() -> None:
        _ = [piece async for piece in ask(await closed(), "completions", {}, None)]

    with pytest.raises(NoAnswer) as error:
        asyncio.run(asked())
    assert error.value.problem.remedy == "start"
