"""Who is told of the end of a run: a row each, made with that end, sent at least once."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from sqlmodel import select

from executor.cli.main import main
from executor.database.tables import Notification
from executor.notifications.webhook import HEADER
from executor.services.workspace import Workspace
from tests.executor.forking import Forked
from tests.executor.notifications.receivers import Receiver
from tests.executor.support import TOYS, pipeline, run, until, workspace

MAKE = "a: {type: custom.make, params: {text: a}}"
FAIL = "a: {type: custom.misbehave, params: {how: exit, times: 9}}"
ALL = "[succeeded, failed, cancelled]"


def told(target: str, on: str = ALL) -> str:
    return f"[{{on: {on}, webhook: '{target}'}}]"


def rows(space: Workspace) -> list[Notification]:
    with space.database.read() as session:
        return list(session.exec(select(Notification)))


def sent(space: Workspace, number: int) -> bool:
    found = space.notifications.of_run(number)
    return bool(found) and all(one.state == "sent" for one in found)


def test_a_program_is_told_with_what_the_run_has_cost(tmp_path: Path, receiver: Receiver) -> None:
    with workspace(tmp_path) as space:
        space.hosts.update("local", prices={"cpu": 36000.0})
        space.notifications.set(webhook_hosts=receiver.place, public_url="https://graph.example.com/")
        view = run(space, pipeline(FAIL, title="客服模型", notify=told(receiver.url)), user="ann")
        until(lambda: sent(space, view.id))
        (body,), (headers,) = receiver.bodies, receiver.headers
        assert headers[HEADER] == body["id"] == rows(space)[0].id
        told_run = body["run"]
        assert (told_run["id"], told_run["state"], told_run["user"]) == (view.id, "failed", "ann")
        assert told_run["nodes"] == {"failed": 1}
        assert told_run["usage"] == {**view.usage.rounded(), "currency": "USD"}
        assert told_run["usage"]["cost"] > 0
        (failure,) = told_run["failures"]
        assert failure["category"] == "node" and failure["hint"]
        assert told_run["url"] == f"https://graph.example.com/runs/{view.id}"
        for part in ("客服模型", "Cost: ", "CPU hours: ", failure["message"], told_run["url"]):
            assert part in body["text"]


def test_each_address_has_one_row_and_only_the_wanted_ends_are_told(tmp_path: Path) -> None:
    both = "[{on: [failed], email: a@x.org}, {on: [succeeded, failed], email: a@x.org, webhook: 'http://127.0.0.1:9/'}]"
    with workspace(tmp_path) as space:
        assert rows(space) == [] and run(space, pipeline(MAKE)).state == "succeeded" and rows(space) == []
        run(space, pipeline(MAKE, notify="[{on: [failed, cancelled], email: a@x.org}]"))
        assert rows(space) == []
        failed = run(space, pipeline(FAIL, notify=both))
        assert {(row.kind, row.target) for row in rows(space)} == {
            ("email", "a@x.org"),
            ("webhook", "http://127.0.0.1:9/"),
        }
        assert {row.run_id for row in rows(space)} == {failed.id}


def test_a_cancelled_run_and_one_out_of_time_are_told(tmp_path: Path, receiver: Receiver) -> None:
    hold = "a: {type: custom.make, params: {text: a, seconds: 60}}"
    with workspace(tmp_path) as space:
        space.notifications.set(webhook_hosts=receiver.place)
        number = space.runs.submit(pipeline(hold, notify=told(receiver.url, "[cancelled]")))
        space.runs.cancel(number)
        late = space.runs.submit(pipeline(hold, notify=told(receiver.url, "[failed]")), time_limit=0.3)
        until(lambda: sent(space, number) and sent(space, late))
        assert {body["run"]["state"] for body in receiver.bodies} == {"cancelled", "failed"}


def test_a_run_that_can_no_longer_run_here_is_told(tmp_path: Path, receiver: Receiver) -> None:
    with workspace(tmp_path, engine=False) as space:
        space.notifications.set(webhook_hosts=receiver.place)
        number = space.runs.submit(pipeline(MAKE, notify=told(receiver.url)))
    (tmp_path / "none" / "environments").mkdir(parents=True)
    with Workspace(tmp_path / "data", engine=True, nodes_root=tmp_path / "none") as space:
        until(lambda: sent(space, number))
    assert [body["run"]["state"] for body in receiver.bodies] == ["failed"]


def test_a_receiver_that_fails_twice_is_told_the_third_time(tmp_path: Path, receiver: Receiver) -> None:
    receiver.answers = [500, 503]
    with workspace(tmp_path) as space:
        space.notifications.set(webhook_hosts=receiver.place)
        number = run(space, pipeline(MAKE, notify=told(receiver.url))).id
        for tries, status in ((1, 500), (2, 503)):
            until(lambda status=status: f"HTTP {status}" in rows(space)[0].reason)
            (waiting,) = space.notifications.of_run(number)
            assert (waiting.state, waiting.attempts) == ("pending", tries)
            assert waiting.target == "http://127.0.0.1/…", "its path may hold a token"
            space.notifications.try_again()
        until(lambda: sent(space, number))
        assert len({body["id"] for body in receiver.bodies}) == 1 and len(receiver.bodies) == 3


DYING = """
import os, signal, sys, time
from pathlib import Path
from executor.services.workspace import Workspace
from executor.services.notifications import Notifications
deliver = Notifications._deliver
def dying(self, row):
    if sys.argv[3] == "after sending":
        deliver(self, row)
    os.kill(os.getpid(), signal.SIGKILL)
Notifications._deliver = dying
with Workspace(sys.argv[1], engine=True, cores=4, nodes_root=Path(sys.argv[2])) as space:
    space.runs.wait(1)
    time.sleep(60)
"""


@pytest.mark.parametrize(("point", "times"), [("before sending", 1), ("after sending", 2)])
def test_a_kill_between_end_and_sending_loses_nobody(
    tmp_path: Path, receiver: Receiver, point: str, times: int
) -> None:
    with workspace(tmp_path, engine=False) as client:
        client.notifications.set(webhook_hosts=receiver.place)
        number = client.runs.submit(pipeline(MAKE, notify=told(receiver.url)))
        assert Forked(DYING, str(tmp_path / "data"), str(TOYS), point).wait(120) == -signal.SIGKILL
        assert client.runs.get(number).state == "succeeded"
        assert [row.state for row in rows(client)] == ["pending"]
    with workspace(tmp_path) as space:
        space.notifications.try_again()
        until(lambda: sent(space, number))
        (row,) = rows(space)
    assert [body["id"] for body in receiver.bodies] == [row.id] * times


def test_a_copy_tells_nobody_again(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        number = run(space, pipeline(MAKE, notify="[{on: [succeeded], email: a@x.org}]")).id
        until(lambda: rows(space)[0].reason)
        space.backup(tmp_path / "copy")
        assert [one.state for one in space.notifications.of_run(number)] == ["pending"]
    with Workspace(tmp_path / "copy", nodes_root=TOYS) as copy:
        (row,) = rows(copy)
        assert (row.state, row.reason) == ("failed", "It was still to be sent when the backup was made.")


def test_the_command_line_tells_and_says_so(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NODEGRAPH_WEBHOOK_HOSTS", receiver.place)
    monkeypatch.delenv("NODEGRAPH_SMTP_HOST", raising=False)
    rows_file, file = tmp_path / "rows.jsonl", tmp_path / "told.yaml"
    rows_file.write_text('{"text": "a"}\n', encoding="utf-8")
    notify = f"[{{on: [succeeded], webhook: '{receiver.url}', email: a@x.org}}]"
    file.write_text(
        pipeline(f"a: {{type: preprocess.load, params: {{source: {rows_file}}}}}", notify=notify),
        encoding="utf-8",
    )
    assert main(["run", str(file), "--data-dir", str(tmp_path / "data")]) == 0
    assert len(receiver.bodies) == 1, "a command waits for what it has to tell"
    assert main(["show", "1", "--data-dir", str(tmp_path / "data")]) == 0
    for shown in capsys.readouterr().out.split("run 1 ")[1:]:
        assert "told: webhook http://127.0.0.1/…" in shown
        assert "not told yet: e-mail to a@x.org · No mail server is set." in shown
