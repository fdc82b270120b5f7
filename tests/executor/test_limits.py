"""What an attempt leaves on disk stays within bounds: logs are cut, events counted, writing has a limit."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from executor.engine.tailing import read_events
from executor.launchers import limits
from nodegraph import events
from nodegraph.harness import context
from nodegraph.harness.context import EventFile
from tests.executor.support import pipeline, run, states, workspace

LIMIT = 4_000_000


@pytest.fixture
def small_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(limits.LOG_LIMIT, "4")


@contextmanager
def largest(path: Path) -> Iterator[list[int]]:
    """The largest size that a file has while one looks, and how much memory this process takes."""
    seen, over = [0, 0], threading.Event()

    def look() -> None:
        while not over.wait(0.01):
            seen[0] = max(seen[0], path.stat().st_size if path.exists() else 0)
            seen[1] = max(seen[1], psutil.Process().memory_info().rss)

    watcher = threading.Thread(target=look)
    watcher.start()
    yield seen
    over.set()
    watcher.join()


@pytest.mark.usefixtures("small_logs")
def test_f48_a_gigabyte_of_log_is_cut_with_a_notice(tmp_path: Path) -> None:
    text = pipeline("a: {type: custom.babble, params: {megabytes: 1000, pause: 0.002}}")
    with workspace(tmp_path) as space:
        path = space.data_dir.attempt(1, "a", 1) / "log"
        before = psutil.Process().memory_info().rss
        with largest(path) as seen:
            view = run(space, text)
        assert states(view) == {"a": "succeeded"}
        content = space.runs.log(view.id, "a")
    assert len(content) <= LIMIT
    assert content.startswith(b"the first word\n0123456789")
    assert limits.log_notice(LIMIT) in content
    assert content.endswith(b"the last word\n")
    assert seen[0] < 800_000_000, "it was cut only once it had ended"
    assert seen[1] - before < 150_000_000


@pytest.mark.usefixtures("small_logs")
def test_f49_a_line_of_a_hundred_megabytes_is_cut(tmp_path: Path) -> None:
    text = pipeline("a: {type: custom.babble, params: {megabytes: 100, lines: false, fails: true}}")
    with workspace(tmp_path) as space:
        view = run(space, text)
        content = space.runs.log(view.id, "a")
        tail = space.runs.log_tail(view.id, "a")
    assert len(content) <= LIMIT and limits.log_notice(LIMIT) in content
    assert b"the last word\n" in content and b"ValueError: and then it failed" in tail.content


@pytest.mark.usefixtures("small_logs")
def test_whoever_follows_a_log_goes_on_behind_the_cut(tmp_path: Path) -> None:
    text = pipeline("a: {type: custom.babble, params: {megabytes: 30, pause: 0.1}}")
    heard = b""
    with workspace(tmp_path) as space:
        number = space.runs.submit(text)
        for update in space.runs.follow(number):
            if update.kind == "log":
                pieces = space.runs.log_pieces(
                    number, "a", 1, offset=update.data["offset"], limit=update.data["size"]
                )
                heard += b"".join(pieces)
    assert heard.startswith(b"the first word\n") and heard.endswith(b"the last word\n")
    assert heard.count(limits.log_notice(LIMIT)) >= 2
    assert 10_000_000 < len(heard) < 40_000_000
    told = {line for line in heard.split(b"\n") if not line.startswith(b"0123456789")}
    assert all(len(line) < 200 for line in told), "never anything that nobody wrote"


def test_a_cut_keeps_head_and_end(tmp_path: Path) -> None:
    log = tmp_path / "log"
    lines = [b"line %06d\n" % number for number in range(100_000)]
    for ended in (False, True):
        log.write_bytes(b"".join(lines))
        assert limits.cut_log(log, 1_000_000, ended=ended)
        kept = log.read_bytes()
        assert kept[:500_000] == b"".join(lines)[:500_000]
        assert limits.log_notice(1_000_000) in kept and kept.endswith(lines[-1])
        assert len(kept) == 1_000_000 if ended else len(kept) < 600_000
        assert not limits.cut_log(log, 1_000_000, ended=ended)
    assert not limits.cut_log(tmp_path / "none", 1_000_000)


def test_where_a_reader_goes_on() -> None:
    assert limits.resume_at(300, size=500, limit=600) == 300
    assert limits.resume_at(580, size=420, limit=600) == 300, "from the notice on"
    assert limits.resume_at(580, size=100, limit=600) == 100


def test_numbers_without_end_are_left_out_but_not_how_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(context, "MOST_EVENTS", 100_000)
    file = tmp_path / "events.jsonl"
    sink = EventFile(str(file), {})
    for step in range(10_000):
        sink.send(events.Metric(name="loss", value=1.0, step=step))
    sink.send(events.Log(message="x" * 2_000_000))
    sink.send(events.Failed(category="input", message="Line 3 is empty."))
    assert file.stat().st_size < 101_000
    assert capsys.readouterr().out.count("are left out") == 1
    assert isinstance(list(read_events(file))[-1], events.Failed)
    again = EventFile(str(file), {})
    again.send(events.Metric(name="loss", value=1.0))
    assert isinstance(list(read_events(file))[-1], events.Failed), "what was there before counts"


def test_ever_new_names_are_left_out(tmp_path: Path) -> None:
    sink = EventFile(str(tmp_path / "events.jsonl"), {})
    for number in range(2_000):
        sink.send(events.Metric(name=f"loss {number}", value=1.0))
    sink.send(events.Metric(name="loss 0", value=0.5))
    found = [event for event in read_events(tmp_path / "events.jsonl") if isinstance(event, events.Metric)]
    assert len(found) == context.MOST_NAMES + 1 and found[-1].value == 0.5


def test_a47_a_node_that_writes_too_much_is_stopped(tmp_path: Path) -> None:
    text = pipeline("""
    a: {type: custom.fill, params: {megabytes: 3000, pause: 0.02}, resources: {disk_gb: 0.03}}
    b: {type: custom.fill, params: {megabytes: 20}, resources: {disk_gb: 0.03}}
    """)
    with workspace(tmp_path) as space:
        view = run(space, text)
        assert states(view) == {"a": "failed", "b": "succeeded"}
        error = view.nodes["a"].error
        assert error and error["category"] == "storage"
        assert "more than its limit of 30 MB" in error["message"] and "disk_gb" in error["hint"]
        left = limits.written([space.data_dir.attempt(view.id, "a", 1)])
        assert left < 1_000_000, "what it wrote is gone"


def test_what_a_folder_takes_on_disk(tmp_path: Path) -> None:
    folder = tmp_path / "folder" / "below"
    folder.mkdir(parents=True)
    (folder / "file").write_bytes(b"x" * 100_000)
    os.link(folder / "file", folder / "twice")
    (folder / "elsewhere").symlink_to("/usr")
    with (folder / "sparse").open("wb") as sparse:
        sparse.truncate(10**9)
    assert 100_000 <= limits.written([tmp_path / "folder", tmp_path / "none"]) < 200_000
    assert limits.disk_limit(5, free=10, used=0) == 5_000_000_000
    assert limits.disk_limit(None, free=900, used=100) == 900
    over = limits.over_disk(12_000_000_000, 10_000_000_000)
    assert over and over.message == "It wrote 12 GB, more than its limit of 10 GB."
    assert limits.over_disk(10, 10) is None
