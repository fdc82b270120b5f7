"""Code is read from several threads at once: by the engine's workers, and by whoever looks at a pipeline."""

from __future__ import annotations

import gc
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from nodegraph.code_digest import code_files
from nodegraph.registry import DEFAULT_ROOT


class Knot:
    """Garbage that only the collector finds; its end lets another thread go on in the middle of things."""

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        sum(range(2000))


@pytest.fixture
def restless():
    """Threads give way to each other all the time, also where one parses."""
    before, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(50, 5, 5)
    yield
    sys.setswitchinterval(before)
    gc.set_threshold(*thresholds)


def test_files_are_read_the_same_from_many_threads(restless: None) -> None:
    module = DEFAULT_ROOT / "train" / "sft.py"

    def read(_: int) -> list[object]:
        for _ in range(20):
            Knot()
        return list(code_files(module, DEFAULT_ROOT))

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(read, range(48)))
    assert all(files == found[0] for files in found)
