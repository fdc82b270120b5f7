"""The style sheets: none uses a class name that Quasar hides on some screens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STYLES = sorted((Path(__file__).resolve().parents[2] / "ui" / "styles").glob("*.css"))
HIDDEN = re.compile(r"\.(xs|sm|md|lg|xl|(lt|gt)-\w\w|\w\w-hide)(?![\w-])")


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.stem)
def test_no_rule_is_for_a_class_that_quasar_hides(path: Path) -> None:
    assert not HIDDEN.search(path.read_text(encoding="utf-8"))
