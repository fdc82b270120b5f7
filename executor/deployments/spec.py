"""What is to be served: the service.json that a deploy node wrote, as far as starting it goes."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nodegraph.errors import NodeFailure
from nodegraph.pipeline import NAME_PATTERN

FILE = "service.json"


class ModelRef(BaseModel):
    """The model served."""

    model_config = ConfigDict(extra="allow")

    path: str
    digest: str | None = None


class ServiceSpec(BaseModel):
    """One service; the fields that only its server understands are passed on as they are.

    `module` is run as `python -m`, so it must be one of the node types' own.
    """

    model_config = ConfigDict(extra="allow", protected_namespaces=())

    name: str = Field(pattern=NAME_PATTERN)
    module: str = Field(pattern=r"^nodes(\.[a-z_][a-z0-9_]*)+$")
    environment: str = "serve"
    model: ModelRef
    chat: bool = True
    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)
    port_fixed: bool = False
    base_url: str = ""
    api_key: str | None = None

    def at_port(self, port: int) -> ServiceSpec:
        """The same service at another port."""
        return self.model_copy(update={"port": port, "base_url": f"http://{self.host}:{port}/v1"})


def read_spec(artifact: Path) -> ServiceSpec:
    """The service.json of an artifact."""
    try:
        return ServiceSpec.model_validate_json((artifact / FILE).read_bytes())
    except (OSError, ValidationError) as error:
        raise NodeFailure(
            "input",
            f"{artifact.name[:12]} describes no service: {FILE} is missing or wrong.",
            "Wire the output of a deploy node.",
        ) from error
