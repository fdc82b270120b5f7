"""Texts that are looked up as they stand: what is given to `t` in ui/, the titles of previews in nodes/."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.ui.i18n.sentences import ROOT, Text, outcomes


def texts_of_ui() -> Iterator[Text]:
    """Every literal first argument of `t(...)`, also where a condition chooses between two."""
    return _first_arguments("ui", ("t", "i18n.t"))


def titles_of_previews() -> Iterator[Text]:
    """What stands above the tables, values, texts and charts that nodes show of their results."""
    return _first_arguments("nodes", ("table", "values", "text", "chart"))


def _first_arguments(folder: str, functions: tuple[str, ...]) -> Iterator[Text]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func) in functions and call.args:
                for given in outcomes(call.args[0]):
                    if isinstance(given, ast.Constant) and isinstance(given.value, str) and given.value:
                        yield Text(given.value, f"{place}:{call.lineno}")
