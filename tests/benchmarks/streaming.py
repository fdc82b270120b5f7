"""How fast and in how much memory outputs change hosts: `python -m tests.benchmarks.streaming [--gb 10]`.

Two engines by TLS stand for two hosts that share no files. A node makes an output on the first, the server
fetches it and keeps it, and a node on the second is sent it. Bar: the server grows by less than 64 MB,
however large the output is (`--gb`, 10 unless told; the disk holds it four times). Needs root and dockerd.
"""

from __future__ import annotations

import argparse
import contextlib
import resource
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from executor.services.workspace import Workspace
from tests.executor.docker.own_engine import OwnEngine, make_certificates
from tests.executor.docker.support import SMALL, shell
from tests.executor.docker.test_far_hosts import taking

BAR_MB = 64
HOSTS = ("first", "second")
_HOURS = 3600


@contextlib.contextmanager
def hosts(space: Workspace, folder: Path) -> Iterator[None]:
    """Two further hosts; what they store is on the disk, for it is much."""
    certificates = make_certificates(folder / "certificates")
    with contextlib.ExitStack() as stack:
        for name in HOSTS:
            root = Path(tempfile.mkdtemp(prefix="ng-", dir="/var/tmp"))
            stack.callback(shutil.rmtree, root, ignore_errors=True)
            engine = OwnEngine(root, certificates)
            stack.callback(engine.end)
            engine.have(SMALL)
            space.hosts.add(name, engine.tls_address, tls=engine.tls)
        yield


def only(space: Workspace, name: str) -> None:
    """From now on nodes run on that host."""
    for other in ("local", *HOSTS):
        space.hosts.drain(other, other != name)


def seconds(space: Workspace, text: str) -> float:
    """How long a run takes from being submitted to its end."""
    began = time.monotonic()
    number = space.runs.submit(text, launcher="docker")
    view = space.runs.wait(number, _HOURS)
    assert view.state == "succeeded", {name: node.error for name, node in view.nodes.items()}
    return time.monotonic() - began


def peak() -> float:
    """The most memory that this process, which is the server here, has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Exit status 1 where the bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gb", type=float, default=10.0, help="the size of the output (default: 10)")
    megabytes = round(parser.parse_args().gb * 1024)
    make = shell(f"dd if=/dev/urandom of=$NODEGRAPH_OUTPUT_TEXT/t bs=1M count={megabytes}")
    take = taking("ls -l $NODEGRAPH_INPUT_GIVEN >$NODEGRAPH_OUTPUT_TEXT/t")
    with (
        tempfile.TemporaryDirectory(dir="/var/tmp") as folder,
        Workspace(Path(folder, "data"), engine=True, cores=4) as space,
        hosts(space, Path(folder)),
    ):
        for name in HOSTS:
            only(space, name)
            seconds(space, shell(f"echo {name} >$NODEGRAPH_OUTPUT_TEXT/t"))
        before, threads = peak(), threading.active_count()
        only(space, "first")
        fetched = seconds(space, make)
        came = peak()
        only(space, "second")
        sent = seconds(space, make + take)
        grown = peak() - before
    print(f"{megabytes / 1024:.1f} GB made on one host, and kept here    {fetched:8.1f} s")
    print(f"the same, sent to another host         {sent:8.1f} s")
    print(f"the server before, with {threads:2} threads       {before:8.0f} MB")
    print(f"grown by what came                     {came - before:8.0f} MB")
    print(f"grown in all                           {grown:8.0f} MB   (bar: {BAR_MB} MB)")
    return int(grown > BAR_MB)


if __name__ == "__main__":
    sys.exit(main())
