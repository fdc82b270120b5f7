"""Open pipelines: shared by tabs, kept as drafts, saved as versions, never over somebody else's."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from executor.services.workspace import Workspace
from nodegraph.errors import Conflict, NotFound
from tests.ui.editor.conftest import TEXT
from ui.editor.desk import Desk
from ui.editor.opened import OpenPipeline


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace(tmp_path / "data") as opened:
        opened.pipelines.save(TEXT)
        yield opened


@pytest.fixture
def desk(workspace: Workspace) -> Desk:
    return Desk(workspace, workspace.data_dir.root)


def do(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 30))


async def told(opened: OpenPipeline, wanted: str, act: Callable[[], Any]) -> None:
    """Do something, and wait until the listeners are told of it."""
    event = asyncio.Event()
    close = opened.watch(lambda what: event.set() if what == wanted else None)
    act()
    await event.wait()
    close()


def test_tabs_share_one_document(desk: Desk) -> None:
    async def work() -> None:
        first, second = await desk.open("tickets"), await desk.open("tickets")
        heard: list[str] = []
        second.watch(heard.append)
        first.document.set_title("train", "LoRA")
        assert first is second
        assert heard == ["graph"]
        with pytest.raises(NotFound, match="no pipeline ticket"):
            await desk.open("ticket")

    do(work())


def test_what_is_not_saved_is_there_for_the_next_server(workspace: Workspace, desk: Desk) -> None:
    async def work() -> None:
        opened = await desk.open("tickets")
        await told(opened, "draft", lambda: opened.document.set_title("train", "LoRA"))
        other = await Desk(workspace, workspace.data_dir.root).open("tickets")
        assert other.document.pipeline.nodes["train"].title == "LoRA"
        assert (other.changed, other.document.base_version) == (True, 1)
        other.document.undo()
        assert other.document.text() == TEXT

    do(work())


def test_undoing_everything_leaves_no_draft(workspace: Workspace, desk: Desk) -> None:
    async def work() -> None:
        opened = await desk.open("tickets")
        await told(opened, "draft", lambda: opened.document.set_title("train", "LoRA"))
        assert workspace.drafts.get("tickets")
        await told(opened, "draft", opened.document.undo)
        assert workspace.drafts.get("tickets") is None

    do(work())


def test_a_text_that_is_not_right_yet_is_kept_too(workspace: Workspace, desk: Desk) -> None:
    async def work() -> None:
        opened = await desk.open("tickets")
        await told(opened, "draft", lambda: opened.write("nodes: ["))
        await told(opened, "draft", lambda: opened.document.set_title("train", "LoRA"))
        other = await Desk(workspace, workspace.data_dir.root).open("tickets")
        assert other.rough == "nodes: ["
        assert other.document.pipeline.nodes["train"].title == "LoRA"
        await told(other, "draft", lambda: other.write(None))
        await told(other, "draft", other.document.undo)
        assert not other.changed
        again = await Desk(workspace, workspace.data_dir.root).open("tickets")
        assert (again.rough, again.changed) == (None, False)

    do(work())


def test_the_end_of_the_server_keeps_drafts(workspace: Workspace, desk: Desk) -> None:
    async def work() -> None:
        opened = await desk.open("tickets")
        opened.document.set_title("train", "LoRA")
        desk.close()
        draft = workspace.drafts.get("tickets")
        assert draft and "title: LoRA" in draft.text

    do(work())


def test_saving_makes_a_version_and_forgets_the_draft(workspace: Workspace, desk: Desk) -> None:
    async def work() -> None:
        opened = await desk.open("tickets")
        opened.document.set_title("train", "LoRA")
        assert (await opened.save()).version == 2
        await opened.keep()
        assert not opened.changed
        assert workspace.drafts.get("tickets") is None
        assert "# 12,480 rows" in workspace.pipelines.get("tickets").text

    do(work())


def test_nobody_saves_over_another_version_by_accident(workspace: Workspace, desk: Desk) -> None:
    async def work() -> None:
        opened = await desk.open("tickets")
        opened.document.set_title("train", "mine")
        workspace.pipelines.save(TEXT.replace("title: Support tickets", "title: theirs"))
        with pytest.raises(Conflict):
            await opened.save()
        assert opened.changed
        await opened.take_theirs()
        assert (opened.document.pipeline.title, opened.changed) == ("theirs", False)
        opened.document.undo()
        assert opened.document.pipeline.nodes["train"].title == "mine"
        assert (await opened.save(over=True)).version == 3

    do(work())


def test_a_version_saved_elsewhere_is_shown_when_nothing_was_changed(
    workspace: Workspace, desk: Desk
) -> None:
    async def work() -> None:
        await desk.open("tickets")
        workspace.pipelines.save(TEXT.replace("title: Support tickets", "title: theirs"))
        opened = await desk.open("tickets")
        assert (opened.document.pipeline.title, opened.document.base_version) == ("theirs", 2)

    do(work())


def test_problems_follow_changes_and_secrets(workspace: Workspace, desk: Desk) -> None:
    async def work() -> None:
        opened = await desk.open("tickets")
        await told(opened, "problems", lambda: opened.document.set_param("train", "epochs", "many"))
        assert ("train", "epochs") in [(one.node, one.param) for one in opened.problems]
        await told(opened, "problems", lambda: opened.document.set_param("serve", "api_key", "A_KEY_OF_OURS"))
        assert "missing-secret" in [one.code for one in opened.problems]
        workspace.secrets.set("A_KEY_OF_OURS", "x")
        await told(opened, "problems", opened.look_again)
        assert "missing-secret" not in [one.code for one in opened.problems]

    do(work())


def test_the_outlook_says_how_nodes_stand(desk: Desk) -> None:
    async def work() -> None:
        opened = await desk.open("tickets")
        await told(opened, "outlook", lambda: None)
        assert opened.outlook["train"].state == "draft"

    do(work())
