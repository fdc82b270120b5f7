"""Several attempts of one node in the same folder, as the engine makes them: a broken one, then a retry."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from nodegraph.contract import Outputs
from nodegraph.harness.context import EventFile, RunContext
from nodegraph.harness.job import Job, JobInput
from nodegraph.registry import DEFAULT_ROOT, Registered, load_type
from tests.support import NodeResult, _artifacts, decode


class PowerCut(RuntimeError):
    """The lights go out."""


class Breaking(RunContext):
    """A context in which everything stops after some steps."""

    stop_after: int | None = None

    def metric(self, name: str, value: float, step: int | None = None) -> None:
        super().metric(name, value, step)
        if self.stop_after is not None and step is not None and step >= self.stop_after:
            raise PowerCut


def job_of(
    type_id: str,
    directory: Path,
    inputs: dict[str, Path],
    params: dict[str, Any],
    deadline: float | None = None,
) -> Job:
    directory.mkdir(parents=True, exist_ok=True)
    return Job(
        run="test", node="node", attempt=1, type=type_id, nodes_root=str(DEFAULT_ROOT), params=params,
        inputs={
            port: [JobInput(path=str(path), kind="model" if port == "model" else "dataset", digest=path.name)]
            for port, path in inputs.items()
        },
        outputs={"model": "model", "metrics": "metrics"},
        output_dir=str(directory / "out"), scratch_dir=str(directory / "scratch"),
        resume_dir=str(directory / "resume"), events_file=str(directory / "events.jsonl"),
        preview_file=str(directory / "preview.json"), deadline=deadline,
    )  # fmt: skip


def attempt(
    type_id: str,
    directory: Path,
    inputs: dict[str, Path],
    *,
    stop_after: int | None = None,
    seconds: float | None = None,
    **params: Any,
) -> NodeResult:
    """One attempt; a next one with the same directory finds what this one left to resume from."""
    deadline = None if seconds is None else time.time() + seconds
    job = job_of(type_id, directory, inputs, params, deadline)
    registered = load_type(type_id, DEFAULT_ROOT)
    assert isinstance(registered, Registered), registered
    outputs = {port: directory / "out" / port for port in ("model", "metrics")}
    for path in (*outputs.values(), directory / "scratch", directory / "resume"):
        path.mkdir(parents=True, exist_ok=True)
    Path(job.events_file).unlink(missing_ok=True)
    context = Breaking(job, EventFile(job.events_file, {}), {})
    context.stop_after = stop_after
    checked = registered.node.params.model_validate(params)
    given: dict[str, Path | list[Path]] = dict(inputs)
    registered.run(checked, _artifacts(given), Outputs(outputs), context)
    registered.module.check(Outputs(outputs))
    lines = Path(job.events_file).read_bytes().splitlines()
    return NodeResult(outputs, [event for line in lines if (event := decode(line))], directory / "resume")


def logs(directory: Path) -> str:
    """All that the last attempt said."""
    lines = (directory / "events.jsonl").read_text(encoding="utf-8").splitlines()
    return "\n".join(event["message"] for line in lines if (event := json.loads(line))["event"] == "log")
