"""Kills servers and says what became of it: python -m tests.chaos --kills 200 --launcher process."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.chaos.chaos import Chaos, Figures
from tests.chaos.servers import Place

_GROUPS = {"both": ["process", "docker"], "all": ["process", "docker", "far"]}


def report(figures: Figures) -> str:
    """The figures for people."""
    verdict = figures.verdict
    lines = [
        f"kills          {figures.kills}, {figures.missed.total()} of them not at the point that was meant",
        f"runs           {verdict.runs} with {verdict.executions} executions",
        f"lost           {len(verdict.lost)}",
        f"duplicated     {len(verdict.duplicated)}",
        f"orphans        {len(verdict.orphans)}",
        f"wrong          {len(verdict.wrong)}",
        f"ready          {_times(figures.ready)}, bar 10",
        f"reattached     {_times(figures.reattached)}, bar 5",
        f"  of processor {_times(figures.reattached_cpu)}",
        f"dead seen      {_times(figures.dead_seen)}, bar 5",
        f"cancelled      {_times(figures.cancelled)}, bar 15",
    ]
    faults = [*verdict.lost, *verdict.duplicated, *verdict.orphans, *verdict.wrong]
    points = [f"  {count:3} {name}" for name, count in sorted(figures.at_points.items())]
    missed = [f"  {count:3} {name}" for name, count in sorted(figures.missed.items())]
    return "\n".join([*lines, "at:", *points, "missed, killed there later:", *missed, *faults])


def _times(found: list[float]) -> str:
    if not found:
        return "never seen"
    return f"median {statistics.median(found):.2f} s, max {max(found):.2f} s of {len(found)}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    names = ["process", "docker", "both", "far", "all"]
    meant = "far: containers on a host that shares no files; both: process and docker; all: all three"
    parser.add_argument("--launcher", choices=names, default="process", help=meant)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--old-runs", type=int, default=1_000)
    parser.add_argument("--keep", metavar="DIR", type=Path, help="work there, and leave it for a look")
    asked = parser.parse_args()
    launchers = _GROUPS.get(asked.launcher, [asked.launcher])
    with tempfile.TemporaryDirectory(prefix="nodegraph-chaos-") as folder, ExitStack() as hosts:
        other = None
        if launchers != ["process"]:
            from tests.chaos.far import other_host
            from tests.executor.docker.support import made_base_image

            image = made_base_image()
            other = hosts.enter_context(other_host(image)) if "far" in launchers else None
        place = Place(asked.keep or Path(folder))
        chaos = Chaos(place, launchers, seed=asked.seed, old_runs=asked.old_runs, other=other)
        figures = chaos.run(asked.kills, lambda line: print(line, file=sys.stderr))
    print(report(figures))
    return 0 if figures.verdict.holds else 1


if __name__ == "__main__":
    raise SystemExit(main())
