"""How notifications leave this server: through which mail server, to which webhooks, in which language.

Each is set on the settings page or by an environment variable, which wins.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, get_args
from urllib.parse import urlsplit

from executor.database.session import Database
from executor.database.tables import Setting
from executor.notifications.model import Security
from nodegraph.errors import InvalidInput
from nodegraph.problems import Problem
from nodegraph.validation.notify import mail_fault, webhook_fault

PASSWORD = "NODEGRAPH_SMTP_PASSWORD"
SECURITIES: tuple[str, ...] = get_args(Security)
LANGUAGES = ("en", "zh")
_ROW = "notifications"
_VARIABLES = {
    "smtp_host": "NODEGRAPH_SMTP_HOST", "smtp_port": "NODEGRAPH_SMTP_PORT",
    "smtp_security": "NODEGRAPH_SMTP_SECURITY", "smtp_user": "NODEGRAPH_SMTP_USER",
    "sender": "NODEGRAPH_SMTP_SENDER", "public_url": "NODEGRAPH_PUBLIC_URL",
    "webhook_hosts": "NODEGRAPH_WEBHOOK_HOSTS", "language": "NODEGRAPH_NOTIFY_LANGUAGE",
}  # fmt: skip
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class NotificationSettings:
    """What is set; empty where nothing is. `webhook_hosts` may be reached wherever they are."""

    smtp_host: str = ""
    smtp_port: str = ""
    smtp_security: str = "starttls"
    smtp_user: str = ""
    sender: str = ""
    public_url: str = ""
    webhook_hosts: str = ""
    language: str = "en"

    @property
    def port(self) -> int:
        """The mail server's port: the usual one of its security where none is set."""
        return int(self.smtp_port) if self.smtp_port else _PORTS.get(self.smtp_security, _PORTS["starttls"])

    @property
    def allowed_hosts(self) -> list[str]:
        """The hosts that webhooks may reach although they are near, such as localhost:8065."""
        return [host.strip().lower() for host in self.webhook_hosts.split(",") if host.strip()]

    def link(self, run: int) -> str:
        """The page of a run; empty where nobody has said how this server is reached."""
        return f"{self.public_url.rstrip('/')}/runs/{run}" if self.public_url else ""


class SettingsKeeper:
    """Reads and writes the settings; what is wrong in them is an InvalidInput with every problem."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self) -> NotificationSettings:
        """What holds now."""
        with self._database.read() as session:
            row = session.get(Setting, _ROW)
        kept = {key: str(value) for key, value in (row.value if row else {}).items() if key in _VARIABLES}
        return replace(NotificationSettings(**kept), **self.fixed())

    def fixed(self) -> dict[str, str]:
        """What the environment says; it cannot be changed here."""
        given = {key: os.environ.get(name, "").strip() for key, name in _VARIABLES.items()}
        return {key: value for key, value in given.items() if value}

    def set(self, given: Mapping[str, str]) -> None:
        """Keep other values; those that are not named stay."""
        known = {one.name for one in fields(NotificationSettings)}
        changed = {key: value.strip() for key, value in given.items() if key in known}
        made = replace(self.get(), **changed)
        if problems := list(problems_of(made)):
            raise InvalidInput("The settings cannot be kept like this.", problems=problems)
        kept: dict[str, Any] = {key: value for key, value in asdict(made).items() if key not in self.fixed()}
        with self._database.write() as session:
            session.merge(Setting(name=_ROW, value=kept))


def problems_of(made: NotificationSettings) -> Iterable[Problem]:
    """What is wrong with settings, each with its field; the environment may say anything."""
    yield from _of_mail(made)
    if made.public_url and (fault := webhook_fault(made.public_url) or _more(made.public_url)):
        hint = "Write what people type, such as https://nodegraph.example.com."
        yield _problem("public_url", f"{made.public_url!r} cannot be the public address: {fault}.", hint)
    for name in made.allowed_hosts:
        if "/" in name or any(char.isspace() for char in name):
            hint = "Write hosts as in an address, with commas between them: localhost:8065, chat.lan"
            yield _problem("webhook_hosts", f"{name!r} is no host.", hint)
    if made.language not in LANGUAGES:
        hint = f"There are: {', '.join(LANGUAGES)}."
        yield _problem("language", f"Notifications do not speak {made.language}.", hint)


def _of_mail(made: NotificationSettings) -> Iterable[Problem]:
    host, port = made.smtp_host, made.smtp_port
    if host and (any(not char.isprintable() or char.isspace() for char in host) or "/" in host):
        hint = "Write one such as smtp.example.com."
        yield _problem("smtp_host", f"{host!r} is no name of a server.", hint)
    if port and not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
        yield _problem("smtp_port", f"{port!r} is no port.", "Write a number such as 587.")
    if made.smtp_security not in SECURITIES:
        hint = f"There are: {', '.join(SECURITIES)}."
        yield _problem("smtp_security", f"There is no security {made.smtp_security}.", hint)
    elif made.smtp_security == "none" and made.smtp_user and host not in _HERE:
        message = "Without encryption everybody on the way could read the password."
        yield _problem("smtp_security", message, "Choose starttls or tls, or leave the user empty.")
    if made.sender and (fault := mail_fault(made.sender)):
        yield _problem("sender", f"{made.sender!r} cannot be the sender: {fault}.", "Write one address.")
    elif host and not made.sender:
        yield _problem("sender", "Mail needs a sender.", "Write an address such as nodegraph@example.com.")


def _more(url: str) -> str:
    parts = urlsplit(url)
    return "it must end with its path, without ? or #" if parts.query or parts.fragment else ""


def _problem(param: str, message: str, hint: str) -> Problem:
    return Problem(code="bad-setting", message=message, hint=hint, param=param)
