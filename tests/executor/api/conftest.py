from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.executor.api.support import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests of a module."""
    made = Server(tmp_path_factory.mktemp("api"))
    yield made
    made.stop()
