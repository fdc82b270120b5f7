"""Commands on a pipeline: what they do, what they refuse, and that every step can be taken back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodegraph.format import load
from nodegraph.pipeline import Notify, Parameter
from nodegraph.registry import Registry
from tests.ui.editor.conftest import TEXT
from ui.editor.document import Document
from ui.editor.refused import Refused
from ui.editor.sketch import sketches


def test_a_node_gets_an_id_of_its_own_and_a_free_place(document: Document) -> None:
    first, second = (document.add_node("preprocess.load", 40, 40) for _ in range(2))
    assert (first, second) == ("load", "load-2")
    assert document.add_node("quantize.model", 0, 300) == "quantize"
    assert len(set(document.positions().values())) == len(document.pipeline.nodes)
    with pytest.raises(Refused, match="There is no node type"):
        document.add_node("preprocess.lode", 0, 0)


def test_a_clear_place_lies_near_and_over_no_card(document: Document) -> None:
    taken = document.positions()
    name = document.add_node("preprocess.load", *document.clear_place(*taken["clean"]))
    left, top = document.positions()[name]
    for x, y in taken.values():
        assert abs(left - x) >= 176 or abs(top - y) >= 150
    assert abs(left - taken["clean"][0]) + abs(top - taken["clean"][1]) < 500
    assert document.clear_place(5000, 5000) == (5000, 5000)


def test_an_input_that_takes_one_edge_gets_the_new_one(document: Document) -> None:
    document.connect("raw.dataset", "train.dataset")
    assert document.pipeline.nodes["train"].inputs["dataset"] == "raw.dataset"


def test_an_input_that_takes_many_gets_one_more(document: Document) -> None:
    mix = document.add_node("augment.mix", 0, 0)
    document.connect("raw.dataset", f"{mix}.datasets")
    document.connect("clean.dataset", f"{mix}.datasets")
    revision = document.revision
    document.connect("raw.dataset", f"{mix}.datasets")
    assert document.pipeline.nodes[mix].inputs == {"datasets": ["raw.dataset", "clean.dataset"]}
    assert document.revision == revision, "wiring it again changes nothing"


@pytest.mark.parametrize(
    ("source", "target", "sentence"),
    [
        ("train.model", "train.dataset", "train cannot feed itself."),
        ("train.model", "clean.dataset", "clean.dataset needs dataset, got adapter"),
        ("raw.dataset", "nothing.dataset", "There is no node nothing."),
        ("raw.rows", "clean.dataset", "raw has no output rows."),
        ("raw.dataset", "clean.rows", "clean has no input rows."),
        ("score.samples", "clean.dataset", "This edge would close a circle: score → clean → train → score"),
    ],
)
def test_an_edge_that_does_not_fit_is_refused_with_the_reason(
    document: Document, source: str, target: str, sentence: str
) -> None:
    before = document.pipeline
    with pytest.raises(Refused) as refused:
        document.connect(source, target)
    assert refused.value.message == sentence
    assert document.pipeline is before


def test_an_adapter_is_refused_where_full_weights_are_needed(document: Document) -> None:
    node = document.add_node("merge.models", 0, 0)
    with pytest.raises(Refused, match="needs full weights, got adapter"):
        document.connect("train.model", f"{node}.models")


def test_a_condition_counts_as_an_edge_in_a_circle(document: Document) -> None:
    document.set_when("raw", "serve.service.x.y >= 1")
    with pytest.raises(Refused, match="close a circle"):
        document.connect("raw.dataset", "train.validation")


def test_removing_a_node_takes_its_edges_and_its_place(document: Document) -> None:
    document.remove(["train"])
    assert "train" not in document.pipeline.layout
    assert document.pipeline.nodes["score"].inputs == {"dataset": "raw.dataset"}
    assert document.pipeline.nodes["serve"].inputs == {}


def test_an_edge_is_removed_by_its_id(document: Document) -> None:
    document.remove(["raw.dataset>score.dataset"])
    assert document.pipeline.nodes["score"].inputs == {"model": "train.model"}


def test_a_node_is_renamed_everywhere_and_keeps_its_comments(document: Document) -> None:
    document.rename("score", "exam")
    document.rename("raw", "rows")
    assert document.pipeline.nodes["serve"].when == "exam.metrics.accuracy_f1.f1 >= 0.75"
    assert document.pipeline.nodes["exam"].inputs == {"model": "train.model", "dataset": "rows.dataset"}
    assert document.pipeline.layout["rows"] == [40, 40]
    assert "# 12,480 rows" in document.text()
    for name in ("clean", "9lives", "a b", ""):
        with pytest.raises(Refused):
            document.rename("exam", name)


def test_what_no_file_could_hold_is_refused(document: Document) -> None:
    before = document.pipeline
    for command in (
        lambda: document.set_timeout("train", "soon"),
        lambda: document.set_retry("train", 0, "30s"),
        lambda: document.set_resources("train", {"gpu": -1}),
        lambda: document.set_param("train", "seed", float("nan")),
        lambda: document.set_param("train", "seed", 2**70),
        lambda: document.set_title("train", "half \ud800"),
        lambda: document.add_note(0, 0, "nul \x00"),
        lambda: document.set_parameters({"a b": Parameter()}),
    ):
        with pytest.raises(Refused):
            command()
    assert document.pipeline is before


def test_fields_are_set_and_taken_back(document: Document) -> None:
    document.set_param("train", "epochs", 5)
    document.set_resources("train", {"gpu": 2})
    document.set_retry("train", 3, "30s")
    document.set_timeout("train", "6h")
    document.set_enabled(["train", "score"], False)
    document.set_meta(title="Other", tags=["a"])
    document.set_parameters({"epochs": Parameter(kind="integer", default=3)})
    text = document.text()
    assert "params: {method: lora, epochs: 5}" in text
    assert "resources: {gpu: 2}" in text
    assert "retry: {attempts: 3, delay: 30s}" in text
    document.reset_param("train", "epochs")
    document.set_resources("train", None)
    document.set_retry("train", 1, "0s")
    document.set_timeout("train", None)
    document.set_enabled(["train", "score"], True)
    assert document.pipeline.nodes == load(TEXT).pipeline.nodes  # type: ignore[union-attr]


def test_copies_keep_their_wires_and_come_under_ids_of_their_own(document: Document) -> None:
    ids = document.duplicate(["train", "score"])
    assert ids == ["train-2", "score-2"]
    assert document.pipeline.nodes["score-2"].inputs == {"model": "train-2.model", "dataset": "raw.dataset"}
    assert document.pipeline.nodes["train-2"].inputs == {"dataset": "clean.dataset"}


def test_a_clip_goes_into_another_pipeline_without_wires_from_nowhere(
    document: Document, registry: Registry
) -> None:
    other = Document("name: other\n", registry)
    assert other.paste(document.copy(["train", "score"]), 0, 0) == ["train", "score"]
    assert other.pipeline.nodes["score"].inputs == {"model": "train.model"}
    assert other.positions() == {"train": (0, 0), "score": (240, 0)}


def test_nodes_of_a_text_are_pasted(document: Document) -> None:
    assert document.paste("gate:\n  type: preprocess.split\n", 5, 5) == ["gate"]
    for text in ("just words", "", "a: [1]", "{", "nodes: {}"):
        with pytest.raises(Refused):
            document.paste(text, 0, 0)


def test_cut_takes_what_it_copies(document: Document) -> None:
    text = document.cut(["clean"])
    assert "clean" not in document.pipeline.nodes
    assert "preprocess.clean" in text


def test_notes_and_frames_come_back_from_the_file(document: Document, registry: Registry) -> None:
    note = document.add_note(10, 20, "Reach 0.75\nfirst: <b>")
    frame = document.add_group(["train", "score"], "Training")
    document.edit_sketch(note, text="再训练", width=200)
    document.move({note: (30, 40)})
    again = Document(document.text(), registry)
    found = {one.id: one for one in sketches(again.pipeline)}
    assert (found[note].x, found[note].y, found[note].width, found[note].text) == (30, 40, 200, "再训练")
    assert found[frame].holds((520, 40))
    assert not found[frame].holds((280, 40))
    again.remove([note, frame])
    assert list(sketches(again.pipeline)) == []
    assert not any(key.startswith("$") for key in again.pipeline.layout)


def test_notes_that_cannot_be_read_are_left_as_they_are(registry: Registry) -> None:
    text = 'name: odd\nlayout:\n  "$notes": [7, {x: 1}, {x: 1, y: 2}]\n  "$groups": none\n  raw: far away\n'
    document = Document(text, registry)
    assert [one.id for one in sketches(document.pipeline)] == ["$notes/2"]
    document.add_note(5, 5)
    assert document.pipeline.layout["$notes"][:3] == [7, {"x": 1}, {"x": 1, "y": 2}]


def test_a_text_is_taken_as_one_step_or_not_at_all(document: Document) -> None:
    assert document.set_text("nodes: [") != []
    assert document.set_text("name: tickets\nnodes: {a: {typ: x}}\n") != []
    problem = document.set_text("name: other\n")[0]
    assert (problem.code, problem.line) == ("bad-name", 1)
    assert not document.changed
    assert document.set_text("name: other\n# mine\ntitle: New\n", keep_name=True) == []
    assert (document.pipeline.name, document.pipeline.title) == ("tickets", "New")
    assert "# mine" in document.text()
    document.undo()
    assert document.text() == TEXT


def test_cards_without_a_place_are_laid_out_and_stay_when_others_change(registry: Registry) -> None:
    text = TEXT[: TEXT.index("layout:")]
    document = Document(text, registry)
    before = document.positions()
    assert document.text() == text
    document.move({"raw": (-300.0, 0.0)})
    document.remove(["raw.dataset>score.dataset"])
    after = document.positions()
    assert after.pop("raw") == (-300.0, 0.0)
    assert after == {name: place for name, place in before.items() if name != "raw"}


def test_arranging_keeps_frames_round_their_nodes(document: Document) -> None:
    frame = document.add_group(["train", "score"])
    document.arrange()
    held = next(one for one in sketches(document.pipeline) if one.id == frame)
    assert all(held.holds(document.positions()[name]) for name in ("train", "score"))


def test_saving_clears_changed_and_undoing_brings_it_back(document: Document) -> None:
    document.set_title("train", "LoRA")
    assert document.changed
    document.mark_saved(document.text(), 4)
    assert (document.changed, document.base_version) == (False, 4)
    document.undo()
    assert document.changed


TYPES = ["preprocess.load", "preprocess.clean", "augment.mix", "train.sft", "evaluate.text", "merge.models"]
TITLES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
PLACES = st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))


class Someone:
    """Does any commands there are, to whatever is there."""

    def __init__(self, document: Document, data: st.DataObject) -> None:
        self.document = document
        self.data = data

    def act(self) -> None:
        commands = [self.add, self.wire, self.remove, self.move, self.fill, self.rename, self.copy, self.draw]
        command = self.data.draw(st.sampled_from(commands))
        try:
            command()
        except Refused as refused:
            assert refused.message

    def some(self) -> list[str]:
        nodes = list(self.document.pipeline.nodes)
        return self.data.draw(st.lists(st.sampled_from(nodes), max_size=3)) if nodes else []

    def one(self) -> str:
        return self.data.draw(st.sampled_from([*self.document.pipeline.nodes, "ghost"]))

    def add(self) -> None:
        self.document.add_node(self.data.draw(st.sampled_from(TYPES)), *self.data.draw(PLACES))

    def wire(self) -> None:
        source = self.data.draw(st.sampled_from(["dataset", "model", "metrics"]))
        target = self.data.draw(st.sampled_from(["dataset", "datasets", "model", "models"]))
        self.document.connect(f"{self.one()}.{source}", f"{self.one()}.{target}")

    def remove(self) -> None:
        drawn = [one.id for one in sketches(self.document.pipeline)]
        self.document.remove([*self.some(), *drawn[:1]])

    def move(self) -> None:
        self.document.move({name: self.data.draw(PLACES) for name in self.some()})

    def fill(self) -> None:
        value = self.data.draw(st.one_of(st.integers(), st.floats(), TITLES, st.booleans(), st.none()))
        self.document.set_param(self.one(), "epochs", value)
        self.document.set_title(self.one(), self.data.draw(TITLES))
        self.document.set_enabled(self.some(), self.data.draw(st.booleans()))

    def rename(self) -> None:
        self.document.rename(self.one(), self.data.draw(st.sampled_from(["a", "b", "c", "no way"])))

    def copy(self) -> None:
        self.document.duplicate(self.some())

    def draw(self) -> None:
        self.document.add_note(*self.data.draw(PLACES), self.data.draw(TITLES))
        self.document.add_group(self.some(), self.data.draw(TITLES))
        self.document.arrange()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_undoing_all_gives_the_start_and_redoing_all_the_end(registry: Registry, data: st.DataObject) -> None:
    document = Document(TEXT, registry)
    someone = Someone(document, data)
    for _ in range(data.draw(st.integers(0, 8))):
        someone.act()
    end, text = document.pipeline, document.text()
    assert load(text).pipeline == end
    while document.can_undo:
        document.undo()
    assert document.text() == TEXT
    assert not document.changed
    while document.can_redo:
        document.redo()
    assert document.pipeline is end
    assert document.text() == text


def test_what_is_typed_in_one_go_is_one_step(document: Document) -> None:
    for title in ("L", "Lo", "LoRA"):
        document.set_title("train", title)
    document.set_param("train", "epochs", 5)
    document.undo()
    assert document.pipeline.nodes["train"].title == "LoRA"
    document.undo()
    assert document.text() == TEXT


def test_who_is_told_is_a_step_like_any_other(document: Document) -> None:
    document.set_notify([Notify(on=["failed"], email="team@x.org")])
    assert "notify:\n  - {on: [failed], email: team@x.org}" in document.text()
    assert "# where the rows come from" in document.text()
    document.undo()
    assert document.pipeline.notify == [] and "notify" not in document.text()
    document.redo()
    assert document.pipeline.notify[0].email == "team@x.org"
