"""How hosts are spoken of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from executor.hosts.model import Host
from executor.services.host_views import HostView, host_view
from ui.hosting.words import prices_in_words, state_of, used, what_to_do, why


def seen(address: str = "ssh://me@far", **said: object) -> HostView:
    return replace(host_view(Host("far", address), []), **said)


@pytest.mark.parametrize(
    ("state", "draining", "shown"),
    [
        ("ready", False, "ready"),
        ("ready", True, "draining"),
        ("unreachable", True, "unreachable"),
        ("unknown", False, "unknown"),
    ],
)
def test_the_state_is_what_matters_most(state: str, draining: bool, shown: str) -> None:
    assert state_of(seen(state=state, draining=draining)) == shown


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("ssh://me@far", "ssh me@far docker version"),
        ("ssh://me@far:2222", "ssh -p 2222 me@far docker version"),
        ("tcp://far:2376", "TLS files"),
        ("unix:///run/far.sock", "open the socket /run/far.sock"),
    ],
)
def test_what_to_do_depends_on_the_way_to_the_host(address: str, hint: str) -> None:
    assert hint in what_to_do(seen(address))


def test_reasons_are_whole_sentences() -> None:
    assert why(seen(reason="connection refused")) == "It cannot be reached: connection refused."
    assert why(seen(reason="")) == "It does not answer."


def test_amounts_and_prices_are_short() -> None:
    assert used(3.04, 64, "GB") == "3 / 64 GB"
    assert used(0, 0) == "—"
    assert prices_in_words({"A100": 2.5, "cpu": 0.05}) == "A100 2.50, core 0.05"
    assert prices_in_words({"cpu": 0.0125}) == "core 0.0125"
