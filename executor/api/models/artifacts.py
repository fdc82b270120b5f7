"""Artifacts and datasets."""

from __future__ import annotations

from pydantic import Field

from executor.api.models.common import Model


class ArtifactSummary(Model):
    """An artifact and the node that made it first."""

    digest: str = Field(description="The digest of its content, which is its id.")
    kind: str = Field(description="What it is: dataset, model, metrics…")
    bytes: int = Field(description="Its size.")
    files: int = Field(description="How many files it has.")
    run: int | None = Field(description="The run that made it first.")
    node: str | None = Field(description="The node that made it first.")
    port: str | None = Field(description="The output that it was.")
    created: float = Field(description="In seconds since the epoch.")


class ArtifactList(Model):
    """Some artifacts."""

    artifacts: list[ArtifactSummary] = Field(description="The latest first.")


class ArtifactFile(Model):
    """A file of an artifact."""

    path: str = Field(description="Its place in the artifact.")
    bytes: int = Field(description="Its size.")


class ArtifactDetail(ArtifactSummary):
    """An artifact with its files."""

    content: list[ArtifactFile] = Field(description="Its files, by path.")


class DatasetVersion(Model):
    """A version of an uploaded dataset."""

    name: str = Field(description="Its name.")
    version: int = Field(description="From 1.")
    source: str = Field(description="What a node's parameter says to use it.")
    original: str = Field(description="What the uploaded file was called.")
    digest: str = Field(description="The SHA-256 of the file.")
    bytes: int = Field(description="Its size.")
    created: float = Field(description="In seconds since the epoch.")


class DatasetList(Model):
    """The uploaded datasets."""

    datasets: list[DatasetVersion] = Field(description="All versions, by name, the latest first.")
