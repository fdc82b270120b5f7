"""For every test: one thread each for numerical libraries, since tests run side by side; and the browser."""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path

import pytest

from executor.launchers.base import LaunchError
from executor.launchers.docker.engine import DockerEngine
from tests.order import keep_order, longest_first

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "/usr/bin/chromium")
NO_DOCKER = "needs a Docker engine that answers at DOCKER_HOST or /var/run/docker.sock"
NO_BROWSER = "needs Chromium: install it, or say in CHROMIUM where it is"


@cache
def find_chromium() -> Path | None:
    """The program that CHROMIUM names, or else the first one that is installed."""
    wanted = os.environ.get("CHROMIUM")
    found = next(filter(None, map(shutil.which, [wanted] if wanted else BROWSERS)), None)
    return Path(found) if found else None


@cache
def docker_answers() -> bool:
    """Whether there is a Docker engine that may be used."""
    try:
        DockerEngine().info()
    except LaunchError:
        return False
    return True


def pytest_configure(config: pytest.Config) -> None:
    """Tests start in the order of `tests.order`."""
    keep_order(config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long starts first."""
    longest_first(items)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests that need a browser or Docker are skipped where there is none.

    They fail instead where NODEGRAPH_REQUIRE_BROWSER or NODEGRAPH_REQUIRE_DOCKER asks for it.
    """
    if item.get_closest_marker("browser") and find_chromium() is None:
        _lacks("NODEGRAPH_REQUIRE_BROWSER", NO_BROWSER)
    if item.get_closest_marker("docker") and not docker_answers():
        _lacks("NODEGRAPH_REQUIRE_DOCKER", NO_DOCKER)


def _lacks(required: str, what: str) -> None:
    if os.environ.get(required):
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's program."""
    found = find_chromium()
    assert found is not None, NO_BROWSER
    return found
