"""A template becomes a pipeline file of one's own."""

from __future__ import annotations

from nodegraph.format import load
from nodegraph.templates import find_template, instantiate, list_templates

TEXT = """\
# Fine-tune on your own data.
nodegraph: 1
name: own-data
title: On your own data
description: Cleans and trains.
tags: [training]
parameters:
  source: {kind: dataset, title: Your data}
  epochs: {kind: integer, default: 3, min: 1, max: 10}  # more for small data
nodes:
  raw:
    type: preprocess.load
    params: {source: "${parameters.source}"}
"""


def folder(tmp_path):
    (tmp_path / "own-data.yaml").write_text(TEXT, encoding="utf-8")
    (tmp_path / "broken.yaml").write_text("name: [", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no template", encoding="utf-8")
    return tmp_path


def test_templates_are_the_files_of_the_folder(tmp_path):
    broken, template = list_templates(folder(tmp_path))
    assert (template.name, template.title, template.tags) == ("own-data", "On your own data", ["training"])
    assert list(template.parameters) == ["source", "epochs"]
    assert template.node_count == 1
    assert broken.name == "broken" and broken.problems[0].code == "yaml-syntax"


def test_values_become_the_new_defaults_and_comments_stay(tmp_path):
    template = find_template("own-data", folder(tmp_path))
    made = instantiate(template, {"source": "data/mine.jsonl", "epochs": "5"})
    assert made.problems == []
    expected = TEXT.replace(
        "{kind: dataset, title: Your data}", "{kind: dataset, default: data/mine.jsonl, title: Your data}"
    ).replace("default: 3", "default: 5")
    assert made.text == expected
    assert load(made.text).pipeline == made.pipeline


def test_nothing_given_gives_the_template_and_says_what_is_still_asked_for(tmp_path):
    made = instantiate(find_template("own-data", folder(tmp_path)))
    assert made.text == TEXT
    assert [(p.code, p.severity) for p in made.problems] == [("missing-param", "warning")]


def test_a_wrong_value_is_a_problem(tmp_path):
    template = find_template("own-data", folder(tmp_path))
    for values, code in [({"epochs": "11"}, "bad-param"), ({"epoch": "1"}, "unknown-param")]:
        made = instantiate(template, {"source": "x", **values})
        assert made.pipeline is None and made.text is None
        assert [problem.code for problem in made.problems] == [code]


def test_a_broken_template_cannot_be_used(tmp_path):
    made = instantiate(find_template("broken", folder(tmp_path)))
    assert made.pipeline is None and made.problems


def test_every_template_of_ours_can_be_read_and_is_named_like_its_file():
    for template in list_templates():
        assert template.problems == [], template.path
        assert template.name == template.path.stem
        assert template.title and template.description
