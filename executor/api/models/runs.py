"""Runs, their nodes and attempts."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from executor.api.models.common import Asked, Model
from executor.services.submission import MAX_PRIORITY, MAX_RESUBMITS

_TIME = "In seconds since the epoch."


class RunAsked(Asked):
    """A run to start: of a kept pipeline, or of a text."""

    pipeline: str | None = Field(None, description="The name of a kept pipeline.")
    text: str | None = Field(None, description="A pipeline file, in place of a kept pipeline.")
    version: int | None = Field(None, ge=1, le=2**53, description="Its version; the latest by default.")
    launcher: str = Field("process", description="How attempts are started: process or docker.")
    params: dict[str, Any] = Field({}, description="Values of the pipeline's parameters, by name.")
    sets: dict[str, Any] = Field({}, description="Values of nodes' parameters, by NODE.PARAM.")
    idempotency_key: str | None = Field(
        None, min_length=1, max_length=255,
        description="The same key gives the same run, however often it is sent; 409 with another request."
        " A header does too.",
    )  # fmt: skip
    until: str | None = Field(None, description="Run this node and what it needs, no more.")
    from_node: str | None = Field(None, description="Run this node and what follows it anew.")
    use_cache: bool = Field(True, description="Whether results that are there already are used.")
    priority: int = Field(0, ge=-MAX_PRIORITY, le=MAX_PRIORITY, description="Higher ones go first.")
    not_before: float | None = Field(None, ge=0, le=2**40, description=f"When it may start. {_TIME}")
    time_limit: float | None = Field(None, gt=0, le=2**40, description="Seconds after which it is ended.")
    resubmits: int = Field(
        0, ge=0, le=MAX_RESUBMITS,
        description="How often it is started again after a failure of the infrastructure.",
    )  # fmt: skip
    user: str = Field("", max_length=255, description="On whose behalf.")


class RerunAsked(Asked):
    """What to run anew."""

    from_node: str | None = Field(None, description="This node and what follows it; all by default.")


class Held(Model):
    """What was held of hosts, and what that cost by their prices."""

    model_config = ConfigDict(from_attributes=True, extra="allow")

    cpu_hours: float = Field(description="Hours of one core.")
    memory_gb_hours: float = Field(description="Hours of one gigabyte of memory.")
    gpu_hours: float = Field(description="Hours of one GPU.")
    cost: float = Field(description="In the currency of the prices, which a run names.")


class RunSummary(Model):
    """A run in a list."""

    model_config = ConfigDict(from_attributes=True, extra="allow")

    id: int = Field(description="Its number.")
    pipeline: str = Field(description="The name of its pipeline.")
    version: int | None = Field(description="The version of the kept pipeline; none for a text.")
    status: str = Field(description="queued, running, succeeded, failed or cancelled.")
    trigger: str = Field(description="What started it: manual, schedule, api, cli or rerun.")
    launcher: str = Field(description="How its attempts are started.")
    params: dict[str, Any] = Field(description="The values that its parameters were given.")
    until: str | None = Field(description="The node that it stops at.")
    from_node: str | None = Field(description="The node that it runs anew from.")
    rerun_of: int | None = Field(description="The run that it repeats.")
    cancel_requested: bool = Field(description="Whether somebody has cancelled it.")
    created: float = Field(description=f"When it was asked for. {_TIME}")
    started: float | None = Field(description=f"When its first node started. {_TIME}")
    finished: float | None = Field(description=f"When it ended. {_TIME}")
    seconds: float | None = Field(description="How long it took, or has taken until now.")
    counts: dict[str, int] = Field(description="How many of its nodes are in which state.")
    user: str = Field(description="On whose behalf.")
    priority: int = Field(description="Higher ones go first.")
    concurrency: int | None = Field(description="How many runs of its pipeline may go on at once.")
    not_before: float | None = Field(description=f"When it may start. {_TIME}")
    time_limit: float | None = Field(description="Seconds after which it is ended.")
    reason: str = Field(description="Why it waits.")
    usage: Held = Field(description="What its nodes held.")


class RunPage(Model):
    """Some of the runs."""

    runs: list[RunSummary] = Field(description="The latest first.")
    total: int = Field(description="How many there are altogether.")


class Output(Model):
    """An output of a node."""

    kind: str = Field(description="What it is: dataset, model, metrics…")
    digest: str = Field(description="The artifact's digest.")
    path: str = Field(description="Where it lies on the server.")
    bytes: int = Field(description="Its size.")


class NodeResult(Model):
    """How a node went, as `run --json` has it."""

    model_config = ConfigDict(extra="allow")

    status: str = Field(description="queued, running, succeeded, cached, failed, cancelled or skipped.")
    seconds: float = Field(description="How long it took.")
    cached: bool = Field(description="Whether its result came from an earlier run.")
    attempts: int = Field(description="How often it was tried.")
    error: dict[str, Any] | None = Field(description="Category, message and hint, where it failed.")
    metrics: dict[str, Any] = Field(description="The last values it has reported.")
    outputs: dict[str, Output] = Field(description="What it made, by port.")
    host: str = Field(description="Where its latest attempt ran; empty where there was none.")
    usage: Held = Field(description="What its attempts held.")


class RunObject(RunSummary):
    """A run: the object that `nodegraph run --json` prints, with its id and how it was started."""

    run: str = Field(description="Its number, as `run --json` has it.")
    seconds: float | None = Field(description="How long it took, or has taken until now.")
    nodes: dict[str, NodeResult] = Field(description="Its nodes, in the order of the pipeline.")


class NodeSummary(Model):
    """A node of a run."""

    model_config = ConfigDict(from_attributes=True, extra="allow")

    node: str = Field(description="Its id.")
    type: str = Field(description="Its node type.")
    title: str = Field(description="What people call it.")
    state: str = Field(description="queued, running, succeeded, cached, failed, cancelled or skipped.")
    reason: str = Field(description="Why it is in that state.")
    seconds: float | None = Field(description="How long it took, or has taken until now.")
    cached: bool = Field(description="Whether its result came from an earlier run.")
    source_run: int | None = Field(description="The run that its result came from.")
    attempts: int = Field(description="How often it was tried.")
    error: dict[str, Any] | None = Field(description="Category, message and hint, where it failed.")
    metrics: dict[str, Any] = Field(description="The last values it has reported.")
    progress: dict[str, Any] | None = Field(description="How far it is: done, total, unit.")
    outputs: dict[str, Output] = Field(description="What it made, by port.")
    started: float | None = Field(description=_TIME)
    finished: float | None = Field(description=_TIME)
    host: str = Field(description="Where its latest attempt ran; empty where there was none.")
    usage: Held = Field(description="What its attempts held.")


class AttemptRecord(Model):
    """One attempt at a node."""

    model_config = ConfigDict(from_attributes=True, extra="allow")

    number: int = Field(description="From 1.")
    state: str = Field(description="intent, running, succeeded, failed, cancelled or lost.")
    exit_code: int | None = Field(description="How its process ended.")
    error: dict[str, Any] | None = Field(description="Category, message and hint, where it failed.")
    started: float | None = Field(description=_TIME)
    finished: float | None = Field(description=_TIME)
    host: str = Field(description="Where it ran.")
    usage: Held = Field(description="What it held.")


class NodeDetail(NodeSummary):
    """A node of a run with all that it left."""

    history: list[AttemptRecord] = Field(description="Its attempts, the first first.")
    series: list[dict[str, Any]] = Field(
        description="Its metrics over time: name, value, step, time, attempt."
    )
    preview: list[dict[str, Any]] = Field(description="What it shows of its result: tables, charts, text.")


class NodeList(Model):
    """The nodes of a run."""

    nodes: list[NodeSummary] = Field(description="In the order of the pipeline.")
