"""What the canvas shows of a pipeline, and the changes that bring it from one view to the next."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodegraph.problems import Problem
from nodegraph.registry import Registry
from tests.ui.editor.conftest import TEXT
from tests.ui.editor.test_document import Someone
from ui.canvas.shown import Shown
from ui.canvas.views import GraphView, NodeCard
from ui.editor.cards import Cards, difference
from ui.editor.document import Document
from ui.editor.looks import NodeLook, NoStates
from ui.i18n import speaking


def view(cards: Cards, document: Document, problems: list[Problem] | None = None) -> GraphView:
    return cards.graph(document.pipeline, document.positions(), problems or [], NoStates())


def card(graph: GraphView, name: str) -> NodeCard:
    return next(card for card in graph["nodes"] if card["id"] == name)


def test_ports_follow_from_parameters(document: Document) -> None:
    cards = Cards(document.types)
    assert [port["kind"] for port in card(view(cards, document), "train")["outputs"]] == [
        "adapter",
        "metrics",
    ]
    document.set_param("train", "method", "full")
    shown = view(cards, document)
    assert [port["kind"] for port in card(shown, "train")["outputs"]] == ["model", "metrics"]
    assert {edge["kind"] for edge in shown["edges"] if edge["source"] == "train"} == {"model"}


def test_ports_follow_from_the_pipelines_parameters_too(registry: Registry) -> None:
    text = TEXT.replace("method: lora", 'method: "${parameters.how}"').replace(
        "nodes:", "parameters:\n  how: {default: lora}\nnodes:", 1
    )
    document = Document(text, registry)
    assert card(view(Cards(document.types), document), "train")["outputs"][0]["kind"] == "adapter"


def test_a_wrong_parameter_does_not_take_the_ports_away(document: Document) -> None:
    before = card(view(Cards(document.types), document), "train")["outputs"]
    document.set_param("train", "epochs", "many")
    assert card(view(Cards(document.types), document), "train")["outputs"] == before


def test_a_node_of_an_unknown_type_shows_the_ports_that_edges_name(registry: Registry) -> None:
    document = Document(TEXT.replace("train.sft", "train.magic"), registry)
    shown = card(view(Cards(document.types), document), "train")
    assert [port["name"] for port in shown["inputs"]] == ["dataset"]
    assert [port["name"] for port in shown["outputs"]] == ["model"]
    assert shown["title"] == "train.magic"


def test_inputs_say_which_kinds_they_take(document: Document) -> None:
    score = card(view(Cards(document.types), document), "score")
    model = next(port for port in score["inputs"] if port["name"] == "model")
    assert model["accepts"] == ["model", "adapter"]


def test_chosen_parameters_stand_on_the_card(document: Document) -> None:
    document.set_param("train", "learning_rate", 0.0002)
    cards = Cards(document.types)
    assert card(view(cards, document), "train")["summary"] == ["method lora", "learning_rate 2e-4"]
    assert card(view(cards, document), "raw")["summary"] == ["tickets.jsonl"]
    document.set_param("raw", "source", "数据" * 40)
    assert card(view(cards, document), "raw")["summary"][0].endswith("…")


def test_the_worst_problem_stands_on_the_card(document: Document) -> None:
    problems = [
        Problem(code="x", message="Careful.", node="train", severity="warning"),
        Problem(code="x", message="Wrong.", node="train"),
    ]
    shown = card(view(Cards(document.types), document, problems), "train")
    assert (shown["problem"], shown["problem_text"]) == ("error", "Wrong.")


def test_what_has_not_changed_is_the_same_object(document: Document) -> None:
    cards = Cards(document.types)
    before = view(cards, document)
    document.set_param("train", "epochs", 7)
    after = view(cards, document)
    assert [
        card["id"] for old, card in zip(before["nodes"], after["nodes"], strict=True) if old is not card
    ] == ["train"]
    assert all(old is edge for old, edge in zip(before["edges"], after["edges"], strict=True))
    patch = {"summary": ["method lora · epochs 7"]}
    assert difference(before, after) == [{"op": "node", "id": "train", "patch": patch}]


def test_edges_flow_into_what_runs_and_say_what_flowed(document: Document) -> None:
    class Running(NoStates):
        looks = {"train": NodeLook("running"), "raw": NodeLook("succeeded", labels=(("dataset", "12 rows"),))}

        def look(self, node: str) -> NodeLook:
            return self.looks.get(node, NodeLook("queued"))

    graph = Cards(document.types).graph(document.pipeline, document.positions(), [], Running())
    edges = {edge["id"]: edge for edge in graph["edges"]}
    assert edges["clean.dataset>train.dataset"]["style"] == "flow"
    assert edges["train.model>score.model"]["style"] == "wait"
    assert edges["raw.dataset>score.dataset"]["label"] == "12 rows"


def sorted_view(graph: GraphView) -> dict[str, object]:
    parts = {key: sorted(graph[key], key=lambda record: record["id"]) for key in ("nodes", "edges", "notes")}  # type: ignore[literal-required]
    return {**parts, "selected": graph["selected"]}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_difference_makes_the_old_view_into_the_new(registry: Registry, data: st.DataObject) -> None:
    document = Document(TEXT, registry)
    someone, cards = Someone(document, data), Cards(document.types)
    old = view(cards, document)
    for _ in range(data.draw(st.integers(1, 4))):
        someone.act()
    old["selected"] = data.draw(st.lists(st.sampled_from([one["id"] for one in old["nodes"]]), unique=True))
    new = view(cards, document)
    ids = [one["id"] for one in new["nodes"]]
    new["selected"] = data.draw(st.lists(st.sampled_from(ids), unique=True)) if ids else []
    shown = Shown(old)
    shown.apply(difference(old, new))
    assert sorted_view(shown.graph()) == sorted_view(new)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_cards_speak_the_readers_language(document: Document, language: str) -> None:
    with speaking(language):  # type: ignore[arg-type]
        shown = card(view(Cards(document.types), document), "clean")
    assert (shown["title"] == "Clean data") is (language == "en")
