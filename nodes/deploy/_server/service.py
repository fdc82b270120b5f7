"""What a service is told: the fields of service.json, as nodes/deploy/service.py writes them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

MODULE = "nodes.deploy._server"

Device = Literal["auto", "cpu", "gpu"]
Precision = Literal["auto", "fp32", "bf16", "fp16"]


class Model(BaseModel):
    """A model directory, or a hub id where it is an adapter's base; `digest` names it in the store."""

    path: str
    digest: str | None = None


class Limits(BaseModel):
    """When a service ends by itself (0: never), and how much it takes on at once."""

    idle_minutes: float = 0
    lifetime_hours: float = 0
    max_concurrency: int = 2
    queue: int = 16
    max_body_mb: float = 4


class Defaults(BaseModel):
    """What a request gets that does not say."""

    max_new_tokens: int = 256
    temperature: float = 0.7
    system_prompt: str = ""


class Service(BaseModel):
    """One service. `port_fixed` false means that another free port will do; `api_key` names a secret."""

    model_config = ConfigDict(protected_namespaces=())

    name: str
    module: str = MODULE
    environment: str = "serve"
    model: Model
    base: Model | None = None
    chat: bool = True
    host: str = "127.0.0.1"
    port: int
    port_fixed: bool = False
    base_url: str = ""
    api_key: str | None = None
    device: Device = "auto"
    precision: Precision = "auto"
    limits: Limits = Limits()
    defaults: Defaults = Defaults()
