"""Which pipelines need which secrets."""

from __future__ import annotations

from collections.abc import Iterable

from executor.services.pipelines import PipelineView
from nodegraph.format import load
from nodegraph.references import resolve, secrets_of
from nodegraph.registry import Registry


def secret_uses(pipelines: Iterable[PipelineView], registry: Registry) -> dict[str, list[str]]:
    """The names of the pipelines by secret, from their latest versions and their parameters' defaults."""
    found: dict[str, list[str]] = {}
    for view in pipelines:
        draft = load(view.text).draft
        if draft is None:
            continue
        resolved = resolve(draft, partial=True)
        needed = secrets_of(resolved.pipeline, registry).values()
        for secret in sorted(resolved.secrets.union(*needed)):
            found.setdefault(secret, []).append(view.name)
    return found
