"""The cache key of a step as code, environment and files are now: one way for the engine and for outlooks."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from executor.engine.code import CodeDigests
from nodegraph.plan import CacheKey, Step, cache_key

# An environment's file may be edited while a server runs.
_BELIEVED_SECONDS = 1.0


class Keys:
    """Makes cache keys; remembers digests of code and environments while they cannot have changed."""

    def __init__(self, environment_digest: Callable[[str], str]) -> None:
        self._environment_digest = environment_digest
        self._code = CodeDigests()
        self._environments: dict[str, tuple[float, str]] = {}

    def of(self, step: Step, inputs: Mapping[str, Sequence[str]], files: Mapping[str, str]) -> CacheKey:
        """The key of a step with these artifacts by port and these digests of local files.

        Raises OSError, SyntaxError or NodeGraphError where code or environment cannot be read.
        """
        code = self._code.of(step.registered)
        environment = self._environment(step.registered.node.environment)
        return cache_key(step, code=code, inputs=inputs, environment=environment, files=files)

    def _environment(self, name: str) -> str:
        now = time.monotonic()
        if name not in self._environments or now - self._environments[name][0] > _BELIEVED_SECONDS:
            self._environments[name] = (now, self._environment_digest(name))
        return self._environments[name][1]
