"""What runs have used and what that costs, of real attempts: what they held, times how long they held it."""

from __future__ import annotations

import pytest
from sqlmodel import select

from executor.cli.main import main
from executor.database.tables import Attempt
from executor.services.usage import Usage, of_attempt
from executor.services.views import AttemptView, result_with_usage
from executor.services.workspace import Workspace
from tests.executor.support import engine_process, kill, pipeline, run, until, workspace

# An hour of a core.
PRICE = 36.0
MAKE = "a: {type: custom.make, params: {seconds: 0.4}, resources: {cpu: 2, memory_gb: 3}}"


def attempts(space: Workspace) -> list[Attempt]:
    with space.database.read() as session:
        return list(session.exec(select(Attempt).order_by("run_id", "number")))


def hours(attempt: Attempt | AttemptView) -> float:
    assert attempt.started and attempt.finished
    return (attempt.finished - attempt.started) / 3600


def as_tuple(usage: Usage) -> tuple[float, ...]:
    return (usage.cpu_hours, usage.memory_gb_hours, usage.gpu_hours, usage.cost)


def test_a_node_costs_what_it_held_times_how_long_it_held_it(tmp_path):
    with workspace(tmp_path) as space:
        space.hosts.update("local", prices={"cpu": PRICE})
        view = run(space, pipeline(MAKE))
        (attempt,) = attempts(space)
        took = hours(attempt)
        assert took * 3600 >= 0.4
        node = view.nodes["a"]
        assert node.host == "local"
        assert as_tuple(node.usage) == pytest.approx((2 * took, 3 * took, 0, 2 * PRICE * took))
        assert view.usage == node.usage
        assert as_tuple(space.runs.list()[0].usage) == pytest.approx(as_tuple(node.usage))
        assert space.runs.attempts(1, "a")[0].usage == of_attempt(attempt)


def test_a_retried_node_counts_both_attempts(tmp_path):
    text = pipeline("""
    a: {type: custom.misbehave, params: {how: exit, times: 1}, retry: {attempts: 2, delay: 0s}}
    """)
    with workspace(tmp_path) as space:
        space.hosts.update("local", prices={"cpu": PRICE})
        view = run(space, text)
        first, second = attempts(space)
        assert view.state == "succeeded"
        held = first.cpu * hours(first) + second.cpu * hours(second)
        assert view.usage.cpu_hours == pytest.approx(held)
        assert view.usage.cost == pytest.approx(held * PRICE)


def test_a_cached_node_costs_nothing_and_saves_what_it_had_cost(tmp_path):
    with workspace(tmp_path) as space:
        space.hosts.update("local", prices={"cpu": PRICE})
        made = run(space, pipeline(MAKE))
        found = run(space, pipeline(MAKE))
        assert found.nodes["a"].cached
        assert (found.usage, found.nodes["a"].host) == (Usage(), "")
        numbers = space.runs.statistics()
        assert numbers.cost == pytest.approx(made.usage.cost)
        assert numbers.saved == pytest.approx(made.usage.cost)
        assert numbers.cpu_hours == pytest.approx(made.usage.cpu_hours)
        assert [point.cost for point in numbers.points] == pytest.approx([made.usage.cost, 0])


def test_gpus_count_by_their_kind_while_a_run_holds_them(tmp_path):
    text = pipeline("""
    a: {type: custom.make, params: {seconds: 60}, resources: {gpu: 2, gpu_kind: T4}}
    """)
    with workspace(tmp_path) as space:
        space.hosts.update("local", gpus=["2xT4:16"], prices={"T4": 10})
        number = space.runs.submit(text)
        until(lambda: space.runs.get(number).usage.gpu_hours > 0)
        earlier = space.runs.get(number).usage
        (local,) = space.hosts.list()
        assert local.declared and local.running == 1
        assert [(gpu.kind, gpu.run, gpu.node) for gpu in local.gpus] == [("T4", 1, "a"), ("T4", 1, "a")]
        until(lambda: space.runs.get(number).usage.cost > earlier.cost)
        space.runs.cancel(number)
        view = space.runs.wait(number, 60)
        (attempt,) = attempts(space)
        assert view.usage.gpu_hours == pytest.approx(2 * hours(attempt))
        assert view.usage.cost == pytest.approx(20 * hours(attempt))
        assert space.runs.statistics().points[0].gpu_hours == pytest.approx(view.usage.gpu_hours)
        (local,) = space.hosts.list()
        assert [gpu.run for gpu in local.gpus] == [None, None]


def test_a_price_holds_for_what_starts_after_it(tmp_path):
    with workspace(tmp_path) as space:
        space.hosts.update("local", prices={"cpu": PRICE})
        before = run(space, pipeline(MAKE))
        space.hosts.update("local", prices={"cpu": 1000 * PRICE})
        assert space.runs.get(before.id).usage == before.usage
        after = run(space, pipeline(MAKE), use_cache=False)
        assert after.usage.cost == pytest.approx(after.usage.cpu_hours * 1000 * PRICE)


def test_a_server_that_was_killed_counts_nothing_twice(tmp_path):
    text = pipeline("a: {type: custom.make, params: {seconds: 1.5}}")
    with workspace(tmp_path, engine=False) as client:
        client.hosts.update("local", prices={"cpu": PRICE}, check=False)
        first = engine_process(tmp_path)
        number = client.runs.submit(text)
        until(lambda: client.runs.get(number).usage.cost > 0)
        kill(first)
        second = engine_process(tmp_path)
        try:
            view = client.runs.wait(number, 60)
        finally:
            kill(second)
        (attempt,) = attempts(client)
        assert view.state == "succeeded"
        assert view.usage.cost == pytest.approx(attempt.cpu * hours(attempt) * PRICE)
        assert hours(attempt) * 3600 >= 1.5


def test_the_commands_tell_hours_and_cost(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("NODEGRAPH_CURRENCY", "CNY")
    with workspace(tmp_path) as space:
        space.hosts.update("local", prices={"cpu": 1e6})
        view = run(space, pipeline(MAKE))
        told = result_with_usage(space.runs.get(view.id))
    assert told["nodes"]["a"]["host"] == "local"
    assert told["usage"] == {**told["nodes"]["a"]["usage"], "currency": "CNY"}
    assert told["usage"]["cost"] == pytest.approx(view.usage.cost, abs=1e-6)
    assert main(["show", str(view.id), "--data-dir", str(tmp_path / "data")]) == 0
    assert f"CPU seconds, cost {view.usage.cost:,.2f} CNY" in capsys.readouterr().out
