"""What the servers have to do meanwhile: small runs of every kind, and how each of them may end."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from pathlib import Path

from tests.executor.support import pipeline

_CHAIN = """
a: {{type: custom.act, params: {{ledger: '{ledger}', seconds: {short}}}}}
b: {{type: custom.act, params: {{ledger: '{ledger}', seconds: {short}}}, inputs: {{after: a.text}}}}
"""
_FAN = """
a: {{type: custom.act, params: {{ledger: '{ledger}'}}}}
b: {{type: custom.act, params: {{ledger: '{ledger}', seconds: {short}}}, inputs: {{after: a.text}}}}
c: {{type: custom.act, params: {{ledger: '{ledger}', seconds: {short}}}, inputs: {{after: a.text}}}}
"""
_LONG = """
a: {{type: custom.act, params: {{ledger: '{ledger}', seconds: {long}}}}}
"""
_FAILS = """
a: {{type: custom.act, params: {{ledger: '{ledger}', how: fail, seconds: {short}}}}}
b: {{type: custom.act, params: {{ledger: '{ledger}'}}, inputs: {{after: a.text}}}}
"""
_RETRIES = """
a: {{type: custom.act, params: {{ledger: '{ledger}', how: retry}}, retry: {{attempts: 2, delay: 200ms}}}}
"""
_TIMES_OUT = """
a: {{type: custom.act, params: {{ledger: '{ledger}', how: hang}}, timeout: 2s}}
"""
_HANGS = """
a: {{type: custom.act, params: {{ledger: '{ledger}', how: hang}}}}
b: {{type: custom.act, params: {{ledger: '{ledger}'}}, inputs: {{after: a.text}}}}
"""


@dataclass(frozen=True)
class Sort:
    """One sort of run: its nodes, the states in which its nodes may end, whether it is cancelled."""

    nodes: str
    ends: dict[str, set[str]]
    run_ends: set[str]
    attempts: dict[str, list[str]] = field(default_factory=dict)
    cancelled: bool = False


_GOOD = {"succeeded"}
SORTS = {
    "chain": Sort(_CHAIN, {"a": _GOOD, "b": _GOOD}, _GOOD, {"a": ["succeeded"], "b": ["succeeded"]}),
    "fan": Sort(_FAN, dict.fromkeys("abc", _GOOD), _GOOD, {node: ["succeeded"] for node in "abc"}),
    "long": Sort(_LONG, {"a": _GOOD}, _GOOD, {"a": ["succeeded"]}),
    "fails": Sort(_FAILS, {"a": {"failed"}, "b": {"skipped"}}, {"failed"}, {"a": ["failed"], "b": []}),
    "retries": Sort(_RETRIES, {"a": _GOOD}, _GOOD, {"a": ["failed", "succeeded"]}),
    "times out": Sort(_TIMES_OUT, {"a": {"failed"}}, {"failed"}, {"a": ["failed"]}),
    "is cancelled": Sort(
        _HANGS, {"a": {"cancelled"}, "b": {"cancelled", "skipped"}}, {"cancelled"}, cancelled=True
    ),
}
_WEIGHTS = {"chain": 4, "fan": 2, "long": 3, "fails": 2, "retries": 3, "times out": 1, "is cancelled": 3}


def choose(dice: random.Random) -> str:
    """The name of a sort."""
    return dice.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]


def text(sort: str, ledger: Path, dice: random.Random, host: str = "") -> str:
    """A pipeline of that sort; of its nodes, most ask for the host where one is named."""
    short, long = round(dice.uniform(0, 0.4), 2), round(dice.uniform(1.5, 4), 2)
    nodes = SORTS[sort].nodes.format(ledger=ledger, short=short, long=long)
    if host:
        nodes = re.sub("(?<=custom.act, )", lambda _: _asks(host) if dice.random() < 0.7 else "", nodes)
    return pipeline(nodes, name=sort.replace(" ", "-"))


def _asks(host: str) -> str:
    return f"resources: {{host: {host}}}, "
