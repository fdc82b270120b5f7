"""The categories of node types as people see them: a title and an icon each."""

from __future__ import annotations

from nodegraph.contract import CATEGORIES

ICONS = {
    "preprocess": "funnel", "augment": "copy-plus", "train": "flame", "evaluate": "gauge", "judge": "scale",
    "merge": "git-merge", "quantize": "shrink", "deploy": "rocket", "custom": "package",
}  # fmt: skip
TITLES = {name: name.capitalize() for name in CATEGORIES}


def icon_of(type_id: str) -> str:
    """The icon of a node type: its category's."""
    return ICONS.get(type_id.partition(".")[0], "package")
