"""Services as pages and commands see them: lists, states, examples that work when they are pasted."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from executor.data_dir import DataDir
from executor.database.session import Database
from executor.deployments.deployments import Deployments
from executor.environments import Environments
from executor.services.deployments import Services, as_record
from nodegraph.errors import NodeFailure
from tests.support import run_node, tiny_model


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    directory = tmp_path_factory.mktemp("services")
    data_dir = DataDir(directory / "data").create()
    model = tiny_model(directory / "model")
    made = run_node(
        "deploy.service", directory, {"model": model}, name="tiny", api_key="SERVICE_KEY",
        max_new_tokens=4, secrets={"SERVICE_KEY": "key"},
    )  # fmt: skip
    deployments = Deployments(
        data_dir, Database(data_dir.database), Environments(data_dir.envs), {"SERVICE_KEY": "key"}.get
    )
    deployments.deploy(made.outputs["service"])
    yield Services(deployments)
    deployments.stop("tiny")


def test_services_are_listed_with_their_live_state(services):
    (record,) = [as_record(live) for live in services.list()]
    assert (record["name"], record["state"], record["api_key"]) == ("tiny", "healthy", "SERVICE_KEY")
    json.dumps(record)
    assert services.health("tiny")["status"] == "ok"
    assert "Serving tiny" in services.logs("tiny")


def test_the_examples_work_when_pasted(services):
    examples = services.examples("tiny")
    environment = {**os.environ, "SERVICE_KEY": "key"}
    program = [sys.executable, "-c", examples["python"]]
    subprocess.run(program, env=environment, check=True, capture_output=True)
    if shutil.which("curl"):
        command = examples["curl"].replace("curl ", "curl -sf ", 1)
        answer = subprocess.check_output(command, shell=True, env=environment)
        assert json.loads(answer)["choices"][0]["message"]["role"] == "assistant"


def test_a_start_can_be_taken_back(services):
    services.stop("tiny")
    with pytest.raises(NodeFailure, match="start was cancelled"):
        services.start("tiny", cancelled=lambda: services.get("tiny").state == "starting")
    live = services.get("tiny")
    assert (live.state, live.reason) == ("stopped", "Its start was cancelled.")
    assert services.start("tiny").state == "healthy"


def test_what_a_service_was_told_is_known(services):
    live = services.get("tiny")
    assert live.defaults["max_new_tokens"] == 4
    assert live.limits["idle_minutes"] == 120
