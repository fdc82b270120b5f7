"""Where a webhook may go: after resolution, and then to the address that was checked.

Nothing on this machine, nothing link-local, no metadata service, unless an administrator allows its host.
A company's own network is allowed: that is where its chat server is.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

from executor.notifications.model import Undelivered
from nodegraph.addresses import Address, is_forbidden, parse_address, unwrapped
from nodegraph.validation.notify import webhook_fault

# Linux takes 0.0.0.0 for this machine.
_THIS_NETWORK = ipaddress.IPv4Network("0.0.0.0/8")
_PORTS = {"http": 80, "https": 443}


def parsed(url: str) -> SplitResult:
    """The parts of a webhook's address; Undelivered says what is wrong with it, and never repeats it."""
    if fault := webhook_fault(url):
        hint = "Write an address such as https://chat.example.com/hook/…"
        raise Undelivered(f"The address of the webhook cannot be used: {fault}.", hint, final=True)
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode()
    shown = f"[{host}]" if ":" in host else host
    return parts._replace(netloc=shown if parts.port is None else f"{shown}:{parts.port}")


def port_of(parts: SplitResult) -> int:
    """The port that is asked."""
    return parts.port or _PORTS[parts.scheme]


def resolved(host: str, port: int, allowed: Collection[str]) -> list[str]:
    """The addresses of a host, all of them checked; Undelivered where one of them may not be asked."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise Undelivered(f"The host {host} is not known: {reason}.", "Check its name.") from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not {host, f"{host}:{port}"} & set(allowed):
        for text in addresses:
            if _is_refused(parse_address(text)):
                raise Undelivered(
                    f"The host {host} stands for {text}, which webhooks may not reach.",
                    f"An administrator may allow {host} under Settings.",
                    final=True,
                )
    return addresses


def _is_refused(address: Address) -> bool:
    inner = unwrapped(address)
    return is_forbidden(address) or inner.is_loopback or inner in _THIS_NETWORK
