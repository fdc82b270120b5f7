"""Services as real processes: they answer, outlive their engine, are found, mended, replaced and ended."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import openai
import psutil
import pytest

from executor.data_dir import DataDir
from executor.database.session import Database
from executor.deployments.deployments import Deployments
from executor.deployments.supervisor import MAX_RESTARTS, Supervisor
from executor.environments import Environments
from nodegraph.errors import NodeFailure, NotFound
from tests.support import run_node, tiny_model

KEY = "canary-of-the-key"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model") / "model")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[], Deployments]]:
    """Opens the services of a data directory, as each start of an engine does; ends them all afterwards."""
    data_dir = DataDir(tmp_path / "data").create()

    def again() -> Deployments:
        secrets = {"SERVICE_KEY": KEY}
        return Deployments(data_dir, Database(data_dir.database), Environments(data_dir.envs), secrets.get)

    yield again
    for live in again().all():
        again().stop(live.name)


@pytest.fixture
def artifact(model: Path, tmp_path: Path) -> Callable[..., Path]:
    """Makes what a deploy node leaves in the store."""

    def make(**params: object) -> Path:
        made = run_node("deploy.service", tmp_path, {"model": model}, secrets={"SERVICE_KEY": KEY}, **params)
        target = tmp_path / f"{len(list(tmp_path.glob('*-digest')))}-digest"
        shutil.copytree(made.outputs["service"], target)
        return target

    return make


def ask(base_url: str, name: str, key: str = KEY) -> str:
    client = openai.OpenAI(base_url=base_url, api_key=key, max_retries=0)
    answer = client.completions.create(model=name, prompt="the", max_tokens=3, temperature=0)
    return answer.choices[0].text


def test_a_service_lives_on_without_its_engine(opened, artifact):
    """Deployed by one engine, found healthy, used and stopped by the next; stopping takes the whole tree."""
    said: list[str] = []
    described = artifact(name="tiny", api_key="SERVICE_KEY")
    live = opened().deploy(described, run_id=1, node="serve", say=said.append)
    assert live.state == "healthy"
    assert ask(live.base_url, "tiny")
    assert any("answers at" in line for line in said)
    canary_nowhere(live.pid, Path(live.directory))

    later = opened()
    found = later.get("tiny")
    assert (found.state, found.pid) == ("healthy", live.pid)
    assert later.service_alive(described.name)
    assert "Serving tiny" in later.logs("tiny")
    assert found.last_used and abs(found.last_used - time.time()) < 10

    assert later.start("tiny").pid == live.pid, "what runs is left alone"
    assert later.stop("tiny").state == "stopped"
    assert not psutil.pid_exists(live.pid) or psutil.Process(live.pid).status() == psutil.STATUS_ZOMBIE
    assert not later.service_alive(described.name)

    again = later.start("tiny")
    assert again.state == "healthy" and again.pid != live.pid
    assert ask(again.base_url, "tiny")
    with pytest.raises(NotFound, match="no service tyni"):
        later.stop("tyni")


def test_a_name_deployed_again_replaces_the_service(opened, artifact):
    """The second one ends by itself when nobody asks it for anything, and is stopped with that reason."""
    deployments = opened()
    port = free_port()
    first = deployments.deploy(artifact(name="tiny", port=port))
    with pytest.raises(NodeFailure, match=f"port {port} is taken by the service tiny") as error:
        deployments.deploy(artifact(name="other", port=port))
    assert error.value.category == "input" and "another port" in error.value.hint

    second = deployments.deploy(artifact(name="tiny", port=port, idle_minutes=0.02))
    assert second.state == "healthy" and second.port == port and second.pid != first.pid
    assert [live.name for live in deployments.all()] == ["tiny"]
    wait_for(lambda: deployments.get("tiny").state == "stopped", 60)
    Supervisor(deployments).tick()
    row = deployments.rows.get("tiny")
    assert row.state == "stopped" and "Nothing was generated" in row.reason


def test_f56_a_killed_service_is_seen_mended_and_given_up_after_a_few_times(opened, artifact):
    deployments = opened()
    live = deployments.deploy(artifact(name="tiny"))
    supervisor = Supervisor(deployments)
    supervisor.start()
    try:
        os.kill(live.pid, signal.SIGKILL)
        wait_for(lambda: deployments.get("tiny").state == "unhealthy", 10)
        wait_for(lambda: deployments.get("tiny").state == "healthy", 300)
        assert deployments.get("tiny").pid != live.pid
        assert ask(deployments.get("tiny").base_url, "tiny")
    finally:
        supervisor.close()
    deployments.rows.update("tiny", handle={**deployments.rows.get("tiny").handle, "restarts": MAX_RESTARTS})
    os.kill(deployments.get("tiny").pid, signal.SIGKILL)
    wait_for(lambda: deployments.get("tiny").state == "unhealthy", 60)
    supervisor.tick()
    supervisor.tick()
    given_up = deployments.get("tiny")
    assert given_up.state == "failed" and "4 times" in given_up.reason


def test_a_service_that_cannot_start_fails_with_its_last_words(opened, artifact, tmp_path):
    described = artifact(name="tiny")
    text = (described / "service.json").read_text()
    (described / "service.json").write_text(text.replace('/model"', '/nothing"'))
    with pytest.raises(NodeFailure, match="tiny ended while it started") as error:
        opened().deploy(described)
    assert "services logs tiny" in error.value.hint
    assert opened().get("tiny").state == "failed"


def test_a_port_taken_by_a_stranger_is_a_clear_failure(opened, artifact):
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        with pytest.raises(NodeFailure, match=f"port {port} is taken by another program"):
            opened().deploy(artifact(name="tiny", port=port))


@pytest.mark.parametrize("module", ["os", "nodes.x; import os", "nodes"])
def test_only_modules_of_node_types_are_started(opened, artifact, module):
    described = artifact(name="tiny")
    text = (described / "service.json").read_text()
    (described / "service.json").write_text(text.replace("nodes.deploy._server", module))
    with pytest.raises(NodeFailure, match="describes no service"):
        opened().deploy(described)


def canary_nowhere(pid: int | None, directory: Path) -> None:
    proc = Path(f"/proc/{pid}")
    assert KEY.encode() not in (proc / "cmdline").read_bytes() + (proc / "environ").read_bytes()
    assert not [path for path in directory.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
