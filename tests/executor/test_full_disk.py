"""Full disks: a node says so, the server lives, and all goes on once there is space."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodegraph.errors import Unavailable
from tests.executor.support import pipeline, run, workspace


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here: " + mounted.stderr.decode().strip())
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def fill(disk: Path) -> Path:
    """A file that takes all the space there is."""
    hog = disk / "hog"
    with hog.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
        while True:
            file.write(b"x" * 4096)
    return hog


def test_f31_a_full_disk_fails_the_node_and_nothing_else(small_disk: Path) -> None:
    with workspace(small_disk) as space:
        hog = small_disk / "hog"
        hog.write_bytes(b"x" * 7_000_000)
        view = run(space, pipeline("a: {type: custom.fill, params: {megabytes: 6}}"))
        error = view.nodes["a"].error
        assert error and (error["category"], error["message"]) == ("storage", "Disk full.")
        assert run(space, pipeline("a: {type: custom.make}")).state == "succeeded", "the server is alive"
        hog.unlink()
        assert space.runs.wait(space.runs.rerun(view.id), 60).state == "succeeded"
        assert space.database.integrity() == "ok"


def test_f32_a_database_without_space_says_so_and_recovers(small_disk: Path) -> None:
    text = pipeline("a: {type: custom.make, params: {seconds: 1.5}}")
    with workspace(small_disk) as space:
        running = space.runs.submit(text)
        hog = fill(small_disk)
        with pytest.raises(Unavailable, match="full"):
            for _ in range(20):
                space.runs.submit(text + "#" * 20_000)
        hog.unlink()
        assert space.runs.wait(running, 30).final
        assert run(space, text).state == "succeeded"
        assert space.database.integrity() == "ok"


def test_f35_a_disk_that_is_read_only_is_one_line_at_the_start(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    command = [sys.executable, "-m", "executor.cli.main", "runs", "--data-dir", str(small_disk / "data")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2 and done.stdout == ""
    assert "cannot be written: Read-only file system" in done.stderr and "Traceback" not in done.stderr
