"""The container images of environments: made, listed, sent to a registry."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from executor.environments import Environments
from executor.images.images import REGISTRY, ImageEntry, Images
from executor.launchers.base import Say
from nodegraph.errors import InvalidInput, NotFound
from nodegraph.suggest import did_you_mean


class ImageShelf:
    """What `nodegraph images` does. Raises LaunchError where the engine, pip or a registry refuses."""

    def __init__(self, images: Images, environments: Environments) -> None:
        self._images = images
        self._environments = environments

    def build(
        self,
        environment: str,
        say: Say,
        *,
        base: str | None = None,
        cpu: bool | None = None,
        wheelhouse: Path | None = None,
    ) -> str:
        """Have the image of an environment, made in this way from now on; its name."""
        self._check(environment)
        chosen = self._images.chosen(environment)
        if base is not None:
            chosen = dataclasses.replace(chosen, base=base)
        if cpu is not None:
            chosen = dataclasses.replace(chosen, cpu=cpu)
        if wheelhouse is not None:
            if not wheelhouse.is_dir():
                hint = "Fill one with: pip download -d DIR …"
                raise InvalidInput(f"There is no folder {wheelhouse}.", hint)
            chosen = dataclasses.replace(chosen, wheelhouse=str(wheelhouse.absolute()))
        self._images.choose(environment, chosen)
        return self._images.ensure(environment, say)

    def push(self, environment: str, say: Say, registry: str | None = None) -> str:
        """Send the image of an environment to a registry; its name there."""
        self._check(environment)
        registry = (registry or os.environ.get(REGISTRY) or "").strip("/")
        if not registry:
            hint = f"Give --registry HOST/FOLDER, or set {REGISTRY}."
            raise InvalidInput("It is not known to which registry the image goes.", hint)
        return self._images.push(environment, registry, say)

    def list(self) -> list[ImageEntry]:
        """The images of environments that the engine has."""
        return self._images.list()

    def _check(self, environment: str) -> None:
        names = self._environments.names()
        if environment not in names:
            hint = did_you_mean(environment, names) or f"There are: {', '.join(names)}."
            raise NotFound(f"There is no environment {environment}.", hint)
