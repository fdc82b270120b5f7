"""What every page can reach: the workspace, and how the server was started."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from executor.services.workspace import Workspace
from ui.editor.desk import Desk
from ui.letters import words_of
from ui.live import Live


@dataclass(frozen=True)
class Options:
    """How the server was started; `hosts` are further host names it answers to."""

    host: str = "127.0.0.1"
    port: int = 8080
    hosts: tuple[str, ...] = ()
    password: str | None = field(default=None, repr=False)
    max_upload_gb: float = 20.0


@dataclass
class Site:
    """The server's side of the interface, shared by all pages."""

    workspace: Workspace
    options: Options = field(default_factory=Options)

    def __post_init__(self) -> None:
        """Notifications speak as the pages do."""
        self.workspace.notifications.words = words_of

    @cached_property
    def live(self) -> Live:
        """Runs as they happen."""
        return Live(self.workspace)

    @cached_property
    def desk(self) -> Desk:
        """The pipelines that are being edited."""
        return Desk(self.workspace, self.base_dir)

    @property
    def base_dir(self) -> Path:
        """What paths in pipelines that are edited here are relative to."""
        return self.workspace.data_dir.root
