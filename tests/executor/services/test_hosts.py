"""Hosts as people handle them: what may be said of one, draining it, removing it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from executor.services.workspace import Workspace
from nodegraph.errors import Conflict, InvalidInput, NotFound
from tests.executor.docker.support import real, running, shell, submit
from tests.executor.hosts.support import Line
from tests.executor.support import until, workspace

NOBODY = "unix:///var/tmp/nobody.sock"


@pytest.fixture
def space(tmp_path: Path) -> Iterator[Workspace]:
    with workspace(tmp_path, engine=False) as made:
        yield made


def problems(space: Workspace, name: str = "gpu1", address: str = NOBODY, **said: Any) -> dict[str, str]:
    """What is wrong with a host, by field; nothing of it is kept."""
    with pytest.raises(InvalidInput) as caught:
        space.hosts.add(name, address, **said)
    assert [view.name for view in space.hosts.list() if view.name == name and name != "local"] == []
    assert all(problem.hint for problem in caught.value.problems)
    return {str(problem.param): problem.message for problem in caught.value.problems}


def test_what_is_said_of_a_host_is_kept(space):
    added = space.hosts.add(
        "gpu1", "ssh://trainer@gpu1:2222", labels=["fast", "fast", "room-2"], gpus=["2xA100:80", "T4"],
        prices={"NVIDIA A100-SXM4-80GB": 2.5, "cpu": 0.05}, files="streamed", cache_gb=50, check=False,
    )  # fmt: skip
    assert (added.state, added.labels) == ("unknown", ["fast", "room-2"])
    assert added.prices == {"A100": 2.5, "cpu": 0.05}
    assert (added.declared, added.declared_gpus) == (True, ["2xA100:80", "1xT4"])
    assert (added.files, added.cache_gb, added.draining) == ("streamed", 50, False)
    changed = space.hosts.update("gpu1", labels=["slow"])
    assert (changed.labels, changed.prices, changed.address) == (["slow"], added.prices, added.address)
    assert space.hosts.get("gpu1").as_dict() == changed.as_dict()
    assert [view.name for view in space.hosts.list()] == ["local", "gpu1"]


@pytest.mark.parametrize("name", ["GPU1", "gpu 1", "", "a" * 41, "gpu_1", "../gpu"])
def test_a_name_is_small_letters_digits_and_hyphens(space, name):
    assert "cannot be called" in problems(space, name)["name"]


def test_a_name_is_given_once(space):
    space.hosts.add("gpu1", NOBODY, check=False)
    for name in ("gpu1", "local"):
        with pytest.raises(InvalidInput) as caught:
            space.hosts.add(name, "ssh://gpu2")
        assert [problem.code for problem in caught.value.problems] == ["name-taken"]


def test_one_engine_has_one_name(space):
    space.hosts.add("gpu1", NOBODY, check=False)
    assert problems(space, "gpu2")["address"] == f"gpu1 is the host at {NOBODY} already."


def test_a49_plain_tcp_is_refused(space, tmp_path):
    assert "tcp without TLS" in problems(space, address="tcp://gpu1:2375")["tls"]
    there = tmp_path / "ca.pem"
    there.write_text("")
    some = {"ca": str(there), "cert": str(tmp_path / "no.pem"), "key": str(there)}
    assert problems(space, address="tcp://gpu1:2376", tls=some)["tls"] == f"There is no file {some['cert']}."
    whole = dict.fromkeys(("ca", "cert", "key"), str(there))
    assert space.hosts.add("gpu1", "tcp://gpu1:2376", tls=whole, check=False).tls == whole
    with pytest.raises(InvalidInput):
        space.hosts.update("gpu1", tls={})
    assert space.hosts.get("gpu1").tls == whole


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("ssh://me:hunter2@gpu1", "never holds a password"),
        ("gpu1", "cannot be reached at"),
        ("http://gpu1:2375", "cannot be reached at"),
        ("", "cannot be reached at"),
        ("unix://", "names no socket"),
        ("ssh://", "names no machine"),
        ("ssh://-oProxyCommand=x", "names no machine"),
        ("ssh://gpu1:ssh", "cannot be read"),
        ("tcp://gpu1", "has no port"),
    ],
)
def test_an_address_says_how_and_where(space, address, said):
    message = problems(space, address=address)["address"]
    assert said in message
    assert "hunter2" not in message


def test_every_problem_is_said_at_once(space):
    found = problems(
        space, "GPU", "gpu1", labels=["a b"], gpus=["many"], prices={"A100": -1}, files="carried", cache_gb=-1
    )
    assert found.keys() == {"name", "address", "labels", "prices", "files", "cache_gb"}
    assert problems(space, gpus=["4x"], prices={"cpu": float("nan"), "T4": "much"}).keys() == {
        "gpus",
        "prices",
    }


def test_a_host_at_which_nobody_listens_is_added_all_the_same(space):
    view = space.hosts.add("gpu1", NOBODY)
    assert (view.state, view.reason) == ("unreachable", "there is no such socket")


def test_an_unknown_host_is_not_found(space):
    space.hosts.add("gpu1", NOBODY, check=False)
    for act in (
        space.hosts.get,
        space.hosts.check,
        space.hosts.drain,
        space.hosts.remove,
        space.hosts.update,
    ):
        with pytest.raises(NotFound, match=r"There is no host gpu2\."):
            act("gpu2")


def test_this_machine_is_drained_but_not_removed_and_not_moved(space):
    with pytest.raises(InvalidInput, match="cannot be removed"):
        space.hosts.remove("local")
    with pytest.raises(InvalidInput, match="own engine"):
        space.hosts.update("local", address="ssh://elsewhere")
    assert space.hosts.drain("local").draining
    assert not space.hosts.drain("local", False).draining


@pytest.mark.docker
def test_what_runs_on_the_same_engine_under_another_name_is_not_purged(tmp_path):
    line = Line()
    with real(tmp_path) as space:
        number = submit(space, shell("sleep 300"))
        running(tmp_path)
        space.hosts.add("second", line.address, files="shared")
        freed = space.hosts.remove("second", purge=True).freed
        assert freed is not None and freed.containers == 0
        running(tmp_path)
        space.runs.cancel(number)
        assert space.runs.wait(number, 60).state == "cancelled"
    line.close()


@pytest.mark.docker
def test_a_host_is_removed_once_nothing_runs_there(tmp_path):
    line = Line()
    with real(tmp_path) as space:
        space.hosts.add("second", line.address, files="shared")
        space.hosts.drain("local")
        number = submit(space, shell("sleep 300"))
        until(lambda: space.hosts.get("second").running, 60)
        held = space.hosts.get("second")
        assert (held.cpu_used, held.running) == (1, 1) and held.memory_used_gb > 0
        with pytest.raises(Conflict, match=f"Attempts run on second: a of run {number}"):
            space.hosts.remove("second")
        space.runs.cancel(number)
        assert space.runs.wait(number, 60).nodes["a"].host == "second"
        assert space.hosts.get("second").running == 0
        space.hosts.remove("second")
        assert [view.name for view in space.hosts.list()] == ["local"]
    line.close()
