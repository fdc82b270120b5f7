"""Warm workers: one process per interpreter has the heavy libraries imported, and forks attempts.

A worker serves one engine, over two pipes, and ends with it; the attempts live on. Whatever goes wrong here,
the answer is that there is no worker, and attempts are started without one.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from executor import processes
from executor.launchers.base import Say

SWITCH = "NODEGRAPH_WARM"
NO_MARK = "0" * 32
_TICK = 0.5
_IMPORT_SECONDS = 180.0
_LITTLE_MEMORY = 6 * 2**30
# What may differ between attempts of one worker: it is set after the fork.
_PER_ATTEMPT = {processes.MARK, "PYTHONPATH", "CUDA_VISIBLE_DEVICES", *processes.THREADS}


class WarmWorkers:
    """The workers of one launcher. Its methods may be called from any thread."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._workers: dict[tuple[str, str], Worker] = {}
        self._lock = threading.Lock()

    def prepare(self, python: Path, modules: list[str], environment: Mapping[str, str], say: Say) -> None:
        """Have a worker with these modules; `say` is called about every second meanwhile."""
        if not modules or not _wanted():
            return
        with self._lock:
            worker = self._workers.get(_key(python, environment))
            if worker is None or not (worker.alive or worker.unfit):
                worker = self._workers[_key(python, environment)] = Worker(python, environment, self._log)
        worker.have(modules, say)

    def start(
        self, python: Path, modules: list[str], environment: Mapping[str, str], run: Mapping[str, Any]
    ) -> bool:
        """Have a worker fork an attempt; False where none is ready."""
        if not modules or not _wanted():
            return False
        with self._lock:
            worker = self._workers.get(_key(python, environment))
        return worker is not None and worker.run(modules, run)

    def close(self) -> None:
        """End the workers; attempts live on."""
        with self._lock:
            for worker in self._workers.values():
                worker.close()
            self._workers.clear()


class Worker:
    """One process, asked one thing at a time."""

    def __init__(self, python: Path, environment: Mapping[str, str], log: Path) -> None:
        self.unfit = ""
        self._had: set[str] = set()
        self._asking = threading.Lock()
        threads = dict.fromkeys(processes.THREADS, "1")
        # pyarrow's memory pool would start a thread when it is imported; torch's check for GPUs, CUDA.
        quiet = {"JE_ARROW_MALLOC_CONF": "background_thread:false", "PYTORCH_NVML_BASED_CUDA_CHECK": "1"}
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                [str(python), "-P", "-m", "nodegraph.harness.warm"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**environment, **threads, **quiet, processes.MARK: NO_MARK},
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process.poll() is None

    def have(self, modules: list[str], say: Say) -> None:
        """Import what it has not imported yet."""
        while not self._asking.acquire(timeout=_TICK):
            say("")
        try:
            if self.unfit or self._had.issuperset(modules):
                return
            answered = threading.Event()
            asker = threading.Thread(target=self._import, args=(modules, answered), daemon=True)
            asker.start()
            until = time.monotonic() + _IMPORT_SECONDS
            while not answered.wait(_TICK):
                say("")
                if time.monotonic() > until:
                    self._give_up("importing took too long")
        except BaseException:
            # Cancelled: the asker still waits for the answer, which nobody else may read.
            self._give_up("its first attempt was cancelled")
            self.unfit = ""
            raise
        finally:
            self._asking.release()

    def run(self, modules: list[str], run: Mapping[str, Any]) -> bool:
        """Fork an attempt; False where it is busy, unfit or gone."""
        if not self._asking.acquire(blocking=False):
            return False
        try:
            fit = not self.unfit and self._had.issuperset(modules) and self.alive
            return fit and self._ask({"run": dict(run)}) is not None
        finally:
            self._asking.release()

    def close(self) -> None:
        """Let it end: its input does."""
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()

    def _import(self, modules: list[str], answered: threading.Event) -> None:
        answer = self._ask({"import": modules})
        if answer is None:
            self.unfit = self.unfit or "it ended while it imported"
        elif answer["unfit"]:
            self._give_up(answer["unfit"])
        else:
            self._had.update(modules)
        answered.set()

    def _ask(self, question: dict[str, Any]) -> dict[str, Any] | None:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        try:
            stdin.write(json.dumps(question).encode() + b"\n")
            stdin.flush()
            answer: dict[str, Any] = json.loads(stdout.readline())
            return answer
        except (OSError, ValueError):
            return None

    def _give_up(self, reason: str) -> None:
        self.unfit = reason
        with contextlib.suppress(OSError):
            self._process.kill()


def _wanted() -> bool:
    return os.environ.get(SWITCH, "1") != "0" and psutil.virtual_memory().total >= _LITTLE_MEMORY


def _key(python: Path, environment: Mapping[str, str]) -> tuple[str, str]:
    """Libraries read their settings when imported: another environment needs another worker."""
    shared = {name: value for name, value in environment.items() if name not in _PER_ATTEMPT}
    return str(python), json.dumps(shared, sort_keys=True)
