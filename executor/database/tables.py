"""The tables. Times are seconds since the epoch; states and what they mean are in engine.states."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint, event, inspect
from sqlalchemy.exc import InvalidRequestError
from sqlmodel import Field, Session, SQLModel


def _json() -> Any:
    return Field(default=None, sa_column=Column(JSON(none_as_null=True)))


class _Quick(SQLModel):
    """Sets columns without passing through pydantic, which checks nothing of a table, but takes its time.

    A row that no session holds does not pass through the ORM either: the engine writes it over the driver.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        values = self.__dict__
        state = values.get("_sa_instance_state")
        if name[0] != "_" and (state is None or state.session_id is None):
            values[name] = value
        else:
            object.__setattr__(self, name, value)


def _refuse_detached(session: Session, row: object) -> None:
    """The ORM has not seen what was changed in it meanwhile, and would silently leave that out."""
    if isinstance(row, _Quick) and inspect(row).key is not None:
        raise InvalidRequestError(
            f"This {type(row).__name__} was read in another session: read it again here and change that one."
        )


event.listen(Session, "before_attach", _refuse_detached)


class Pipeline(SQLModel, table=True):
    """A pipeline kept in the data directory, by name."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    title: str = ""
    created: float
    deleted: float | None = None


class PipelineVersion(SQLModel, table=True):
    """One text of a pipeline; never changed once it is there."""

    __table_args__ = (UniqueConstraint("pipeline_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    pipeline_id: int = Field(foreign_key="pipeline.id")
    number: int
    text: str
    digest: str
    created: float


class Draft(SQLModel, table=True):
    """What a person has changed in a pipeline and not saved yet; the text may be wrong in any way."""

    name: str = Field(primary_key=True)
    text: str
    base_version: int | None = None
    changed: float


class Run(_Quick, table=True):
    """One execution of a frozen pipeline: text and parameters as they were when it was started."""

    id: int | None = Field(default=None, primary_key=True)
    pipeline: str = Field(index=True)
    version: int | None = None
    text: str
    params: Any = _json()
    sets: Any = _json()
    base_dir: str
    launcher: str = "process"
    until: str | None = None
    from_node: str | None = None
    use_cache: bool = True
    trigger: str = "manual"
    idempotency_key: str | None = Field(default=None, unique=True)
    rerun_of: int | None = None
    user: str = ""
    priority: int = 0
    concurrency: int | None = None
    not_before: float | None = None
    time_limit: float | None = None
    resubmits: int = 0
    state: str = Field(default="queued", index=True)
    reason: str = ""
    cancel_requested: bool = False
    created: float
    started: float | None = None
    finished: float | None = None


class NodeRun(_Quick, table=True):
    """One node of a run; `waiting` is {wants, position, since} while it waits for a place on a host.

    It wants nothing, and has no position, while another node computes the same: `reason` names that one.
    """

    run_id: int = Field(foreign_key="run.id", primary_key=True)
    node: str = Field(primary_key=True)
    position: int
    type: str
    title: str = ""
    state: str = "queued"
    reason: str = ""
    waiting: Any = _json()
    key: str | None = Field(default=None, index=True)
    components: Any = _json()
    source_run: int | None = None
    source_node: str | None = None
    error: Any = _json()
    metrics: Any = _json()
    progress: Any = _json()
    outputs: Any = _json()
    attempts: int = 0
    retry_at: float | None = None
    started: float | None = None
    finished: float | None = None


class Attempt(_Quick, table=True):
    """One attempt at a node. The row is committed before anything is started (state intent)."""

    run_id: int = Field(foreign_key="run.id", primary_key=True)
    node: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    state: str = "intent"
    launcher: str
    directory: str
    handle: Any = _json()
    exit_code: int | None = None
    error: Any = _json()
    spent: bool = True
    host: str = "local"
    cpu: float = 0.0
    memory_gb: float = 0.0
    gpus: Any = _json()
    gpu_kind: str = ""
    price: float = 0.0
    oom_kills: int = 0
    deadline: float | None = None
    created: float
    started: float | None = None
    finished: float | None = None


class Host(SQLModel, table=True):
    """A machine with a Docker engine; the row named `local` holds what is said of this machine.

    `facts` is what the last look found (hosts.model.Facts), `gpus` what was declared by hand, `prices` an
    hour of a GPU by kind, and of one core under `cpu`. `files` says how files get there: shared, streamed
    or auto. `tls` names the files ca, cert and key.
    """

    name: str = Field(primary_key=True)
    address: str = ""
    files: str = "auto"
    tls: Any = _json()
    labels: Any = _json()
    gpus: Any = _json()
    prices: Any = _json()
    cache_gb: float = 200.0
    draining: bool = False
    state: str = "unknown"
    reason: str = ""
    facts: Any = _json()
    created: float
    checked: float | None = None


class Artifact(_Quick, table=True):
    """An artifact of the store and where it came from first."""

    digest: str = Field(primary_key=True)
    kind: str
    bytes: int
    files: int
    run_id: int | None = None
    node: str | None = None
    port: str | None = None
    created: float


class CacheEntry(_Quick, table=True):
    """The outputs that a cache key stands for, and the run that made them."""

    __table_args__ = (Index("ix_cacheentry_place", "pipeline", "node"),)
    key: str = Field(primary_key=True)
    pipeline: str
    node: str
    run_id: int
    components: Any = _json()
    outputs: Any = _json()
    metrics: Any = _json()
    created: float


class Service(SQLModel, table=True):
    """A deployed model that outlives its run, by name; written by executor.deployments."""

    name: str = Field(primary_key=True)
    run_id: int | None = None
    node: str | None = None
    digest: str
    state: str
    port: int | None = None
    directory: str = ""
    spec: Any = _json()
    handle: Any = _json()
    reason: str = ""
    created: float
    started: float | None = None
    stopped: float | None = None
    last_used: float | None = None


class Dataset(SQLModel, table=True):
    """One version of an uploaded file."""

    __table_args__ = (UniqueConstraint("name", "version"),)
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(index=True)
    version: int
    file: str
    original: str
    digest: str
    bytes: int
    rows: int | None = None
    created: float


class Notification(_Quick, table=True):
    """Somebody who is to be told that a run has ended; made in the transaction that ends the run.

    `state` is pending, sent or failed; `due` is when it is tried next, `reason` why it is not sent and
    what to do, a line each. `target` stands as in the pipeline: a secret in it stays a name. Receivers
    tell repeats by the `id`.
    """

    __table_args__ = (UniqueConstraint("run_id", "kind", "target"),)
    id: str = Field(primary_key=True)
    run_id: int = Field(foreign_key="run.id")
    kind: str
    target: str
    state: str = Field(default="pending", index=True)
    attempts: int = 0
    due: float
    reason: str = ""
    created: float
    finished: float | None = None


class Setting(SQLModel, table=True):
    """What an administrator has set, by name; passwords lie with the secrets."""

    name: str = Field(primary_key=True)
    value: Any = _json()


class Fingerprint(SQLModel, table=True):
    """The digest of a file outside the store, believed while size, time and inode stay the same."""

    path: str = Field(primary_key=True)
    stat: str
    digest: str
