"""Watching a run: bars with time left on a terminal, plain lines elsewhere, always on standard error."""

from __future__ import annotations

import re
import sys
import time
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.text import Text

from executor.cli.output import duration, printable
from executor.services.runs import Runs, Update
from executor.services.views import LEFT_OUT, RunView

_LINE_EVERY = 10.0
_MOST_WAITING = 8
_SHOWN_METRICS = ("loss", "eval_loss", "accuracy", "perplexity", "score")
_MARKS = {
    "succeeded": ("✓", "green"),
    "cached": ("≡", "cyan"),
    "failed": ("✗", "red"),
    "cancelled": ("⊘", "bright_black"),
    "skipped": ("»", "bright_black"),
}


class Display(Protocol):
    """Shows updates of a run."""

    def show(self, update: Update) -> None:
        """Show one update."""


def watch(runs: Runs, run: int) -> RunView:
    """Show a run until it ends. Ctrl-C cancels it; a second Ctrl-C leaves it running."""
    asked = False
    while True:
        try:
            with _display() as display:
                for update in runs.follow(run):
                    display.show(update)
            return runs.get(run)
        except KeyboardInterrupt:
            if asked:
                print(f"Left run {run} as it is; `nodegraph show {run}` tells.", file=sys.stderr)
                raise
            asked = True
            print(f"Cancelling run {run}. Press Ctrl-C again to leave it as it is.", file=sys.stderr)
            runs.cancel(run)


def _display() -> AbstractContextManager[Display]:
    return Bars() if sys.stderr.isatty() else Lines()


class Nodes:
    """What has been heard of each node: state, progress, numbers."""

    def __init__(self) -> None:
        self.state: dict[str, str] = {}
        self.reason: dict[str, str] = {}
        self.trouble: dict[str, str] = {}
        self.progress: dict[str, dict[str, Any]] = {}
        self.metrics: dict[str, dict[str, Any]] = {}

    def take(self, update: Update) -> bool:
        """Note an update; True where a node's state changed to another."""
        node = update.node or ""
        if update.kind == "progress":
            self.progress[node] = update.data
        elif update.kind == "metric":
            self.metrics.setdefault(node, {})[update.data["name"]] = update.data["value"]
        elif update.kind == "node":
            before = self.state.get(node)
            self.state[node] = update.data["state"]
            self.reason[node] = update.data.get("reason") or ""
            self.trouble[node] = trouble(update.data)
            if update.data["state"] == "queued":
                self.progress.pop(node, None)
            return bool(before != update.data["state"])
        return False

    def numbers(self, node: str) -> str:
        """The numbers of a node that a person watches."""
        known = self.metrics.get(node, {})
        shown = [f"{name} {known[name]:.4g}" for name in _SHOWN_METRICS if known.get(name) is not None]
        return "  ".join(shown[:2])

    def how_far(self, node: str) -> str:
        """Done of total with unit, and the time left where it is known."""
        progress = self.progress.get(node, {})
        if not progress or self.trouble.get(node):
            return printable(f"{self.trouble.get(node, '')} {self.reason.get(node, '')}".strip())
        total = f" / {progress['total']:,.0f}" if progress.get("total") else ""
        left = progress.get("seconds_left")
        ending = f", {duration(left)} left" if left is not None else ""
        text = f"{progress['done']:,.0f}{total} {progress.get('unit', '')}".rstrip() + ending
        return printable(f"{progress.get('message', '')} {text}".strip())

    def told(self, node: str) -> str:
        """How far a node is, and its numbers."""
        return "  ".join(part for part in (self.how_far(node), self.numbers(node)) if part)


class Lines:
    """One plain line per change of state, and now and then one on how far a node is."""

    def __init__(self) -> None:
        self._nodes = Nodes()
        self._started = time.monotonic()
        self._said: dict[str, float] = {}
        self._reasons: dict[str, float] = {}

    def __enter__(self) -> Lines:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def show(self, update: Update) -> None:
        """Print what is worth a line."""
        changed = self._nodes.take(update)
        node = update.node or ""
        if update.kind == "run" and update.data.get("reason"):
            self._say(f"run {update.run} {update.data['reason']}")
        elif update.kind == "node" and changed and update.data["state"] != "queued":
            if not left_out(update.data):
                self._say(f"{node} {update.data['state']}{ending(update.data)}")
        elif update.kind == "node" and self._is_news(update.data.get("reason") or ""):
            state = f"{update.data['state']} {trouble(update.data)}".rstrip()
            self._say(f"{node} {state}: {update.data['reason']}")
        elif update.kind in ("node", "progress") and (told := self._nodes.told(node)) and self._due(node):
            self._say(f"{node} {told}")

    def _is_news(self, reason: str) -> bool:
        """Whether a reason was not said lately of any node, but for numbers such as its place in the line."""
        words, now = re.sub(r"\d+", "", reason), time.monotonic()
        if not words or now - self._reasons.get(words, -_LINE_EVERY) < _LINE_EVERY:
            return False
        self._reasons[words] = now
        return True

    def _due(self, node: str) -> bool:
        now = time.monotonic()
        last = self._said.setdefault(node, self._started if self._started > now - _LINE_EVERY else now)
        if now - last < _LINE_EVERY:
            return False
        self._said[node] = now
        return True

    def _say(self, text: str) -> None:
        print(f"[{time.monotonic() - self._started:7.1f} s] {printable(text)}", file=sys.stderr, flush=True)


class Bars:
    """One bar per running node; what has ended stands above."""

    def __init__(self) -> None:
        self._nodes = Nodes()
        self._console = Console(stderr=True, highlight=False)
        self._bars: dict[str, TaskID] = {}
        self._progress = Progress(
            TextColumn("  {task.fields[node]:<16}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[told]}", markup=False),
            console=self._console,
            transient=True,
        )

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, update: Update) -> None:
        """Move a bar, or write the line of a node that has ended."""
        changed = self._nodes.take(update)
        if update.kind == "run" and update.data.get("reason"):
            self._console.print(Text(f"  run {update.run} {printable(update.data['reason'])}"))
        if not update.node or update.kind not in ("node", "progress", "metric"):
            return
        state = self._nodes.state.get(update.node)
        if state == "running" or self._waits(update.node):
            self._move(update.node)
        elif update.kind == "node" and changed:
            self._end(update.node, update.data)

    def _waits(self, node: str) -> bool:
        """Whether a node is queued for a reason that is worth one of the lines there are."""
        known = self._nodes.state.get(node) == "queued" and self._nodes.reason.get(node)
        return bool(known) and (node in self._bars or len(self._bars) < _MOST_WAITING)

    def _move(self, node: str) -> None:
        progress = self._nodes.progress.get(node, {})
        told = self._nodes.told(node)
        if node not in self._bars:
            self._bars[node] = self._progress.add_task("", total=None, node=node, told="starting")
        if progress or told:
            self._progress.update(
                self._bars[node],
                total=progress.get("total"),
                completed=progress.get("done", 0),
                told=told,
            )

    def _end(self, node: str, data: dict[str, Any]) -> None:
        if node in self._bars:
            self._progress.remove_task(self._bars.pop(node))
        if data["state"] in _MARKS and not left_out(data):
            mark, style = _MARKS[data["state"]]
            line = Text.assemble((mark, style), f" {node:<16} {data['state']}{ending(data)}")
            self._console.print(line)


def trouble(data: dict[str, Any]) -> str:
    """The category of what keeps a node from going on that has not failed, in brackets."""
    category = (data.get("error") or {}).get("category")
    return f"({category})" if category and data["state"] in ("queued", "running") else ""


def left_out(data: dict[str, Any]) -> bool:
    """Whether a node was never meant to run, because the run was restricted to others."""
    return bool(data["state"] == "skipped" and data.get("reason") == LEFT_OUT)


def ending(data: dict[str, Any]) -> str:
    """What is said of a node's state beyond its name: time taken, source run, reason, error."""
    if data["state"] == "cached":
        return f" from run {data.get('source_run')}"
    if data["state"] == "failed" and data.get("error"):
        return f": {data['error'].get('message', '')}"
    if data["state"] == "succeeded" and data.get("started") and data.get("finished"):
        return f" in {duration(data['finished'] - data['started'])}"
    return f": {data['reason']}" if data.get("reason") else ""
