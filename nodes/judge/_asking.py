"""Asks for verdicts until they are valid, a bounded number of times, and never twice for the same answer."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import secrets
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from nodes.judge._items import Item
from nodes.judge._prompt import Rubric, messages_for, schema_of
from nodes.judge._protocol import Declined, Passing
from nodes.judge._reply import InvalidReply, Verdict, read_reply, verdict_of
from nodes.judge._service import Service


@dataclass(frozen=True)
class Retries:
    """How often and how patiently a question is asked again; times in seconds."""

    most: int
    delay: float
    longest: float


@dataclass
class Outcome:
    """What became of one item: its scores (the median of the votes), or the error."""

    scores: dict[str, float] | None = None
    rationale: str = ""
    error: str = ""
    votes: int = 0
    cached: int = 0
    invalid: int = 0
    retried: int = 0


@dataclass
class Cache:
    """Valid verdicts by the digest of what was asked, kept for the next attempt of the node."""

    path: Path
    rubric: Rubric
    known: dict[str, Verdict] = field(default_factory=dict)

    def load(self) -> None:
        """Read what an earlier attempt left; a torn or foreign line is passed over."""
        if not self.path.is_file():
            return
        for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                entry = json.loads(line)
                given = {"scores": entry["scores"], "rationale": entry["rationale"]}
                verdict = verdict_of(given, self.rubric.names, self.rubric.low, self.rubric.high)
                self.known[str(entry["digest"])] = verdict
            except (ValueError, LookupError, TypeError, InvalidReply):
                continue

    def keep(self, digest: str, verdict: Verdict) -> None:
        """Remember a verdict, on disk too."""
        self.known[digest] = verdict
        entry = {"digest": digest, "scores": verdict.scores, "rationale": verdict.rationale}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")


@dataclass
class Judge:
    """Judges items: each with so many votes, with retries, through the cache."""

    service: Service
    rubric: Rubric
    retries: Retries
    cache: Cache
    votes: int
    with_reference: bool
    identity: str

    async def all(
        self, items: Iterable[Item], concurrency: int, on_done: Callable[[int, Outcome], None]
    ) -> None:
        """Judge all items, so many at once; `on_done` is told each item's place and outcome."""
        waiting = iter(enumerate(items))

        async def work() -> None:
            for place, item in waiting:
                on_done(place, await self.judge(item))

        await asyncio.gather(*(work() for _ in range(concurrency)))

    async def judge(self, item: Item) -> Outcome:
        """The outcome of one item; most of its votes must be valid."""
        outcome = Outcome()
        verdicts = []
        for vote in range(self.votes):
            verdict = await self._vote(item, vote, outcome)
            if verdict is not None:
                verdicts.append(verdict)
        outcome.votes = len(verdicts)
        if 2 * len(verdicts) > self.votes:
            names = self.rubric.names
            outcome.scores = {n: float(statistics.median(v.scores[n] for v in verdicts)) for n in names}
            outcome.rationale = "\n".join(verdict.rationale for verdict in verdicts)
            outcome.error = ""
        return outcome

    async def _vote(self, item: Item, vote: int, outcome: Outcome) -> Verdict | None:
        digest = self._digest(item, vote)
        if (known := self.cache.known.get(digest)) is not None:
            outcome.cached += 1
            return known
        for attempt in range(self.retries.most + 1):
            wait = 0.0
            try:
                verdict = await self._ask(item, vote)
            except InvalidReply as error:
                outcome.invalid += 1
                outcome.error = str(error)
            except Passing as error:
                outcome.error = str(error)
                # Jitter: what failed together should not come back together.
                backoff = self.retries.delay * 2**attempt * random.uniform(0.5, 1)
                wait = min(self.retries.longest, max(error.wait, backoff))
            except Declined as error:
                outcome.error = str(error)
                return None
            else:
                self.cache.keep(digest, verdict)
                return verdict
            if attempt < self.retries.most:
                outcome.retried += 1
                await asyncio.sleep(wait)
        return None

    async def _ask(self, item: Item, vote: int) -> Verdict:
        # A number that nobody could know when the answer was written: it cannot end its own block.
        marker = secrets.token_hex(8)
        messages = messages_for(item, self.rubric, marker, self.with_reference)
        content = await self.service.ask(messages, schema_of(self.rubric), vote)
        verdict = read_reply(content, self.rubric.names, self.rubric.low, self.rubric.high)
        return Verdict(verdict.scores, self.service.scrub(verdict.rationale))

    def _digest(self, item: Item, vote: int) -> str:
        asked = messages_for(item, self.rubric, "", self.with_reference)
        text = json.dumps([self.identity, vote, asked, schema_of(self.rubric)], ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
