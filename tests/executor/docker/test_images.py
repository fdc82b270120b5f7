"""Images of environments: made once, from what was said, without traces; and images that cannot be had."""

from __future__ import annotations

import contextlib
import secrets
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from docker.errors import ImageNotFound

from executor.environments import Environments
from executor.images.choices import Choice
from executor.images.images import Images
from executor.images.recipe import Recipe
from executor.launchers.base import Cancelled, LaunchError
from executor.launchers.docker.engine import DockerEngine
from tests.executor.docker.own_engine import OwnEngine, needs_dockerd
from tests.executor.docker.support import SMALL, containers, engine, real, run, shell, submit
from tests.executor.support import until

pytestmark = pytest.mark.docker
PASSWORD = "canary-77aa"
# Others may run these tests on the same engine at the same time.
TINY, ABSENT = f"tiny-{secrets.token_hex(4)}", f"absent-{secrets.token_hex(4)}"


@pytest.fixture
def environments(tmp_path: Path) -> Iterator[Environments]:
    """The environment TINY of one package that no index has: it lies in a folder of wheels."""
    folder = tmp_path / "nodes" / "environments"
    folder.mkdir(parents=True)
    (folder / "base.txt").write_text("")
    (folder / f"{TINY}.txt").write_text("ng-tiny-test==1.0\n")
    (folder / f"{ABSENT}.txt").write_text("ng-tiny-test==2.0\n")
    wheel(tmp_path / "wheels")
    yield Environments(tmp_path / "envs", tmp_path / "nodes")
    with engine().asked() as client:
        for image in client.images(filters={"label": f"nodegraph.environment={TINY}"}):
            client.remove_image(image["Id"], force=True)


def wheel(folder: Path) -> None:
    folder.mkdir()
    about = "ng_tiny_test-1.0.dist-info"
    with zipfile.ZipFile(folder / "ng_tiny_test-1.0-py3-none-any.whl", "w") as made:
        made.writestr("ng_tiny_test.py", "ANSWER = 42\n")
        made.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: ng-tiny-test\nVersion: 1.0\n")
        made.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: us\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        made.writestr(f"{about}/RECORD", "")


def offline(monkeypatch: pytest.MonkeyPatch, address: str = "http://127.0.0.1:9/simple") -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", address)
    monkeypatch.setenv("PIP_RETRIES", "0")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)


def test_an_image_is_made_from_wheels_without_any_index(
    tmp_path: Path, environments: Environments, monkeypatch: pytest.MonkeyPatch
) -> None:
    offline(monkeypatch, f"http://user:{PASSWORD}@127.0.0.1:9/simple")
    images = Images(tmp_path / "images", environments, engine())
    said: list[str] = []
    tag = images.ensure(TINY, said.append, Choice(wheelhouse=str(tmp_path / "wheels")))
    assert any("Successfully installed ng-tiny-test" in line for line in said)
    printed = docker(
        "run", "--rm", "--network", "none", tag, "python", "-c", "import ng_tiny_test as t; print(t.ANSWER)"
    )
    assert printed == "42\n"

    # Unchanged, it is never made again.
    said.clear()
    assert images.ensure(TINY, said.append) == tag
    assert said == []
    entry = next(entry for entry in images.list() if entry.environment == TINY)
    assert (entry.tag, entry.current) == (tag, True)

    # The index with its password, and the wheels, have left no trace.
    assert PASSWORD not in docker("history", "--no-trunc", tag) + docker("inspect", tag)
    look = "ls /nodegraph-making ~root/.cache/pip /etc/pip.conf; grep -r canary /etc /root /tmp; true"
    assert docker("run", "--rm", "--network", "none", "--user", "0", tag, "sh", "-c", look) == ""

    # A changed requirement is another image.
    (tmp_path / f"nodes/environments/{TINY}.txt").write_text("ng-tiny-test>=1.0\n")
    assert images.tag(TINY) != tag
    assert not next(entry for entry in images.list() if entry.tag == tag).current


@needs_dockerd
def test_an_image_is_made_where_no_files_are_shared(
    tmp_path: Path, environments: Environments, monkeypatch: pytest.MonkeyPatch, far: OwnEngine
) -> None:
    """Wheels, and what else pip on this machine goes by, are sent there and leave no trace either."""
    offline(monkeypatch)
    (tmp_path / "wheels").rename(tmp_path / "far wheels")
    monkeypatch.setenv("PIP_CERT", far.tls["ca"])
    host = DockerEngine(far.tls_address, host="gpu2", tls=far.tls)
    images = Images(tmp_path / "images", environments, host)
    tag = images.ensure(TINY, lambda _: None, Choice(wheelhouse=str(tmp_path / "far wheels")))
    look = "python -c 'import ng_tiny_test as t; print(t.ANSWER)'; ls /nodegraph-making"
    there = ("-H", far.address, "run", "--rm", "--network", "none", tag, "sh", "-c", look)
    assert docker(*there) == "42\n"
    assert [entry.tag for entry in images.list() if entry.environment == TINY] == [tag]


@needs_dockerd
def test_f31_the_disk_of_a_host_that_has_no_room_for_an_image_is_named(
    tmp_path: Path, environments: Environments, base_image: str, far: OwnEngine
) -> None:
    other = DockerEngine(far.tls_address, host="gpu2", tls=far.tls)
    with other.asked() as client, contextlib.suppress(ImageNotFound):
        client.remove_image(base_image, force=True)
    if not far.leave_free(8):
        pytest.skip("its disk is that of this machine")
    try:
        images = Images(tmp_path / "images", environments, other, engine())
        with pytest.raises(LaunchError, match="The disk of the host gpu2 has no room") as caught:
            images.pull(base_image, lambda _: None)
        assert caught.value.category == "storage" and "docker image prune" in caught.value.hint
    finally:
        far.leave_free(None)


def test_the_tag_follows_from_all_that_goes_in() -> None:
    usual = Recipe("e", SMALL, ("torch>=2",), "torch==2.13.0\nnumpy==2\n")
    assert usual.tag == Recipe("e", SMALL, ("torch>=2",), "torch==2.13.0\nnumpy==2\n").tag
    others = [
        Recipe("e", "other:1", ("torch>=2",), usual.constraints),
        Recipe("e", SMALL, ("torch>=3",), usual.constraints),
        Recipe("e", SMALL, ("torch>=2",), "torch==2.14.0\nnumpy==2\n"),
        Recipe("e", SMALL, ("torch>=2",), usual.constraints, cpu=True),
    ]
    assert len({usual.tag, *(other.tag for other in others)}) == 5
    assert others[3].bounds == "torch==2.13.0+cpu\nnumpy==2\n"


def test_an_image_that_cannot_be_made_says_why_and_leaves_nothing(
    tmp_path: Path, environments: Environments, monkeypatch: pytest.MonkeyPatch
) -> None:
    offline(monkeypatch)
    images = Images(tmp_path / "images", environments, engine())
    with pytest.raises(LaunchError, match=r"ng-tiny-test==2\.0") as caught:
        images.ensure(ABSENT, lambda _: None, Choice(wheelhouse=str(tmp_path / "wheels")))
    assert images.chosen(ABSENT) == Choice(), "what did not work is not how it is made from now on"
    assert caught.value.category == "image" and "--wheelhouse" in caught.value.hint
    assert f"making-{ABSENT}" not in docker("ps", "-a")


def test_making_can_be_cancelled(
    tmp_path: Path, environments: Environments, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(deaf_registry()) as listening:
        offline(monkeypatch, f"http://127.0.0.1:{listening.getsockname()[1]}/simple")
        images = Images(tmp_path / "images", environments, engine())
        began = time.monotonic()

        def say(_: str) -> None:
            if f"making-{TINY}" in docker("ps"):
                raise Cancelled

        with pytest.raises(Cancelled):
            images.ensure(TINY, say)
        assert time.monotonic() - began < 60
    assert f"making-{TINY}" not in docker("ps", "-a")


def test_f21_an_image_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The registry says that it has none."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        answer = threading.Thread(target=say_404, args=(server,), daemon=True)
        answer.start()
        image = f"127.0.0.1:{server.getsockname()[1]}/nobody/has-this:1"
        with real(tmp_path) as space:
            error = run(space, shell("true", image)).nodes["a"].error
        assert error and error["category"] == "image" and image in error["message"], error
    assert containers(tmp_path) == []


def test_a46_a_name_that_the_engine_refuses_is_an_image_failure(tmp_path: Path) -> None:
    with real(tmp_path) as space:
        error = run(space, shell("true", "Not/Lowercase:1")).nodes["a"].error
        assert error and error["category"] == "image" and "Not/Lowercase:1" in error["message"], error


def say_404(server: socket.socket) -> None:
    body = b'{"errors": [{"code": "NAME_UNKNOWN", "message": "repository name not known to registry"}]}'
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        with client:
            status = b"200 OK" if b"GET /v2/ " in client.recv(4096) else b"404 Not Found"
            head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nConnection: close\r\n" % status
            client.sendall(
                head
                + b"Docker-Distribution-Api-Version: registry/2.0\r\nContent-Length: %d\r\n\r\n" % len(body)
                + body
            )


def deaf_registry() -> socket.socket:
    """It takes connections and never answers."""
    return socket.create_server(("127.0.0.1", 0), backlog=50)


def test_f25_cancel_while_an_image_is_fetched_starts_nothing(tmp_path: Path) -> None:
    with closing(deaf_registry()) as registry, real(tmp_path) as space:
        image = f"127.0.0.1:{registry.getsockname()[1]}/slow:1"
        number = submit(space, shell("true", image))
        until(lambda: image in space.runs.get(number).nodes["a"].reason)
        space.runs.cancel(number)
        assert space.runs.wait(number, 120).state == "cancelled"
    assert containers(tmp_path) == []


def test_the_command_makes_and_lists_images(
    tmp_path: Path, base_image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert nodegraph(tmp_path, "images", "build", "base").stdout == f"{base_image}\n"
    listed = nodegraph(tmp_path, "images", "list").stdout
    assert [line for line in listed.splitlines() if base_image in line and "in use" in line]
    unknown = nodegraph(tmp_path, "images", "build", "bass")
    assert unknown.returncode == 2 and "Did you mean base?" in unknown.stderr
    unknown = nodegraph(tmp_path, "images", "list", "--host", "gpu7")
    assert unknown.returncode == 2 and "There is no host gpu7." in unknown.stderr
    monkeypatch.delenv("NODEGRAPH_REGISTRY", raising=False)
    nowhere = nodegraph(tmp_path, "images", "push", "base")
    assert nowhere.returncode == 2 and "--registry" in nowhere.stderr
    dead = nodegraph(tmp_path, "images", "push", "base", "--registry", "127.0.0.1:9/team")
    assert dead.returncode == 1 and f"127.0.0.1:9/team/{base_image} could not be sent" in dead.stderr
    docker("image", "rm", f"127.0.0.1:9/team/{base_image}")


def nodegraph(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "executor.cli.main", *words, "--data-dir", str(tmp_path / "data")]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def docker(*words: str) -> str:
    """What Docker's own command says, which is a second opinion."""
    return subprocess.run(["docker", *words], capture_output=True, text=True, timeout=60).stdout
