"""Every exception that NodeGraph raises on purpose.

    NodeGraphError                 message, hint
    ├── InvalidInput               what a person gave is wrong; exit status 2; carries problems
    │   ├── NotFound               no run, node, template or artifact of that name
    │   └── Conflict               somebody else changed it meanwhile; look at it again
    ├── NodeFailure                a node says why it cannot go on: category, message, hint
    └── BrokenWorld                the machine failed us, not the person
        ├── DataDirError           the data directory cannot be used (locked, read-only, damaged)
        ├── Unavailable            the database cannot be written now: full disk, or locked; try again
        └── StoreError             an artifact is missing or does not match its checksum

User mistakes are returned as problems (see nodegraph.problems); these are for what cannot go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from nodegraph.problems import Problem

Category = Literal[
    "input", "oom", "timeout", "cancelled", "image", "dependency", "storage", "infrastructure", "node"
]
CATEGORIES: tuple[Category, ...] = get_args(Category)


class NodeGraphError(Exception):
    """The root of the tree: a sentence that says what happened and a hint that says what to do next."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InvalidInput(NodeGraphError):
    """What a person gave cannot be used; the problems say where and why."""

    def __init__(self, message: str, hint: str = "", problems: Sequence[Problem] = ()) -> None:
        super().__init__(message, hint)
        self.problems = list(problems)


class NotFound(InvalidInput):
    """No run, node, template, pipeline or artifact has the name that was asked for."""


class Conflict(InvalidInput):
    """What was to be changed has been changed by somebody else meanwhile; nothing was overwritten."""


class NodeFailure(NodeGraphError):
    """A node cannot go on, and knows why: raised by node code, kept with the attempt."""

    def __init__(self, category: Category, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.category = category


class BrokenWorld(NodeGraphError):
    """The machine failed: disk, database, lock, process."""


class DataDirError(BrokenWorld):
    """The data directory cannot be used: another server holds it, it is read-only, or it is damaged."""


class Unavailable(BrokenWorld):
    """The database cannot be written at this moment: the disk is full, or another program holds it locked."""


class StoreError(BrokenWorld):
    """An artifact is missing from the store or does not match its checksum."""
