"""Which host a node gets, what is kept for those that wait, and what no host could ever give."""

from __future__ import annotations

from pathlib import Path

import pytest

from executor.engine.demands import Ask, demand_of
from executor.engine.leases import Kept, Leases
from executor.hosts.model import Facts, Gpu, Host
from executor.services.workspace import Workspace
from nodegraph.contract import Resources
from nodegraph.errors import InvalidInput
from tests.executor.support import pipeline, run, workspace
from tests.executor.test_queue import change_host, hold, with_gpus


def host(
    name: str, cpus: float = 8, memory_gb: float = 64, labels: tuple[str, ...] = (), **gpus: int
) -> Host:
    kinds = [kind for kind, count in gpus.items() for _ in range(count)]
    found = tuple(Gpu(index, kind) for index, kind in enumerate(kinds))
    return Host(name, labels=labels, facts=Facts(cpus, memory_gb, gpus=found))


def test_f28_a_gpu_is_never_shared() -> None:
    machine, leases = host("gpus", A100=2), Leases()
    first = leases.fit(machine, Resources(gpu=1))
    assert first and first.gpus == (0,)
    leases.claim(first)
    second = leases.fit(machine, Resources(gpu=1))
    assert second and (second.gpus, second.gpu_kind) == ((1,), "A100")
    leases.claim(second)
    assert leases.fit(machine, Resources(gpu=1)) is None
    leases.release(first)
    assert leases.fit(machine, Resources(gpu=2)) is None
    leases.release(second)
    both = leases.fit(machine, Resources(gpu=2, cpu=100))
    assert both and (both.cpu, both.gpus) == (8, (0, 1)), "all the cores there are"


def test_gpus_are_leased_by_kind() -> None:
    machine, leases = host("mixed", A100=1, T4=2), Leases()
    for expected in ((1,), (2,)):
        lease = leases.fit(machine, Resources(gpu=1, gpu_kind="T4"))
        assert lease and lease.gpus == expected
        leases.claim(lease)
    assert leases.fit(machine, Resources(gpu=1, gpu_kind="T4")) is None
    assert leases.fit(machine, Resources(gpu=1)) is not None


def test_what_is_kept_for_a_node_is_no_more_than_it_needs() -> None:
    machine, leases, kept = host("gpus", cpus=8, A100=1), Leases(), Kept()
    running = leases.fit(machine, Resources(gpu=1, cpu=3))
    assert running
    leases.claim(running)
    assert leases.keep(machine, Resources(gpu=1, cpu=4), kept)
    assert (kept.gpus, kept.cpu) == ({0}, 1), "three cores come back with the GPU"
    assert leases.fit(machine, Resources(cpu=4), kept) and not leases.fit(machine, Resources(cpu=5), kept)
    assert not leases.keep(machine, Resources(gpu=1), kept), "a second one would wait for the first anyway"


def test_wishes_of_types_are_met_as_far_as_there_is_anything() -> None:
    wish = Resources(cpu=16, memory_gb=500, gpu=2)
    alone = demand_of(Ask("docker", wish), [host("small", cpus=2, memory_gb=8)])
    assert alone.fault is None and alone.resources.gpu == 0 and alone.note == ""
    hosts = [host("small", cpus=2), host("gpus", A100=4), host("one", A100=1)]
    assert [found.name for found in demand_of(Ask("docker", wish), hosts).hosts] == ["gpus"]


def test_f29_what_a_file_asks_for_must_be_possible() -> None:
    hosts = [
        host("local", cpus=4, memory_gb=15.6),
        host("big", cpus=64, memory_gb=512, labels=("lab",), A100=2),
    ]

    def fault(**asked: object) -> str:
        wanted = Resources.model_validate(asked)
        found = demand_of(Ask("docker", wanted, frozenset(asked)), hosts).fault
        return f"{found.message} {found.hint}" if found else ""

    assert fault(gpu=2, memory_gb=512.0, cpu=500) == "", "cores are clamped"
    assert fault(gpu=4, gpu_kind="A100") == (
        "No host has 4×A100. The largest, big, has 2×A100: ask for fewer, or add a larger host."
    )
    assert fault(gpu=1, gpu_kind="A10") == "No host has 1×A10. Did you mean A100?"
    assert fault(host="lap") == "There is no host called or labelled lap. Did you mean lab?"
    assert fault(host="local", gpu=1).startswith("No host called or labelled local has 1 GPU.")
    assert fault(memory_gb=2000.0).startswith("No host has 2000 GB of memory. The largest has 512 GB")
    assert fault(host="local", memory_gb=16.0) == "", "what a machine of 16 GB has left of them"
    hosts.append(Host("new", address="ssh://new"))
    assert fault(gpu=8) == "", "nobody has looked at it yet"


def test_f29_an_impossible_request_is_refused_with_an_explanation(tmp_path: Path) -> None:
    with_gpus(tmp_path, 1)
    with workspace(tmp_path) as space:
        with pytest.raises(InvalidInput) as refused:
            space.runs.submit(hold(tmp_path, "a", gpu=4))
        (problem,) = refused.value.problems
        assert (problem.code, problem.node) == ("impossible-resources", "a")
        assert problem.message == "No host has 4 GPUs."
        assert problem.hint == "The largest, local, has 1×A100: ask for fewer, or add a larger host."
        assert space.runs.list() == []


def test_one_gpu_where_there_is_none_means_the_cpu_and_says_so(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        if space.inventory.hosts()["local"].gpus:
            pytest.skip("this machine has a GPU")
        view = run(space, hold(tmp_path, "a", gpu=1))
        assert (view.state, view.nodes["a"].reason) == (
            "succeeded",
            "runs on the CPU: no host has a GPU",
        )
        with pytest.raises(InvalidInput, match="error"):
            space.runs.submit(hold(tmp_path, "b", gpu=1, gpu_kind="A100"))
        change_host(space, gpus=[{"index": 0, "kind": "A100"}])
        run(space, hold(tmp_path, "b", gpu=1, gpu_kind="A100"))


class Recorder:
    """Stands before the launcher of another machine and notes where it is told to start."""

    def __init__(self, space: Workspace, having: str) -> None:
        self._launcher = space.launchers["process"]
        self._having = having

    def __getattr__(self, name: str) -> object:
        return getattr(self._launcher, name)

    def holds(self, host: str, digests: object) -> int:
        return 1000 if host == self._having else 0


@pytest.mark.parametrize(
    ("having", "maker", "chosen"),
    [("local", "near", "local"), ("near", "local", "near"), ("far", "near", "far"), ("", "near", "near")],
)
def test_a_node_goes_where_its_inputs_are(tmp_path: Path, having: str, maker: str, chosen: str) -> None:
    """Where a host has copies, there; where all read the same files, where they were made."""
    from executor.database.tables import Host as HostRow

    # Three names for this machine: what is asked is who is chosen.
    with workspace(tmp_path, engine=False) as space:
        facts = Facts(cpus=2, memory_gb=4).as_dict()
        with space.database.write() as session:
            session.add_all(HostRow(name=name, created=1.0, facts=facts) for name in ("near", "far"))
        space.launchers["docker"] = Recorder(space, having)  # type: ignore[assignment]
        space.start_engine()
        ledger = tmp_path / "ledger"
        nodes = f"""
        a: {{type: custom.make, params: {{text: a}}, resources: {{host: {maker}, memory_gb: 0.1}}}}
        b: {{type: custom.hold, params: {{ledger: '{ledger}'}}, inputs: {{after: a.text}}}}
        """
        number = run(space, pipeline(nodes), launcher="docker").id
        assert placed(space, number) == {"a": maker, "b": chosen}


def test_a_node_without_gpus_leaves_the_gpu_host_alone(tmp_path: Path) -> None:
    from executor.database.tables import Host as HostRow

    with_gpus(tmp_path, 1)
    with workspace(tmp_path, engine=False, cores=64) as space:
        facts = Facts(cpus=2, memory_gb=4).as_dict()
        with space.database.write() as session:
            session.add(HostRow(name="plain", created=1.0, facts=facts))
        space.launchers["docker"] = Recorder(space, "")  # type: ignore[assignment]
        space.start_engine()
        assert placed(space, run(space, hold(tmp_path, "a"), launcher="docker").id) == {"a": "plain"}
        assert placed(space, run(space, hold(tmp_path, "b", gpu=1), launcher="docker").id) == {"b": "local"}
        change_host(space, draining=True)
        with space.database.write() as session:
            session.merge(HostRow(name="plain", created=1.0, facts=facts, draining=True))
            session.add(HostRow(name="spare", created=1.0, facts=facts))
        space.inventory.refresh()
        assert placed(space, run(space, hold(tmp_path, "c"), launcher="docker").id) == {"c": "spare"}


def placed(space: Workspace, number: int) -> dict[str, str]:
    from executor.database.tables import Attempt

    with space.database.read() as session:
        found = [session.get(Attempt, (number, node, 1)) for node in space.runs.get(number).nodes]
    return {attempt.node: attempt.host for attempt in found if attempt}
