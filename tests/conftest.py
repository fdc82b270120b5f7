"""For every test: one thread each for numerical libraries, as tests run side by side; memory; browser."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from functools import cache
from pathlib import Path

import hypothesis
import pytest

from executor.launchers.base import LaunchError
from executor.launchers.docker.engine import DockerEngine
from tests.order import keep_order, longest_first

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

# How long an example takes says more about what runs beside it.
hypothesis.settings.register_profile("no-deadline", deadline=None)
hypothesis.settings.load_profile("no-deadline")

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


def pytest_collection() -> None:
    """Importing and collecting leave next to no garbage, but looking for it takes a sixth of their time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Modules and tests are there to stay."""
    _leave_alone()
    gc.enable()


def pytest_runtest_logfinish() -> None:
    """So are the modules that a test has imported, where there are many."""
    if len(sys.modules) > _left_alone + 100:
        _leave_alone()


_left_alone = 0


def _leave_alone() -> None:
    """What lives now is no garbage later: each training collects garbage, and would look at all of it."""
    global _left_alone
    gc.collect()
    gc.freeze()
    _left_alone = len(sys.modules)


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's program."""
    found = find_chromium()
    assert found is not None, NO_BROWSER
    return found
