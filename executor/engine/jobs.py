"""Writes the job of an attempt: parameters, inputs as directories of the store, where to write."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from pathlib import Path

from executor.engine.commit import required
from executor.engine.model import ActiveNode
from executor.engine.world import World
from executor.launchers import base
from executor.launchers.base import AttemptSpec
from nodegraph.contract import Resources
from nodegraph.errors import NodeFailure
from nodegraph.harness.job import Job, JobInput
from nodegraph.harness.secrets import REFERENCE
from nodegraph.kinds import Kind
from nodegraph.local_files import with_files
from nodegraph.plan import Step
from nodegraph.references import secret_fields

_LITTLE = 1 << 20
# An attempt that ended longer ago than this was not watched.
_UNWATCHED = 5.0


def resume_dir(world: World, node: ActiveNode) -> Path:
    """Where a node keeps its checkpoints: by cache key, so that a later run of the same finds them."""
    if node.plan.registered.node.cached and node.row.key:
        return world.data_dir.resume / node.row.key
    return world.data_dir.runs / str(node.run.id) / node.name / "resume"


def spec_of(world: World, node: ActiveNode, directory: Path) -> AttemptSpec:
    """What the launcher is given, but for the deadline. NodeFailure where a secret is not set."""
    assert node.attempt is not None
    own_image = node.plan.registered.node.own_image
    step, number = node.plan, node.attempt.number
    names = node.run.secrets.get(node.name, set())
    secrets = world.secret_values(names)
    _require_secrets(step, secrets)
    where = str(directory)
    job = Job(
        run=str(node.run.id), node=node.name, attempt=number, type=step.registered.id,
        nodes_root=str(step.registered.root),
        params=with_files(step.node.params, step.params, node.files),
        inputs=(inputs := _inputs(world, node)),
        outputs=output_kinds(step),
        related=required(world.store, [item.digest for items in inputs.values() for item in items]),
        output_dir=f"{where}/{base.OUT}", scratch_dir=f"{where}/{base.SCRATCH}",
        resume_dir=str(resume_dir(world, node)), events_file=f"{where}/{base.EVENTS}",
        preview_file=f"{where}/{base.PREVIEW}",
        secrets_file=f"{where}/{base.SECRETS}" if secrets else None,
        processes=_processes(node),
    )  # fmt: skip
    return AttemptSpec(
        run=job.run, node=job.node, attempt=number, directory=directory, job=job,
        environment=step.registered.node.environment, resources=resources_of(step), secrets=secrets,
        code_files=tuple(step.registered.code_files), gpus=node.lease.gpus if node.lease else None,
        host=node.attempt.host,
        files=tuple(node.files.values()), own_image=own_image(step.params) if own_image else None,
    )  # fmt: skip


def fresh_directory(directory: Path) -> None:
    """An empty directory for an attempt that has not started."""
    where = str(directory)
    try:
        os.makedirs(where)  # noqa: PTH103 - here and below, paths would cost more than the work
    except FileExistsError:
        shutil.rmtree(where)
        os.mkdir(where)  # noqa: PTH102
    os.mkdir(f"{where}/{base.OUT}")  # noqa: PTH102


def write_job(spec: AttemptSpec) -> None:
    """Write job.json; nobody reads it before the attempt is started, and a broken one tells no deadline."""
    with open(f"{spec.directory}/{base.JOB}", "wb", buffering=0) as file:  # noqa: PTH123
        file.write(spec.job.model_dump_json(indent=2).encode())


def remove_leftovers(directory: Path) -> None:
    """What nobody needs once an attempt has ended: its scratch space, and secrets that it never read."""
    where = str(directory)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(f"{where}/{base.SECRETS}")  # noqa: PTH108
    scratch = f"{where}/{base.SCRATCH}"
    try:
        os.rmdir(scratch)  # noqa: PTH106 - most nodes leave it empty
    except FileNotFoundError:
        return
    except OSError:
        shutil.rmtree(scratch, ignore_errors=True)


def remove_outputs(directory: Path) -> None:
    """What a failed attempt wrote is of no use to anyone; its checkpoints lie elsewhere."""
    shutil.rmtree(directory / base.OUT, ignore_errors=True)


def ended_earlier(directory: Path) -> float | None:
    """When an attempt ended that nobody watched then, as while no server ran; None where it ended now."""
    try:
        ended = os.stat(f"{directory}/{base.EXIT}").st_mtime  # noqa: PTH116
    except OSError:
        return None
    return ended if ended < time.time() - _UNWATCHED else None


def disk_is_full(directory: Path) -> bool:
    """Whether the disk of an attempt has no room left, not even for the event that would say so."""
    try:
        return shutil.disk_usage(directory).free < _LITTLE
    except OSError:
        return False


def forget_checkpoints(world: World, node: ActiveNode) -> None:
    """The node has succeeded, or is to start from nothing."""
    where = str(resume_dir(world, node))
    if os.path.lexists(where):
        shutil.rmtree(where, ignore_errors=True)


def forget_old_checkpoints(world: World, days: float = 30.0) -> None:
    """Checkpoints of nodes that failed long ago, and that nobody ran again."""
    for directory in world.data_dir.resume.iterdir():
        if time.time() - directory.stat().st_mtime > days * 86400:
            shutil.rmtree(directory, ignore_errors=True)


def deadline_of(directory: Path) -> float | None:
    """The deadline in an attempt's job, None where it has none or there is no job yet."""
    try:
        return Job.model_validate_json((directory / base.JOB).read_bytes()).deadline
    except (OSError, ValueError):
        return None


def resources_of(step: Step) -> Resources:
    """What the node asks for: its type's resources, with those that the file sets."""
    return step.registered.node.resources.merged(step.node.resources)


def output_kinds(step: Step) -> dict[str, Kind]:
    """The kinds of its outputs by port."""
    return {name: port.kind for name, port in step.outputs.items()}


def _processes(node: ActiveNode) -> int:
    """One, or one for each GPU that it got."""
    per_gpu = node.plan.registered.node.processes == "per_gpu"
    return max(1, len(node.lease.gpus or ())) if per_gpu and node.lease else 1


def _inputs(world: World, node: ActiveNode) -> dict[str, list[JobInput]]:
    found: dict[str, list[JobInput]] = {}
    for port, sources in node.plan.sources.items():
        for source in sources:
            output = node.run.nodes[source.node].row.outputs[source.port]
            path = world.store.folder(output["digest"])
            found.setdefault(port, []).append(
                JobInput(path=path, kind=output["kind"], digest=output["digest"])
            )
    return found


def _require_secrets(step: Step, secrets: dict[str, str]) -> None:
    """A `${secrets.X}` without a value would reach the node as that very text."""
    named = secret_fields(step.registered.node.params)
    text = json.dumps({name: value for name, value in step.node.params.items() if name not in named})
    missing = sorted({match[1] for match in REFERENCE.finditer(text)} - secrets.keys())
    if missing:
        raise NodeFailure(
            "input",
            f"The secret {missing[0]} is not set.",
            f"Set it under Settings, or as the environment variable {missing[0]}, and run again.",
        )
