"""Copies what running attempts write on a host into their directories here: one thread for each host.

So the engine reads events and logs here as of any attempt.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from executor.environments.following import attend
from executor.launchers import limits
from executor.launchers.base import EVENTS, LOG, Cancelled, LaunchError, Unreachable, Wanted
from executor.launchers.docker.boxes import RETURNED, job_of
from executor.launchers.docker.streaming.tracing import Small, Traced, append, disk_gb, taken_back
from executor.launchers.docker.streaming.volume import Volume
from executor.launchers.docker.wrapper import EXIT_FILE, STARTED

_log = logging.getLogger(__name__)
_ASK_SECONDS = 1.0
_PAUSE = 0.1
_IDLE_SECONDS = 60.0
_HEARTBEAT = 20.0
_AT_ONCE = 4
_MEASURE_SECONDS = 4.0
# Of many files it takes longer: it is to keep the thread busy a tenth of the time at most.
_MEASURE_COST = 10.0
# How long what nobody wants any more may take to stop coming.
_GIVE_UP_SECONDS = 3.0


Layers = Callable[[Sequence[Path]], list[int]]


class Mirror:
    """`bring(traced)` fetches what an attempt left, once it has ended. For any thread.

    `layers` are the bytes that the containers of attempts hold beside what is mounted.
    """

    def __init__(
        self,
        volume: Volume,
        place: Callable[[Path], str],
        bring: Callable[[Traced], None],
        layers: Layers,
    ) -> None:
        self._volume = volume
        self._place = place
        self._bring = bring
        self._layers = layers
        self._traced: dict[Path, Traced] = {}
        self._chores: deque[Callable[[], None]] = deque()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._coming = threading.Semaphore(_AT_ONCE)
        self._round = 0
        self._measure_at = 0.0

    def follow(self, directory: Path) -> Traced:
        """Copy an attempt's files from now on."""
        with self._lock:
            traced = self._traced.get(directory)
            if traced is None:
                if not self._traced:
                    # One that is short is over by then.
                    self._measure_at = time.monotonic() + _MEASURE_SECONDS
                traced = Traced(directory, self._place(directory))
                traced.offsets = taken_back(directory)
                self._traced[directory] = traced
        self.wake()
        return traced

    def forget(self, directory: Path) -> None:
        """The attempt is over."""
        with self._lock:
            self._traced.pop(directory, None)

    def is_gone(self, traced: Traced) -> bool:
        """Whether an attempt, whose container is known to be gone, has left no exit status there either."""
        if traced.missed is None:
            traced.missed = self._round
        return traced.state == "open" and self._round > traced.missed + 1

    def later(self, chore: Callable[[], None]) -> None:
        """Do something on the host, soon; where it fails it is logged and let be."""
        self._chores.append(chore)
        self.wake()

    def wake(self) -> None:
        """There is something to do."""
        with self._lock:
            if not self._end.is_set() and (self._thread is None or not self._thread.is_alive()):
                self._thread = threading.Thread(target=self._work, daemon=True, name="nodegraph-mirror")
                self._thread.start()

    def catch_up(self, traced: Traced, whole: Iterable[str] = ()) -> dict[str, Small]:
        """Copy all that there is, once nobody writes any more; then the small files `whole`, by their paths.

        Raises LaunchError.
        """
        with traced.reading:
            while (found := self._read([traced], 0.0, signs=False, whole=whole)) is None:
                pass
        return found

    def come(self, traced: Traced) -> None:
        """Bring home what an attempt left, now, unless that is under way. Raises LaunchError."""
        with self._lock:
            if traced.state in ("coming", "home"):
                return
            traced.state = "coming"
        try:
            self._bring(traced)
            traced.state = "home"
        except BaseException:
            traced.state = "open"
            raise
        finally:
            traced.changed.set()

    def finish(self, traced: Traced, check: Callable[[], None], wanted: Wanted) -> None:
        """Have all that an ended attempt left here; `check` is called while that takes, and may raise.

        Raises LaunchError where it cannot come, Cancelled where the outputs are on their way and not wanted.
        """
        patience = time.monotonic() + _GIVE_UP_SECONDS

        def look(_: str) -> None:
            nonlocal patience
            check()
            if wanted():
                patience = time.monotonic() + _GIVE_UP_SECONDS
            else:
                # What is on its way ends by itself, unless the host has stopped to send.
                traced.dropped = True
                if time.monotonic() > patience:
                    raise Cancelled

        while traced.state != "home":
            if traced.error is not None:
                raise traced.error
            look("")
            if traced.state == "open":
                attend(lambda: self.come(traced), look, lambda: "")
            else:
                traced.changed.wait(0.2)
                traced.changed.clear()

    def close(self) -> None:
        """End the thread, soon, and remove the porter."""
        self._end.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join(5.0)

    def _work(self) -> None:
        heard = 0.0
        while not self._end.is_set():
            try:
                while self._chores:
                    self._chores.popleft()()
                traced = [one for one in list(self._traced.values()) if _is_open(one)]
                if traced:
                    self._look(traced)
                elif self._volume.idle_seconds == 0.0 and time.monotonic() - heard > _HEARTBEAT:
                    # A transfer that takes long: the porter would think that nobody needs it.
                    self._volume.ask("read", files=[], signs=[], seconds=0.0, whole=[])
                    heard = time.monotonic()
                elif self._volume.idle_seconds > _IDLE_SECONDS and self._leave():
                    break
                self._end.wait(_PAUSE if traced else 0.5)
            except Unreachable:
                self._end.wait(1.0)
            except LaunchError as error:
                _log.warning("%s", error.message)
                self._end.wait(1.0)
            except Exception:
                _log.exception("the files of attempts could not be copied")
                self._end.wait(5.0)
        try:
            self._volume.dismiss(for_good=self._end.is_set())
        except LaunchError:
            _log.debug("the porter could not be removed", exc_info=True)

    def _leave(self) -> bool:
        with self._lock:
            if self._chores or any(_is_open(one) for one in self._traced.values()):
                return False
            self._thread = None
            return True

    def _look(self, traced: list[Traced]) -> None:
        seconds = _ASK_SECONDS
        # In one go for all; whoever catches up at the moment reads for itself.
        mine = [one for one in traced if one.reading.acquire(blocking=False)]
        try:
            self._read(mine, seconds, signs=True)
        finally:
            for one in mine:
                one.reading.release()
        self._round += 1
        if (began := time.monotonic()) > self._measure_at:
            self._measure(mine)
            took = time.monotonic() - began
            self._measure_at = began + max(_MEASURE_SECONDS, _MEASURE_COST * took)

    def _measure(self, traced: list[Traced]) -> None:
        """Have attempts ended that write more than they may: their disk is the host's."""
        groups = [[one.place, self._place(Path(job_of(one.directory).resume_dir))] for one in traced]
        answer, _ = self._volume.ask("measure", groups=groups)
        layers = self._layers([one.directory for one in traced])
        for one, mounted, layer in zip(traced, answer["used"], layers, strict=True):
            used = mounted + layer
            if one.most is None:
                one.most = limits.disk_limit(disk_gb(one.directory), answer["free"], used)
            if (over := limits.over_disk(used, one.most)) is not None:
                one.error = LaunchError("storage", over.message, over.hint)

    def _read(
        self, traced: list[Traced], seconds: float, *, signs: bool, whole: Iterable[str] = ()
    ) -> dict[str, Small] | None:
        """Copy what has come; the small files `whole` where that is all, None where there is more."""
        files = {f"{one.place}/{name}": (one, name) for one in traced for name in (EVENTS, LOG)}
        wanted = {f"{one.place}/{RETURNED}/{name}": (one, name)
                  for one in traced if signs for name in _signs(one)}  # fmt: skip
        asked = [[path, one.offsets.get(name, 0)] for path, (one, name) in files.items()]
        answer, content = self._volume.ask(
            "read", files=asked, signs=list(wanted), seconds=seconds, whole=list(whole)
        )
        at = 0
        for path, offset, length in answer["files"]:
            one, name = files[path]
            append(one, name, offset, content[at : at + length])
            at += length
        for path in answer["there"]:
            one, name = wanted[path]
            if name == STARTED:
                (one.directory / RETURNED / STARTED).touch()
            elif one.state == "open":
                one.state = "queued"
                threading.Thread(target=self._come, args=(one,), daemon=True, name="nodegraph-home").start()
        small = {}
        for path, length, age in answer["whole"]:
            small[path] = Small(content[at : at + length], time.time() - age)
            at += length
        return None if answer["more"] else small

    def _come(self, traced: Traced) -> None:
        with self._coming:
            try:
                self.come(traced)
            except (Unreachable, Cancelled):
                return
            except LaunchError as error:
                traced.tries += 1
                if error.category != "infrastructure" or traced.tries > 2:
                    traced.error = error
            except Exception as error:
                _log.exception("what an attempt left could not be brought")
                traced.error = LaunchError("infrastructure", f"{type(error).__name__}: {error}", "")


def _is_open(traced: Traced) -> bool:
    return traced.state == "open" and not traced.error and not traced.dropped


def _signs(traced: Traced) -> list[str]:
    started = (traced.directory / RETURNED / STARTED).exists()
    return [EXIT_FILE] if started else [EXIT_FILE, STARTED]
