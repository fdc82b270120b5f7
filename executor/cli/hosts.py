"""`nodegraph hosts`: the machines that nodes run on; add, change, drain, remove and look at them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from executor.cli.arguments import add_data_dir, add_json, pairs
from executor.cli.output import print_json, print_table, size
from executor.services.hosts import HostFields, Hosts, HostView, Removed, Said
from executor.services.workspace import Workspace
from nodegraph.errors import InvalidInput
from nodegraph.problems import Problem

_TLS = ("ca", "cert", "key")
_SAID = {"unreachable": "does not answer: ", "refused": "is not used: "}


def arguments(parser: argparse.ArgumentParser) -> None:
    """An action, a host, and what is said of it."""
    actions = parser.add_subparsers(dest="action", metavar="add|set|list|check|drain|remove", required=True)
    add = actions.add_parser("add", help="add a machine with a Docker engine, and look at it")
    add.add_argument("name", metavar="NAME")
    add.add_argument(
        "address", metavar="ADDRESS", help="ssh://user@machine, tcp://machine:2376, unix:///socket"
    )
    change = actions.add_parser(
        "set",
        help="say something else of a host, or of this machine (local)",
    )
    change.add_argument("name", metavar="NAME")
    change.add_argument("--address", metavar="ADDRESS", help="where its engine is now")
    for action in (add, change):
        _add_fields(action)
    listed = actions.add_parser("list", help="list the hosts and what they have")
    listed.add_argument("--check", action="store_true", help="look at all of them first")
    check = actions.add_parser("check", help="look at a host now, or at all of them")
    check.add_argument("name", metavar="NAME", nargs="?")
    drain = actions.add_parser("drain", help="let nothing more start on a host")
    drain.add_argument("name", metavar="NAME")
    drain.add_argument("--off", action="store_true", help="take it into use again")
    remove = actions.add_parser("remove", help="forget a host on which nothing runs")
    remove.add_argument("name", metavar="NAME")
    remove.add_argument(
        "--purge", action="store_true", help="remove our containers there too, and the volume of cached data"
    )
    for action in (add, change, listed, check, drain, remove):
        add_json(action)
        add_data_dir(action)


def _add_fields(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--label", metavar="L", action="append", help="a word by which nodes ask for it")
    parser.add_argument(
        "--gpus", metavar="4xA100:80", action="append", help="GPUs, where the engine shows none"
    )
    parser.add_argument(
        "--price",
        metavar="A100=2.5",
        action="append",
        help="an hour of a GPU by kind, or of a core: cpu",
    )
    for name in _TLS:
        parser.add_argument(f"--tls-{name}", metavar="FILE", type=Path, help="for tcp:// addresses")
    parser.add_argument("--files", metavar="auto|shared|streamed", help="how files get there (default: auto)")
    parser.add_argument("--cache-gb", metavar="N", type=float, help="what may be kept there (default: 200)")


def execute(args: argparse.Namespace) -> int:
    """0 where it worked, also for a host that does not answer; 2 where the input is wrong."""
    with Workspace(args.data_dir) as workspace:
        hosts = workspace.hosts
        if args.action == "remove":
            removed = hosts.remove(args.name, purge=args.purge)
            print_json({"removed": args.name, **_rest(removed)}) if args.json else _say_removed(removed)
            return 0
        found = list(_done(hosts, args))
    if args.action in ("list", "check"):
        print_json({"hosts": [host.as_dict() for host in found]}) if args.json else _print_table(found)
        return 0
    if args.json:
        print_json(found[0].as_dict())
    else:
        print(_sentence(found[0]))
    return 0


def _done(hosts: Hosts, args: argparse.Namespace) -> Iterable[HostView]:
    match args.action:
        case "add":
            return [hosts.add(args.name, args.address, **_said(args))]
        case "set":
            moved = {"address": args.address} if args.address else {}
            return [hosts.update(args.name, **cast(HostFields, {**moved, **_said(args)}))]
        case "drain":
            return [hosts.drain(args.name, not args.off)]
        case "check":
            return hosts.check(args.name)
        case _:
            return hosts.check() if args.check else hosts.list()


def _said(args: argparse.Namespace) -> Said:
    """What the options say; what is not given is left out."""
    fields: Said = {}
    if args.label is not None:
        fields["labels"] = args.label
    if args.gpus is not None:
        fields["gpus"] = args.gpus
    if args.price is not None:
        fields["prices"] = {kind: _number(kind, text) for kind, text in pairs(args.price, "--price").items()}
    if tls := {name: str(path) for name in _TLS if (path := getattr(args, f"tls_{name}"))}:
        fields["tls"] = tls
    if args.files is not None:
        fields["files"] = args.files
    if args.cache_gb is not None:
        fields["cache_gb"] = args.cache_gb
    return fields


def _number(kind: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        problem = Problem(
            code="bad-value", message=f"{text} is no price of {kind}.", hint="Give a number.", param="prices"
        )
        raise InvalidInput(f"--price {kind}={text} cannot be used.", problems=[problem]) from None


def _rest(removed: Removed) -> dict[str, Any]:
    return {"left": removed.left or None, "freed": asdict(removed.freed) if removed.freed else None}


def _say_removed(removed: Removed) -> None:
    print(f"{removed.name} is removed.")
    if removed.freed is not None:
        many = removed.freed.containers
        volume = f"the volume {removed.freed.volume}, {size(removed.freed.bytes)}"
        print(
            f"Freed there: {volume if removed.freed.volume else 'no volume'}; "
            f"{many} {'container' if many == 1 else 'containers'}."
        )
    elif removed.left:
        print(
            f"The volume {removed.left} stays there, with what was cached for nodes. To remove it, on that "
            f"machine: docker volume rm {removed.left}",
            file=sys.stderr,
        )


def _print_table(hosts: Iterable[HostView]) -> None:
    print_table(
        ["HOST", "STATE", "ENGINE", "CORES", "MEMORY", "DISK FREE", "GPUS", "RUNNING", "LABELS", "ADDRESS"],
        (
            (
                host.name, _state(host), host.engine, f"{host.cpu_used:g}/{host.cpus:g}", _gb(host.memory_gb),
                _gb(host.disk_free_gb), _gpus(host), host.running, ", ".join(host.labels), host.address,
            )
            for host in hosts
        ),
    )  # fmt: skip
    for host in hosts:
        if host.reason:
            print(f"{host.name}: {_SAID.get(host.state, '')}{host.reason}", file=sys.stderr)


def _sentence(host: HostView) -> str:
    """How a host stands, on one line."""
    if host.state == "unreachable":
        return (
            f"{host.name} does not answer: {host.reason}. It is looked at each minute while a server runs; "
            f"now: nodegraph hosts check {host.name}"
        )
    if host.state == "refused":
        return f"{host.name} is not used: {host.reason}"
    disk = f"{_gb(host.disk_free_gb)} of disk free" if host.disk_gb else ""
    parts = [
        f"engine {host.engine}" if host.engine else "", f"{host.cpus:g} cores", _gb(host.memory_gb), disk,
        _gpus(host) or "no GPUs",
    ]  # fmt: skip
    remark = f"; {host.reason}" if host.reason else ""
    return f"{host.name} is {_state(host)}: {', '.join(filter(None, parts))}{remark}"


def _state(host: HostView) -> str:
    return f"{host.state}, draining" if host.draining else host.state


def _gpus(host: HostView) -> str:
    """Such as 4 × A100, 1 in use."""
    kinds = [gpu.kind for gpu in host.gpus]
    listed = ", ".join(f"{kinds.count(kind)} × {kind}" for kind in dict.fromkeys(kinds))
    busy = sum(gpu.run is not None for gpu in host.gpus)
    return f"{listed}, {busy} in use" if busy else listed


def _gb(value: float) -> str:
    return f"{value:.1f} GB" if value else ""
