"""What a person wrote around the values stays when the program saves a change."""

from __future__ import annotations

from nodegraph.format import dump, load

TEXT = """\
# Nightly training.
# Ask 小王 before you change it.

nodegraph: 1
name: nightly  # also the name of the dashboard

# What it is
title: Old title
parameters:
  # measured in March
  rate: {kind: number, default: 0.5}  # was 0.7

nodes:  # in order

  clean:
    type: preprocess.clean
    params:
      min_chars: 2  # short ones go
      # near is slow
      dedup: exact
    # end of clean

  # --- training
  train:
    type: train.sft
    params:
      prompt: |  # shown to raters
        # this is text

        and this
  # later: {type: deploy.service}

schedules:
  # Mondays
  - cron: "0 2 * * 1"  # before work
    timezone: Asia/Shanghai
# the end
"""


def changed(**update: object) -> str:
    return dump(load(TEXT).pipeline.model_copy(update=update), original=TEXT)


def test_an_unchanged_pipeline_is_saved_as_it_was_written():
    odd = TEXT.replace("dedup: exact", "dedup:   'exact'")
    assert dump(load(odd).pipeline, original=odd) == odd


def test_a_change_touches_its_own_line_only():
    assert changed(title="New title") == TEXT.replace("Old title", "New title")


def test_a_new_node_leaves_the_comments_where_they_were():
    pipeline = load(TEXT).pipeline
    nodes = {**pipeline.nodes, "score": pipeline.nodes["train"].model_copy(update={"params": {}})}
    text = changed(nodes=nodes)
    assert "  # later: {type: deploy.service}\n  score:\n    type: train.sft\n" in text
    without = text.replace("  score:\n    type: train.sft\n", "")
    assert without == TEXT


def test_the_comments_of_a_removed_node_go_with_it():
    pipeline = load(TEXT).pipeline
    text = changed(nodes={"clean": pipeline.nodes["clean"]})
    assert "# --- training" not in text and "# shown to raters" not in text
    assert "# end of clean" in text and "# Mondays" in text and text.endswith("# the end\n")


def test_a_hash_inside_a_text_is_no_comment():
    text = "name: x\ntitle: \"a # b\"\ndescription: 'c\n\n  # d'\ntags: [a#b, '# e']  # real\n"
    pipeline = load(text).pipeline
    saved = dump(pipeline.model_copy(update={"title": "new"}), original=text)
    assert load(saved).pipeline == pipeline.model_copy(update={"title": "new"})
    assert saved.count("# real") == 1 and saved.count("# d") == 1


def test_a_comment_that_cannot_be_placed_never_breaks_the_file():
    text = "name: x\nnodes:\n  a: {type: t.t,  # inside\n      # on its own\n      params: {b: 1}}\n"
    pipeline = load(text).pipeline
    saved = dump(pipeline.model_copy(update={"title": "new"}), original=text)
    assert load(saved).pipeline == pipeline.model_copy(update={"title": "new"})
    assert "# on its own" in saved
