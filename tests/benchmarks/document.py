"""How long a change takes from command to canvas, of 300 nodes: `python tests/benchmarks/document.py`.

The bar: under 5 ms. What one person does is seen by all tabs, so this is paid once for each of them.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from nodegraph.registry import Registry  # noqa: E402
from ui.editor.cards import Cards, difference  # noqa: E402
from ui.editor.document import Document  # noqa: E402
from ui.editor.looks import NoStates  # noqa: E402

TYPES = ["preprocess.load", "preprocess.clean", "train.sft", "evaluate.text"]
ROUNDS = 20


def filled(registry: Registry, count: int = 300) -> Document:
    """A pipeline of that many nodes in chains of four."""
    document = Document("name: large\n", registry)
    before = ""
    for index in range(count):
        kind = index % len(TYPES)
        name = document.add_node(TYPES[kind], index % 20 * 240, index // 20 * 200)
        if kind:
            port = "model" if kind == 3 else "dataset"
            document.connect(f"{before}.{port}", f"{name}.{port}")
        before = name
    return document


def main() -> None:
    """Print the median of each command, with the changes that the canvas is sent."""
    document = filled(Registry.scan())
    cards = Cards(document.types)
    state = {"turn": 0}

    def view() -> object:
        return cards.graph(document.pipeline, document.positions(), [], NoStates())

    shown = view()
    commands: dict[str, Callable[[], object]] = {
        "set a parameter": lambda: document.set_param("sft", "epochs", state["turn"] + 1),
        "move a card": lambda: document.move({"load": (state["turn"] * 16, 0)}),
        "wire": lambda: document.connect(f"load-{state['turn'] + 2}.dataset", "sft-2.dataset"),
        "add a node": lambda: document.add_node("augment.noise", 0, 0),
        "remove a node": lambda: document.remove(["noise", f"noise-{state['turn'] + 1}"]),
        "duplicate": lambda: document.duplicate(["sft-5"]),
        "undo": document.undo,
    }
    for label, command in commands.items():
        times = []
        for turn in range(ROUNDS):
            state["turn"] = turn
            started = time.perf_counter()
            command()
            fresh = view()
            difference(shown, fresh)  # type: ignore[arg-type]
            times.append(time.perf_counter() - started)
            shown = fresh
        print(f"{label:<20}{1000 * statistics.median(times):8.2f} ms")


if __name__ == "__main__":
    main()
