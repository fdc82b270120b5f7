"""How long a scrape of /metrics takes with 10,000 runs in the database: `python tests/benchmarks/metrics.py`.

Bar: 100 ms at the median, with 1,000 runs queued, and while runs end in between. The first scrape of a
server counts all that is there; those that follow count what is new.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from sqlmodel import col, update  # noqa: E402
from starlette.testclient import TestClient  # noqa: E402

from executor.api.app import create_api  # noqa: E402
from executor.database.tables import Attempt, NodeRun, Run  # noqa: E402
from executor.services.workspace import Workspace  # noqa: E402

_BAR_MS = 100
_QUEUED = 1_000
_NODES = 5
_DAY = 86_400.0


def fill(space: Workspace, runs: int) -> None:
    """So many runs with five nodes each; the last thousand wait."""
    dice, then, text = random.Random(0), time.time() - _DAY, "x" * 4_000
    with space.database.write() as session:
        for number in range(1, runs + 1):
            waits = number > runs - _QUEUED
            state = "queued" if waits else dice.choice(["succeeded", "failed", "cancelled"])
            times = {} if waits else {"started": then, "finished": then + dice.uniform(1, 4_000)}
            session.add(
                Run(id=number, pipeline=f"p{number % 20}", text=text, base_dir="/", state=state, created=then,
                    **times)
            )  # fmt: skip
        session.flush()
        for number in range(1, runs + 1):
            waits = number > runs - _QUEUED
            for position in range(_NODES):
                _add_node(session, number, position, waits, then, dice)


def _add_node(session, number: int, position: int, waits: bool, then: float, dice: random.Random) -> None:  # type: ignore[no-untyped-def]
    node = f"n{position}"
    times = {} if waits else {"started": then, "finished": then + dice.uniform(1, 400)}
    state = "queued" if waits else dice.choice(["succeeded", "cached", "failed"])
    session.add(
        NodeRun(run_id=number, node=node, position=position, type=f"t.{position}", state=state, **times)
    )
    if not waits:
        session.add(
            Attempt(run_id=number, node=node, number=1, state=dice.choice(["succeeded", "failed"]),
                    launcher="process", directory="/", created=then, **times)
        )  # fmt: skip


def end(space: Workspace, number: int) -> None:
    """A run has ended."""
    with space.database.write() as session:
        now = time.time()
        ended = {"state": "succeeded", "started": now - 9, "finished": now}
        session.execute(update(Run).where(col(Run.id) == number).values(**ended))
        session.execute(update(NodeRun).where(col(NodeRun.run_id) == number).values(**ended))


def milliseconds(client: TestClient) -> tuple[float, float]:
    """One scrape: until it is there, and of processor time, which a busy machine changes less."""
    began, worked = time.perf_counter(), time.process_time()
    answer = client.get("/metrics")
    took = time.perf_counter() - began, time.process_time() - worked
    assert answer.status_code == 200 and "nodegraph_queue_length" in answer.text
    return took[0] * 1000, took[1] * 1000


def main() -> None:
    """Print the first scrape and the median of those that follow."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=20)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Workspace(Path(folder) / "data") as space:
        fill(space, asked.runs)
        client = TestClient(create_api(space)[0])
        first = milliseconds(client)
        quiet = [milliseconds(client) for _ in range(asked.times)]
        busy = []
        for number in range(asked.runs - asked.times + 1, asked.runs + 1):
            end(space, number)
            busy.append(milliseconds(client))
    print(f"/metrics with {asked.runs:,} runs, {_QUEUED:,} of them queued; bar {_BAR_MS} ms")
    print(f"{'':<36}{'time':>10}{'processor':>14}")
    _row("first scrape of a server", [first])
    _row(f"median of {asked.times}, nothing new", quiet)
    _row(f"median of {asked.times}, a run has ended", busy)


def _row(what: str, found: list[tuple[float, float]]) -> None:
    took, worked = (statistics.median(column) for column in zip(*found, strict=True))
    print(f"{what:<36}{took:7.1f} ms{worked:11.1f} ms")


if __name__ == "__main__":
    main()
