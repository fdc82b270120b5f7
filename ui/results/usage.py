"""What was used and what that costs, as people read it."""

from __future__ import annotations

from executor.services.usage import Usage, currency
from ui.i18n import t
from ui.results.units import number

_LEAST = 0.01
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


def hours(amount: float) -> str:
    """1.25; "" for none, and what is less than a hundredth is only said to be that."""
    if not amount:
        return ""
    return number(round(amount, 2)) if amount >= _LEAST else f"< {_LEAST}"


def money(amount: float) -> str:
    """12.50 USD; "" for nothing."""
    if not amount:
        return ""
    return f"{amount:,.2f} {currency()}" if amount >= _LEAST else f"< {_LEAST} {currency()}"
