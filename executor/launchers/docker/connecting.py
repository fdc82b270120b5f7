"""Makes clients of an engine: by a socket of this machine, through ssh, or by TLS with a certificate."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from executor.launchers.base import LaunchError
from executor.launchers.docker.ssh import SshWay, adapter, command

if TYPE_CHECKING:
    from docker import APIClient

STANDARD = "unix:///var/run/docker.sock"
UNIX, SSH, TCP = "unix://", "ssh://", "tcp://"
_PARTS = ("ca", "cert", "key")
# Of the engine's API; what the engine offers is asked before the first call.
_LEAST_VERSION = "1.41"


def own_address() -> str:
    """Where the engine is that this machine uses, as for Docker's own command."""
    return os.environ.get("DOCKER_HOST") or STANDARD


def own_tls() -> dict[str, str]:
    """The certificates for it, where the variables of Docker's own command name them."""
    if not os.environ.get("DOCKER_TLS_VERIFY"):
        return {}
    folder = Path(os.environ.get("DOCKER_CERT_PATH") or Path.home() / ".docker")
    return {part: str(folder / f"{part}.pem") for part in _PARTS}


def check(address: str, tls: Mapping[str, str]) -> None:
    """Raises LaunchError where an address cannot be used, and says what is wrong with it."""
    if address.startswith(SSH):
        command(address)
    elif address.startswith(TCP):
        _check_tls(address, tls)
    elif not address.startswith(f"{UNIX}/"):
        message = f"{address} is no address of a Docker engine."
        raise LaunchError("input", message, "Use ssh://user@host, tcp://host:port with TLS, or unix:///path.")


def connect(address: str, tls: Mapping[str, str], seconds: float) -> APIClient:
    """A new client, whose calls wait so long for a word. Raises LaunchError, and what that client raises."""
    from docker import APIClient
    from docker.errors import DockerException

    check(address, tls)
    made: Any = {"version": _LEAST_VERSION, "timeout": seconds}
    if address.startswith(TCP):
        from docker.tls import TLSConfig

        config = TLSConfig(client_cert=(tls["cert"], tls["key"]), ca_cert=tls["ca"], verify=True)
        client: Any = APIClient(base_url=address, tls=config, **made)
    elif address.startswith(SSH):
        # Docker's own way through ssh needs paramiko, and cannot be told how long to wait.
        client = APIClient(base_url="unix:///ssh", **made)
        client._custom_adapter = adapter(SshWay(address), seconds)
        client.mount("http+docker://", client._custom_adapter)
    else:
        client = APIClient(base_url=address, **made)
    # Variables for web pages are not for engines: neither proxies nor other authorities.
    client.trust_env = False
    try:
        client._version = client._retrieve_server_version()
    except DockerException as error:
        said = trouble(client)
        client.close()
        raise DockerException(said or str(error)) from error
    found: APIClient = client
    return found


def trouble(client: APIClient | None) -> str:
    """What the way to the engine says of itself, such as ssh's last words; empty where it says nothing."""
    found = getattr(getattr(client, "_custom_adapter", None), "trouble", None)
    said: str = found() if found is not None else ""
    return said


def _check_tls(address: str, tls: Mapping[str, str]) -> None:
    missing = [part for part in _PARTS if not tls.get(part)]
    if missing:
        raise LaunchError(
            "input",
            f"The engine at {address} is not used without TLS: whoever is on the network would own its host.",
            "Give certificates (ca, cert and key), or reach it by ssh://user@host.",
        )
    for part in _PARTS:
        if not os.access(tls[part], os.R_OK):
            raise LaunchError(
                "input",
                f"The TLS file {tls[part]} for {address} cannot be read.",
                "Put it there, or correct its path.",
            )
