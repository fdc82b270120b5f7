"""What the gallery finds, and what it says that templates need."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from executor.services.workspace import Workspace
from ui.gallery.cards import CATEGORIES, HEROES, Card, cards_of, matching
from ui.i18n import speaking


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with Workspace(tmp_path_factory.mktemp("gallery"), engine=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def cards(workspace: Workspace) -> list[Card]:
    return cards_of(workspace)


def names(cards: list[Card]) -> list[str]:
    return [card.name for card in cards]


def test_what_a_newcomer_should_see_comes_first(cards: list[Card]) -> None:
    assert names(cards)[: len(HEROES)] == list(HEROES)
    assert len(cards) >= 7


def test_every_template_has_a_category(cards: list[Card]) -> None:
    assert {card.category for card in cards} == set(CATEGORIES)


def test_a_search_wants_every_word_in_any_order_and_case(cards: list[Card]) -> None:
    assert names(matching(cards, "LoRA hub")) == names(matching(cards, "hub lora")) == ["sft-lora"]
    assert matching(cards, "lora zebra") == []
    assert names(matching(cards, "quantize.model")) == ["quantize"]
    assert matching(cards, "  ") == cards


def test_a_search_finds_the_readers_own_language(workspace: Workspace) -> None:
    with speaking("zh"):
        assert names(matching(cards_of(workspace), "量化")) == ["quantize"]


def test_filters_narrow_what_is_found(cards: list[Card]) -> None:
    assert "sft-lora" not in names(matching(cards, cpu=True))
    assert set(names(matching(cards, offline=True))) >= {"demo", "pretrain", "merge", "robust"}
    assert names(matching(cards, category="evaluation")) == ["compare"]
    assert matching(cards, category="evaluation", offline=True) == []


def test_the_time_is_that_of_runs_without_cache(workspace: Workspace) -> None:
    def seconds() -> float | None:
        return next(card.seconds for card in cards_of(workspace) if card.name == "robust")

    assert seconds() is None
    load = {"type": "preprocess.load", "params": {"source": "example:shop_answers.jsonl"}}
    text = f"nodegraph: 1\nname: robust\nnodes:\n  load: {load}\n".replace("'", '"')
    workspace.pipelines.save(text)
    first = workspace.runs.wait(workspace.runs.start("robust"))
    assert first.state == "succeeded" and seconds() == first.seconds
    workspace.runs.wait(workspace.runs.start("robust"))
    assert seconds() == first.seconds


def test_needs_are_those_of_the_nodes(cards: list[Card]) -> None:
    by_name = {card.name: card for card in cards}
    assert by_name["sft-lora"].uses_gpu and not by_name["demo"].uses_gpu
    assert by_name["sft-lora"].memory_gb >= 12
    assert by_name["demo"].offline and not by_name["compare"].offline


def test_templates_are_files_beside_the_package(cards: list[Card]) -> None:
    assert all(Path(card.template.path).is_file() for card in cards)
