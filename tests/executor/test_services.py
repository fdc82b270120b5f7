"""Pipelines, datasets, artifacts, node types and templates as services."""

from __future__ import annotations

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from executor.services.datasets import Datasets
from executor.services.workspace import Workspace
from nodegraph.errors import InvalidInput, NodeFailure, NotFound
from tests.executor.support import TOYS, pipeline, run, states, text_of, workspace

TEXT = pipeline("a: {type: custom.make}\n")


def test_a_pipeline_gets_a_version_for_each_changed_text(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space:
        first, made = space.pipelines.import_text(TEXT)
        assert (first.name, first.version, made) == ("toy", 1, True)
        assert space.pipelines.import_text(TEXT)[1] is False
        changed = TEXT + "  b: {type: custom.make}\n"
        second, made = space.pipelines.import_text(changed.encode())
        assert (second.version, made) == (2, True)
        back, made = space.pipelines.import_text(TEXT)
        assert (back.version, made) == (3, True)
        assert [view.version for view in space.pipelines.versions("toy")] == [3, 2, 1]
        assert space.pipelines.get("toy", 2).text == changed
        with pytest.raises(NotFound, match="no version 9"):
            space.pipelines.get("toy", 9)
        with pytest.raises(NotFound, match="no pipeline tyo"):
            space.pipelines.get("tyo")


def test_a_deleted_pipeline_comes_back(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space:
        space.pipelines.import_text(TEXT)
        space.pipelines.delete("toy")
        assert space.pipelines.list() == []
        assert [view.name for view in space.pipelines.list(deleted=True)] == ["toy"]
        space.pipelines.undelete("toy")
        assert [view.name for view in space.pipelines.list()] == ["toy"]


def test_a_wrong_pipeline_is_not_kept(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space:
        with pytest.raises(InvalidInput) as caught:
            space.pipelines.import_text("name: x\nnodes: {a: {type: custom.maek}}")
        assert caught.value.problems[0].node == "a"
        assert space.pipelines.list() == []


def test_f37_an_upload_that_is_cut_leaves_nothing(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space:
        with pytest.raises(InvalidInput, match="Only 50 of 100 bytes"):
            space.datasets.add("cut", io.BytesIO(b"x" * 50), "cut.jsonl", size=100)
        assert space.datasets.list() == []
        assert list(space.data_dir.datasets.iterdir()) == []


def test_f38_ten_uploads_of_one_name_are_ten_versions(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space:
        contents = [f"row {i}\n".encode() * 1000 for i in range(10)]
        with ThreadPoolExecutor(10) as pool:
            made = list(
                pool.map(lambda c: space.datasets.add("same", io.BytesIO(c), "a.TXT", len(c)), contents)
            )
        assert sorted(view.version for view in made) == list(range(1, 11))
        for view, content in zip(made, contents, strict=True):
            assert view.digest == hashlib.sha256(content).hexdigest()
            assert view.path.read_bytes() == content and view.path.suffix == ".txt"
        assert space.datasets.get("same").version == 10
        assert space.sources.find("dataset:same", tmp_path) == space.datasets.get("same").path


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "a\0b", "x" * 200])
def test_a16_names_of_datasets_never_become_paths(tmp_path: Path, name: str) -> None:
    with workspace(tmp_path, engine=False) as space:
        with pytest.raises(InvalidInput, match="no name for a dataset"):
            space.datasets.add(name, io.BytesIO(b"x"), "a.txt")
        view = space.datasets.add("训练集", io.BytesIO(b"x"), "../../etc/passwd.jsonl.gz")
        assert view.path.parent == space.data_dir.datasets and view.original == "passwd.jsonl.gz"
        assert view.path.name.endswith(".jsonl.gz")


@pytest.mark.parametrize("text", ["example:../demo.yaml", "example:/etc/passwd", "example:nothing"])
def test_examples_are_files_of_ours_only(tmp_path: Path, text: str) -> None:
    with workspace(tmp_path, engine=False) as space, pytest.raises(NotFound):
        space.sources.find(text, tmp_path)


def test_a_dataset_that_is_too_large_is_refused(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space:
        small = Datasets(space.data_dir, space.database, max_bytes=10)
        with pytest.raises(InvalidInput, match="larger than"):
            small.add("big", io.BytesIO(b"x" * 11), "a.txt")
        assert list(space.data_dir.datasets.iterdir()) == []


def test_what_is_no_local_file_is_left_alone(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space:
        for text in ("Qwen/Qwen2.5-0.5B", "https://example.com/a.jsonl", "a\0b", "x" * 5000, ""):
            assert space.sources.find(text, tmp_path) is None
        (tmp_path / "a").mkdir()
        assert space.sources.find("a", tmp_path) == tmp_path / "a"
        assert space.sources.find(f"../{tmp_path.name}/a", tmp_path) == tmp_path / "a"


def test_a_folder_is_fingerprinted_by_its_content(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "x").write_text("1")
    (folder / "loop").symlink_to(folder)
    with workspace(tmp_path, engine=False) as space:
        first = space.sources.digest(folder)
        assert space.sources.digest(folder) == first
        (folder / "sub" / "x").write_text("2")
        assert space.sources.known(folder) is None
        assert space.sources.digest(folder) != first


def test_artifacts_are_found_by_the_beginning_of_their_digest(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        view = run(space, TEXT)
        digest = view.nodes["a"].outputs["text"].digest
        found = space.artifacts.get(digest[:8])
        assert (found.digest, found.run, found.node, found.port) == (digest, view.id, "a", "text")
        assert space.artifacts.files(digest) == {"text.txt": 5, "when.txt": 0}
        assert [one.digest for one in space.artifacts.list("text")] == [digest]
        with pytest.raises(NotFound):
            space.artifacts.get("%")


def test_runs_are_listed_latest_first(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        first, second = run(space, TEXT), run(space, TEXT)
        assert [view.id for view in space.runs.list()] == [second.id, first.id]
        assert [view.id for view in space.runs.list(limit=1, offset=1)] == [first.id]
        assert space.runs.list(state="failed") == []
        assert space.runs.get(str(first.id)) == space.runs.get(first.id)
        for wrong in ("x", "-1", "99", "1.0"):
            with pytest.raises(NotFound):
                space.runs.get(wrong)
        with pytest.raises(NotFound, match="no node aa"):
            space.runs.log(first.id, "aa")


def test_node_types_and_templates(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space:
        assert "custom.make" in [described["id"] for described in space.node_types.list()]
        with pytest.raises(NotFound) as caught:
            space.node_types.get("custom.maek")
        assert "custom.make" in caught.value.hint
        assert space.node_types.broken() == []
        with pytest.raises(NotFound):
            space.templates.get("no-such-template")


def test_a_node_that_deploys_is_green_once_its_service_is_healthy(tmp_path: Path) -> None:
    """With hooks of its own in place of real services, which tests/executor/deployments starts."""
    healthy, started = False, []

    class Space(Workspace):
        def _on_service(self, artifact, node_run, say):  # type: ignore[no-untyped-def]
            started.append(node_run.run_id)
            if not healthy:
                raise NodeFailure("node", "It did not answer.", "See its log.")

        def _service_alive(self, digest: str) -> bool:
            return healthy

    text = pipeline("a: {type: deploy.toy}")
    with Space(tmp_path / "data", engine=True, nodes_root=TOYS) as space:
        view = run(space, text)
        assert view.nodes["a"].error and view.nodes["a"].error["message"] == "It did not answer."
        healthy = True
        assert states(run(space, text)) == {"a": "succeeded"}
        assert states(run(space, text)) == {"a": "cached"}
        healthy = False
        view = run(space, text)
        assert (view.state, view.nodes["a"].reason) == ("failed", "its service has ended")
        assert started == [1, 2, 4]


def test_folders_may_be_named_from_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes of nodes stand elsewhere."""
    (tmp_path / "types").symlink_to(TOYS)
    monkeypatch.chdir(tmp_path)
    with Workspace("data", engine=True, cores=4, nodes_root=Path("types")) as space:
        view = run(space, pipeline("a: {type: custom.make, params: {text: hello}}"))
        assert text_of(view, "a") == "hello"
