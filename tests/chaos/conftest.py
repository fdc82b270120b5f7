"""What tests with containers need here too."""

from __future__ import annotations

import pytest

from tests.executor.docker.support import made_base_image


@pytest.fixture(scope="session")
def base_image() -> str:
    return made_base_image()
