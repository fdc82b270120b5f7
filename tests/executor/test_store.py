"""The artifact store: content decides the digest, damage is noticed, kills leave nothing behind."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from executor.engine.commit import keep_outputs
from executor.store.store import ArtifactStore
from nodegraph.errors import NodeFailure, StoreError


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    (tmp_path / "artifacts").mkdir()
    return ArtifactStore(tmp_path / "artifacts")


def output(tmp_path: Path, name: str = "out", **files: str) -> Path:
    directory = tmp_path / name
    directory.mkdir()
    for file, content in files.items():
        path = directory / file.replace("__", "/")
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    return directory


def test_same_content_has_the_same_digest_and_is_kept_once(store: ArtifactStore, tmp_path: Path) -> None:
    first = store.put(output(tmp_path, "a", x="1", sub__y="2"))
    second = store.put(output(tmp_path, "b", sub__y="2", x="1"))
    assert first == second
    assert (first.bytes, first.files) == (2, 2)
    assert not (tmp_path / "a").exists() and not (tmp_path / "b").exists()
    assert store.health(first.digest) == "good"
    assert (first.path / "x").stat().st_mode & 0o222 == 0


@pytest.mark.parametrize("change", [{"x": "2"}, {"y": "1"}, {"x": "1", "y": ""}])
def test_other_content_or_names_have_another_digest(
    store: ArtifactStore, tmp_path: Path, change: dict[str, str]
) -> None:
    assert store.put(output(tmp_path, "a", x="1")).digest != store.put(output(tmp_path, "b", **change)).digest


def test_f36_a_flipped_byte_is_noticed(store: ArtifactStore, tmp_path: Path) -> None:
    kept = store.put(output(tmp_path, x="abc", y="def"))
    file = kept.path / "x"
    before = file.stat()
    file.chmod(0o644)
    file.write_text("abd")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert store.health(kept.digest) == "suspect"
    with pytest.raises(StoreError, match="x does not match its checksum"):
        store.verify(kept.digest)
    again = store.put(output(tmp_path, "again", x="abc", y="def"))
    assert again.digest == kept.digest
    store.verify(kept.digest)


def test_a_touched_file_is_hashed_again_and_then_believed(store: ArtifactStore, tmp_path: Path) -> None:
    kept = store.put(output(tmp_path, x="abc"))
    os.utime(kept.path / "x", (1, 1))
    assert store.health(kept.digest) == "suspect"
    store.verify(kept.digest)
    assert store.health(kept.digest) == "good"


def test_missing_and_added_files_are_noticed(store: ArtifactStore, tmp_path: Path) -> None:
    kept = store.put(output(tmp_path, x="abc", y="1"))
    (kept.path / "x").unlink()
    assert store.health(kept.digest) == "suspect"
    with pytest.raises(StoreError, match="x is missing"):
        store.verify(kept.digest)
    store.forget(kept.digest)
    assert store.health(kept.digest) == "missing"
    with pytest.raises(StoreError, match="not in the store"):
        store.get(kept.digest)


def test_links_inside_become_files_and_links_outside_are_refused(
    store: ArtifactStore, tmp_path: Path
) -> None:
    directory = output(tmp_path, blobs__weights="w")
    (directory / "weights").symlink_to("blobs/weights")
    (directory / "folder").symlink_to("blobs", target_is_directory=True)
    kept = store.put(directory)
    assert kept.files == 3
    assert not (kept.path / "weights").is_symlink()
    assert (kept.path / "folder" / "weights").read_text() == "w"

    secret = tmp_path / "secret"
    secret.write_text("s")
    leading_out = output(tmp_path, "other", x="1")
    (leading_out / "stolen").symlink_to(secret)
    with pytest.raises(NodeFailure, match="leads outside it: stolen"):
        store.put(leading_out)


def test_a_hard_link_to_a_users_file_is_copied(store: ArtifactStore, tmp_path: Path) -> None:
    own = tmp_path / "own.txt"
    own.write_text("mine")
    directory = output(tmp_path)
    os.link(own, directory / "copy.txt")
    kept = store.put(directory)
    own.write_text("changed")
    assert (kept.path / "copy.txt").read_text() == "mine"


def test_pipes_are_refused(store: ArtifactStore, tmp_path: Path) -> None:
    directory = output(tmp_path, x="1")
    os.mkfifo(directory / "pipe")
    with pytest.raises(NodeFailure, match="no file: pipe"):
        store.put(directory)


def test_leftovers_of_a_kill_are_cleaned(store: ArtifactStore, tmp_path: Path) -> None:
    (store.root / "tmp").mkdir()
    (store.root / "tmp" / "half").write_text("half")
    store.clean()
    assert not (store.root / "tmp").exists()


def test_f6_what_is_left_of_an_output_that_is_in_the_store_is_not_taken_for_it(
    store: ArtifactStore, tmp_path: Path
) -> None:
    """Killed while the second of two equal outputs was removed: noted, and partly gone."""
    kept = store.put(output(tmp_path, "before", x="1", y="2"))
    attempt = tmp_path / "attempt"
    attempt.mkdir()
    left = output(attempt, "out", text__y="2")
    (attempt / "stored.json").write_text(json.dumps({"text": kept.digest}))
    assert keep_outputs(store, attempt, {"text": "text"}) == {"text": kept}
    assert not (left / "text").exists()
