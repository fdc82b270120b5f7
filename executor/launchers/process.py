"""Runs attempts as processes on this machine, detached, so that they outlive the server.

A small shell wraps each: it claims the attempt by making the file `pid`, which only one can, runs the
harness, and writes the exit status. So the status is there even where the server was away, and a second
start of the same attempt finds it taken.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Collection
from pathlib import Path

from executor import processes
from executor.environments import Environments
from executor.launchers.attempt_files import PID, exit_status, read_pid, remove_secrets, write_secrets
from executor.launchers.base import EXIT, JOB, LOG, AttemptSpec, Handle, LaunchError, Poll, Say, Wanted
from executor.launchers.warm import WarmWorkers

_CLAIM_SECONDS = 10.0
# TERM is for the harness: the shell must live to say how it ended. A handler is not inherited.
_WRAPPER = """
trap : TERM INT HUP
set -C; { echo $$ >"$0/pid"; } 2>/dev/null || exit 0; set +C
"$@"
s=$?
[ $s -gt 128 ] && [ $s -le 192 ] && s=$((128 - s))
echo $s >"$0/exit.part" && mv "$0/exit.part" "$0/exit"
"""


class ProcessLauncher:
    """Implements launchers.base.Launcher. A handle is {pid, started, mark} of the wrapper."""

    name = "process"

    def __init__(self, environments: Environments) -> None:
        self._environments = environments
        self._warm = WarmWorkers(environments.root / "warm.log")
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()

    def obstacle(self, host: str) -> str:
        """Processes can always be started."""
        return ""

    def holds(self, host: str, digests: Collection[str]) -> int:
        """This machine reads the store itself."""
        return 0

    def prepare(self, spec: AttemptSpec, say: Say) -> None:
        """Make the environment's venv where this interpreter does not satisfy it; warm a worker up."""
        python = self._environments.prepare(spec.environment, say)
        modules = self._environments.preload(spec.environment)
        self._warm.prepare(python, modules, _environment(spec), say)

    def start(self, spec: AttemptSpec) -> Handle:
        """Start the wrapper, unless the attempt was started before."""
        # Without a log nothing was ever started, and no processes have to be looked through.
        if (spec.directory / LOG).exists() and (found := self.adopt(spec.directory, None, spec.host)):
            return found
        python = self._environments.interpreter(spec.environment)
        if python is None:
            raise LaunchError(
                "dependency", f"The environment {spec.environment} is not there.", "Run it again."
            )
        try:
            Path(spec.job.scratch_dir).mkdir(parents=True, exist_ok=True)
            write_secrets(spec, spec.job.secrets_file)
            # A worker forks one process; what starts several needs a fresh one.
            if spec.job.processes > 1 or not self._fork(spec, python):
                self._spawn(spec, [str(python), "-P", "-m", spec.job.module, str(spec.directory / JOB)])
        except OSError as error:
            raise LaunchError(
                "infrastructure",
                f"The node's process could not be started: {error.strerror}.",
                "Retry the node.",
            ) from error
        return self._claimed(spec.directory)

    def adopt(self, directory: Path, handle: Handle | None, host: str) -> Handle | None:
        """Find an attempt by its handle, its `pid` file, or the mark in its processes' environment."""
        if handle is not None:
            return handle
        mark = processes.mark_of(directory)
        if (pid := read_pid(directory)) is not None:
            # Without the mark it is a stranger with the same pid; ours is gone.
            started = processes.start_time(pid) if processes.is_marked(pid, mark) else None
            return {"pid": pid, "started": started or "gone", "mark": mark}
        if processes.marked(mark):
            return self._claimed(directory)
        return None

    def poll(self, directory: Path, handle: Handle) -> Poll:
        """The exit file first; without it, whether the wrapper lives."""
        with self._lock:
            child = self._children.get(handle["pid"])
        if child is not None:
            child.poll()
        status = exit_status(directory)
        if status is None:
            if processes.is_alive(handle["pid"], handle["started"]):
                return Poll("running")
            status = exit_status(directory)
        if status is None:
            return Poll("lost", reason="The node's process is gone and left no exit status.")
        return Poll("exited", exit_code=status)

    def stop(
        self, directory: Path, handle: Handle, grace_seconds: float, wanted: Wanted = lambda: True
    ) -> None:
        """SIGTERM to the harness; after the grace SIGKILL to whatever the attempt started."""
        pid, started, mark = handle["pid"], handle["started"], handle["mark"]
        if processes.is_alive(pid, started):
            for harness in processes.tree(pid, started)[1:2]:
                processes.send(harness, signal.SIGTERM)
            if not processes.wait_gone(pid, started, grace_seconds):
                for process in processes.tree(pid, started)[1:]:
                    processes.send(process, signal.SIGKILL)
                # The harness is dead: the wrapper writes that down, which takes a moment.
                processes.wait_gone(pid, started, 1.0)
        processes.kill_everything(pid, started, mark)
        self._forget(pid)

    def written_apart(self, directory: Path, handle: Handle) -> int:
        """What a process writes elsewhere on this machine is not known to be its."""
        return 0

    def cleanup(self, directory: Path, handle: Handle) -> None:
        """Remove secrets that no harness came to take; strays went when it was stopped."""
        remove_secrets(directory)
        self._forget(handle["pid"])

    def close(self) -> None:
        """End the warm workers; attempts that run live on."""
        self._warm.close()

    def _fork(self, spec: AttemptSpec, python: Path) -> bool:
        """Have a warm worker start the attempt, claimed as by the wrapper; False where none is ready."""
        environment = _environment(spec)
        (spec.directory / LOG).touch()
        run = {
            "arguments": [str(spec.directory / JOB)],
            "directory": spec.job.scratch_dir,
            "environment": environment,
            "exit_file": str(spec.directory / EXIT),
            "log": str(spec.directory / LOG),
            "mark": environment[processes.MARK],
            "mark_name": processes.MARK,
            "pid_file": str(spec.directory / PID),
            "roots": environment["PYTHONPATH"].split(os.pathsep),
        }
        return self._warm.start(python, self._environments.preload(spec.environment), environment, run)

    def _spawn(self, spec: AttemptSpec, command: list[str]) -> None:
        with (spec.directory / LOG).open("ab") as log:
            child = subprocess.Popen(
                ["/bin/sh", "-c", _WRAPPER, str(spec.directory), *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=spec.job.scratch_dir,
                env=_environment(spec),
                start_new_session=True,
            )
        with self._lock:
            self._children[child.pid] = child

    def _claimed(self, directory: Path) -> Handle:
        """The handle of the wrapper that claimed the attempt, which takes it a millisecond."""
        until = time.monotonic() + _CLAIM_SECONDS
        while read_pid(directory) is None:
            if time.monotonic() > until:
                raise LaunchError("infrastructure", "The node's process did not start.", "Retry the node.")
            time.sleep(0.001)
        handle = self.adopt(directory, None, "local")
        assert handle is not None
        return handle

    def _forget(self, pid: int) -> None:
        with self._lock:
            child = self._children.pop(pid, None)
        if child is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(1.0)


def _environment(spec: AttemptSpec) -> dict[str, str]:
    return processes.environment_for(
        mark=processes.mark_of(spec.directory),
        roots=processes.import_roots(Path(spec.job.nodes_root)),
        cores=spec.resources.cpu,
        gpus=spec.gpus,
        secrets=spec.secrets,
    )
