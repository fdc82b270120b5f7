"""Looking into artifacts: text, pages of rows, a ZIP file, damage said; bounded logs and metrics."""

from __future__ import annotations

import json
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from executor.database.tables import Artifact
from executor.launchers.base import EVENTS, LOG
from executor.services.workspace import Workspace
from nodegraph.errors import NotFound, StoreError
from tests.executor.support import pipeline, run, workspace


def artifact(space: Workspace, tmp_path: Path, **files: bytes) -> str:
    """An artifact with these files, as a node might have made it."""
    folder = tmp_path / "made"
    folder.mkdir()
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    stored = space.store.put(folder)
    row = Artifact(digest=stored.digest, kind="dataset", bytes=stored.bytes, files=stored.files, created=1.0)
    with space.database.write() as session:
        session.add(row)
    return stored.digest


def test_the_beginning_of_a_file_as_text(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space:
        digest = artifact(space, tmp_path, a_txt="字x".encode() * 1000, b_bin=bytes(range(256)), c_txt=b"")
        text = space.artifacts.text(digest, "a.txt", limit=100)
        assert text.text.startswith("字x字x") and (text.bytes, text.cut, text.binary) == (4000, True, False)
        assert space.artifacts.text(digest, "b.bin").binary
        assert not space.artifacts.text(digest, "c.txt").cut
        for outside in ("../a.txt", "/etc/passwd", "", "made", "."):
            with pytest.raises(NotFound):
                space.artifacts.text(digest, outside)


def test_rows_page_by_page(tmp_path: Path) -> None:
    rows = [{"n": n, "text": "字" * n} for n in range(25)]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    with workspace(tmp_path, engine=False) as space:
        digest = artifact(
            space, tmp_path, data_jsonl=lines + b"no json\n" + b'{"n": "' + b"x" * (2 << 20) + b'"}'
        )
        seen: list[object] = []
        offset: int | None = 0
        while offset is not None:
            page = space.artifacts.rows(digest, offset, limit=10)
            seen += page.rows
            offset = page.next
        assert seen[:25] == [[n, "字" * n] for n in range(25)]
        assert seen[25][-1] == "no json" and len(seen) == 27


def test_an_artifact_as_a_zip_file_on_the_way(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space:
        large = bytes(1 << 20) * 40
        digest = artifact(space, tmp_path, a_txt=b"one", sub__b_bin=large)
        target = tmp_path / "out.zip"
        tracemalloc.start()
        with target.open("wb") as file:
            for part in space.artifacts.zipped(digest):
                file.write(part)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < len(large) / 4
        with zipfile.ZipFile(target) as archive:
            assert archive.testzip() is None
            assert archive.namelist() == ["a.txt", "sub/b.bin"] and archive.read("a.txt") == b"one"


def test_damage_is_said(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space:
        digest = artifact(space, tmp_path, a_txt=b"one")
        space.artifacts.check(digest)
        path = space.artifacts.file(digest, "a.txt")
        path.chmod(0o644)
        path.write_bytes(b"two")
        with pytest.raises(StoreError, match=r"a\.txt does not match its checksum"):
            space.artifacts.check(digest)


def test_the_end_of_a_log_begins_with_a_line(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        view = run(space, pipeline("a: {type: custom.make}"))
        path = space.runs.log_path(view.id, "a")
        assert path is not None and path.name == LOG
        path.write_bytes(b"".join(b"line %d\n" % n for n in range(1000)))
        tail = space.runs.log_tail(view.id, "a", limit=20)
        assert tail.content == b"line 998\nline 999\n" and tail.end == path.stat().st_size
        assert space.runs.log(view.id, "a", offset=tail.offset) == tail.content
        assert space.runs.log_tail(view.id, "a", 1).offset == 0
        path.write_bytes(b"x" * 100)
        assert space.runs.log_tail(view.id, "a", limit=20).content == b"x" * 20, "one line without an end"
        path.unlink()
        assert space.runs.log_tail(view.id, "a").content == b""


def test_a_million_points_become_two_thousand(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        view = run(space, pipeline("a: {type: custom.make}"))
        events = Path(space.runs.attempts(view.id, "a")[0].directory) / EVENTS
        events.write_text(
            "".join(
                f'{{"event": "metric", "name": "loss", "value": {n}, "step": {n}, "time": {n}}}\n'
                for n in range(9_000)
            )
            + '{"event": "metric", "name": "f1", "value": 0.5, "step": 1, "time": 1}\n'
        )
        points = space.runs.metrics(view.id, "a")
        loss = [point["value"] for point in points if point["name"] == "loss"]
        assert 1_900 < len(loss) <= 2_000 and (loss[0], loss[-1]) == (0, 8_999) and loss == sorted(loss)
        assert [point["value"] for point in points if point["name"] == "f1"] == [0.5]
