"""Containers that want too much of processes, disk and log: all is bounded, and this machine lives on."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from executor.launchers import limits
from executor.launchers.docker import container
from tests.executor.docker.support import nothing_is_left, real, run, shell
from tests.executor.support import states

pytestmark = pytest.mark.docker
# Each of them starts two more, to a depth of eight: unbounded, five hundred and more at once.
BOMB = """
cat >$NODEGRAPH_SCRATCH/bomb <<'END'
[ $1 -lt 8 ] || exec sleep 2
sh $0 $(($1 + 1)) & sh $0 $(($1 + 1)) & wait
END
sh $NODEGRAPH_SCRATCH/bomb 0; echo survived >$NODEGRAPH_OUTPUT_TEXT/t
"""


def test_a47_a_fork_bomb_goes_off_in_its_container_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "PIDS", 40)
    before, most = len(psutil.pids()), 0
    with real(tmp_path) as space:
        number = space.runs.submit(shell(BOMB, resources={"cpu": 0.5, "memory_gb": 0.2}), launcher="docker")
        while not (view := space.runs.wait(number, 0.2)).final:
            most = max(most, len(psutil.pids()))
        log = space.runs.log(number, "a").decode()
    assert "annot fork" in log or "Resource temporarily unavailable" in log
    assert most - before < 200
    assert view.nodes["a"].state in ("succeeded", "failed")
    nothing_is_left(tmp_path)


def test_a47_the_kernel_bounds_processes_and_memory(tmp_path: Path) -> None:
    """Read from inside, in either version of control groups; that memory's bound bites is F22."""
    both = "cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/memory.max 2>/dev/null"
    old = "cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/memory/memory.limit_in_bytes"
    with real(tmp_path) as space:
        text = shell(f"({both} || {old}) >$NODEGRAPH_OUTPUT_TEXT/t", resources={"memory_gb": 0.25})
        view = run(space, text)
        bounds = (Path(view.nodes["a"].outputs["text"].path) / "t").read_text().split()
    assert bounds == ["4096", str(2**28)]


@pytest.mark.parametrize("place", ["$NODEGRAPH_OUTPUT_TEXT", "/tmp"])
def test_a47_a_container_that_fills_the_disk_is_stopped(tmp_path: Path, place: str) -> None:
    """Wherever it writes: in its mounts, or into its own layer."""
    fill = f"while head -c 1000000 /dev/zero >>{place}/t; do sleep 0.02; done"
    with real(tmp_path) as space:
        view = run(space, shell(fill, resources={"cpu": 0.5, "memory_gb": 0.2, "disk_gb": 0.02}))
    error = view.nodes["a"].error
    assert error and error["category"] == "storage" and "more than its limit of 20 MB" in error["message"]
    assert "disk_gb" in error["hint"]
    nothing_is_left(tmp_path)


def test_f48_the_log_of_a_container_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(limits.LOG_LIMIT, "4")
    many = "yes 0123456789 | head -c 100000000; sleep 0.5"
    script = f"echo first; {many}; echo last; echo x >$NODEGRAPH_OUTPUT_TEXT/t"
    with real(tmp_path) as space:
        view = run(space, shell(script, resources={"cpu": 1, "memory_gb": 0.2}))
        assert states(view) == {"a": "succeeded"}
        log = space.runs.log(view.id, "a")
    assert len(log) <= 4_000_000 and limits.log_notice(4_000_000) in log
    assert log.startswith(b"first\n0123456789\n") and log.endswith(b"last\n")
