"""The ways to an engine on another machine: ssh and TLS; and how much memory what is carried takes."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from executor.launchers.base import LaunchError
from executor.launchers.docker.connecting import check
from executor.launchers.docker.engine import DockerEngine, EngineDown
from tests.executor.docker.far import only_far
from tests.executor.docker.own_engine import OwnEngine, free_port, needs_dockerd
from tests.executor.docker.support import real, run, shell
from tests.executor.docker.test_far_hosts import taking
from tests.executor.support import states, until

pytestmark = [pytest.mark.docker, needs_dockerd]
SSHD = shutil.which("sshd") or "/usr/sbin/sshd"
needs_sshd = pytest.mark.skipif(not os.access(SSHD, os.X_OK), reason="needs sshd (package openssh-server)")

_CONFIG = """
HostKey {folder}/host
AuthorizedKeysFile {folder}/client.pub
ListenAddress 127.0.0.1
Port {port}
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
SetEnv DOCKER_HOST={docker}
"""


class Sshd:
    """A server of ssh at 127.0.0.1, behind which Docker's own command speaks with an engine."""

    def __init__(self, folder: Path, engine: OwnEngine) -> None:
        for name in ("host", "client"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(command, check=True)
        self._folder, self._docker, self.log = folder, engine.address, folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        Path("/run/sshd").mkdir(exist_ok=True)
        until(self._serves)
        self.address = f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}"
        key = (folder / "host.pub").read_text()
        (folder / "known").write_text(f"[127.0.0.1]:{self.port} {key}")
        # The client's settings are its user's; those of this test come by a program of the same name.
        wrapper = folder / "bin" / "ssh"
        wrapper.parent.mkdir()
        options = f"-F none -i {folder}/client -o UserKnownHostsFile={folder}/known"
        wrapper.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} {options} "$@"\n')
        wrapper.chmod(0o755)
        self.path = f"{wrapper.parent}:{os.environ['PATH']}"
        self.known = folder / "known"

    def _serves(self) -> bool:
        """Start it, again at another port where somebody else took this one; whether it answers."""
        if self._process is None or self._process.poll() is not None:
            self.port = free_port()
            config = _CONFIG.format(folder=self._folder, port=self.port, docker=self._docker)
            (self._folder / "config").write_text(config)
            command = [SSHD, "-D", "-e", "-f", str(self._folder / "config")]
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(command, stderr=log)
        with socket.socket() as tried:
            tried.settimeout(2)
            greeted = tried.connect_ex(("127.0.0.1", self.port)) == 0 and b"SSH" in tried.recv(100)
        return greeted and self._process.poll() is None

    def end(self) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait()


@pytest.fixture(scope="module")
def started(far: OwnEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    sshd = Sshd(tmp_path_factory.mktemp("sshd"), far)
    yield sshd
    sshd.end()


@pytest.fixture
def sshd(started: Sshd, monkeypatch: pytest.MonkeyPatch) -> Sshd:
    monkeypatch.setenv("PATH", started.path)
    return started


@needs_sshd
def test_a_pipeline_runs_on_a_host_behind_ssh(tmp_path: Path, far: OwnEngine, sshd: Sshd) -> None:
    make = "echo hello; head -c 2000000 /dev/urandom >$NODEGRAPH_OUTPUT_TEXT/t"
    copy = "cp $NODEGRAPH_INPUT_GIVEN/t $NODEGRAPH_OUTPUT_TEXT/"
    with real(tmp_path) as space:
        only_far(space, far, sshd.address)
        view = run(space, shell(make) + taking(copy))
        assert states(view) == {"a": "succeeded", "b": "succeeded"}, view.nodes["a"].error
        assert view.nodes["a"].outputs["text"].digest == view.nodes["b"].outputs["text"].digest
    assert (tmp_path / "data/runs/1/a/1/log").read_text() == "hello\n"
    # Not one for every request: those that come first at the same moment may each have begun their own.
    assert 1 <= sshd.log.read_text().count("Accepted publickey") <= 4
    assert ssh_processes(sshd) == []


@needs_sshd
def test_ssh_says_itself_why_it_does_not_get_there(sshd: Sshd) -> None:
    """It is never asked for anything: neither a password nor whether a strange host is the right one."""
    known = sshd.known.read_text()
    sshd.known.write_text("")
    try:
        with pytest.raises(EngineDown, match="Host key verification failed"):
            DockerEngine(sshd.address, host="gpu2").info()
    finally:
        sshd.known.write_text(known)
    with pytest.raises(EngineDown, match="this user may not use it"):
        DockerEngine(f"ssh://nobody@127.0.0.1:{sshd.port}").info()
    with pytest.raises(EngineDown, match="nobody listens there") as caught:
        DockerEngine(f"ssh://127.0.0.1:{free_port()}", host="gpu2").info()
    assert "gpu2" in caught.value.hint


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("tcp://gpu2:2375", "not used without TLS"),
        ("ssh://-oProxyCommand=touch", "is no address of a host"),
        ("ssh://user@host/;touch", "is no address of a host"),
        ("http://gpu2", "is no address of a Docker engine"),
    ],
)
def test_a49_only_ssh_and_tls_lead_to_other_machines(address: str, words: str) -> None:
    with pytest.raises(LaunchError, match=words):
        check(address, {})


def test_a49_without_our_certificate_the_engine_does_not_answer(far: OwnEngine, tmp_path: Path) -> None:
    """Nor is an engine believed that shows another certificate than the one of our authority."""
    assert DockerEngine(far.tls_address, tls=far.tls).info()["ID"]
    other = tmp_path / "other.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    subprocess.run(
        [*command, "-subj", "/CN=other", "-keyout", tmp_path / "key.pem", "-out", other], check=True
    )
    with pytest.raises(EngineDown, match="not signed by the authority"):
        DockerEngine(far.tls_address, tls={**far.tls, "ca": str(other)}).info()
    stranger = {**far.tls, "cert": str(other), "key": str(tmp_path / "key.pem")}
    with pytest.raises(EngineDown):
        DockerEngine(far.tls_address, tls=stranger).info()


_CARRY = """
import resource, sys
from pathlib import Path
from executor.services.workspace import Workspace
from tests.executor.docker.support import run, shell
from tests.executor.docker.test_far_hosts import taking

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

with Workspace(sys.argv[1], engine=True, cores=4) as space:
    run(space, shell("echo small >$NODEGRAPH_OUTPUT_TEXT/t"))
    before = peak()
    space.hosts.drain("gpu2", False), space.hosts.drain("local")
    home = run(space, shell("truncate -s 100M $NODEGRAPH_OUTPUT_TEXT/t; head -c 80000000 /dev/zero"))
    assert home.state == "succeeded", home.nodes["a"].error
    space.hosts.drain("gpu2"), space.hosts.drain("local", False)
    make = "truncate -s 100M $NODEGRAPH_OUTPUT_TEXT/t; echo x >$NODEGRAPH_OUTPUT_TEXT/x"
    assert run(space, shell(make)).state == "succeeded"
    space.hosts.drain("gpu2", False), space.hosts.drain("local")
    out = run(space, shell(make) + taking("ls -s $NODEGRAPH_INPUT_GIVEN >$NODEGRAPH_OUTPUT_TEXT/t"))
    assert out.state == "succeeded", out.nodes["b"].error
    assert space.docker_fleet._on("gpu2")._remote.files.sent > 100_000_000
    print(round(peak() - before))
"""


def test_what_is_carried_does_not_pass_through_memory(tmp_path: Path, far: OwnEngine) -> None:
    """100 MB come home with 80 MB of log, and 100 MB go out: the server grows by less than 64 MB."""
    with real(tmp_path, engine=False) as space:
        only_far(space, far)
        space.hosts.drain("local", False)
        space.hosts.drain("gpu2")
    command = [sys.executable, "-c", _CARRY, str(tmp_path / "data")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=550)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) < 64


def ssh_processes(sshd: Sshd) -> list[str]:
    """The ssh processes of ours that still run, a moment after their connections were closed."""

    def look() -> list[str]:
        words = ["pgrep", "-af", f"-p {sshd.port} -- 127.0.0.1"]
        return subprocess.run(words, capture_output=True, text=True).stdout.splitlines()

    until(lambda: not look())
    return look()
