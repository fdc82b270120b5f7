"""Which addresses a judge may have: any but link-local ones and the metadata services of clouds.

A service on this machine or in the company's network is the normal case here, so those are allowed.
A name is resolved first and every address it stands for is checked; the connection then goes to the address
that was checked, so that a name cannot point elsewhere a moment later.
"""

from __future__ import annotations

import asyncio
import socket
from urllib.parse import SplitResult, urlsplit

from nodegraph import NodeFailure
from nodegraph.addresses import is_forbidden, parse_address


def parse(base_url: str) -> SplitResult:
    """The parts of a service's address; ValueError says what is wrong with it."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https"):
        raise ValueError("the address must begin with http:// or https://")
    if not parts.hostname:
        raise ValueError("the address names no host")
    if parts.username is not None or parts.password is not None:
        raise ValueError("the address must not hold a name or password; put the key in api_key")
    if parts.query or parts.fragment:
        raise ValueError("the address must end with its path, without ? or #")
    if any(character.isspace() or not character.isprintable() for character in base_url):
        raise ValueError("the address holds a space or a control character")
    _ = parts.port  # raises where it is no port
    try:
        literal = parse_address(parts.hostname)
    except ValueError:
        return parts
    if is_forbidden(literal):
        raise ValueError(f"the address {literal} is link-local or a metadata service")
    return parts


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, all of them allowed; OSError where the name is not known."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for text in addresses:
        if is_forbidden(parse_address(text)):
            raise NodeFailure(
                "input",
                f"The judge's host {host} stands for {text}, which is link-local or a metadata service.",
                "Give the address of a service that speaks the OpenAI protocol.",
            )
    return addresses
