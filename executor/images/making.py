"""Makes an image: pip installs into a container of the base, and what has changed in it is kept.

Not by a Dockerfile: so indexes and wheels of this machine, passwords in their addresses, and pip's cache
are there while pip works and leave no trace in any layer.
"""

from __future__ import annotations

import io
import shlex
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from executor.environments.following import attend, follow
from executor.images.pip_settings import PipSettings
from executor.images.recipe import Recipe
from executor.images.troubles import refused
from executor.launchers.base import LaunchError, Say
from executor.launchers.docker.engine import DockerEngine, words_of
from executor.launchers.docker.streaming.packing import Item, packed
from executor.store.digests import scan

ENVIRONMENT, DIGEST = "nodegraph.environment", "nodegraph.digest"
_FOLDER = "/nodegraph-making"
_PIP = "python -m pip install --no-input --no-cache-dir --disable-pip-version-check --progress-bar off"
# Without a word for so long, pip hangs.
_SILENCE_SECONDS = 900.0


def make(
    engine: DockerEngine,
    recipe: Recipe,
    maker: str,
    settings: PipSettings,
    wheelhouse: Path | None,
    say: Say,
) -> None:
    """Make the image of a recipe. Raises LaunchError; Cancelled of `say` passes, and nothing is left.

    `maker` is another for everybody who may be making the same at this time.
    """
    from docker.errors import APIError

    local = sorted({*settings.paths, *([wheelhouse] if wheelhouse else [])})
    given = {} if engine.shares_files() else {path: f"{_FOLDER}/given/{n}" for n, path in enumerate(local)}
    container = f"nodegraph-making-{recipe.environment}-{recipe.digest}-{maker}"
    engine.remove(container, _SILENCE_SECONDS)
    try:
        with engine.asked() as client:
            mounts = [path for path in local if path not in given]
            client.create_container_from_config(
                _settings(recipe, _script(wheelhouse, given), mounts), container
            )
            client.put_archive(container, "/", _files(recipe, _moved(settings.text, given)))
        if given:
            _give(engine, container, given, say)
        status, last = _run(engine, container, say)
        if status != 0:
            raise refused(engine.host, recipe.tag, "\n".join(last), _failed(recipe, last))
        say("The image is being kept.")
        follow(lambda: _commit(engine, container, recipe), say)
    except APIError as error:
        said = words_of(error)
        usual = LaunchError(
            "image",
            f"The image of the environment {recipe.environment} could not be made: {said}.",
            "The engine's own log says more; `nodegraph doctor` looks at the engine.",
        )
        raise refused(engine.host, recipe.tag, said, usual) from error
    finally:
        engine.remove(container, _SILENCE_SECONDS)


def _settings(recipe: Recipe, script: str, local: list[Path]) -> dict[str, Any]:
    mounts = [{"Type": "bind", "Source": str(path), "Target": str(path), "ReadOnly": True} for path in local]
    return {
        "Image": recipe.base,
        "Cmd": ["/bin/sh", "-c", script],
        "User": "0:0",
        # The machine's own network: mirrors and proxies often listen nowhere else.
        "HostConfig": {
            "Mounts": mounts,
            "NetworkMode": "host",
            "SecurityOpt": ["no-new-privileges"],
            "LogConfig": {"Type": "json-file"},
        },
    }


def _moved(text: str, given: dict[Path, str]) -> str:
    """A text that names files of this machine, for where they are given instead; longer paths first."""
    for path in sorted(given, key=lambda path: -len(str(path))):
        text = text.replace(str(path), given[path])
    return text


def _give(engine: DockerEngine, container: str, given: dict[Path, str], say: Say) -> None:
    """Send what pip reads to an engine that shares no files with this machine."""

    def items() -> Iterator[Item]:
        for path, place in given.items():
            files = [path] if path.is_file() else scan(path)
            for file in files:
                inner = "" if file == path else f"/{file.relative_to(path)}"
                yield Item(f"{place[1:]}{inner}", file)

    def put() -> None:
        with engine.asked(_SILENCE_SECONDS) as client:
            client.put_archive(container, "/", packed(items()))

    attend(put, say, lambda: f"Sending pip's files to {engine.host}.")


def _script(wheelhouse: Path | None, given: dict[Path, str]) -> str:
    install = f"{_PIP} -r {_FOLDER}/requirements.txt -c {_FOLDER}/constraints.txt"
    if wheelhouse is not None:
        wheels = shlex.quote(given.get(wheelhouse) or str(wheelhouse))
        install = f"{{ {install} --no-index --find-links {wheels} || {install} --find-links {wheels}; }}"
    told = f"export PIP_CONFIG_FILE={_FOLDER}/pip.conf PIP_ROOT_USER_ACTION=ignore"
    return f"{told}; {install}; s=$?; rm -rf {_FOLDER}; exit $s"


def _files(recipe: Recipe, config: str) -> bytes:
    texts = {
        "requirements.txt": "\n".join([*recipe.requirements, ""]),
        "constraints.txt": recipe.bounds,
        "pip.conf": config,
    }
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, text in texts.items():
            entry = tarfile.TarInfo(f"{_FOLDER[1:]}/{name}")
            content = text.encode()
            entry.size, entry.mode = len(content), 0o600
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _run(engine: DockerEngine, container: str, say: Say) -> tuple[int, list[str]]:
    """The exit status of pip and its last lines; each is said."""

    def lines() -> Iterator[str]:
        with engine.asked(_SILENCE_SECONDS) as client:
            client.start(container)
            rest = b""
            for chunk in client.logs(container, stream=True, follow=True):
                *whole, rest = (rest + chunk).split(b"\n")
                yield from (text for line in whole if (text := line.decode("utf-8", "replace").strip()))

    last = follow(lines, say)
    with engine.asked() as client:
        return int(client.wait(container)["StatusCode"]), last


def _commit(engine: DockerEngine, container: str, recipe: Recipe) -> Iterator[str]:
    changes = [
        'CMD ["python"]',
        "USER 65532:65532",
        f"LABEL {ENVIRONMENT}={recipe.environment} {DIGEST}={recipe.digest}",
    ]
    repository, _, tag = recipe.tag.rpartition(":")
    with engine.asked(_SILENCE_SECONDS) as client:
        client.commit(container, repository, tag, changes=changes)
    yield f"The image {recipe.tag} is ready."


def _failed(recipe: Recipe, last: list[str]) -> LaunchError:
    errors = [line.removeprefix("ERROR:").strip() for line in last if line.startswith("ERROR:")]
    reason = errors[0] if errors else (last[-1] if last else "no output")
    return LaunchError(
        "image",
        f"The image of the environment {recipe.environment} could not be made: {reason}",
        "Check the network and pip's index, or give wheels: nodegraph images build ENV --wheelhouse DIR.",
    )
