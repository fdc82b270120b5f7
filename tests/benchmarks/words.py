"""How long it takes to say a sentence in Chinese: the first one, and one that nobody knows.

.venv/bin/python tests/benchmarks/words.py
"""

from __future__ import annotations

import time

from ui.i18n.catalogue import find

UNKNOWN = (
    "CUDA error {}: the model of the dataset could not find a parameter in the node; row {} is not in the "
    "file, and the input is no output that the run of this pipeline needs"
)
TURNS = 500


def main() -> None:
    began = time.perf_counter()
    assert find("zh", "There is no run 41.")
    first = time.perf_counter() - began
    began = time.perf_counter()
    for turn in range(TURNS):
        assert find("zh", UNKNOWN.format(turn, turn)) is None
    unknown = (time.perf_counter() - began) / TURNS
    print(f"first sentence {first * 1e3:.1f} ms (20 at most)")
    print(f"unknown sentence {unknown * 1e3:.2f} ms (0.5 at most)")
    assert first < 0.020, "the first sentence is slow"
    assert unknown < 0.0005, "an unknown sentence is slow"


if __name__ == "__main__":
    main()
