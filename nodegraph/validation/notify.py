"""Whether those who are to be told of a run can be: an address that is one, and a state to tell of."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from nodegraph.pipeline import Notify, Pipeline
from nodegraph.references import mentioned_secrets, mentions_parameter
from nodegraph.validation.report import Report

_MAIL = re.compile(r"[^@\s,;:<>()\[\]\\\"]{1,64}@[^@\s,;:<>()\[\]\\\"]{1,190}")


def check_notify(pipeline: Pipeline, report: Report) -> None:
    """Every entry under notify. What a secret stands for is only known when it is used."""
    for index, entry in enumerate(pipeline.notify):
        for key, (message, hint) in faults(entry).items():
            report.add("bad-notify", message, hint, path=("notify", index, key))


def check_notify_secrets(pipeline: Pipeline, known: Collection[str], report: Report) -> None:
    """Warn of secrets in addresses that are not set."""
    for index, entry in enumerate(pipeline.notify):
        for name in sorted(mentioned_secrets(entry.webhook) - set(known)):
            hint = f"Set it under Settings, or as the environment variable {name}."
            message, path = f"The secret {name} is not set.", ("notify", index, "webhook")
            report.add("missing-secret", message, hint, path=path, severity="warning")


def faults(entry: Notify) -> dict[str, tuple[str, str]]:
    """What is wrong with an entry: message and hint, by field."""
    found = {}
    if not entry.on:
        hint = "Write on: [failed], or several of succeeded, failed, cancelled."
        found["on"] = ("A notification names no state to tell of.", hint)
    if not entry.email and not entry.webhook:
        hint = "Write email: or webhook: with an address."
        found["email"] = ("A notification says nobody who is to be told.", hint)
    if entry.email and not mentions_parameter(entry.email) and (fault := mail_fault(entry.email)):
        hint = "Write one address such as team@example.com; another one is another entry."
        found["email"] = (f"A notification cannot go to {entry.email!r}: {fault}.", hint)
    if entry.webhook and "${" not in entry.webhook and (fault := webhook_fault(entry.webhook)):
        hint = "Write https://…, or ${secrets.NAME} where the address itself is a secret."
        found["webhook"] = (f"A notification cannot go to {entry.webhook!r}: {fault}.", hint)
    return found


def mail_fault(address: str) -> str:
    """What is wrong with an e-mail address; empty where nothing is."""
    if any(not char.isprintable() for char in address):
        return "it holds a control character"
    return "" if _MAIL.fullmatch(address) else "it is no e-mail address"


def webhook_fault(url: str) -> str:
    """What is wrong with the address of a webhook, without repeating it; empty where nothing is."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no port
        host = (parts.hostname or "").encode("idna")
    except (ValueError, UnicodeError):
        return "it is no address of a web service"
    if parts.scheme not in ("http", "https"):
        return "it must begin with http:// or https://"
    if not host:
        return "it names no host"
    if parts.username is not None or parts.password is not None:
        return "it must not hold a name or password"
    if any(char.isspace() or not char.isprintable() for char in url):
        return "it holds a space or a control character"
    return ""
