"""What a source may name: files and folders; what has no end or cannot be read is refused at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from executor.sources import EXAMPLES, Sources
from nodegraph.errors import InvalidInput
from tests.executor.support import workspace


@pytest.fixture
def sources(tmp_path: Path) -> Iterator[Sources]:
    with workspace(tmp_path, engine=False) as space:
        yield space.sources


def test_pipes_and_devices_are_no_sources(sources: Sources, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert sources.find("pipe", tmp_path) is None
    assert sources.find("/dev/zero", tmp_path) is None


def test_a_file_that_cannot_be_read_is_the_persons_to_mend(sources: Sources) -> None:
    with pytest.raises(InvalidInput, match="/proc/self/mem cannot be read: Input/output error") as caught:
        sources.digest(Path("/proc/self/mem"))
    assert caught.value.hint


def test_a_folder_without_end_is_refused_at_once(
    sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("executor.sources._MOST_FILES", 3)
    folder = tmp_path / "home"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.txt").write_text("x")
    with pytest.raises(InvalidInput, match="more than 3 files"):
        sources.known(folder)


def test_examples_are_data(sources: Sources) -> None:
    assert "README.md" not in sources.examples()
    assert {Path(name).suffix for name in sources.examples()} <= {".json", ".jsonl", ".csv", ".txt"}
    assert all((EXAMPLES / name).exists() for name in sources.examples())
