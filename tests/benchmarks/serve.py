"""How soon `nodegraph serve` and `nodegraph doctor` answer: `python tests/benchmarks/serve.py`.

Bar: HTTP 200 in under 3 s from the start of the process, without torch; the doctor's word as soon.
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextlib.contextmanager
def server(data_dir: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A server that has answered its first request; ended at the end."""
    command = [sys.executable, "-m", "executor.cli.main", "serve"]
    options = ["--port", str(port), "--data-dir", str(data_dir)]
    process = subprocess.Popen([*command, *options], cwd=ROOT, stderr=subprocess.DEVNULL)
    started = time.perf_counter()
    try:
        while not answers(port):
            if process.poll() is not None or time.perf_counter() - started > 60:
                raise RuntimeError("The server did not start.")
            time.sleep(0.01)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def answers(port: int) -> bool:
    """Whether `/` answers 200 now."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


def seconds_to_answer(data_dir: Path) -> float:
    """One start; the process is ended again."""
    port = free_port()
    started = time.perf_counter()
    with server(data_dir, port):
        return time.perf_counter() - started


def command_seconds(times: int, *words: str) -> float:
    """The median time that Python takes with these words."""
    found = []
    for _ in range(times):
        started = time.perf_counter()
        subprocess.run([sys.executable, *words], cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
        found.append(time.perf_counter() - started)
    return statistics.median(found)


def main() -> None:
    """Print the median and the spread, beside a bare Python that imports nothing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as directory:
        found = [seconds_to_answer(Path(directory)) for _ in range(times + 1)]
    first, rest = found[0], found[1:]
    doctor = command_seconds(times, "-m", "executor.cli.main", "doctor", "--data-dir", directory)
    bare = command_seconds(times, "-c", "pass")
    median = statistics.median(rest)
    print(f"first start, data directory made   {first:6.2f} s")
    print(
        f"median of {times:<2}                       {median:6.2f} s   ({min(rest):.2f} to {max(rest):.2f})"
    )
    print(f"nodegraph doctor                   {doctor:6.2f} s")
    print(f"a bare Python                      {bare:6.2f} s")


if __name__ == "__main__":
    main()
