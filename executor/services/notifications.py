"""Notifications as people handle them: who was told of a run, the settings, a test mail."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from executor.database.tables import Notification
from executor.engine.loading import loaded
from executor.notifications import mail, webhook
from executor.notifications.model import MailServer, Undelivered
from executor.notifications.outbox import Outbox
from executor.notifications.sender import Sender
from executor.services.notification_settings import (
    PASSWORD,
    NotificationSettings,
    SettingsKeeper,
    problems_of,
)
from executor.services.notification_text import Words, letter_of, trial_letter
from executor.services.secrets import Secrets
from nodegraph.references import with_secrets

if TYPE_CHECKING:
    from executor.services.workspace import Workspace

_NO_SERVER = "No mail server is set."
_SET_ONE = "Set one under Settings, or by NODEGRAPH_SMTP_HOST."


@dataclass(frozen=True)
class NotificationView:
    """Somebody who is told of a run. `target` is as much of the address as everybody may see.

    `due` is when it is tried again where it is pending; `reason` why it has not arrived, `hint` what to do.
    """

    kind: str
    target: str
    state: str
    reason: str
    hint: str
    attempts: int
    due: float
    finished: float | None


class Notifications:
    """Tells of runs that have ended. `words` gives the words of a language; English where nobody sets it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._outbox = Outbox(workspace.database)
        self._settings = SettingsKeeper(workspace.database)
        self._sender = Sender(self._outbox, self._deliver)
        self.secrets = Secrets(workspace.data_dir.secrets / ".server", own=True)
        self.words: Callable[[str], Words] = lambda _language: Words()

    def start(self) -> None:
        """Send from now on; only beside the engine, so that nobody else does."""
        self._sender.start()

    def close(self) -> None:
        """Send no more."""
        self._sender.close()

    def wake(self) -> None:
        """There may be something to send; from any thread."""
        self._sender.wake()

    def of_run(self, run: int) -> list[NotificationView]:
        """Who is told that this run has ended; nobody before it has."""
        return [_view(row) for row in self._outbox.of_run(run)]

    def settle(self, run: int, seconds: float) -> None:
        """Wait until each notification of a run was sent or has met its first obstacle."""
        until = time.monotonic() + seconds
        while any(not row.reason and row.state == "pending" for row in self._outbox.of_run(run)):
            if time.monotonic() > until:
                return
            time.sleep(0.05)

    @property
    def settings(self) -> NotificationSettings:
        """What is set now."""
        return self._settings.get()

    @property
    def fixed(self) -> set[str]:
        """The settings that the environment says."""
        return set(self._settings.fixed())

    def set(self, **given: str) -> None:
        """Change settings, and try at once what waits; InvalidInput with a problem for each that is wrong."""
        self._settings.set(given)
        self.try_again()

    def set_password(self, value: str) -> None:
        """Keep the mail server's password; no page and no log ever shows it."""
        self.secrets.set(PASSWORD, value)
        self.try_again()

    def try_again(self) -> None:
        """Send what waits now, whenever it was to be tried next."""
        self._outbox.hasten()
        self.wake()

    def send_test(self, to: str) -> None:
        """Send a mail now; Undelivered with what is wrong, or with what the mail server says."""
        settings = self.settings
        key = uuid.uuid4().hex
        letter = trial_letter(self.words(settings.language), settings.public_url, key)
        mail.send(self._server(settings), to, letter)

    def _deliver(self, row: Notification) -> None:
        settings = self.settings
        run = self._workspace.runs.get(row.run_id)
        draft = loaded(self._workspace.runs.text(row.run_id)).draft
        title = draft.title if draft is not None else ""
        words = self.words(settings.language)
        letter = letter_of(run, title, settings.link(run.id), words, row.id)
        if row.kind == "email":
            mail.send(self._server(settings), row.target, letter)
        else:
            webhook.post(self._address(row.target), letter, settings.allowed_hosts)

    def _server(self, settings: NotificationSettings) -> MailServer:
        if not settings.smtp_host or not settings.sender:
            raise Undelivered(_NO_SERVER, _SET_ONE)
        if wrong := list(problems_of(settings)):
            raise Undelivered(wrong[0].message, wrong[0].hint)
        password = self.secrets.value(PASSWORD) or ""
        return MailServer(
            settings.smtp_host, settings.port, settings.smtp_security, settings.smtp_user, password,  # type: ignore[arg-type]
            settings.sender,
        )  # fmt: skip

    def _address(self, target: str) -> str:
        filled, missing = with_secrets(target, self._workspace.secrets.value)
        if missing:
            raise Undelivered(f"The secret {missing[0]} is not set.", "Set it under Settings.")
        return filled.strip()


def _view(row: Notification) -> NotificationView:
    reason, _, hint = row.reason.partition("\n")
    return NotificationView(
        row.kind, _shown(row), row.state, reason, hint, row.attempts, row.due, row.finished
    )


def _shown(row: Notification) -> str:
    """An address; of a webhook only its host, for its path often holds a token."""
    if row.kind == "email" or row.target.startswith("${"):
        return row.target
    try:
        parts = urlsplit(row.target)
        return f"{parts.scheme}://{parts.hostname}/…" if parts.hostname else "webhook"
    except ValueError:
        return "webhook"
