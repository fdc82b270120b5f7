"""What people say of a host, checked: every problem in plain words, with the field that it is about."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypedDict, get_args
from urllib.parse import urlsplit

from executor.hosts.gpus import parse_declared
from executor.hosts.machine import short_kind
from executor.hosts.model import LOCAL, Files, Host
from nodegraph.errors import InvalidInput
from nodegraph.problems import Problem

_NAME = re.compile(r"[a-z0-9-]{1,40}")
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_TLS = ("ca", "cert", "key")
_SCHEMES = "Write unix:///path/of/the/socket, ssh://user@machine, or tcp://machine:2376 with TLS files."


class Said(TypedDict, total=False):
    """What may be said of a host; see Hosts.add."""

    labels: Iterable[str]
    gpus: Iterable[str]
    prices: Mapping[str, float]
    tls: Mapping[str, str]
    files: str
    cache_gb: float


class HostFields(Said, total=False):
    """The same with where its engine is."""

    address: str


def refused_name(name: str, hosts: Mapping[str, Host]) -> list[Problem]:
    """What is wrong with a new host's name."""
    if not _NAME.fullmatch(name):
        hint = "Use small letters, digits and hyphens, at most 40."
        return [_problem("name", f"A host cannot be called “{name}”.", hint, "bad-name")]
    if name == LOCAL:
        hint = "Change what is said of it: nodegraph hosts set local …"
        return [_problem("name", "The host local is this machine, and always there.", hint, "name-taken")]
    if name in hosts:
        return [_problem("name", f"There is a host {name} already.", "Choose another name.", "name-taken")]
    return []


def checked_columns(
    name: str,
    given: HostFields,
    kept: Mapping[str, Any],
    hosts: Mapping[str, Host],
    *,
    problems: Iterable[Problem] = (),
) -> dict[str, Any]:
    """The columns of a host's row that these fields stand for; InvalidInput with every problem.

    `kept` are the address and TLS files that stay where none are given.
    """
    found, columns = list(problems), dict[str, Any]()
    if {"address", "tls"} & given.keys():
        address = str(given.get("address", kept.get("address", ""))).strip()
        tls = {key: str(value) for key, value in given.get("tls", kept.get("tls", {})).items() if value}
        found += [*_address(address), *_tls(address, tls), *_twice(name, address, hosts)]
        columns |= {"address": address, "tls": {key: str(Path(path).absolute()) for key, path in tls.items()}}
    if "labels" in given:
        labels = list(dict.fromkeys(label.strip() for label in given["labels"]))
        found += _labels(labels)
        columns["labels"] = labels
    if "gpus" in given:
        try:
            columns["gpus"] = [asdict(gpu) for gpu in parse_declared(given["gpus"])]
        except ValueError as error:
            hint = "Write count x kind : GB of each, such as 4xA100:80; at most 64 GPUs."
            found.append(_problem("gpus", f"“{error}” declares no GPUs.", hint))
    if "prices" in given:
        columns["prices"] = {_kind(kind): price for kind, price in given["prices"].items()}
        found += _prices(columns["prices"])
    found += _files(given)
    columns |= {key: given[key] for key in ("files", "cache_gb") if key in given}
    if found:
        raise InvalidInput(f"The host {name} cannot be kept like this.", problems=found)
    return columns


def _address(address: str) -> Iterable[Problem]:
    try:
        parts = urlsplit(address)
        host, port, password = parts.hostname, parts.port, parts.password
    except ValueError:
        yield _problem("address", f"The address {address} cannot be read.", _SCHEMES)
        return
    if password is not None:
        hint = "ssh uses the keys of this user (ssh-copy-id), tcp the TLS files."
        yield _problem("address", "An address never holds a password.", hint)
    elif parts.scheme == "unix":
        if not parts.path.startswith("/") or host:
            yield _problem("address", f"The address {address} names no socket.", _SCHEMES)
    elif parts.scheme not in ("ssh", "tcp"):
        yield _problem("address", f"An engine cannot be reached at “{address}”.", _SCHEMES)
    elif not host or host.startswith("-") or (parts.username or "").startswith("-"):
        yield _problem("address", f"The address {address} names no machine.", _SCHEMES)
    elif parts.scheme == "tcp" and port is None:
        yield _problem("address", f"The address {address} has no port.", "With TLS it usually is 2376.")


def _tls(address: str, tls: Mapping[str, str]) -> Iterable[Problem]:
    unknown = sorted(tls.keys() - set(_TLS))
    if unknown:
        yield _problem("tls", f"There is no TLS file {', '.join(unknown)}.", "There are: ca, cert, key.")
    if not address.startswith("tcp://"):
        if tls:
            yield _problem(
                "tls", "TLS files belong to addresses of the form tcp://machine:2376.", "Leave them out."
            )
        return
    missing = [key for key in _TLS if not tls.get(key)]
    if missing:
        message = "tcp without TLS would let anybody on the network command this host."
        hint = f"Give the files {', '.join(missing)} (--tls-ca, --tls-cert, --tls-key), or use ssh://."
        yield _problem("tls", message, hint)
    for key in _TLS:
        if tls.get(key) and not Path(tls[key]).is_file():
            yield _problem(
                "tls", f"There is no file {tls[key]}.", "Name a PEM file that the server can read."
            )


def _twice(name: str, address: str, hosts: Mapping[str, Host]) -> Iterable[Problem]:
    for host in hosts.values():
        if host.name not in (name, LOCAL) and host.address == address:
            hint = "One engine under two names would hand out everything twice."
            yield _problem("address", f"{host.name} is the host at {address} already.", hint, "name-taken")


def _labels(labels: Iterable[str]) -> Iterable[Problem]:
    for label in labels:
        if not _LABEL.fullmatch(label):
            hint = "Use letters, digits, dots, hyphens and underscores, at most 60."
            yield _problem("labels", f"“{label}” cannot be a label.", hint)


def _kind(text: str) -> str:
    return "cpu" if text.strip().lower() == "cpu" else short_kind(text)


def _prices(prices: Mapping[str, Any]) -> Iterable[Problem]:
    for kind, price in prices.items():
        number = isinstance(price, (int, float)) and not isinstance(price, bool)
        if not number or not math.isfinite(price) or price < 0:
            yield _problem("prices", f"{price} is no price of {kind}.", "Give a number from 0 up, per hour.")


def _files(given: HostFields) -> Iterable[Problem]:
    files, cache = given.get("files", "auto"), given.get("cache_gb", 0.0)
    if files not in get_args(Files):
        hint = "There are: auto, shared (the same file system) and streamed (over the engine)."
        yield _problem("files", f"Files cannot get to a host by “{files}”.", hint)
    if isinstance(cache, bool) or not isinstance(cache, (int, float)) or not 0 <= cache < math.inf:
        yield _problem("cache_gb", f"A cache cannot hold {cache} GB.", "Give a number from 0 up.")


def _problem(field: str, message: str, hint: str, code: str = "bad-value") -> Problem:
    return Problem(code=code, message=message, hint=hint, param=field)
