"""What the buttons of the page do to hosts, and how they say how it went."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import Client, background_tasks, context

from executor.services.workspace import Workspace
from nodegraph.errors import NodeGraphError
from ui import kit
from ui.hosting import removing, words
from ui.hosting.desk import Desk
from ui.hosting.host_dialog import HostDialog
from ui.i18n import t, t_message


class Acting:
    """Acts for one page; `refresh` shows at once what has changed, or is under way."""

    def __init__(self, workspace: Workspace, desk: Desk, refresh: Callable[[], Any]) -> None:
        self._hosts = workspace.hosts
        self._desk = desk
        self._refresh = refresh
        self._client = context.client

    def add(self) -> None:
        """Ask what the new host is, add it, and look at it."""
        HostDialog(None, self._kept(self._hosts.add))

    def edit(self, name: str) -> None:
        """Ask what is to be said of a host, and keep that."""
        found = [host for host in (self._desk.known.hosts if self._desk.known else []) if host.name == name]
        if found:
            HostDialog(found[0], self._kept(self._hosts.update))

    def check(self, name: str) -> None:
        """Look at a host now."""
        background_tasks.create(self._check(name))

    async def drain(self, name: str, on: bool) -> None:
        """Let nothing more start on a host, or let it be used again."""
        if await self._tried(partial(self._hosts.drain, name, on)):
            kit.toast(
                t("Nothing more starts on {name}", name=name) if on else t("{name} is used again", name=name)
            )

    def ask_to_remove(self, name: str) -> None:
        """Forget a host, if the reader means it, and what is kept there too, if they want that."""
        removing.ask_to_remove(name, partial(self._remove, name))

    async def _remove(self, name: str, purge: bool) -> None:
        if purge:
            self._toast(lambda: kit.toast(t("Removing what is kept on {name}…", name=name), kind="note"))
        try:
            removed = await self._desk.change(lambda: self._hosts.remove(name, purge=purge))
        except NodeGraphError as refused:
            error = refused
            self._toast(lambda: removing.say_kept(name, error))
        else:
            self._toast(lambda: removing.say_removed(removed))
        finally:
            await self._refresh()

    def _kept(self, keep: Callable[..., Any]) -> Callable[..., Any]:
        """Keeps what the dialog gives, and looks at the host afterwards, where everybody sees it."""

        async def kept(name: str, fields: dict[str, Any]) -> None:
            await self._desk.change(lambda: keep(name, check=False, **fields))
            await self._refresh()
            self.check(name)

        return kept

    async def _tried(self, act: Callable[[], Any]) -> bool:
        """Whether it worked; where it was refused, that is said."""
        try:
            await self._desk.change(act)
        except NodeGraphError as error:
            self._say(error)
            return False
        finally:
            await self._refresh()
        return True

    async def _check(self, name: str) -> None:
        task = background_tasks.create(self._desk.check(name))
        await self._refresh()
        try:
            host = await task
        except NodeGraphError as error:
            self._say(error)
            return
        finally:
            await self._refresh()
        if host is not None and host.state in ("unreachable", "refused"):
            found = host
            self._toast(lambda: kit.toast(t("{name} cannot be used", name=name), words.why(found), "failed"))

    def _say(self, error: NodeGraphError) -> None:
        self._toast(lambda: kit.toast(t_message(error.message), t_message(error.hint), "failed"))

    def _toast(self, say: Callable[[], None]) -> None:
        """Say something where the page is still open."""
        if self._client.id in Client.instances:
            with self._client:
                say()
