"""The job: the one file that tells the harness what to run and where everything lies."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from nodegraph.kinds import Kind


class JobInput(BaseModel):
    """An artifact on an input port; `path` is absolute on the machine where the harness runs."""

    path: str
    kind: Kind
    digest: str


class Job(BaseModel):
    """One attempt of one node.

    `params` are resolved but for `${secrets.NAME}`; `outputs` maps ports to kinds;
    `related` maps the digests that input cards require to directories; `deadline` is seconds since the
    epoch. `secrets_file` holds the values of the secrets that the params name, as a JSON object; the
    harness removes it as soon as it has read it. `processes` is how many processes the attempt runs in.
    """

    model_config = ConfigDict(extra="ignore")

    run: str
    node: str
    attempt: int
    type: str
    nodes_root: str
    params: dict[str, Any] = {}
    inputs: dict[str, list[JobInput]] = {}
    outputs: dict[str, Kind] = {}
    related: dict[str, str] = {}
    output_dir: str
    scratch_dir: str
    resume_dir: str
    events_file: str
    preview_file: str
    secrets_file: str | None = None
    deadline: float | None = None
    processes: int = 1

    @property
    def module(self) -> str:
        """What runs the job: the harness, or what starts several of it."""
        return "nodegraph.harness" if self.processes == 1 else "nodegraph.harness.ranks"
