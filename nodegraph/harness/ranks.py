"""Runs one node in several processes, one for each GPU: `python -m nodegraph.harness.ranks JOB_FILE`.

accelerate starts them; each is the harness, with a rank. Where one fails, the others are ended, and this
process ends as that one did: its exit status is what the engine sees.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from nodegraph.events import Failed
from nodegraph.harness.context import EventFile
from nodegraph.harness.failures import failure_of
from nodegraph.harness.job import Job

_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")
# They are on one machine, which may have no other network.
_LOOPBACK = {"GLOO_SOCKET_IFNAME": "lo", "NCCL_SOCKET_IFNAME": "lo"}
_LITTLE = 65536


def main() -> int:
    """Exit status 0 where all processes succeeded, 1 where one failed; a signal where one was ended by it."""
    path = sys.argv[1]
    job = Job.model_validate_json(Path(path).read_bytes())
    _share_cores(job.processes)
    os.environ.update(_LOOPBACK)
    # What -P does for this process, for those that it starts.
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        return _launch(job, path)
    except Exception as error:
        EventFile(job.events_file, {}).send(failure_of(error))
        raise


def _launch(job: Job, path: str) -> int:
    from accelerate.commands.launch import launch_command_parser, multi_gpu_launcher
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

    # The whole of `accelerate launch`, but for what a person may have configured for runs of their own.
    arguments = launch_command_parser().parse_args([
        "--num_processes", str(job.processes), "--num_machines", "1", "--mixed_precision", "no",
        "--dynamo_backend", "no", "--main_process_port", "0",
        "--num_cpu_threads_per_process", os.environ.get("OMP_NUM_THREADS", "1"),
        "--module", "nodegraph.harness", path,
    ])  # fmt: skip
    try:
        multi_gpu_launcher(arguments)
    except SignalException as stopped:
        _end_by(stopped.sigval)
    except ChildFailedError as failed:
        codes = [failure.exitcode for failure in failed.failures.values()]
        ended = [-code for code in codes if code < 0 and code != -signal.SIGTERM]
        if ended:
            _end_by(ended[0])
        if not _is_told(job):
            message = "The training processes lost touch with one another."
            hint = "The log says more; check the GPUs and their connection, then retry the node."
            failure = Failed(category="infrastructure", message=message, hint=hint)
            EventFile(job.events_file, {}).send(failure)
        return 1
    return 0


def _share_cores(processes: int) -> None:
    for name in _THREADS:
        if os.environ.get(name, "").isdigit():
            os.environ[name] = str(max(1, int(os.environ[name]) // processes))


def _is_told(job: Job) -> bool:
    """Whether a process has said why it failed."""
    with Path(job.events_file).open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _LITTLE))
        return b'"event":"failed"' in file.read()


def _end_by(number: int) -> NoReturn:
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
