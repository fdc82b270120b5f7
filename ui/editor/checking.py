"""Everything that is wrong with a pipeline while it is edited; the secrets that are set are known here."""

from __future__ import annotations

from executor.services.workspace import Workspace
from nodegraph.pipeline import Pipeline
from nodegraph.problems import Problem
from nodegraph.references import resolve, secrets_of
from nodegraph.validation import validate


def problems_of(pipeline: Pipeline, workspace: Workspace, *, partial: bool = True) -> list[Problem]:
    """Every problem, those of the pipeline's own parameters first. For a thread.

    That there is no node yet is none: the canvas says how to begin. With `partial`, that a parameter has no
    value yet is a warning.
    """
    resolved = resolve(pipeline, partial=partial)
    needed = set().union(*secrets_of(resolved.pipeline, workspace.registry).values())
    known = {name for name in needed if workspace.secrets.is_set(name)}
    found = resolved.problems + validate(resolved.pipeline, workspace.registry, secrets=known)
    return [problem for problem in found if problem.code != "no-nodes"]
