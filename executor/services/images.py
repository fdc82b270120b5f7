"""The container images of environments: made, listed, sent to a registry."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

from executor.environments import Environments
from executor.hosts.model import LOCAL
from executor.images.images import REGISTRY, ImageEntry, Images
from executor.launchers.base import Say
from nodegraph.errors import InvalidInput, NotFound
from nodegraph.suggest import did_you_mean


class ImageShelf:
    """What `nodegraph images` does, on this machine or another host.

    `images` gives those of a host by name; `check_host` raises NotFound where there is none of that name.
    Raises LaunchError where the engine, pip or a registry refuses.
    """

    def __init__(
        self,
        images: Callable[[str], Images],
        environments: Environments,
        check_host: Callable[[str], object],
    ) -> None:
        self._images = images
        self._environments = environments
        self._check_host = check_host

    def build(
        self,
        environment: str,
        say: Say,
        *,
        base: str | None = None,
        cpu: bool | None = None,
        wheelhouse: Path | None = None,
        host: str = LOCAL,
    ) -> str:
        """Have the image of an environment, made in this way from then on; its name."""
        self._check(environment)
        self._check_host(host)
        images = self._images(host)
        chosen = images.chosen(environment)
        if base is not None:
            chosen = dataclasses.replace(chosen, base=base)
        if cpu is not None:
            chosen = dataclasses.replace(chosen, cpu=cpu)
        if wheelhouse is not None:
            if not wheelhouse.is_dir():
                hint = "Fill one with: pip download -d DIR …"
                raise InvalidInput(f"There is no folder {wheelhouse}.", hint)
            chosen = dataclasses.replace(chosen, wheelhouse=str(wheelhouse.absolute()))
        return images.ensure(environment, say, chosen)

    def push(self, environment: str, say: Say, registry: str | None = None) -> str:
        """Send the image of an environment to a registry; its name there."""
        self._check(environment)
        registry = (registry or os.environ.get(REGISTRY) or "").strip("/")
        if not registry:
            hint = f"Give --registry HOST/FOLDER, or set {REGISTRY}."
            raise InvalidInput("It is not known to which registry the image goes.", hint)
        return self._images(LOCAL).push(environment, registry, say)

    def list(self, host: str = LOCAL) -> list[ImageEntry]:
        """The images of environments that the engine of a host has."""
        self._check_host(host)
        return self._images(host).list()

    def _check(self, environment: str) -> None:
        names = self._environments.names()
        if environment not in names:
            hint = did_you_mean(environment, names) or f"There are: {', '.join(names)}."
            raise NotFound(f"There is no environment {environment}.", hint)
