"""The logs of a node's attempts: the end of one of them, kept up to date; the whole of it to download."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from nicegui import run

from executor.services.records import LogTail
from executor.services.runs import Runs
from ui import kit
from ui.i18n import t
from ui.results.log_view import LogView

_TAIL = 64_000
_STEP = 256_000


@dataclass(frozen=True)
class LogRead:
    """The numbers of a node's attempts, which of them was read, and the end of its log."""

    attempts: list[int]
    attempt: int | None
    tail: LogTail


def read_log(runs: Runs, run_id: int, node: str, attempt: int | None = None) -> LogRead:
    """Read the end of a log, of the latest attempt where none is named. For a thread."""
    numbers = [one.number for one in runs.attempts(run_id, node)]
    if attempt is None and numbers:
        attempt = numbers[-1]
    tail = runs.log_tail(run_id, node, attempt, limit=_TAIL) if numbers else LogTail(b"", 0)
    return LogRead(numbers, attempt, tail)


class LogTab:
    """Draws into the element one is in; `more` shows what has been written since.

    Where nothing was written, that is said in words that fit a node that has `ended`, or one that goes on.
    """

    def __init__(self, runs: Runs, run_id: int, node: str, read: LogRead, *, ended: bool = False) -> None:
        self._runs, self._run, self._node = runs, run_id, node
        self._read = read
        self._end = read.tail.end
        self._latest = True
        self._wrapped = True
        self._busy = asyncio.Lock()
        self._bar = kit.div("row logbar")
        empty = t("Nothing was written") if ended else t("Nothing has been written yet")
        self._view = LogView(read.tail.content, empty=empty)
        self._draw_bar()

    async def more(self) -> None:
        """Show what was written since the last look; follow to a new attempt where the latest was shown."""
        async with self._busy:
            if self._view.is_deleted:
                return
            found = await run.io_bound(self._newer)
            if found is None or self._view.is_deleted:
                return
            if isinstance(found, LogRead):
                self._show(found)
            else:
                self._end += len(found)
                self._view.append(found)

    def _newer(self) -> LogRead | bytes:
        numbers = [one.number for one in self._runs.attempts(self._run, self._node)]
        if numbers != self._read.attempts:
            return read_log(self._runs, self._run, self._node, None if self._latest else self._read.attempt)
        if self._read.attempt is None:
            return b""
        place = (self._run, self._node, self._read.attempt)
        if 0 <= self._runs.log_size(*place) - self._end <= _STEP:
            return self._runs.log(*place, offset=self._end, limit=_STEP)
        # It was cut, or grows faster than a page can show: its end is what counts.
        return read_log(self._runs, *place)

    def _show(self, found: LogRead) -> None:
        self._read, self._end = found, found.tail.end
        self._view.show(found.tail.content)
        self._bar.clear()
        self._draw_bar()

    def _draw_bar(self) -> None:
        read = self._read
        with self._bar:
            if len(read.attempts) > 1:
                numbers = {str(number): t("Attempt {n}", n=number) for number in read.attempts}
                kit.segmented(numbers, str(read.attempt), self._choose, action="attempt")
            if read.tail.offset:
                kit.text(t("Only the end is shown"), "dim xs")
            kit.div("grow")
            kit.button(
                t("Wrap"), self._wrap, kind="ghost", size="mini", glyph="corner-down-left", action="wrap-log",
                tip=t("Wrap long lines"),
            )  # fmt: skip
            if read.attempt is not None:
                address = f"/files/runs/{self._run}/{self._node}/{read.attempt}.log"
                kit.link(t("Download"), address, "link xs", download="", data_action="download-log")

    async def _choose(self, number: str) -> None:
        self._latest = int(number) == self._read.attempts[-1]
        found = await run.io_bound(read_log, self._runs, self._run, self._node, int(number))
        if found is not None and not self._view.is_deleted:
            self._show(found)

    def _wrap(self) -> Any:
        self._wrapped = not self._wrapped
        return self._view.classes(remove="straight") if self._wrapped else self._view.classes(add="straight")
