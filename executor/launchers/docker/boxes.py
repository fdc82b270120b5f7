"""The folders of an attempt as its container sees them: what is sent in, what may come back, who owns it.

    sent/       the job as the container reads it; read-only inside; not there for an image of its own
    returned/   what the container writes beside events, log and outputs: status, preview, claim
    over        there once nobody wants the container any more: whoever finds it may remove it

Everything is mounted at its own path. What the container may write to is a mount of its own, so that it
cannot put a link in its place, which the server would follow.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from executor.launchers.base import EVENTS, JOB, LOG, AttemptSpec, LaunchError
from executor.launchers.docker.wrapper import HUB_TOKEN_FILE, PREVIEW_FILE, SECRETS_FILE, VARIABLES
from nodegraph.harness.job import Job
from nodegraph.harness.secrets import fill

SENT, RETURNED, OVER = "sent", "returned", "over"
# Whom containers run as where the server is root: nobody that this machine knows.
STRANGER = 65532


@dataclass(frozen=True)
class Mount:
    """A path that the container sees; on its host it lies at `source`, or at the same place."""

    path: Path
    writable: bool = False
    source: str = ""


@dataclass(frozen=True)
class Piece:
    """A folder of an attempt, or a file with its text; `given` is the container's own to change."""

    path: Path
    text: str | None = field(default=None, repr=False)
    mode: int = 0o644
    given: bool = False


def user() -> tuple[int, int]:
    """The user and group that containers here run as: the server's own, unless it is root."""
    return (os.getuid(), os.getgid()) if os.getuid() else (STRANGER, STRANGER)


def pieces(spec: AttemptSpec, code: Path) -> Iterator[Piece]:
    """The folders and files that an attempt begins with, folders first."""
    directory, returned = spec.directory, spec.directory / RETURNED
    for folder in (returned, *_written(spec)):
        yield Piece(folder, mode=0o755, given=True)
    for name in (LOG, EVENTS):
        yield Piece(directory / name, "", given=True)
    if spec.own_image is not None:
        if spec.secrets:
            yield Piece(returned / VARIABLES, _exports(secret_variables(spec)), 0o600, given=True)
        return
    job = _sent_job(spec, code)
    yield Piece(directory / SENT, mode=0o755)
    yield Piece(directory / SENT / JOB, job.model_dump_json(indent=2))
    if job.secrets_file is not None:
        yield Piece(Path(job.secrets_file), json.dumps(dict(spec.secrets)), 0o600, given=True)
    if spec.resources.network and (token := os.environ.get("HF_TOKEN")):
        yield Piece(returned / HUB_TOKEN_FILE, token, 0o600, given=True)


def fill_in(spec: AttemptSpec, code: Path) -> None:
    """Make the folders and files of an attempt here."""
    for piece in pieces(spec, code):
        if piece.text is None:
            piece.path.mkdir(mode=piece.mode, parents=True, exist_ok=True)
        elif not piece.text:
            piece.path.touch()
        else:
            descriptor = os.open(piece.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, piece.mode)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(piece.text)
    _hand_over(spec)


def mounts(spec: AttemptSpec, code: Path, forbidden: tuple[Path, ...]) -> list[Mount]:
    """All that the container sees of this machine. LaunchError where a parameter names what is not data."""
    job, directory = spec.job, spec.directory
    read = [item.path for items in job.inputs.values() for item in items] + list(job.related.values())
    seen = {Path(path): Mount(Path(path)) for path in read}
    for path in spec.files:
        _check(path, forbidden)
        seen[path] = Mount(path)
    if spec.own_image is None:
        seen |= {path: Mount(path) for path in (code, directory / SENT)}
        seen[directory / EVENTS] = Mount(directory / EVENTS, writable=True)
    for path in (directory / LOG, directory / RETURNED, *_written(spec)):
        seen[path] = Mount(path, writable=True)
    return list(seen.values())


def own_variables(spec: AttemptSpec) -> dict[str, str]:
    """Where the command of an image of its own finds its paths."""
    assert spec.own_image is not None
    job = spec.job
    paths = {f"NODEGRAPH_INPUT_{name}": items[0].path for name, items in job.inputs.items() if items}
    paths |= {f"NODEGRAPH_OUTPUT_{name}": str(Path(job.output_dir, name)) for name in job.outputs}
    paths |= {"NODEGRAPH_SCRATCH": job.scratch_dir, "NODEGRAPH_RESUME": job.resume_dir}
    return {name.upper(): path for name, path in paths.items()}


def secret_variables(spec: AttemptSpec) -> dict[str, str]:
    """The variables of an image of its own that hold a secret: settings would show them."""
    assert spec.own_image is not None
    filled = {name: fill(value, spec.secrets) for name, value in spec.own_image.environment.items()}
    return {name: value for name, value in filled.items() if value != spec.own_image.environment[name]}


def returned_text(path: Path, most: int) -> str | None:
    """What a container wrote into a file of `returned`; None where it is no plain file, or too large."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        found = file.read(most + 1) if path.is_file() else b""
    return found.decode("utf-8", "replace") if 0 < len(found) <= most else None


def _written(spec: AttemptSpec) -> list[Path]:
    outputs = [Path(spec.job.output_dir, name) for name in spec.job.outputs]
    return [*outputs, Path(spec.job.scratch_dir), Path(spec.job.resume_dir)]


def _sent_job(spec: AttemptSpec, code: Path) -> Job:
    """The job as the container is to read it."""
    returned = spec.directory / RETURNED
    places = {
        "nodes_root": str(code / Path(spec.job.nodes_root).name),
        "preview_file": str(returned / PREVIEW_FILE),
        "secrets_file": str(returned / SECRETS_FILE) if spec.secrets else None,
    }
    return spec.job.model_copy(update=places)


def _exports(variables: dict[str, str]) -> str:
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())


def _hand_over(spec: AttemptSpec) -> None:
    """What the container writes to is its user's."""
    owner, group = user()
    if owner != os.getuid():
        given = [spec.directory / name for name in (RETURNED, LOG, EVENTS)]
        for top in (*given, *_written(spec)):
            for path in (top, *_below(top)):
                os.chown(path, owner, group, follow_symlinks=False)


def _below(top: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(top):
        yield from (Path(folder, name) for name in (*folders, *files))


def _check(path: Path, forbidden: tuple[Path, ...]) -> None:
    """A parameter may name data, not the machine: no devices, and nothing that NodeGraph or Docker keeps."""
    place = path.resolve()
    touched = (*forbidden, *map(Path, ("/proc", "/sys", "/dev", "/run", "/var/run")))
    plain = place.is_file() or place.is_dir()
    if not plain or any(place.is_relative_to(own) or own.is_relative_to(place) for own in touched):
        raise LaunchError(
            "input",
            f"{path} is not handed to a container: it is, or holds, more than data.",
            "Name a file, or a folder that holds nothing but the data.",
        )


def job_of(directory: Path) -> Job:
    """The job of an attempt as the engine wrote it."""
    return Job.model_validate(json.loads((directory / JOB).read_bytes()))
