"""The name of a column that a node adds to rows; it never hides a field of theirs."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from nodes.common.row_text import FIELDS


def _is_free(name: str) -> str:
    if name in (*FIELDS, "tools"):
        raise ValueError(f"{name} is a field of the rows themselves")
    return name


Tag = Annotated[str, AfterValidator(_is_free)]
