"""Backups while runs go on: they fit together, and the copy and its original leave each other alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from executor.services.workspace import Workspace
from nodegraph.errors import DataDirError, InvalidInput
from tests.executor.forking import Forked
from tests.executor.support import TOYS, kill, pipeline, run, states, text_of, until, workspace


def chain(ledger: Path, seconds: float) -> str:
    act = f"type: custom.make, params: {{seconds: {seconds}, ledger: '{ledger}'"
    return pipeline(f"""
    a: {{{act}, text: a}}}}
    b: {{{act}, text: b}}, inputs: {{after: a.text}}}}
    """)


def copy_of(tmp_path: Path, name: str = "copy") -> Workspace:
    """The copy at work."""
    return Workspace(tmp_path / name, engine=True, cores=4, nodes_root=TOYS)


def test_f39_a_backup_under_load_can_be_restored(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        kept = space.datasets.add_file("rows", Path(__file__))
        first = run(space, chain(tmp_path / "before", 0))
        ledger = tmp_path / "ledger"
        numbers = [space.runs.submit(chain(ledger, 1.5), use_cache=False) for _ in range(4)]
        until(lambda: ledger.exists())
        backup = space.backup(tmp_path / "copy")
        ours = {number: space.runs.wait(number, 60) for number in numbers}

        # The original does not notice: each node is executed once, and its results stand.
        assert {view.state for view in ours.values()} == {"succeeded"}
        assert Counter(ledger.read_text().split()) == {"a": 4, "b": 4}
        assert all(attempts(space, number) == {"a": ["succeeded"], "b": ["succeeded"]} for number in numbers)
        assert_sound(space)
        assert backup.missing == [] and backup.runs == 5

        ledger.unlink()
        with copy_of(tmp_path) as copy:
            assert copy.datasets.get("rows").digest == kept.digest
            assert copy.datasets.get("rows").path.read_bytes() == Path(__file__).read_bytes()
            assert b"made b" in copy.runs.log(first.id, "b")
            assert text_of(copy.runs.get(first.id), "b") == "ab"
            for number in numbers:
                assert copy.runs.wait(number, 60).state == "succeeded"
                for found in attempts(copy, number).values():
                    assert found in (["succeeded"], ["lost", "succeeded"])
            taken_up = sum("lost" in one for number in numbers for one in attempts(copy, number).values())
            assert taken_up > 0, "nothing ran when the backup was made"
            executed = Counter(ledger.read_text().split())
            assert taken_up <= sum(executed.values()) <= 8 and max(executed.values()) <= 4
            assert states(run(copy, chain(tmp_path / "before", 0))) == {"a": "cached", "b": "cached"}
            assert_sound(copy)
        assert_sound(space)


def test_f39_a_copy_leaves_what_the_original_runs_alone(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        number = space.runs.submit(chain(tmp_path / "ledger", 3))
        until(lambda: (tmp_path / "ledger").exists())
        until(lambda: space.runs.attempts(number, "a")[0].state == "running")
        space.backup(tmp_path / "copy")
        with copy_of(tmp_path) as copy:
            until(lambda: len(copy.runs.attempts(number, "a")) == 2)
            copy.runs.cancel(number)
            assert copy.runs.wait(number, 30).state == "cancelled"
        assert space.runs.wait(number, 30).state == "succeeded"
        assert attempts(space, number) == {"a": ["succeeded"], "b": ["succeeded"]}


def test_a_backup_holds_no_secret_and_is_there_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        space.secrets.set("KEY", "sk-canary-91")
        assert run(space, pipeline("a: {type: custom.whisper, params: {key: KEY}}")).state == "succeeded"
        backup = space.backup(tmp_path / "copy")
        assert backup.secrets == ["KEY"]
        files = [path for path in (tmp_path / "copy").rglob("*") if path.is_file()]
        assert files and not any(b"sk-canary-91" in path.read_bytes() for path in files)
        assert json.loads((tmp_path / "copy" / "backup.json").read_text())["runs"] == 1
        with pytest.raises(InvalidInput, match="already"):
            space.backup(tmp_path / "copy")
        with pytest.raises(InvalidInput, match="in the data directory itself"):
            space.backup(tmp_path / "data" / "copy")
        (tmp_path / "file").write_text("")
        with pytest.raises(DataDirError, match="cannot be written: File exists"):
            space.backup(tmp_path / "file" / "copy")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "data", "file"]


SLOW = """
import sys, time
from pathlib import Path
from executor.services import backup
from executor.services.workspace import Workspace
def wait(*_):
    print("half", flush=True)
    time.sleep(600)
backup._copy_attempts = wait
Workspace(Path(sys.argv[1])).backup(Path(sys.argv[2]))
"""


def test_a_backup_clears_away_what_a_killed_one_left_and_nothing_else(tmp_path: Path) -> None:
    def parts() -> list[str]:
        return [path.name for path in tmp_path.glob(".*.part")]

    foreign = tmp_path / ".copy.mine.part"
    foreign.mkdir()
    (foreign / "notes.txt").write_text("mine")
    with workspace(tmp_path, engine=False) as space:
        other = Forked(SLOW, str(tmp_path / "data"), str(tmp_path / "copy"), stdout=subprocess.PIPE)
        assert other.stdout is not None and other.stdout.readline() == b"half\n"
        space.backup(tmp_path / "copy")
        assert len(parts()) == 2, "another process works at one of them"
        kill(other)
        shutil.rmtree(tmp_path / "copy")
        space.backup(tmp_path / "copy-2")
        assert len(parts()) == 2, "it is that of another backup"
        space.backup(tmp_path / "copy")
        assert parts() == [foreign.name] and (foreign / "notes.txt").exists()


def test_a_damaged_artifact_is_named_and_left_out(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        view = run(space, pipeline("a: {type: custom.make}"))
        file = Path(view.nodes["a"].outputs["text"].path) / "text.txt"
        file.chmod(0o644)
        file.write_text("HELLO")
        backup = space.backup(tmp_path / "copy")
        assert backup.artifacts == 0 and "damaged" in backup.missing[0]
    with copy_of(tmp_path) as copy:
        assert states(run(copy, pipeline("a: {type: custom.make}"))) == {"a": "succeeded"}


def test_a_backup_on_another_disk_is_copied_and_checked(tmp_path: Path) -> None:
    elsewhere = Path("/dev/shm") / f"nodegraph-{os.getpid()}"
    if not elsewhere.parent.is_dir() or elsewhere.parent.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system here")
    try:
        with workspace(tmp_path) as space:
            view = run(space, pipeline("a: {type: custom.make}"))
            space.backup(elsewhere)
        with Workspace(elsewhere, engine=True, cores=4, nodes_root=TOYS) as copy:
            assert text_of(copy.runs.get(view.id), "a") == "hello"
            assert states(run(copy, pipeline("a: {type: custom.make}"))) == {"a": "cached"}
            assert_sound(copy)
    finally:
        shutil.rmtree(elsewhere, ignore_errors=True)


def test_a_data_directory_that_was_moved_is_at_home_again(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        view = run(space, pipeline("a: {type: custom.make}"))
    (tmp_path / "data").rename(tmp_path / "moved")
    (tmp_path / "link").symlink_to("moved")
    with copy_of(tmp_path, "moved") as space:
        assert b"made hello" in space.runs.log(view.id, "a")
    with Workspace(tmp_path / "link", nodes_root=TOYS) as space:
        (attempt,) = space.runs.attempts(view.id, "a")
        assert attempt.directory.startswith(str(tmp_path / "moved")), (
            "a link is another name, not another place"
        )


def test_the_command_while_a_server_works(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        run(space, pipeline("a: {type: custom.make}"))
        command = [sys.executable, "-m", "executor.cli.main", "backup", str(tmp_path / "copy")]
        done = subprocess.run(
            [*command, "--data-dir", str(tmp_path / "data"), "--json"], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["artifacts"] == 1


def attempts(space: Workspace, number: int) -> dict[str, list[str]]:
    return {node: [one.state for one in space.runs.attempts(number, node)] for node in ("a", "b")}


def assert_sound(space: Workspace) -> None:
    """The database is whole, and every artifact that it names; none of them has to be hashed again."""
    time.sleep(0.1)
    assert space.database.integrity() == "ok"
    for run_view in space.runs.list():
        for node in space.runs.get(run_view.id).nodes.values():
            for output in node.outputs.values():
                assert space.store.health(output.digest) == "good"
                space.store.verify(output.digest)
