"""The parameters of preprocess.clean."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator, model_validator

from nodegraph import Field, NodeParams
from nodes.preprocess._clean.duplicates import Part
from nodes.preprocess._clean.patterns import check_patterns
from nodes.preprocess._clean.personal import KINDS, Kind
from nodes.preprocess._clean.text import Normal


class Params(NodeParams):
    """Which rules run; each says in the report what it removed and changed."""

    min_chars: int = Field(
        1, ge=0, title="Shortest row", unit="characters", help="All texts of a row together."
    )
    max_chars: int | None = Field(None, ge=1, title="Longest row", unit="characters")
    dedup: Literal["none", "exact", "near"] = Field(
        "none",
        title="Duplicates",
        help="Remove rows that repeat an earlier one; near: or almost do.",
    )
    pii: Literal["none", "mask", "drop"] = Field(
        "none",
        title="Personal data",
        help="mask puts [EMAIL] and the like there; drop removes the row.",
    )
    drop_empty_answers: bool = Field(True, title="Drop empty answers")
    languages: list[str] = Field([], title="Languages", help="Keep rows in these only, such as zh, en.")
    trim: bool = Field(True, title="Trim white space", group="Text")
    collapse_whitespace: bool = Field(
        False,
        title="Collapse white space",
        group="Text",
        help="Spoils code and verse.",
    )
    unicode: Normal = Field("NFC", title="Unicode normal form", group="Text")
    strip_html: bool = Field(False, title="Remove HTML", group="Text")
    strip_control: bool = Field(True, title="Remove control characters", group="Text")
    answer_min_chars: int = Field(0, ge=0, title="Shortest answer", unit="characters", group="Filters")
    answer_max_chars: int | None = Field(
        None, ge=1, title="Longest answer", unit="characters", group="Filters"
    )
    required: list[str] = Field([], title="Required fields", group="Filters", help="Rows without them go.")
    keep_patterns: list[str] = Field(
        [], title="Patterns to keep", group="Filters", help="Regular expressions; rows that match none go."
    )
    drop_patterns: list[str] = Field(
        [], title="Patterns to drop", group="Filters", help="Regular expressions; rows that match one go."
    )
    language_confidence: float = Field(
        0.5, ge=0, le=1, title="Confidence", group="Filters",
        help="A row goes where it is in another language with at least this probability.",
    )  # fmt: skip
    language_on: Part = Field(
        "row",
        title="Judge the language of",
        group="Filters",
        help="The whole row, the question or the answer.",
    )
    pii_kinds: list[Kind] = Field(
        [kind for kind in KINDS if kind != "url"], title="Kinds of personal data", group="Advanced",
        help=", ".join(KINDS), shown={"pii": ["mask", "drop"]},
    )  # fmt: skip
    dedup_on: Part = Field(
        "row", title="Compare", group="Advanced", shown={"dedup": ["exact", "near"]},
        help="The whole row, or only the question or the answer.",
    )  # fmt: skip
    near_threshold: float = Field(
        0.8, ge=0.3, le=1, title="Likeness", group="Advanced", shown={"dedup": ["near"]},
        help="The share of character runs that two rows must have in common.",
    )  # fmt: skip
    near_chars: int = Field(
        4,
        ge=1,
        le=20,
        title="Length of a run",
        unit="characters",
        group="Advanced",
        shown={"dedup": ["near"]},
    )  # fmt: skip

    @field_validator("keep_patterns", "drop_patterns")
    @classmethod
    def _are_patterns(cls, patterns: list[str]) -> list[str]:
        check_patterns(patterns)
        return patterns

    @model_validator(mode="after")
    def _ranges(self) -> Params:
        pairs = ((self.min_chars, self.max_chars), (self.answer_min_chars, self.answer_max_chars))
        if any(high is not None and high < low for low, high in pairs):
            raise ValueError("the longest is shorter than the shortest")
        return self
