"""Node types, templates, services and secrets."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from executor.api.models.common import Asked, Model
from nodegraph.problems import Problem


class NodeTypeDetail(Model):
    """A node type, as `nodegraph nodes TYPE --json` has it."""

    model_config = ConfigDict(extra="allow")

    id: str = Field(description="Its id, such as train.sft.")
    title: str = Field(description="What people call it.")
    category: str = Field(description="Where it stands in the palette.")
    summary: str = Field(description="What it does, in a sentence.")
    inputs: dict[str, Any] | None = Field(description="Its inputs; null where they depend on parameters.")
    outputs: dict[str, Any] | None = Field(description="Its outputs; null where they depend on parameters.")
    parameters: dict[str, Any] = Field(description="Its parameters as JSON Schema.")
    resources: dict[str, Any] = Field(description="What it asks for by default.")
    environment: str | None = Field(description="The requirements that it runs in.")


class NodeTypeList(Model):
    """The node types."""

    node_types: list[NodeTypeDetail] = Field(description="By category.")


class TemplateSummary(Model):
    """A pipeline to start from."""

    name: str = Field(description="Its id.")
    title: str = Field(description="What the gallery calls it.")
    description: str = Field(description="What it does.")
    tags: list[str] = Field(description="Words to filter by.")
    node_count: int = Field(description="How many nodes it has.")


class TemplateList(Model):
    """The gallery."""

    templates: list[TemplateSummary] = Field(description="By name.")


class TemplateDetail(TemplateSummary):
    """A template with what it asks for."""

    parameters: dict[str, dict[str, Any]] = Field(description="What it asks for, by name.")
    text: str = Field(description="Its pipeline file.")
    problems: list[Problem] = Field(description="What is wrong with it, where something is.")


class TemplateUse(Asked):
    """A pipeline to make from a template."""

    params: dict[str, Any] = Field({}, description="Values of its parameters, by name.")
    name: str | None = Field(None, description="What the pipeline is to be named; made from the template's.")
    title: str = Field("", description="What people call it; the template's title by default.")


class ServiceDetail(Model):
    """A deployed service as it stands now."""

    model_config = ConfigDict(from_attributes=True, extra="ignore")

    name: str = Field(description="Its name.")
    state: str = Field(description="starting, healthy, unhealthy, stopped or failed.")
    reason: str = Field(description="Why it is in that state.")
    base_url: str = Field(description="Where it answers, in OpenAI's protocol.")
    chat: bool = Field(description="Whether it takes conversations.")
    api_key: str | None = Field(description="The name of the secret that it asks for.")
    run_id: int | None = Field(description="The run that deployed it.")
    node: str | None = Field(description="The node that deployed it.")
    model_digest: str | None = Field(description="The artifact that it serves.")
    created: float = Field(description="In seconds since the epoch.")
    started: float | None = Field(description="In seconds since the epoch.")
    stopped: float | None = Field(description="In seconds since the epoch.")
    last_used: float | None = Field(description="In seconds since the epoch.")


class ServiceList(Model):
    """The deployed services."""

    services: list[ServiceDetail] = Field(description="The latest first.")


class SecretName(Model):
    """A secret that is set; its value is never told."""

    name: str = Field(description="What pipelines name it by.")


class SecretList(Model):
    """The secrets of the data directory."""

    secrets: list[SecretName] = Field(description="By name.")
