"""The cache key of a step as code, environment and files are now: one way for the engine and for outlooks."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from executor.engine.code import CodeDigests
from nodegraph.plan import CacheKey, Step, cache_key
from nodegraph.registry import Registered

# An environment's file may be edited while a server runs.
_BELIEVED_SECONDS = 1.0
# So may the code of node types, and then be tried at once; a turn of the engine takes less.
_CODE_BELIEVED_SECONDS = 0.2


class Keys:
    """Makes cache keys; remembers digests of code and environments while they cannot have changed."""

    def __init__(self, environment_digest: Callable[[str], str]) -> None:
        self._environment_digest = environment_digest
        self._code = CodeDigests()
        self._codes: dict[str, tuple[float, str]] = {}
        self._environments: dict[str, tuple[float, str]] = {}

    def of(self, step: Step, inputs: Mapping[str, Sequence[str]], files: Mapping[str, str]) -> CacheKey:
        """The key of a step with these artifacts by port and these digests of local files.

        Raises OSError, SyntaxError or NodeGraphError where code or environment cannot be read.
        """
        code = self._digest_of_code(step.registered)
        environment = self._environment(step.registered.node.environment)
        return cache_key(step, code=code, inputs=inputs, environment=environment, files=files)

    def _digest_of_code(self, registered: Registered) -> str:
        now, name = time.monotonic(), registered.id
        if name not in self._codes or now - self._codes[name][0] > _CODE_BELIEVED_SECONDS:
            self._codes[name] = (now, self._code.of(registered))
        return self._codes[name][1]

    def _environment(self, name: str) -> str:
        now = time.monotonic()
        if name not in self._environments or now - self._environments[name][0] > _BELIEVED_SECONDS:
            self._environments[name] = (now, self._environment_digest(name))
        return self._environments[name][1]
