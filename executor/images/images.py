"""The images of environments on one engine: there, made when first needed, listed, sent to a registry."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from executor import processes
from executor.environments import Environments
from executor.environments.single_flight import single_flight
from executor.images import making, pulling, sending
from executor.images.choices import Choice, Choices
from executor.images.pip_settings import pip_settings
from executor.images.recipe import REPOSITORY, Recipe
from executor.launchers.base import LaunchError, Say
from executor.launchers.docker.engine import DockerEngine

# A registry, and a folder in it, from which images are fetched before they are made: registry.local:5000/team
REGISTRY = "NODEGRAPH_REGISTRY"


@dataclass(frozen=True)
class ImageEntry:
    """An image of an environment that the engine has; `current` is what nodes use now."""

    environment: str
    tag: str
    bytes: int
    created: float
    current: bool


class Images:
    """Makes and finds the images of environments. `root` holds the choices that were made for them.

    `donor` is another engine, which may have an image already: then it is sent instead of made anew.
    """

    def __init__(
        self,
        root: Path,
        environments: Environments,
        engine: DockerEngine,
        donor: DockerEngine | None = None,
    ) -> None:
        self._donor = donor
        self._root = root
        self._environments = environments
        self._engine = engine
        self._choices = Choices(root / "images.json")

    def recipe(self, environment: str, choice: Choice | None = None) -> Recipe:
        """What the environment's image is made from. LaunchError where there is no such environment."""
        choice = choice or self.chosen(environment)
        lines = tuple(self._environments.requirements(environment))
        return Recipe(environment, choice.base, lines, self._environments.constraints(), choice.cpu)

    def tag(self, environment: str) -> str:
        """The name of the environment's image, made or not."""
        return self.recipe(environment).tag

    def chosen(self, environment: str) -> Choice:
        """How the environment's image is made."""
        return self._choices.of(environment)

    def ensure(self, environment: str, say: Say, choice: Choice | None = None) -> str:
        """Have the environment's image, fetched or made if need be; its name. Raises LaunchError.

        One that could be made by a new `choice` is made so from then on.
        """
        way = choice or self.chosen(environment)
        recipe = self.recipe(environment, way)
        if self._engine.has_image(recipe.tag) is None:
            self._root.mkdir(parents=True, exist_ok=True)
            with single_flight(self._root / f"{environment}-{recipe.digest}-{self._engine.host}", say):
                there = self._engine.has_image(recipe.tag) is not None
                if not (there or self._fetched(recipe, say) or self._given(recipe.tag, say)):
                    self._make(recipe, way.wheelhouse, say)
        if choice is not None:
            self._choices.keep(environment, choice)
        return recipe.tag

    def pull(self, image: str, say: Say) -> None:
        """Have an image of the person's choice. Raises LaunchError, which names it."""
        if self._engine.has_image(image) is None and not self._given(image, say):
            say(f"Fetching the image {image}.")
            pulling.pull(self._engine, image, say)

    def command(self, image: str) -> list[str]:
        """What an image runs when it is told nothing. LaunchError where that is nothing."""
        config = (self._engine.has_image(image) or {}).get("Config") or {}
        found = [*(config.get("Entrypoint") or []), *(config.get("Cmd") or [])]
        if not found:
            message = f"The image {image} has no command of its own."
            raise LaunchError("input", message, "Give the node a command.")
        return found

    def push(self, environment: str, registry: str, say: Say) -> str:
        """Have the environment's image, and send it to a registry; its name there. Raises LaunchError."""
        tag = self.ensure(environment, say)
        remote = f"{registry}/{tag}"
        repository, _, label = remote.rpartition(":")
        with self._engine.asked() as client:
            client.tag(tag, repository, label)
        pulling.push(self._engine, remote, say)
        return remote

    def list(self) -> list[ImageEntry]:
        """The images of environments that the engine has, by environment, latest first."""
        label = making.ENVIRONMENT
        with self._engine.asked() as client:
            found = client.images(filters={"label": label})
        current = {self.tag(name) for name in self._environments.names()}
        entries = [
            ImageEntry(image["Labels"][label], tag, image["Size"], image["Created"], tag in current)
            for image in sorted(found, key=lambda image: -image["Created"])
            for tag in image["RepoTags"] or []
            if tag.startswith(f"{REPOSITORY}/")
        ]
        return sorted(entries, key=lambda entry: entry.environment)

    def _fetched(self, recipe: Recipe, say: Say) -> bool:
        """Whether the registry that we were told of had the image."""
        registry = os.environ.get(REGISTRY)
        if not registry:
            return False
        remote = f"{registry}/{recipe.tag}"
        say(f"Fetching the image {remote}.")
        try:
            pulling.pull(self._engine, remote, say)
        except LaunchError as error:
            say(f"{error.message} It is made here.")
            return False
        repository, _, label = recipe.tag.rpartition(":")
        with self._engine.asked() as client:
            client.tag(remote, repository, label)
        return True

    def _given(self, image: str, say: Say) -> bool:
        """Whether the other engine had the image: it is sent over, and is the same then."""
        if self._donor is None:
            return False
        try:
            found = self._donor.has_image(image)
        except LaunchError:
            return False
        if found is not None:
            sending.send(self._donor, self._engine, image, int(found.get("Size") or 0), say)
        return found is not None

    def _make(self, recipe: Recipe, wheelhouse: str | None, say: Say) -> None:
        say(f"Making the image of the environment {recipe.environment}, once.")
        self.pull(recipe.base, say)
        settings = pip_settings()
        maker = processes.mark_of(self._root)[:8]
        making.make(self._engine, recipe, maker, settings, Path(wheelhouse) if wheelhouse else None, say)
