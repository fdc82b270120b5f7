"""What the engine adds to the work of nodes: `python tests/benchmarks/engine.py [--quick] [--only NAME]`.

Everything is measured in one run, with a real database file and a real store. The scheduler alone is a
launcher that starts nothing (noop_launcher.py); the process launcher starts real processes. Ratios compare
what was measured alternately.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# In place of this folder, whose docker.py would pass for the library.
sys.path[0] = str(ROOT)

import psutil  # noqa: E402

from executor.services.workspace import Workspace  # noqa: E402
from nodegraph.events import decode  # noqa: E402
from tests.benchmarks.graphs import Graph, chain, fan, layered, making, pipeline  # noqa: E402
from tests.benchmarks.noop_launcher import NoopLauncher  # noqa: E402
from tests.benchmarks.serve import free_port, server  # noqa: E402

TYPES = Path(__file__).resolve().parent / "types"
ENDED = ("succeeded", "failed", "cancelled")


@dataclass
class Row:
    """One line of the table; `bar` is the most it may be, None where there is none."""

    what: str
    value: float
    unit: str
    bar: float | None = None

    def line(self) -> str:
        """The line as it is printed."""
        value = f"{self.what:<64}{self.value:10.2f} {self.unit:<8}"
        if self.bar is None:
            return value
        return f"{value}bar {self.bar:7.2f}   {'ok' if self.value <= self.bar else 'OVER'}"


class Bench:
    """What the measurements share: how often, how much, and which numbers were not used yet."""

    def __init__(self, quick: bool) -> None:
        self.quick = quick
        self.times = 1 if quick else 3
        self._number = 0

    def fresh(self, count: int) -> range:
        """Parameters that no node has had: what runs, and is not taken from the cache."""
        self._number += count
        return range(self._number - count, self._number)

    def median(self, measure: Callable[[], float], times: int | None = None) -> float:
        """The median of several measurements."""
        return statistics.median(measure() for _ in range(times or self.times))


# -- running


@contextlib.contextmanager
def engine(**environment: str) -> Iterator[Workspace]:
    """A workspace with an engine, a new data directory and the no-op launcher."""
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        with tempfile.TemporaryDirectory() as folder, Workspace(folder, nodes_root=TYPES) as space:
            space.launchers["noop"] = NoopLauncher()
            assert space.start_engine()
            yield space
    finally:
        os.environ.clear()
        os.environ.update(before)


def seconds(space: Workspace, text: str, launcher: str) -> float:
    """From before a run is submitted until its end is committed, as the database says."""
    began = time.time()
    number = space.runs.submit(text, launcher=launcher)
    state, finished = ended(space, number)
    assert state == "succeeded", space.runs.result(number)
    return finished - began


def per_node(bench: Bench, space: Workspace, graph: Graph, count: int, launcher: str) -> float:
    """Milliseconds for each node of a graph that nobody has run before."""
    return seconds(space, graph(bench.fresh(count)), launcher) / count * 1000


def ended(space: Workspace, number: int) -> tuple[str, float]:
    """How and when a run ended; looks seldom, so as not to be measured itself."""
    with contextlib.closing(sqlite3.connect(space.data_dir.database)) as connection:
        while True:
            asked = connection.execute("SELECT state, finished FROM run WHERE id = ?", (number,))
            state, finished = asked.fetchone()
            if state in ENDED:
                return state, finished
            time.sleep(0.02)


# -- measurements: each yields rows


def scheduler(bench: Bench) -> Iterator[Row]:
    """Overhead per node with nothing started: history and outputs are kept as always."""
    with engine() as space:
        seconds(space, chain(bench.fresh(5)), "noop")
        for graph, count in ((chain, 100), (fan, 200), (layered, 1000)):
            took = bench.median(partial(per_node, bench, space, graph, count, "noop"))
            yield Row(f"scheduler alone, {graph.__name__} of {count:,}, per node", took, "ms", 2.0)
        yield Row("a bare SQLite row, committed as the engine's are, for scale", bare_row(), "ms")
        took = bench.median(partial(per_node, bench, space, making, 100, "noop"))
        yield Row("the same chain, each node with an artifact of its own, synced to disk", took, "ms")


def bare_row() -> float:
    """Milliseconds for a row that is committed alone."""
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "rows.db", isolation_level=None)
        connection.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; CREATE TABLE row (n, text)"
        )
        began = time.perf_counter()
        for number in range(1000):
            connection.execute("INSERT INTO row VALUES (?, ?)", (number, "succeeded"))
        took = time.perf_counter() - began
        connection.close()
    return took


def cached(bench: Bench) -> Iterator[Row]:
    """A second run of the same."""
    with engine() as space:
        text = layered(bench.fresh(1000))
        seconds(space, text, "noop")
        yield Row("1,000 nodes, all cached", bench.median(lambda: seconds(space, text, "noop"), 5), "s", 1.0)


def process(bench: Bench) -> Iterator[Row]:
    """Overhead per node with a real process for each, forked from a worker."""
    counts = (20, 40, 100) if bench.quick else (100, 200, 1000)
    with engine() as space:
        seconds(space, chain(bench.fresh(2)), "process")
        for graph, count in zip((chain, fan, layered), counts, strict=True):
            took = per_node(bench, space, graph, count, "process")
            yield Row(f"warm processes, {graph.__name__} of {count:,}, per node", took, "ms")


def queued(bench: Bench) -> Iterator[Row]:
    """1,000 runs at once: taken in, ended, and what a server holds of them."""
    count = 200 if bench.quick else 1000
    with engine() as space:
        began = time.time()
        numbers = [space.runs.submit(chain(bench.fresh(1)), launcher="noop") for _ in range(count)]
        submitted = time.time()
        last = [ended(space, number)[1] for number in numbers]
        yield Row(f"{count:,} runs of one node: submitted", submitted - began, "s")
        yield Row(f"{count:,} runs of one node: all ended", max(last) - began, "s")
        started = [space.runs.get(number).started for number in numbers[:: count // 20]]
        assert started == sorted(started), "not first in, first out"


def memory(bench: Bench) -> Iterator[Row]:
    """A real server's memory, idle and with 1,000 runs waiting, each of which wants all cores."""
    with tempfile.TemporaryDirectory() as folder, server(Path(folder), free_port()) as process:
        idle = rss(process.pid)
        with Workspace(folder) as space:
            data = Path(folder) / "data.jsonl"
            data.write_text('{"text": "one"}\n')
            for number in range(1, 1001):
                space.runs.submit(WAITING.format(data=data, number=number))
            time.sleep(3)
            waiting = sum(run.state == "queued" for run in space.runs.list(1000))
            yield Row("server idle, resident memory", idle, "MB")
            yield Row(f"server with {waiting:,} runs queued, resident memory", rss(process.pid), "MB", 400.0)


WAITING = """nodegraph: 1
name: waiting
nodes:
  raw: {{type: preprocess.load, params: {{source: "{data}", limit: {number}}}, resources: {{cpu: 64}}}}
  clean: {{type: preprocess.clean, inputs: {{dataset: raw.dataset}}}}
  split: {{type: preprocess.split, inputs: {{dataset: clean.dataset}}}}
"""


def rss(pid: int) -> float:
    """Resident memory in MB."""
    return psutil.Process(pid).memory_info().rss / 1e6


def tiny(bench: Bench) -> Iterator[Row]:
    """A run of one tiny node, beside a bare Python that imports the same."""
    for name, warm in (("cold", "0"), ("warm", "1")):
        with engine(NODEGRAPH_WARM=warm) as space:
            seconds(space, chain(bench.fresh(1)), "process")
            pairs = [
                (bare(), seconds(space, chain(bench.fresh(1)), "process"))
                for _ in range(5 if bench.quick else 11)
            ]
            yield Row(
                f"bare Python that imports the same, beside {name}",
                statistics.median(pair[0] for pair in pairs) * 1000,
                "ms",
            )
            yield Row(f"tiny process node, {name}", statistics.median(pair[1] for pair in pairs) * 1000, "ms")
            ratio = statistics.median(node / python for python, node in pairs)
            yield Row(f"tiny process node, {name}: times the bare Python", ratio, "×", 1.2)


IMPORTS = """
import sys, nodegraph.harness.__main__
from pathlib import Path
from nodegraph.registry import load_type
assert load_type("custom.noop", Path(sys.argv[1])).run
"""


def bare() -> float:
    """Seconds of a Python that imports what a no-op node imports, and ends."""
    began = time.perf_counter()
    command = [sys.executable, "-P", "-c", IMPORTS, str(TYPES)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    return time.perf_counter() - began


def torch(bench: Bench) -> Iterator[Row]:
    """The second node of the environment `train`: from its submission to what it says after its imports."""
    with engine(NODEGRAPH_WARM="1") as space:
        first = first_event(space, bench)
        second = bench.median(lambda: first_event(space, bench), 5)
    yield Row("first node that imports torch, transformers and trl: first event", first, "s")
    yield Row("second node of that environment: first event", second, "s", 0.5)


def first_event(space: Workspace, bench: Bench) -> float:
    """Seconds from the submission of a run to the first event of its node."""
    began = time.time()
    text = pipeline(bench.fresh(1), lambda _: [], "custom.torch_noop")
    number = space.runs.submit(text, launcher="process")
    state, _ = ended(space, number)
    assert state == "succeeded", space.runs.result(number)
    events = space.data_dir.attempt(number, "n0", 1) / "events.jsonl"
    event = decode(events.read_bytes().splitlines()[0])
    assert event is not None
    return event.time - began


ALL = {
    "scheduler": scheduler,
    "cached": cached,
    "process": process,
    "queued": queued,
    "memory": memory,
    "tiny": tiny,
    "torch": torch,
}


def main() -> int:
    """Print the table; exit status 1 where a bar is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="fewer and smaller")
    parser.add_argument("--only", choices=ALL, help="one of the measurements")
    asked = parser.parse_args()
    bench = Bench(asked.quick)
    missed = False
    for name, measure in ALL.items():
        if asked.only in (None, name):
            for row in measure(bench):
                print(row.line(), flush=True)
                missed |= row.bar is not None and row.value > row.bar
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
