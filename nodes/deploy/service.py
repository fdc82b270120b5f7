"""Serves a model behind an OpenAI-compatible HTTP interface on this machine, after the run has ended, too.

The node checks that the model can be served and writes what is to be started; the engine then starts it
as a process of its own, which outlives the run.
"""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from nodegraph import Context, Field, Inputs, NodeFailure, NodeParams, NodeType, Outputs, Port, Resources
from nodes.common.models import is_adapter, read_card, write_card
from nodes.common.preview import text, values
from nodes.deploy._checks import check_adapter, check_weights, has_chat_template
from nodes.deploy._server.service import Defaults, Device, Limits, Model, Precision, Service

FILE = "service.json"
HOST = "127.0.0.1"


class Params(NodeParams):
    """How the model is served, and for how long."""

    name: str = Field(
        "model",
        title="Name",
        help="What clients give as `model`. Deploying a name again replaces the service that has it.",
        pattern=r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$",
    )
    port: int = Field(0, ge=0, le=65535, title="Port", help="0 takes any free port.")
    api_key: str | None = Field(
        None, title="API key", help="The secret that clients must send. Without one, none is asked for.",
        widget="secret",
    )  # fmt: skip
    idle_minutes: float = Field(
        120, ge=0, title="Stop when idle for", unit="minutes", help="0 never stops it for that."
    )
    lifetime_hours: float = Field(
        0, ge=0, title="Stop after", unit="hours", help="However busy it is; 0 sets no end."
    )
    max_new_tokens: int = Field(
        256, ge=1, le=1_000_000, title="Longest answer", unit="tokens", group="Generation",
        help="Where a request does not say.",
    )  # fmt: skip
    temperature: float = Field(
        0.7, ge=0, le=2, title="Temperature", group="Generation",
        help="Where a request does not say. 0 always takes the likeliest token.",
    )  # fmt: skip
    system_prompt: str = Field(
        "", title="System prompt", group="Generation", widget="textarea",
        help="Put before conversations that have none of their own.",
    )  # fmt: skip
    max_concurrency: int = Field(
        2, ge=1, le=256, title="Requests at once", group="Advanced", help="More wait in the queue."
    )
    queue: int = Field(
        16, ge=0, le=10_000, title="Queue", group="Advanced", help="More are turned away with status 429."
    )
    max_body_mb: float = Field(4, gt=0, le=1024, title="Largest request", unit="MB", group="Advanced")
    device: Device = Field(
        "auto", title="Device", group="Advanced", help="auto takes a GPU where there is one."
    )
    precision: Precision = Field(
        "auto", title="Precision", group="Advanced", help="auto: bf16 on a GPU, fp32 on a CPU."
    )


NODE = NodeType(
    title="Service",
    category="deploy",
    params=Params,
    inputs={"model": Port("model", help="Full weights, or an adapter, which is served on its base.")},
    outputs={"service": Port("service")},
    environment="serve",
    resources=Resources(cpu=1, memory_gb=2),
)


def run(params: Params, inputs: Inputs, outputs: Outputs, ctx: Context) -> None:
    """Check the model and write service.json; the engine starts it."""
    artifact = inputs.artifact("model")
    assert artifact is not None
    if params.api_key is not None:
        ctx.secret(params.api_key)
    model = Model(path=str(artifact.path), digest=artifact.digest)
    base = _base(artifact.path, ctx)
    check_weights(Path(base.path) if base else artifact.path)
    chat = has_chat_template(artifact.path) or (base is not None and has_chat_template(Path(base.path)))
    if not chat:
        ctx.log("The model has no chat template: only /v1/completions will answer.", "warning")
    port = params.port or _free_port()
    service = Service(
        name=params.name,
        model=model,
        base=base,
        chat=chat,
        host=HOST,
        port=port,
        port_fixed=params.port != 0,
        base_url=f"http://{HOST}:{port}/v1",
        api_key=params.api_key,
        device=params.device,
        precision=params.precision,
        limits=Limits.model_validate(params.model_dump(include=set(Limits.model_fields))),
        defaults=Defaults.model_validate(params.model_dump(include=set(Defaults.model_fields))),
    )
    directory = outputs["service"]
    (directory / FILE).write_text(service.model_dump_json(indent=2) + "\n", encoding="utf-8")
    write_card(directory, kind="service", name=params.name, requires=_requires(model, base))
    ctx.log(f"The model can be served as {params.name}.")


def check(outputs: Outputs) -> None:
    """The result is a service.json that the server understands."""
    _read(outputs)


def preview(outputs: Outputs) -> list[dict[str, Any]]:
    """Where the service answers, and how to ask it."""
    service = _read(outputs)
    shown = {
        "name": service.name,
        "address": service.base_url,
        "API key": service.api_key or "none",
        "chat": service.chat,
    }
    return [values("Service", shown), text("Ask it", _example(service))]


def _base(directory: Path, ctx: Context) -> Model | None:
    if not is_adapter(directory):
        return None
    found = check_adapter(directory, ctx)
    return Model(path=found, digest=(read_card(directory).get("base") or {}).get("digest"))


def _requires(model: Model, base: Model | None) -> list[str]:
    return [part.digest for part in (model, base) if part and part.digest]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _read(outputs: Outputs) -> Service:
    path = outputs["service"] / FILE
    if not path.is_file():
        raise NodeFailure("node", f"The node wrote no {FILE}.")
    return Service.model_validate_json(path.read_bytes())


def _example(service: Service) -> str:
    body: dict[str, Any] = {"model": service.name}
    if service.chat:
        body["messages"] = [{"role": "user", "content": "…"}]
    else:
        body["prompt"] = "…"
    path = "chat/completions" if service.chat else "completions"
    key = f' -H "Authorization: Bearer ${service.api_key}"' if service.api_key else ""
    sent = json.dumps(body, ensure_ascii=False)
    return f"curl {service.base_url}/{path}{key} -H 'Content-Type: application/json' -d '{sent}'"
