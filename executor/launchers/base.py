"""The launcher protocol: what the engine asks of whoever starts attempts, here or on another machine.

An attempt lives in a directory on the server. The engine reads nothing but these files of it, so a
launcher that runs attempts elsewhere copies them here, continuously:

    job.json        what the harness is told (written by the engine; a remote launcher rewrites its paths)
    events.jsonl    the events of the node, appended by the harness
    log             standard output and error, byte for byte
    exit            the exit status as text (negative: the signal), written by what was started, not by the
                    server, so that it exists even where the server was away; complete once it exists
    preview.json    the preview blocks
    out/<port>/     the outputs
    scratch/        temporary files: made by the launcher or the node, removed after the attempt

Every call may come again after the server was killed, with the same directory and with the handle or
without it: `start` was preceded by a committed intent, and is followed by the committed handle.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from nodegraph.contract import OwnImage, Resources
from nodegraph.errors import Category, NodeGraphError
from nodegraph.harness.job import Job

JOB = "job.json"
EVENTS = "events.jsonl"
LOG = "log"
EXIT = "exit"
PREVIEW = "preview.json"
OUT = "out"
SCRATCH = "scratch"
SECRETS = "secrets.json"

Handle = dict[str, Any]
Say = Callable[[str], None]
Wanted = Callable[[], bool]


@dataclass(frozen=True)
class AttemptSpec:
    """One attempt to start: which one, where it lies on the server, its job, and what it needs.

    The paths in `job` are the server's; `secrets` are values, which the launcher writes to
    `job.secrets_file` (mode 0600) just before it starts and which nothing else may hold. `code_files`
    are the node type's modules; `gpus` the indexes of the GPUs that are its own, so that the launcher hides
    the others, None where the host has none to hand out; `deadline` is seconds since the epoch; `files` are
    the local files and folders that parameters name; `own_image` is what runs instead of the harness; `host`
    is where it is to run, `local` is this machine.
    """

    run: str
    node: str
    attempt: int
    directory: Path
    job: Job
    environment: str
    resources: Resources
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    code_files: tuple[Path, ...] = ()
    gpus: tuple[int, ...] | None = None
    deadline: float | None = None
    files: tuple[Path, ...] = ()
    own_image: OwnImage | None = None
    host: str = "local"


@dataclass(frozen=True)
class Poll:
    """How an attempt stands. `lost` means that it is gone and left no exit status; `reason` says why.

    A reason while it is `running` says why nothing is known of it now, such as a host that does not answer.
    `category` is set where the launcher knows the cause better than the exit status tells it: `oom` where
    the kernel or the container engine said so.
    """

    state: Literal["running", "exited", "lost"]
    exit_code: int | None = None
    reason: str = ""
    category: Category | None = None


class LaunchError(NodeGraphError):
    """An attempt could not be prepared or started."""

    def __init__(self, category: Category, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.category = category


class Unreachable(LaunchError):
    """The host does not answer: what runs there is unknown, and must not be started anew anywhere."""


class Cancelled(Exception):
    """Raised by `say` inside `prepare` where the node was cancelled meanwhile: let it pass; and by `stop`."""


class Launcher(Protocol):
    """Starts attempts, finds them again, watches them, stops them. Methods are called from threads."""

    @property
    def name(self) -> str:
        """What `--launcher` calls it."""

    def obstacle(self, host: str) -> str:
        """Why nothing can be started on a host now, as a sentence; empty where it can. Must not wait."""

    def holds(self, host: str, digests: Collection[str]) -> int:
        """How many bytes of these artifacts a host has already beyond what this machine shares with it.

        From memory: asks nobody.
        """

    def prepare(self, spec: AttemptSpec, say: Say) -> None:
        """Make what the attempt's environment lacks (a venv, an image); may take minutes.

        `say(sentence)` shows progress, and raises Cancelled where the node was cancelled: call it
        about every second, also with an empty sentence, which shows nothing. Raises LaunchError.
        """

    def start(self, spec: AttemptSpec) -> Handle:
        """Start the attempt and answer what finds it again, as JSON. Raises LaunchError.

        A second start of the same attempt must not run it twice.
        """

    def adopt(self, directory: Path, handle: Handle | None, host: str) -> Handle | None:
        """The handle of an attempt that was started earlier, running or exited; None where it never was.

        `handle` is None where the server was killed before it was saved: the launcher finds the
        attempt by its deterministic name on its host, or by a mark in its directory.
        """

    def poll(self, directory: Path, handle: Handle) -> Poll:
        """Whether the attempt runs. Must be cheap: it is asked several times a second."""

    def written_apart(self, directory: Path, handle: Handle) -> int:
        """How many bytes a running attempt has written that its directory does not show; 0 where unknown."""

    def stop(
        self, directory: Path, handle: Handle, grace_seconds: float, wanted: Wanted = lambda: True
    ) -> None:
        """End the whole process tree: ask, wait at most `grace_seconds`, then kill; returns when it is gone.

        Raises Unreachable where the host does not answer: then the attempt counts as running. Where its
        outputs have to be fetched, and `wanted` answers that nobody wants them any more, raises Cancelled.

        Also called once an attempt has exited, with no grace, for processes it left behind.
        """

    def cleanup(self, directory: Path, handle: Handle) -> None:
        """Remove what the attempt left outside its directory, once its end is committed."""

    def close(self) -> None:
        """Give back what the launcher keeps for further attempts; those that run live on."""
