"""Pipeline to text, always the same text for the same pipeline: the model's key order, defaults left out."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from nodegraph.contract import Resources
from nodegraph.format.comments import blocks_of, carry_over
from nodegraph.format.emitter import emit
from nodegraph.format.loading import load
from nodegraph.pipeline import FORMAT_VERSION, Pipeline


def dump(pipeline: Pipeline, original: str | None = None) -> str:
    """The canonical text of a pipeline.

    With `original`, the text it was loaded from: comments, blank lines and multi-line lists of what is
    still there are kept, and a pipeline that has not changed gives `original` back as it was.
    """
    if original is None:
        return emit(plain(pipeline))
    if load(original).pipeline == pipeline:
        return original
    text = emit(plain(pipeline), blocks_of(original))
    commented = carry_over(original, text)
    return commented if load(commented).pipeline == pipeline else text


def plain(pipeline: Pipeline) -> dict[str, Any]:
    """The pipeline as plain values in the order of the file, defaults left out."""
    return {"nodegraph": FORMAT_VERSION, **_fields(pipeline)}


def _fields(part: BaseModel) -> dict[str, Any]:
    found = {}
    for name, info in type(part).model_fields.items():
        value = getattr(part, name)
        if isinstance(part, Resources):
            left_out = name not in part.model_fields_set
        else:
            left_out = not info.is_required() and value == info.default and type(value) is type(info.default)
        if not left_out:
            found[name] = _whole(value) if info.annotation in (float, float | None) else _value(value)
    return found


def _value(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return _fields(value)
    if isinstance(value, dict):
        return {key: _value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_value(item) for item in value]
    return value


def _whole(value: Any) -> Any:
    """A float that people write as a whole number: `memory_gb: 64`."""
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return int(value) if whole and repr(value) != "-0.0" else value
