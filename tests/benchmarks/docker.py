"""What a node costs on top of a bare `docker run` of the same image: `python -m tests.benchmarks.docker`.

Bar: at most 80 ms at the median. Both are measured in turn, in one run: the bare container runs what the
node's container runs at its core, a Python that imports pydantic; the node adds its attempt, its job, the
harness, the watching, the keeping of an output and the database. Needs an engine and the image of `base`.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from executor.services.workspace import Workspace

TIMES = 15
BAR = 80.0
TYPES = Path(__file__).resolve().parents[1] / "executor" / "toys"
PYTHON = "from pydantic import BaseModel"
TEXT = "nodegraph: 1\nname: one\nnodes:\n  a: {type: custom.make, params: {text: x}}\n"


def bare(image: str, *command: str) -> float:
    """Milliseconds of a container of Docker's own command, from start to its end."""
    began = time.perf_counter()
    subprocess.run(
        ["docker", "run", "--rm", "--network", "none", image, *command], check=True, capture_output=True
    )
    return (time.perf_counter() - began) * 1000


def node(space: Workspace) -> float:
    """Milliseconds of a run of one node, from its being submitted until its end is committed."""
    began = time.perf_counter()
    number = space.runs.submit(TEXT, launcher="docker", use_cache=False)
    for _ in space.runs.follow(number):
        pass
    took = (time.perf_counter() - began) * 1000
    assert space.runs.get(number).state == "succeeded", space.runs.get(number).nodes["a"].error
    return took


def main() -> int:
    """Exit status 1 where the bar is missed."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Workspace(Path(folder), engine=True, nodes_root=TYPES) as space,
    ):
        image = space.images.ensure("base", lambda line: print(line, file=sys.stderr) if line else None)
        node(space)
        rows = [(bare(image, "true"), bare(image, "python", "-c", PYTHON), node(space)) for _ in range(TIMES)]
    nothing, imports, whole = (statistics.median(column) for column in zip(*rows, strict=True))
    overhead = statistics.median(row[2] - row[1] for row in rows)
    print(f"docker run IMAGE true                     {nothing:7.0f} ms")
    print(f"docker run IMAGE python, importing pydantic {imports:5.0f} ms")
    print(f"a run of one node                         {whole:7.0f} ms")
    print(f"overhead, median of {TIMES} pairs               {overhead:7.0f} ms   (bar: {BAR:.0f} ms)")
    return int(overhead > BAR)


if __name__ == "__main__":
    sys.exit(main())
