"""What was used and what that costs, as people read it."""

from __future__ import annotations

from executor.services.amounts import hours, money
from executor.services.usage import Usage
from ui.i18n import t

_LOCAL = "local"  # what the engine calls this machine


def usage_facts(usage: Usage) -> dict[str, str]:
    """Hours of cores, memory and GPUs, and the cost, by their labels; without what was not used."""
    facts: dict[str, str] = {}
    if usage.cpu_hours:
        facts[t("CPU hours")] = hours(usage.cpu_hours)
    if usage.memory_gb_hours:
        facts[t("Memory, GB hours")] = hours(usage.memory_gb_hours)
    if usage.gpu_hours:
        facts[t("GPU hours")] = hours(usage.gpu_hours)
    if usage.cost:
        facts[t("Cost")] = money(usage.cost)
    return facts


def host_name(host: str) -> str:
    """A host as it is called in tables; "" for none."""
    return t("this machine") if host == _LOCAL else host
