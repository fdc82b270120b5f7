"""The thread that sends what lies in the outbox: at least once each, again and again where that fails."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from executor.database.tables import Notification
from executor.notifications.model import Undelivered
from executor.notifications.outbox import Outbox
from nodegraph.errors import NodeGraphError

_log = logging.getLogger(__name__)
# A clock that is set back, or a row that another process made, is seen after so long.
_LOOK_EVERY = 60.0
# Where the outbox cannot be written, it is not read without end.
_LEAST = 0.2
# So many at a time, so that one receiver that hangs does not hold up all others.
_AT_ONCE = 8
_LONGEST_SECONDS = 60.0
_END_SECONDS = 2.0


class Sender:
    """Begin with `start`; `wake` says that there may be something to send, from any thread, at once.

    `deliver` sends one notification and raises Undelivered where it did not arrive.
    """

    def __init__(self, outbox: Outbox, deliver: Callable[[Notification], None]) -> None:
        self._outbox = outbox
        self._deliver = deliver
        self._woken = threading.Event()
        self._ending = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Send what is there, and then what comes."""
        self._ending = False
        self._thread = threading.Thread(target=self._work, name="notifications", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Begin nothing more; what is under way is sent again by the next sender where it is not noted."""
        self._ending = True
        self.wake()
        if self._thread is not None:
            self._thread.join(_END_SECONDS)

    def wake(self) -> None:
        """Look into the outbox now."""
        self._woken.set()

    def _work(self) -> None:
        while True:
            self._woken.clear()
            if self._ending:
                return
            try:
                patience = self._turn()
            except Exception as error:  # the database may be busy or its disk full: look again later
                _log.warning("Notifications could not be sent: %s: %s", type(error).__name__, error)
                patience = _LOOK_EVERY
            self._woken.wait(patience)

    def _turn(self) -> float:
        """Send what is due; how long to wait for the next."""
        rows = self._outbox.due(_AT_ONCE)
        threads = [threading.Thread(target=self._send, args=(row,), daemon=True) for row in rows]
        for thread in threads:
            thread.start()
        until = time.monotonic() + _LONGEST_SECONDS
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        after = self._outbox.next_due()
        return _LOOK_EVERY if after is None else min(max(_LEAST, after - time.time()), _LOOK_EVERY)

    def _send(self, row: Notification) -> None:
        try:
            self._outbox.claim(row)
            try:
                self._deliver(row)
            except Undelivered as error:
                self._outbox.missed(row, f"{error.message}\n{error.hint}".strip(), final=error.final)
            except Exception as error:  # a mistake of ours is no reason to lose it
                _log.exception("a notification could not be sent")
                self._outbox.missed(row, f"It could not be sent: {type(error).__name__}.", final=False)
            else:
                self._outbox.sent(row)
        except NodeGraphError as error:
            _log.warning("%s", error.message)
