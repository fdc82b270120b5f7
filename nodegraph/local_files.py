"""Parameters that may name local files: which they are, and what the node gets once the files are found."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nodegraph.contract import NodeParams
from nodegraph.references import widget

_WIDGETS = ("model", "dataset", "path")


def file_params(params: NodeParams) -> dict[str, str]:
    """What may be a local file or folder, whose content counts in the cache key, by where it is named.

    A place is a parameter's name, or `name[0]` for an entry of a list.
    """
    found = {}
    for name, info in type(params).model_fields.items():
        if widget(info.json_schema_extra) not in _WIDGETS:
            continue
        value = getattr(params, name)
        named = {name: value}
        if isinstance(value, list):
            named = {f"{name}[{index}]": entry for index, entry in enumerate(value)}
        found.update({place: text for place, text in named.items() if isinstance(text, str) and text})
    return found


def param_of(place: str) -> str:
    """The parameter that a place belongs to."""
    return place.partition("[")[0]


def with_files(given: Mapping[str, Any], params: NodeParams, found: Mapping[str, Path]) -> dict[str, Any]:
    """The parameters as `given`, with the files that were found in place of what named them."""
    filled = dict(given)
    for place, path in found.items():
        name = param_of(place)
        if name == place:
            filled[name] = str(path)
        else:
            entries = list(filled.get(name, getattr(params, name)))
            entries[int(place[len(name) + 1 : -1])] = str(path)
            filled[name] = entries
    return filled
