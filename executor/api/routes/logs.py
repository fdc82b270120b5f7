"""Logs: the bytes as they were written, whole, in part, or as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Header, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from executor.api.errors import error_answer
from executor.api.ranges import Unsatisfiable, wanted_range
from executor.api.reading import NodeId, Offset, RunId, Space, router_at
from executor.services.log_following import LogFollower

router = router_at("/runs/{run}/nodes/{node}", "nodes")
Attempt = Annotated[int | None, Query(ge=1, le=2**53, description="Which attempt; the latest by default.")]
Bytes = Annotated[int | None, Query(ge=0, le=2**53, description="How many bytes at most; all by default.")]
Range = Annotated[str | None, Header(description="One range of bytes; of several, none is taken.")]
Follow = Annotated[bool, Query(description="Whether to go on until the node has ended.")]
_TEXT = "text/plain; charset=utf-8"
_AGAIN_SECONDS = 0.25
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string", "format": "binary"}}}},
    206: {"description": "The range that was asked for."},
    416: {"description": "The range begins behind the end."},
}


@router.get("/log", response_class=StreamingResponse, responses=_RESPONSES)
def get_log(
    space: Space,
    run: RunId,
    node: NodeId,
    attempt: Attempt = None,
    offset: Offset = 0,
    limit: Bytes = None,
    follow: Follow = False,
    range: Range = None,
) -> Response:
    """The log of a node, byte for byte; with `follow`, what is written until the node has ended."""
    if follow:
        follower = LogFollower(space.runs, run, node, attempt, offset)
        return StreamingResponse(_followed(follower), media_type=_TEXT, headers={"cache-control": "no-store"})
    size = space.runs.log_size(run, node, attempt)
    headers = {"accept-ranges": "bytes"}
    try:
        part = wanted_range(range, size)
    except Unsatisfiable:
        headers["content-range"] = f"bytes */{size}"
        return error_answer(416, "bad-range", f"The log has {size} bytes.", headers=headers)
    start = min(offset, size) if part is None else part[0]
    end = part[1] if part else size if limit is None else min(size, start + limit)
    if part:
        headers["content-range"] = f"bytes {start}-{end - 1}/{size}"
    headers["content-length"] = str(end - start)
    body = space.runs.log_pieces(run, node, attempt, offset=start, limit=end - start)
    return StreamingResponse(body, 206 if part else 200, media_type=_TEXT, headers=headers)


async def _followed(follower: LogFollower) -> AsyncIterator[bytes]:
    """What is in the log, then what comes; a client that goes ends this, and no thread waits meanwhile."""
    ended = False
    while not ended:
        chunk, ended = await run_in_threadpool(follower.read)
        if chunk:
            yield chunk
        elif not ended:
            await asyncio.sleep(_AGAIN_SECONDS)
