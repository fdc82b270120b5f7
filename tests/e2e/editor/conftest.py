"""Pipelines of a test's own, and one that is open in the editor."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from executor.services.workspace import Workspace
from tests.e2e.editor.sheet import TEXT, Sheet
from tests.e2e.editors import Editor


@pytest.fixture
def make(editor: Editor, request: pytest.FixtureRequest) -> Callable[..., str]:
    """Puts a pipeline of the test's own into the data directory."""

    def put(text: str = TEXT) -> str:
        name = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")[-50:].strip("-")
        with Workspace(editor.data_dir) as workspace:
            workspace.pipelines.save(text.replace("NAME", name))
        return name

    return put


@pytest.fixture
def sheet(editor: Editor, page: Page, make: Callable[..., str]) -> Sheet:
    opened = Sheet(page, editor, make())
    opened.open()
    return opened
