"""Keeps what an attempt leaves on disk within bounds: cuts its log, stops it once it wrote too much.

Looking and cutting take time, so they happen in worker threads; the engine's thread acts on what they found.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from executor.engine import jobs
from executor.engine.desk import Desk
from executor.engine.model import ActiveNode
from executor.launchers import limits
from executor.launchers.base import LOG

_LOOK_EVERY = 2.0
# Of many files, a look takes longer: it is to keep a thread busy a twentieth of the time at most.
_LOOK_COST = 20.0

Stop = Callable[[ActiveNode], None]


def bound(desk: Desk, node: ActiveNode, now: float, stop: Stop) -> None:
    """Cut the log of a running attempt, or `stop` the attempt, where it has outgrown what it may write."""
    watch = node.watch
    assert watch is not None
    bounds = watch.bounds
    if watch.log_size > limits.log_limit() and not bounds.cutting:
        _cut(desk, node)
    if not bounds.looking:
        # The first look comes late: what free space was at the start is worked out from what is written.
        bounds.next_look = bounds.next_look or now + _LOOK_EVERY / 2
        if now >= bounds.next_look:
            _look(desk, node, stop)


def _cut(desk: Desk, node: ActiveNode) -> None:
    watch, attempt = node.watch, node.attempt
    assert watch is not None and attempt is not None
    path, bounds = Path(attempt.directory) / LOG, watch.bounds
    bounds.cutting = True

    def done(_: object) -> None:
        bounds.cutting = False

    desk.workers.do(lambda: limits.cut_log(path, limits.log_limit()), done, done)


def _look(desk: Desk, node: ActiveNode, stop: Stop) -> None:
    watch, attempt = node.watch, node.attempt
    assert watch is not None and attempt is not None
    bounds, directory = watch.bounds, Path(attempt.directory)
    bounds.looking = True
    folders = [directory, jobs.resume_dir(desk.world, node)]
    wanted = jobs.resources_of(node.plan).disk_gb
    launcher, handle = desk.world.launchers[attempt.launcher], attempt.handle

    def look() -> tuple[int, int, float]:
        began = time.monotonic()
        used = limits.written(folders) + (launcher.written_apart(directory, handle) if handle else 0)
        return used, shutil.disk_usage(directory).free, time.monotonic() - began

    def looked(found: tuple[int, int, float]) -> None:
        used, free, took = found
        bounds.looking = False
        bounds.next_look = time.time() + max(_LOOK_EVERY, _LOOK_COST * took)
        if bounds.disk is None:
            bounds.disk = limits.disk_limit(wanted, free, used)
        over = limits.over_disk(used, bounds.disk)
        if over is not None and node.watch is watch and node.phase == "running":
            bounds.over = over
            stop(node)

    def not_looked(_: BaseException) -> None:
        bounds.looking, bounds.next_look = False, time.time() + _LOOK_EVERY

    desk.workers.do(look, looked, not_looked)
