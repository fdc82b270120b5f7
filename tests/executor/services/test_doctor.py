"""The doctor looks at the machine it is on: lightly, completely, and without ever failing."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from executor.data_dir import DataDir, Lock
from executor.services.doctor import Check, examine
from executor.services.workspace import Workspace


def named(checks: list[Check], name: str) -> Check:
    return next(check for check in checks if check.name == name)


def test_it_sees_this_machine(tmp_path):
    checks = examine(tmp_path)
    assert {"Python", "CPU", "Memory", "Docker", "Disk", "Model hub"} <= {check.name for check in checks}
    assert named(checks, "Environment train").value == "this interpreter has it"
    assert named(checks, "Node types").state == "ok"
    assert not [check for check in checks if check.state == "missing" and not check.advice]


def test_it_imports_nothing_heavy(tmp_path):
    code = (
        "import sys; from executor.services.doctor import examine; examine(sys.argv[1]);"
        "print(sorted({'torch', 'transformers', 'sqlmodel'} & set(sys.modules)))"
    )
    imported = subprocess.check_output([sys.executable, "-c", code, str(tmp_path)], text=True)
    assert imported == "[]\n"


def test_gaps_come_with_advice(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none")
    checks = examine(tmp_path)
    assert named(checks, "Docker").state == "missing"
    assert named(checks, "Docker").value == "there is no such socket"
    assert "Install Docker" in named(checks, "Docker").advice
    assert named(checks, "GPU").state == "missing"
    assert "HF_HUB_OFFLINE" in named(checks, "Model hub").advice


def test_missing_environments_and_broken_node_types_are_named(tmp_path):
    nodes = tmp_path / "nodes"
    (nodes / "environments").mkdir(parents=True)
    (nodes / "environments" / "far.txt").write_text("no-such-package>=1\n")
    (nodes / "custom").mkdir()
    (nodes / "custom" / "bad.py").write_text("import nothing_of_that_name\n")
    checks = examine(tmp_path / "data", nodes)
    assert "no-such-package" in named(checks, "Environment far").value
    assert "nothing_of_that_name" in named(checks, "Node type custom.bad").value


def test_a_data_directory_in_use_names_its_holder(tmp_path):
    directory = DataDir(tmp_path).create()
    lock = Lock(directory)
    lock.acquire()
    assert "used by process" in named(examine(tmp_path), "Data directory").value
    lock.release()


def test_a_data_directory_that_cannot_be_written_is_no_traceback(tmp_path):
    (tmp_path / "file").write_text("")
    check = named(examine(tmp_path / "file" / "data"), "Data directory")
    assert check.state == "missing" and "--data-dir" in check.advice


def test_a_command_that_hangs_does_not_hold_it_up(tmp_path, monkeypatch):
    smi = Path(tmp_path / "nvidia-smi")
    smi.write_text("#!/bin/sh\nexec sleep 30\n")
    smi.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert named(examine(tmp_path / "data"), "GPU").value == "nvidia-smi does not answer"


def test_an_engine_that_hangs_does_not_hold_it_up(tmp_path, monkeypatch):
    # The name of a socket may not be long, as those in tmp_path are.
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(f"{folder}/deaf")
        deaf.listen()
        monkeypatch.setenv("DOCKER_HOST", f"unix://{folder}/deaf")
        assert named(examine(tmp_path / "data"), "Docker").value == "no word for 1 s"


@pytest.mark.docker
def test_an_engine_that_answers_is_described(tmp_path):
    checks = examine(tmp_path)
    assert named(checks, "Docker").state == "ok" and named(checks, "Docker").value.startswith("engine ")
    assert "environments have one" in named(checks, "Docker images").value


def test_hosts_are_told_as_they_were_found(tmp_path):
    assert not [check for check in examine(tmp_path) if check.name == "Hosts"], "there are none"
    with Workspace(tmp_path) as space:
        space.hosts.add("gpu1", "unix:///var/tmp/nobody.sock")
        space.hosts.add("gpu2", "ssh://gpu2", check=False)
    found = named(examine(tmp_path), "Hosts")
    assert (found.state, found.value) == (
        "warning",
        "0 of 2 ready; gpu1 does not answer: there is no such socket",
    )
    assert "nodegraph hosts check" in found.advice
