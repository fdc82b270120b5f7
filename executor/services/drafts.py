"""Drafts: what a person has changed in a pipeline and not saved yet, kept where no kill can reach it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from executor.database.session import Database
from executor.database.tables import Draft
from nodegraph.errors import InvalidInput
from nodegraph.format import MAX_BYTES


@dataclass(frozen=True)
class DraftView:
    """A text that is not saved yet, the version it began from, and when it last changed."""

    text: str
    base_version: int | None
    changed: float


class Drafts:
    """One draft for each pipeline at most. Its text may be wrong in any way: nothing of it is checked."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> DraftView | None:
        """The draft of a pipeline, None where everything is saved."""
        with self._database.read() as session:
            row = session.get(Draft, name)
        return DraftView(row.text, row.base_version, row.changed) if row else None

    def keep(self, name: str, text: str, base_version: int | None) -> DraftView:
        """Keep a text in place of the draft that was there."""
        if len(text) > MAX_BYTES:
            raise InvalidInput(
                f"The file is larger than {MAX_BYTES:,} bytes.",
                "Keep data in files beside the pipeline, and name them.",
            )
        row = Draft(name=name, text=text, base_version=base_version, changed=time.time())
        with self._database.write() as session:
            session.merge(row)
        return DraftView(text, base_version, row.changed)

    def drop(self, name: str) -> None:
        """Forget a draft, because it was saved or given up."""
        with self._database.write() as session:
            row = session.get(Draft, name)
            if row is not None:
                session.delete(row)
