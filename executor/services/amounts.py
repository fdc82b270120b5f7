"""Hours and money as people read them, in every language; "" for none."""

from __future__ import annotations

from executor.services.usage import currency

_LEAST = 0.01


def hours(amount: float) -> str:
    """1.25, 12, 12,345; what is less than a hundredth is only said to be that."""
    if not amount:
        return ""
    if amount < _LEAST:
        return f"< {_LEAST}"
    return f"{amount:,.2f}".rstrip("0").rstrip(".") if amount < 1000 else f"{amount:,.0f}"


def money(amount: float) -> str:
    """12.50 USD; what is less than a hundredth is only said to be that."""
    if not amount:
        return ""
    return f"{amount:,.2f} {currency()}" if amount >= _LEAST else f"< {_LEAST} {currency()}"
