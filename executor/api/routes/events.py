"""What happens in a run as server-sent events: first how it stands, then every change, to its end."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Header
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from executor.api.reading import RunId, Space, router_at
from executor.services.following import Watcher
from executor.services.runs import Update

router = router_at("/runs/{run}", "runs")
LastId = Annotated[str | None, Header(alias="Last-Event-ID", description="The last event that was seen.")]
_LOOK_SECONDS = 0.1
# Looked at even where nothing stirs; and a sign of life for proxies.
_LOOK_ANYWAY_SECONDS = 2.0
_HEARTBEAT_SECONDS = 15.0
_END = "end"
_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
    204: {"description": "The client has seen the end of the run already."},
}


@router.get("/events", response_class=StreamingResponse, responses=_RESPONSES)
def follow_run(space: Space, run: RunId, last: LastId = None) -> Response:
    """Events `run`, `node`, `progress`, `metric` and `log`, after those that say how the run stands now."""
    if last == _END:
        # A browser that is answered 204 does not come back once more.
        return Response(status_code=204)
    watcher = space.runs.watch(run)
    number = int(last) if last and last.isascii() and last.isdigit() and len(last) < 16 else 0
    body = _events(watcher, number)
    return StreamingResponse(body, media_type="text/event-stream", headers=_HEADERS)


async def _events(watcher: Watcher, number: int) -> AsyncIterator[str]:
    """The lines of the stream. Nothing waits in a thread, so nothing outlives a client that goes."""
    try:
        yield "retry: 1000\n\n"
        looked, said, ended = 0.0, time.monotonic(), False
        while not ended:
            if watcher.stirred() or time.monotonic() - looked > _LOOK_ANYWAY_SECONDS:
                looked = time.monotonic()
                updates, ended = await run_in_threadpool(watcher.look)
                for update in updates:
                    number += 1
                    yield _event(update, number)
                said = looked if updates else said
            if not ended:
                if time.monotonic() - said > _HEARTBEAT_SECONDS:
                    said = time.monotonic()
                    yield ": still here\n\n"
                await asyncio.sleep(_LOOK_SECONDS)
        yield f"event: end\nid: {_END}\ndata: {{}}\n\n"
    finally:
        watcher.close()


def _event(update: Update, number: int) -> str:
    data = {"run": update.run, "node": update.node, **update.data}
    return f"event: {update.kind}\nid: {number}\ndata: {json.dumps(data)}\n\n"
