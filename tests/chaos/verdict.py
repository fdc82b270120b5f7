"""INV: what was promised, what was executed, what the database says and what is left are one story."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from sqlmodel import select

from executor import processes
from executor.database.tables import Artifact, Attempt, NodeRun, Run
from executor.engine.states import NODE_FINAL, RUN_FINAL
from executor.launchers.base import OUT, SCRATCH, SECRETS
from executor.launchers.docker.container import OWNER, RUN
from executor.launchers.docker.engine import DockerEngine
from executor.services.workspace import Workspace
from nodegraph.errors import StoreError
from tests.chaos import far
from tests.chaos.servers import Place
from tests.chaos.workload import SORTS

LEFT_SECONDS = 20.0


@dataclass
class Verdict:
    """What is wrong, each as run/node/attempt or in a few words; all empty where the invariant holds."""

    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    runs: int = 0
    executions: int = 0

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.duplicated or self.orphans or self.wrong)


def judge(
    space: Workspace, place: Place, acknowledged: dict[int, str], finals: dict[int, str], far_engine: str = ""
) -> Verdict:
    """Compare ledger, database, store, processes and containers; those of the other host, and its volume.

    `acknowledged` holds the sort of every run that was submitted; `finals` the first final state in which
    some of them were seen; `far_engine` is the address of the other host's engine, where there is one.
    """
    verdict = Verdict(runs=len(acknowledged))
    executed = place.executed()
    verdict.executions = len(executed)
    verdict.duplicated = sorted(place for place, count in Counter(executed).items() if count > 1)
    with space.database.read() as session:
        runs = {run.id: run for run in session.exec(select(Run)).all()}
        nodes = session.exec(select(NodeRun)).all()
        attempts = session.exec(select(Attempt)).all()
        kept = set(session.exec(select(Artifact.digest)).all())
    for number, sort in acknowledged.items():
        run = runs.get(number)
        if run is None or run.state not in RUN_FINAL:
            verdict.lost.append(f"{number} ({sort}): {run.state if run else 'not there'}")
            continue
        if run.state not in SORTS[sort].run_ends or finals.get(number, run.state) != run.state:
            verdict.wrong.append(f"run {number} ({sort}) is {run.state}, was {finals.get(number)}")
    ours = [node for node in nodes if node.run_id in acknowledged]
    _judge_nodes(verdict, space, ours, acknowledged, kept)
    _judge_attempts(verdict, [one for one in attempts if one.run_id in acknowledged], acknowledged, executed)
    if space.database.integrity() != "ok":
        verdict.wrong.append(f"integrity: {space.database.integrity()}")
    root = space.data_dir.root
    verdict.orphans = left_processes(attempts) + left_containers(root) + left_files(attempts)
    if far_engine:
        verdict.orphans += left_containers(root, far_engine)
        verdict.orphans += _settled(lambda: far.left_in_volume(root, far_engine))
        verdict.wrong += far.damaged_in_volume(root, far_engine)
    return verdict


def _judge_nodes(
    verdict: Verdict, space: Workspace, nodes: list[NodeRun], sorts: dict[int, str], kept: set[str]
) -> None:
    for node in nodes:
        name = f"{node.run_id}/{node.node}"
        if node.state not in NODE_FINAL or node.state not in SORTS[sorts[node.run_id]].ends[node.node]:
            verdict.wrong.append(f"{name} ({sorts[node.run_id]}) is {node.state}: {node.reason} {node.error}")
        if node.state != "succeeded":
            continue
        for port, output in (node.outputs or {}).items():
            if output["digest"] not in kept:
                verdict.wrong.append(f"{name}.{port} has no row")
            try:
                space.store.verify(output["digest"])
            except StoreError as error:
                verdict.wrong.append(f"{name}.{port}: {error.message}")
        if not node.outputs:
            verdict.wrong.append(f"{name} succeeded without outputs")


def _judge_attempts(
    verdict: Verdict, attempts: list[Attempt], sorts: dict[int, str], executed: list[str]
) -> None:
    known, done = {place_of(one): one for one in attempts}, set(executed)
    for name in done - known.keys():
        verdict.wrong.append(f"{name} was executed, and nobody knows of it")
    for name, one in known.items():
        if one.state in ("intent", "running"):
            verdict.wrong.append(f"{name} is still {one.state}")
        elif one.state == "lost":
            verdict.lost.append(f"{name}: {one.error}")
        timed_out = bool(one.error) and one.error["category"] == "timeout"
        if one.state in ("succeeded", "failed") and not timed_out and name not in done:
            verdict.wrong.append(f"{name} {one.state}, and was never executed: {one.error}")
    of_nodes: dict[tuple[int, str], list[Attempt]] = {}
    for one in attempts:
        of_nodes.setdefault((one.run_id, one.node), []).append(one)
    for number, sort in sorts.items():
        for node, states in SORTS[sort].attempts.items():
            of_node = sorted(
                (one.number, one.state) for one in attempts if (one.run_id, one.node) == (number, node)
            )
            if [state for _, state in of_node] != states:
                verdict.wrong.append(f"{number}/{node} ({sort}) had the attempts {of_node}")


def place_of(attempt: Attempt) -> str:
    """As the ledger names it."""
    return f"{attempt.run_id}/{attempt.node}/{attempt.number}"


def left_processes(attempts: list[Attempt]) -> list[str]:
    """Processes of attempts that have all ended."""
    marks = {processes.mark_of(Path(one.directory)): place_of(one) for one in attempts}

    def look() -> list[str]:
        found = []
        for pid in psutil.pids():
            try:
                variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
                if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                    continue
            except (OSError, psutil.Error):
                continue
            mark = next((v for v in variables if v.startswith(f"{processes.MARK}=".encode())), b"=")
            if name := marks.get(mark.partition(b"=")[2].decode()):
                found.append(f"process {pid} of {name}")
        return found

    return _settled(look)


def left_containers(root: Path, engine: str | None = None) -> list[str]:
    """Containers of a data directory, in whatever state, but for the porter that a living server has."""
    owner = root / "docker" / "id"
    if not owner.exists():
        return []

    def look() -> list[str]:
        with DockerEngine(engine).asked() as client:
            found = client.containers(all=True, filters={"label": f"{OWNER}={owner.read_text()}"})
        return [f"{one['Names'][0]}: {one['State']}" for one in found if RUN in one["Labels"]]

    return _settled(look)


def left_files(attempts: list[Attempt]) -> list[str]:
    """Scratch space and outputs of attempts that have all ended."""

    def look() -> list[str]:
        paths = [Path(one.directory) / name for one in attempts for name in (SCRATCH, SECRETS)]
        paths += [path for one in attempts for path in Path(one.directory, OUT).glob("*")]
        return [f"file {path}" for path in paths if path.exists()]

    return _settled(look)


def _settled(look: Callable[[], list[str]]) -> list[str]:
    """What is still there after a while: an end that has just been committed is being cleaned up."""
    until = time.monotonic() + LEFT_SECONDS
    while (found := look()) and time.monotonic() < until:
        time.sleep(0.2)
    return found
