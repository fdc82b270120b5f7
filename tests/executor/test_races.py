"""F26: cancelling a run at the very moment at which it ends; whichever is first, it has one final state."""

from __future__ import annotations

import random
import statistics
import time
from collections import Counter, defaultdict
from pathlib import Path

from sqlmodel import desc, select

from executor.database.tables import Attempt, NodeRun, Run
from executor.engine.states import RUN_FINAL
from executor.services.workspace import Workspace
from tests.benchmarks.noop_launcher import NoopLauncher
from tests.executor.support import pipeline, run, until, workspace

NOOPS = Path(__file__).resolve().parents[1] / "benchmarks" / "types"
RACES = 500


def test_f26_cancel_and_finish_race_to_one_state(tmp_path: Path) -> None:
    """500 times through the whole engine, with a launcher whose attempts take no time.

    Each run is cancelled at some moment of the time that the runs before it took.
    """
    text = pipeline("""
    a: {type: custom.noop, params: {number: 1}}
    b: {type: custom.noop, params: {number: 2}, inputs: {after: a.text}}
    """)
    dice, usual, moments = random.Random(26), 0.1, dict[int, float]()
    with Workspace(tmp_path / "data", engine=True, cores=4, nodes_root=NOOPS) as space:
        space.launchers["noop"] = NoopLauncher()
        for race in range(RACES):
            number = space.runs.submit(text, use_cache=False, launcher="noop")
            moments[number] = time.monotonic() + dice.uniform(0, 1.5 * usual)
            cancel_due(space, moments)
            if race % 20 == 19:
                usual = took(space)
        until(lambda: cancel_due(space, moments) == 0, 60)
        first = until(lambda: (ends := outcomes(space)) and all_final(ends) and ends, 60)
        seen = Counter(state for state, _, _ in first.values())
        for number, (state, nodes, attempts) in first.items():
            assert attempts <= {"succeeded", "cancelled"}, (number, attempts)
            assert state == ("cancelled" if "cancelled" in nodes else "succeeded"), (number, state, nodes)
        assert outcomes(space) == first, "a final state stays"
        assert space.database.integrity() == "ok"
    assert len(first) == RACES
    assert min(seen["cancelled"], seen["succeeded"]) > RACES / 20, f"the race was never close: {seen}"


def cancel_due(space: Workspace, moments: dict[int, float]) -> int:
    """Cancel the runs whose moment has come; how many are left."""
    for number in [number for number, moment in moments.items() if moment <= time.monotonic()]:
        del moments[number]
        space.runs.cancel(number)
    return len(moments)


def took(space: Workspace) -> float:
    """The seconds from submission to end of the runs that ended last without having been cancelled."""
    latest = select(Run).where(Run.state == "succeeded").order_by(desc(Run.finished)).limit(20)
    with space.database.read() as session:
        found = [row.finished - row.created for row in session.exec(latest) if row.finished]
    return statistics.median(found) if found else 0.1


def outcomes(space: Workspace) -> dict[int, tuple[str, set[str], set[str]]]:
    """The state of each run, and those of its nodes and attempts."""
    nodes, attempts = defaultdict[int, set[str]](set), defaultdict[int, set[str]](set)
    with space.database.read() as session:
        for number, state in session.exec(select(NodeRun.run_id, NodeRun.state)):
            nodes[number].add(state)
        for number, state in session.exec(select(Attempt.run_id, Attempt.state)):
            attempts[number].add(state)
        runs = session.exec(select(Run.id, Run.state)).all()
    return {number: (state, nodes[number], attempts[number]) for number, state in runs if number}


def all_final(ends: dict[int, tuple[str, set[str], set[str]]]) -> bool:
    return all(state in RUN_FINAL for state, _, _ in ends.values())


def test_f26_cancel_and_finish_of_a_process(tmp_path: Path) -> None:
    text = pipeline("""
    a: {type: custom.make, params: {seconds: 0.1}}
    b: {type: custom.make, inputs: {after: a.text}}
    """)
    with workspace(tmp_path) as space:
        usual = run(space, text, use_cache=False).seconds or 1.0
        for part in (0.7, 0.9, 1.0, 1.1):
            number = space.runs.submit(text, use_cache=False)
            time.sleep(usual * part)
            space.runs.cancel(number)
            assert space.runs.wait(number, 30).final
        for state, nodes, attempts in outcomes(space).values():
            assert attempts <= {"succeeded", "cancelled"}
            assert state == ("cancelled" if "cancelled" in nodes else "succeeded")
