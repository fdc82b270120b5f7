"""Which of the processes of an attempt this one is: most attempts have one."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from nodegraph.harness.job import Job

_LOOK_EVERY = 0.02


@dataclass(frozen=True)
class Rank:
    """The number of a process, from 0, and how many there are; `folder` is one that all of them see."""

    number: int
    count: int
    folder: Path

    @property
    def is_first(self) -> bool:
        """Whether this process speaks for all."""
        return self.number == 0

    def say(self, word: str) -> None:
        """Tell the other processes that this one has come so far."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._mark(word, self.number).touch()

    def all_said(self, word: str) -> bool:
        """Whether all processes have come so far."""
        return all(self._mark(word, number).exists() for number in range(self.count))

    def wait_for_all(self, word: str) -> None:
        """Wait until all processes have come so far; where one fails, all are ended."""
        if self.count == 1:
            return
        self.say(word)
        while not self.all_said(word):
            time.sleep(_LOOK_EVERY)

    def is_last_to_say(self, word: str) -> bool:
        """Say a word, and answer whether all have now."""
        if self.count == 1:
            return True
        self.say(word)
        return self.all_said(word)

    def _mark(self, word: str, number: int) -> Path:
        return self.folder / f".{word}-{number}"


ALONE = Rank(0, 1, Path())


def rank_of(job: Job) -> Rank:
    """The rank that whoever started this process gave it."""
    if job.processes == 1:
        return ALONE
    return Rank(int(os.environ["RANK"]), job.processes, Path(job.scratch_dir))
