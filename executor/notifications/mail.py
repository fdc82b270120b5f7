"""Notifications as e-mail: plain text with an HTML part, over a mail server that an administrator has set."""

from __future__ import annotations

import smtplib
import socket
import ssl
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate

from executor.notifications.model import Letter, MailServer, Undelivered
from nodegraph.validation.notify import mail_fault

_SECONDS = 15.0
_NAME = "NodeGraph"
_LONGEST_SUBJECT = 300


def composed(letter: Letter, sender: str, to: str) -> EmailMessage:
    """The mail. What is no printable character in the subject becomes a space, so it stays one header."""
    mail = EmailMessage()
    mail["From"] = Address(_NAME, addr_spec=sender)
    mail["To"] = Address(addr_spec=to)
    subject = letter.subject[:_LONGEST_SUBJECT]
    mail["Subject"] = "".join(char if char.isprintable() else " " for char in subject)
    mail["Date"] = formatdate()
    mail["Message-ID"] = f"<{letter.id}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.text)
    mail.add_alternative(letter.html, subtype="html")
    return mail


def send(server: MailServer, to: str, letter: Letter) -> None:
    """Hand a mail to the server; Undelivered where it does not take it."""
    if fault := mail_fault(to):
        raise Undelivered(f"No mail can be sent to {to!r}: {fault}.", "Write one address.", final=True)
    place = f"{server.host}:{server.port}"
    try:
        mail = composed(letter, server.sender, to)
        with _connected(server) as connection:
            if server.user:
                connection.login(server.user, server.password)
            connection.send_message(mail)
    except smtplib.SMTPAuthenticationError:
        hint = "Set them again under Settings."
        raise Undelivered(f"The mail server {place} refuses the user or the password.", hint) from None
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        message = f"The mail server {place} does not take mail for {to}: {code} {_text(said)}."
        raise Undelivered(message, "Check the address.", final=code >= 500) from None
    except smtplib.SMTPNotSupportedError as error:
        hint = "Choose another security or another user under Settings."
        raise Undelivered(f"The mail server {place} cannot do that: {error}", hint) from None
    except smtplib.SMTPResponseException as error:
        message = f"The mail server {place} refuses the mail: {error.smtp_code} {_text(error.smtp_error)}."
        raise Undelivered(message, "Check the sender and the user under Settings.") from None
    except (OSError, smtplib.SMTPException, MessageError, ValueError) as error:
        hint = "Check server, port and security under Settings."
        raise Undelivered(f"The mail server {place} cannot be used: {_reason(error)}.", hint) from None


def _connected(server: MailServer) -> smtplib.SMTP:
    """A connection as safe as the settings want it. Its own name: looking that up may take long."""
    name = socket.gethostname()
    if server.security == "tls":
        return smtplib.SMTP_SSL(
            server.host, server.port, name, timeout=_SECONDS, context=ssl.create_default_context()
        )
    connection = smtplib.SMTP(server.host, server.port, name, timeout=_SECONDS)
    if server.security == "starttls":
        try:
            connection.starttls(context=ssl.create_default_context())
        except BaseException:
            connection.close()
            raise
    return connection


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {_SECONDS:g} s"
    return str(getattr(error, "strerror", None) or error or type(error).__name__).rstrip(".")[:200]


def _text(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return " ".join(text.split()).rstrip(".")[:200]
