"""Starting a run of what is edited, saved or not."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import Any

from nodegraph.errors import InvalidInput, NodeGraphError
from ui.editor.session import Session
from ui.i18n import t

_DOUBLE_CLICK = 1.0


class Starter:
    """Starts runs, one at a press: the second click of a double click starts none."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._busy = False
        self._started_at = 0.0

    async def start(self, **options: Any) -> int | None:
        """The new run's number; None where there are problems, which are shown then.

        The options are fields of a Submission.
        """
        if self._busy or time.monotonic() - self._started_at < _DOUBLE_CLICK:
            return None
        self._busy = True
        try:
            return await self._start(options)
        finally:
            self._busy = False

    async def _start(self, options: dict[str, Any]) -> int | None:
        opened, site = self._session.opened, self._session.site
        text = await asyncio.to_thread(opened.document.snapshot.text)
        version = None if opened.document.changed else opened.document.base_version
        try:
            run = await asyncio.to_thread(
                site.workspace.runs.submit, text, site.base_dir, version=version,
                idempotency_key=f"editor-{uuid.uuid4().hex}", **options,
            )  # fmt: skip
        except InvalidInput as error:
            if error.problems:
                opened.show_problems(error.problems)
            else:
                self._session.say(error, t("Nothing was started"))
            return None
        except NodeGraphError as error:
            self._session.say(error, t("Nothing was started"))
            return None
        self._started_at = time.monotonic()
        return run
