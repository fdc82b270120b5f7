"""Programs forked from a process that has imported the engine: started anew, each would import it for 1.5 s.

They are real processes with a real exit status, handled as those of subprocess.Popen are. Only what a
process does is the same, not how it came to be: tests of the start itself need a new interpreter.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import traceback
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
_IMPORTED = (
    "executor.services.workspace", "executor.engine.engine", "executor.launchers.docker.fleet", "docker",
)  # fmt: skip
_LARGEST_REQUEST = 1 << 20


class Forked:
    """A program that runs, or has run."""

    def __init__(
        self, code: str, *arguments: str, stdout: int | None = None, stderr: int | None = None
    ) -> None:
        """`code` finds its arguments in sys.argv; its output goes where ours goes, to a file or to a pipe."""
        self.args = [code, *arguments]
        self.returncode: int | None = None
        self.stdout: IO[bytes] | None = None
        out, err = 1 if stdout is None else stdout, 2 if stderr is None else stderr
        if stdout == subprocess.PIPE:
            read, out = os.pipe()
            self.stdout = open(read, "rb")  # noqa: SIM115, PTH123
        status, tell = os.pipe()
        self._status = open(status, "rb", buffering=0)  # noqa: SIM115, PTH123
        request = {"argv": ["-c", *arguments], "code": code, "environment": dict(os.environ)}
        socket.send_fds(_forker(), [json.dumps(request).encode()], [out, err, tell])
        os.close(tell)
        if stdout == subprocess.PIPE:
            os.close(out)
        self.pid = int(self._status.readline())

    def poll(self) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._status], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
            self.returncode = int(self._status.readline())
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


@cache
def _forker() -> socket.socket:
    """A connection to the process that forks; it ends when this one does."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LARGEST_REQUEST)
    command = [sys.executable, "-m", "tests.executor.forking", str(its.fileno())]
    subprocess.Popen(command, cwd=ROOT, pass_fds=[its.fileno()], stdin=subprocess.DEVNULL)
    its.close()
    return ours


def _serve(requests: socket.socket) -> None:
    """Fork whenever asked to, and tell of each program its pid and then its exit status."""
    for name in _IMPORTED:
        importlib.import_module(name)
    ended, wake = os.pipe()
    for end in (ended, wake):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    running: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([requests, ended], [], [])
        if ended in ready:
            os.read(ended, 1024)
            _tell_ends(running)
        if requests in ready:
            message, descriptors, _, _ = socket.recv_fds(requests, _LARGEST_REQUEST, 3)
            if not message:
                return
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                requests.close()
                for descriptor in (ended, wake, *running.values()):
                    os.close(descriptor)
                _become(json.loads(message), *descriptors)
            *handed, tell = descriptors
            for descriptor in handed:
                os.close(descriptor)
            running[pid] = tell
            os.write(tell, b"%d\n" % pid)


def _tell_ends(running: dict[int, int]) -> None:
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        tell = running.pop(pid)
        with suppress(BrokenPipeError):
            os.write(tell, b"%d\n" % os.waitstatus_to_exitcode(status))
        os.close(tell)


def _become(request: dict, out: int, err: int, tell: int) -> None:
    """The program, to its end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(out, 1)
    os.dup2(err, 2)
    for descriptor in {out, err, tell} - {1, 2}:
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(request["environment"])
    random.seed()
    sys.argv = request["argv"]
    status = 0
    try:
        exec(compile(request["code"], "<program>", "exec"), {"__name__": "__main__"})
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
