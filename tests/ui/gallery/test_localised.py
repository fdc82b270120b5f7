"""A template in the reader's language does what it did."""

from __future__ import annotations

from pathlib import Path

from executor.services.workspace import Workspace
from nodegraph.format import dump, load
from ui.gallery.localised import localised
from ui.i18n import speaking


def test_words_are_translated_and_settings_are_not(tmp_path: Path) -> None:
    with Workspace(tmp_path) as workspace:
        made = workspace.templates.instantiate("pretrain")
    assert made.pipeline is not None
    with speaking("zh"):
        chinese = localised(made.pipeline)
    assert chinese.title == "从零预训练"
    assert chinese.parameters["epochs"].title == "轮数"
    assert chinese.nodes["pretrain"].title == "预训练"
    assert chinese.nodes["pretrain"].params == made.pipeline.nodes["pretrain"].params
    assert load(dump(chinese, original=made.text)).pipeline == chinese


def test_english_stays_as_it_is(tmp_path: Path) -> None:
    with Workspace(tmp_path) as workspace:
        made = workspace.templates.instantiate("compare")
    assert made.pipeline is not None
    with speaking("en"):
        assert localised(made.pipeline) == made.pipeline
