"""Runs that ended long ago, so that a server starts on a database of some age."""

from __future__ import annotations

import time
from pathlib import Path

from executor.data_dir import DataDir
from executor.database.session import Database
from executor.database.tables import Attempt, NodeRun, Run


def fill(data: Path, runs: int) -> None:
    """So many runs of three nodes, all of which succeeded."""
    place = DataDir(data).create()
    database = Database(place.database)
    then = time.time() - 86400
    times = {"created": then, "started": then, "finished": then}
    text = "nodegraph: 1\nname: old\nnodes: {}\n"
    with database.write() as session:
        for number in range(1, runs + 1):
            session.add(Run(id=number, pipeline="old", text=text, base_dir="/", state="succeeded", **times))
        session.flush()
        for number in range(1, runs + 1):
            for position, node in enumerate("abc"):
                session.add(
                    NodeRun(run_id=number, node=node, position=position, type="custom.act", state="succeeded",
                            attempts=1, started=then, finished=then)
                )  # fmt: skip
                session.add(
                    Attempt(run_id=number, node=node, number=1, state="succeeded", launcher="process",
                            directory=str(place.attempt(number, node, 1)), exit_code=0, **times)
                )  # fmt: skip
    database.close()
