"""How quick the editor is in a browser: `python tests/benchmarks/editor.py [--nodes 300] [--times 5]`.

Opens a pipeline of many nodes with `nodegraph serve`, and undoes and redoes a move on it, each time from the
key to the card in its new place: the key reaches Python, Python answers, the page shows it. Bars: opened in
under 2 s; there and back in under 10 ms at the median on a machine with nothing else to do.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from executor.services.workspace import Workspace  # noqa: E402
from tests.conftest import find_chromium  # noqa: E402
from tests.e2e.editors import open_editor  # noqa: E402

# From the key to the next change of the card's place, as often as asked.
_THERE_AND_BACK = """async ([node, times, pause]) => {
  const card = document.querySelector(`[data-node="${node}"]`);
  const moved = card.closest(".vue-flow__node") || card;
  const canvas = document.querySelector("[data-canvas]");
  canvas.focus();
  const seconds = [];
  for (let turn = 0; turn < times; turn++) {
    const before = moved.style.transform, started = performance.now();
    const redo = turn % 2 === 1;
    const key = { key: redo ? "Z" : "z", code: "KeyZ", ctrlKey: true, shiftKey: redo, bubbles: true };
    const seen = new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        if (moved.style.transform === before) return;
        observer.disconnect();
        resolve(performance.now());
      });
      observer.observe(moved, { attributes: true, attributeFilter: ["style"] });
    });
    canvas.dispatchEvent(new KeyboardEvent("keydown", key));
    seconds.push((await seen) - started);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return seconds;
}"""


def layered(count: int) -> str:
    """A pipeline of `count` nodes in layers of ten, each node reading from the one before it in its row."""
    nodes, layout = [], []
    for i in range(count):
        inputs = f"\n    inputs: {{dataset: n{i - 10}.dataset}}" if i >= 10 else ""
        kind = "preprocess.clean" if i >= 10 else "preprocess.load"
        params = "" if i >= 10 else "\n    params: {source: example:customer_messages.jsonl}"
        nodes.append(f"  n{i}:\n    type: {kind}{params}{inputs}")
        layout.append(f"  n{i}: [{40 + 224 * (i // 10)}, {40 + 176 * (i % 10)}]")
    return "\n".join(["nodegraph: 1", "name: many", "nodes:", *nodes, "layout:", *layout, ""])


def seconds_to_open(page: Page, url: str) -> float:
    """From the navigation to a canvas that says it is ready."""
    page.goto("about:blank")
    page.goto(f"{url}/pipelines/many", wait_until="commit")
    ready = "() => document.querySelector('[data-canvas][data-ready]') && performance.now() / 1000"
    found: float = page.wait_for_function(ready, polling=10).json_value()
    return found


def show(label: str, values: list[float], unit: str) -> None:
    """The median and the spread."""
    spread = f"({min(values):.2f} to {max(values):.2f})"
    print(f"{label + ', median':<40}{statistics.median(values):7.2f} {unit}   {spread}")


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--nodes", type=int, default=300)
    parser.add_argument("--times", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        data_dir = Path(directory) / "data"
        with Workspace(data_dir) as space:
            space.pipelines.import_text(layered(asked.nodes))
        with open_editor(data_dir) as editor, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=find_chromium(),
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            )
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            first = seconds_to_open(page, editor.url)
            opened = [seconds_to_open(page, editor.url) for _ in range(asked.times)]
            print(f"open {asked.nodes} nodes, first                     {first:7.2f} s")
            show(f"open {asked.nodes} nodes", opened, "s")
            expect(page.locator("[data-canvas]")).to_have_attribute("data-nodes", str(asked.nodes))
            node = page.locator("[data-node]").first.get_attribute("data-node")
            page.locator(f'[data-node="{node}"]').click()
            page.keyboard.press("ArrowDown")
            page.wait_for_timeout(1000)
            for pause in (1000, 150):
                spans = page.evaluate(_THERE_AND_BACK, [node, 20, pause])
                show(f"there and back, every {pause} ms", spans, "ms")
            browser.close()


if __name__ == "__main__":
    main()
