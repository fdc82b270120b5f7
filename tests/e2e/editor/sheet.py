"""A pipeline in the editor, and a hand on its canvas, its forms and its buttons."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from executor.services.workspace import Workspace
from nodegraph.format import load
from nodegraph.pipeline import Pipeline
from tests.e2e.editors import Editor

TEXT = """\
nodegraph: 1
name: NAME
title: Support tickets
nodes:
  raw:
    type: preprocess.load
    params: {source: "example:shop_answers.jsonl"}  # our own
  clean:
    type: preprocess.clean
    inputs: {dataset: raw.dataset}
  train:
    type: train.sft
    params: {method: lora, base_model: Qwen/Qwen2.5-0.5B}
    inputs: {dataset: clean.dataset}
  score:
    type: evaluate.text
    inputs: {model: train.model, dataset: raw.dataset}
layout:
  raw: [40, 40]
  clean: [280, 40]
  train: [520, 40]
  score: [520, 300]
"""


@dataclass
class Sheet:
    """A pipeline in the editor."""

    page: Page
    editor: Editor
    name: str

    def open(self) -> None:
        self.page.goto(f"{self.editor.url}/pipelines/{self.name}")
        expect(self.page.locator("[data-canvas][data-ready]")).to_be_visible()

    def node(self, name: str) -> Locator:
        return self.page.locator(f'[data-canvas] [data-node="{name}"]')

    def port(self, name: str, side: str) -> Locator:
        return self.page.locator(f'[data-port="{name}"][data-side="{side}"]')

    def edges(self) -> Locator:
        return self.page.locator("[data-canvas] [data-edge]")

    def act(self, name: str) -> None:
        self.page.locator(f'.topbar [data-action="{name}"]').first.click()

    def more(self, name: str) -> None:
        self.act("more")
        self.page.locator(f'.q-menu [data-action="{name}"]').click()

    def field(self, name: str) -> Locator:
        return self.page.locator(f'[data-inspector] [data-param="{name}"]')

    def drop(self, type_id: str, x: int, y: int) -> None:
        """Drag a node type from the palette."""
        item = self.page.locator(f'[data-palette] [data-type="{type_id}"]')
        item.drag_to(self.page.locator("[data-canvas]"), target_position={"x": x, "y": y})

    def wire(self, source: str, target: str) -> None:
        """Drag from an output to an input."""
        start, end = (self.port(source, "out"), self.port(target, "in"))
        a, b = (spot.locator(".pt").bounding_box() for spot in (start, end))
        assert a and b
        mouse = self.page.mouse
        mouse.move(a["x"] + a["width"] / 2, a["y"] + a["height"] / 2)
        mouse.down()
        mouse.move(b["x"] - 40, b["y"] + 20, steps=4)
        mouse.move(b["x"] + b["width"] / 2, b["y"] + b["height"] / 2, steps=4)
        mouse.up()

    def saved(self) -> Pipeline:
        """Save a version, and what it says."""
        self.act("save")
        expect(self.page.locator("[data-toast]").last).to_contain_text("Saved as version")
        with Workspace(self.editor.data_dir) as workspace:
            pipeline = load(workspace.pipelines.get(self.name).text).pipeline
        assert pipeline
        return pipeline

    def keeps(self) -> None:
        """Wait until the draft is kept."""
        expect(self.page.locator("[data-kept]")).to_contain_text("Draft, kept")
