"""Pipelines kept in the data directory: each changed text is a new version, and none is ever lost."""

from __future__ import annotations

import builtins
import hashlib
import re
import time
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, desc, select

from executor.database.session import Database
from executor.database.tables import Pipeline, PipelineVersion
from nodegraph import pipeline as core
from nodegraph.errors import Conflict, InvalidInput, NotFound
from nodegraph.format import dump, load
from nodegraph.problems import Problem, errors_of
from nodegraph.registry import Registry
from nodegraph.suggest import did_you_mean
from nodegraph.validation import check_text

# What is left of 64 characters once a number is appended.
_LONGEST_BASE = 58
_BLANK = "nodegraph: 1\nname: blank\n"


@dataclass(frozen=True)
class PipelineView:
    """One version of a pipeline; `created` is that version's time."""

    name: str
    title: str
    version: int
    text: str
    created: float
    deleted: bool = False


class Pipelines:
    """Imports, lists and finds pipelines."""

    def __init__(self, database: Database, registry: Registry) -> None:
        self._database = database
        self._registry = registry

    def import_text(
        self, text: str | bytes, *, name: str | None = None, expected: int | None = None
    ) -> tuple[PipelineView, bool]:
        """Keep a pipeline file that could run; whether that made a new version.

        Raises InvalidInput with the problems, also where the file is not named `name`, and Conflict where
        the latest version is not `expected` (0: there is none yet).
        """
        checked = check_text(text, self._registry)
        if checked.pipeline is None:
            raise _refusal(checked.problems)
        if name not in (None, checked.pipeline.name):
            message = f"The file is named {checked.pipeline.name}, not {name}."
            raise InvalidInput(message, "Name it the same, or import it as a pipeline of its own.")
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        return self._keep(checked.pipeline, decoded, expected)

    def problems(
        self,
        text: str | bytes,
        params: Mapping[str, Any] | None = None,
        sets: Mapping[str, Any] | None = None,
    ) -> builtins.list[Problem]:
        """Everything that is wrong with a pipeline file, with these values; nothing is kept."""
        return check_text(text, self._registry, given=params, sets=sets).problems

    def save(self, text: str, *, expected: int | None = None) -> PipelineView:
        """Keep a text as a new version, also where its graph has problems: they keep it from running only.

        Raises InvalidInput where the text is no pipeline file, and Conflict where the latest version is
        not `expected` (0: there is none yet). An unchanged text makes no version.
        """
        return self._keep(_loaded(text), text, expected)[0]

    def create(self, name: str, title: str = "", text: str | None = None) -> PipelineView:
        """A new pipeline: blank, or `text` under this name and title; a name that is taken is a problem."""
        original = text or _BLANK
        titled = {"name": name, "title": title} if title else {"name": name}
        made = dump(_loaded(original).model_copy(update=titled), original=original)
        try:
            return self._keep(_loaded(made), made, 0)[0]
        except Conflict:
            raise self._taken(name) from None

    def copy(self, name: str, new_name: str, title: str = "") -> PipelineView:
        """A new pipeline with the latest text of another."""
        return self.create(new_name, title, self.get(name).text)

    def free_name(self, base: str) -> str:
        """A name that nothing has yet, made from a title or from another name."""
        plain = unicodedata.normalize("NFKD", base).encode("ascii", "ignore").decode().lower()
        stem = re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST_BASE].strip("-") or "pipeline"
        with self._database.read() as session:
            taken = set(session.exec(select(Pipeline.name)))
        number, name = 1, stem
        while name in taken:
            number += 1
            name = f"{stem}-{number}"
        return name

    def restore(self, name: str, version: int) -> PipelineView:
        """Make an earlier version the latest again, as a new version."""
        return self.save(self.get(name, version).text)

    def list(self, *, deleted: bool = False) -> list[PipelineView]:
        """The latest version of each pipeline, by name."""
        latest = select(func.max(PipelineVersion.id)).group_by(col(PipelineVersion.pipeline_id))
        statement = (
            select(Pipeline, PipelineVersion)
            .join(PipelineVersion, col(PipelineVersion.pipeline_id) == Pipeline.id)
            .where(col(PipelineVersion.id).in_(latest))
            .order_by(Pipeline.name)
        )
        with self._database.read() as session:
            found = session.exec(statement).all()
        return [_view(row, version) for row, version in found if (row.deleted is not None) == deleted]

    def find(self, search: str = "", limit: int = 50, offset: int = 0) -> tuple[Sequence[PipelineView], int]:
        """Some of the pipelines whose name or title has a text in it, by name, and how many there are."""
        text = search.casefold()
        found = [view for view in self.list() if text in f"{view.name}\n{view.title}".casefold()]
        return found[offset : offset + limit], len(found)

    def get(self, name: str, version: int | None = None) -> PipelineView:
        """One version of a pipeline, the latest where none is named; NotFound."""
        with self._database.read() as session:
            row = self._row(session, name)
            latest = self._latest(session, row)
            if version in (None, latest.number):
                return _view(row, latest)
            statement = select(PipelineVersion).where(PipelineVersion.pipeline_id == row.id)
            found = session.exec(statement.where(PipelineVersion.number == version)).first()
        if found is None:
            hint = f"It has the versions 1 to {latest.number}."
            raise NotFound(f"The pipeline {name} has no version {version}.", hint)
        return _view(row, found)

    def versions(self, name: str) -> Sequence[PipelineView]:
        """Every version of a pipeline, latest first."""
        with self._database.read() as session:
            row = self._row(session, name)
            statement = select(PipelineVersion).where(PipelineVersion.pipeline_id == row.id)
            found = session.exec(statement.order_by(desc(PipelineVersion.number))).all()
            return [_view(row, version) for version in found]

    def delete(self, name: str) -> None:
        """Hide a pipeline; its versions and runs stay."""
        self._mark(name, time.time())

    def undelete(self, name: str) -> None:
        """Show a pipeline again."""
        self._mark(name, None)

    def _keep(self, pipeline: core.Pipeline, text: str, expected: int | None) -> tuple[PipelineView, bool]:
        digest, now = hashlib.sha256(text.encode()).hexdigest(), time.time()
        with self._database.write() as session:
            row = session.exec(select(Pipeline).where(Pipeline.name == pipeline.name)).first()
            latest = self._latest(session, row) if row else None
            same = latest is not None and latest.digest == digest
            if (
                expected is not None
                and expected != (latest.number if latest else 0)
                and not (same and expected)
            ):
                raise _conflict(pipeline.name, latest)
            row = row or Pipeline(name=pipeline.name, created=now)
            row.title, row.deleted = pipeline.title, None
            session.add(row)
            session.flush()
            assert row.id is not None
            if latest is not None and same:
                return _view(row, latest), False
            number = latest.number + 1 if latest else 1
            version = PipelineVersion(
                pipeline_id=row.id, number=number, text=text, digest=digest, created=now
            )
            session.add(version)
        return _view(row, version), True

    def _taken(self, name: str) -> InvalidInput:
        row = next((view for view in self.list(deleted=True) if view.name == name), None)
        message = f"There is a pipeline {name} already."
        hint = "It was deleted: restore it, or choose another name." if row else "Choose another name."
        problem = Problem(code="name-taken", message=message, hint=hint, param="name")
        return InvalidInput(message, hint, problems=[problem])

    def _mark(self, name: str, deleted: float | None) -> None:
        with self._database.write() as session:
            row = self._row(session, name)
            row.deleted = deleted
            session.add(row)

    def _row(self, session: Session, name: str) -> Pipeline:
        row = session.exec(select(Pipeline).where(Pipeline.name == name)).first()
        if row is None:
            names = session.exec(select(Pipeline.name)).all()
            raise NotFound(f"There is no pipeline {name}.", did_you_mean(name, names))
        return row

    def _latest(self, session: Session, row: Pipeline) -> PipelineVersion:
        statement = select(PipelineVersion).where(PipelineVersion.pipeline_id == row.id)
        return session.exec(statement.order_by(desc(PipelineVersion.number)).limit(1)).one()


def _view(row: Pipeline, version: PipelineVersion) -> PipelineView:
    return PipelineView(
        row.name, row.title, version.number, version.text, version.created, row.deleted is not None
    )


def _loaded(text: str) -> core.Pipeline:
    loaded = load(text)
    if loaded.pipeline is None:
        raise _refusal(loaded.problems)
    return loaded.pipeline


def _refusal(problems: builtins.list[Problem]) -> InvalidInput:
    wrong = errors_of(problems)
    count = "an error" if len(wrong) == 1 else f"{len(wrong)} errors"
    return InvalidInput(f"The pipeline has {count}.", problems=problems)


def _conflict(name: str, latest: PipelineVersion | None) -> Conflict:
    if latest is None:
        return Conflict(f"The pipeline {name} is not there any more.", "Save it under a name of its own.")
    return Conflict(f"Version {latest.number} was saved meanwhile.", "Look at it, then save yours on top.")
