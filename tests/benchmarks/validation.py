"""How long 10,000 nodes take to load, validate, plan and save: `python tests/benchmarks/validation.py`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from nodegraph.format import dump, load  # noqa: E402
from nodegraph.plan import Plan  # noqa: E402
from nodegraph.registry import Registry  # noqa: E402
from nodegraph.validation import check_text, validate  # noqa: E402


def chain(count: int) -> str:
    """A pipeline of `count` nodes in a row."""
    nodes = "".join(
        f"  n{i}:\n    type: preprocess.clean\n    params: {{min_chars: {i % 7}}}\n"
        f"    inputs: {{dataset: n{i - 1}.dataset}}\n"
        for i in range(1, count)
    )
    return (
        f"nodegraph: 1\nname: chain\nnodes:\n  n0: {{type: preprocess.load, params: {{source: a}}}}\n{nodes}"
    )


def timed(label: str, work: Callable[[], Any]) -> Any:
    """Run it three times and print the best."""
    best = None
    for _ in range(3):
        started = time.perf_counter()
        result = work()
        seconds = time.perf_counter() - started
        best = seconds if best is None else min(best, seconds)
    print(f"{label:<40}{best:8.3f} s")
    return result


def main() -> None:
    """Print the figures."""
    registry = timed("scan the node types", Registry.scan)
    text = chain(10_000)
    loaded = timed("load 10,000 nodes", lambda: load(text))
    problems = timed("validate them", lambda: validate(loaded.pipeline, registry, lines=loaded.lines))
    print(f"  {len(problems)} problems")
    timed("load, fill in and validate", lambda: check_text(text, registry))
    timed("plan them", lambda: Plan.of(loaded.pipeline, registry))
    timed("save them", lambda: dump(loaded.pipeline))
    refused = timed("refuse 100,000 nodes", lambda: load(chain(100_000)[:5_000_000]))
    print(f"  {refused.problems[0].message}")


if __name__ == "__main__":
    main()
