"""Makes attempts as the engine does, and waits for them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from executor.launchers.base import EVENTS, EXIT, JOB, LOG, OUT, PREVIEW, SCRATCH, SECRETS, AttemptSpec, Poll
from nodegraph.contract import Resources
from nodegraph.harness.job import Job

NODES = Path(__file__).parent / "nodes"


def attempt(
    directory: Path,
    act: str,
    *,
    deadline: float | None = None,
    secrets: dict[str, str] | None = None,
    nodes_root: Path = NODES,
    resources: Resources | None = None,
    **params: Any,
) -> AttemptSpec:
    directory.mkdir(parents=True)
    job = Job(
        run="1", node="act", attempt=1, type="custom.act", nodes_root=str(nodes_root),
        params={"act": act, **params}, outputs={"text": "text"}, output_dir=str(directory / OUT),
        scratch_dir=str(directory / SCRATCH), resume_dir=str(directory / "resume"),
        events_file=str(directory / EVENTS), preview_file=str(directory / PREVIEW),
        secrets_file=str(directory / SECRETS) if secrets else None, deadline=deadline,
    )  # fmt: skip
    (directory / JOB).write_text(job.model_dump_json())
    return AttemptSpec(
        run="1", node="act", attempt=1, directory=directory, job=job, environment="base",
        resources=resources or Resources(cpu=1), secrets=secrets or {}, deadline=deadline,
    )  # fmt: skip


def start(launcher: Any, spec: AttemptSpec) -> dict[str, Any]:
    """Prepare and start, as the engine does."""
    launcher.prepare(spec, lambda _: None)
    handle: dict[str, Any] = launcher.start(spec)
    return handle


def ended(launcher: Any, spec: AttemptSpec, handle: dict[str, Any], seconds: float = 30) -> Poll:
    """The poll of an attempt once it runs no more."""
    until = time.monotonic() + seconds
    while (poll := launcher.poll(spec.directory, handle)).state == "running":
        assert time.monotonic() < until, log(spec)
        time.sleep(0.02)
    return poll


def said(spec: AttemptSpec, words: str, seconds: float = 30) -> str:
    """The log once it has these words."""
    until = time.monotonic() + seconds
    while words not in (text := log(spec)):
        assert time.monotonic() < until and not (spec.directory / EXIT).exists(), text
        time.sleep(0.02)
    return text


def log(spec: AttemptSpec) -> str:
    return (spec.directory / LOG).read_text(errors="replace")


def events(spec: AttemptSpec) -> str:
    return (spec.directory / EVENTS).read_text()
