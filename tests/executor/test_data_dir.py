"""The data directory and its database: one engine at a time, damage refused, clear words."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from executor.data_dir import DataDir, Lock
from executor.database import migrations
from executor.database.session import Database
from executor.database.tables import Run
from nodegraph.errors import DataDirError

HOLD = """
import sys, time
from executor.data_dir import DataDir, Lock
Lock(DataDir(sys.argv[1])).acquire()
print(1, flush=True)
time.sleep(60)
"""


def test_f10_the_lock_names_its_holder_and_is_freed_by_a_kill(tmp_path: Path) -> None:
    data_dir = DataDir(tmp_path).create()
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE)
    assert holder.stdout and holder.stdout.readline()
    lock = Lock(data_dir)
    assert not lock.acquire() and lock.taken()
    assert f"process {holder.pid}" in lock.refuse().message
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert not lock.taken()
    assert lock.acquire() and lock.held
    lock.release()


def test_f35_a_directory_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataDirError, match="cannot be written: Not a directory") as caught:
        DataDir(tmp_path / "file" / "data").create()
    assert "--data-dir" in caught.value.hint


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to become someone without the right to write")
def test_f35_read_only_for_another_user(tmp_path: Path) -> None:
    code = f"""
import os
from executor.data_dir import DataDir
os.setuid(65534)
DataDir({str(tmp_path / "data")!r}).create()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "DataDirError" in done.stderr and "Permission denied" in done.stderr


def a_run(**fields: object) -> Run:
    return Run.model_validate({"pipeline": "p", "text": "", "base_dir": "/", "created": 1.0, **fields})


def test_f34_a_truncated_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = DataDir(tmp_path).create().database
    database = Database(path)
    with database.write() as session:
        session.add_all([a_run(text="x" * 5000) for _ in range(20)])
    database.close()
    whole = path.read_bytes()
    (tmp_path / "runs" / "1").mkdir()
    for length in (0, 50, 4096, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(DataDirError, match="damaged"):
            Database(path)
        assert path.read_bytes() == whole[:length]
        assert sorted(p.name for p in tmp_path.glob("nodegraph.db*")) == ["nodegraph.db"]
    path.write_bytes(b"no database" * 100)
    with pytest.raises(DataDirError, match="no SQLite file"):
        Database(path)


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    database = Database(tmp_path / "nodegraph.db")
    with database.write() as session:
        session.connection().execute(text("PRAGMA user_version = 99"))
    database.close()
    with pytest.raises(DataDirError, match="newer NodeGraph"):
        Database(tmp_path / "nodegraph.db")


MIGRATE = """
import os, sys
from sqlalchemy import text
from executor.database import migrations
from executor.database.session import Database
from pathlib import Path
def half(connection):
    connection.execute(text("ALTER TABLE run ADD COLUMN half INTEGER"))
    os.kill(os.getpid(), 9)
migrations.STEPS.append(half)
Database(Path(sys.argv[1]))
"""


def test_f14_a_kill_during_a_migration_rolls_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "nodegraph.db"
    database = Database(path)
    with database.write() as session:
        session.add(a_run())
    database.close()
    assert subprocess.run([sys.executable, "-c", MIGRATE, str(path)]).returncode == -signal.SIGKILL

    def whole(connection: object) -> None:
        connection.execute(text("ALTER TABLE run ADD COLUMN half INTEGER"))  # type: ignore[attr-defined]

    monkeypatch.setattr(migrations, "STEPS", [*migrations.STEPS, whole])
    monkeypatch.setattr("executor.database.session.STEPS", migrations.STEPS)
    database = Database(path)
    assert database.integrity() == "ok"
    with database.read() as session:
        assert session.connection().scalar(text("SELECT count(half IS NULL) FROM run")) == 1
        assert session.connection().scalar(text("PRAGMA user_version")) == len(migrations.STEPS)
    database.close()


def test_json_and_foreign_keys(tmp_path: Path) -> None:
    database = Database(tmp_path / "nodegraph.db")
    with database.write() as session:
        session.add(a_run(params={"名": [1, None]}))
    with database.read() as session:
        run = session.get(Run, 1)
        assert run is not None and run.params == {"名": [1, None]}
        assert json.dumps(run.model_dump())
        assert session.connection().scalar(text("PRAGMA foreign_keys")) == 1
        assert session.connection().scalar(text("PRAGMA journal_mode")) == "wal"
    database.close()
