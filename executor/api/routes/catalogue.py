"""What there is to work with: node types, templates, datasets, names of secrets."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path

from executor.api.models.artifacts import DatasetList
from executor.api.models.catalogue import (
    NodeTypeDetail,
    NodeTypeList,
    SecretList,
    TemplateDetail,
    TemplateList,
    TemplateUse,
)
from executor.api.models.pipelines import PipelineDetail
from executor.api.reading import Space, router_at
from executor.services.pipelines import PipelineView

router = router_at("", "catalogue")
TypeId = Annotated[str, Path(description="The id of a node type, such as train.sft.")]
Template = Annotated[str, Path(description="The name of a template.")]


@router.get("/node-types", response_model=NodeTypeList)
def list_node_types(space: Space) -> dict[str, Any]:
    """The node types, by category."""
    return {"node_types": space.node_types.list()}


@router.get("/node-types/{type_id}", response_model=NodeTypeDetail)
def get_node_type(space: Space, type_id: TypeId) -> dict[str, Any]:
    """A node type: its ports, and its parameters as JSON Schema."""
    return space.node_types.get(type_id)


@router.get("/templates", response_model=TemplateList)
def list_templates(space: Space) -> dict[str, Any]:
    """The pipelines to start from."""
    return {"templates": space.templates.list()}


@router.get("/templates/{name}", response_model=TemplateDetail)
def get_template(space: Space, name: Template) -> dict[str, Any]:
    """A template with what it asks for."""
    found = space.templates.get(name)
    asked = {key: parameter.model_dump(exclude_none=True) for key, parameter in found.parameters.items()}
    return {
        "name": found.name, "title": found.title, "description": found.description, "tags": found.tags,
        "node_count": found.node_count, "parameters": asked, "text": found.text, "problems": found.problems,
    }  # fmt: skip


@router.post("/templates/{name}/use", response_model=PipelineDetail, status_code=201)
def use_template(space: Space, name: Template, asked: TemplateUse) -> PipelineView:
    """Make a pipeline from a template, and keep it."""
    made = space.templates.instantiate(name, asked.params)
    pipeline = asked.name or space.pipelines.free_name(name)
    return space.pipelines.create(pipeline, asked.title, made.text)


@router.get("/datasets", response_model=DatasetList)
def list_datasets(space: Space) -> dict[str, Any]:
    """The uploaded datasets, all versions."""
    return {"datasets": space.datasets.list()}


@router.get("/secrets", response_model=SecretList)
def list_secrets(space: Space) -> dict[str, Any]:
    """The names of the secrets that are kept; values are never told."""
    return {"secrets": [{"name": name} for name in space.secrets.names()]}
