"""What a node shows of its result, in the reader's language."""

from __future__ import annotations

import pytest

from ui.i18n import speaking, t
from ui.results.blocks import said


@pytest.mark.parametrize("metric", ["samples", "rows", "steps", "tokens", "loss", "accuracy_f1"])
def test_a_metric_keeps_its_name_although_the_word_has_a_translation(metric: str) -> None:
    with speaking("zh"):
        assert said(metric) == metric


def test_reasons_in_words_are_translated() -> None:
    with speaking("zh"):
        assert t("samples") != "samples"
        assert said("invalid JSON") != "is not valid JSON"
