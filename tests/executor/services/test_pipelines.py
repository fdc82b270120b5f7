"""Pipelines as the editor keeps them: versions, conflicts, names, drafts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from executor.database.session import Database
from executor.services.workspace import Workspace
from nodegraph.errors import Conflict, InvalidInput, NotFound
from nodegraph.format import MAX_BYTES
from tests.executor.forking import Forked
from tests.executor.support import pipeline, workspace

TEXT = pipeline("a: {type: custom.make}\n")
OTHER = TEXT + "  b: {type: custom.make}\n"


def test_a_graph_with_problems_is_saved_and_a_text_that_is_no_file_is_not(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space:
        unfinished = pipeline("a: {type: custom.make, inputs: {after: nowhere.text}}\nb: {type: no.such}\n")
        assert space.pipelines.save(unfinished).version == 1
        with pytest.raises(InvalidInput, match="an error") as caught:
            space.pipelines.save("nodegraph: 1\nname: Not A Name\n")
        assert [problem.code for problem in caught.value.problems] == ["bad-name"]
        assert [view.name for view in space.pipelines.list()] == ["toy"]


def test_two_people_who_save_do_not_overwrite_each_other(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space:
        space.pipelines.save(TEXT, expected=0)
        assert space.pipelines.save(OTHER, expected=1).version == 2
        with pytest.raises(Conflict, match="Version 2 was saved meanwhile"):
            space.pipelines.save(TEXT + "  c: {type: custom.make}\n", expected=1)
        assert space.pipelines.save(OTHER, expected=1).version == 2, "the same text is no conflict"
        with pytest.raises(Conflict, match="not there any more"):
            space.pipelines.save(pipeline("a: {type: custom.make}", name="renamed"), expected=2)


def test_of_ten_who_save_at_once_one_wins(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space:
        space.pipelines.save(TEXT)

        def save(number: int) -> int | None:
            try:
                return space.pipelines.save(f"{TEXT}  n{number}: {{type: custom.make}}\n", expected=1).version
            except Conflict:
                return None

        with ThreadPoolExecutor(10) as pool:
            assert sorted(map(bool, pool.map(save, range(10)))) == [False] * 9 + [True]


def test_a_new_pipeline_is_blank_and_its_name_is_its_own(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space:
        made = space.pipelines.create("mine", "我的流水线")
        assert (made.version, made.title) == (1, "我的流水线")
        assert made.text == "nodegraph: 1\nname: mine\ntitle: 我的流水线\n"
        with pytest.raises(InvalidInput, match="There is a pipeline mine already") as caught:
            space.pipelines.create("mine")
        assert (caught.value.problems[0].code, caught.value.problems[0].param) == ("name-taken", "name")
        space.pipelines.delete("mine")
        with pytest.raises(InvalidInput, match="already") as caught:
            space.pipelines.create("mine")
        assert "deleted" in caught.value.hint
        with pytest.raises(InvalidInput) as caught:
            space.pipelines.create("No Name")
        assert caught.value.problems[0].code == "bad-name"


def test_a_copy_has_its_own_name_and_the_comments_of_the_first(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space:
        space.pipelines.save(TEXT.replace("nodes:", "# the only node\nnodes:"))
        copied = space.pipelines.copy("toy", "toy-2", "Toy, again")
        assert "# the only node" in copied.text and "name: toy-2\n" in copied.text
        assert copied.title == "Toy, again"
        with pytest.raises(NotFound):
            space.pipelines.copy("nothing", "toy-3")


@pytest.mark.parametrize(
    ("base", "name"),
    [("toy", "toy-2"), ("Qwen SFT (LoRA)", "qwen-sft-lora"), ("客服模型", "pipeline"), ("x" * 99, "x" * 58)],
)
def test_a_free_name_is_made_from_any_title(tmp_path: Path, base: str, name: str) -> None:
    with workspace(tmp_path, engine=False) as space:
        space.pipelines.save(TEXT)
        assert space.pipelines.free_name(base) == name
        space.pipelines.create(name)
        assert space.pipelines.free_name(base) not in (name, "toy")


def test_an_earlier_version_comes_back_as_a_new_one(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space:
        space.pipelines.save(TEXT)
        space.pipelines.save(OTHER)
        assert space.pipelines.restore("toy", 1).version == 3
        assert space.pipelines.get("toy").text == TEXT
        assert [(view.name, view.version) for view in space.pipelines.list()] == [("toy", 3)]


DRAFT = """
import os, sys
from pathlib import Path
from executor.services.workspace import Workspace
space = Workspace(Path(sys.argv[1]))
space.drafts.keep("toy", "not: [a pipeline", 3)
os.kill(os.getpid(), 9)
"""


def test_a_draft_survives_a_kill(tmp_path: Path) -> None:
    assert Forked(DRAFT, str(tmp_path / "data")).wait(60) == -9
    with workspace(tmp_path, engine=False) as space:
        draft = space.drafts.get("toy")
        assert draft is not None and (draft.text, draft.base_version) == ("not: [a pipeline", 3)
        space.drafts.keep("toy", "later", None)
        later = space.drafts.get("toy")
        assert later is not None and later.text == "later" and later.changed >= draft.changed
        space.drafts.drop("toy")
        space.drafts.drop("toy")
        assert space.drafts.get("toy") is None
        with pytest.raises(InvalidInput, match="larger than"):
            space.drafts.keep("toy", "x" * (MAX_BYTES + 1), None)


def test_a_data_directory_of_the_first_schema_gets_what_came_later(tmp_path: Path) -> None:
    with workspace(tmp_path, engine=False) as space:
        space.pipelines.save(TEXT)
        path = space.data_dir.database
        with space.database.write() as session:
            for statement in (
                "DROP TABLE draft",
                "DROP TABLE host",
                "DROP TABLE notification",
                "DROP TABLE setting",
                'ALTER TABLE run DROP COLUMN "user"',
                "ALTER TABLE run DROP COLUMN priority",
                "ALTER TABLE attempt DROP COLUMN host",
            ):
                session.connection().execute(sql(statement))
            session.connection().execute(sql("PRAGMA user_version = 1"))
    Database(path).close()
    with Workspace(tmp_path / "data") as space:
        space.drafts.keep("toy", OTHER, 1)
        assert space.drafts.get("toy") is not None and space.pipelines.get("toy").text == TEXT
        assert space.database.integrity() == "ok" and list(space.inventory.hosts()) == ["local"]
        with space.database.read() as session:
            assert session.connection().execute(sql('SELECT "user", priority FROM run')).all() == []
