"""Docker engines of our own, which tests may kill; they stand for other hosts too."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from executor.launchers.docker.engine import DockerEngine
from tests.executor.support import until

needs_dockerd = pytest.mark.skipif(
    os.getuid() != 0 or not (shutil.which("dockerd") and shutil.which("ip")),
    reason="an engine of its own needs root and dockerd",
)
# Of what an engine stores in memory.
_SIZE = "4g"


class OwnEngine:
    """A Docker engine that a test may kill; its bridge is its own too, so that the usual engine keeps its.

    Beside its socket it listens on `port` of 127.0.0.1 where `certificates` are given, by TLS alone.
    """

    def __init__(self, root: Path, certificates: Path | None = None) -> None:
        # With `--bridge none` an engine would remove the bridge of the usual one.
        number = own_bridge()
        self._bridge, self._network = f"ngt{number}", f"172.29.{number}.0/24"
        ip("addr", "add", self._network.replace(".0/", ".1/"), "dev", self._bridge)
        ip("link", "set", self._bridge, "up")
        self.address = f"unix://{root}/socket"
        self.tls: dict[str, str] = {}
        self._flags: list[str] = []
        if certificates is not None:
            self.port = free_port()
            self.tls_address = f"tcp://127.0.0.1:{self.port}"
            self.tls = {part: str(certificates / f"{part}.pem") for part in ("ca", "cert", "key")}
            self._flags = [
                "-H", f"tcp://127.0.0.1:{self.port}", "--tlsverify", f"--tlscacert={certificates}/ca.pem",
                f"--tlscert={certificates}/server-cert.pem", f"--tlskey={certificates}/server-key.pem",
            ]  # fmt: skip
        self._root, self._data = root, root / "data"
        self.process: subprocess.Popen[bytes] | None = None
        self.up()

    def up(self, *flags: str) -> None:
        command = [
            "dockerd", "--data-root", self._data, "--exec-root", self._root / "exec",
            "--pidfile", self._root / "pid", "-H", self.address, "--iptables=false",
            "--bridge", self._bridge, "--fixed-cidr", self._network, *self._flags, *flags,
        ]  # fmt: skip
        until(lambda: self._supervised(command) and self.answers(), 120)

    def _supervised(self, command: list[Any]) -> bool:
        """Start it, again where it has given up, as an init system does.

        After a kill it may take its dying containerd for a living one, and give up waiting for that.
        """
        if self.process is None or self.process.poll() is not None:
            with (self._root / "log").open("ab") as log:
                self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        return True

    def answers(self) -> bool:
        try:
            return bool(DockerEngine(self.address).info())
        except Exception:
            return False

    def have(self, image: str) -> None:
        """Give it an image of the usual engine."""
        with DockerEngine().client(120) as client, DockerEngine(self.address).client(120) as other:
            other.load_image(client.get_image(image))

    def leave_free(self, megabytes: int | None) -> bool:
        """Have only so much room where it stores things, None for all there was; whether that can be."""
        used = shutil.disk_usage(self._data).used >> 20
        size = _SIZE if megabytes is None else f"{used + megabytes}m"
        words = ["mount", "-o", f"remount,size={size}", self._data]
        return subprocess.run(words, capture_output=True).returncode == 0

    def down(self, number: signal.Signals = signal.SIGTERM) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait()

    def freeze(self) -> None:
        """It takes connections and answers nothing; its containers run on."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """Kill what runs there, then itself; what it has goes with its folder."""
        self.thaw()
        self.up()
        with DockerEngine(self.address).asked() as client:
            for container in client.containers():
                client.kill(container["Id"])
        self.down()
        ip("link", "del", self._bridge)


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder with a short name: sockets' names may not be long. What an engine stores is in memory.

    Where that may not be it is on the disk, where images take it many seconds to come and to go.
    """
    folder = Path(tempfile.mkdtemp(prefix="ng-", dir="/var/tmp"))
    (folder / "data").mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", folder / "data"], capture_output=True
    )
    try:
        yield folder
    finally:
        # An engine binds its folder to itself, and leaves that when it is killed.
        for place in ("data", "data", "exec/netns/default"):
            subprocess.run(["umount", "--lazy", folder / place], capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def make_certificates(folder: Path) -> Path:
    """An authority, and certificates of a server at 127.0.0.1 and of a client, signed by it."""
    folder.mkdir()
    new = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj"]
    openssl(folder, *new, "/CN=authority", "-x509", "-keyout", "ca-key.pem", "-out", "ca.pem")
    for who, prefix in {"server": "server-", "client": ""}.items():
        openssl(folder, *new, f"/CN={who}", "-keyout", f"{prefix}key.pem", "-out", f"{who}.csr")
        (folder / f"{who}.ext").write_text(f"subjectAltName=IP:127.0.0.1\nextendedKeyUsage={who}Auth\n")
        signed = ["x509", "-req", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial"]
        openssl(folder, *signed, "-in", f"{who}.csr", "-extfile", f"{who}.ext", "-out", f"{prefix}cert.pem")
    return folder


def openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def own_bridge() -> int:
    """Make a bridge that no other engine has, whoever tests on this machine at the same time; its number."""
    numbers = random.sample(range(20, 220), 200)
    return next(number for number in numbers if ip("link", "add", f"ngt{number}", "type", "bridge"))


def ip(*words: str) -> bool:
    """Change the machine's networks; whether that was possible."""
    return subprocess.run(["ip", *words], capture_output=True).returncode == 0
