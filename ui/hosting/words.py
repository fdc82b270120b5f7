"""How hosts are spoken of: their states, what to do where one cannot be reached, amounts, prices."""

from __future__ import annotations

from collections.abc import Mapping

from nicegui.element import Element

from executor.services.hosts import HostView
from ui import kit
from ui.i18n import t, t_message
from ui.results.units import number

# Hosts share the colours and icons of runs.
_LOOK = {"ready": "succeeded", "unreachable": "failed", "unknown": "draft", "draining": "stale",
         "refused": "failed"}  # fmt: skip


def state_of(host: HostView) -> str:
    """ready, unreachable, refused, unknown or draining: what matters most to whoever wants to use it."""
    return "draining" if host.draining and host.state not in ("unreachable", "refused") else host.state


def chips(host: HostView) -> None:
    """Its state; also that it drains, where that is not the state."""
    state = state_of(host)
    chip(state)
    if host.draining and state != "draining":
        chip("draining")


def chip(state: str) -> Element:
    """A state as a chip."""
    words = {
        "ready": t("ready"), "unreachable": t("unreachable"), "unknown": t("not looked at yet"),
        "draining": t("draining"), "refused": t("not used"),
    }  # fmt: skip
    return kit.chip(_LOOK[state], words[state])


def why(host: HostView) -> str:
    """Why it cannot be reached or is not used, as a sentence."""
    if host.state == "refused":
        return t("It is not used: {reason}.", reason=t_message(host.reason))
    if not host.reason:
        return t("It does not answer.")
    # Some reasons are whole sentences without their full stop.
    whole = t_message(f"{host.reason}.").rstrip(".。")
    return t(
        "It cannot be reached: {reason}.", reason=t_message(host.reason) if whole == host.reason else whole
    )


def what_to_do(host: HostView) -> str:
    """What helps where a host cannot be reached or is not used."""
    if host.state == "refused":
        return t(
            "Remove one of the two names of this engine, or give this one the address of another machine."
        )
    if host.local:
        return t(
            "Start its Docker engine, or set DOCKER_HOST to another one. Processes run here all the same."
        )
    target = host.address.partition("://")[2]
    if host.address.startswith("ssh://"):
        return t(
            "As the user of this server, try: ssh {target} docker version. It must work without a password.",
            target=_for_ssh(target),
        )
    if host.address.startswith("tcp://"):
        return t(
            "See that its engine listens at {target}, that no firewall is in between, and that the TLS files "
            "belong to it.",
            target=target,
        )
    return t("Start its engine, and let the user of this server open the socket {target}.", target=target)


def _for_ssh(target: str) -> str:
    """What the command ssh takes: it wants a port as an option of its own."""
    machine, _, port = target.rpartition(":")
    return f"-p {port} {machine}" if machine and port.isdigit() else target


def used(amount: float, total: float, unit: str = "") -> str:
    """3 / 8, 12.5 / 64 GB; a dash where the whole is not known."""
    if not total:
        return "—"
    return f"{number(round(amount, 1))} / {number(round(total, 1))}{f' {unit}' if unit else ''}"


def prices_in_words(prices: Mapping[str, float]) -> str:
    """A100 2.50, core 0.05."""
    named = [f"{t('core') if kind == 'cpu' else kind} {_price(price)}" for kind, price in prices.items()]
    return t(", ").join(named)


def _price(price: float) -> str:
    """With cents, and with more digits only where they are needed."""
    return f"{price:,.2f}" if price == round(price, 2) else number(price)
