"""Pipelines and what is wrong with them."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from executor.api.models.common import Asked, Model
from nodegraph.problems import Problem


class PipelineSummary(Model):
    """A kept pipeline."""

    name: str = Field(description="Its id.")
    title: str = Field(description="What people call it.")
    version: int = Field(description="The number of this version; the latest, where none was asked for.")
    created: float = Field(description="When this version was saved, in seconds since the epoch.")


class PipelineDetail(PipelineSummary):
    """One version of a pipeline."""

    text: str = Field(description="The pipeline file.")


class PipelineSaved(PipelineDetail):
    """A pipeline after it was sent."""

    new: bool = Field(description="Whether that made a new version; an unchanged text makes none.")


class PipelinePage(Model):
    """Some of the pipelines."""

    pipelines: list[PipelineSummary] = Field(description="By name.")
    total: int = Field(description="How many there are altogether.")


class PipelineVersions(Model):
    """The versions of a pipeline."""

    versions: list[PipelineSummary] = Field(description="The latest first.")


class PipelineText(Asked):
    """A pipeline file as JSON; it may be sent as application/yaml instead."""

    text: str = Field(description="The pipeline file.")
    expected: int | None = Field(
        None, ge=0, description="The version that it was made from; 409 where another is the latest. 0: none."
    )


class ToValidate(Asked):
    """A pipeline to look at; nothing is saved and nothing executed."""

    text: str = Field(description="The pipeline file.")
    params: dict[str, Any] = Field({}, description="Values of the pipeline's parameters, by name.")
    sets: dict[str, Any] = Field({}, description="Values of nodes' parameters, by NODE.PARAM.")


class Validation(Model):
    """What is wrong with a pipeline."""

    ok: bool = Field(description="Whether a run could start.")
    problems: list[Problem] = Field(description="Every mistake, each with its place; warnings among them.")
