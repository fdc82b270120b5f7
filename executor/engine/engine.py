"""The engine: one thread that moves runs on, writes what happened, and tells whoever watches.

Each turn: deliver what workers bring back, read what attempts have written, look for new runs and
cancellations, move nodes on, commit everything at once, then do what waited for the commit.
"""

from __future__ import annotations

import logging
import threading
import time

from executor.engine import jobs, leftovers
from executor.engine.attempts import Attempts
from executor.engine.cache import Cache
from executor.engine.deadlines import TimeLimits
from executor.engine.desk import Desk
from executor.engine.endings import Endings
from executor.engine.events import Subscription
from executor.engine.inbox import LOOK_EVERY, Inbox
from executor.engine.pauses import Pauses
from executor.engine.recovery import Recovery
from executor.engine.scheduling import Scheduler
from executor.engine.world import World

_RETRY_WRITING = 0.5
_STOP_SECONDS = 6.0

_log = logging.getLogger(__name__)


class Engine:
    """Runs what the database says is to be run. Only the holder of the data directory's lock may start it.

    `only` restricts it to one run: a command that cancels a run left behind does not start others.
    """

    def __init__(self, world: World, *, only: int | None = None) -> None:
        self._desk = Desk(world)
        self._pauses = Pauses(self._desk)
        endings = Endings(self._desk, self._pauses)
        self._cache = Cache(self._desk)
        self._attempts = Attempts(self._desk, endings)
        self._scheduler = Scheduler(self._desk, self._cache, self._attempts)
        self._recovery = Recovery(self._desk, self._cache, self._attempts, endings, self._pauses)
        self._limits = TimeLimits(self._desk, self._attempts)
        self._only = only
        self._inbox = Inbox(self._desk, self._recovery, self._scheduler, only)
        self._thread = threading.Thread(target=self._work, daemon=True, name="nodegraph-engine")
        self._asked = False

    def start(self) -> None:
        """Take up what a former engine left, and begin."""
        world = self._desk.world
        world.store.clean()
        leftovers.clear(world.database)
        jobs.forget_old_checkpoints(world)
        if self._only is None:
            self._desk.resubmit()
            self._recovery.finish_abandoning()
        self._thread.start()

    def stop(self) -> None:
        """Start nothing more, let what is being committed finish (seconds), end the thread.

        Attempts that run go on running; the next engine finds them.
        """
        self._desk.stopping = True
        self.wake()
        if self._thread.is_alive():
            self._thread.join(_STOP_SECONDS + 2)

    def wake(self) -> None:
        """Something was committed that the engine should see at once; from any thread."""
        self._desk.workers.post(self._ask)

    def subscribe(self, run: int | None = None) -> Subscription:
        """What happens from now on, in one run or in all."""
        return self._desk.hub.subscribe(run)

    @property
    def alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread.is_alive()

    def _ask(self) -> None:
        self._asked = True

    def _work(self) -> None:
        until = None
        while until is None or (self._desk.workers.busy and time.monotonic() < until):
            try:
                self._turn()
            except Exception:
                _log.exception("the engine stumbled; it goes on")
                time.sleep(_RETRY_WRITING)
            if self._desk.stopping and until is None:
                until = time.monotonic() + _STOP_SECONDS
        self._desk.flush()
        self._inbox.close()
        self._cache.close()
        self._desk.journal.close()

    def _turn(self) -> None:
        self._desk.workers.deliver(self._patience())
        self._attempts.watch()
        self._inbox.look(now=self._asked)
        self._asked = False
        self._pauses.wake_up(time.time())
        self._limits.check()
        self._scheduler.advance()
        if not self._desk.flush():
            time.sleep(_RETRY_WRITING)

    def _patience(self) -> float:
        """How long to wait for workers before looking around again."""
        if self._desk.movable or self._asked or self._inbox.eager:
            return 0.0
        return self._attempts.patience() if self._attempts.running else LOOK_EVERY
