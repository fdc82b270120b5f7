"""What tests of the editor share: the real node types, and a pipeline to edit."""

import pytest

from nodegraph.registry import Registry
from ui.editor.document import Document

TEXT = """\
nodegraph: 1
name: tickets
title: Support tickets
# where the rows come from
nodes:
  raw:
    type: preprocess.load
    params: {source: tickets.jsonl}  # 12,480 rows
  clean:
    type: preprocess.clean
    inputs: {dataset: raw.dataset}
  train:
    type: train.sft
    params: {method: lora}
    inputs: {dataset: clean.dataset}
  score:
    type: evaluate.text
    inputs: {model: train.model, dataset: raw.dataset}
  serve:
    type: deploy.service
    inputs: {model: train.model}
    when: "score.metrics.accuracy_f1.f1 >= 0.75"
layout:
  raw: [40, 40]
  clean: [280, 40]
  train: [520, 40]
  score: [760, 40]
  serve: [1000, 40]
"""


@pytest.fixture(scope="session")
def registry() -> Registry:
    return Registry.scan()


@pytest.fixture
def document(registry: Registry) -> Document:
    return Document(TEXT, registry, base_version=3)
