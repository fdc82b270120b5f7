"""Conversations: kept in memory by who talks and with which service, so that a reload loses nothing."""

from __future__ import annotations

import asyncio
import itertools
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Literal

MOST_CONVERSATIONS = 200
MOST_MESSAGES = 200
MOST_CHARACTERS = 1_000_000
LONGEST_QUESTION = 32_000
LONGEST_ANSWER = 100_000

State = Literal["running", "done", "stopped", "failed"]
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Problem:
    """Why there is no answer, as finished English sentences; `remedy` names the button that helps."""

    sentence: str
    hint: str = ""
    remedy: Literal["", "again", "afresh", "start", "settings"] = ""


@dataclass
class Message:
    """What one side said. `first` and `seconds` are the time to the first token and to the end."""

    role: Literal["user", "assistant"]
    text: str = ""
    state: State = "done"
    first: float | None = None
    seconds: float | None = None
    tokens: int | None = None
    cut: bool = False
    problem: Problem | None = None
    number: int = field(default_factory=lambda: next(_numbers))


@dataclass
class Wishes:
    """How to answer; None leaves it to the service."""

    system: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None


@dataclass
class Conversation:
    """What was said, what is being typed, and how to answer. `revision` grows with every change."""

    service: str
    messages: list[Message] = field(default_factory=list)
    wishes: Wishes = field(default_factory=Wishes)
    draft: str = ""
    revision: int = 0
    task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether an answer is under way."""
        return self.task is not None and not self.task.done()

    @property
    def last_answer(self) -> Message | None:
        """The latest message of the service."""
        return next((message for message in reversed(self.messages) if message.role == "assistant"), None)

    def changed(self) -> None:
        """Whoever shows it should look again."""
        self.revision += 1

    def ask(self, question: str) -> Message:
        """Add a question and the answer that is to come."""
        answer = Message("assistant", state="running")
        self.messages += [Message("user", question[:LONGEST_QUESTION]), answer]
        while len(self.messages) > MOST_MESSAGES or sum(len(m.text) for m in self.messages) > MOST_CHARACTERS:
            del self.messages[:2]
        self.changed()
        return answer

    def take_back(self) -> str:
        """Remove the last question with its answer, and say what was asked."""
        while self.messages:
            message = self.messages.pop()
            if message.role == "user":
                self.changed()
                return message.text
        return ""

    def stop(self) -> None:
        """End the answer that is under way."""
        if self.task is not None:
            self.task.cancel()

    def clear(self) -> None:
        """Forget what was said; the wishes stay."""
        self.stop()
        self.messages.clear()
        self.changed()

    def history(self) -> list[dict[str, str]]:
        """The finished exchanges and the open question, as services take them."""
        found: list[dict[str, str]] = []
        for question, answer in itertools.pairwise(self.messages):
            if question.role != "user" or answer.role != "assistant":
                continue
            if answer.state == "running":
                found.append({"role": "user", "content": question.text})
            elif answer.text:
                found += [
                    {"role": "user", "content": question.text},
                    {"role": "assistant", "content": answer.text},
                ]
        return found


class Conversations:
    """Every conversation, the least recently used forgotten first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Any, ...], Conversation] = OrderedDict()

    def of(self, visitor: str, service: str) -> Conversation:
        """The conversation of a visitor with a service."""
        key = (visitor, service)
        found = self._kept.setdefault(key, Conversation(service))
        self._kept.move_to_end(key)
        while len(self._kept) > MOST_CONVERSATIONS:
            self._kept.popitem(last=False)[1].stop()
        return found
