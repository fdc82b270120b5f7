"""Run one job: load the node type, run it, check its outputs, say how it ended."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from pydantic import ValidationError

from nodegraph import events
from nodegraph.contract import InputArtifact, Inputs, NodeParams, Outputs
from nodegraph.errors import NodeFailure
from nodegraph.harness import secrets as node_secrets
from nodegraph.harness.context import EventFile, RunContext
from nodegraph.harness.failures import Stopped, failure_of
from nodegraph.harness.job import Job
from nodegraph.harness.others import OthersContext, OthersEvents, is_echo
from nodegraph.harness.rank import Rank, rank_of
from nodegraph.registry import Broken, Registered, load_type

EXIT_FAILED = 1
EXIT_TIMEOUT = 124


def main() -> int:
    """Exit status 0 where the node succeeded, 1 where it failed, 124 where its time ran out."""
    _hear_signals()
    job = Job.model_validate_json(Path(sys.argv[1]).read_bytes())
    rank = rank_of(job)
    secrets = node_secrets.take(job.secrets_file, rank)
    node_secrets.blank_streams(secrets)
    sink = (EventFile if rank.is_first else OthersEvents)(job.events_file, secrets)
    if rank.count == 1:
        # Of several, one may be deep in a library that waits for the others, and hear nothing.
        signal.signal(signal.SIGTERM, _stop)
    _watch_deadline(job, sink)
    started = time.monotonic()
    try:
        _run(job, rank, sink, secrets)
    except (Exception, Stopped) as error:
        if not isinstance(error, (NodeFailure, Stopped)):
            traceback.print_exc()
        if rank.count == 1 or not is_echo(error):
            sink.send(failure_of(error))
        return EXIT_FAILED
    sink.send(events.Done(seconds=time.monotonic() - started))
    return 0


def _hear_signals() -> None:
    """A server that nohup or a script's & started ignores these, and whatever it starts inherits that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


def _run(job: Job, rank: Rank, sink: EventFile, secrets: dict[str, str]) -> None:
    registered = load_type(job.type, Path(job.nodes_root))
    if isinstance(registered, Broken):
        print(registered.details or registered.error, file=sys.stderr)
        raise NodeFailure("node", f"The node type {job.type} is broken: {registered.error}")
    params = _params(registered, job, secrets)
    inputs = Inputs(
        {
            port: [InputArtifact(Path(item.path), item.kind, item.digest) for item in items]
            for port, items in job.inputs.items()
        }
    )
    outputs = Outputs({port: _fresh(Path(job.output_dir) / port) for port in job.outputs})
    for directory in (job.scratch_dir, job.resume_dir):
        Path(directory).mkdir(parents=True, exist_ok=True)
    context = (RunContext if rank.is_first else OthersContext)(job, sink, secrets)
    registered.run(params, inputs, outputs, context)
    rank.wait_for_all("ran")
    if not rank.is_first:
        return
    _check(registered, job, outputs)
    _write_preview(registered, job, outputs)
    for port, kind in job.outputs.items():
        sink.send(events.Artifact(port=port, kind=kind, path=str(outputs[port])))


def _params(registered: Registered, job: Job, secrets: dict[str, str]) -> NodeParams:
    model = registered.node.params
    secret_fields = frozenset(
        name
        for name, field in model.model_fields.items()
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("widget") == "secret"
    )
    try:
        return model.model_validate(node_secrets.fill(job.params, secrets, secret_fields))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        message = f"The parameter {place} is wrong: {first['msg']}."
        raise NodeFailure("input", message, "Change it in the pipeline, then run again.") from error


def _fresh(directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def _check(registered: Registered, job: Job, outputs: Outputs) -> None:
    for port in job.outputs:
        if not any(outputs[port].iterdir()):
            raise NodeFailure(
                "node", f"The node wrote nothing to its output {port}.", "This is a bug in the node type."
            )
    check = registered.optional("check")
    if check is not None:
        check(outputs)


def _write_preview(registered: Registered, job: Job, outputs: Outputs) -> None:
    preview = registered.optional("preview")
    if preview is None:
        return
    try:
        shown: list[dict[str, Any]] = preview(outputs)
        Path(job.preview_file).write_text(json.dumps(shown, ensure_ascii=False), encoding="utf-8")
    except Exception:
        traceback.print_exc()


def _watch_deadline(job: Job, sink: EventFile) -> None:
    """The node's own clock: its time limit holds even while no server watches."""
    if job.deadline is None:
        return
    timer = threading.Timer(max(0.0, job.deadline - time.time()), _time_out, [sink])
    timer.daemon = True
    timer.start()


def _time_out(sink: EventFile) -> NoReturn:
    sink.send(
        events.Failed(
            category="timeout",
            message="The node's time limit ran out.",
            hint="Raise the node's timeout, or give it less to do.",
        )
    )
    os._exit(EXIT_TIMEOUT)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Stopped


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace", line_buffering=True)  # type: ignore[union-attr]
    status = main()
    if "RANK" in os.environ:
        # Torn down, libraries that joined processes wait for one another, and may do so for ever.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)
