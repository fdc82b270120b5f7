"""The parameters of judge.rubric."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import field_validator

from nodegraph import Field, NodeParams
from nodes.judge import _address
from nodes.judge._prompt import PLACEHOLDER, Dimension

_TAKEN = frozenset({"score", "mean", "std", "errors", "invalid", "cached", "samples", "normalised"})
_WIDEST = 100


_USUAL = [
    Dimension(name="correctness", description="Is it true, and does it answer what was asked?", weight=2.0),
    Dimension(name="completeness", description="Is everything there that was asked for?"),
    Dimension(name="clarity", description="Is it clear, well put and free of padding?"),
]


class Params(NodeParams):
    """Which service judges, by which rubric, and how persistently it is asked."""

    base_url: str = Field(
        title="Service address", help="OpenAI-compatible, such as http://localhost:8000/v1.", max_length=2000
    )
    model: str = Field(title="Judge model", min_length=1, max_length=200)
    api_key: str = Field("", title="API key", widget="secret", help="The name of a secret; empty sends none.")
    dimensions: list[Dimension] = Field(
        _USUAL, title="Dimensions", widget="json", min_length=1, max_length=20,
        help="What is rated: name, description, weight.",
    )  # fmt: skip
    scale: list[int] = Field(
        [1, 5], title="Scale", min_length=2, max_length=2, help="The worst and the best score, whole numbers."
    )
    limit: int = Field(0, ge=0, title="Limit", unit="rows", help="From the start; 0 takes all.")
    instructions: str = Field(
        "", title="Instructions", widget="textarea", group="Prompt", max_length=20_000,
        help="What else the judge should know: the audience, the house rules, examples of scores.",
    )  # fmt: skip
    template: str = Field(
        "", title="Template", widget="textarea", group="Prompt", max_length=20_000,
        help="The message with {prompt}, {reference} and {answer}, each put in as a marked block of data.",
    )  # fmt: skip
    use_reference: bool = Field(True, title="Show the reference", group="Prompt")
    prompt_field: str = Field("", title="Prompt field", group="Prompt", help="Empty: found by its name.")
    answer_field: str = Field("", title="Answer field", group="Prompt", help="Empty: found by its name.")
    reference_field: str = Field("", title="Reference field", group="Prompt", help="Empty: reference.")
    votes: int = Field(
        1, ge=1, le=25, title="Votes per sample", group="Judging", help="The median of each dimension counts."
    )
    canaries: int = Field(
        2, ge=0, le=100, title="Canaries", group="Judging",
        help="Nonsense answers that order the judge to give the best score; a judge that obeys is flagged.",
    )  # fmt: skip
    temperature: float | None = Field(
        0.0, ge=0, le=2, title="Temperature", group="Judging", help="Empty leaves it to the service."
    )
    seed: int | None = Field(0, ge=0, lt=2**31, title="Seed", group="Judging", help="Empty sends none.")
    max_tokens: int = Field(
        1024, ge=0, le=65536, title="Longest reply", unit="tokens", group="Judging",
        help="0 sends no limit, as some reasoning models ask.",
    )  # fmt: skip
    on_error: Literal["count", "fail"] = Field(
        "count", title="A sample that cannot be judged", group="Errors", help="Is counted, or fails the node."
    )
    max_error_rate: float = Field(
        0.5, ge=0, le=1, title="Highest share of errors", group="Errors", shown={"on_error": ["count"]},
        help="Beyond it the node fails: too little would have been judged.",
    )  # fmt: skip
    max_retries: int = Field(3, ge=0, le=20, title="Retries per question", group="Errors")
    retry_delay: float = Field(
        1.0, ge=0, le=600, title="First delay", unit="s", group="Errors", help="Doubles."
    )
    max_delay: float = Field(
        60.0,
        ge=0,
        le=3600,
        title="Longest delay",
        unit="s",
        group="Errors",
        help="Also where the service asks for more.",
    )
    timeout: float = Field(60.0, gt=0, le=3600, title="Time limit of a question", unit="s", group="Errors")
    concurrency: int = Field(4, ge=1, le=256, title="Questions at once", group="Advanced")
    response_format: Literal["auto", "json_schema", "json_object", "none"] = Field(
        "auto",
        title="Reply format",
        group="Advanced",
        help="auto asks for a schema, and for less where refused.",
    )

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        _address.parse(value)
        return value

    @field_validator("scale")
    @classmethod
    def _is_a_scale(cls, value: list[int]) -> list[int]:
        if not value[0] < value[1] <= value[0] + _WIDEST:
            raise ValueError(f"the best score must lie above the worst, by {_WIDEST} at most")
        return value

    @field_validator("dimensions")
    @classmethod
    def _are_distinct(cls, value: list[Dimension]) -> list[Dimension]:
        names = [dimension.name for dimension in value]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"dimensions with the same name: {', '.join(twice)}")
        if taken := sorted(_TAKEN & set(names)):
            raise ValueError(f"a dimension cannot be called {', '.join(taken)}: a metric has that name")
        return value

    @field_validator("template")
    @classmethod
    def _has_the_answer(cls, value: str) -> str:
        found = PLACEHOLDER.findall(value)
        if value and found.count("answer") != 1:
            raise ValueError("the template must hold {answer} once")
        if unknown := re.findall(r"\{(\w+)\}", PLACEHOLDER.sub("", value)):
            raise ValueError(
                f"the template knows {{prompt}}, {{reference}}, {{answer}}, not {{{unknown[0]}}}"
            )
        return value
