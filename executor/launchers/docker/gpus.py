"""How the GPUs of an attempt are named to the engine of its host."""

from __future__ import annotations

import os

from executor.hosts.model import LOCAL, Host


def named(host: Host | None, gpus: tuple[int, ...] | None) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Devices for an engine that hands them out, or numbers that programs are to see where it does not.

    Without a runtime of NVIDIA's there are only GPUs that were declared by hand: their host brings them
    into containers in a way of its own, and those variables are what its ways and its programs go by.
    """
    if not gpus:
        return (), ()
    facts = host.facts if host is not None else None
    if facts is None or not (facts.nvidia or facts.gpus):
        declared = host is not None and bool(host.declared)
        return ((), gpus) if declared else (_own(gpus), ())
    if host is not None and host.name == LOCAL:
        return _own(gpus), ()
    ids = {gpu.index: gpu.id for gpu in facts.gpus}
    return tuple(ids.get(index) or str(index) for index in gpus), ()


def _own(gpus: tuple[int, ...]) -> tuple[str, ...]:
    """On this machine we count among those which CUDA_VISIBLE_DEVICES leaves us."""
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    names = [name.strip() for name in allowed.split(",")] if allowed else []
    return tuple(names[index] if index < len(names) else str(index) for index in gpus)
