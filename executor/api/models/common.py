"""What all answers share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from nodegraph.problems import Problem


class Model(BaseModel):
    """The base of answers: made from the services' views; fields that are added there are passed on."""

    model_config = ConfigDict(from_attributes=True)


class Asked(BaseModel):
    """The base of requests: what is not known is refused, and text is no number."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ErrorBody(BaseModel):
    """What went wrong."""

    code: str = Field(description="A stable word for programs, such as not-found.")
    message: str = Field(description="What happened, in a sentence.")
    hint: str = Field("", description="What to do next.")
    problems: list[Problem] | None = Field(None, description="Every mistake, each with its place.")


class ErrorAnswer(BaseModel):
    """The one shape of errors."""

    error: ErrorBody
