"""Uploads: files that browsers send become datasets, streamed to disk, with limits that the server keeps.

`POST /upload/dataset?name=NAME&original=FILE` with the file as the body. The header X-NodeGraph is one that
forms of other sites cannot send. Answers are JSON: the dataset's version, or {message, hint}.
"""

from __future__ import annotations

import asyncio
import errno
import shutil
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, BinaryIO, cast

from fastapi import FastAPI
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from executor.services.datasets import MAX_BYTES, DatasetView
from nodegraph.errors import InvalidInput
from ui.site import Site

PATH = "/upload/dataset"
HEADER = "x-nodegraph"
_IDLE_SECONDS = 120
_SPARE_BYTES = 256 * 1024**2
_AT_ONCE = 16


class Refused(Exception):
    """An upload that is not taken: a status, a sentence, and what to do."""

    def __init__(self, status: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.status, self.message, self.hint = status, message, hint


def limit_of(site: Site) -> int:
    """The largest upload in bytes."""
    return min(int(site.options.max_upload_gb * 1e9), MAX_BYTES)


def register(app: FastAPI, site: Site) -> None:
    """Take uploads at `PATH`."""
    threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="upload")

    async def upload(request: Request) -> Response:
        try:
            size = _check(request, site)
            return JSONResponse(_described(await _receive(request, site, size, threads)), 201)
        except Refused as refusal:
            return _refusal(refusal.status, refusal.message, refusal.hint)
        except InvalidInput as error:
            return _refusal(422, error.message, error.hint)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it

    app.post(PATH, include_in_schema=False)(upload)


def _check(request: Request, site: Site) -> int | None:
    """What the request announces, in bytes; Refused before anything is read."""
    if HEADER not in request.headers:
        raise Refused(403, "The header X-NodeGraph is missing.", "Send it with any value.")
    if request.headers.get("content-type", "") != "application/octet-stream":
        raise Refused(
            422, "An upload is the file itself, sent as application/octet-stream.",
            "A path on the server is named as the source; it is not uploaded.",
        )  # fmt: skip
    if not request.query_params.get("name"):
        raise Refused(422, "The dataset has no name.", "Give one as ?name=…")
    announced = request.headers.get("content-length")
    if announced is None:
        return None
    size = int(announced) if announced.isdigit() else 0
    _check_size(size, limit_of(site))
    free = shutil.disk_usage(site.workspace.data_dir.datasets).free
    if size + _SPARE_BYTES > free:
        raise _no_room(f"The file has {size / 1e9:.1f} GB; the disk has {free / 1e9:.1f} GB left.")
    return size


async def _receive(
    request: Request, site: Site, size: int | None, threads: ThreadPoolExecutor
) -> DatasetView:
    loop = asyncio.get_running_loop()
    body = _Body(request.stream(), loop, limit_of(site))
    await body.begin()
    query = request.query_params
    kept = loop.run_in_executor(
        threads, site.workspace.datasets.add, query["name"], cast(BinaryIO, body),
        query.get("original", ""), size,
    )  # fmt: skip
    try:
        return await kept
    except asyncio.CancelledError:
        body.cut = True
        raise
    except FutureTimeout:
        raise Refused(408, "The upload stood still for too long.", "Send the file again.") from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _no_room("The disk is full.") from error
        raise


class _Body:
    """A request's body as a file for a thread: it is asked for piece by piece, so that none piles up."""

    def __init__(self, stream: AsyncIterator[bytes], loop: asyncio.AbstractEventLoop, limit: int) -> None:
        self._stream, self._loop, self._limit = stream, loop, limit
        self._held = b""
        self._count = 0
        self.cut = False

    async def begin(self) -> None:
        """Wait for the first piece; Refused where there is none."""
        self._held = await self._next()
        if not self._held:
            raise Refused(422, "The file is empty.", "Choose a file with rows in it.")

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size`; empty at the end."""
        if not self._held:
            if self.cut:
                raise ClientDisconnect
            self._held = asyncio.run_coroutine_threadsafe(self._next(), self._loop).result(_IDLE_SECONDS)
        piece, self._held = self._held[:size], self._held[size:]
        return piece

    async def _next(self) -> bytes:
        async for piece in self._stream:
            if piece:
                self._count += len(piece)
                _check_size(self._count, self._limit)
                return piece
        return b""


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise Refused(
            413, f"The file is larger than {limit / 1e9:g} GB.",
            "Name its path as the source instead, or split it.",
        )  # fmt: skip


def _no_room(message: str) -> Refused:
    return Refused(507, message, "Free some space, or move the data directory to a larger disk.")


def _refusal(status: int, message: str, hint: str) -> Response:
    # What is left of the body is not wanted: the connection ends with the answer.
    return JSONResponse({"message": message, "hint": hint}, status, {"connection": "close"})


def _described(view: DatasetView) -> dict[str, Any]:
    return {
        "name": view.name, "version": view.version, "source": view.source, "original": view.original,
        "bytes": view.bytes, "digest": view.digest,
    }  # fmt: skip
