"""Bad and hostile files are refused with one clear problem, never an exception: A1 to A14."""

from __future__ import annotations

import time

import pytest

from nodegraph.format import load, load_object
from nodegraph.format.loading import MAX_BYTES
from nodegraph.pipeline import MAX_NODES
from nodegraph.problems import CODES
from nodegraph.validation import check_text

START = "nodegraph: 1\nname: x\nnodes:\n"


def refused(text: str | bytes, code: str):
    loaded = load(text)
    assert loaded.pipeline is None
    found = [problem for problem in loaded.problems if problem.code == code]
    assert found, loaded.problems
    assert code in CODES
    assert found[0].message
    return found[0]


def test_A1_alias_bomb():
    levels = [f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]" for i in range(1, 12)]
    text = "nodegraph: 1\nname: x\ndescription: &l0 lol\n" + "\n".join(levels)
    problem = refused(text, "yaml-alias")
    assert "anchor" in problem.message and problem.line == 3


def test_A1_a_single_alias_is_refused_too():
    problem = refused("name: x\ntags: [*missing]\n", "yaml-alias")
    assert problem.line == 2


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system ['true']", "!!str x", "!mine x", "! x"])
def test_A2_tags(tag):
    problem = refused(f"name: x\ndescription: {tag}\n", "yaml-tag")
    assert problem.line == 2


@pytest.mark.parametrize(
    "text",
    ["name: " + "[" * 5000, "name: " + "{a: " * 5000, "- " * 5000, "? " * 5000, "[" * 5000 + "]" * 5000],
    ids=["lists", "mappings", "dashes", "keys", "closed"],
)
def test_A3_depth_5000(text):
    started = time.process_time()
    refused(text, "yaml-depth" if "?" not in text else "yaml-syntax")
    assert time.process_time() - started < 1


def test_A3_depth_5000_in_json():
    value: dict = {}
    for _ in range(5000):
        value = {"a": value}
    assert load_object({"name": "x", "layout": value}).problems[0].code == "yaml-depth"


def test_A4_recursive_anchor():
    refused("name: x\nlayout: &a {b: *a}\n", "yaml-alias")


def test_A5_duplicate_keys():
    problem = refused(
        START + "  a: {type: preprocess.load}\n  a: {type: preprocess.load}\n", "yaml-duplicate-key"
    )
    assert "line 4" in problem.hint and problem.line == 5


def test_A5_duplicate_keys_deep_inside_params():
    problem = refused(START + "  a:\n    type: t\n    params: {k: 1, k: 2}\n", "yaml-duplicate-key")
    assert problem.node == "a"


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [("enabled", "no", "true or false"), ("enabled", "on", "true or false"),
     ("enabled", "1", "true or false"),
     ("title", "12:30:45", None), ("title", "2026-11-01", None), ("title", "no", None),
     ("title", "1_000", None)],
)  # fmt: skip
def test_A6_coercions_give_a_schema_error_or_stay_text(key, value, wanted):
    text = START + f"  a:\n    type: t.t\n    {key}: {value}\n"
    if wanted is None:
        assert load(text).pipeline.nodes["a"].title == value
        return
    problem = refused(text, "wrong-type")
    assert wanted in problem.message and (problem.node, problem.line) == ("a", 6)


def test_A6_twelve_thirty_is_no_number(registry, training):
    text = training.replace("min_chars: 2", "min_chars: 12:30:45")
    (problem,) = check_text(text, registry).problems
    assert problem.code == "bad-param"
    assert problem.message == 'Shortest text (min_chars) must be a whole number, not the text "12:30:45".'


@pytest.mark.parametrize("style", ["block", "flow"])
def test_A7_100_000_nodes_are_refused_at_once(style):
    if style == "block":
        text = START + "".join(f"  n{i}: {{type: t.t}}\n" for i in range(100_000))
    else:
        text = "name: x\nnodes: {" + ", ".join(f"n{i}: {{type: t.t}}" for i in range(100_000)) + "}"
    started = time.process_time()
    problem = refused(text, "too-many-nodes")
    assert time.process_time() - started < 1
    assert f"{MAX_NODES:,}" in problem.message


def test_A7_a_flood_of_values_is_refused():
    refused("name: x\ntags: [" + "a," * 2_000_000 + "]", "too-large")


def test_A7_100_000_nodes_as_json():
    value = {"name": "x", "nodes": {f"n{i}": {"type": "t.t"} for i in range(100_000)}}
    assert load_object(value).problems[0].code == "too-many-nodes"


def test_A8_a_cycle_names_its_nodes(registry, training):
    text = training.replace("dataset: raw.dataset", "dataset: score.samples")
    (problem,) = [p for p in check_text(text, registry).problems if p.code == "cycle"]
    assert problem.message == "These nodes wait for each other: clean → train → score → clean."


def test_A8_a_self_loop(registry, training):
    text = training.replace("dataset: raw.dataset", "dataset: clean.dataset")
    (problem,) = [p for p in check_text(text, registry).problems if p.code == "cycle"]
    assert problem.node == "clean"


def test_A8_cycles_are_never_all_counted(registry):
    """40 nodes that all feed each other have more cycles than there are atoms; one is named, at once."""
    names = [f"m{i}" for i in range(40)]
    everyone = ", ".join(f"{name}.dataset" for name in names)
    nodes = "".join(f"  {n}: {{type: augment.mix, inputs: {{datasets: [{everyone}]}}}}\n" for n in names)
    started = time.process_time()
    problems = check_text(START + nodes, registry).problems
    assert [p.code for p in problems] == ["cycle"]
    assert time.process_time() - started < 1


def test_A9_unknown_node_type(registry, training):
    (problem,) = check_text(training.replace("preprocess.clean", "preprocess.claen"), registry).problems
    assert (problem.code, problem.node, problem.line) == ("unknown-type", "clean", 8)
    assert problem.hint == "Did you mean preprocess.clean?"


def test_A10_wrong_port_type(registry, training):
    text = training.replace("dataset: clean.dataset}\n  score", "dataset: clean.report}\n  score")
    (problem,) = check_text(text, registry).problems
    assert problem.code == "wrong-kind"
    assert problem.message == "The input dataset needs dataset, got report from clean.report."
    assert (problem.node, problem.port) == ("train", "dataset")


def test_A11_dangling_edge(registry, training):
    (problem,) = check_text(training.replace("raw.dataset", "rwa.dataset"), registry).problems
    assert (problem.code, problem.hint) == ("dangling-edge", "Did you mean raw?")


def test_A11_duplicate_id(registry, training):
    text = training + "  raw:\n    type: preprocess.load\n"
    checked = check_text(text, registry)
    assert [p.code for p in checked.problems] == ["yaml-duplicate-key"]
    assert checked.pipeline is None


@pytest.mark.parametrize("version", ["2", "99"])
def test_A12_unknown_future_version(version):
    problem = refused(f"nodegraph: {version}\nname: x\nwhatever: 1\n", "future-version")
    assert version in problem.message and "reads version 1" in problem.message
    assert problem.line == 1


@pytest.mark.parametrize(
    "number", [".nan", ".NaN", ".inf", "-.Inf", "+.INF", "1e999", "-1e999", "9" * 500 + ".0"]
)
def test_A13_numbers_that_are_not_finite(number):
    refused(f"name: x\nlayout: {{a: [1, {number}]}}\n", "bad-number")


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), 2**63])
def test_A13_A14_numbers_in_json(number):
    assert load_object({"name": "x", "layout": {"a": number}}).problems[0].code == "bad-number"


@pytest.mark.parametrize("number", [str(2**63), str(-(2**63) - 1), "0xFFFFFFFFFFFFFFFFF", "9" * 10_000])
def test_A14_integers_beyond_64_bits(number):
    refused(f"name: x\nlayout: {{a: {number}}}\n", "bad-number")
    assert load(f"name: x\nlayout: {{a: {2**63 - 1}}}\n").pipeline.layout == {"a": 2**63 - 1}


@pytest.mark.parametrize("escape", [r"\0", r"\x00", r"\u0000"])
def test_A14_nul(escape):
    refused(f'name: x\ntitle: "a{escape}b"\n', "bad-text")
    refused("name: x\ntitle: a\0b\n", "bad-text")
    refused(b"name: x\ntitle: a\0b\n", "bad-text")
    assert load_object({"name": "x", "title": "a\0b"}).problems[0].code == "bad-text"


def test_A14_lone_surrogates():
    assert load('name: x\ntitle: "a\\ud800b"\n').problems[0].code in ("bad-text", "yaml-syntax")
    problem = refused("name: x\ntitle: a\ud800b\n", "bad-text")
    assert problem.line == 2
    assert load_object({"name": "x", "title": "\udfff"}).problems[0].code == "bad-text"
    refused(b"name: x\ntitle: a\xed\xa0\x80b\n", "bad-text")


def test_other_encodings_are_refused_and_a_mark_at_the_start_is_not():
    text = "name: x\ntitle: 你好\n"
    assert "UTF-16" in refused(text.encode("utf-16"), "bad-text").message
    problem = refused(text.encode("gb18030"), "bad-text")
    assert problem.line == 2
    assert load(b"\xef\xbb\xbf" + text.encode()).pipeline.title == "你好"


def test_a_large_file_is_refused_before_it_is_read():
    assert refused("#" * (MAX_BYTES + 1), "too-large")


@pytest.mark.parametrize(
    "text",
    ["name: x\n---\nname: y\n", "name: 'x", "name: x\n\ttitle: y\n", "[a]: b", "? {a: b}\n: c", "a: b: c",
     "", "# only",
     "%TAG ! tag:x,2000:\n---\nname: !x y\n", "name: \x07", "@", "name: x\n...\nname: y\n"],
)  # fmt: skip
def test_what_is_no_yaml_document_is_a_problem(text):
    loaded = load(text)
    assert loaded.pipeline is None
    assert loaded.problems[0].code in ("yaml-syntax", "yaml-tag")


@pytest.mark.parametrize("text", ["just text", "[1, 2]", "42"])
def test_what_is_no_mapping_is_a_problem(text):
    refused(text, "wrong-type")


def test_no_value_of_any_type_at_any_place_raises():
    """Every key of the format with every wrong kind of value."""
    keys = [
        "nodegraph",
        "name",
        "title",
        "tags",
        "parameters",
        "nodes",
        "schedules",
        "notify",
        "layout",
        "zzz",
    ]
    for key in keys:
        for value in (
            "null",
            "1",
            "-1",
            "1.5",
            "true",
            "x",
            "[]",
            "{}",
            "[1]",
            "[[]]",
            "{a: 1}",
            "{a: {b: c}}",
            "{1: 2}",
        ):
            loaded = load(f"{key}: {value}\n" + ("name: x\n" if key != "name" else ""))
            assert (loaded.pipeline is None) == bool(loaded.problems)
            assert all(problem.code in CODES for problem in loaded.problems)
