"""Every test here needs an engine; those with toy node types also the image of the environment `base`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.executor.docker.support import engine, made_base_image, owner


@pytest.fixture(scope="session")
def base_image() -> str:
    return made_base_image()


@pytest.fixture(autouse=True)
def sweep(tmp_path: Path):
    """Whatever a test that fails leaves behind."""
    yield
    mine = owner(tmp_path)
    if mine:
        with engine().asked() as client:
            left = client.containers(all=True, filters={"label": f"nodegraph.data={mine}"})
        for container in left:
            engine().remove(container["Id"])
