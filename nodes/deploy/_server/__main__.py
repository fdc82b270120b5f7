"""Starts a service: takes its port, loads its model, answers until it is stopped, idle or too old.

`python -m nodes.deploy._server service.json`, in the service's own directory. The value of the API key
comes on standard input, as a line, so that it stands in no argument, environment or file. How the service
ended is left in exit.json: {reason: stopped|idle|lifetime, message}.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn

from nodegraph import NodeFailure
from nodegraph.uncollected import uncollected
from nodes.deploy._server.app import build_app
from nodes.deploy._server.gate import Gate
from nodes.deploy._server.generation import Generator
from nodes.deploy._server.loading import load
from nodes.deploy._server.service import Service

EXIT_FILE = Path("exit.json")
EXIT_UNUSABLE = 2
GRACE_SECONDS = 5


def main() -> int:
    """Exit status 0 where it ended as it should, 2 where it could not start."""
    service = Service.model_validate_json(Path(sys.argv[1]).read_bytes())
    EXIT_FILE.unlink(missing_ok=True)
    try:
        key = _key(service)
        taken = _take_port(service)
        print(f"Loading {service.model.path}", flush=True)
        with uncollected():
            tokenizer, model = load(service)
    except NodeFailure as failure:
        print(f"{failure.message} {failure.hint}".strip(), file=sys.stderr)
        return EXIT_UNUSABLE
    _serve(service, Generator(tokenizer, model), key, taken)
    return 0


def _key(service: Service) -> str | None:
    """The API key's value; standard input is then closed for good."""
    line = sys.stdin.readline().strip()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if service.api_key and not line:
        message = f"The secret {service.api_key}, the service's API key, is not set."
        raise NodeFailure("input", message, "Set the environment variable of that name, then start it again.")
    return line if service.api_key else None


def _take_port(service: Service) -> socket.socket:
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((service.host, service.port))
    except OSError as error:
        raise NodeFailure(
            "input",
            f"The port {service.port} is taken by something else.",
            "Give the service another port, or 0 for any free one.",
        ) from error
    return taken


def _serve(service: Service, generator: Generator, key: str | None, taken: socket.socket) -> None:
    gate = Gate(service.limits)
    app = build_app(service, generator, gate, key)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = uvicorn.Server(config)
    ended = {"reason": "stopped", "message": "It was stopped."}

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        print(f"Serving {service.name} at {service.base_url}", flush=True)
        watch = asyncio.create_task(_watch(service, gate, server, ended))
        yield
        watch.cancel()
        _write_exit(ended)

    app.router.lifespan_context = lifespan
    server.run(sockets=[taken])


async def _watch(service: Service, gate: Gate, server: uvicorn.Server, ended: dict[str, str]) -> None:
    """End the service when nothing was generated for long, or when its time is over."""
    limits, started = service.limits, time.monotonic()
    while not server.should_exit:
        await asyncio.sleep(0.25)
        if limits.idle_minutes and gate.idle_seconds() > limits.idle_minutes * 60:
            ended.update(reason="idle", message=f"Nothing was generated for {limits.idle_minutes:g} minutes.")
            server.should_exit = True
        elif limits.lifetime_hours and time.monotonic() - started > limits.lifetime_hours * 3600:
            ended.update(
                reason="lifetime", message=f"Its lifetime of {limits.lifetime_hours:g} hours is over."
            )
            server.should_exit = True


def _write_exit(ended: dict[str, str]) -> None:
    print(f"Ended: {ended['message']}", flush=True)
    part = EXIT_FILE.with_suffix(".part")
    part.write_text(json.dumps(ended), encoding="utf-8")
    part.rename(EXIT_FILE)


if __name__ == "__main__":
    sys.exit(main())
