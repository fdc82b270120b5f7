"""Pipelines kept in the data directory: each changed text is a new version, and none is ever lost."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, desc, select

from executor.database.session import Database
from executor.database.tables import Pipeline, PipelineVersion
from nodegraph.errors import InvalidInput, NotFound
from nodegraph.problems import errors_of
from nodegraph.registry import Registry
from nodegraph.suggest import did_you_mean
from nodegraph.validation import check_text


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

    def import_text(self, text: str | bytes) -> tuple[PipelineView, bool]:
        """Keep a pipeline file; whether that made a new version. Raises InvalidInput with the problems."""
        checked = check_text(text, self._registry)
        wrong = errors_of(checked.problems)
        if checked.pipeline is None or wrong:
            count = "an error" if len(wrong) == 1 else f"{len(wrong)} errors"
            raise InvalidInput(f"The pipeline has {count}.", problems=checked.problems)
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        return self._keep(checked.pipeline.name, checked.pipeline.title, decoded)

    def list(self, *, deleted: bool = False) -> list[PipelineView]:
        """The latest version of each pipeline, by name."""
        with self._database.read() as session:
            rows = session.exec(select(Pipeline).order_by(Pipeline.name)).all()
            return [
                self._view(row, self._latest(session, row))
                for row in rows
                if (row.deleted is not None) == deleted
            ]

    def get(self, name: str, version: int | None = None) -> PipelineView:
        """One version of a pipeline, the latest where none is named; NotFound."""
        with self._database.read() as session:
            row = self._row(session, name)
            if version is None:
                return self._view(row, self._latest(session, row))
        views = self.versions(name)
        for view in views:
            if view.version == version:
                return view
        hint = f"It has the versions 1 to {views[0].version}."
        raise NotFound(f"The pipeline {name} has no version {version}.", hint)

    def versions(self, name: str) -> Sequence[PipelineView]:
        """Every version of a pipeline, latest first."""
        with self._database.read() as session:
            row = self._row(session, name)
            statement = select(PipelineVersion).where(PipelineVersion.pipeline_id == row.id)
            found = session.exec(statement.order_by(desc(PipelineVersion.number))).all()
            return [self._view(row, version) for version in found]

    def delete(self, name: str) -> None:
        """Hide a pipeline; its versions and runs stay."""
        self._mark(name, time.time())

    def undelete(self, name: str) -> None:
        """Show a pipeline again."""
        self._mark(name, None)

    def _keep(self, name: str, title: str, text: str) -> tuple[PipelineView, bool]:
        digest, now = hashlib.sha256(text.encode()).hexdigest(), time.time()
        with self._database.write() as session:
            row = session.exec(select(Pipeline).where(Pipeline.name == name)).first()
            if row is None:
                row = Pipeline(name=name, created=now)
                session.add(row)
            row.title, row.deleted = title, None
            session.flush()
            assert row.id is not None
            statement = select(func.max(PipelineVersion.number)).where(PipelineVersion.pipeline_id == row.id)
            last = session.exec(statement).one()
            if last and (version := self._latest(session, row)).digest == digest:
                return self._view(row, version), False
            version = PipelineVersion(
                pipeline_id=row.id, number=(last or 0) + 1, text=text, digest=digest, created=now
            )
            session.add(version)
        return self._view(row, version), True

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

    def _view(self, row: Pipeline, version: PipelineVersion) -> PipelineView:
        return PipelineView(
            row.name, row.title, version.number, version.text, version.created, row.deleted is not None
        )
