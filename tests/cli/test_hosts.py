"""`nodegraph hosts`, as a person uses it, with the real engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from executor.cli.main import main
from tests.executor.hosts.support import Line

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def hosts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Exit status, standard output and standard error of `nodegraph hosts …`."""

    def run(*words: str) -> tuple[int, str, str]:
        status = main(["hosts", *words, "--data-dir", str(tmp_path / "data")])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.close()


@pytest.mark.docker
def test_a_host_is_added_listed_drained_and_removed(hosts: Command, line: Line) -> None:
    status, out, _ = hosts("add", "gpu1", line.address, "--label", "fast", "--gpus", "4xA100:80")
    assert status == 0
    assert out.startswith("gpu1 is ready: engine ") and out.endswith("4 × A100\n")
    _, out, _ = hosts("list")
    titles, local, row = out.splitlines()
    assert titles.split()[:3] == ["HOST", "STATE", "ENGINE"]
    assert local.split()[:2] == ["local", "ready"]
    assert row.split()[:2] == ["gpu1", "ready"] and "fast" in row and line.address in row
    assert "draining" in hosts("drain", "gpu1")[1]
    assert "draining" not in hosts("drain", "gpu1", "--off")[1]
    assert hosts("remove", "gpu1")[1:] == ("gpu1 is removed.\n", ""), "nothing of ours is there"
    hosts("add", "gpu1", line.address)
    assert hosts("remove", "gpu1", "--purge")[1].endswith("Freed there: no volume; 0 containers.\n")
    assert json.loads(hosts("list", "--json")[1])["hosts"][0]["name"] == "local"


@pytest.mark.docker
def test_a_check_tells_that_a_host_went_away_and_came_back(hosts: Command, line: Line) -> None:
    hosts("add", "gpu1", line.address)
    line.cut()
    status, out, err = hosts("check", "gpu1")
    assert status == 0 and "unreachable" in out
    assert err == "gpu1: does not answer: there is no such socket\n"
    line.join()
    found = json.loads(hosts("list", "--check", "--json")[1])["hosts"]
    assert [(host["name"], host["state"]) for host in found] == [("local", "ready"), ("gpu1", "ready")]


def test_a_host_that_does_not_answer_is_added_and_says_so(hosts: Command) -> None:
    status, out, _ = hosts("add", "gpu1", "unix:///var/tmp/nobody.sock")
    assert status == 0
    assert out.startswith("gpu1 does not answer: there is no such socket.")
    assert "nodegraph hosts check gpu1" in out


def test_prices_of_this_machine_are_set(hosts: Command) -> None:
    status, out, _ = hosts("set", "local", "--price", "cpu=0.05", "--price", "RTX 4090=1", "--json")
    assert status == 0
    assert json.loads(out)["prices"] == {"cpu": 0.05, "RTX 4090": 1}


def test_plain_tcp_is_refused_with_what_to_do(hosts: Command) -> None:
    status, _, err = hosts("add", "gpu1", "tcp://gpu1:2375")
    assert status == 2
    assert "tcp without TLS" in err and "--tls-ca" in err
    status, out, _ = hosts("add", "gpu1", "tcp://gpu1:2375", "--price", "A100=much", "--json")
    assert status == 2
    assert json.loads(out)["problems"][0]["param"] == "prices"


def test_a_typing_error_in_a_name_is_answered_with_the_name(hosts: Command) -> None:
    hosts("add", "gpu1", "unix:///var/tmp/nobody.sock")
    status, _, err = hosts("drain", "gpu")
    assert status == 2 and "gpu1" in err
