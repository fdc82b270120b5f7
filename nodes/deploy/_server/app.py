"""The HTTP interface: /health, /v1/models, /v1/chat/completions, /v1/completions."""

from __future__ import annotations

import json
import os
import time
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.exceptions import HTTPException

from nodes.deploy._server.answer import Answer, ClientGone, Piece, unless_gone
from nodes.deploy._server.errors import ApiError, error_body
from nodes.deploy._server.gate import Gate
from nodes.deploy._server.generation import Generator, Settings
from nodes.deploy._server.guard import Guard
from nodes.deploy._server.protocol import ChatRequest, CompletionRequest, Sampling
from nodes.deploy._server.service import Service
from nodes.deploy._server.shapes import Chat, Completion, Reason, Shape, Usage

CLIENT_GONE = 499
NO_STORE = {"Cache-Control": "no-store"}


def build_app(service: Service, generator: Generator, gate: Gate, key: str | None) -> FastAPI:
    """The application that serves one model."""
    api = Api(service, generator, gate)
    body_limit = int(service.limits.max_body_mb * 2**20)
    app = FastAPI(title=service.name, docs_url=None, redoc_url=None, max_body_size=body_limit)
    app.add_middleware(Guard, key=key, body_limit=body_limit)
    app.add_api_route("/health", api.health)
    app.add_api_route("/v1/models", api.models)
    app.add_api_route("/v1/models/{name:path}", api.model)
    app.add_api_route("/v1/chat/completions", api.chat, methods=["POST"])
    app.add_api_route("/v1/completions", api.completions, methods=["POST"])
    for raised, answer in ANSWERS.items():
        app.add_exception_handler(raised, answer)
    return app


class Api:
    """The routes of one service."""

    def __init__(self, service: Service, generator: Generator, gate: Gate) -> None:
        self._service = service
        self._generator = generator
        self._gate = gate
        self._started = int(time.time())

    async def health(self) -> dict[str, Any]:
        """Whether the service answers, and how busy it is."""
        gate = self._gate
        busy = {"active": gate.active, "queued": gate.waiting, "served": gate.served}
        idle = {"idle_seconds": round(gate.idle_seconds(), 1)}
        who = {"name": self._service.name, "pid": os.getpid(), "started": self._started}
        return {"status": "ok", **who, **busy, **idle}

    async def models(self) -> dict[str, Any]:
        """The models that the service has: one."""
        return {"object": "list", "data": [await self.model(self._service.name)]}

    async def model(self, name: str) -> dict[str, Any]:
        """One model by its name."""
        self._know(name)
        return {"id": name, "object": "model", "created": self._started, "owned_by": "nodegraph"}

    async def chat(self, body: ChatRequest, request: Request) -> Response:
        """The next message of a conversation."""
        self._know(body.model)
        messages = [message.plain() for message in body.messages]
        system = self._service.defaults.system_prompt
        if system and messages[0]["role"] != "system":
            messages.insert(0, {"role": "system", "content": system})
        prompt = self._generator.chat_prompt(messages)
        return await self._respond(body, [prompt], Chat(self._service.name), request)

    async def completions(self, body: CompletionRequest, request: Request) -> Response:
        """The text that follows each prompt."""
        self._know(body.model)
        prompts = [
            given if isinstance(given, list) else self._generator.prompt(given) for given in body.prompts()
        ]
        return await self._respond(body, prompts, Completion(self._service.name), request)

    async def _respond(
        self, body: Sampling, prompts: list[list[int]], shape: Shape, request: Request
    ) -> Response:
        settings = _settings(body, self._service, self._generator, prompts)
        usage = Usage(sum(len(ids) for ids in prompts))
        await unless_gone(request, self._gate.enter())
        choices = [ids for ids in prompts for _ in range(body.n)]
        answer = Answer(self._gate, self._generator, choices, settings)
        if body.stream:
            events = _events(answer, shape, usage, body.include_usage)
            return StreamingResponse(events, media_type="text/event-stream", headers=NO_STORE)
        try:
            return JSONResponse(await unless_gone(request, _whole(answer, shape, usage)))
        finally:
            answer.cancel()

    def _know(self, name: str) -> None:
        own = self._service.name
        if name != own:
            message = f"There is no model {name!r} here; this service has {own!r}."
            raise ApiError(404, message, "model_not_found", "model")


def _settings(body: Sampling, service: Service, generator: Generator, prompts: list[list[int]]) -> Settings:
    """The request's wishes, the service's defaults where it has none, within what the context holds."""
    wanted = body.new_tokens() or service.defaults.max_new_tokens
    rooms = [room for ids in prompts if (room := generator.room(ids)) is not None]
    return Settings(
        max_new_tokens=min([wanted, *rooms]),
        temperature=service.defaults.temperature if body.temperature is None else body.temperature,
        top_p=body.top_p,
        seed=body.seed,
        stop=tuple(body.stop),
        presence_penalty=body.presence_penalty,
        frequency_penalty=body.frequency_penalty,
    )


async def _whole(answer: Answer, shape: Shape, usage: Usage) -> dict[str, Any]:
    texts: dict[int, str] = {}
    reasons: list[Reason] = []
    async for item in answer:
        if isinstance(item, Piece):
            texts[item.index] = texts.get(item.index, "") + item.text
        else:
            reasons.append(item.outcome.reason)
            usage.completion += item.outcome.tokens
    return shape.whole([texts.get(index, "") for index in range(len(reasons))], reasons, usage)


async def _events(answer: Answer, shape: Shape, usage: Usage, count: bool) -> AsyncIterator[str]:
    opened: set[int] = set()
    try:
        async for item in answer:
            if item.index not in opened:
                opened.add(item.index)
                if opening := shape.opening(item.index):
                    yield _event(opening)
            if isinstance(item, Piece):
                yield _event(shape.piece(item.index, item.text))
            else:
                usage.completion += item.outcome.tokens
                yield _event(shape.closing(item.index, item.outcome.reason))
        if count:
            yield _event(shape.counted(usage))
        yield "data: [DONE]\n\n"
    except Exception as error:  # the status is sent already: say it in the stream
        yield _event(error_body(500, f"The generation failed: {error}"))
    finally:
        answer.cancel()


def _event(body: dict[str, Any]) -> str:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"


async def _api_error(_: Request, error: ApiError) -> Response:
    headers = {"Retry-After": "1"} if error.status == 429 else None
    return JSONResponse(error.body(), error.status, headers)


async def _bad_input(_: Request, error: RequestValidationError) -> Response:
    first = error.errors()[0]
    if first["type"] in ("json_invalid", "model_attributes_type"):
        message = "The body is no JSON object. Send one, with Content-Type: application/json."
        return JSONResponse(error_body(400, message, "invalid_json"), 400)
    param = ".".join(str(part) for part in first["loc"][1:] if isinstance(part, (str, int))) or None
    message = f"{param}: {first['msg']}" if param else first["msg"]
    return JSONResponse(error_body(400, message, "invalid_value", param), 400)


async def _http_error(_: Request, error: HTTPException) -> Response:
    return JSONResponse(error_body(error.status_code, str(error.detail)), error.status_code)


async def _gone(_: Request, error: ClientGone) -> Response:
    return Response(status_code=CLIENT_GONE)


async def _broken(_: Request, error: Exception) -> Response:
    return JSONResponse(error_body(500, f"The generation failed: {type(error).__name__}: {error}"), 500)


# Every error in OpenAI's shape, whoever raises it.
ANSWERS: dict[type[Exception], Any] = {
    ApiError: _api_error,
    RequestValidationError: _bad_input,
    HTTPException: _http_error,
    ClientGone: _gone,
    Exception: _broken,
}
